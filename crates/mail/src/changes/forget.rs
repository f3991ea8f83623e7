//! The past is kept for a while only.

use kernel::{MailAccountId, Timestamp};
use store::{Store, StoreError, Tx, params};

use super::day_of;
use crate::threads;

/// For how long it can be told what went: a mail program that comes back later reads its lists anew.
pub const KEEP_DAYS: i64 = 60;

const ACCOUNTS_A_LOOK: i64 = 200;
const ROWS_A_TIME: usize = 1000;
const TABLES: [&str; 3] = ["entry_tombstone", "message_tombstone", "mailbox_tombstone"];

/// What was cleared away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub accounts: u64,
    pub tombstones: u64,
    /// Ways to threads that are gone.
    pub references: u64,
}

/// Removes tombstones older than [`KEEP_DAYS`], and what else belongs to mail that is long gone. For the worker, once a day.
pub async fn forget(store: &Store, now: Timestamp) -> Result<Forgotten, StoreError> {
    let before = day_of(now) - KEEP_DAYS;
    let mut forgotten = Forgotten::default();
    let mut after = Some(MailAccountId::from_raw(-1));
    while let Some(from) = after.take() {
        let accounts = store.read(move |tx| look(tx, from, before)).await?;
        if accounts.len() as i64 == ACCOUNTS_A_LOOK {
            after = accounts.last().map(|(account, _)| *account);
        }
        for account in accounts.into_iter().filter(|(_, due)| *due).map(|(account, _)| account) {
            forgotten.accounts += 1;
            let mut more = true;
            while more {
                let (rows, left) = store.write_account(account, move |tx| forget_some(tx, account, before)).await?;
                forgotten.tombstones += rows;
                more = left;
            }
            let mut from = Some(i64::MIN);
            while let Some(after) = from {
                let (rows, next) = store.write_account(account, move |tx| threads::forget_empty(tx, account, after, ROWS_A_TIME)).await?;
                forgotten.references += rows;
                from = next;
            }
        }
    }
    Ok(forgotten)
}

/// Accounts, and whether their oldest tombstone is past its time.
fn look(tx: &mut Tx, after: MailAccountId, before: i64) -> Result<Vec<(MailAccountId, bool)>, StoreError> {
    let oldest = TABLES.map(|table| {
        format!("COALESCE((SELECT t.gone_on FROM {table} t WHERE t.account_id = a.id ORDER BY t.change_number LIMIT 1), $2) < $2")
    });
    let sql = format!(
        "SELECT a.id, CASE WHEN {} THEN TRUE ELSE FALSE END FROM mail_account a WHERE a.id > $1 ORDER BY a.id LIMIT $3",
        oldest.join(" OR ")
    );
    tx.query_all(&sql, params![after, before, ACCOUNTS_A_LOOK], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Removes the oldest; answers how many, and whether there are more.
fn forget_some(tx: &mut Tx, account: MailAccountId, before: i64) -> Result<(u64, bool), StoreError> {
    let mut oldest = Vec::new();
    let mut bound: Option<i64> = None;
    for table in TABLES {
        let changes: Vec<i64> = tx.query_all(
            &format!("SELECT change_number FROM {table} WHERE account_id = $1 AND gone_on < $2 ORDER BY change_number LIMIT $3"),
            params![account, before, ROWS_A_TIME],
            |row| row.get(0),
        )?;
        let Some(last) = changes.last().copied() else { continue };
        if changes.len() == ROWS_A_TIME {
            bound = Some(bound.map_or(last, |bound| bound.min(last)));
        }
        oldest.push(last);
    }
    // Up to one change in all tables, so that what is kept is complete after it.
    let Some(up_to) = bound.or(oldest.into_iter().max()) else { return Ok((0, false)) };
    let mut rows = 0;
    for table in TABLES {
        let sql = format!("DELETE FROM {table} WHERE account_id = $1 AND change_number <= $2");
        rows += tx.execute(&sql, params![account, up_to])?.count();
    }
    tx.execute(
        "UPDATE mail_account SET history_from = CASE WHEN history_from < $2 THEN $2 ELSE history_from END WHERE id = $1",
        params![account, up_to],
    )?
    .expect_one()?;
    Ok((rows, bound.is_some()))
}
