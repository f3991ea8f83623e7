//! What a mailbox may be called.

use unicode_normalization::UnicodeNormalization;

use super::{MAX_NAME_BYTES, MailboxError, SEPARATOR};

pub(super) const INBOX: &str = "INBOX";

/// RFC 9051 §5.1: INBOX is INBOX however it is written.
pub fn is_inbox_name(name: &str) -> bool {
    name.eq_ignore_ascii_case(INBOX)
}

/// One level of a path as it is stored: NFC (RFC 8621 §2 asks for Net-Unicode).
pub(super) fn clean(name: &str) -> Result<String, MailboxError> {
    let name: String = name.nfc().collect();
    let fits = !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES && !name.chars().any(|c| c == SEPARATOR || c.is_control());
    if fits { Ok(name) } else { Err(MailboxError::NameInvalid) }
}

/// By what siblings differ.
pub(super) fn key(name: &str, at_the_top: bool) -> String {
    if at_the_top && is_inbox_name(name) { INBOX.to_owned() } else { name.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_composed_and_what_cannot_be_one_is_refused() {
        assert_eq!(clean("Caf\u{65}\u{301}").unwrap(), "Caf\u{e9}");
        assert_eq!(clean("工作 2025").unwrap(), "工作 2025");
        for wrong in ["", " ", "a/b", "a\nb", "a\0", "\u{85}x", &"字".repeat(86)] {
            assert!(matches!(clean(wrong), Err(MailboxError::NameInvalid)), "{wrong}");
        }
        assert_eq!(key("inBox", true), "INBOX");
        assert_eq!(key("inBox", false), "inBox");
    }
}
