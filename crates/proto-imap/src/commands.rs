//! What a client says. RFC 9051 §6 and the extensions named at each.

use crate::{
    Atom, DateTime, EntryName, FetchAttribute, Flag, GetMetadata, ListPattern, MailboxName, MessageSet, MultiSearch, Notify, NumberSet,
    PartialRange, Search, Secret, SequenceNumber, SetMetadata, Sort, StatusItem, Tag, Thread,
};

/// One command. Every part of it is well-formed; whether it is allowed and makes sense is for the session to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub tag: Tag,
    pub body: CommandBody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandBody {
    // In any state.
    Capability,
    Noop,
    Logout,
    /// RFC 2971; at most 30 fields, none for `NIL`.
    Id(Vec<(String, Option<String>)>),

    // Before signing in.
    StartTls,
    /// What follows comes as lines: `Framer::expect_line`, then [`crate::parse_sasl_line`].
    Authenticate {
        mechanism: Atom,
        /// SASL-IR (RFC 4959), decoded; `=` is an empty one.
        initial: Option<Secret>,
    },
    Login {
        user: String,
        password: Secret,
    },

    // Signed in.
    Enable(Vec<Enable>),
    Select(Select),
    Examine(Select),
    Create {
        mailbox: MailboxName,
        /// `USE (…)`: CREATE-SPECIAL-USE, RFC 6154 §3; empty without.
        special_uses: Vec<SpecialUse>,
    },
    Delete(MailboxName),
    Rename {
        from: MailboxName,
        to: MailboxName,
    },
    Subscribe(MailboxName),
    Unsubscribe(MailboxName),
    List(List),
    /// RFC 3501
    Lsub {
        reference: String,
        pattern: ListPattern,
    },
    Namespace,
    Status {
        mailbox: MailboxName,
        /// At least one, none twice.
        items: Vec<StatusItem>,
    },
    Append(Append),
    /// What follows is the line `DONE`: `Framer::expect_line`, then [`crate::is_done`].
    Idle,
    /// RFC 9208
    GetQuota {
        root: String,
    },
    GetQuotaRoot(MailboxName),
    SetQuota {
        root: String,
        limits: Vec<(Atom, u64)>,
    },
    /// RFC 4978
    Compress {
        algorithm: Atom,
    },
    /// RFC 7377
    ESearch(MultiSearch),
    /// RFC 9698
    GetJmapAccess,
    /// RFC 5464
    GetMetadata(GetMetadata),
    /// RFC 5464
    SetMetadata(SetMetadata),
    /// RFC 5465
    Notify(Notify),

    // With a mailbox selected.
    Close,
    Unselect,
    /// RFC 3501
    Check,
    Expunge,
    /// UIDPLUS, RFC 4315
    UidExpunge(MessageSet),
    Search(Search),
    /// RFC 5256
    Sort(Sort),
    /// RFC 5256
    Thread(Thread),
    Fetch(Fetch),
    Store(Store),
    Copy(Copy),
    /// RFC 6851
    Move(Copy),
    Replace(Replace),
}

/// `capability` as an argument of ENABLE. RFC 5161
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enable {
    Imap4Rev2,
    /// RFC 6855
    Utf8Accept,
    /// RFC 7162
    CondStore,
    QResync,
    /// RFC 9586
    UidOnly,
    /// RFC 5464 §4.1: to be told what others change.
    Metadata,
    /// RFC 5161 §3.1: what we do not know is passed over.
    Other(Atom),
}

/// SELECT and EXAMINE. RFC 9051 §6.3.2, RFC 4466 §2.1
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    pub mailbox: MailboxName,
    /// `CONDSTORE`. RFC 7162 §3.1.8
    pub condstore: bool,
    pub qresync: Option<QResync>,
}

/// `QRESYNC (uidvalidity modseq [known-uids] [(numbers uids)])`. RFC 7162 §3.2.5
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QResync {
    pub uid_validity: u32,
    /// At least 1.
    pub mod_seq: u64,
    pub known_uids: Option<NumberSet>,
    /// Sequence numbers and their uids, as the client last knew them.
    pub matches: Option<(NumberSet, NumberSet)>,
}

/// A use that the server may give a mailbox. RFC 6154 §2, RFC 8457 (`\Important`)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecialUse {
    All,
    Archive,
    Drafts,
    Flagged,
    Important,
    Junk,
    Sent,
    Trash,
}

impl SpecialUse {
    pub const ALL: [Self; 8] =
        [Self::All, Self::Archive, Self::Drafts, Self::Flagged, Self::Important, Self::Junk, Self::Sent, Self::Trash];

    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "\\All",
            Self::Archive => "\\Archive",
            Self::Drafts => "\\Drafts",
            Self::Flagged => "\\Flagged",
            Self::Important => "\\Important",
            Self::Junk => "\\Junk",
            Self::Sent => "\\Sent",
            Self::Trash => "\\Trash",
        }
    }
}

/// LIST, plain or extended. RFC 9051 §6.3.9, RFC 5258, RFC 5819 (LIST-STATUS)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// `None` when no selection list was there; `()` is one without options.
    pub select: Option<ListSelect>,
    pub reference: String,
    /// At least one.
    pub patterns: Vec<ListPattern>,
    pub returns: Option<ListReturn>,
}

impl List {
    /// Whether it uses the extended syntax: then the answer carries `\Subscribed` and the like where asked for, and `LIST "" ""` asks no delimiter.
    pub fn is_extended(&self) -> bool {
        self.select.is_some() || self.returns.is_some() || self.patterns.len() > 1
    }
}

/// `list-select-opts`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListSelect {
    pub subscribed: bool,
    pub remote: bool,
    /// Only beside `subscribed` or `special_use`.
    pub recursive_match: bool,
    pub special_use: bool,
}

/// `list-return-opts`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListReturn {
    pub subscribed: bool,
    pub children: bool,
    pub special_use: bool,
    /// Empty without `STATUS (…)`.
    pub status: Vec<StatusItem>,
    /// Empty without `METADATA (…)`. RFC 9590
    pub metadata: Vec<EntryName>,
}

/// APPEND. RFC 9051 §6.3.12, RFC 3502 (MULTIAPPEND)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    pub mailbox: MailboxName,
    /// At least one. What is sent of them went by as [`crate::Frame::Message`] and [`crate::Frame::MessageOctets`], in this order.
    pub messages: Vec<AppendMessage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendMessage {
    pub flags: Vec<Flag>,
    pub date: Option<DateTime>,
    pub data: AppendData,
}

impl AppendMessage {
    /// The sizes of what is sent for it, in order.
    pub fn sizes(&self) -> impl DoubleEndedIterator<Item = u64> {
        let (whole, parts) = match &self.data {
            AppendData::Literal { size, .. } => (Some(*size), &[][..]),
            AppendData::Catenate(parts) => (None, parts.as_slice()),
        };
        let text = |part: &CatenatePart| if let CatenatePart::Text { size } = part { Some(*size) } else { None };
        whole.into_iter().chain(parts.iter().filter_map(text))
    }
}

/// Where a message of APPEND is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppendData {
    /// It is sent.
    Literal { size: u64, form: MessageForm },
    /// It is put together of what is sent and of what is there; at least one part. RFC 4469
    Catenate(Vec<CatenatePart>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatenatePart {
    /// Its octets went by as those of a message.
    Text { size: u64 },
    /// Not looked at yet: see [`crate::MessageUrl::parse`].
    Url(String),
}

/// REPLACE: a message goes and another comes, in whichever mailbox. RFC 8508
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replace {
    pub replaced: Replaced,
    pub mailbox: MailboxName,
    /// Its octets went by as those of an APPEND.
    pub message: AppendMessage,
}

/// The message that goes, of the selected mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// `UID REPLACE`
    pub uid: bool,
    pub number: SequenceNumber,
}

/// How a whole message of APPEND was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageForm {
    /// `{n}`
    Literal,
    /// `~{n}`: may hold NUL. RFC 3516
    Literal8,
    /// `UTF8 (~{n} …)`: has UTF-8 in its header. RFC 6855 §4
    Utf8,
}

/// FETCH. RFC 9051 §6.4.5
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// `UID FETCH`: then `messages` are uids, and every answer carries its UID.
    pub uid: bool,
    pub messages: MessageSet,
    /// At least one.
    pub attributes: Vec<FetchAttribute>,
    /// `CHANGEDSINCE`. RFC 7162 §3.1.4
    pub changed_since: Option<u64>,
    /// `VANISHED`: only with UID FETCH and CHANGEDSINCE. RFC 7162 §3.2.6
    pub vanished: bool,
    /// Only with UID FETCH. RFC 9394 §3.3
    pub partial: Option<PartialRange>,
}

/// STORE. RFC 9051 §6.4.6
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// `UID STORE`
    pub uid: bool,
    pub messages: MessageSet,
    pub action: StoreAction,
    /// `.SILENT`
    pub silent: bool,
    pub flags: Vec<Flag>,
    /// RFC 7162 §3.1.3
    pub unchanged_since: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreAction {
    Replace,
    Add,
    Remove,
}

/// COPY and MOVE. RFC 9051 §6.4.7, §6.4.8
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// `UID COPY`, `UID MOVE`
    pub uid: bool,
    pub messages: MessageSet,
    pub mailbox: MailboxName,
}

impl CommandBody {
    /// The command's word, for logs and figures: `UID FETCH` is `FETCH`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Capability => "CAPABILITY",
            Self::Noop => "NOOP",
            Self::Logout => "LOGOUT",
            Self::Id(_) => "ID",
            Self::StartTls => "STARTTLS",
            Self::Authenticate { .. } => "AUTHENTICATE",
            Self::Login { .. } => "LOGIN",
            Self::Enable(_) => "ENABLE",
            Self::Select(_) => "SELECT",
            Self::Examine(_) => "EXAMINE",
            Self::Create { .. } => "CREATE",
            Self::Delete(_) => "DELETE",
            Self::Rename { .. } => "RENAME",
            Self::Subscribe(_) => "SUBSCRIBE",
            Self::Unsubscribe(_) => "UNSUBSCRIBE",
            Self::List(_) => "LIST",
            Self::Lsub { .. } => "LSUB",
            Self::Namespace => "NAMESPACE",
            Self::Status { .. } => "STATUS",
            Self::Append(_) => "APPEND",
            Self::Idle => "IDLE",
            Self::GetQuota { .. } => "GETQUOTA",
            Self::GetQuotaRoot(_) => "GETQUOTAROOT",
            Self::SetQuota { .. } => "SETQUOTA",
            Self::Compress { .. } => "COMPRESS",
            Self::ESearch(_) => "ESEARCH",
            Self::GetJmapAccess => "GETJMAPACCESS",
            Self::GetMetadata(_) => "GETMETADATA",
            Self::SetMetadata(_) => "SETMETADATA",
            Self::Notify(_) => "NOTIFY",
            Self::Close => "CLOSE",
            Self::Unselect => "UNSELECT",
            Self::Check => "CHECK",
            Self::Expunge | Self::UidExpunge(_) => "EXPUNGE",
            Self::Search(_) => "SEARCH",
            Self::Sort(_) => "SORT",
            Self::Thread(_) => "THREAD",
            Self::Fetch(_) => "FETCH",
            Self::Store(_) => "STORE",
            Self::Copy(_) => "COPY",
            Self::Move(_) => "MOVE",
            Self::Replace(_) => "REPLACE",
        }
    }
}
