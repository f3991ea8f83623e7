//! What SEARCH, SORT and THREAD can ask for. RFC 9051 §6.4.4, RFC 5256

use std::num::NonZeroU32;
use std::ops::Range;

use crate::{Atom, Date, MailboxName, MessageSet, ObjectId};

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
    /// Never beside `all`. RFC 9394 §3.1
    pub partial: Option<PartialRange>,
}

impl ReturnOptions {
    /// `RETURN ()` means `RETURN (ALL)`. RFC 4731 §3.1
    pub const ALL: Self = Self { min: false, max: false, all: true, count: false, save: false, partial: None };
}

/// `partial-range`: a part of what was found, counted from 1 at its beginning or at its end. RFC 9394 §4
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialRange {
    /// As the client wrote them: in either order.
    pub first: NonZeroU32,
    pub last: NonZeroU32,
    /// `-1:-100`: 1 is the last that was found.
    pub from_end: bool,
}

impl PartialRange {
    /// The places, from 0, of `count` that were found; those that are not there fall away.
    pub fn of(self, count: usize) -> Range<usize> {
        let (low, high) = (self.first.min(self.last).get() as usize, self.first.max(self.last).get() as usize);
        if self.from_end { count.saturating_sub(high)..(count + 1).saturating_sub(low) } else { (low - 1).min(count)..high.min(count) }
    }
}

/// SEARCH. With `returns` the answer is ESEARCH; without, `* SEARCH` under RFC 3501 and `* ESEARCH … ALL` under RFC 9051.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// `UID SEARCH`
    pub uid: bool,
    pub returns: Option<ReturnOptions>,
    pub key: SearchKey,
}

/// ESEARCH: always by uids. RFC 7377
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiSearch {
    /// `IN (…)`, at least one; `None` is the selected mailbox.
    pub sources: Option<Vec<SourceMailboxes>>,
    pub returns: Option<ReturnOptions>,
    pub key: SearchKey,
}

/// `source-mbox`: mailboxes that are looked into. RFC 7377 §2.2, RFC 5465 §6
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceMailboxes {
    Selected,
    /// Those that mail is delivered to.
    Inboxes,
    /// All of the user's own.
    Personal,
    Subscribed,
    /// These and all below them; at least one.
    Subtree(Vec<MailboxName>),
    /// These and those right below them; at least one.
    SubtreeOne(Vec<MailboxName>),
    /// At least one.
    Mailboxes(Vec<MailboxName>),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_counted_from_either_end_and_ends_where_there_is_no_more() {
        let of = |first: u32, last: u32, from_end: bool, count: usize| {
            let number = |number: u32| NonZeroU32::new(number).unwrap();
            PartialRange { first: number(first), last: number(last), from_end }.of(count)
        };
        assert_eq!((of(1, 3, false, 10), of(5, 3, false, 10), of(9, 20, false, 10)), (0..3, 2..5, 8..10));
        assert_eq!((of(1, 3, true, 10), of(3, 1, true, 10), of(9, 20, true, 10)), (7..10, 7..10, 0..2));
        assert!(of(11, 20, false, 10).is_empty() && of(11, 20, true, 10).is_empty() && of(1, 1, true, 0).is_empty());
    }
}
