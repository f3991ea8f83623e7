use std::collections::BTreeMap;

use kernel::{MailAccountId, Timestamp};
use store::{BlobId, IN_LIST_MAX, Row, StoreError, Tx, params};

use crate::entries::{BY_THREAD, push_numbers};
use crate::mime::Summary;
use crate::removed_messages::NOT_REMOVED;
use crate::{MessageId, ThreadId, maildrop};

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    pub id: MessageId,
    pub thread: ThreadId,
    pub created_change: i64,
    /// RFC822.SIZE: prefix and blob together.
    pub size_bytes: u64,
    pub received_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub has_attachment: bool,
    pub blob_id: BlobId,
    /// Header lines of its delivery, in front of the blob.
    pub prefix: Vec<u8>,
    pub envelope: Vec<u8>,
    pub body_structure: Vec<u8>,
    pub summary: Summary,
}

/// Where the bytes of a message are, without what is kept ready beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// RFC822.SIZE: prefix and blob together.
    pub size_bytes: u64,
    pub blob_id: BlobId,
    /// Header lines of its delivery, in front of the blob.
    pub prefix: Vec<u8>,
}

const COLUMNS: &str = "m.id, m.thread_id, m.created_change, m.size_bytes, m.received_at, m.sent_at, m.has_attachment, m.blob_id, m.prefix, \
    m.envelope, m.body_structure, m.summary";

fn read(row: &Row) -> Result<StoredMessage, StoreError> {
    Ok(StoredMessage {
        id: row.get(0)?,
        thread: row.get(1)?,
        created_change: row.get(2)?,
        size_bytes: row.get(3)?,
        received_at: row.get(4)?,
        sent_at: row.get(5)?,
        has_attachment: row.get(6)?,
        blob_id: row.get(7)?,
        prefix: row.get(8)?,
        envelope: row.get(9)?,
        body_structure: row.get(10)?,
        summary: row.json(11)?,
    })
}

pub(super) fn find(tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<StoredMessage>, StoreError> {
    select(tx, account, messages, COLUMNS, read)
}

pub(super) fn find_kept(tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<(MessageId, Kept)>, StoreError> {
    select(tx, account, messages, "m.id, m.size_bytes, m.blob_id, m.prefix", |row| {
        Ok((row.get(0)?, Kept { size_bytes: row.get(1)?, blob_id: row.get(2)?, prefix: row.get(3)? }))
    })
}

fn select<T>(
    tx: &mut Tx,
    account: MailAccountId,
    messages: &[MessageId],
    columns: &str,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::with_capacity(messages.len());
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        let sql = format!("SELECT {columns} FROM message m WHERE m.account_id = $1 AND m.id IN {list} AND {NOT_REMOVED}");
        tx.for_each(&sql, params, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
    }
    Ok(found)
}

pub(super) fn of_threads(tx: &mut Tx, account: MailAccountId, threads: &[ThreadId]) -> Result<Vec<(ThreadId, Vec<MessageId>)>, StoreError> {
    let mut found: BTreeMap<ThreadId, Vec<(Timestamp, MessageId)>> = BTreeMap::new();
    for chunk in threads.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|thread| thread.raw()));
        let sql = format!(
            "SELECT thread_id, received_at, message_id FROM mailbox_entry {BY_THREAD} WHERE account_id = $1 AND thread_id IN {list}"
        );
        tx.for_each(&sql, params, |row| {
            found.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
            Ok(())
        })?;
    }
    let in_order = |mut messages: Vec<(Timestamp, MessageId)>| {
        messages.sort_unstable();
        messages.dedup();
        messages.into_iter().map(|(_, message)| message).collect()
    };
    Ok(found.into_iter().map(|(thread, messages)| (thread, in_order(messages))).collect())
}

/// A second message on the same bytes, which the first keeps named until this one does.
pub(crate) fn copy(
    tx: &mut Tx,
    account: MailAccountId,
    message: MessageId,
    number: i64,
    change_number: i64,
) -> Result<MessageId, StoreError> {
    tx.execute(
        "INSERT INTO message (account_id, id, thread_id, created_change, size_bytes, received_at, sent_at, has_attachment, blob_id, blob_at, prefix,
                envelope, body_structure, summary)
         SELECT account_id, $3, thread_id, $4, size_bytes, received_at, sent_at, has_attachment, blob_id, blob_at, prefix, envelope,
                body_structure, summary FROM message WHERE account_id = $1 AND id = $2",
        params![account, message, number, change_number],
    )?
    .expect_one()?;
    let copied = MessageId::from_raw(number);
    maildrop::copy_message(tx, account, message, copied)?;
    Ok(copied)
}

/// A message without any entry left.
pub(crate) struct Gone {
    pub(crate) id: MessageId,
    pub(super) thread: ThreadId,
    pub(super) created_change: i64,
    pub(crate) size_bytes: i64,
}

/// Those of the messages that no mailbox holds.
pub(super) fn unheld(tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<Gone>, StoreError> {
    let mut params = params![account];
    let list = push_numbers(&mut params, messages.iter().map(|message| message.raw()));
    tx.query_all(
        &format!(
            "SELECT m.id, m.thread_id, m.created_change, m.size_bytes FROM message m WHERE m.account_id = $1 AND m.id IN {list} AND NOT EXISTS
                 (SELECT 1 FROM mailbox_entry e {BY_THREAD} WHERE e.account_id = $1 AND e.thread_id = m.thread_id AND e.message_id = m.id)"
        ),
        params,
        |row| Ok(Gone { id: row.get(0)?, thread: row.get(1)?, created_change: row.get(2)?, size_bytes: row.get(3)? }),
    )
}

pub(super) fn insert_tombstones(
    tx: &mut Tx,
    account: MailAccountId,
    gone: &[Gone],
    change_number: i64,
    gone_on: i64,
) -> Result<(), StoreError> {
    const ROWS: [usize; 4] = [1, 8, 64, IN_LIST_MAX];
    let mut rest = gone;
    while !rest.is_empty() {
        // In few lengths, so that statements are prepared once: the longest that fits, again and again.
        let length = ROWS.into_iter().rev().find(|length| *length <= rest.len()).unwrap_or(1);
        let (rows, others) = rest.split_at(length);
        rest = others;
        let mut params = params![account, change_number, gone_on];
        let mut sql =
            String::from("INSERT INTO message_tombstone (account_id, change_number, id, thread_id, created_change, gone_on) VALUES ");
        for (index, row) in rows.iter().enumerate() {
            let (id, thread, created) = (params.push(row.id), params.push(row.thread), params.push(row.created_change));
            sql.push_str(if index == 0 { "" } else { "," });
            sql.push_str(&format!("($1,$2,${id},${thread},${created},$3)"));
        }
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}
