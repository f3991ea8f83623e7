//! Names of mailboxes and the patterns that match them. RFC 9051 §5.1

use std::fmt;

use crate::utf7;

/// A mailbox name as UTF-8 text, whatever it was on the wire. Never empty, no control characters; `INBOX` in any case is `INBOX`.
///
/// Hierarchy is left as it stands: separators, empty levels, a separator at the end are the server's to judge.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailboxName(Box<str>);

impl MailboxName {
    /// `None` for an empty name or one with control characters.
    pub fn new(name: &str) -> Option<Self> {
        // RFC 9051 §5.1: names must not hold C0, C1 or DEL, nor the line and paragraph separators.
        if name.is_empty() || name.chars().any(|character| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')) {
            return None;
        }
        // RFC 9051 §5.1: INBOX is case-insensitive.
        Some(Self(if name.eq_ignore_ascii_case("INBOX") { "INBOX".into() } else { name.into() }))
    }

    /// From the wire: UTF-8 when `utf8` (IMAP4rev2 or UTF8=ACCEPT enabled), else modified UTF-7.
    pub fn decode(octets: &[u8], utf8: bool) -> Option<Self> {
        if utf8 { Self::new(std::str::from_utf8(octets).ok()?) } else { Self::new(&utf7::decode(octets)?) }
    }

    pub fn inbox() -> Self {
        Self("INBOX".into())
    }

    pub fn is_inbox(&self) -> bool {
        &*self.0 == "INBOX"
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `list-mailbox`: a name in which `*` stands for anything and `%` for anything within one level. May be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListPattern(Box<str>);

impl ListPattern {
    /// `None` with control characters.
    pub fn new(pattern: &str) -> Option<Self> {
        (!pattern.chars().any(char::is_control)).then(|| Self(pattern.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A pattern behind its reference, ready to be held against many names. RFC 9051 §6.3.9
#[derive(Debug, Clone)]
pub struct ListMatcher {
    steps: Vec<Step>,
    separator: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// `*`
    Anything,
    /// `%`
    WithinLevel,
    Just(char),
}

impl ListMatcher {
    /// The reference is simply put in front of the pattern.
    pub fn new(reference: &str, pattern: &ListPattern, separator: char) -> Self {
        let mut steps: Vec<Step> = Vec::with_capacity(reference.len() + pattern.0.len());
        for character in reference.chars().chain(pattern.0.chars()) {
            let step = match character {
                '*' => Step::Anything,
                '%' => Step::WithinLevel,
                other => Step::Just(other),
            };
            // Wildcards side by side are one, so a name never stands at more places of the pattern than about twice its length.
            match (steps.last_mut(), step) {
                (Some(Step::Anything), Step::Anything | Step::WithinLevel) | (Some(Step::WithinLevel), Step::WithinLevel) => {}
                (Some(last @ Step::WithinLevel), Step::Anything) => *last = Step::Anything,
                _ => steps.push(step),
            }
        }
        Self { steps, separator }
    }

    /// Whether the pattern covers the whole name. INBOX matches in any case.
    pub fn matches(&self, name: &str) -> bool {
        let inbox = name == "INBOX";
        // Places of the pattern from which the rest of the name is still to be matched; ascending.
        let mut places = Vec::new();
        self.reach(&mut places, 0);
        let mut next = Vec::new();
        for character in name.chars() {
            for &place in &places {
                match self.steps.get(place) {
                    Some(Step::Anything) => self.reach(&mut next, place),
                    Some(Step::WithinLevel) if character != self.separator => self.reach(&mut next, place),
                    Some(Step::Just(wanted)) if *wanted == character || (inbox && wanted.to_ascii_uppercase() == character) => {
                        self.reach(&mut next, place + 1);
                    }
                    _ => {}
                }
            }
            std::mem::swap(&mut places, &mut next);
            next.clear();
            if places.is_empty() {
                return false;
            }
        }
        places.last() == Some(&self.steps.len())
    }

    /// Adds a place, and the one behind it when a wildcard stands there, which may be nothing.
    fn reach(&self, places: &mut Vec<usize>, place: usize) {
        let wildcard = matches!(self.steps.get(place), Some(Step::Anything | Step::WithinLevel));
        for place in place..=place + usize::from(wildcard) {
            if places.last().is_none_or(|last| *last < place) {
                places.push(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inbox_has_one_spelling() {
        assert!(MailboxName::decode(b"inBox", false).unwrap().is_inbox());
        assert_eq!(MailboxName::new("inbox/a").unwrap().as_str(), "inbox/a");
    }

    #[test]
    fn a_name_is_utf_7_or_utf_8_as_the_session_says() {
        assert_eq!(MailboxName::decode(b"&ZTZO9nux-", false).unwrap().as_str(), "收件箱");
        assert_eq!(MailboxName::decode(b"&ZTZO9nux-", true).unwrap().as_str(), "&ZTZO9nux-");
        assert_eq!(MailboxName::decode("收件箱".as_bytes(), true).unwrap().as_str(), "收件箱");
        // RFC 3501 §5.1: 8-bit names are not to be created.
        assert_eq!(MailboxName::decode("收件箱".as_bytes(), false), None);
        assert_eq!(MailboxName::decode(b"a\tb", true), None);
    }

    #[test]
    fn patterns_match_as_the_rfc_says() {
        let matches = |reference: &str, pattern: &str, name: &str| {
            ListMatcher::new(reference, &ListPattern::new(pattern).unwrap(), '/').matches(name)
        };
        assert!(matches("", "*", "a/b/c") && matches("", "%", "a") && !matches("", "%", "a/b"));
        assert!(matches("a/", "%", "a/b") && matches("", "a/%/c", "a/b/c") && !matches("", "a/%/c", "a/b/b/c"));
        assert!(matches("", "*c", "a/b/c") && matches("", "%%%", "") && matches("", "inb%", "INBOX") && !matches("", "INB%", "inbo"));
        assert!(!matches("", &"*a".repeat(200), &"b".repeat(200)));
    }
}
