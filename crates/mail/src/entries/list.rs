//! Reading what a mailbox holds.

use std::ops::RangeInclusive;

use kernel::{Ctx, MailAccountId};
use store::{Column, StoreError, Tx, params};

use super::pick::pick;
use super::{ENTRY_COLUMNS, EntryRow, read_entry, repo};
use crate::heads::{self, Head, MailError};
use crate::mailboxes;
use crate::{Flags, MailboxId, MessageId, UidSet};

fn open(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, mailbox: MailboxId) -> Result<Head, MailError> {
    let head = heads::open(ctx, tx, account)?;
    if mailboxes::repo::exists(tx, account, mailbox)? { Ok(head) } else { Err(MailError::MailboxNotFound(mailbox)) }
}

/// Hands over the entries of a mailbox by uid, without keeping them; with `changed_since` only those that changed after it. At most `limit`.
#[expect(clippy::too_many_arguments, reason = "a range, a condition, a limit and where they apply")]
pub fn for_each_entry(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: RangeInclusive<u32>,
    changed_since: Option<i64>,
    limit: Option<u64>,
    mut each: impl FnMut(EntryRow),
) -> Result<(), MailError> {
    open(ctx, tx, account, mailbox)?;
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM mailbox_entry e
          WHERE e.account_id = $1 AND e.mailbox_id = $2 AND e.uid BETWEEN $3 AND $4 AND +e.change_number > $5 ORDER BY e.uid LIMIT $6"
    );
    let params = params![account, mailbox, *uids.start(), *uids.end(), changed_since.unwrap_or(-1), limit.unwrap_or(i64::MAX as u64)];
    Ok(tx.for_each(&sql, params, |row| {
        each(read_entry(row)?);
        Ok(())
    })?)
}

/// The entries with uids of a set, by uid, at most `limit`; answers also where to go on.
pub fn find_entries(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: &UidSet,
    limit: usize,
) -> Result<(Vec<EntryRow>, Option<u32>), MailError> {
    open(ctx, tx, account, mailbox)?;
    let picked = pick(tx, account, mailbox, uids, 0, limit)?;
    Ok((picked.rows, picked.next))
}

/// An entry with what was made ready of its message, borrowed from the row.
pub struct ShownEntry<'a> {
    pub entry: EntryRow,
    /// As IMAP sends it, with its parentheses.
    pub envelope: &'a [u8],
    /// BODYSTRUCTURE as IMAP sends it, with its parentheses.
    pub body_structure: &'a [u8],
}

/// As [`for_each_entry`], with ENVELOPE and BODYSTRUCTURE: one statement for any number of messages, nothing copied.
#[expect(clippy::too_many_arguments, reason = "a range, a condition, a limit and where they apply")]
pub fn for_each_rendered(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: RangeInclusive<u32>,
    changed_since: Option<i64>,
    limit: Option<u64>,
    mut each: impl FnMut(ShownEntry<'_>),
) -> Result<(), MailError> {
    open(ctx, tx, account, mailbox)?;
    // CROSS JOIN tells SQLite to begin with the entries; PostgreSQL takes it for the inner join it is.
    let sql = format!(
        "SELECT {ENTRY_COLUMNS}, m.envelope, m.body_structure FROM mailbox_entry e CROSS JOIN message m
          WHERE e.account_id = $1 AND e.mailbox_id = $2 AND e.uid BETWEEN $3 AND $4 AND +e.change_number > $5
            AND m.account_id = $1 AND m.id = e.message_id ORDER BY e.uid LIMIT $6"
    );
    let params = params![account, mailbox, *uids.start(), *uids.end(), changed_since.unwrap_or(-1), limit.unwrap_or(i64::MAX as u64)];
    Ok(tx.for_each(&sql, params, |row| {
        let bytes = |index| match row.column(index) {
            Some(Column::Bytes(bytes)) => Ok(bytes),
            _ => Err(StoreError::Column { column: index, expected: "bytes" }),
        };
        each(ShownEntry { entry: read_entry(row)?, envelope: bytes(repo::AFTER_ENTRY)?, body_structure: bytes(repo::AFTER_ENTRY + 1)? });
        Ok(())
    })?)
}

/// In which mailbox a message is, as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryOfMessage {
    pub message: MessageId,
    pub mailbox: MailboxId,
    pub uid: u32,
    pub flags: Flags,
    pub change_number: i64,
}

/// The entries of messages, by message and mailbox. A message that does not exist has none.
pub fn entries_of_messages(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    messages: &[MessageId],
) -> Result<Vec<EntryOfMessage>, MailError> {
    heads::open(ctx, tx, account)?;
    let rows = repo::of_messages(tx, account, messages)?;
    let mut entries: Vec<_> = rows
        .into_iter()
        .map(|(mailbox, row)| EntryOfMessage {
            message: row.message,
            mailbox,
            uid: row.uid,
            flags: row.flags,
            change_number: row.change_number,
        })
        .collect();
    entries.sort_unstable_by_key(|entry| (entry.message, entry.mailbox));
    Ok(entries)
}

/// What changed in a mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since {
    /// The account's last change that this takes into account.
    pub change_number: i64,
    /// New and changed entries as they are now, by uid.
    pub changed: Vec<EntryRow>,
    /// Uids that went, ascending.
    pub expunged: Vec<u32>,
    /// The tombstones of `since` are not kept any more: `expunged` may lack some, and whoever asks looks at all uids.
    pub is_incomplete: bool,
}

/// What changed in a mailbox after a change number: for sessions that have it open, and QRESYNC.
pub fn entries_since(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, since: i64) -> Result<Since, MailError> {
    let head = open(ctx, tx, account, mailbox)?;
    let mut found = Since { change_number: head.change_number, is_incomplete: since < head.history_from, ..Since::default() };
    if since >= head.change_number {
        return Ok(found);
    }
    found.changed = changed_since(tx, account, mailbox, since, usize::MAX)?;
    found.expunged = expunged_since(tx, account, mailbox, since)?;
    Ok(found)
}

/// What somebody missed who may have been away for long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missed {
    /// New and changed entries as they are now, by uid; `None` when they are more than were asked for.
    pub changed: Option<Vec<EntryRow>>,
    /// As in [`Since`].
    pub expunged: Vec<u32>,
    /// As in [`Since`].
    pub is_incomplete: bool,
}

/// As [`entries_since`], with no more than `limit` changed entries.
pub fn missed_since(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    since: i64,
    limit: usize,
) -> Result<Missed, MailError> {
    let head = open(ctx, tx, account, mailbox)?;
    let changed = if limit == 0 { None } else { Some(changed_since(tx, account, mailbox, since, limit + 1)?) };
    Ok(Missed {
        changed: changed.filter(|changed| changed.len() <= limit),
        expunged: expunged_since(tx, account, mailbox, since)?,
        is_incomplete: since < head.history_from,
    })
}

fn changed_since(tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, since: i64, limit: usize) -> Result<Vec<EntryRow>, StoreError> {
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM mailbox_entry e {} WHERE e.account_id = $1 AND e.change_number > $3 AND +e.mailbox_id = $2 LIMIT $4",
        repo::BY_CHANGE
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut changed = tx.query_all(&sql, params![account, mailbox, since, limit], read_entry)?;
    changed.sort_unstable_by_key(|row| row.uid);
    Ok(changed)
}

fn expunged_since(tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, since: i64) -> Result<Vec<u32>, StoreError> {
    let mut expunged: Vec<u32> = tx.query_all(
        "SELECT uid FROM entry_tombstone WHERE account_id = $1 AND change_number > $3 AND mailbox_id = $2",
        params![account, mailbox, since],
        |row| row.get(0),
    )?;
    expunged.sort_unstable();
    expunged.dedup();
    Ok(expunged)
}
