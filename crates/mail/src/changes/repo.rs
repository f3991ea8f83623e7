use std::collections::HashMap;

use kernel::MailAccountId;
use store::{IN_LIST_MAX, StoreError, Tx, params};

use super::State;
use crate::entries::{BY_CHANGE, BY_THREAD, push_numbers};
use crate::removed_messages::NOT_REMOVED;

pub(super) struct Tombstone {
    pub(super) change_number: i64,
    pub(super) id: i64,
    pub(super) created_change: i64,
    /// Of messages; 0 for others.
    pub(super) thread: i64,
}

pub(super) fn mailbox_tombstones(tx: &mut Tx, account: MailAccountId, since: State) -> Result<Vec<Tombstone>, StoreError> {
    tx.query_all(
        "SELECT change_number, id, created_change FROM mailbox_tombstone WHERE account_id = $1 AND (change_number, id) > ($2, $3)",
        params![account, since.change_number, since.part],
        |row| Ok(Tombstone { change_number: row.get(0)?, id: row.get(1)?, created_change: row.get(2)?, thread: 0 }),
    )
}

pub(super) fn message_tombstones(tx: &mut Tx, account: MailAccountId, since: State, limit: usize) -> Result<Vec<Tombstone>, StoreError> {
    tx.query_all(
        "SELECT change_number, id, created_change, thread_id FROM message_tombstone
          WHERE account_id = $1 AND (change_number, id) > ($2, $3) ORDER BY change_number, id LIMIT $4",
        params![account, since.change_number, since.part, limit],
        |row| Ok(Tombstone { change_number: row.get(0)?, id: row.get(1)?, created_change: row.get(2)?, thread: row.get(3)? }),
    )
}

/// Threads that lost messages from `from` on that were there at `since`.
pub(super) fn threads_losing_after(tx: &mut Tx, account: MailAccountId, from: State, since: State) -> Result<Vec<i64>, StoreError> {
    tx.query_all(
        "SELECT DISTINCT thread_id FROM message_tombstone WHERE account_id = $1 AND change_number >= $2 AND +created_change <= $3",
        params![account, from.change_number, since.change_number],
        |row| row.get(0),
    )
}

/// Places of entries that changed, by message.
pub(super) fn changed_entries(tx: &mut Tx, account: MailAccountId, since: State, limit: usize) -> Result<Vec<State>, StoreError> {
    tx.query_all(
        &format!(
            "SELECT change_number, message_id FROM mailbox_entry {BY_CHANGE}
              WHERE account_id = $1 AND (change_number, message_id) > ($2, $3) ORDER BY change_number, message_id LIMIT $4"
        ),
        params![account, since.change_number, since.part, limit],
        |row| Ok(State::at(row.get(0)?, row.get(1)?)),
    )
}

/// Places of entries that went, by message.
pub(super) fn removed_entries(tx: &mut Tx, account: MailAccountId, since: State, limit: usize) -> Result<Vec<State>, StoreError> {
    tx.query_all(
        "SELECT change_number, message_id FROM entry_tombstone
          WHERE account_id = $1 AND (change_number, message_id) > ($2, $3) ORDER BY change_number, message_id LIMIT $4",
        params![account, since.change_number, since.part, limit],
        |row| Ok(State::at(row.get(0)?, row.get(1)?)),
    )
}

pub(super) struct Created {
    pub(super) id: i64,
    pub(super) created_change: i64,
    pub(super) thread: i64,
}

/// Messages from a number on, in the order of their making.
pub(super) fn messages_from(tx: &mut Tx, account: MailAccountId, number: i64, limit: usize) -> Result<Vec<Created>, StoreError> {
    tx.query_all(
        &format!(
            "SELECT m.id, m.created_change, m.thread_id FROM message m WHERE m.account_id = $1 AND m.id >= $2 AND {NOT_REMOVED} ORDER BY m.id LIMIT $3"
        ),
        params![account, number, limit],
        |row| Ok(Created { id: row.get(0)?, created_change: row.get(1)?, thread: row.get(2)? }),
    )
}

/// Which change made each of the messages; those that are gone are left out.
pub(super) fn created_changes(tx: &mut Tx, account: MailAccountId, messages: &[i64]) -> Result<HashMap<i64, i64>, StoreError> {
    let mut found = HashMap::with_capacity(messages.len());
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().copied());
        tx.for_each(
            &format!("SELECT m.id, m.created_change FROM message m WHERE m.account_id = $1 AND m.id IN {list} AND {NOT_REMOVED}"),
            params,
            |row| {
                found.insert(row.get(0)?, row.get(1)?);
                Ok(())
            },
        )?;
    }
    Ok(found)
}

/// The lowest number of which every message from it on was made after `since`. Messages are numbered in the order of their making, so it is found
/// from the newest back, in steps that double, and then by halves.
pub(super) fn first_number_after(tx: &mut Tx, account: MailAccountId, since: State, next_number: i64) -> Result<i64, StoreError> {
    // Whether every message from `number` on is new. The oldest of them tells.
    let is_new = |tx: &mut Tx, number: i64| -> Result<bool, StoreError> {
        let oldest = messages_from(tx, account, number, 1)?;
        Ok(oldest.first().is_none_or(|message| State::at(message.created_change, message.id) > since))
    };
    let (mut low, mut high, mut step) = (0, next_number, 16);
    while high > 0 {
        let probe = (next_number - step).max(0);
        if !is_new(tx, probe)? {
            low = probe;
            break;
        }
        high = probe;
        step *= 4;
    }
    // Everything from `high` on is new; not everything from `low` on is, or `low` is 0.
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_new(tx, middle)? { high = middle } else { low = middle }
    }
    Ok(high)
}

/// Of these threads, those that have a message.
pub(super) fn threads_in_use(tx: &mut Tx, account: MailAccountId, threads: &[i64]) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::with_capacity(threads.len());
    for chunk in threads.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().copied());
        let sql = format!("SELECT DISTINCT thread_id FROM mailbox_entry {BY_THREAD} WHERE account_id = $1 AND thread_id IN {list}");
        tx.for_each(&sql, params, |row| {
            found.push(row.get(0)?);
            Ok(())
        })?;
    }
    Ok(found)
}
