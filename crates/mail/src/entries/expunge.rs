use std::collections::HashMap;

use kernel::{Ctx, MailAccountId, Timestamp};
use store::{StoreError, Tx};

use super::pick::{Picked, pick};
use super::repo::{self, ThreadCounts};
use super::{CHUNK, EntryError, EntryRow};
use crate::changes::day_of;
use crate::heads::{self, Head, MailError};
use crate::mailboxes::{self, repo::Counted};
use crate::{MailboxId, MessageId, ThreadId, UidSet};
use crate::{messages, removed_messages};

/// Which entries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expunge {
    /// Those with `\Deleted`: EXPUNGE.
    Deleted,
    /// Those of the set with `\Deleted`: UID EXPUNGE.
    DeletedAmong(UidSet),
    /// Those of the set, whatever their flags.
    Exactly(UidSet),
    /// The whole mailbox.
    All,
}

/// What an expunge did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expunged {
    /// What went, by uid.
    pub uids: Vec<u32>,
    /// The number of this change; that of the last one when nothing went.
    pub change_number: i64,
    /// Where to go on, when `limit` cut it short.
    pub next: Option<u32>,
}

/// Removes entries, at most `limit` of them. A message without any entry left is gone.
pub fn expunge(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    which: &Expunge,
    limit: usize,
) -> Result<Expunged, EntryError> {
    let head = heads::open(ctx, tx, account)?;
    if !mailboxes::repo::exists(tx, account, mailbox)? {
        return Err(MailError::MailboxNotFound(mailbox).into());
    }
    let picked = pick_for(tx, account, mailbox, which, limit)?;
    let mut done = Expunged { uids: picked.rows.iter().map(|row| row.uid).collect(), change_number: head.change_number, next: picked.next };
    if !picked.rows.is_empty() {
        done.change_number = heads::begin_change(tx, &head)?;
        remove(tx, &head, mailbox, &picked, done.change_number, ctx.now, AfterRemoval::Destroy)?;
    }
    Ok(done)
}

fn pick_for(tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, which: &Expunge, limit: usize) -> Result<Picked, StoreError> {
    let (set, next) = match which {
        Expunge::All => (UidSet::all(), None),
        Expunge::Exactly(set) => (set.clone(), None),
        Expunge::Deleted | Expunge::DeletedAmong(_) => {
            let all = UidSet::all();
            let among = if let Expunge::DeletedAmong(set) = which { set } else { &all };
            let from = among.ranges().next().map_or(u32::MAX, |range| *range.start());
            let mut uids = repo::deleted_uids(tx, account, mailbox, from, limit + 1)?;
            let next = (uids.len() > limit).then(|| uids[limit]);
            uids.truncate(limit);
            uids.retain(|uid| among.contains(*uid));
            (uids.into_iter().collect(), next)
        }
    };
    let mut picked = pick(tx, account, mailbox, &set, 0, limit)?;
    picked.next = picked.next.or(next);
    Ok(picked)
}

/// Everything in a mailbox in one transaction; for few, or where nothing else waits.
pub(crate) fn expunge_whole(ctx: &Ctx, tx: &mut Tx, head: &Head, mailbox: MailboxId) -> Result<(), StoreError> {
    loop {
        let picked = pick(tx, head.account, mailbox, &UidSet::all(), 0, CHUNK)?;
        if !picked.rows.is_empty() {
            let change = heads::begin_change(tx, head)?;
            remove(tx, head, mailbox, &picked, change, ctx.now, AfterRemoval::Destroy)?;
        }
        if picked.next.is_none() {
            return Ok(());
        }
    }
}

/// What becomes of messages that are without any entry after their removal from a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterRemoval {
    /// They are gone, and can be brought back for a while.
    Destroy,
    /// They are gone for good; another message has taken their place.
    Forget,
    /// They have got another entry in this transaction.
    Keep,
}

/// Removes picked entries of one mailbox.
pub(super) fn remove(
    tx: &mut Tx,
    head: &Head,
    mailbox: MailboxId,
    picked: &Picked,
    change_number: i64,
    now: Timestamp,
    after: AfterRemoval,
) -> Result<(), StoreError> {
    let gone_on = day_of(now);
    let counted = count_away(tx, head.account, mailbox, &picked.rows)?;
    for piece in picked.pieces(&picked.all()) {
        repo::bury(tx, head.account, mailbox, &piece, change_number, gone_on)?;
    }
    mailboxes::repo::add_counts(tx, head.account, mailbox, &counted, 0, change_number)?;
    if after == AfterRemoval::Keep {
        return Ok(());
    }
    let messages: Vec<MessageId> = picked.rows.iter().map(|row| row.message).collect();
    let gone = messages::destroy_unheld(tx, head, &messages, change_number, gone_on)?;
    let kept: &[EntryRow] = if after == AfterRemoval::Destroy { &picked.rows } else { &[] };
    removed_messages::keep(tx, head, mailbox, &gone, kept, now)
}

/// What the counts of a mailbox change by when it gets rows.
pub(super) fn count_more(tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, rows: &[EntryRow]) -> Result<Counted, StoreError> {
    let (mut counted, by_thread, before) = sum(tx, account, mailbox, rows)?;
    for (thread, more) in by_thread {
        let old = before.get(&thread).copied().unwrap_or_default();
        counted.total_threads += i64::from(old.total == 0);
        counted.unread_threads += i64::from(old.unread == 0 && more.unread > 0);
    }
    Ok(counted)
}

/// What the counts of a mailbox change by when rows go.
fn count_away(tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, rows: &[EntryRow]) -> Result<Counted, StoreError> {
    let (more, by_thread, before) = sum(tx, account, mailbox, rows)?;
    let mut counted =
        Counted { total: -more.total, unseen: -more.unseen, unread: -more.unread, size_bytes: -more.size_bytes, ..Counted::default() };
    for (thread, gone) in by_thread {
        let old = before.get(&thread).copied().unwrap_or_default();
        counted.total_threads -= i64::from(old.total == gone.total);
        counted.unread_threads -= i64::from(old.unread > 0 && old.unread == gone.unread);
    }
    Ok(counted)
}

type ByThread = HashMap<ThreadId, ThreadCounts>;

/// The rows summed up, by thread, and what the mailbox holds of these threads.
fn sum(tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, rows: &[EntryRow]) -> Result<(Counted, ByThread, ByThread), StoreError> {
    let mut counted = Counted::default();
    let mut by_thread = ByThread::with_capacity(rows.len());
    for row in rows {
        counted.total += 1;
        counted.unseen += i64::from(row.flags.bits.is_unseen());
        counted.unread += i64::from(row.flags.bits.is_unread());
        counted.size_bytes += row.size_bytes as i64;
        let thread = by_thread.entry(row.thread).or_default();
        thread.total += 1;
        thread.unread += i64::from(row.flags.bits.is_unread());
    }
    let threads: Vec<ThreadId> = by_thread.keys().copied().collect();
    let held = repo::thread_counts(tx, account, mailbox, &threads)?;
    Ok((counted, by_thread, held))
}
