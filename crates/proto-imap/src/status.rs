//! What STATUS tells of a mailbox. RFC 9051 §6.3.11

use crate::ObjectId;

/// `status-att`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusItem {
    Messages,
    /// RFC 3501
    Recent,
    UidNext,
    UidValidity,
    Unseen,
    Deleted,
    /// RFC 8438
    Size,
    /// RFC 7162
    HighestModSeq,
    /// RFC 7889
    AppendLimit,
    /// RFC 8474
    MailboxId,
    /// RFC 9208
    DeletedStorage,
}

impl StatusItem {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messages => "MESSAGES",
            Self::Recent => "RECENT",
            Self::UidNext => "UIDNEXT",
            Self::UidValidity => "UIDVALIDITY",
            Self::Unseen => "UNSEEN",
            Self::Deleted => "DELETED",
            Self::Size => "SIZE",
            Self::HighestModSeq => "HIGHESTMODSEQ",
            Self::AppendLimit => "APPENDLIMIT",
            Self::MailboxId => "MAILBOXID",
            Self::DeletedStorage => "DELETED-STORAGE",
        }
    }

    pub const ALL: [Self; 11] = [
        Self::Messages,
        Self::Recent,
        Self::UidNext,
        Self::UidValidity,
        Self::Unseen,
        Self::Deleted,
        Self::Size,
        Self::HighestModSeq,
        Self::AppendLimit,
        Self::MailboxId,
        Self::DeletedStorage,
    ];
}

/// `status-att-val`: an item with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusValue {
    Messages(u32),
    Recent(u32),
    UidNext(u32),
    UidValidity(u32),
    Unseen(u32),
    Deleted(u32),
    Size(u64),
    HighestModSeq(u64),
    /// `None`: NIL, no limit of its own.
    AppendLimit(Option<u64>),
    MailboxId(ObjectId),
    DeletedStorage(u64),
}

impl StatusValue {
    pub fn item(&self) -> StatusItem {
        match self {
            Self::Messages(_) => StatusItem::Messages,
            Self::Recent(_) => StatusItem::Recent,
            Self::UidNext(_) => StatusItem::UidNext,
            Self::UidValidity(_) => StatusItem::UidValidity,
            Self::Unseen(_) => StatusItem::Unseen,
            Self::Deleted(_) => StatusItem::Deleted,
            Self::Size(_) => StatusItem::Size,
            Self::HighestModSeq(_) => StatusItem::HighestModSeq,
            Self::AppendLimit(_) => StatusItem::AppendLimit,
            Self::MailboxId(_) => StatusItem::MailboxId,
            Self::DeletedStorage(_) => StatusItem::DeletedStorage,
        }
    }
}
