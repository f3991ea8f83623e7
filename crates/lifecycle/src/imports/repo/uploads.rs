//! The sealed upload, part by part.

use kernel::{ImportId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

pub fn insert(tx: &mut Tx, org: OrgId, import: ImportId, part: usize, sealed: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO import_upload (org_id, import_id, part, sealed) VALUES ($1, $2, $3, $4)",
        params![org, import, part as i64, sealed],
    )?
    .expect_one()
}

pub fn find(tx: &mut Tx, org: OrgId, import: ImportId, part: usize) -> Result<Option<Vec<u8>>, StoreError> {
    tx.query_opt(
        "SELECT sealed FROM import_upload WHERE org_id = $1 AND import_id = $2 AND part = $3",
        params![org, import, part as i64],
        |row| row.get(0),
    )
}

pub fn delete(tx: &mut Tx, org: OrgId, import: ImportId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM import_upload WHERE org_id = $1 AND import_id = $2", params![org, import])?.any();
    Ok(())
}

/// Imports made before `before` whose upload is still there, of every organisation.
pub fn left_over(tx: &mut Tx, before: Timestamp) -> Result<Vec<(OrgId, ImportId)>, StoreError> {
    tx.query_all(
        "SELECT DISTINCT u.org_id, u.import_id FROM import_upload u JOIN import i ON i.org_id = u.org_id AND i.id = u.import_id \
         WHERE i.created_at < $1",
        params![before],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
