use std::collections::HashMap;

use kernel::{MailAccountId, Timestamp};
use store::{Column, IN_LIST_MAX, Params, Row, StoreError, Tx, in_list, params};

use super::EntryRow;
use super::pick::Piece;
use crate::{FlagBits, Flags, MailboxId, MessageId, ThreadId};

/// Where the columns begin that stand behind [`ENTRY_COLUMNS`].
pub(crate) const AFTER_ENTRY: usize = 9;

/// What [`read_entry`] reads, of `mailbox_entry e`.
pub(crate) const ENTRY_COLUMNS: &str =
    "e.uid, e.message_id, e.thread_id, e.flags, e.keywords, e.received_at, e.size_bytes, e.change_number, e.saved_at";

pub(crate) fn read_entry(row: &Row) -> Result<EntryRow, StoreError> {
    let keywords = match row.column(4) {
        Some(Column::Text(text)) => Some(text),
        _ => None,
    };
    let received_at = row.get(5)?;
    Ok(EntryRow {
        uid: row.get(0)?,
        message: row.get(1)?,
        thread: row.get(2)?,
        flags: Flags::from_stored(row.get(3)?, keywords),
        received_at,
        saved_at: row.get::<Option<Timestamp>>(8)?.unwrap_or(received_at),
        size_bytes: row.get(6)?,
        change_number: row.get(7)?,
    })
}

// Which index of `mailbox_entry` a statement goes by. SQLite's planner takes an account for a few rows and would rather read all of it; so every
// statement that does not go by mailbox and uid says how it goes.
pub(crate) const BY_THREAD: &str = "INDEXED BY mailbox_entry_by_thread";
pub(crate) const BY_TIME: &str = "INDEXED BY mailbox_entry_by_time";
pub(crate) const BY_CHANGE: &str = "INDEXED BY mailbox_entry_by_change";
const BY_DELETED: &str = "INDEXED BY mailbox_entry_deleted";

/// What a mailbox holds of a thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ThreadCounts {
    pub(crate) total: i64,
    pub(crate) unread: i64,
}

/// What a mailbox holds of each of `threads`; those of which it holds nothing are left out.
pub(crate) fn thread_counts(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    threads: &[ThreadId],
) -> Result<HashMap<ThreadId, ThreadCounts>, StoreError> {
    let mut counts = HashMap::with_capacity(threads.len());
    for chunk in threads.chunks(IN_LIST_MAX) {
        let mut params = params![account, mailbox];
        let list = push_numbers(&mut params, chunk.iter().map(|thread| thread.raw()));
        // The plus keeps PostgreSQL on the index by threads: the mailbox may hold a million others.
        let sql = format!(
            "SELECT thread_id, COUNT(*), COUNT(CASE WHEN (flags & {}) = 0 THEN 1 END) FROM mailbox_entry {}
              WHERE account_id = $1 AND thread_id IN {list} AND +mailbox_id = $2 GROUP BY thread_id",
            READ_BITS.raw(),
            BY_THREAD
        );
        tx.for_each(&sql, params, |row| {
            counts.insert(row.get(0)?, ThreadCounts { total: row.get(1)?, unread: row.get(2)? });
            Ok(())
        })?;
    }
    Ok(counts)
}

/// An entry with any of these is not unread.
const READ_BITS: FlagBits = FlagBits::from_raw(FlagBits::SEEN.raw() | FlagBits::DRAFT.raw());

/// A list in one of a few lengths, so that statements are prepared once; the last number is repeated.
pub(crate) fn push_numbers(params: &mut Params, numbers: impl ExactSizeIterator<Item = i64>) -> String {
    let first = params.len() + 1;
    let count = numbers.len();
    let length = [1, 8, 64, IN_LIST_MAX].into_iter().find(|length| *length >= count).unwrap_or(count);
    let mut last = 0;
    params.extend(numbers.inspect(|number| last = *number));
    params.extend(std::iter::repeat_n(last, length - count));
    in_list(first, length)
}

/// What a change of flags does to the bits of each row: `(flags | or) & and`.
#[derive(Debug, Clone, Copy)]
pub(super) struct BitChange {
    pub(super) or: i64,
    pub(super) and: i64,
}

/// Changes bits, and with `Some` sets the keywords, of the entries that `piece` names.
pub(super) fn set_flags(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    piece: &Piece,
    bits: BitChange,
    keywords: Option<&Option<String>>,
    change_number: i64,
) -> Result<(), StoreError> {
    let mut params = params![account, mailbox, change_number, bits.or, bits.and];
    let keywords = match keywords {
        Some(keywords) => format!(", keywords = ${}", params.push(keywords)),
        None => String::new(),
    };
    let condition = piece.condition(&mut params);
    let sql = format!(
        "UPDATE mailbox_entry SET flags = (flags | $4) & $5, change_number = $3{keywords} WHERE account_id = $1 AND mailbox_id = $2 AND {condition}"
    );
    expect(tx.execute(&sql, params)?.count(), piece)
}

/// Which of the entries that `piece` names have their message in `target`, too.
pub(super) fn uids_held_by(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    piece: &Piece,
    target: MailboxId,
) -> Result<Vec<u32>, StoreError> {
    let mut params = params![account, mailbox, target];
    let condition = piece.condition(&mut params);
    let sql = format!(
        "SELECT uid FROM mailbox_entry WHERE account_id = $1 AND mailbox_id = $2 AND {condition} AND EXISTS
             (SELECT 1 FROM mailbox_entry t {BY_THREAD} WHERE t.account_id = $1 AND t.thread_id = mailbox_entry.thread_id
                 AND t.message_id = mailbox_entry.message_id AND +t.mailbox_id = $3)"
    );
    tx.query_all(&sql, params, |row| row.get(0))
}

/// Adds entries for the messages of those that `piece` names; the first gets `first_uid`, the others follow by their old uids.
pub(super) fn copy(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    piece: &Piece,
    target: MailboxId,
    first_uid: u32,
    (change_number, now): (i64, Timestamp),
) -> Result<(), StoreError> {
    let mut params = params![account, mailbox, target, first_uid, change_number, now];
    let condition = piece.condition(&mut params);
    let sql = format!(
        "INSERT INTO mailbox_entry (account_id, mailbox_id, uid, message_id, thread_id, flags, keywords, received_at, size_bytes, change_number, saved_at)
         SELECT account_id, $3, $4 + ROW_NUMBER() OVER (ORDER BY uid) - 1, message_id, thread_id, flags, keywords, received_at, size_bytes, $5, $6
           FROM mailbox_entry WHERE account_id = $1 AND mailbox_id = $2 AND {condition}"
    );
    expect(tx.execute(&sql, params)?.count(), piece)
}

/// One entry.
#[derive(Debug, Clone)]
pub(crate) struct NewEntry<'a> {
    pub(crate) mailbox: MailboxId,
    pub(crate) uid: u32,
    pub(crate) message: MessageId,
    pub(crate) thread: ThreadId,
    pub(crate) flags: &'a Flags,
    pub(crate) received_at: Timestamp,
    pub(crate) saved_at: Timestamp,
    pub(crate) size_bytes: u64,
}

/// What is kept of the time of saving: nothing where it is that of receiving, to the second in which it is told.
pub(crate) fn stored_saved_at(saved_at: Timestamp, received_at: Timestamp) -> Option<Timestamp> {
    (saved_at.as_micros().abs_diff(received_at.as_micros()) >= 1_000_000).then_some(saved_at)
}

pub(crate) fn insert(tx: &mut Tx, account: MailAccountId, entry: &NewEntry<'_>, change_number: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO mailbox_entry (account_id, mailbox_id, uid, message_id, thread_id, flags, keywords, received_at, size_bytes, change_number, saved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            account,
            entry.mailbox,
            entry.uid,
            entry.message,
            entry.thread,
            entry.flags.bits.raw(),
            entry.flags.stored_keywords(),
            entry.received_at,
            entry.size_bytes,
            change_number,
            stored_saved_at(entry.saved_at, entry.received_at)
        ],
    )?
    .expect_one()
}

/// Removes the entries that `piece` names, and leaves their tombstones.
pub(super) fn bury(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    piece: &Piece,
    change_number: i64,
    gone_on: i64,
) -> Result<(), StoreError> {
    let mut params = params![account, mailbox, change_number, gone_on];
    let condition = piece.condition(&mut params);
    let sql = format!(
        "INSERT INTO entry_tombstone (account_id, change_number, message_id, mailbox_id, uid, gone_on)
         SELECT account_id, $3, message_id, mailbox_id, uid, $4 FROM mailbox_entry WHERE account_id = $1 AND mailbox_id = $2 AND {condition}"
    );
    expect(tx.execute(&sql, params)?.count(), piece)?;
    let mut params = params![account, mailbox];
    let condition = piece.condition(&mut params);
    let sql = format!("DELETE FROM mailbox_entry WHERE account_id = $1 AND mailbox_id = $2 AND {condition}");
    expect(tx.execute(&sql, params)?.count(), piece)
}

/// A chunk's rows were read in this transaction, so each statement must meet exactly them.
fn expect(found: u64, piece: &Piece) -> Result<(), StoreError> {
    if found == piece.count() as u64 { Ok(()) } else { Err(StoreError::RowCount { expected: "the entries that were picked", found }) }
}

/// Entries with `\Deleted`, from a uid on.
pub(super) fn deleted_uids(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    from: u32,
    limit: usize,
) -> Result<Vec<u32>, StoreError> {
    let sql = format!(
        "SELECT uid FROM mailbox_entry {} WHERE account_id = $1 AND mailbox_id = $2 AND uid >= $3 AND (flags & {}) <> 0 ORDER BY uid LIMIT $4",
        BY_DELETED,
        FlagBits::DELETED.raw()
    );
    tx.query_all(&sql, params![account, mailbox, from, limit], |row| row.get(0))
}

/// Every entry of some messages, with the mailbox it is in.
pub(super) fn of_messages(tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<(MailboxId, EntryRow)>, StoreError> {
    let mut found = Vec::with_capacity(messages.len());
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        // CROSS JOIN tells SQLite to begin with the messages.
        let sql = format!(
            "SELECT {ENTRY_COLUMNS}, e.mailbox_id FROM message m CROSS JOIN mailbox_entry e {BY_THREAD}
              WHERE m.account_id = $1 AND m.id IN {list} AND e.account_id = $1 AND e.thread_id = m.thread_id AND e.message_id = m.id"
        );
        tx.for_each(&sql, params, |row| {
            found.push((row.get(AFTER_ENTRY)?, read_entry(row)?));
            Ok(())
        })?;
    }
    Ok(found)
}
