use kernel::{Ctx, MailAccountId};
use store::{StoreError, Tx};

use super::{MAX_DEPTH, MAX_MAILBOXES, Mailbox, MailboxError, Role, names, repo, subscriptions};
use crate::MailboxId;
use crate::heads::{self, Head, MailError, Order};

/// A mailbox to be made.
#[derive(Debug, Clone, Default)]
pub struct NewMailbox {
    pub parent: Option<MailboxId>,
    pub name: String,
    pub role: Option<Role>,
    pub subscribed: bool,
    pub sort_order: u32,
}

/// Makes the standard mailboxes if the account has none yet. For every sign-in of a protocol; deliveries do so by themselves.
pub fn ensure(ctx: &Ctx, tx: &mut Tx, account: MailAccountId) -> Result<(), MailError> {
    let head = heads::open(ctx, tx, account)?;
    Ok(ensure_opened(ctx, tx, &head)?)
}

pub(crate) fn ensure_opened(ctx: &Ctx, tx: &mut Tx, head: &Head) -> Result<(), StoreError> {
    if repo::find_role_id(tx, head.account, Role::Inbox)?.is_some() {
        return Ok(());
    }
    let standard = Role::ALL.into_iter().enumerate().map(|(place, role)| NewMailbox {
        parent: None,
        name: role.default_name().to_owned(),
        role: Some(role),
        subscribed: true,
        sort_order: (place as u32 + 1) * 10,
    });
    insert(ctx, tx, head, &standard.collect::<Vec<_>>()).map(|_| ())
}

/// The mailbox for mail of a role. When its owner has removed it, it is made again, or the one that has its name is taken for it.
pub(crate) fn made_for_role(ctx: &Ctx, tx: &mut Tx, head: &Head, role: Role) -> Result<MailboxId, StoreError> {
    if let Some(id) = repo::find_role_id(tx, head.account, role)? {
        return Ok(id);
    }
    ensure_opened(ctx, tx, head)?;
    if let Some(id) = repo::find_role_id(tx, head.account, role)? {
        return Ok(id);
    }
    if let Some(namesake) = repo::find_child(tx, head.account, None, role.default_name())? {
        return Ok(namesake.id);
    }
    let new = NewMailbox { name: role.default_name().to_owned(), role: Some(role), subscribed: true, ..NewMailbox::default() };
    insert(ctx, tx, head, &[new])
}

/// Makes one mailbox.
pub fn create(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, new: &NewMailbox) -> Result<MailboxId, MailboxError> {
    let head = heads::open(ctx, tx, account)?;
    ensure_opened(ctx, tx, &head)?;
    let name = names::clean(&new.name)?;
    if let Some(parent) = new.parent
        && depth(tx, account, parent)? >= MAX_DEPTH
    {
        return Err(MailboxError::TooDeep);
    }
    if repo::count(tx, account)? >= MAX_MAILBOXES {
        return Err(MailboxError::TooMany);
    }
    if let Some(other) = repo::find_child(tx, account, new.parent, &name)? {
        return Err(MailboxError::NameTaken { name, existing: other.id });
    }
    if let Some(role) = new.role
        && repo::find_role_id(tx, account, role)?.is_some()
    {
        return Err(MailboxError::RoleTaken { role: role.as_str() });
    }
    // The head is locked, so nobody has come in between.
    let made = insert(ctx, tx, &head, &[NewMailbox { name, ..new.clone() }])?;
    let created = repo::find(tx, account, made)?.map_or(0, |mailbox| mailbox.created_change);
    subscriptions::find_again(tx, account, made, created)?;
    Ok(made)
}

/// Makes the mailbox at a path and the parents that are missing (RFC 9051 §6.3.4).
pub fn create_path(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, path: &[String]) -> Result<MailboxId, MailboxError> {
    heads::open(ctx, tx, account)?;
    if path.len() > MAX_DEPTH {
        return Err(MailboxError::TooDeep);
    }
    let Some((last, parents)) = path.split_last() else { return Err(MailboxError::NameInvalid) };
    let mut parent = None;
    for name in parents {
        let found = repo::find_child(tx, account, parent, name)?;
        parent = Some(match found {
            Some(mailbox) => mailbox.id,
            None => create(ctx, tx, account, &NewMailbox { parent, name: name.clone(), ..NewMailbox::default() })?,
        });
    }
    create(ctx, tx, account, &NewMailbox { parent, name: last.clone(), ..NewMailbox::default() })
}

/// On which level the mailbox is: 1 at the top.
pub(super) fn depth(tx: &mut Tx, account: MailAccountId, id: MailboxId) -> Result<usize, MailError> {
    let mut level = 0;
    let mut at = Some(id);
    while let Some(id) = at {
        at = repo::find(tx, account, id)?.ok_or(MailError::MailboxNotFound(id))?.parent;
        level += 1;
    }
    Ok(level)
}

/// Makes mailboxes, whose names and roles are free; answers the id of the first, on which the others follow.
fn insert(ctx: &Ctx, tx: &mut Tx, head: &Head, new: &[NewMailbox]) -> Result<MailboxId, StoreError> {
    let count = new.len() as u32;
    let taken = heads::take(tx, head, Order { numbers: i64::from(count), ..Order::default() })?;
    let uid_validity = heads::take_uid_validities(tx, head, count, ctx.now)?;
    let mailboxes = new.iter().zip(0..).map(|(new, place)| Mailbox {
        id: MailboxId::from_raw(taken.first_number + i64::from(place)),
        parent: new.parent,
        name: new.name.clone(),
        role: new.role,
        uid_validity: uid_validity + place,
        uid_next: 1,
        total: 0,
        unseen: 0,
        unread: 0,
        total_threads: 0,
        unread_threads: 0,
        size_bytes: 0,
        change_number: taken.change_number,
        created_change: taken.change_number,
        changed_change: taken.change_number,
        counted_change: taken.change_number,
        subscribed: new.subscribed,
        sort_order: new.sort_order,
        recent_from: Some(1),
    });
    let inserted = repo::insert(tx, head.account, &mailboxes.collect::<Vec<_>>())?;
    if inserted != u64::from(count) {
        return Err(StoreError::RowCount { expected: "no mailbox with this name or role", found: u64::from(count) - inserted });
    }
    heads::tell(tx, head, taken.change_number);
    Ok(MailboxId::from_raw(taken.first_number))
}
