//! The form in which texts are compared.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::simplified::simplified;

/// NFKC, lower case, traditional Chinese as simplified, white space collapsed; none between Chinese characters, where mail programs break lines as they please.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return collapse(text.chars().map(|character| character.to_ascii_lowercase()), text.len());
    }
    let composed: Cow<'_, str> =
        if is_nfkc_quick(text.chars()) == IsNormalized::Yes { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) };
    collapse(composed.chars().flat_map(char::to_lowercase).map(simplified), composed.len())
}

fn collapse(characters: impl Iterator<Item = char>, size: usize) -> String {
    let mut out = String::with_capacity(size);
    let mut last = None;
    let mut is_space_due = false;
    for character in characters {
        if character.is_whitespace() || character == '\u{200b}' {
            is_space_due = last.is_some();
            continue;
        }
        if std::mem::take(&mut is_space_due) && !(last.is_some_and(is_chinese) && is_chinese(character)) {
            out.push(' ');
        }
        out.push(character);
        last = Some(character);
    }
    out
}

/// Characters of scripts that put no spaces between words.
pub(super) fn is_chinese(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{312f}' | '\u{31a0}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_width_composition_line_breaks_and_traditional_forms_make_no_difference() {
        assert_eq!(fold("Hello\r\n  World "), "hello world");
        assert_eq!(fold("ＡＢＣ１２３"), "abc123");
        assert_eq!(fold("年度\r\n 总结 报告"), "年度总结报告");
        assert_eq!(fold("发给 Bob 看"), "发给 bob 看");
        assert_eq!(fold("Cafe\u{301}"), fold("CAFÉ"));
        assert_eq!(fold("ﬁle"), "file");
        assert_eq!(fold("會議 報告"), fold("会议报告"));
        assert_eq!(fold(" \t"), "");
    }
}
