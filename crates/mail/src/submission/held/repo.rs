use kernel::{MailAccountId, OrgId, SubmissionId, Timestamp};
use store::{BlobId, StoreError, Tx, params};

use super::Envelope;

pub(super) struct New<'a> {
    pub(super) org: OrgId,
    pub(super) id: SubmissionId,
    pub(super) account: MailAccountId,
    pub(super) release_at: Timestamp,
    pub(super) blob_id: &'a BlobId,
    pub(super) blob_at: Timestamp,
    pub(super) envelope: &'a Envelope,
}

/// A message as it is held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) account: MailAccountId,
    pub(super) blob_id: BlobId,
    pub(super) envelope: Envelope,
    pub(super) created_at: Timestamp,
}

pub(super) fn insert(tx: &mut Tx, new: &New<'_>, now: Timestamp) -> Result<(), StoreError> {
    let envelope = serde_json::to_string(new.envelope).expect("an envelope is made of texts");
    tx.execute(
        "INSERT INTO held_submission (org_id, id, account_id, release_at, due_at, blob_id, blob_at, envelope, created_at)
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)",
        params![new.org, new.id, new.account, new.release_at, *new.blob_id, new.blob_at, envelope, now],
    )?
    .expect_one()
}

pub(super) fn count(tx: &mut Tx, account: MailAccountId) -> Result<u64, StoreError> {
    tx.query_one("SELECT CAST(COUNT(*) AS BIGINT) FROM held_submission WHERE account_id = $1", params![account], |row| row.get(0))
}

/// Removes the row; `false` when somebody else has.
pub(super) fn take(tx: &mut Tx, org: OrgId, account: MailAccountId, id: SubmissionId) -> Result<bool, StoreError> {
    let taken = tx.execute("DELETE FROM held_submission WHERE org_id = $1 AND id = $2 AND account_id = $3", params![org, id, account])?;
    Ok(taken.is_one())
}

/// What is due, the longest waiting first; it is not due again before `again_at`.
pub(super) fn claim(tx: &mut Tx, now: Timestamp, again_at: Timestamp, limit: u32) -> Result<Vec<(OrgId, SubmissionId)>, StoreError> {
    tx.query_all(
        "UPDATE held_submission SET due_at = $2
          WHERE due_at <= $1 AND (org_id, id) IN (SELECT org_id, id FROM held_submission WHERE due_at <= $1 ORDER BY due_at, org_id, id LIMIT $3)
        RETURNING org_id, id",
        params![now, again_at, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(super) fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    tx.query_opt("SELECT due_at FROM held_submission ORDER BY due_at LIMIT 1", params![], |row| row.get(0))
}

pub(super) fn find(tx: &mut Tx, org: OrgId, id: SubmissionId) -> Result<Option<Held>, StoreError> {
    tx.query_opt(
        "SELECT account_id, blob_id, envelope, created_at FROM held_submission WHERE org_id = $1 AND id = $2",
        params![org, id],
        |row| Ok(Held { account: row.get(0)?, blob_id: row.get(1)?, envelope: row.json(2)?, created_at: row.get(3)? }),
    )
}
