//! Work on any number of entries: chunk by chunk, each a transaction, so that others come in between.

use kernel::{Ctx, MailAccountId};
use store::Store;

use super::{Copied, EntryError, Expunge, Expunged, FlagChange, FlagsChanged, change_flags, copy, expunge, move_to};
use crate::heads::MailError;
use crate::{Flags, MailboxId, UidSet, mailboxes};

/// Entries of one chunk: a few dozen milliseconds of the writer's time.
pub const CHUNK: usize = 1000;
/// A copy of no more than this is one transaction.
const WHOLE_COPY: usize = 5000;

/// [`change_flags`] of all of them; `each` hears of every chunk once it is committed.
#[expect(clippy::too_many_arguments, reason = "each of them is a part of the STORE command")]
pub async fn change_flags_all(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: &UidSet,
    how: FlagChange,
    flags: &Flags,
    unchanged_since: Option<i64>,
    mut each: impl FnMut(FlagsChanged),
) -> Result<(), EntryError> {
    let mut rest = Some(uids.clone());
    while let Some(uids) = rest.take() {
        let (ctx, chunk, flags) = (ctx.clone(), uids.clone(), flags.clone());
        let done = store
            .write_account(account, move |tx| change_flags(&ctx, tx, account, mailbox, &chunk, how, &flags, unchanged_since, CHUNK))
            .await?;
        rest = done.next.map(|next| uids.starting_at(next));
        each(done);
    }
    Ok(())
}

/// [`expunge`] of all of them. Only what is there when it begins: mail that comes meanwhile stays.
pub async fn expunge_all(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    mailbox: MailboxId,
    which: &Expunge,
) -> Result<Expunged, EntryError> {
    let last = last_uid(store, ctx, account, mailbox).await?;
    let there = up_to(last);
    let mut whole = Expunged::default();
    let mut from = 1;
    loop {
        let which = match which {
            Expunge::Deleted => Expunge::DeletedAmong(there.starting_at(from)),
            Expunge::DeletedAmong(set) => Expunge::DeletedAmong(set.intersect(&there).starting_at(from)),
            Expunge::Exactly(set) => Expunge::Exactly(set.intersect(&there).starting_at(from)),
            Expunge::All => Expunge::Exactly(there.starting_at(from)),
        };
        let ctx = ctx.clone();
        let done = store.write_account(account, move |tx| expunge(&ctx, tx, account, mailbox, &which, CHUNK)).await?;
        whole.uids.extend(done.uids);
        whole.change_number = done.change_number;
        match done.next {
            Some(next) => from = next,
            None => return Ok(whole),
        }
    }
}

/// [`copy`] of all of them, or of none (RFC 9051 §6.4.7): what was copied before a failure is taken back.
pub async fn copy_all(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    from: MailboxId,
    uids: &UidSet,
    to: MailboxId,
) -> Result<Copied, EntryError> {
    let uids = there(store, ctx, account, from, uids).await?;
    let limit = if uids.count() <= WHOLE_COPY as u64 { WHOLE_COPY } else { CHUNK };
    let mut whole = Copied::default();
    let mut rest = Some(uids);
    while let Some(uids) = rest.take() {
        let (copying, chunk) = (ctx.clone(), uids.clone());
        match store.write_account(account, move |tx| copy(&copying, tx, account, from, &chunk, to, limit)).await {
            Ok(done) => {
                rest = done.next.map(|next| uids.starting_at(next));
                add(&mut whole, done);
            }
            Err(error) => {
                let made: UidSet = whole.pairs.iter().map(|(_, new)| *new).collect();
                if !made.is_empty() {
                    expunge_all(store, ctx, account, to, &Expunge::Exactly(made)).await?;
                }
                return Err(error);
            }
        }
    }
    Ok(whole)
}

/// [`move_to`] of all of them. When it fails in the middle, what was moved stays moved (RFC 6851 §3.3 allows it); the error says so to the caller.
pub async fn move_all(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    from: MailboxId,
    uids: &UidSet,
    to: MailboxId,
) -> Result<Copied, EntryError> {
    let mut whole = Copied::default();
    let mut rest = Some(there(store, ctx, account, from, uids).await?);
    while let Some(uids) = rest.take() {
        let (ctx, chunk) = (ctx.clone(), uids.clone());
        let done = store.write_account(account, move |tx| move_to(&ctx, tx, account, from, &chunk, to, CHUNK)).await?;
        rest = done.next.map(|next| uids.starting_at(next));
        add(&mut whole, done);
    }
    Ok(whole)
}

fn add(whole: &mut Copied, done: Copied) {
    whole.uid_validity = done.uid_validity;
    whole.change_number = done.change_number;
    whole.pairs.extend(done.pairs);
}

/// What of a set can be there now: a copy into the same mailbox must not meet what it has made.
async fn there(store: &Store, ctx: &Ctx, account: MailAccountId, mailbox: MailboxId, uids: &UidSet) -> Result<UidSet, EntryError> {
    let last = last_uid(store, ctx, account, mailbox).await?;
    Ok(uids.intersect(&up_to(last)))
}

fn up_to(last: u32) -> UidSet {
    (last > 0).then_some(1..=last).into_iter().collect()
}

async fn last_uid(store: &Store, ctx: &Ctx, account: MailAccountId, mailbox: MailboxId) -> Result<u32, MailError> {
    let ctx = ctx.clone();
    let mailbox = store.read(move |tx| mailboxes::get(&ctx, tx, account, mailbox)).await?;
    Ok(mailbox.uid_next - 1)
}
