//! Header fields as they are written: folded, encoded where they are not ASCII, and never more than one field each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// RFC 5322 §2.1.1 asks for lines of 78; a token that is longer stands alone.
const LINE: usize = 76;
/// No token is longer, so that no line comes near 998.
const TOKEN: usize = 700;

/// Somebody in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<String>,
    pub email: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: Option<String>,
    pub mailboxes: Vec<Mailbox>,
}

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// What follows the colon, as it is; checked by [`is_raw`].
    Raw(String),
    Text(String),
    Groups(Vec<Group>),
    MessageIds(Vec<String>),
    /// In RFC 5322's own form.
    Date(String),
    Urls(Vec<String>),
    /// A word and its parameters.
    Parametrised(String, Vec<(&'static str, String)>),
}

/// Whether a raw value can stand in a header: ASCII, and every line end is a fold.
pub fn is_raw(value: &str) -> bool {
    let folds = value.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines_fit = value.split("\r\n").all(|line| line.len() <= 990);
    lines_fit && folds.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

/// Whether an address can be written between angle brackets. It need not be one that mail can be sent to: drafts hold what was typed so far.
pub fn is_writable_email(email: &str) -> bool {
    email.len() <= 320
        && !email.is_empty()
        && !email.chars().any(|character| character.is_control() || character.is_whitespace() || "<>()[],;:\\\"".contains(character))
        || kernel_literal(email)
}

/// A quoted local part or a domain literal, in a form that sending takes.
fn kernel_literal(email: &str) -> bool {
    email.parse::<mail::submission::EnvelopeAddress>().is_ok_and(|address| !address.as_str().contains(['<', '>', ',', ';']))
}

/// Whether an id can be written between angle brackets.
pub fn is_message_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= TOKEN && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
}

pub fn write(out: &mut Vec<u8>, name: &str, value: &FieldValue) {
    let tokens = match value {
        FieldValue::Raw(value) => {
            out.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
            return;
        }
        FieldValue::Text(text) => text_tokens(text),
        FieldValue::Groups(groups) => group_tokens(groups),
        FieldValue::MessageIds(ids) => ids.iter().map(|id| format!("<{id}>")).collect(),
        FieldValue::Date(date) => vec![date.clone()],
        FieldValue::Urls(urls) => separated(urls.iter().map(|url| vec![format!("<{url}>")])),
        FieldValue::Parametrised(word, parameters) => parameter_tokens(word, parameters),
    };
    let mut line = format!("{name}:");
    for token in tokens {
        // A line of nothing but white space would be read as the end of the header by some.
        if line.len() + 1 + token.len() > LINE && line.len() > name.len() + 1 && !line.trim().is_empty() && !token.is_empty() {
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
            line.clear();
        }
        line.push(' ');
        line.push_str(&token);
    }
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn text_tokens(text: &str) -> Vec<String> {
    let clean: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let plain = clean.is_ascii() && !clean.contains("=?") && clean.trim() == clean && clean.split(' ').all(|word| word.len() <= TOKEN);
    if plain { clean.split(' ').map(str::to_owned).collect() } else { encoded_words(&clean) }
}

/// RFC 2047 §2: at most 75 characters each, no character divided between two.
fn encoded_words(text: &str) -> Vec<String> {
    const BYTES: usize = 45;
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(BYTES);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        words.push(format!("=?UTF-8?B?{}?=", STANDARD.encode(&rest[..end])));
        rest = &rest[end..];
    }
    words
}

fn phrase_tokens(name: &str) -> Vec<String> {
    let clean: String = name.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let clean = clean.trim();
    if !clean.is_ascii() || clean.contains("=?") || clean.len() > TOKEN {
        return encoded_words(clean);
    }
    let is_atom =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte));
    if clean.split(' ').all(is_atom) {
        return clean.split(' ').map(str::to_owned).collect();
    }
    vec![format!("\"{}\"", clean.replace('\\', "\\\\").replace('"', "\\\""))]
}

fn mailbox_tokens(mailbox: &Mailbox) -> Vec<String> {
    let mut tokens = mailbox.name.as_deref().filter(|name| !name.trim().is_empty()).map(phrase_tokens).unwrap_or_default();
    if tokens.is_empty() {
        vec![mailbox.email.clone()]
    } else {
        tokens.push(format!("<{}>", mailbox.email));
        tokens
    }
}

fn group_tokens(groups: &[Group]) -> Vec<String> {
    let each = groups.iter().flat_map(|group| match group.name.as_deref() {
        None => group.mailboxes.iter().map(mailbox_tokens).collect::<Vec<_>>(),
        Some(name) => {
            let mut tokens = phrase_tokens(name);
            if tokens.is_empty() {
                tokens.push("\"\"".to_owned());
            }
            if let Some(last) = tokens.last_mut() {
                last.push(':');
            }
            tokens.extend(separated(group.mailboxes.iter().map(mailbox_tokens)));
            if let Some(last) = tokens.last_mut() {
                last.push(';');
            }
            vec![tokens]
        }
    });
    separated(each)
}

/// Lists of tokens with a comma after each but the last.
fn separated(lists: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for list in lists {
        if let Some(last) = all.last_mut() {
            last.push(',');
        }
        all.extend(list);
    }
    all
}

fn parameter_tokens(word: &str, parameters: &[(&'static str, String)]) -> Vec<String> {
    let mut tokens = vec![word.to_owned()];
    for (name, value) in parameters {
        for written in parameter(name, value) {
            if let Some(last) = tokens.last_mut() {
                last.push(';');
            }
            tokens.push(written);
        }
    }
    tokens
}

fn parameter(name: &str, value: &str) -> Vec<String> {
    let clean: String = value.chars().filter(|character| !character.is_control()).collect();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+-.^_`{|}~%".contains(&byte);
    if !clean.is_empty() && clean.len() < 60 && clean.bytes().all(is_token) && !clean.contains(['%', '\'', '*']) {
        return vec![format!("{name}={clean}")];
    }
    if clean.is_ascii() && clean.len() < 60 {
        return vec![format!("{name}=\"{}\"", clean.replace('\\', "\\\\").replace('"', "\\\""))];
    }
    // Many programs know encoded words in a name, and not RFC 2231; in Content-Disposition the standard's own form stands.
    if name == "name" {
        return vec![format!("name=\"{}\"", encoded_words(&clean).join("\r\n "))];
    }
    let mut sections: Vec<String> = Vec::new();
    let mut section = String::new();
    for character in clean.chars() {
        let mut bytes = [0; 4];
        let written: String =
            character
                .encode_utf8(&mut bytes)
                .bytes()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
                        char::from(byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                })
                .collect();
        if section.len() + written.len() > 54 {
            sections.push(std::mem::take(&mut section));
        }
        section.push_str(&written);
    }
    sections.push(section);
    if let [only] = &sections[..] {
        return vec![format!("{name}*=UTF-8''{only}")];
    }
    let start = |index: usize| if index == 0 { "UTF-8''" } else { "" };
    sections.iter().enumerate().map(|(index, section)| format!("{name}*{index}*={}{section}", start(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, value: &FieldValue) -> String {
        let mut out = Vec::new();
        write(&mut out, name, value);
        String::from_utf8(out).unwrap()
    }

    fn mailbox(name: &str, email: &str) -> Mailbox {
        Mailbox { name: Some(name.to_owned()).filter(|name| !name.is_empty()), email: email.to_owned() }
    }

    #[test]
    fn text_is_plain_where_it_can_be_and_encoded_where_it_must() {
        assert_eq!(written("Subject", &FieldValue::Text("Hello  there".to_owned())), "Subject: Hello  there\r\n");
        assert_eq!(written("Subject", &FieldValue::Text("雁书".to_owned())), "Subject: =?UTF-8?B?6ZuB5Lmm?=\r\n");
        assert_eq!(written("Subject", &FieldValue::Text(String::new())), "Subject: \r\n");
        let injected = written("Subject", &FieldValue::Text("a\r\nBcc: x@evil.test".to_owned()));
        assert_eq!(injected, "Subject: a  Bcc: x@evil.test\r\n");
        let fake = written("Subject", &FieldValue::Text("=?UTF-8?Q?a?=".to_owned()));
        assert!(fake.starts_with("Subject: =?UTF-8?B?") && fake.len() > 30, "{fake}");
    }

    #[test]
    fn long_fields_are_folded_and_no_line_is_long() {
        for text in ["word ".repeat(100).trim().to_owned(), "长主题".repeat(100), "x".repeat(2000), " lead".to_owned()] {
            let field = written("Subject", &FieldValue::Text(text));
            assert!(field.lines().all(|line| line.len() <= 78 && !line.trim().is_empty()), "{field}");
            assert!(field.lines().skip(1).all(|line| line.starts_with(' ')), "{field}");
        }
    }

    #[test]
    fn addresses_are_quoted_encoded_and_grouped() {
        let all = FieldValue::Groups(vec![
            Group { name: None, mailboxes: vec![mailbox("Li Na", "li@first.test"), mailbox("", "x@first.test")] },
            Group { name: Some("友人".to_owned()), mailboxes: vec![mailbox("Doe, \"J\"", "doe@first.test")] },
            Group { name: Some("Nobody".to_owned()), mailboxes: vec![] },
        ]);
        assert_eq!(
            written("To", &all),
            "To: Li Na <li@first.test>, x@first.test, =?UTF-8?B?5Y+L5Lq6?=:\r\n \"Doe, \\\"J\\\"\" <doe@first.test>;, Nobody:;\r\n"
        );
        assert!(is_writable_email("li@first.test") && is_writable_email("unfinished") && is_writable_email("\"a b\"@first.test"));
        for wrong in ["", "a b@x", "a@x>,<b@y", "a\r\n@x", "a,b", &"x".repeat(400)] {
            assert!(!is_writable_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn parameters_keep_every_script() {
        let disposition = |name: &str| {
            written("Content-Disposition", &FieldValue::Parametrised("attachment".to_owned(), vec![("filename", name.to_owned())]))
        };
        assert_eq!(disposition("a.pdf"), "Content-Disposition: attachment; filename=a.pdf\r\n");
        assert_eq!(disposition("a b\".pdf"), "Content-Disposition: attachment; filename=\"a b\\\".pdf\"\r\n");
        assert_eq!(disposition("年报.pdf"), "Content-Disposition: attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf\r\n");
        let long = disposition(&"年".repeat(40));
        assert!(
            long.contains("filename*0*=UTF-8''%E5") && long.contains("filename*1*=%E5") && long.lines().all(|line| line.len() <= 80),
            "{long}"
        );
        assert_eq!(disposition("a\r\nX: y"), "Content-Disposition: attachment; filename=\"aX: y\"\r\n");
    }

    #[test]
    fn a_raw_value_cannot_begin_another_field() {
        assert!(is_raw(" plain") && is_raw(" folded\r\n here") && is_raw(""));
        for wrong in [" a\r\nBcc: x", " a\nb", " a\r", " 雁", " a\r\n", &"x".repeat(1000)] {
            assert!(!is_raw(wrong), "{wrong:?}");
        }
    }
}
