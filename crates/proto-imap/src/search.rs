//! What SEARCH, SORT and THREAD can ask for. RFC 9051 §6.4.4, RFC 5256

use crate::{Atom, Date, MessageSet, ObjectId};

/// `search-key`. Several keys side by side are an [`SearchKey::And`]. Texts are UTF-8 whatever charset they came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchKey {
    All,
    Answered,
    Unanswered,
    Deleted,
    Undeleted,
    Draft,
    Undraft,
    Flagged,
    Unflagged,
    Seen,
    Unseen,
    /// RFC 3501 only, as are `Old` and `New`.
    Recent,
    Old,
    New,
    Keyword(Atom),
    Unkeyword(Atom),
    /// By INTERNALDATE, as are `On` and `Since`: without regard to time and zone.
    Before(Date),
    On(Date),
    Since(Date),
    /// By the Date field.
    SentBefore(Date),
    SentOn(Date),
    SentSince(Date),
    /// Seconds. RFC 5032
    Older(u32),
    Younger(u32),
    /// RFC 8514
    SavedBefore(Date),
    SavedOn(Date),
    SavedSince(Date),
    SaveDateSupported,
    Larger(u64),
    Smaller(u64),
    From(String),
    To(String),
    Cc(String),
    Bcc(String),
    Subject(String),
    Body(String),
    Text(String),
    /// An empty text means: has the field at all.
    Header {
        field: String,
        text: String,
    },
    Sequence(MessageSet),
    Uid(MessageSet),
    /// RFC 7162 §3.1.5; the entry name and type are read and dropped, as we keep one number for all of a message.
    ModSeq(u64),
    /// RFC 8474
    EmailId(ObjectId),
    ThreadId(ObjectId),
    Not(Box<SearchKey>),
    Or(Box<SearchKey>, Box<SearchKey>),
    /// At least one.
    And(Vec<SearchKey>),
}

/// `RETURN (…)`. RFC 4731, RFC 5182
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReturnOptions {
    pub min: bool,
    pub max: bool,
    pub all: bool,
    pub count: bool,
    /// Keep the result as `$`.
    pub save: bool,
}

impl ReturnOptions {
    /// `RETURN ()` means `RETURN (ALL)`. RFC 4731 §3.1
    pub const ALL: Self = Self { min: false, max: false, all: true, count: false, save: false };
}

/// SEARCH. With `returns` the answer is ESEARCH; without, `* SEARCH` under RFC 3501 and `* ESEARCH … ALL` under RFC 9051.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// `UID SEARCH`
    pub uid: bool,
    pub returns: Option<ReturnOptions>,
    pub key: SearchKey,
}

/// SORT. RFC 5256, RFC 5267 (ESORT)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    pub uid: bool,
    pub returns: Option<ReturnOptions>,
    /// At least one.
    pub order: Vec<SortCriterion>,
    pub key: SearchKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortCriterion {
    pub by: SortBy,
    pub reverse: bool,
}

/// `sort-key`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    Arrival,
    Cc,
    Date,
    From,
    Size,
    Subject,
    To,
    /// RFC 5957
    DisplayFrom,
    /// RFC 5957
    DisplayTo,
}

/// THREAD. RFC 5256
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    pub uid: bool,
    pub algorithm: ThreadAlgorithm,
    pub key: SearchKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadAlgorithm {
    OrderedSubject,
    References,
}
