//! Flags of messages. RFC 9051 §2.3.2

use std::borrow::Cow;

use crate::Atom;

/// `flag`, and what servers say besides.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Flag {
    Seen,
    Answered,
    Flagged,
    Deleted,
    Draft,
    /// `$Forwarded`, `NonJunk`, a label of the user's.
    Keyword(Atom),
    /// `\Name` that is none of the above (the name without its backslash), also `\Recent` of RFC 3501: no client can set it.
    Extension(Atom),
}

impl Flag {
    /// From `\Seen` or `keyword`; system flags in any case.
    pub fn new(name: &str) -> Option<Self> {
        let Some(system) = name.strip_prefix('\\') else {
            return Atom::new(name).map(Self::Keyword);
        };
        Some(match system.to_ascii_lowercase().as_str() {
            "seen" => Self::Seen,
            "answered" => Self::Answered,
            "flagged" => Self::Flagged,
            "deleted" => Self::Deleted,
            "draft" => Self::Draft,
            _ => Self::Extension(Atom::new(system)?),
        })
    }

    /// As it stands on the wire, with the backslash of system flags.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Seen => "\\Seen".into(),
            Self::Answered => "\\Answered".into(),
            Self::Flagged => "\\Flagged".into(),
            Self::Deleted => "\\Deleted".into(),
            Self::Draft => "\\Draft".into(),
            Self::Keyword(keyword) => keyword.as_str().into(),
            Self::Extension(name) => format!("\\{name}").into(),
        }
    }
}
