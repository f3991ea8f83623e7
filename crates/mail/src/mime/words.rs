//! Text of header fields: folds, encoded words (RFC 2047), and raw bytes of character sets that no header names.

use std::borrow::Cow;

use memchr::memmem;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{charset, transfer};

/// Longer texts of one header are cut; nobody reads them.
const MAX_TEXT: usize = 128 * 1024;

/// An encoded word.
pub(super) struct Word<'a> {
    label: &'a [u8],
    is_base64: bool,
    payload: &'a [u8],
    /// From its `=?` to its `?=`.
    pub len: usize,
}

impl Word<'_> {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        if self.is_base64 {
            bytes.extend_from_slice(&transfer::base64(self.payload));
            return;
        }
        let mut rest = self.payload;
        while let [byte, after @ ..] = rest {
            rest = after;
            match byte {
                b'_' => bytes.push(b' '),
                b'=' => match transfer::hex(after) {
                    Some(byte) => {
                        bytes.push(byte);
                        rest = &after[2..];
                    }
                    None => bytes.push(b'='),
                },
                byte => bytes.push(*byte),
            }
        }
    }
}

/// Finds encoded words in one text; remembers where the next end is, so that many beginnings without an end cost nothing.
pub(super) struct Words<'a> {
    text: &'a [u8],
    next_end: Option<usize>,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, next_end: Some(0) }
    }

    /// The encoded word that begins at `at`.
    pub fn at(&mut self, at: usize) -> Option<Word<'a>> {
        let inside = self.text[at..].strip_prefix(b"=?")?;
        let label_len = inside.iter().take(80).position(|byte| *byte == b'?')?;
        // RFC 2231 §5 lets a language follow the character set.
        let label = inside[..label_len].split(|byte| *byte == b'*').next().unwrap_or_default();
        if label.is_empty() || label.iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'=') {
            return None;
        }
        let is_base64 = match inside.get(label_len + 1)? {
            b'b' | b'B' => true,
            b'q' | b'Q' => false,
            _ => return None,
        };
        if inside.get(label_len + 2) != Some(&b'?') {
            return None;
        }
        let payload_at = at + 2 + label_len + 3;
        let end = match self.next_end? {
            end if end >= payload_at => end,
            _ => {
                self.next_end = memmem::find(&self.text[payload_at..], b"?=").map(|found| payload_at + found);
                self.next_end?
            }
        };
        let payload = &self.text[payload_at..end];
        // The end of this one is missing, and another begins.
        if memmem::find(payload, b"=?").is_some_and(|found| found + 2 < payload.len()) {
            return None;
        }
        Some(Word { label, is_base64, payload, len: end + 2 - at })
    }
}

/// The text of an unstructured field (RFC 8621 §4.1.2.2): unfolded, encoded words decoded, NFC. May hold control characters, but no NUL.
pub(super) fn decode(value: &[u8]) -> String {
    let value = unfold(&value[..value.len().min(MAX_TEXT)]);
    if memmem::find(&value, b"=?").is_none() {
        return composed(charset::guess(&value).text);
    }
    let mut text = String::with_capacity(value.len());
    let mut words = Words::new(&value);
    // Neighbours are joined before they become text: many programs break them within a character.
    let mut pending: Option<(&[u8], Vec<u8>)> = None;
    let (mut at, mut plain_at) = (0, 0);
    while let Some(found) = memmem::find(&value[at..], b"=?") {
        let found = at + found;
        let Some(word) = words.at(found) else {
            at = found + 2;
            continue;
        };
        let between = &value[plain_at..found];
        // RFC 2047 §6.2: white space between encoded words is not shown.
        let is_neighbour = pending.is_some() && between.trim_ascii().is_empty();
        match &mut pending {
            Some((label, bytes)) if is_neighbour && label.eq_ignore_ascii_case(word.label) => word.append_to(bytes),
            _ => {
                flush(pending.take(), &mut text);
                if !is_neighbour {
                    text.push_str(&charset::guess(between).text);
                }
                let mut bytes = Vec::with_capacity(word.payload.len());
                word.append_to(&mut bytes);
                pending = Some((word.label, bytes));
            }
        }
        at = found + word.len;
        plain_at = at;
    }
    flush(pending, &mut text);
    text.push_str(&charset::guess(&value[plain_at..]).text);
    composed(Cow::Owned(text))
}

fn flush(pending: Option<(&[u8], Vec<u8>)>, text: &mut String) {
    if let Some((label, bytes)) = pending {
        text.push_str(&charset::decode(label, &bytes).text);
    }
}

fn composed(text: Cow<'_, str>) -> String {
    let text = if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { text };
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text.into_owned() } else { text.nfc().collect() }
}

/// Without line ends; the white space after them stays (RFC 5322 §2.2.3).
pub(super) fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\r', b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect())
}

/// One line that shows what it says: no control characters, none that turn the direction of writing.
pub(super) fn without_controls(text: &str) -> String {
    let is_unwanted = |character: char| {
        character.is_control()
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
    };
    if !text.contains(is_unwanted) {
        return text.to_owned();
    }
    text.chars()
        .map(|character| if matches!(character, '\t' | '\n' | '\r' | '\u{2028}') { ' ' } else { character })
        .filter(|character| !is_unwanted(*character))
        .collect()
}

/// As [`decode`], trimmed, and fit to be shown in one line.
pub(super) fn decode_line(value: &[u8]) -> String {
    let text = decode(value.trim_ascii());
    let text = without_controls(&text);
    let trimmed = text.trim();
    if trimmed.len() == text.len() { text } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_read_as_rfc_2047_shows_them() {
        // The examples of §8.
        for (written, read) in [
            ("=?ISO-8859-1?Q?a?=", "a"),
            ("=?ISO-8859-1?Q?a?= b", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
            ("=?US-ASCII?Q?Keith_Moore?=", "Keith Moore"),
            (
                "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
                "If you can read this you understand the example.",
            ),
        ] {
            assert_eq!(decode(written.as_bytes()), read, "{written}");
        }
    }

    #[test]
    fn a_character_split_over_two_words_is_whole() {
        // 你 is e4 bd a0.
        assert_eq!(decode(b"=?utf-8?Q?=e4=bd?= =?UTF-8?Q?=a0?= x"), "你 x");
        assert_eq!(decode(b"=?gb2312?B?xA==?= =?GB2312?B?47rD?="), "你好");
        // Both encodings in one character.
        assert_eq!(decode(b"=?utf-8?Q?=e4=bd?= =?utf-8?B?oA==?="), "你");
    }

    #[test]
    fn what_is_no_encoded_word_stays_as_it_is() {
        for text in ["=?", "=??Q?a?=", "=?utf-8?X?a?=", "=?utf-8?Q?a", "=?utf-8", "a =? b ?= c", "=?a b?Q?c?="] {
            assert_eq!(decode(text.as_bytes()), text);
        }
        assert_eq!(decode(b"=?utf-8?Q?broken =?utf-8?Q?whole?="), "=?utf-8?Q?broken whole");
    }

    #[test]
    fn wrong_forms_that_are_about_are_read() {
        assert_eq!(decode(b"x=?utf-8?Q?y?=z"), "xyz");
        assert_eq!(decode(b"=?utf-8?Q?a b?="), "a b");
        assert_eq!(decode(b"=?utf-8*en?q?a=ZZ?="), "a=ZZ");
        assert_eq!(decode(b"\xc4\xe3\xba\xc3"), "你好");
        assert_eq!(decode("你好".as_bytes()), "你好");
        assert_eq!(decode(b"e\xcc\x81"), "é");
        assert_eq!(decode(b"a\0b"), "ab");
        assert_eq!(decode_line(b" a\r\n\tb \x07\xe2\x80\xaetxt.exe "), "a b txt.exe");
    }

    #[test]
    fn beginnings_without_an_end_cost_no_more_than_their_length() {
        let text = b"=?a?q?x".repeat(MAX_TEXT / 7);
        assert_eq!(decode(&text).len(), text.len());
        let text = [text, b"?=".to_vec()].concat();
        assert!(decode(&text).len() <= text.len());
    }
}
