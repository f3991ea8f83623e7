//! 注释: what programs note on mailboxes, and for themselves on the server: short values with names (RFC 5464).
//!
//! A note belongs to its mailbox: it goes where that is renamed to and is gone with it. `None` in place of a mailbox is the account itself.

mod repo;

use std::collections::HashMap;

use kernel::{Ctx, MailAccountId};
use store::{StoreError, Tx};

pub(crate) use repo::{copy, delete_of};

use crate::MailboxId;
use crate::heads::{self, MailError};
use crate::mailboxes;

/// Of one value.
pub const MAX_VALUE_BYTES: usize = 64 << 10;
/// Of one mailbox, and as many of the account itself.
pub const MAX_ENTRIES: usize = 100;
/// Of all of an account: 1 MiB of values, …
pub const MAX_ACCOUNT_BYTES: u64 = 1 << 20;
/// … and so many entries.
pub const MAX_ACCOUNT_ENTRIES: u64 = 5_000;
/// How many removed ones of a mailbox are remembered.
const REMOVED_KEPT: usize = 100;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As it was spelled when it was made.
    pub name: String,
    pub value: Vec<u8>,
}

/// A note that was set or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedEntry {
    pub mailbox: Option<MailboxId>,
    pub name: String,
    pub change_number: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("a note has at most {MAX_VALUE_BYTES} bytes")]
    ValueTooLarge,
    #[error("there is no room for more notes")]
    TooMany,
    #[error("could not keep the notes")]
    Store(#[from] StoreError),
}
kernel::faults! { MetadataError:
    MetadataError::Mail(inner) => inner,
    MetadataError::ValueTooLarge => Invalid "metadata_value_too_large",
    MetadataError::TooMany => LimitReached "too_many_metadata_entries",
    MetadataError::Store(inner) => inner,
}

/// All notes of a mailbox by name; at most [`MAX_ENTRIES`].
pub fn list(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, mailbox: Option<MailboxId>) -> Result<Vec<Entry>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::of(tx, account, mailbox)?)
}

/// Those notes of all mailboxes that have one of these names.
pub fn list_named(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, names: &[String]) -> Result<HashMap<MailboxId, Vec<Entry>>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::named(tx, account, names)?)
}

/// Sets notes, or removes those that are given `None`: all of them or none. Answers the number of the change.
pub fn set(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: Option<MailboxId>,
    changes: &[(String, Option<Vec<u8>>)],
) -> Result<i64, MetadataError> {
    let head = heads::open(ctx, tx, account)?;
    if let Some(mailbox) = mailbox
        && !mailboxes::repo::exists(tx, account, mailbox)?
    {
        return Err(MailError::MailboxNotFound(mailbox).into());
    }
    if changes.iter().any(|(_, value)| value.as_ref().is_some_and(|value| value.len() > MAX_VALUE_BYTES)) {
        return Err(MetadataError::ValueTooLarge);
    }
    let change_number = heads::begin_change(tx, &head)?;
    let mut changed = false;
    for (name, value) in changes {
        changed |= repo::put(tx, account, mailbox, name, value.as_deref(), change_number)?;
    }
    if let Some(mailbox) = mailbox.filter(|_| changed) {
        // RFC 7162 §3.2: a mailbox's HIGHESTMODSEQ grows with its notes, too.
        mailboxes::repo::set_change_number(tx, account, mailbox, change_number)?;
    }
    // What is there is counted after the fact: a command that frees as much as it takes is fine, and what is too much is taken back with the rest.
    if changes.iter().any(|(_, value)| value.is_some()) {
        let (of_mailbox, entries, bytes) = repo::usage(tx, account, mailbox)?;
        if of_mailbox > MAX_ENTRIES as u64 || entries > MAX_ACCOUNT_ENTRIES || bytes > MAX_ACCOUNT_BYTES {
            return Err(MetadataError::TooMany);
        }
    }
    repo::forget_removed(tx, account, mailbox, REMOVED_KEPT)?;
    Ok(change_number)
}

/// What was set or removed after a change, oldest first, and the account's change number as it is now.
pub fn changed_since(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, since: i64) -> Result<(i64, Vec<ChangedEntry>), MailError> {
    let head = heads::open(ctx, tx, account)?;
    Ok((head.change_number, repo::changed_since(tx, account, since)?))
}
