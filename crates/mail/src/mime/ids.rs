//! Message ids: RFC 5322 §3.6.4, with the old forms of §4.5.4.

use super::{charset, words};

/// Longer ones are no ids.
const MAX_ID: usize = 1_000;
/// Ids that are taken of one field.
const MAX_IDS: usize = 1_000;

/// Without angle brackets, comments and white space. Words in front of them, as old In-Reply-To fields had, are passed over.
pub(super) fn parse(value: &[u8]) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = value;
    while let Some(open) = memchr::memchr(b'<', rest) {
        rest = &rest[open + 1..];
        let Some(close) = rest.iter().position(|byte| matches!(byte, b'>' | b'<')) else {
            push(&mut ids, rest);
            break;
        };
        push(&mut ids, &rest[..close]);
        rest = &rest[close..];
        if ids.len() == MAX_IDS {
            break;
        }
    }
    if ids.is_empty() {
        // Brackets forgotten.
        for word in value.split(u8::is_ascii_whitespace).filter(|word| word.contains(&b'@')).take(MAX_IDS) {
            push(&mut ids, word.trim_ascii());
        }
    }
    ids
}

fn push(ids: &mut Vec<String>, id: &[u8]) {
    if id.len() > MAX_ID {
        return;
    }
    let id: Vec<u8> = id.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'<')).collect();
    let id = words::without_controls(&charset::guess(&id).text);
    if !id.is_empty() {
        ids.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn ids_are_found_in_every_form_that_is_about() {
        for (written, ids) in [
            ("<a@b>", &["a@b"][..]),
            (" <a@b> (comment)\r\n\t<c@d>,<e@f>", &["a@b", "c@d", "e@f"]),
            ("Your message of Monday <a@b>", &["a@b"]),
            ("<a\r\n @b>", &["a@b"]),
            ("a@b", &["a@b"]),
            ("<a@b", &["a@b"]),
            ("<a@b <c@d>", &["a@b", "c@d"]),
            ("<>", &[]),
            ("nothing", &[]),
        ] {
            assert_eq!(parse(written.as_bytes()), ids, "{written}");
        }
    }
}
