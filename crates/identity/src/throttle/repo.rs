use kernel::Timestamp;
use store::{StoreError, Tx, params};

use super::Count;

pub(super) fn find(tx: &mut Tx, subject: &[u8; 32]) -> Result<Option<Count>, StoreError> {
    tx.query_opt("SELECT failures, counted_at, blocked_until FROM sign_in_throttle WHERE subject = $1", params![*subject], |row| {
        Ok(Count { failures: row.get(0)?, counted_at: row.get(1)?, blocked_until: row.get(2)? })
    })
}

pub(super) fn put(tx: &mut Tx, subject: &[u8; 32], count: &Count, forget_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sign_in_throttle (subject, failures, counted_at, blocked_until, forget_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, counted_at = excluded.counted_at, \
         blocked_until = excluded.blocked_until, forget_at = excluded.forget_at",
        params![*subject, count.failures, count.counted_at, count.blocked_until, forget_at],
    )?
    .expect_one()
}

pub(super) fn remove(tx: &mut Tx, subject: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sign_in_throttle WHERE subject = $1", params![*subject])?.any();
    Ok(())
}

pub(super) fn delete_forgotten(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM sign_in_throttle WHERE subject IN \
         (SELECT subject FROM sign_in_throttle WHERE forget_at <= $1 ORDER BY forget_at LIMIT 1000)",
        params![now],
    )?;
    Ok(deleted.count())
}
