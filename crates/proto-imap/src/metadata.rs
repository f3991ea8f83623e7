//! Annotations of mailboxes and of the server. RFC 5464

use std::fmt;

use crate::MailboxName;

/// `entry`: the name of an annotation. Begins with `/private` or `/shared`, has no empty level, and is compared without regard to case.
#[derive(Debug, Clone)]
pub struct EntryName(Box<str>);

impl EntryName {
    pub const MAX_BYTES: usize = 255;

    /// `None` when RFC 5464 §3.2 does not allow it.
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |octet: u8| matches!(octet, b' '..=b'~') && octet != b'*' && octet != b'%';
        let levels = name.strip_prefix('/')?;
        let in_scope = levels.split('/').next().is_some_and(|scope| ["private", "shared"].iter().any(|it| it.eq_ignore_ascii_case(scope)));
        let fits = name.len() <= Self::MAX_BYTES && name.bytes().all(allowed) && in_scope && !levels.split('/').any(str::is_empty);
        fits.then(|| Self(name.into()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// RFC 5464 §3.2.1: whether it can have a value, which a scope alone cannot, nor what stands above the entries of a vendor.
    pub fn can_have_a_value(&self) -> bool {
        let mut levels = self.0.split('/').skip(2);
        match levels.next() {
            None => false,
            Some(level) if level.eq_ignore_ascii_case("vendor") => levels.count() >= 2,
            Some(_) => true,
        }
    }
}

impl PartialEq for EntryName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for EntryName {}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far below a named entry is looked. RFC 5464 §4.2.2
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetadataDepth {
    #[default]
    Zero,
    One,
    Infinity,
}

impl MetadataDepth {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "0",
            Self::One => "1",
            Self::Infinity => "infinity",
        }
    }
}

/// GETMETADATA. RFC 5464 §4.2
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetadata {
    /// `None`: the server's annotations.
    pub mailbox: Option<MailboxName>,
    /// At least one, none twice.
    pub entries: Vec<EntryName>,
    pub depth: MetadataDepth,
    /// Longer values are not told.
    pub max_size: Option<u32>,
}

/// SETMETADATA. RFC 5464 §4.3
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetMetadata {
    /// `None`: the server's annotations.
    pub mailbox: Option<MailboxName>,
    /// At least one; `None`, NIL, removes. All of them can have a value.
    pub entries: Vec<(EntryName, Option<Vec<u8>>)>,
}

/// What the response code METADATA tells. RFC 5464 §5
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataCode {
    /// The size of the largest value that was longer than MAXSIZE.
    LongEntries(u64),
    /// The size that a value may have.
    MaxSize(u64),
    TooMany,
    NoPrivate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_rfc() {
        for right in ["/private/comment", "/SHARED/vendor/x/y", "/shared", "/private/a b"] {
            assert!(EntryName::new(right).is_some(), "{right}");
        }
        for wrong in
            ["", "/", "private/a", "/private/", "/private//a", "/public/a", "/shared/*", "/shared/%", "/shared/\u{e9}", "/shared/\t"]
        {
            assert!(EntryName::new(wrong).is_none(), "{wrong}");
        }
        assert_eq!(EntryName::new("/Private/Comment"), EntryName::new("/private/comment"));
        let can = |name: &str| EntryName::new(name).unwrap().can_have_a_value();
        assert!(can("/shared/comment") && can("/shared/vendor/x/y") && !can("/shared") && !can("/shared/vendor/x"));
    }
}
