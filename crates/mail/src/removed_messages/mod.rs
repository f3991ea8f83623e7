//! What was expunged stays recoverable for a while: its holder finds it here and brings it back, and so does an administrator by the time of its removal.
//!
//! A message that loses its last entry is gone for every protocol, leaves its tombstone, and frees its quota; but its row and its blob stay, and a row of
//! `removed_message` says so. [`restore`] makes a new message of it, because clients were told that the old one is gone. [`sweep`] removes for good what is past
//! its time, and [`keep`] what is more than an account may have waiting, oldest first, so that nobody fills the disk by adding and removing.

mod list;
mod repo;
mod restore;
mod sweep;

use std::collections::HashMap;

use kernel::Timestamp;
use store::{StoreError, Tx};

pub use list::{RemovedMessage, list};
pub(crate) use repo::NOT_REMOVED;
pub use restore::{Progress, RestoreError, Restored, restore, restore_more};
pub use sweep::{forget, sweep};

use crate::entries::EntryRow;
use crate::heads::Head;
use crate::mailboxes::{self, Role};
use crate::messages::repo::Gone;
use crate::{FlagBits, MailboxId, MessageId};

/// What may wait in an account without a quota.
const MOST_BYTES_WITHOUT_QUOTA: u64 = 50 << 30;
/// And never less than this, however small the quota.
const LEAST_BYTES: u64 = 64 << 20;
const MOST_MESSAGES: u64 = 1_000_000;
/// What one removal removes for good at most, besides as many as it adds.
const MADE_ROOM_AT_ONCE: usize = 1000;

/// Keeps messages that have just gone, `rows` being their last entries, in `mailbox`; and lets go of the oldest when it gets too much.
pub(crate) fn keep(
    tx: &mut Tx,
    head: &Head,
    mailbox: MailboxId,
    gone: &[Gone],
    rows: &[EntryRow],
    now: Timestamp,
) -> Result<(), StoreError> {
    if gone.is_empty() {
        return Ok(());
    }
    let (kept, worthless) = apart(tx, head, mailbox, gone, rows)?;
    repo::delete_messages(tx, head.account, &worthless)?;
    let bytes: i64 = kept.iter().map(|(gone, _)| gone.size_bytes).sum();
    repo::insert(tx, head.account, mailbox, &kept, now)?;
    let (count, waiting) = repo::add_waiting(tx, head.account, kept.len() as i64, bytes)?;
    let most_bytes = head.quota_bytes.unwrap_or(MOST_BYTES_WITHOUT_QUOTA).max(LEAST_BYTES);
    if waiting <= most_bytes && count <= MOST_MESSAGES {
        return Ok(());
    }
    let mut too_many = Vec::new();
    let (mut count, mut waiting) = (count, waiting);
    for (message, size_bytes) in repo::oldest(tx, head.account, Timestamp::from_micros(i64::MAX), kept.len() + MADE_ROOM_AT_ONCE)? {
        if waiting <= most_bytes && count <= MOST_MESSAGES {
            break;
        }
        (count, waiting) = (count - 1, waiting.saturating_sub(size_bytes));
        too_many.push((message, size_bytes));
    }
    repo::forget(tx, head.account, &too_many)
}

type WithEntry<'a> = (&'a Gone, &'a EntryRow);

/// Those worth keeping, and the others: mail programs replace a draft with every pause in writing, so what was a draft among drafts is kept by its successor.
fn apart<'a>(
    tx: &mut Tx,
    head: &Head,
    mailbox: MailboxId,
    gone: &'a [Gone],
    rows: &'a [EntryRow],
) -> Result<(Vec<WithEntry<'a>>, Vec<MessageId>), StoreError> {
    let is_draft = |row: &EntryRow| row.flags.bits.contains(FlagBits::DRAFT);
    let among_drafts = rows.iter().any(is_draft) && mailboxes::repo::find_role_id(tx, head.account, Role::Drafts)? == Some(mailbox);
    let by_message: HashMap<MessageId, &EntryRow> = rows.iter().map(|row| (row.message, row)).collect();
    let (mut kept, mut worthless) = (Vec::with_capacity(gone.len()), Vec::new());
    for message in gone {
        match by_message.get(&message.id) {
            Some(row) if !(among_drafts && is_draft(row)) => kept.push((message, *row)),
            _ => worthless.push(message.id),
        }
    }
    Ok((kept, worthless))
}
