//! Changes as JMAP asks for them: by message, in all the mailboxes it is in.

use std::collections::{BTreeMap, HashSet};

use kernel::{Ctx, MailAccountId};
use store::{StoreError, Tx};

use super::expunge::{AfterRemoval, count_more, remove};
use super::pick::Picked;
use super::repo::{self, NewEntry};
use super::{EntryError, EntryRow, FlagChange, flags};
use crate::heads::{self, Head, MailError};
use crate::mailboxes;
use crate::{FlagBits, Flags, MailboxId, MessageId};

/// Changes the keywords of messages: in every mailbox each of them is in. Messages that do not exist are left out of the answer, which has those
/// that do. `\Deleted`, which JMAP does not know, stays as it is. At most some hundreds at a time.
pub fn change_keywords(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    messages: &[MessageId],
    how: FlagChange,
    keywords: &Flags,
) -> Result<Vec<MessageId>, EntryError> {
    let head = heads::open(ctx, tx, account)?;
    let by_mailbox = by_mailbox(repo::of_messages(tx, account, messages)?);
    let mut found = HashSet::new();
    let mut change = None;
    for (mailbox, rows) in by_mailbox {
        found.extend(rows.iter().map(|row| row.message));
        // What JMAP cannot see it does not take away.
        let (deleted, kept): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.flags.bits.contains(FlagBits::DELETED));
        for (rows, bits) in [(kept, FlagBits::NONE), (deleted, FlagBits::DELETED)] {
            let mut named = keywords.clone();
            named.bits = match how {
                FlagChange::Replace => named.bits | bits,
                FlagChange::Add | FlagChange::Remove => named.bits.without(FlagBits::DELETED),
            };
            flags::apply(tx, &head, mailbox, Picked::of(rows), how, &named, None, &mut change)?;
        }
    }
    Ok(messages.iter().copied().filter(|message| found.contains(message)).collect())
}

/// Makes `mailboxes` those the message is in. Where it comes newly it has the flags that it has as a whole.
pub fn set_mailboxes(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    message: MessageId,
    mailboxes: &[MailboxId],
) -> Result<(), EntryError> {
    let head = heads::open(ctx, tx, account)?;
    let rows = repo::of_messages(tx, account, &[message])?;
    let Some((_, sample)) = rows.first().cloned() else { return Err(MailError::MessageNotFound(message).into()) };
    let mut wanted = mailboxes.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Err(EntryError::NoMailbox);
    }
    for mailbox in &wanted {
        if !mailboxes::repo::exists(tx, account, *mailbox)? {
            return Err(MailError::MailboxNotFound(*mailbox).into());
        }
    }
    let added: Vec<MailboxId> = wanted.iter().copied().filter(|id| !rows.iter().any(|(mailbox, _)| mailbox == id)).collect();
    let (kept, gone): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(mailbox, _)| wanted.contains(mailbox));
    if added.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let mut flags = Flags::of_entries(kept.iter().chain(&gone).map(|(_, row)| &row.flags));
    // It is a mark of the mailbox it was in, where somebody wanted it gone.
    flags.bits = flags.bits.without(FlagBits::DELETED);
    let change = heads::begin_change(tx, &head)?;
    for mailbox in added {
        add(tx, &head, mailbox, &EntryRow { flags: flags.clone(), saved_at: ctx.now, ..sample.clone() }, change)?;
    }
    for (mailbox, row) in gone {
        remove(tx, &head, mailbox, &Picked::of(vec![row]), change, ctx.now, AfterRemoval::Keep)?;
    }
    Ok(())
}

fn add(tx: &mut Tx, head: &Head, mailbox: MailboxId, row: &EntryRow, change: i64) -> Result<(), StoreError> {
    let counted = count_more(tx, head.account, mailbox, std::slice::from_ref(row))?;
    let (uid, _) = mailboxes::repo::add_counts(tx, head.account, mailbox, &counted, 1, change)?;
    let entry = NewEntry {
        mailbox,
        uid,
        message: row.message,
        thread: row.thread,
        flags: &row.flags,
        received_at: row.received_at,
        saved_at: row.saved_at,
        size_bytes: row.size_bytes,
    };
    repo::insert(tx, head.account, &entry, change)
}

/// Which of the messages that were to be destroyed were there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destroyed {
    pub destroyed: Vec<MessageId>,
    pub not_found: Vec<MessageId>,
}

/// Destroys messages, whatever mailboxes they are in. At most some hundreds at a time.
pub fn destroy(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Destroyed, EntryError> {
    let head = heads::open(ctx, tx, account)?;
    let rows = repo::of_messages(tx, account, messages)?;
    let found: HashSet<MessageId> = rows.iter().map(|(_, row)| row.message).collect();
    if !rows.is_empty() {
        let change = heads::begin_change(tx, &head)?;
        for (mailbox, rows) in by_mailbox(rows) {
            remove(tx, &head, mailbox, &Picked::of(rows), change, ctx.now, AfterRemoval::Destroy)?;
        }
    }
    let (destroyed, not_found) = messages.iter().copied().partition(|message| found.contains(message));
    Ok(Destroyed { destroyed, not_found })
}

fn by_mailbox(rows: Vec<(MailboxId, EntryRow)>) -> BTreeMap<MailboxId, Vec<EntryRow>> {
    let mut by_mailbox: BTreeMap<MailboxId, Vec<EntryRow>> = BTreeMap::new();
    for (mailbox, row) in rows {
        by_mailbox.entry(mailbox).or_default().push(row);
    }
    by_mailbox
}
