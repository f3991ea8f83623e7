use kernel::{Ctx, MailAccountId};
use store::{Store, Tx};

use super::create::depth;
use super::{MAX_DEPTH, Mailbox, MailboxError, Role, Subscription, create_path, names, repo, subscriptions};
use crate::entries::{self, EntryError};
use crate::heads::{self, MailError};
use crate::{MailboxId, UidSet, metadata};

/// What to change; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct MailboxPatch {
    /// `Some(None)` is the top.
    pub parent: Option<Option<MailboxId>>,
    pub name: Option<String>,
    /// `Some(None)` takes the role away.
    pub role: Option<Option<Role>>,
    pub subscribed: Option<bool>,
    pub sort_order: Option<u32>,
}

/// Renames, moves, or gives another role, place or subscription. INBOX keeps its name, place and role.
pub fn change(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: MailboxId, patch: &MailboxPatch) -> Result<(), MailboxError> {
    let head = heads::open(ctx, tx, account)?;
    let before = repo::find(tx, account, id)?.ok_or(MailError::MailboxNotFound(id))?;
    let mut after = before.clone();
    if let Some(parent) = patch.parent {
        after.parent = parent;
    }
    if let Some(name) = &patch.name {
        after.name = names::clean(name)?;
    }
    if let Some(role) = patch.role {
        after.role = role;
    }
    after.subscribed = patch.subscribed.unwrap_or(before.subscribed);
    after.sort_order = patch.sort_order.unwrap_or(before.sort_order);
    if after == before {
        return Ok(());
    }
    let moved = after.parent != before.parent || after.name != before.name;
    if before.role == Some(Role::Inbox) && (moved || after.role != before.role) {
        return Err(MailboxError::IsInbox);
    }
    if moved {
        refuse_bad_place(tx, account, &before, &after)?;
    }
    if let Some(role) = after.role
        && after.role != before.role
        && repo::find_role_id(tx, account, role)?.is_some()
    {
        return Err(MailboxError::RoleTaken { role: role.as_str() });
    }
    after.changed_change = heads::begin_change(tx, &head)?;
    repo::update(tx, account, &after)?;
    if moved {
        subscriptions::find_again(tx, account, id, after.changed_change)?;
    }
    Ok(())
}

/// What RENAME means (RFC 9051 §6.3.6): another place and name, and a subscription of the old name that is not forgotten.
pub fn rename(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    id: MailboxId,
    parent: Option<MailboxId>,
    name: &str,
    subscription: Subscription,
) -> Result<(), MailboxError> {
    heads::open(ctx, tx, account)?;
    if subscription == Subscription::Stays {
        subscriptions::keep_names(tx, account, id)?;
    }
    change(ctx, tx, account, id, &MailboxPatch { parent: Some(parent), name: Some(name.to_owned()), ..MailboxPatch::default() })
}

/// Sessions of IMAP4rev1 were told of every message below this uid.
pub fn told_up_to(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: MailboxId, uid_next: u32) -> Result<(), MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::set_recent_from(tx, account, id, uid_next)?)
}

fn refuse_bad_place(tx: &mut Tx, account: MailAccountId, before: &Mailbox, after: &Mailbox) -> Result<(), MailboxError> {
    if after.parent != before.parent {
        let mut at = after.parent;
        while let Some(id) = at {
            if id == before.id {
                return Err(MailboxError::IntoItself);
            }
            at = repo::find(tx, account, id)?.ok_or(MailError::MailboxNotFound(id))?.parent;
        }
        let above = after.parent.map_or(Ok(0), |parent| depth(tx, account, parent))?;
        if above + height(repo::all(tx, account)?, before.id) > MAX_DEPTH {
            return Err(MailboxError::TooDeep);
        }
    }
    match repo::find_child(tx, account, after.parent, &after.name)? {
        Some(other) if other.id != before.id => Err(MailboxError::NameTaken { name: after.name.clone(), existing: other.id }),
        _ => Ok(()),
    }
}

/// How many levels the mailbox and what is below it take.
fn height(mailboxes: Vec<Mailbox>, id: MailboxId) -> usize {
    let mut level = vec![id];
    let mut height = 0;
    while !level.is_empty() {
        height += 1;
        level = mailboxes
            .iter()
            .filter(|mailbox| mailbox.parent.is_some_and(|parent| level.contains(&parent)))
            .map(|mailbox| mailbox.id)
            .collect();
    }
    height
}

/// A subscription that is a mark.
pub(super) fn mark_subscribed(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: MailboxId, subscribed: bool) -> Result<(), MailboxError> {
    change(ctx, tx, account, id, &MailboxPatch { subscribed: Some(subscribed), ..MailboxPatch::default() })
}

/// What RENAME of INBOX means (RFC 9051 §6.3.6): a new mailbox takes all its mail, and INBOX stays, empty.
pub async fn rename_inbox(store: &Store, ctx: &Ctx, account: MailAccountId, path: &[String]) -> Result<MailboxId, EntryError> {
    let (making, path) = (ctx.clone(), path.to_vec());
    let (inbox, target) = store
        .write_account(account, move |tx| -> Result<_, EntryError> {
            let head = heads::open(&making, tx, account)?;
            let target = create_path(&making, tx, account, &path)?;
            let inbox = repo::find_role_id(tx, account, Role::Inbox)?.ok_or(MailError::AccountNotFound)?;
            // RFC 5464 §4.1: the notes on INBOX stay there, and go along as well.
            let change_number = heads::begin_change(tx, &head)?;
            metadata::copy(tx, account, inbox, target, change_number)?;
            Ok((inbox, target))
        })
        .await?;
    entries::move_all(store, ctx, account, inbox, &UidSet::all(), target).await?;
    Ok(target)
}
