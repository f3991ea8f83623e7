use kernel::{MailAccountId, OrgId, Timestamp, UploadId};
use store::{StoreError, Tx, params};

use super::Upload;

/// How many uploads wait, and how many bytes they have together.
pub(super) fn waiting(tx: &mut Tx, account: MailAccountId, after: Timestamp) -> Result<(u64, u64), StoreError> {
    tx.query_one(
        "SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM upload WHERE account_id = $1 AND created_at > $2",
        params![account, after],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(super) fn insert(tx: &mut Tx, org: OrgId, account: MailAccountId, upload: &Upload) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO upload (account_id, id, org_id, blob_id, content_type, size_bytes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![account, upload.id, org, upload.blob_id, upload.content_type, upload.size_bytes, upload.created_at],
    )?
    .expect_one()
}

pub(super) fn find(tx: &mut Tx, account: MailAccountId, id: UploadId) -> Result<Option<Upload>, StoreError> {
    tx.query_opt(
        "SELECT id, blob_id, content_type, size_bytes, created_at FROM upload WHERE account_id = $1 AND id = $2",
        params![account, id],
        |row| {
            Ok(Upload {
                id: row.get(0)?,
                blob_id: row.get(1)?,
                content_type: row.get(2)?,
                size_bytes: row.get(3)?,
                created_at: row.get(4)?,
            })
        },
    )
}

pub(super) fn delete_older(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM upload WHERE (account_id, id) IN (SELECT account_id, id FROM upload WHERE created_at <= $1 ORDER BY created_at LIMIT 1000)",
        params![before],
    )?;
    Ok(deleted.count())
}
