use kernel::{MailAccountId, Timestamp};
use store::{BlobId, Column, IN_LIST_MAX, Row, StoreError, Tx, params};

use super::RemovedMessage;
use crate::entries::{EntryRow, push_numbers};
use crate::messages::repo::Gone;
use crate::{Flags, MailboxId, MessageId};

/// What a statement that reads messages by their numbers says of `message m`: those that were removed are none.
pub(crate) const NOT_REMOVED: &str =
    "NOT EXISTS (SELECT 1 FROM removed_message r WHERE r.account_id = m.account_id AND r.message_id = m.id)";

/// A removed message with what makes a new one of it.
#[derive(Debug, Clone)]
pub(super) struct OldMessage {
    pub(super) id: MessageId,
    pub(super) mailbox: MailboxId,
    pub(super) flags: Flags,
    pub(super) size_bytes: u64,
    pub(super) received_at: Timestamp,
    pub(super) blob_id: BlobId,
    pub(super) blob_at: Timestamp,
    pub(super) prefix: Vec<u8>,
}

pub(super) fn insert(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    removed: &[(&Gone, &EntryRow)],
    now: Timestamp,
) -> Result<(), StoreError> {
    const ROWS: [usize; 4] = [1, 8, 64, IN_LIST_MAX / 2];
    let mut rest = removed;
    while !rest.is_empty() {
        // In few lengths, so that statements are prepared once: the longest that fits, again and again.
        let length = ROWS.into_iter().rev().find(|length| *length <= rest.len()).unwrap_or(1);
        let (rows, others) = rest.split_at(length);
        rest = others;
        let mut params = params![account, now, mailbox];
        let values: Vec<String> = rows
            .iter()
            .map(|(gone, entry)| {
                let (id, flags) = (params.push(gone.id), params.push(entry.flags.bits.raw()));
                let (keywords, size) = (params.push(entry.flags.stored_keywords()), params.push(gone.size_bytes));
                format!("($1, ${id}, $2, $3, ${flags}, ${keywords}, ${size})")
            })
            .collect();
        let sql = format!(
            "INSERT INTO removed_message (account_id, message_id, removed_at, mailbox_id, flags, keywords, size_bytes) VALUES {}",
            values.join(",")
        );
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}

/// Changes what waits in an account; answers how many messages that are now, and their bytes.
pub(super) fn add_waiting(tx: &mut Tx, account: MailAccountId, count: i64, bytes: i64) -> Result<(u64, u64), StoreError> {
    tx.query_one(
        "UPDATE mail_account SET removed_count = removed_count + $2, removed_bytes = removed_bytes + $3 WHERE id = $1
         RETURNING removed_count, removed_bytes",
        params![account, count, bytes],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Those removed before a moment, the oldest first, with their sizes.
pub(super) fn oldest(tx: &mut Tx, account: MailAccountId, before: Timestamp, limit: usize) -> Result<Vec<(MessageId, u64)>, StoreError> {
    tx.query_all(
        "SELECT message_id, size_bytes FROM removed_message INDEXED BY removed_message_by_time
          WHERE account_id = $1 AND removed_at < $2 ORDER BY removed_at, message_id LIMIT $3",
        params![account, before, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Of the named ones, those that wait, with their sizes.
pub(super) fn waiting(tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<(MessageId, u64)>, StoreError> {
    let mut found = Vec::with_capacity(messages.len());
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        let sql = format!("SELECT message_id, size_bytes FROM removed_message WHERE account_id = $1 AND message_id IN {list}");
        found.extend(tx.query_all(&sql, params, |row| Ok((row.get(0)?, row.get(1)?)))?);
    }
    Ok(found)
}

/// Removed within a time, from a place on in the order of (time, id).
pub(super) fn between(
    tx: &mut Tx,
    account: MailAccountId,
    after: (Timestamp, MessageId),
    until: Timestamp,
    limit: usize,
) -> Result<Vec<(Timestamp, MessageId)>, StoreError> {
    tx.query_all(
        "SELECT removed_at, message_id FROM removed_message INDEXED BY removed_message_by_time
          WHERE account_id = $1 AND removed_at >= $2 AND removed_at < $4 AND (removed_at > $2 OR message_id > $3)
          ORDER BY removed_at, message_id LIMIT $5",
        params![account, after.0, after.1, until, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Removes them for good.
pub(super) fn forget(tx: &mut Tx, account: MailAccountId, messages: &[(MessageId, u64)]) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    let ids: Vec<MessageId> = messages.iter().map(|(message, _)| *message).collect();
    let mut forgotten = 0;
    for chunk in ids.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        let sql = format!("DELETE FROM removed_message WHERE account_id = $1 AND message_id IN {list}");
        forgotten += tx.execute(&sql, params)?.count();
    }
    if forgotten != ids.len() as u64 {
        return Err(StoreError::RowCount { expected: "the removed messages that were read", found: forgotten });
    }
    delete_messages(tx, account, &ids)?;
    let bytes: u64 = messages.iter().map(|(_, bytes)| bytes).sum();
    add_waiting(tx, account, -(ids.len() as i64), -(bytes as i64))?;
    Ok(())
}

/// The rows of messages that no mailbox holds and nothing waits for.
pub(super) fn delete_messages(tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<(), StoreError> {
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        tx.execute(&format!("DELETE FROM message WHERE account_id = $1 AND id IN {list}"), params)?.any();
    }
    Ok(())
}

pub(super) fn list(tx: &mut Tx, account: MailAccountId, before: (i64, i64), limit: i64) -> Result<Vec<RemovedMessage>, StoreError> {
    tx.query_all(
        "SELECT r.message_id, r.removed_at, b.id, r.size_bytes, m.received_at, m.summary
           FROM removed_message r INDEXED BY removed_message_by_time
           JOIN message m ON m.account_id = r.account_id AND m.id = r.message_id
           LEFT JOIN mailbox b ON b.account_id = r.account_id AND b.id = r.mailbox_id
          WHERE r.account_id = $1 AND r.removed_at <= $2 AND (r.removed_at < $2 OR r.message_id < $3)
          ORDER BY r.removed_at DESC, r.message_id DESC LIMIT $4",
        params![account, before.0, before.1, limit],
        |row| {
            Ok(RemovedMessage {
                id: row.get(0)?,
                removed_at: row.get(1)?,
                mailbox: row.get(2)?,
                size_bytes: row.get(3)?,
                received_at: row.get(4)?,
                summary: row.json(5)?,
            })
        },
    )
}

pub(super) fn find(tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<OldMessage>, StoreError> {
    let mut params = params![account];
    let list = push_numbers(&mut params, messages.iter().map(|message| message.raw()));
    let sql = format!(
        "SELECT r.message_id, r.mailbox_id, r.flags, r.keywords, r.size_bytes, m.received_at, m.blob_id, m.blob_at, m.prefix
           FROM removed_message r JOIN message m ON m.account_id = r.account_id AND m.id = r.message_id
          WHERE r.account_id = $1 AND r.message_id IN {list} ORDER BY r.message_id"
    );
    tx.query_all(&sql, params, old_message)
}

fn old_message(row: &Row) -> Result<OldMessage, StoreError> {
    let keywords = match row.column(3) {
        Some(Column::Text(text)) => Some(text),
        _ => None,
    };
    Ok(OldMessage {
        id: row.get(0)?,
        mailbox: row.get(1)?,
        flags: Flags::from_stored(row.get(2)?, keywords),
        size_bytes: row.get(4)?,
        received_at: row.get(5)?,
        blob_id: row.get(6)?,
        blob_at: row.get(7)?,
        prefix: row.get(8)?,
    })
}

/// Accounts in which something waits that was removed before a moment, from one on.
pub(super) fn accounts_with_older(
    tx: &mut Tx,
    after: MailAccountId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(MailAccountId, bool)>, StoreError> {
    tx.query_all(
        "SELECT a.id, CASE WHEN a.removed_count > 0 AND EXISTS (SELECT 1 FROM removed_message r WHERE r.account_id = a.id AND r.removed_at < $2)
                           THEN TRUE ELSE FALSE END
           FROM mail_account a WHERE a.id > $1 ORDER BY a.id LIMIT $3",
        params![after, before, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
