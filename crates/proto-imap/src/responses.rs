//! What a server says. RFC 9051 §7

use crate::{Atom, DateTime, Flag, MetadataCode, NumberList, NumberSet, ObjectId, PartialRange, Section, SpecialUse, StatusValue, Tag};
use std::num::NonZeroU32;

/// The word that a status response begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    Ok,
    No,
    Bad,
    PreAuth,
    Bye,
}

impl Condition {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
            Self::PreAuth => "PREAUTH",
            Self::Bye => "BYE",
        }
    }
}

/// `resp-text-code`. RFC 9051 §7.1, RFC 5530, and the extensions named at each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    Alert,
    AlreadyExists,
    /// UIDPLUS, RFC 4315; several uids after a MULTIAPPEND.
    AppendUid {
        uid_validity: u32,
        uids: NumberSet,
    },
    AuthenticationFailed,
    AuthorizationFailed,
    /// What can be told, where something else was asked for. RFC 5465 §5
    BadEvent(Vec<Atom>),
    /// The URL that names nothing. RFC 4469 §4.1
    BadUrl(String),
    /// The charsets that are known.
    BadCharset(Vec<Atom>),
    Cannot,
    Capability(Vec<Atom>),
    ClientBug,
    Closed,
    /// RFC 4978
    CompressionActive,
    ContactAdmin,
    /// UIDPLUS: both sets have the same number of uids, matched in ascending order.
    CopyUid {
        uid_validity: u32,
        from: NumberSet,
        to: NumberSet,
    },
    Corruption,
    Expired,
    ExpungeIssued,
    HasChildren,
    /// RFC 7162
    HighestModSeq(u64),
    InUse,
    /// A command goes on. RFC 9585 §4
    InProgress {
        /// Of the command; `None` is NIL.
        tag: Option<Tag>,
        /// How much is done, and of how much that is known.
        progress: Option<(u32, Option<NonZeroU32>)>,
    },
    Limit,
    /// RFC 8474
    MailboxId(ObjectId),
    /// RFC 5464
    Metadata(MetadataCode),
    /// RFC 7162: what STORE did not touch.
    Modified(NumberSet),
    NoModSeq,
    NonExistent,
    NoPerm,
    /// RFC 5465 §5.8: nothing more is told unasked.
    NotificationOverflow,
    NotSaved,
    OverQuota,
    Parse,
    /// `any`: `\*`, the client may make keywords.
    PermanentFlags {
        flags: Vec<Flag>,
        any: bool,
    },
    PrivacyRequired,
    ReadOnly,
    ReadWrite,
    ServerBug,
    TooBig,
    TryCreate,
    UidNext(u32),
    UidNotSticky,
    /// RFC 9586: sequence numbers are not spoken of any more.
    UidRequired,
    UidValidity(u32),
    Unavailable,
    UnknownCte,
    /// RFC 3501: the first message that is not `\Seen`.
    Unseen(u32),
    /// RFC 6154
    UseAttr,
    /// One that is not in this list, with its argument as it stands.
    Other(Atom, Option<String>),
}

impl Code {
    /// The codes that take no argument.
    pub const PLAIN: [Self; 33] = [
        Self::Alert,
        Self::AlreadyExists,
        Self::AuthenticationFailed,
        Self::AuthorizationFailed,
        Self::Cannot,
        Self::ClientBug,
        Self::Closed,
        Self::CompressionActive,
        Self::ContactAdmin,
        Self::Corruption,
        Self::Expired,
        Self::ExpungeIssued,
        Self::HasChildren,
        Self::InUse,
        Self::Limit,
        Self::NoModSeq,
        Self::NonExistent,
        Self::NoPerm,
        Self::NotificationOverflow,
        Self::NotSaved,
        Self::OverQuota,
        Self::Parse,
        Self::PrivacyRequired,
        Self::ReadOnly,
        Self::ReadWrite,
        Self::ServerBug,
        Self::TooBig,
        Self::TryCreate,
        Self::UidNotSticky,
        Self::UidRequired,
        Self::Unavailable,
        Self::UnknownCte,
        Self::UseAttr,
    ];

    /// The code's word.
    pub fn name(&self) -> &str {
        match self {
            Self::Alert => "ALERT",
            Self::AlreadyExists => "ALREADYEXISTS",
            Self::AuthenticationFailed => "AUTHENTICATIONFAILED",
            Self::AuthorizationFailed => "AUTHORIZATIONFAILED",
            Self::Cannot => "CANNOT",
            Self::ClientBug => "CLIENTBUG",
            Self::Closed => "CLOSED",
            Self::CompressionActive => "COMPRESSIONACTIVE",
            Self::ContactAdmin => "CONTACTADMIN",
            Self::Corruption => "CORRUPTION",
            Self::Expired => "EXPIRED",
            Self::ExpungeIssued => "EXPUNGEISSUED",
            Self::HasChildren => "HASCHILDREN",
            Self::InUse => "INUSE",
            Self::Limit => "LIMIT",
            Self::NoModSeq => "NOMODSEQ",
            Self::NonExistent => "NONEXISTENT",
            Self::NoPerm => "NOPERM",
            Self::NotificationOverflow => "NOTIFICATIONOVERFLOW",
            Self::NotSaved => "NOTSAVED",
            Self::OverQuota => "OVERQUOTA",
            Self::Parse => "PARSE",
            Self::PrivacyRequired => "PRIVACYREQUIRED",
            Self::ReadOnly => "READ-ONLY",
            Self::ReadWrite => "READ-WRITE",
            Self::ServerBug => "SERVERBUG",
            Self::TooBig => "TOOBIG",
            Self::TryCreate => "TRYCREATE",
            Self::UidNotSticky => "UIDNOTSTICKY",
            Self::UidRequired => "UIDREQUIRED",
            Self::Unavailable => "UNAVAILABLE",
            Self::UnknownCte => "UNKNOWN-CTE",
            Self::UseAttr => "USEATTR",
            Self::AppendUid { .. } => "APPENDUID",
            Self::BadCharset(_) => "BADCHARSET",
            Self::BadEvent(_) => "BADEVENT",
            Self::BadUrl(_) => "BADURL",
            Self::Capability(_) => "CAPABILITY",
            Self::CopyUid { .. } => "COPYUID",
            Self::HighestModSeq(_) => "HIGHESTMODSEQ",
            Self::InProgress { .. } => "INPROGRESS",
            Self::MailboxId(_) => "MAILBOXID",
            Self::Metadata(_) => "METADATA",
            Self::Modified(_) => "MODIFIED",
            Self::PermanentFlags { .. } => "PERMANENTFLAGS",
            Self::UidNext(_) => "UIDNEXT",
            Self::UidValidity(_) => "UIDVALIDITY",
            Self::Unseen(_) => "UNSEEN",
            Self::Other(name, _) => name.as_str(),
        }
    }
}

/// `mbx-list-flags`, `\Subscribed` and what SPECIAL-USE adds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MailboxAttribute {
    NonExistent,
    NoInferiors,
    NoSelect,
    HasChildren,
    HasNoChildren,
    Marked,
    Unmarked,
    Subscribed,
    Remote,
    Use(SpecialUse),
    /// The name without its backslash.
    Other(Atom),
}

impl MailboxAttribute {
    /// From `\\HasChildren`, in any case.
    pub fn new(name: &str) -> Option<Self> {
        const PLAIN: [MailboxAttribute; 9] = [
            MailboxAttribute::NonExistent,
            MailboxAttribute::NoInferiors,
            MailboxAttribute::NoSelect,
            MailboxAttribute::HasChildren,
            MailboxAttribute::HasNoChildren,
            MailboxAttribute::Marked,
            MailboxAttribute::Unmarked,
            MailboxAttribute::Subscribed,
            MailboxAttribute::Remote,
        ];
        let bare = name.strip_prefix('\\')?;
        if let Some(plain) = PLAIN.into_iter().find(|plain| plain.bare_name().eq_ignore_ascii_case(bare)) {
            return Some(plain);
        }
        let special_use = SpecialUse::ALL.into_iter().find(|special_use| special_use.name().eq_ignore_ascii_case(name));
        special_use.map(Self::Use).or_else(|| Atom::new(bare).map(Self::Other))
    }

    /// Without the backslash.
    pub fn bare_name(&self) -> &str {
        match self {
            Self::NonExistent => "NonExistent",
            Self::NoInferiors => "Noinferiors",
            Self::NoSelect => "Noselect",
            Self::HasChildren => "HasChildren",
            Self::HasNoChildren => "HasNoChildren",
            Self::Marked => "Marked",
            Self::Unmarked => "Unmarked",
            Self::Subscribed => "Subscribed",
            Self::Remote => "Remote",
            Self::Use(special_use) => &special_use.name()[1..],
            Self::Other(name) => name.as_str(),
        }
    }
}

/// A line of LIST or LSUB. RFC 9051 §7.3.1
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListItem {
    pub attributes: Vec<MailboxAttribute>,
    /// `None`: NIL, a flat name.
    pub delimiter: Option<char>,
    pub name: String,
    /// `CHILDINFO ("SUBSCRIBED")`. RFC 5258 §3.5
    pub child_subscribed: bool,
    /// `OLDNAME`: what it was called before. RFC 9051 §6.3.9.7
    pub old_name: Option<String>,
}

/// What LIST can say behind the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListExtras<'a> {
    /// `CHILDINFO ("SUBSCRIBED")`. RFC 5258 §3.5
    pub child_subscribed: bool,
    /// `OLDNAME`. RFC 9051 §6.3.9.7
    pub old_name: Option<&'a str>,
}

/// What a search found. RFC 4731, RFC 7162 §3.1.10
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ESearch {
    /// Not without a tag: a mailbox and its UIDVALIDITY. RFC 7377 §2.1
    pub mailbox: Option<(String, u32)>,
    pub tag: Option<Tag>,
    pub uid: bool,
    pub min: Option<u32>,
    pub max: Option<u32>,
    /// Left out when empty: nothing found has no ALL. Of a search ascending, of a sort in its order (RFC 5267 §3.1).
    pub all: NumberList,
    pub count: Option<u32>,
    pub mod_seq: Option<u64>,
    /// The part that was asked for, and what is there of it; nothing is NIL. RFC 9394 §3.1
    pub partial: Option<(PartialRange, NumberList)>,
}

/// A namespace: prefix and delimiter. RFC 2342
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    pub prefix: String,
    pub delimiter: Option<char>,
}

/// A resource of a quota root. RFC 9208
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaResource {
    /// `STORAGE` (units of 1024 octets), `MESSAGE`, `MAILBOX`.
    pub name: Atom,
    pub usage: u64,
    pub limit: u64,
}

/// `* 3 FETCH (…)` item by item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchItem {
    Uid(u32),
    Flags(Vec<Flag>),
    ModSeq(u64),
    InternalDate(DateTime),
    Rfc822Size(u64),
    /// As it stands on the wire, with its parentheses; so are the two structures.
    Envelope(Vec<u8>),
    BodyStructure(Vec<u8>),
    Body(Vec<u8>),
    /// `None`: NIL.
    Rfc822(Option<Vec<u8>>),
    Rfc822Header(Option<Vec<u8>>),
    Rfc822Text(Option<Vec<u8>>),
    Section {
        section: Section,
        origin: Option<u64>,
        octets: Option<Vec<u8>>,
    },
    Binary {
        path: Vec<NonZeroU32>,
        origin: Option<u64>,
        octets: Option<Vec<u8>>,
    },
    BinarySize {
        path: Vec<NonZeroU32>,
        size: u64,
    },
    EmailId(ObjectId),
    ThreadId(Option<ObjectId>),
    Preview(Option<String>),
    SaveDate(Option<DateTime>),
}

/// One response, as a client reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// Tagged, or untagged with `tag: None`; the greeting is the latter.
    Status {
        tag: Option<Tag>,
        condition: Condition,
        code: Option<Code>,
        text: String,
    },
    /// `+ …`: the text as it stands.
    Continuation(String),
    Capability(Vec<Atom>),
    Enabled(Vec<Atom>),
    List(ListItem),
    Lsub(ListItem),
    /// `* STATUS mailbox (…)`
    MailboxStatus {
        mailbox: String,
        values: Vec<StatusValue>,
    },
    Flags(Vec<Flag>),
    Exists(u32),
    /// RFC 3501
    Recent(u32),
    Expunge(u32),
    /// RFC 7162 §3.2.10
    Vanished {
        earlier: bool,
        uids: NumberSet,
    },
    Search {
        numbers: Vec<u32>,
        mod_seq: Option<u64>,
    },
    ESearch(ESearch),
    /// RFC 5256, RFC 7162 §7
    Sort {
        numbers: Vec<u32>,
        mod_seq: Option<u64>,
    },
    /// RFC 5256, as it stands.
    Thread(String),
    Namespace {
        personal: Vec<Namespace>,
        others: Vec<Namespace>,
        shared: Vec<Namespace>,
    },
    Id(Vec<(String, Option<String>)>),
    Quota {
        root: String,
        resources: Vec<QuotaResource>,
    },
    QuotaRoot {
        mailbox: String,
        roots: Vec<String>,
    },
    Fetch {
        number: u32,
        items: Vec<FetchItem>,
    },
    /// RFC 9586
    UidFetch {
        uid: u32,
        items: Vec<FetchItem>,
    },
    /// `* METADATA mailbox (entry value …)`; the empty name is the server. RFC 5464 §4.4.1
    Metadata {
        mailbox: String,
        entries: Vec<(String, Option<Vec<u8>>)>,
    },
    /// `* METADATA mailbox entry …`: they changed. RFC 5464 §4.4.2
    MetadataChanged {
        mailbox: String,
        entries: Vec<String>,
    },
    /// The URL of the JMAP session. RFC 9698
    JmapAccess(String),
}
