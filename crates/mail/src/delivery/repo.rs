use std::collections::HashSet;

use kernel::{Ctx, IngressId, MailAccountId, OrgId, Timestamp};
use store::{BlobId, Row, StoreError, Tx, params};

use super::{Into, LocalRecipient, Refused};
use crate::entries::push_numbers;
use crate::mailboxes::Role;
use crate::messages::{Incoming, NewMessage};
use crate::{FlagBits, MailboxId};

/// A message on its way to several accounts.
pub(super) struct Ingress {
    pub(super) return_path: String,
    prefix: Vec<u8>,
    blob_id: BlobId,
    blob_at: Timestamp,
    blob_bytes: u64,
    received_at: Timestamp,
    sent_at: Option<Timestamp>,
    has_attachment: bool,
    envelope: Vec<u8>,
    body_structure: Vec<u8>,
    summary: String,
    hashes: Vec<i64>,
    more_bytes: u64,
}

impl Ingress {
    pub(super) fn prefix_for(&self, address: &str) -> Vec<u8> {
        super::prefix_for(address, &self.prefix)
    }

    pub(super) fn hashes(&self) -> &[i64] {
        &self.hashes
    }

    pub(super) fn incoming<'a>(&'a self, prefix: &'a [u8], saved_at: Timestamp) -> Incoming<'a> {
        Incoming {
            blob_id: &self.blob_id,
            blob_at: self.blob_at,
            prefix,
            size_bytes: prefix.len() as u64 + self.blob_bytes,
            received_at: self.received_at,
            saved_at,
            sent_at: self.sent_at,
            has_attachment: self.has_attachment,
            envelope: &self.envelope,
            body_structure: &self.body_structure,
            summary: &self.summary,
            reference_hashes: &self.hashes,
            more_bytes: self.more_bytes,
        }
    }
}

pub(super) fn insert_ingress(
    tx: &mut Tx,
    ctx: &Ctx,
    id: IngressId,
    message: &NewMessage,
    blob_at: Timestamp,
    return_path: &str,
    hashes: &[i64],
) -> Result<(), StoreError> {
    let rendered = &message.rendered;
    tx.execute(
        "INSERT INTO ingress (org_id, id, blob_id, blob_at, prefix, return_path, size_bytes, received_at, sent_at, has_attachment, envelope,
                body_structure, summary, reference_hashes, created_at, more_bytes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        params![
            ctx.org,
            id,
            message.blob.id().clone(),
            blob_at,
            &message.prefix[..],
            return_path.replace('\0', ""),
            rendered.size_bytes,
            message.received_at,
            rendered.sent_at,
            rendered.has_attachment,
            &rendered.envelope[..],
            &rendered.body_structure[..],
            message.summary_json(),
            hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect::<Vec<u8>>(),
            ctx.now,
            rendered.more_bytes
        ],
    )?
    .expect_one()
}

pub(super) fn insert_recipients(tx: &mut Tx, org: OrgId, id: IngressId, recipients: &[&LocalRecipient]) -> Result<(), StoreError> {
    const ROWS: usize = 500;
    for chunk in recipients.chunks(ROWS) {
        let mut sql =
            String::from("INSERT INTO ingress_recipient (org_id, ingress_id, account_id, address, mailbox_id, role, flags, note) VALUES ");
        let mut params = params![org, id];
        for (index, recipient) in chunk.iter().enumerate() {
            let (mailbox, role) = match recipient.into {
                Into::Mailbox(id) => (id, None),
                Into::Role(role) => (MailboxId::from_raw(0), Some(role.as_str())),
            };
            let account = params.push(recipient.account);
            let address = params.push(recipient.address.replace('\0', ""));
            let (mailbox, role) = (params.push(mailbox), params.push(role));
            let (flags, note) = (params.push(recipient.flags.raw()), params.push(&recipient.note));
            sql.push_str(if index == 0 { "" } else { "," });
            sql.push_str(&format!("($1,$2,${account},${address},${mailbox},${role},${flags},${note})"));
        }
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}

pub(super) fn find_ingress(tx: &mut Tx, org: OrgId, id: IngressId) -> Result<Option<Ingress>, StoreError> {
    tx.query_opt(
        "SELECT return_path, prefix, blob_id, blob_at, size_bytes, received_at, sent_at, has_attachment, envelope, body_structure, summary,
                reference_hashes, more_bytes FROM ingress WHERE org_id = $1 AND id = $2",
        params![org, id],
        |row| {
            let hashes: Vec<u8> = row.get(11)?;
            Ok(Ingress {
                return_path: row.get(0)?,
                prefix: row.get(1)?,
                blob_id: row.get(2)?,
                blob_at: row.get(3)?,
                blob_bytes: row.get(4)?,
                received_at: row.get(5)?,
                sent_at: row.get(6)?,
                has_attachment: row.get(7)?,
                envelope: row.get(8)?,
                body_structure: row.get(9)?,
                summary: row.get(10)?,
                hashes: hashes.chunks_exact(8).map(|hash| i64::from_le_bytes(hash.try_into().expect("chunks of eight"))).collect(),
                more_bytes: row.get(12)?,
            })
        },
    )
}

/// A recipient that still waits.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) account: MailAccountId,
    pub(super) address: String,
    pub(super) into: Into,
    pub(super) flags: FlagBits,
}

/// Recipients that still wait for it, from an account on.
pub(super) fn waiting(tx: &mut Tx, org: OrgId, id: IngressId, after: MailAccountId, limit: usize) -> Result<Vec<Waiting>, StoreError> {
    tx.query_all(
        "SELECT account_id, address, mailbox_id, role, flags FROM ingress_recipient
          WHERE org_id = $1 AND ingress_id = $2 AND account_id > $3 AND refused IS NULL ORDER BY account_id LIMIT $4",
        params![org, id, after, limit],
        |row| {
            let role: Option<String> = row.get(3)?;
            let into = match role.as_deref().and_then(Role::parse) {
                Some(role) => Into::Role(role),
                None => Into::Mailbox(row.get(2)?),
            };
            Ok(Waiting { account: row.get(0)?, address: row.get(1)?, into, flags: FlagBits::from_raw(row.get(4)?) })
        },
    )
}

/// They do not wait any more; answers which of them still did.
pub(super) fn delete_waiting(
    tx: &mut Tx,
    org: OrgId,
    id: IngressId,
    accounts: &[MailAccountId],
) -> Result<HashSet<MailAccountId>, StoreError> {
    let mut params = params![org, id];
    let list = push_numbers(&mut params, accounts.iter().map(|account| account.raw()));
    let sql = format!(
        "DELETE FROM ingress_recipient WHERE org_id = $1 AND ingress_id = $2 AND account_id IN {list} AND refused IS NULL RETURNING account_id"
    );
    Ok(tx.query_all(&sql, params, |row| row.get(0))?.into_iter().collect())
}

pub(super) fn refuse(tx: &mut Tx, org: OrgId, id: IngressId, account: MailAccountId, code: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE ingress_recipient SET refused = $4 WHERE org_id = $1 AND ingress_id = $2 AND account_id = $3 AND refused IS NULL",
        params![org, id, account, code],
    )?
    .any();
    Ok(())
}

pub(super) fn refused(tx: &mut Tx, org: OrgId, id: IngressId) -> Result<Vec<Refused>, StoreError> {
    tx.query_all(
        "SELECT account_id, address, note, refused FROM ingress_recipient WHERE org_id = $1 AND ingress_id = $2 AND refused IS NOT NULL
          ORDER BY account_id",
        params![org, id],
        read_refused,
    )
}

fn read_refused(row: &Row) -> Result<Refused, StoreError> {
    Ok(Refused { account: row.get(0)?, address: row.get(1)?, note: row.get(2)?, code: row.get(3)? })
}

pub(super) fn delete_refused(tx: &mut Tx, org: OrgId, id: IngressId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM ingress_recipient WHERE org_id = $1 AND ingress_id = $2 AND refused IS NOT NULL", params![org, id])?.any();
    Ok(())
}

/// Removes a message that nobody waits for any more.
pub(super) fn delete_ingress_if_done(tx: &mut Tx, org: OrgId, id: IngressId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM ingress WHERE org_id = $1 AND id = $2 AND NOT EXISTS
             (SELECT 1 FROM ingress_recipient r WHERE r.org_id = $1 AND r.ingress_id = $2)",
        params![org, id],
    )?
    .any();
    Ok(())
}
