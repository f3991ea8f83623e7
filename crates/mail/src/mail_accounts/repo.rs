use kernel::{MailAccountId, MemberId, OrgId, Timestamp};
use store::{Params, Row, StoreError, Tx, in_list, params};

use super::MailAccount;

const COLUMNS: &str = "id, org_id, member_id, change_number, used_bytes, message_count, created_at";

/// Rows of one statement; its parameters stay far below what either engine takes.
const ROWS_PER_INSERT: usize = 100;

pub(super) fn insert_many(tx: &mut Tx, org: OrgId, rows: &[(MailAccountId, MemberId)], now: Timestamp) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut statement =
            String::from("INSERT INTO mail_account (id, org_id, member_id, change_number, used_bytes, message_count, created_at) VALUES ");
        let mut params = params![org, now];
        for (index, (id, member)) in chunk.iter().enumerate() {
            let (id, member) = (params.push(id), params.push(member));
            statement.push_str(if index == 0 { "" } else { "," });
            statement.push_str(&format!("(${id},$1,${member},0,0,0,$2)"));
        }
        tx.execute(&statement, params)?.any();
    }
    Ok(())
}

pub fn find(tx: &mut Tx, org: OrgId, id: MailAccountId) -> Result<Option<MailAccount>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM mail_account WHERE id = $1 AND org_id = $2"), params![id, org], mail_account)
}

pub fn find_of_member(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Option<MailAccount>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM mail_account WHERE org_id = $1 AND member_id = $2"), params![org, member], mail_account)
}

pub(super) fn set_holder(tx: &mut Tx, org: OrgId, id: MailAccountId, member: Option<MemberId>) -> Result<(), StoreError> {
    tx.execute("UPDATE mail_account SET member_id = $3 WHERE id = $1 AND org_id = $2", params![id, org, member])?.any();
    Ok(())
}

/// How many mail accounts the organisation has.
pub fn count(tx: &mut Tx, org: OrgId) -> Result<u64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM mail_account WHERE org_id = $1", params![org], |row| row.get(0))
}

pub(super) fn delete_empty(tx: &mut Tx, org: OrgId, ids: &[MailAccountId]) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for chunk in ids.chunks(store::IN_LIST_MAX) {
        let mut params: Params = params![org];
        params.extend(chunk);
        let statement = format!(
            "DELETE FROM mail_account WHERE org_id = $1 AND message_count = 0 AND removed_count = 0 AND id IN {} RETURNING id",
            in_list(2, chunk.len())
        );
        let gone: Vec<MailAccountId> = tx.query_all(&statement, params, |row| row.get(0))?;
        deleted += gone.len() as u64;
        for account in gone {
            delete_what_is_left(tx, account)?;
        }
    }
    Ok(deleted)
}

/// Mailboxes and what remembers mail that was there.
fn delete_what_is_left(tx: &mut Tx, account: MailAccountId) -> Result<(), StoreError> {
    const TABLES: [&str; 9] = [
        "lost_subscription",
        "mailbox",
        "mailbox_metadata",
        "mailbox_tombstone",
        "message_tombstone",
        "entry_tombstone",
        "thread_reference",
        "maildrop_lock",
        "maildrop_message",
    ];
    for table in TABLES {
        tx.execute(&format!("DELETE FROM {table} WHERE account_id = $1"), params![account])?.any();
    }
    Ok(())
}

/// The base of the member's service class, and its own extra.
pub(super) fn quota_of_member(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(Option<u64>, i64), StoreError> {
    tx.query_one(
        "SELECT c.mail_quota_bytes, m.extra_mail_quota_bytes FROM member m \
         JOIN service_class c ON c.org_id = m.org_id AND c.id = m.service_class_id WHERE m.org_id = $1 AND m.id = $2",
        params![org, member],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn mail_account(row: &Row<'_>) -> Result<MailAccount, StoreError> {
    Ok(MailAccount {
        id: row.get(0)?,
        org_id: row.get(1)?,
        member_id: row.get(2)?,
        change_number: row.get(3)?,
        used_bytes: row.get(4)?,
        message_count: row.get(5)?,
        created_at: row.get(6)?,
    })
}
