use kernel::{MailAccountId, Timestamp};
use store::{IN_LIST_MAX, StoreError, Tx, params};

use super::Lock;
use crate::entries::push_numbers;
use crate::removed_messages::NOT_REMOVED;
use crate::{MailboxId, MessageId};

/// Locks looked at by one statement, of a few lengths, so that statements are prepared once. Each takes two parameters.
const LOCKS_AT_ONCE: [usize; 4] = [1, 8, 64, IN_LIST_MAX / 2];

pub(super) fn take(tx: &mut Tx, lock: &Lock, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    let taken: Option<MailAccountId> = tx.query_opt(
        "INSERT INTO maildrop_lock (account_id, holder, lease_until) VALUES ($1, $2, $3)
         ON CONFLICT (account_id) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
          WHERE maildrop_lock.lease_until <= $4 RETURNING account_id",
        params![lock.account, &*lock.holder, until, now],
        |row| row.get(0),
    )?;
    Ok(taken.is_some())
}

/// Answers the accounts whose locks are still held by those who say so.
pub(super) fn renew(tx: &mut Tx, locks: &[Lock], until: Timestamp) -> Result<Vec<MailAccountId>, StoreError> {
    let mut kept = Vec::with_capacity(locks.len());
    let mut rest = locks;
    while let Some(last) = rest.last() {
        let length = LOCKS_AT_ONCE.into_iter().find(|length| *length >= rest.len()).unwrap_or(IN_LIST_MAX / 2);
        let (chunk, others) = rest.split_at(length.min(rest.len()));
        rest = others;
        let mut params = params![until];
        let held: Vec<String> = chunk
            .iter()
            .chain(std::iter::repeat_n(last, length - chunk.len()))
            .map(|lock| {
                let (account, holder) = (params.push(lock.account), params.push(&*lock.holder));
                format!("(account_id = ${account} AND holder = ${holder})")
            })
            .collect();
        let sql = format!("UPDATE maildrop_lock SET lease_until = $1 WHERE {} RETURNING account_id", held.join(" OR "));
        kept.extend(tx.query_all(&sql, params, |row| row.get::<MailAccountId>(0))?);
    }
    Ok(kept)
}

pub(super) fn release(tx: &mut Tx, lock: &Lock) -> Result<(), StoreError> {
    tx.execute("DELETE FROM maildrop_lock WHERE account_id = $1 AND holder = $2", params![lock.account, &*lock.holder])?.any();
    Ok(())
}

/// Whose unique id this is.
pub(super) fn find_by_unique_id(tx: &mut Tx, account: MailAccountId, unique_id: &str) -> Result<Option<MessageId>, StoreError> {
    tx.query_opt("SELECT message_id FROM maildrop_message WHERE account_id = $1 AND unique_id = $2", params![account, unique_id], |row| {
        row.get(0)
    })
}

pub(super) fn put_unique_id(tx: &mut Tx, account: MailAccountId, message: MessageId, unique_id: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO maildrop_message (account_id, message_id, unique_id, more_bytes) VALUES ($1, $2, $3, 0)
         ON CONFLICT (account_id, message_id) DO UPDATE SET unique_id = excluded.unique_id",
        params![account, message, unique_id],
    )?
    .expect_one()
}

/// Uid, message and ENVELOPE of a mailbox's entries above a uid, in order.
pub(super) fn envelopes(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    after: u32,
    limit: usize,
) -> Result<Vec<(u32, MessageId, Vec<u8>)>, StoreError> {
    let sql = "SELECT e.uid, m.id, m.envelope FROM mailbox_entry e CROSS JOIN message m
                WHERE e.account_id = $1 AND e.mailbox_id = $2 AND e.uid > $3 AND m.account_id = $1 AND m.id = e.message_id ORDER BY e.uid LIMIT $4";
    tx.query_all(sql, params![account, mailbox, after, limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(super) fn message_exists(tx: &mut Tx, account: MailAccountId, message: MessageId) -> Result<bool, StoreError> {
    let sql = format!("SELECT m.id FROM message m WHERE m.account_id = $1 AND m.id = $2 AND {NOT_REMOVED}");
    let found: Option<i64> = tx.query_opt(&sql, params![account, message], |row| row.get(0))?;
    Ok(found.is_some())
}

/// Of a message that is new.
pub(crate) fn note_more_bytes(tx: &mut Tx, account: MailAccountId, message: MessageId, more_bytes: u64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO maildrop_message (account_id, message_id, more_bytes) VALUES ($1, $2, $3)",
        params![account, message, more_bytes],
    )?
    .expect_one()
}

/// What is said of a message holds for a second one on the same octets, but not its unique id.
pub(crate) fn copy_message(tx: &mut Tx, account: MailAccountId, from: MessageId, to: MessageId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO maildrop_message (account_id, message_id, more_bytes)
         SELECT account_id, $3, more_bytes FROM maildrop_message WHERE account_id = $1 AND message_id = $2 AND more_bytes > 0",
        params![account, from, to],
    )?
    .any();
    Ok(())
}

/// Of messages that are gone; at most [`IN_LIST_MAX`].
pub(crate) fn delete_messages(
    tx: &mut Tx,
    account: MailAccountId,
    messages: impl ExactSizeIterator<Item = MessageId>,
) -> Result<(), StoreError> {
    if messages.len() == 0 {
        return Ok(());
    }
    let mut params = params![account];
    let list = push_numbers(&mut params, messages.map(MessageId::raw));
    tx.execute(&format!("DELETE FROM maildrop_message WHERE account_id = $1 AND message_id IN {list}"), params)?.any();
    Ok(())
}
