use std::ops::RangeInclusive;

use kernel::{Ctx, MailAccountId};
use store::{BlobId, Column, Tx, params};

use crate::heads::{self, MailError};
use crate::{MailboxId, mailboxes};

/// A message as a maildrop lists it, borrowed from its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    pub uid: u32,
    /// What is sent of it, with every line ended by CRLF, before dots are doubled.
    pub size_bytes: u64,
    /// `None` for the one that is derived from its uid.
    pub unique_id: Option<&'a str>,
}

/// Hands over the messages of a mailbox by uid, at most `limit`, without keeping them.
pub fn for_each_listed(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: RangeInclusive<u32>,
    limit: usize,
    mut each: impl FnMut(Listed<'_>),
) -> Result<(), MailError> {
    heads::open(ctx, tx, account)?;
    if !mailboxes::repo::exists(tx, account, mailbox)? {
        return Err(MailError::MailboxNotFound(mailbox));
    }
    // Few messages have a second row, mostly none: a look at an empty tree for each.
    let sql = "SELECT e.uid, e.size_bytes, d.more_bytes, d.unique_id FROM mailbox_entry e
                 LEFT JOIN maildrop_message d ON d.account_id = e.account_id AND d.message_id = e.message_id
                WHERE e.account_id = $1 AND e.mailbox_id = $2 AND e.uid BETWEEN $3 AND $4 ORDER BY e.uid LIMIT $5";
    Ok(tx.for_each(sql, params![account, mailbox, *uids.start(), *uids.end(), limit], |row| {
        let more: Option<u64> = row.get(2)?;
        let unique_id = match row.column(3) {
            Some(Column::Text(text)) => Some(text),
            _ => None,
        };
        each(Listed { uid: row.get(0)?, size_bytes: row.get::<u64>(1)?.saturating_add(more.unwrap_or(0)), unique_id });
        Ok(())
    })?)
}

/// Where the octets of a message are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octets {
    pub blob_id: BlobId,
    /// What stands in front of the blob.
    pub prefix: Vec<u8>,
    pub size_bytes: u64,
}

/// What [`crate::messages::read`] needs for one message of a mailbox; `None` when it is not there any more.
pub fn find_octets(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, mailbox: MailboxId, uid: u32) -> Result<Option<Octets>, MailError> {
    heads::open(ctx, tx, account)?;
    let sql = "SELECT m.blob_id, m.prefix, m.size_bytes FROM mailbox_entry e CROSS JOIN message m
                WHERE e.account_id = $1 AND e.mailbox_id = $2 AND e.uid = $3 AND m.account_id = $1 AND m.id = e.message_id";
    Ok(tx.query_opt(sql, params![account, mailbox, uid], |row| {
        Ok(Octets { blob_id: row.get(0)?, prefix: row.get(1)?, size_bytes: row.get(2)? })
    })?)
}
