use std::collections::HashSet;

use kernel::{Ctx, MailAccountId, Timestamp};
use store::{StoreError, Tx};

use super::EntryError;
use super::expunge::{AfterRemoval, count_more, remove};
use super::pick::{Picked, pick};
use super::repo::{self, NewEntry};
use crate::heads::{self, Head, MailError, Order};
use crate::mailboxes;
use crate::messages;
use crate::{MailboxId, UidSet};

/// What a copy or a move did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// Of the target.
    pub uid_validity: u32,
    /// Old uid and new uid, ascending by both unless a message was in the target already.
    pub pairs: Vec<(u32, u32)>,
    /// The number of this change; that of the last one when nothing was copied.
    pub change_number: i64,
    /// Where to go on, when `limit` cut it short.
    pub next: Option<u32>,
}

/// Puts messages into another mailbox, too, at most `limit`. A message that is there already gets a second one on the same bytes, which counts
/// against the quota.
pub fn copy(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    from: MailboxId,
    uids: &UidSet,
    to: MailboxId,
    limit: usize,
) -> Result<Copied, EntryError> {
    let (head, uid_validity) = open_both(ctx, tx, account, from, to)?;
    let picked = pick(tx, account, from, uids, 0, limit)?;
    if picked.rows.is_empty() {
        return Ok(Copied { uid_validity, change_number: head.change_number, next: picked.next, ..Copied::default() });
    }
    let change = heads::begin_change(tx, &head)?;
    let (pairs, _) = put(tx, &head, from, &picked, to, (change, ctx.now))?;
    Ok(Copied { uid_validity, pairs, change_number: change, next: picked.next })
}

/// Takes messages from one mailbox to another, at most `limit` (RFC 6851). Nobody ever sees them in both or in neither.
pub fn move_to(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    from: MailboxId,
    uids: &UidSet,
    to: MailboxId,
    limit: usize,
) -> Result<Copied, EntryError> {
    let (head, uid_validity) = open_both(ctx, tx, account, from, to)?;
    let picked = pick(tx, account, from, uids, 0, limit)?;
    if picked.rows.is_empty() {
        return Ok(Copied { uid_validity, change_number: head.change_number, next: picked.next, ..Copied::default() });
    }
    let change = heads::begin_change(tx, &head)?;
    let (pairs, duplicated) = put(tx, &head, from, &picked, to, (change, ctx.now))?;
    let after = if duplicated { AfterRemoval::Forget } else { AfterRemoval::Keep };
    remove(tx, &head, from, &picked, change, ctx.now, after)?;
    Ok(Copied { uid_validity, pairs, change_number: change, next: picked.next })
}

fn open_both(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, from: MailboxId, to: MailboxId) -> Result<(Head, u32), EntryError> {
    let head = heads::open(ctx, tx, account)?;
    if !mailboxes::repo::exists(tx, account, from)? {
        return Err(MailError::MailboxNotFound(from).into());
    }
    let target = mailboxes::repo::find(tx, account, to)?.ok_or(MailError::MailboxNotFound(to))?;
    Ok((head, target.uid_validity))
}

/// Old and new uids, and whether any message had to be made a second time.
type Put = (Vec<(u32, u32)>, bool);

fn put(
    tx: &mut Tx,
    head: &Head,
    from: MailboxId,
    picked: &Picked,
    to: MailboxId,
    (change, now): (i64, Timestamp),
) -> Result<Put, EntryError> {
    let account = head.account;
    let mut held: HashSet<u32> = HashSet::new();
    for piece in picked.pieces(&picked.all()) {
        held.extend(repo::uids_held_by(tx, account, from, &piece, to)?);
    }
    let again = picked.filter(|row| held.contains(&row.uid));
    if !again.is_empty() {
        let bytes: u64 = again.iter().map(|index| picked.rows[*index].size_bytes).sum();
        if !head.has_room_for(bytes) {
            return Err(EntryError::OverQuota { used_bytes: head.used_bytes, quota_bytes: head.quota_bytes.unwrap_or(u64::MAX) });
        }
    }
    let counted = count_more(tx, account, to, &picked.rows)?;
    let (first_uid, _) = mailboxes::repo::add_counts(tx, account, to, &counted, picked.rows.len(), change)?;

    let plain = picked.filter(|row| !held.contains(&row.uid));
    let mut next_uid = first_uid;
    for piece in picked.pieces(&plain) {
        repo::copy(tx, account, from, &piece, to, next_uid, (change, now))?;
        next_uid += piece.count() as u32;
    }
    let order = plain.iter().chain(&again);
    let mut pairs: Vec<(u32, u32)> = order.zip(first_uid..).map(|(index, uid)| (picked.rows[*index].uid, uid)).collect();
    make_again(tx, head, picked, &again, to, next_uid, (change, now))?;
    pairs.sort_unstable();
    Ok((pairs, !again.is_empty()))
}

/// A message has one entry in a mailbox; a second copy of it there is a message of its own on the same blob.
fn make_again(
    tx: &mut Tx,
    head: &Head,
    picked: &Picked,
    again: &[usize],
    to: MailboxId,
    first_uid: u32,
    (change, now): (i64, Timestamp),
) -> Result<(), StoreError> {
    if again.is_empty() {
        return Ok(());
    }
    let bytes: u64 = again.iter().map(|index| picked.rows[*index].size_bytes).sum();
    let order = Order { numbers: again.len() as i64, bytes: bytes as i64, messages: again.len() as i64 };
    let first_number = heads::take_numbers(tx, head, order)?;
    for ((index, uid), number) in again.iter().zip(first_uid..).zip(first_number..) {
        let row = &picked.rows[*index];
        let message = messages::repo::copy(tx, head.account, row.message, number, change)?;
        let entry = NewEntry {
            mailbox: to,
            uid,
            message,
            thread: row.thread,
            flags: &row.flags,
            received_at: row.received_at,
            saved_at: now,
            size_bytes: row.size_bytes,
        };
        repo::insert(tx, head.account, &entry, change)?;
    }
    Ok(())
}
