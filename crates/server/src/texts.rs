//! What an error code says to a person at a terminal: the console's own texts, in the language of the terminal.

use std::collections::BTreeMap;

/// Those that everybody may be told, and those for administrators.
type Texts = [&'static str; 2];

const EN: Texts = [
    include_str!("../../../web/packages/ui/src/locales/errors/en.json"),
    include_str!("../../../web/packages/ui/src/locales/errors/administration/en.json"),
];
const ZH_CN: Texts = [
    include_str!("../../../web/packages/ui/src/locales/errors/zh-CN.json"),
    include_str!("../../../web/packages/ui/src/locales/errors/administration/zh-CN.json"),
];

/// The sentence for a code with its parameters; the code itself where there is no text.
pub fn sentence(code: &str, params: &BTreeMap<String, String>) -> String {
    let language =
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let chinese = language.is_some_and(|language| language.starts_with("zh"));
    fill(if chinese { ZH_CN } else { EN }, code, params)
}

fn fill(texts: Texts, code: &str, params: &BTreeMap<String, String>) -> String {
    let found =
        texts.into_iter().find_map(|texts| serde_json::from_str::<BTreeMap<String, String>>(texts).unwrap_or_default().remove(code));
    let text = found.unwrap_or_else(|| code.to_owned());
    params.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_with_its_parameters_in_either_language() {
        let params = BTreeMap::from([("limit".to_owned(), "7".to_owned())]);
        assert_eq!(fill(EN, "too_many_members", &params), "At most 7 members can be chosen at once. Choose fewer.");
        assert!(fill(ZH_CN, "too_many_members", &params).contains("7 位成员"));
        assert!(fill(EN, "file_empty", &params).contains(' '), "one for administrators");
        assert_eq!(fill(EN, "no_such_code", &params), "no_such_code");
    }
}
