use kernel::{EmailIdentityId, MailAccountId};
use store::{Row, StoreError, Tx, params};

use super::{EmailIdentity, NamedAddress, Touch};

const COLUMNS: &str = "id, address, name, reply_to, bcc, text_signature, html_signature";

fn identity(row: &Row<'_>) -> Result<EmailIdentity, StoreError> {
    Ok(EmailIdentity {
        id: row.get(0)?,
        address: row.get(1)?,
        name: row.get(2)?,
        reply_to: row.json_opt(3)?,
        bcc: row.json_opt(4)?,
        text_signature: row.get(5)?,
        html_signature: row.get(6)?,
        may_delete: false,
    })
}

fn as_json(list: &Option<Vec<NamedAddress>>) -> Option<String> {
    list.as_ref().map(|list| serde_json::to_string(list).expect("a list of texts"))
}

pub(super) fn list(tx: &mut Tx, account: MailAccountId) -> Result<Vec<EmailIdentity>, StoreError> {
    tx.query_all(&format!("SELECT {COLUMNS} FROM email_identity WHERE account_id = $1 ORDER BY id"), params![account], identity)
}

pub(super) fn find(tx: &mut Tx, account: MailAccountId, id: EmailIdentityId) -> Result<Option<EmailIdentity>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM email_identity WHERE account_id = $1 AND id = $2"), params![account, id], identity)
}

pub(super) fn insert(tx: &mut Tx, account: MailAccountId, new: &EmailIdentity, change: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO email_identity (account_id, id, address, name, reply_to, bcc, text_signature, html_signature, created_change, changed_change)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        params![
            account,
            new.id,
            new.address,
            new.name,
            as_json(&new.reply_to),
            as_json(&new.bcc),
            new.text_signature,
            new.html_signature,
            change
        ],
    )?
    .expect_one()
}

pub(super) fn update(tx: &mut Tx, account: MailAccountId, changed: &EmailIdentity, change: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE email_identity SET name = $3, reply_to = $4, bcc = $5, text_signature = $6, html_signature = $7, changed_change = $8
         WHERE account_id = $1 AND id = $2",
        params![
            account,
            changed.id,
            changed.name,
            as_json(&changed.reply_to),
            as_json(&changed.bcc),
            changed.text_signature,
            changed.html_signature,
            change
        ],
    )?
    .expect_one()
}

pub(super) fn delete(tx: &mut Tx, account: MailAccountId, id: EmailIdentityId, change: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO email_identity_tombstone (account_id, id, created_change, change_number)
         SELECT account_id, id, created_change, $3 FROM email_identity WHERE account_id = $1 AND id = $2",
        params![account, id, change],
    )?
    .expect_one()?;
    tx.execute("DELETE FROM email_identity WHERE account_id = $1 AND id = $2", params![account, id])?.expect_one()
}

pub(super) fn touched_since(tx: &mut Tx, account: MailAccountId, since: i64) -> Result<Vec<Touch<EmailIdentityId>>, StoreError> {
    tx.query_all(
        "SELECT id, created_change, changed_change, FALSE FROM email_identity WHERE account_id = $1 AND changed_change > $2
         UNION ALL
         SELECT id, created_change, change_number, TRUE FROM email_identity_tombstone WHERE account_id = $1 AND change_number > $2",
        params![account, since],
        |row| Ok(Touch { id: row.get(0)?, created: row.get(1)?, last: row.get(2)?, gone: row.get(3)? }),
    )
}
