use kernel::{MailAccountId, OrgId, Timestamp};
use store::{IN_LIST_MAX, Row, StoreError, Tx, in_list, params};

use super::{Head, effective_quota};
use crate::MailboxId;
use crate::entries::push_numbers;

const COLUMNS: &str = "a.id, a.member_id, a.change_number, a.used_bytes, a.message_count, a.next_number, a.history_from, c.mail_quota_bytes, \
    COALESCE(m.extra_mail_quota_bytes, 0)";
const TABLES: &str = "mail_account a LEFT JOIN member m ON m.org_id = a.org_id AND m.id = a.member_id \
    LEFT JOIN service_class c ON c.org_id = m.org_id AND c.id = m.service_class_id";

fn read(row: &Row, org: OrgId) -> Result<Head, StoreError> {
    let (base, extra): (Option<u64>, i64) = (row.get(7)?, row.get(8)?);
    Ok(Head {
        account: row.get(0)?,
        org,
        member: row.get(1)?,
        change_number: row.get(2)?,
        used_bytes: row.get(3)?,
        message_count: row.get(4)?,
        quota_bytes: effective_quota(base, extra),
        history_from: row.get(6)?,
        next_number: row.get(5)?,
    })
}

pub(super) fn find(tx: &mut Tx, org: OrgId, account: MailAccountId) -> Result<Option<Head>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE a.id = $1 AND a.org_id = $2");
    tx.query_opt(&sql, params![account, org], |row| read(row, org))
}

/// Those heads that are there, each together with the mailbox of a role, in one statement, for deliveries.
pub(super) fn find_with_role(
    tx: &mut Tx,
    org: OrgId,
    accounts: &[MailAccountId],
    role: &str,
) -> Result<Vec<(Head, Option<MailboxId>)>, StoreError> {
    let mut params = params![org, role];
    let list = push_numbers(&mut params, accounts.iter().map(|account| account.raw()));
    let sql = format!(
        "SELECT {COLUMNS}, b.id FROM {TABLES} LEFT JOIN mailbox b ON b.account_id = a.id AND b.role = $2 WHERE a.id IN {list} AND a.org_id = $1"
    );
    tx.query_all(&sql, params, |row| Ok((read(row, org)?, row.get(9)?)))
}

/// What a write wants of the head, and puts on it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Order {
    /// How many numbers for mailboxes and messages.
    pub(crate) numbers: i64,
    pub(crate) bytes: i64,
    pub(crate) messages: i64,
}

/// What it got.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) change_number: i64,
    pub(crate) first_number: i64,
}

/// One statement for all that a write changes on the head.
pub(crate) fn take(tx: &mut Tx, head: &Head, order: Order) -> Result<Taken, StoreError> {
    tx.query_one(
        "UPDATE mail_account SET change_number = change_number + 1, next_number = next_number + $2, used_bytes = used_bytes + $3,
                message_count = message_count + $4 WHERE id = $1 RETURNING change_number, next_number",
        params![head.account, order.numbers, order.bytes, order.messages],
        |row| Ok(Taken { change_number: row.get(0)?, first_number: row.get::<i64>(1)? - order.numbers }),
    )
}

/// As [`take`], for a write that has its change number already; answers the first of the numbers.
pub(crate) fn take_numbers(tx: &mut Tx, head: &Head, order: Order) -> Result<i64, StoreError> {
    tx.query_one(
        "UPDATE mail_account SET next_number = next_number + $2, used_bytes = used_bytes + $3, message_count = message_count + $4
          WHERE id = $1 RETURNING next_number - $2",
        params![head.account, order.numbers, order.bytes, order.messages],
        |row| row.get(0),
    )
}

/// For writes that learn what they free or use only after they took their change number.
pub(crate) fn add_usage(tx: &mut Tx, head: &Head, bytes: i64, messages: i64) -> Result<(), StoreError> {
    if bytes == 0 && messages == 0 {
        return Ok(());
    }
    tx.execute(
        "UPDATE mail_account SET used_bytes = used_bytes + $2, message_count = message_count + $3 WHERE id = $1",
        params![head.account, bytes, messages],
    )?
    .expect_one()
}

/// So many values of UIDVALIDITY in a row, higher than every earlier one of the account; answers the first: the second it is, or the next number when
/// several are made within one.
pub(crate) fn take_uid_validities(tx: &mut Tx, head: &Head, count: u32, now: Timestamp) -> Result<u32, StoreError> {
    tx.query_one(
        "UPDATE mail_account SET last_uid_validity = CASE WHEN last_uid_validity < $2 THEN $2 - 1 ELSE last_uid_validity END + $3
          WHERE id = $1 RETURNING last_uid_validity - $3 + 1",
        params![head.account, now.as_secs().clamp(1, i64::from(u32::MAX / 2)), i64::from(count)],
        |row| row.get(0),
    )
}

/// The change numbers of many accounts, for sessions that look whether they have missed a notice; accounts that are gone are left out.
pub fn change_numbers(tx: &mut Tx, accounts: &[MailAccountId]) -> Result<Vec<(MailAccountId, i64)>, StoreError> {
    let mut found = Vec::with_capacity(accounts.len());
    for chunk in accounts.chunks(IN_LIST_MAX) {
        let mut params = params![];
        params.extend(chunk);
        let sql = format!("SELECT id, change_number FROM mail_account WHERE id IN {}", in_list(1, chunk.len()));
        tx.for_each(&sql, params, |row| {
            found.push((row.get(0)?, row.get(1)?));
            Ok(())
        })?;
    }
    Ok(found)
}
