use kernel::{EmailSubmissionId, MailAccountId, SubmissionId};
use store::{Row, StoreError, Tx, in_list, params};

use super::{EmailSubmission, SentEnvelope, UndoStatus};
use crate::email_identities::Touch;

const COLUMNS: &str = "id, identity_id, message_id, thread_id, envelope, queued_as, sent_at, undo_status";

fn submission(row: &Row<'_>) -> Result<EmailSubmission, StoreError> {
    Ok(EmailSubmission {
        id: row.get(0)?,
        identity: row.get(1)?,
        message: row.get(2)?,
        thread: row.get(3)?,
        envelope: row.json::<SentEnvelope>(4)?,
        queued_as: row.get(5)?,
        sent_at: row.get(6)?,
        undo_status: UndoStatus::of(&row.get::<String>(7)?),
    })
}

pub(super) fn insert(tx: &mut Tx, account: MailAccountId, sent: &EmailSubmission, change: i64) -> Result<(), StoreError> {
    let envelope = serde_json::to_string(&sent.envelope).expect("an envelope is made of texts");
    tx.execute(
        "INSERT INTO email_submission
            (account_id, id, identity_id, message_id, thread_id, envelope, queued_as, sent_at, created_change, changed_change, undo_status)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
        params![
            account,
            sent.id,
            sent.identity,
            sent.message,
            sent.thread,
            envelope,
            sent.queued_as,
            sent.sent_at,
            change,
            sent.undo_status.as_str()
        ],
    )?
    .expect_one()
}

pub(super) fn list(tx: &mut Tx, account: MailAccountId) -> Result<Vec<EmailSubmission>, StoreError> {
    tx.query_all(
        &format!("SELECT {COLUMNS} FROM email_submission WHERE account_id = $1 ORDER BY sent_at DESC, id DESC"),
        params![account],
        submission,
    )
}

pub(super) fn find_many(tx: &mut Tx, account: MailAccountId, ids: &[EmailSubmissionId]) -> Result<Vec<EmailSubmission>, StoreError> {
    let mut params = params![account];
    params.extend(ids);
    let sql = format!("SELECT {COLUMNS} FROM email_submission WHERE account_id = $1 AND id IN {}", in_list(2, ids.len()));
    tx.query_all(&sql, params, submission)
}

/// The row of a message that is held.
pub(super) fn find_held(tx: &mut Tx, account: MailAccountId, queued_as: SubmissionId) -> Result<Option<EmailSubmission>, StoreError> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM email_submission WHERE account_id = $1 AND queued_as = $2 AND undo_status = 'pending'"),
        params![account, queued_as],
        submission,
    )
}

/// Writes how a held message ended.
pub(super) fn settle(
    tx: &mut Tx,
    account: MailAccountId,
    id: EmailSubmissionId,
    status: UndoStatus,
    envelope: &SentEnvelope,
    change: i64,
) -> Result<(), StoreError> {
    let envelope = serde_json::to_string(envelope).expect("an envelope is made of texts");
    tx.execute(
        "UPDATE email_submission SET undo_status = $3, envelope = $4, changed_change = $5 WHERE account_id = $1 AND id = $2",
        params![account, id, status.as_str(), envelope, change],
    )?
    .expect_one()
}

/// Rows beyond the newest `kept`, at most a few: one comes for each that is sent.
pub(super) fn oldest_beyond(tx: &mut Tx, account: MailAccountId, kept: u64) -> Result<Vec<EmailSubmissionId>, StoreError> {
    tx.query_all(
        "SELECT id FROM email_submission WHERE account_id = $1 AND undo_status <> 'pending' ORDER BY id DESC LIMIT 10 OFFSET $2",
        params![account, kept],
        |row| row.get(0),
    )
}

pub(super) fn delete(tx: &mut Tx, account: MailAccountId, id: EmailSubmissionId, change: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO email_submission_tombstone (account_id, id, created_change, change_number)
         SELECT account_id, id, created_change, $3 FROM email_submission WHERE account_id = $1 AND id = $2",
        params![account, id, change],
    )?
    .expect_one()?;
    tx.execute("DELETE FROM email_submission WHERE account_id = $1 AND id = $2", params![account, id])?.expect_one()
}

pub(super) fn touched_since(tx: &mut Tx, account: MailAccountId, since: i64) -> Result<Vec<Touch<EmailSubmissionId>>, StoreError> {
    tx.query_all(
        "SELECT id, created_change, changed_change, FALSE FROM email_submission WHERE account_id = $1 AND changed_change > $2
         UNION ALL
         SELECT id, created_change, change_number, TRUE FROM email_submission_tombstone WHERE account_id = $1 AND change_number > $2",
        params![account, since],
        |row| Ok(Touch { id: row.get(0)?, created: row.get(1)?, last: row.get(2)?, gone: row.get(3)? }),
    )
}
