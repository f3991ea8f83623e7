//! What is marked on an entry of a mailbox: well-known marks as bits, all others as words.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Not};

/// Keywords of one entry besides those that have a bit.
pub const MAX_KEYWORDS: usize = 100;
pub const MAX_KEYWORD_BYTES: usize = 100;

/// The well-known flags, as stored: a bit never changes its meaning.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FlagBits(u32);

impl FlagBits {
    pub const NONE: Self = Self(0);
    pub const SEEN: Self = Self(1);
    pub const ANSWERED: Self = Self(1 << 1);
    pub const FLAGGED: Self = Self(1 << 2);
    pub const DELETED: Self = Self(1 << 3);
    pub const DRAFT: Self = Self(1 << 4);
    pub const FORWARDED: Self = Self(1 << 5);
    pub const MDN_SENT: Self = Self(1 << 6);
    pub const JUNK: Self = Self(1 << 7);
    pub const NOT_JUNK: Self = Self(1 << 8);
    pub const PHISHING: Self = Self(1 << 9);

    pub const fn from_raw(raw: i64) -> Self {
        Self(raw as u32)
    }

    pub const fn raw(self) -> i64 {
        self.0 as i64
    }

    /// Whether all of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// IMAP's UNSEEN.
    pub const fn is_unseen(self) -> bool {
        !self.contains(Self::SEEN)
    }

    /// JMAP's unread: neither `$seen` nor `$draft` (RFC 8621 §2).
    pub const fn is_unread(self) -> bool {
        !self.intersects(Self(Self::SEEN.0 | Self::DRAFT.0))
    }
}

impl BitOr for FlagBits {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for FlagBits {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for FlagBits {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for FlagBits {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl fmt::Debug for FlagBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = NAMES.iter().filter(|(bit, ..)| self.contains(*bit)).map(|(_, imap, _)| *imap).collect();
        write!(f, "({})", names.join(" "))
    }
}

/// Bit, name in IMAP, keyword in JMAP (RFC 8621 §4.1.1); `\Deleted` has none there.
const NAMES: [(FlagBits, &str, Option<&str>); 10] = [
    (FlagBits::SEEN, "\\Seen", Some("$seen")),
    (FlagBits::ANSWERED, "\\Answered", Some("$answered")),
    (FlagBits::FLAGGED, "\\Flagged", Some("$flagged")),
    (FlagBits::DELETED, "\\Deleted", None),
    (FlagBits::DRAFT, "\\Draft", Some("$draft")),
    (FlagBits::FORWARDED, "$Forwarded", Some("$forwarded")),
    (FlagBits::MDN_SENT, "$MDNSent", Some("$mdnsent")),
    (FlagBits::JUNK, "$Junk", Some("$junk")),
    (FlagBits::NOT_JUNK, "$NotJunk", Some("$notjunk")),
    (FlagBits::PHISHING, "$Phishing", Some("$phishing")),
];

/// A flag that cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// Not an atom, or longer than [`MAX_KEYWORD_BYTES`].
    #[error("a keyword has 1 to {MAX_KEYWORD_BYTES} printable ASCII characters and none of ( ) {{ ] % * \" \\")]
    Invalid,
    #[error("a message takes at most {MAX_KEYWORDS} keywords")]
    TooMany,
}

kernel::faults! { FlagError:
    FlagError::Invalid => Invalid "keyword_invalid",
    FlagError::TooMany => LimitReached "too_many_keywords",
}

/// The flags of an entry. Keywords compare without regard to ASCII case; the spelling that came first is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    pub bits: FlagBits,
    pub keywords: Vec<String>,
}

impl Flags {
    pub const NONE: Self = Self { bits: FlagBits::NONE, keywords: Vec::new() };

    /// From IMAP's names: `\Seen`, `$Junk`, `work`. System flags that we do not store (`\Recent`, and such as nobody defined) are left out, keywords
    /// that have a bit are found however they are written.
    pub fn from_imap_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, FlagError> {
        let mut flags = Self::default();
        for name in names {
            match NAMES.iter().find(|(_, imap, _)| imap.eq_ignore_ascii_case(name)) {
                Some((bit, ..)) => flags.bits |= *bit,
                None if name.starts_with('\\') => {}
                None => flags.add_keyword(name)?,
            }
        }
        Ok(flags)
    }

    /// From JMAP's keywords: `$seen`, `work`. Lower-case or not.
    pub fn from_keywords<'a>(keywords: impl IntoIterator<Item = &'a str>) -> Result<Self, FlagError> {
        let mut flags = Self::default();
        for keyword in keywords {
            match NAMES.iter().find(|(_, _, jmap)| jmap.is_some_and(|jmap| jmap.eq_ignore_ascii_case(keyword))) {
                Some((bit, ..)) => flags.bits |= *bit,
                None => flags.add_keyword(keyword)?,
            }
        }
        Ok(flags)
    }

    pub fn of_bits(bits: FlagBits) -> Self {
        Self { bits, keywords: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.bits.is_empty() && self.keywords.is_empty()
    }

    /// As IMAP writes them.
    pub fn imap_names(&self) -> impl Iterator<Item = &str> {
        let known = imap_names(self.bits).map(|name| -> &str { name });
        known.chain(self.keywords.iter().map(String::as_str))
    }

    /// JMAP's keywords, lower-case.
    pub fn keywords(&self) -> Vec<String> {
        let known = NAMES.iter().filter(|(bit, ..)| self.bits.contains(*bit)).filter_map(|(_, _, jmap)| jmap.map(str::to_owned));
        known.chain(self.keywords.iter().map(|keyword| keyword.to_ascii_lowercase())).collect()
    }

    /// The flags of a message from those of its entries: `\Seen` when all are, every other one when any has it.
    pub fn of_entries<'a>(entries: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all_seen = true;
        let mut whole = Self::default();
        for flags in entries {
            all_seen &= flags.bits.contains(FlagBits::SEEN);
            whole.bits |= flags.bits;
            for keyword in &flags.keywords {
                if !whole.has_keyword(keyword) {
                    whole.keywords.push(keyword.clone());
                }
            }
        }
        if !all_seen {
            whole.bits = whole.bits.without(FlagBits::SEEN);
        }
        whole
    }

    pub fn has_keyword(&self, keyword: &str) -> bool {
        self.keywords.iter().any(|own| own.eq_ignore_ascii_case(keyword))
    }

    /// These with `others` added.
    pub fn with(&self, others: &Self) -> Result<Self, FlagError> {
        let mut whole = self.clone();
        whole.bits |= others.bits;
        for keyword in &others.keywords {
            whole.add_keyword(keyword)?;
        }
        Ok(whole)
    }

    /// These without `others`.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        let keywords = self.keywords.iter().filter(|keyword| !others.has_keyword(keyword)).cloned().collect();
        Self { bits: self.bits.without(others.bits), keywords }
    }

    fn add_keyword(&mut self, keyword: &str) -> Result<(), FlagError> {
        if keyword.is_empty() || keyword.len() > MAX_KEYWORD_BYTES || !keyword.bytes().all(is_keyword_byte) {
            return Err(FlagError::Invalid);
        }
        if self.has_keyword(keyword) {
            return Ok(());
        }
        if self.keywords.len() >= MAX_KEYWORDS {
            return Err(FlagError::TooMany);
        }
        self.keywords.push(keyword.to_owned());
        Ok(())
    }

    /// As the column holds them: divided by spaces, NULL for none.
    pub(crate) fn stored_keywords(&self) -> Option<String> {
        (!self.keywords.is_empty()).then(|| self.keywords.join(" "))
    }

    pub(crate) fn from_stored(bits: i64, keywords: Option<&str>) -> Self {
        let keywords = keywords.map(|text| text.split(' ').map(str::to_owned).collect()).unwrap_or_default();
        Self { bits: FlagBits::from_raw(bits), keywords }
    }
}

/// IMAP's names of bits.
pub fn imap_names(bits: FlagBits) -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter(move |(bit, ..)| bits.contains(*bit)).map(|(_, imap, _)| *imap)
}

/// An atom of IMAP that JMAP takes as a keyword, too (RFC 8621 §4.1.1).
fn is_keyword_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"(){]%*\"\\".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_become_bits_however_they_are_written() {
        let flags = Flags::from_imap_names(["\\seen", "$JUNK", "Work", "work", "\\Recent"]).unwrap();
        assert_eq!(flags.bits, FlagBits::SEEN | FlagBits::JUNK);
        assert_eq!(flags.keywords, ["Work"]);
        assert_eq!(flags.imap_names().collect::<Vec<_>>(), ["\\Seen", "$Junk", "Work"]);
        assert_eq!(flags.keywords(), ["$seen", "$junk", "work"]);
        assert_eq!(Flags::from_keywords(["$seen", "$junk", "Work"]).unwrap(), flags);
    }

    #[test]
    fn what_cannot_be_a_keyword_is_refused() {
        for wrong in ["", "a b", "a(b", "größe", "a\\b", "a]", "a%", "a*", "a\"", &"x".repeat(101)] {
            assert_eq!(Flags::from_imap_names([wrong]), Err(FlagError::Invalid), "{wrong}");
        }
        let many: Vec<String> = (0..101).map(|number| format!("k{number}")).collect();
        assert_eq!(Flags::from_imap_names(many.iter().map(String::as_str)), Err(FlagError::TooMany));
        assert!(Flags::from_imap_names(many[..100].iter().map(String::as_str)).is_ok());
    }

    #[test]
    fn a_message_is_seen_when_all_its_entries_are() {
        let seen = Flags::from_imap_names(["\\Seen", "a"]).unwrap();
        let flagged = Flags::from_imap_names(["\\Flagged", "A", "b"]).unwrap();
        let whole = Flags::of_entries([&seen, &flagged]);
        assert_eq!(whole.bits, FlagBits::FLAGGED);
        assert_eq!(whole.keywords, ["a", "b"]);
        assert_eq!(Flags::of_entries([&seen]).bits, FlagBits::SEEN);
    }

    #[test]
    fn flags_survive_the_column() {
        for names in [&["\\Seen", "one", "Two"][..], &[][..]] {
            let flags = Flags::from_imap_names(names.iter().copied()).unwrap();
            assert_eq!(Flags::from_stored(flags.bits.raw(), flags.stored_keywords().as_deref()), flags);
        }
    }

    #[test]
    fn unread_leaves_drafts_out_and_unseen_does_not() {
        assert!(FlagBits::NONE.is_unread() && FlagBits::NONE.is_unseen());
        assert!(FlagBits::DRAFT.is_unseen() && !FlagBits::DRAFT.is_unread());
        assert!(!FlagBits::SEEN.is_unseen() && !FlagBits::SEEN.is_unread());
    }
}
