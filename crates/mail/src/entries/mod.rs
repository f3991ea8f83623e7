//! What mailboxes hold: entries, each a uid in a mailbox that stands for a message, with flags of its own.
//!
//! Everything that changes entries is here and in [`crate::messages::append`], and keeps the counts of mailboxes and heads in the same transaction.
//! Work on many entries goes in chunks, because a transaction must not hold up others: the plain operations take a `limit` and answer where to go on,
//! those that end in `_all` go on by themselves.

mod by_message;
mod copy;
mod expunge;
mod flags;
mod list;
mod pick;
mod repo;
mod whole;

use kernel::Timestamp;
use store::StoreError;

pub use by_message::{Destroyed, change_keywords, destroy, set_mailboxes};
pub use copy::{Copied, copy, move_to};
pub(crate) use expunge::expunge_whole;
pub use expunge::{Expunge, Expunged, expunge};
pub use flags::{FlagChange, FlagsChanged, change_flags};
pub use list::{
    EntryOfMessage, Missed, ShownEntry, Since, entries_of_messages, entries_since, find_entries, for_each_entry, for_each_rendered,
    missed_since,
};
pub(crate) use repo::{
    AFTER_ENTRY, BY_CHANGE, BY_THREAD, BY_TIME, ENTRY_COLUMNS, NewEntry, ThreadCounts, insert, push_numbers, read_entry, stored_saved_at,
    thread_counts,
};
pub use whole::{CHUNK, change_flags_all, copy_all, expunge_all, move_all};

use crate::heads::MailError;
use crate::mailboxes::MailboxError;
use crate::{FlagError, Flags, MessageId, ThreadId};

/// An entry as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    pub uid: u32,
    pub message: MessageId,
    pub thread: ThreadId,
    pub flags: Flags,
    pub received_at: Timestamp,
    /// When it entered this mailbox, however old it is. RFC 8514
    pub saved_at: Timestamp,
    pub size_bytes: u64,
    /// IMAP's MODSEQ.
    pub change_number: i64,
}

/// Entries could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    #[error(transparent)]
    Flag(#[from] FlagError),
    #[error("{used_bytes} of {quota_bytes} bytes are used")]
    OverQuota { used_bytes: u64, quota_bytes: u64 },
    /// To be in no mailbox means to be destroyed, which is asked for by another name.
    #[error("a message is in at least one mailbox")]
    NoMailbox,
    #[error("could not change what is in the mailbox")]
    Store(#[from] StoreError),
}
kernel::faults! { EntryError:
    EntryError::Mail(inner) => inner,
    EntryError::Mailbox(inner) => inner,
    EntryError::Flag(inner) => inner,
    EntryError::OverQuota { used_bytes, quota_bytes } => LimitReached "mail_over_quota" { used_bytes, quota_bytes },
    EntryError::NoMailbox => Invalid "message_needs_mailbox",
    EntryError::Store(inner) => inner,
}
