use kernel::MailAccountId;
use store::{Row, StoreError, Tx, params};

use super::{Mailbox, Role, names};
use crate::MailboxId;

const COLUMNS: &str = "id, parent_id, name, role, uid_validity, uid_next, total, unseen, unread, total_threads, unread_threads, size_bytes, \
    change_number, created_change, changed_change, counted_change, subscribed, sort_order, \
    recent_from";

/// The parent of mailboxes at the top.
const TOP: MailboxId = MailboxId::from_raw(0);

fn read(row: &Row) -> Result<Mailbox, StoreError> {
    let parent: MailboxId = row.get(1)?;
    let role: Option<String> = row.get(3)?;
    Ok(Mailbox {
        id: row.get(0)?,
        parent: (parent != TOP).then_some(parent),
        name: row.get(2)?,
        role: role.as_deref().and_then(Role::parse),
        uid_validity: row.get(4)?,
        uid_next: row.get(5)?,
        total: row.get(6)?,
        unseen: row.get(7)?,
        unread: row.get(8)?,
        total_threads: row.get(9)?,
        unread_threads: row.get(10)?,
        size_bytes: row.get(11)?,
        change_number: row.get(12)?,
        created_change: row.get(13)?,
        changed_change: row.get(14)?,
        counted_change: row.get(15)?,
        subscribed: row.get(16)?,
        sort_order: row.get(17)?,
        recent_from: row.get(18)?,
    })
}

/// New and empty mailboxes; answers how many. Not one whose sibling has the name, or whose role another mailbox has.
pub(super) fn insert(tx: &mut Tx, account: MailAccountId, mailboxes: &[Mailbox]) -> Result<u64, StoreError> {
    let mut sql = String::from(
        "INSERT INTO mailbox (account_id, id, parent_id, name, name_key, role, uid_validity, uid_next, total, unseen, unread, total_threads,
                unread_threads, size_bytes, change_number, created_change, changed_change, counted_change, subscribed, sort_order, recent_from)
         VALUES ",
    );
    let mut params = params![account];
    for (index, mailbox) in mailboxes.iter().enumerate() {
        let id = params.push(mailbox.id);
        let parent = params.push(mailbox.parent.unwrap_or(TOP));
        let name = params.push(&mailbox.name);
        let name_key = params.push(names::key(&mailbox.name, mailbox.parent.is_none()));
        let role = params.push(mailbox.role.map(Role::as_str));
        let uid_validity = params.push(mailbox.uid_validity);
        let change = params.push(mailbox.created_change);
        let (subscribed, sort_order) = (params.push(mailbox.subscribed), params.push(mailbox.sort_order));
        sql.push_str(if index == 0 { "" } else { "," });
        sql.push_str(&format!(
            "($1, ${id}, ${parent}, ${name}, ${name_key}, ${role}, ${uid_validity}, 1, 0, 0, 0, 0, 0, 0, ${change}, ${change}, ${change}, ${change},
              ${subscribed}, ${sort_order}, 1)"
        ));
    }
    sql.push_str(" ON CONFLICT DO NOTHING");
    Ok(tx.execute(&sql, params)?.count())
}

/// Everything but the counts. The caller has looked for clashes.
pub(super) fn update(tx: &mut Tx, account: MailAccountId, mailbox: &Mailbox) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE mailbox SET parent_id = $3, name = $4, name_key = $5, role = $6, subscribed = $7, sort_order = $8, changed_change = $9
          WHERE account_id = $1 AND id = $2",
        params![
            account,
            mailbox.id,
            mailbox.parent.unwrap_or(TOP),
            mailbox.name,
            names::key(&mailbox.name, mailbox.parent.is_none()),
            mailbox.role.map(Role::as_str),
            mailbox.subscribed,
            mailbox.sort_order,
            mailbox.changed_change
        ],
    )?
    .expect_one()
}

pub(super) fn delete(tx: &mut Tx, account: MailAccountId, mailbox: &Mailbox, change_number: i64, gone_on: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM mailbox WHERE account_id = $1 AND id = $2", params![account, mailbox.id])?.expect_one()?;
    tx.execute(
        "INSERT INTO mailbox_tombstone (account_id, change_number, id, created_change, gone_on) VALUES ($1, $2, $3, $4, $5)",
        params![account, change_number, mailbox.id, mailbox.created_change, gone_on],
    )?
    .expect_one()
}

pub(crate) fn all(tx: &mut Tx, account: MailAccountId) -> Result<Vec<Mailbox>, StoreError> {
    tx.query_all(&format!("SELECT {COLUMNS} FROM mailbox WHERE account_id = $1 ORDER BY id"), params![account], read)
}

pub(super) fn count(tx: &mut Tx, account: MailAccountId) -> Result<usize, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM mailbox WHERE account_id = $1", params![account], |row| row.get(0))
}

pub(crate) fn find(tx: &mut Tx, account: MailAccountId, id: MailboxId) -> Result<Option<Mailbox>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM mailbox WHERE account_id = $1 AND id = $2"), params![account, id], read)
}

pub(crate) fn find_role(tx: &mut Tx, account: MailAccountId, role: Role) -> Result<Option<Mailbox>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM mailbox WHERE account_id = $1 AND role = $2"), params![account, role.as_str()], read)
}

/// The id alone, for deliveries.
pub(crate) fn find_role_id(tx: &mut Tx, account: MailAccountId, role: Role) -> Result<Option<MailboxId>, StoreError> {
    tx.query_opt("SELECT id FROM mailbox WHERE account_id = $1 AND role = $2", params![account, role.as_str()], |row| row.get(0))
}

pub(crate) fn exists(tx: &mut Tx, account: MailAccountId, id: MailboxId) -> Result<bool, StoreError> {
    Ok(tx.query_opt("SELECT 1 FROM mailbox WHERE account_id = $1 AND id = $2", params![account, id], |_| Ok(()))?.is_some())
}

pub(crate) fn find_child(
    tx: &mut Tx,
    account: MailAccountId,
    parent: Option<MailboxId>,
    name: &str,
) -> Result<Option<Mailbox>, StoreError> {
    if name.contains('\0') {
        return Ok(None);
    }
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM mailbox WHERE account_id = $1 AND parent_id = $2 AND name_key = $3"),
        params![account, parent.unwrap_or(TOP), names::key(name, parent.is_none())],
        read,
    )
}

pub(super) fn has_children(tx: &mut Tx, account: MailAccountId, id: MailboxId) -> Result<bool, StoreError> {
    let found = tx.query_opt("SELECT 1 FROM mailbox WHERE account_id = $1 AND parent_id = $2 LIMIT 1", params![account, id], |_| Ok(()))?;
    Ok(found.is_some())
}

pub(super) fn find_path(tx: &mut Tx, account: MailAccountId, path: &[String]) -> Result<Option<Mailbox>, StoreError> {
    let mut found: Option<Mailbox> = None;
    if path.len() > super::MAX_DEPTH {
        return Ok(None);
    }
    for name in path {
        let Some(child) = find_child(tx, account, found.as_ref().map(|mailbox| mailbox.id), name)? else { return Ok(None) };
        found = Some(child);
    }
    Ok(found)
}

/// Something of the mailbox that is no entry has changed.
pub(crate) fn set_change_number(tx: &mut Tx, account: MailAccountId, id: MailboxId, change_number: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE mailbox SET change_number = $3 WHERE account_id = $1 AND id = $2", params![account, id, change_number])?.expect_one()
}

/// Moves the mark of what is recent forward.
pub(super) fn set_recent_from(tx: &mut Tx, account: MailAccountId, id: MailboxId, uid: u32) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE mailbox SET recent_from = $3 WHERE account_id = $1 AND id = $2 AND (recent_from IS NULL OR recent_from < $3)",
        params![account, id, uid],
    )?
    .any();
    Ok(())
}

/// What a write changes in a mailbox's counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) total: i64,
    pub(crate) unseen: i64,
    pub(crate) unread: i64,
    pub(crate) total_threads: i64,
    pub(crate) unread_threads: i64,
    pub(crate) size_bytes: i64,
}

/// Adds to the counts and gives `uids` new uids; answers the first of these and UIDVALIDITY.
pub(crate) fn add_counts(
    tx: &mut Tx,
    account: MailAccountId,
    id: MailboxId,
    more: &Counted,
    uids: usize,
    change_number: i64,
) -> Result<(u32, u32), StoreError> {
    // A change of a flag that is not counted changes the mailbox for IMAP only.
    let counted = if *more == Counted::default() && uids == 0 { "" } else { ", counted_change = $3" };
    tx.query_one(
        &format!(
            "UPDATE mailbox SET total = total + $4, unseen = unseen + $5, unread = unread + $6, total_threads = total_threads + $7,
                    unread_threads = unread_threads + $8, size_bytes = size_bytes + $9, uid_next = uid_next + $10, change_number = $3{counted}
              WHERE account_id = $1 AND id = $2 RETURNING uid_next - $10, uid_validity"
        ),
        params![
            account,
            id,
            change_number,
            more.total,
            more.unseen,
            more.unread,
            more.total_threads,
            more.unread_threads,
            more.size_bytes,
            uids
        ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
