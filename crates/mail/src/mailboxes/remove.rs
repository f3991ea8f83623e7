use kernel::{Ctx, MailAccountId};
use store::{Store, Tx};

use super::{MailboxError, Role, Subscription, repo, subscriptions};
use crate::MailboxId;
use crate::entries::{self, EntryError, Expunge};
use crate::heads::{self, MailError};
use crate::metadata;

/// What becomes of the mail in a mailbox that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveMail {
    /// There must be none.
    Refuse,
    /// It is removed from this mailbox; a message that is in no other one is gone.
    Expunge,
}

/// Removes a mailbox that has no others below it. With much mail in it use [`remove_all`], which does not hold up others.
pub fn remove(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: MailboxId, mail: RemoveMail) -> Result<(), MailboxError> {
    remove_named(ctx, tx, account, id, mail, Subscription::GoesAlong)
}

fn remove_named(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    id: MailboxId,
    mail: RemoveMail,
    subscription: Subscription,
) -> Result<(), MailboxError> {
    let head = heads::open(ctx, tx, account)?;
    let mailbox = repo::find(tx, account, id)?.ok_or(MailError::MailboxNotFound(id))?;
    if mailbox.role == Some(Role::Inbox) {
        return Err(MailboxError::IsInbox);
    }
    if repo::has_children(tx, account, id)? {
        return Err(MailboxError::HasChildren);
    }
    if mailbox.total > 0 {
        if mail == RemoveMail::Refuse {
            return Err(MailboxError::NotEmpty);
        }
        entries::expunge_whole(ctx, tx, &head, id)?;
    }
    metadata::delete_of(tx, account, id)?;
    if subscription == Subscription::Stays {
        subscriptions::keep_names(tx, account, id)?;
    }
    let change = heads::begin_change(tx, &head)?;
    Ok(repo::delete(tx, account, &mailbox, change, crate::changes::day_of(ctx.now))?)
}

/// As [`remove`] with [`RemoveMail::Expunge`], the mail first, in chunks. Cut in the middle it leaves the mailbox with less mail in it.
pub async fn remove_all(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    id: MailboxId,
    subscription: Subscription,
) -> Result<(), EntryError> {
    let looking = ctx.clone();
    store
        .read(move |tx| -> Result<(), EntryError> {
            let mailbox = super::get(&looking, tx, account, id)?;
            if mailbox.role == Some(Role::Inbox) {
                return Err(MailboxError::IsInbox.into());
            }
            if repo::has_children(tx, account, id)? {
                return Err(MailboxError::HasChildren.into());
            }
            Ok(())
        })
        .await?;
    entries::expunge_all(store, ctx, account, id, &Expunge::All).await?;
    let removing = ctx.clone();
    let work = move |tx: &mut Tx| remove_named(&removing, tx, account, id, RemoveMail::Expunge, subscription);
    Ok(store.write_account(account, work).await?)
}
