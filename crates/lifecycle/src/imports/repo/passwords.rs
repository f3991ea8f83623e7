//! Generated initial passwords, sealed, until their one download.

use kernel::{ImportId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

pub fn insert(tx: &mut Tx, org: OrgId, import: ImportId, row: u32, sealed: &[u8], expires_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO import_password (org_id, import_id, row_number, sealed_password, expires_at) VALUES ($1, $2, $3, $4, $5)",
        params![org, import, i64::from(row), sealed, expires_at],
    )?
    .expect_one()
}

/// In the order of rows, those after `after`.
pub fn list(
    tx: &mut Tx,
    org: OrgId,
    import: ImportId,
    after: u32,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
    tx.query_all(
        "SELECT row_number, sealed_password FROM import_password \
         WHERE org_id = $1 AND import_id = $2 AND row_number > $3 AND expires_at > $4 ORDER BY row_number LIMIT $5",
        params![org, import, i64::from(after), now, limit],
        |row| Ok((row.get::<i64>(0)? as u32, row.get(1)?)),
    )
}

/// How many were deleted.
pub fn delete(tx: &mut Tx, org: OrgId, import: ImportId) -> Result<u64, StoreError> {
    Ok(tx.execute("DELETE FROM import_password WHERE org_id = $1 AND import_id = $2", params![org, import])?.count())
}

pub fn delete_one(tx: &mut Tx, org: OrgId, import: ImportId, row: u32) -> Result<(), StoreError> {
    let sql = "DELETE FROM import_password WHERE org_id = $1 AND import_id = $2 AND row_number = $3";
    tx.execute(sql, params![org, import, i64::from(row)])?.any();
    Ok(())
}

/// Deletes what expired by `now`, in every organisation; how many there were.
pub fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    Ok(tx.execute("DELETE FROM import_password WHERE expires_at <= $1", params![now])?.count())
}
