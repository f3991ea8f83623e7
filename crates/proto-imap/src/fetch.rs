//! What FETCH can ask for. RFC 9051 §6.4.5

use std::num::NonZeroU32;

/// `fetch-att`. The macros ALL, FAST and FULL are replaced by what they stand for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FetchAttribute {
    Uid,
    Flags,
    InternalDate,
    Envelope,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// `BODY`: the structure without extension data.
    Body,
    Rfc822Size,
    /// RFC 3501: `BODY[]` under another name.
    Rfc822,
    /// RFC 3501: `BODY.PEEK[HEADER]` under another name.
    Rfc822Header,
    /// RFC 3501: `BODY[TEXT]` under another name.
    Rfc822Text,
    /// `BODY[section]<partial>`; without `peek` it sets `\Seen`.
    Section {
        section: Section,
        peek: bool,
        partial: Option<Partial>,
    },
    /// `BINARY[path]<partial>` (RFC 3516): the part with its transfer encoding undone; without `peek` it sets `\Seen`.
    Binary {
        path: Vec<NonZeroU32>,
        peek: bool,
        partial: Option<Partial>,
    },
    /// `BINARY.SIZE[path]`
    BinarySize(Vec<NonZeroU32>),
    /// RFC 7162
    ModSeq,
    /// RFC 8474
    EmailId,
    /// RFC 8474
    ThreadId,
    /// RFC 8970; `lazy` takes only what costs nothing to make.
    Preview {
        lazy: bool,
    },
    /// RFC 8514
    SaveDate,
}

/// `section`: which octets of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Section {
    /// `1.2.3`; empty for the message itself.
    pub path: Vec<NonZeroU32>,
    pub what: SectionText,
}

/// `section-text`
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum SectionText {
    /// The whole part.
    #[default]
    Whole,
    /// `HEADER`
    Header,
    /// `HEADER.FIELDS (…)`, or with `not` `HEADER.FIELDS.NOT (…)`. The names are as they were asked for: the answer repeats them.
    HeaderFields { names: Vec<HeaderName>, not: bool },
    /// `TEXT`
    Text,
    /// `MIME`: only with a path.
    Mime,
}

/// `header-fld-name`: an astring; what is no field name simply matches none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeaderName(Box<str>);

impl HeaderName {
    /// `None` with octets that no header field name has.
    pub fn new(name: &str) -> Option<Self> {
        // RFC 5322 §2.2: printable US-ASCII without the colon.
        let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        fits.then(|| Self(name.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `partial = "<" number64 "." nz-number64 ">"`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Partial {
    pub offset: u64,
    /// At least 1.
    pub count: u64,
}

impl Partial {
    /// The octets meant; empty when the offset lies behind the end.
    pub fn of<'a>(&self, octets: &'a [u8]) -> &'a [u8] {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(octets.len());
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        &octets[start..start.saturating_add(count).min(octets.len())]
    }
}

impl FetchAttribute {
    /// `ALL`, the macro.
    pub fn all() -> Vec<Self> {
        vec![Self::Flags, Self::InternalDate, Self::Rfc822Size, Self::Envelope]
    }

    /// `FAST`, the macro.
    pub fn fast() -> Vec<Self> {
        vec![Self::Flags, Self::InternalDate, Self::Rfc822Size]
    }

    /// `FULL`, the macro.
    pub fn full() -> Vec<Self> {
        vec![Self::Flags, Self::InternalDate, Self::Rfc822Size, Self::Envelope, Self::Body]
    }

    /// Whether fetching it marks the message as read.
    pub fn sets_seen(&self) -> bool {
        matches!(self, Self::Rfc822 | Self::Rfc822Text | Self::Section { peek: false, .. } | Self::Binary { peek: false, .. })
    }
}
