use std::collections::HashMap;

use kernel::{Ctx, MailAccountId};
use store::{StoreError, Tx};

use super::pick::{Picked, pick};
use super::repo::{self, BitChange};
use super::{EntryError, EntryRow};
use crate::heads::{self, Head, MailError};
use crate::mailboxes;
use crate::{Flags, MailboxId, ThreadId, UidSet};

/// What is done with the flags that are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagChange {
    Add,
    Remove,
    /// They take the place of all others.
    Replace,
}

impl FlagChange {
    fn apply(self, old: &Flags, named: &Flags) -> Result<Flags, crate::FlagError> {
        match self {
            Self::Add => old.with(named),
            Self::Remove => Ok(old.without(named)),
            // A keyword that was there keeps its spelling.
            Self::Replace => Flags { bits: named.bits, keywords: kept_spellings(old, named) }.with(named),
        }
    }

    fn bits(self, named: &Flags) -> BitChange {
        let bits = named.bits.raw();
        match self {
            Self::Add => BitChange { or: bits, and: -1 },
            Self::Remove => BitChange { or: 0, and: !bits },
            Self::Replace => BitChange { or: bits, and: bits },
        }
    }
}

fn kept_spellings(old: &Flags, named: &Flags) -> Vec<String> {
    old.keywords.iter().filter(|keyword| named.has_keyword(keyword)).cloned().collect()
}

/// What a change of flags did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlagsChanged {
    /// The number of this change; that of the last one when nothing changed.
    pub change_number: i64,
    /// Entries that are other now, as they are now, by uid.
    pub changed: Vec<EntryRow>,
    /// Entries that had these flags already.
    pub unchanged: Vec<EntryRow>,
    /// Changed after `unchanged_since`, and so left alone (RFC 7162 §3.1.3).
    pub conflicting: Vec<u32>,
    /// Where to go on, when `limit` cut it short.
    pub next: Option<u32>,
}

/// Changes the flags of entries, at most `limit` of them. Uids without an entry are nothing to do.
#[expect(clippy::too_many_arguments, reason = "each of them is a part of the STORE command")]
pub fn change_flags(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: &UidSet,
    how: FlagChange,
    flags: &Flags,
    unchanged_since: Option<i64>,
    limit: usize,
) -> Result<FlagsChanged, EntryError> {
    let head = heads::open(ctx, tx, account)?;
    if !mailboxes::repo::exists(tx, account, mailbox)? {
        return Err(MailError::MailboxNotFound(mailbox).into());
    }
    let picked = pick(tx, account, mailbox, uids, 0, limit)?;
    let mut change = None;
    let mut done = apply(tx, &head, mailbox, picked, how, flags, unchanged_since, &mut change)?;
    done.change_number = change.unwrap_or(head.change_number);
    Ok(done)
}

/// Changes the flags of what was picked, under the change number in `change`, which is taken when there is something to change.
#[expect(clippy::too_many_arguments, reason = "each of them is a part of the STORE command")]
pub(super) fn apply(
    tx: &mut Tx,
    head: &Head,
    mailbox: MailboxId,
    mut picked: Picked,
    how: FlagChange,
    flags: &Flags,
    unchanged_since: Option<i64>,
    change: &mut Option<i64>,
) -> Result<FlagsChanged, EntryError> {
    let mut done = FlagsChanged { next: picked.next, ..FlagsChanged::default() };
    let mut after: Vec<Option<Flags>> = Vec::with_capacity(picked.rows.len());
    for row in &picked.rows {
        if unchanged_since.is_some_and(|since| row.change_number > since) {
            done.conflicting.push(row.uid);
            after.push(None);
            continue;
        }
        let flags = how.apply(&row.flags, flags)?;
        if flags == row.flags {
            done.unchanged.push(row.clone());
            after.push(None);
        } else {
            after.push(Some(flags));
        }
    }
    let chosen: Vec<usize> = (0..picked.rows.len()).filter(|index| after[*index].is_some()).collect();
    if chosen.is_empty() {
        return Ok(done);
    }
    let number = match *change {
        Some(number) => number,
        None => *change.insert(heads::begin_change(tx, head)?),
    };
    let counted = count(tx, head.account, mailbox, chosen.iter().map(|index| (&picked.rows[*index], after[*index].as_ref())))?;

    // Rows whose keywords stay are one group; the others are grouped by what their keywords become.
    let mut groups: HashMap<Option<Option<String>>, Vec<usize>> = HashMap::new();
    for index in chosen {
        if let Some(flags) = after[index].take() {
            let row = &mut picked.rows[index];
            let keywords = (flags.keywords != row.flags.keywords).then(|| flags.stored_keywords());
            groups.entry(keywords).or_default().push(index);
            row.flags = flags;
            row.change_number = number;
        }
    }
    let bits = how.bits(flags);
    for (keywords, rows) in &groups {
        for piece in picked.pieces(rows) {
            repo::set_flags(tx, head.account, mailbox, &piece, bits, keywords.as_ref(), number)?;
        }
    }
    mailboxes::repo::add_counts(tx, head.account, mailbox, &counted, 0, number)?;
    done.changed = picked.rows.into_iter().filter(|row| row.change_number == number).collect();
    Ok(done)
}

/// What the mailbox's counts change by when rows get other flags.
fn count<'a>(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    rows: impl Iterator<Item = (&'a EntryRow, Option<&'a Flags>)>,
) -> Result<mailboxes::repo::Counted, StoreError> {
    let mut counted = mailboxes::repo::Counted::default();
    let mut by_thread: HashMap<ThreadId, i64> = HashMap::new();
    for (row, flags) in rows {
        let Some(flags) = flags else { continue };
        counted.unseen += i64::from(flags.bits.is_unseen()) - i64::from(row.flags.bits.is_unseen());
        let unread = i64::from(flags.bits.is_unread()) - i64::from(row.flags.bits.is_unread());
        if unread != 0 {
            counted.unread += unread;
            *by_thread.entry(row.thread).or_default() += unread;
        }
    }
    by_thread.retain(|_, unread| *unread != 0);
    let threads: Vec<ThreadId> = by_thread.keys().copied().collect();
    let before = repo::thread_counts(tx, account, mailbox, &threads)?;
    for (thread, unread) in by_thread {
        let old = before.get(&thread).map_or(0, |counts| counts.unread);
        counted.unread_threads += i64::from(old + unread > 0) - i64::from(old > 0);
    }
    Ok(counted)
}
