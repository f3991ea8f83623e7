//! The past is kept for a while only.

use kernel::{MailAccountId, Timestamp};
use store::{Store, StoreError, Tempo, Tx, params};
use tokio::time::Instant;

use super::day_of;
use crate::threads;

/// How much of the past is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// For how long it can be told what went: a mail program that comes back later reads its lists anew.
    pub days: i64,
    /// Of each kind and account, however short the time is: whoever adds and removes all day fills no disk with it.
    pub tombstones: u64,
}

impl Default for Kept {
    fn default() -> Self {
        Self { days: 60, tombstones: 1_000_000 }
    }
}

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

/// Removes tombstones beyond what is kept, and what else belongs to mail that is long gone. For the worker.
pub async fn forget(store: &Store, now: Timestamp, kept: Kept, tempo: Tempo) -> Result<Forgotten, StoreError> {
    let before = day_of(now) - kept.days;
    let mut forgotten = Forgotten::default();
    let mut after = Some(MailAccountId::from_raw(-1));
    while let Some(from) = after.take() {
        let began = Instant::now();
        let accounts = store.read(move |tx| look(tx, from, before, kept.tombstones)).await?;
        if accounts.len() as i64 == ACCOUNTS_A_LOOK {
            after = accounts.last().map(|(account, _)| *account);
        }
        tempo.rest(began).await;
        for account in accounts.into_iter().filter(|(_, due)| *due).map(|(account, _)| account) {
            forgotten.accounts += 1;
            let too_many = store.read(move |tx| too_many(tx, account, kept.tombstones)).await?;
            let mut more = true;
            while more {
                let began = Instant::now();
                let (rows, left) = store.write_account(account, move |tx| forget_some(tx, account, before, too_many)).await?;
                forgotten.tombstones += rows;
                more = left;
                tempo.rest(began).await;
            }
            let mut from = Some(i64::MIN);
            while let Some(after) = from {
                let began = Instant::now();
                let (rows, next) = store.write_account(account, move |tx| threads::forget_empty(tx, account, after, ROWS_A_TIME)).await?;
                forgotten.references += rows;
                from = next;
                tempo.rest(began).await;
            }
        }
    }
    Ok(forgotten)
}

/// Accounts, and whether their oldest tombstone is past its time, or one too many.
fn look(tx: &mut Tx, after: MailAccountId, before: i64, most: u64) -> Result<Vec<(MailAccountId, bool)>, StoreError> {
    let due = TABLES.map(|table| {
        format!(
            "COALESCE((SELECT t.gone_on FROM {table} t WHERE t.account_id = a.id ORDER BY t.change_number LIMIT 1), $2) < $2
             OR EXISTS (SELECT 1 FROM {table} t WHERE t.account_id = a.id ORDER BY t.change_number DESC LIMIT 1 OFFSET $4)"
        )
    });
    let sql = format!(
        "SELECT a.id, CASE WHEN {} THEN TRUE ELSE FALSE END FROM mail_account a WHERE a.id > $1 ORDER BY a.id LIMIT $3",
        due.join(" OR ")
    );
    tx.query_all(&sql, params![after, before, ACCOUNTS_A_LOOK, most], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The last change of which there are too many since; 0, which is none, when there are not.
fn too_many(tx: &mut Tx, account: MailAccountId, most: u64) -> Result<i64, StoreError> {
    let mut last = 0;
    for table in TABLES {
        let sql = format!("SELECT change_number FROM {table} WHERE account_id = $1 ORDER BY change_number DESC LIMIT 1 OFFSET $2");
        last = last.max(tx.query_opt(&sql, params![account, most], |row| row.get(0))?.unwrap_or(0));
    }
    Ok(last)
}

/// Removes the oldest; answers how many, and whether there are more.
fn forget_some(tx: &mut Tx, account: MailAccountId, before: i64, too_many: i64) -> Result<(u64, bool), StoreError> {
    let mut oldest = Vec::new();
    let mut bound: Option<i64> = None;
    for table in TABLES {
        let changes: Vec<i64> = tx.query_all(
            &format!(
                "SELECT change_number FROM {table} WHERE account_id = $1 AND (gone_on < $2 OR change_number <= $4)
                  ORDER BY change_number LIMIT $3"
            ),
            params![account, before, ROWS_A_TIME, too_many],
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
