//! Which thread 会话 a message belongs to, as RFC 8621 §3 recommends: it shares a Message-ID, its own or a referenced one, with a message of the
//! thread, and their base subjects are equal. What was once decided stays.

use std::collections::HashMap;

use kernel::MailAccountId;
use store::{StoreError, Tx, params};

use crate::ThreadId;
use crate::entries::{BY_THREAD, push_numbers};
use crate::mime::Rendered;

/// A thread that has grown to this takes no more; the next reply begins another. Keeps the cost of counting a thread within bounds, whatever is sent.
pub const MAX_MESSAGES: usize = 1000;

/// By what a message finds its thread: one number for each Message-ID it has or names, in which the subject is, too. The nearest come first.
pub(crate) fn reference_hashes(rendered: &Rendered) -> Vec<i64> {
    // References go from the oldest to the newest.
    let ids = rendered.references.iter().rev().chain(&rendered.message_id);
    let mut hashes: Vec<i64> = Vec::with_capacity(rendered.references.len() + 1);
    for id in ids {
        let mut hasher = blake3::Hasher::new();
        hasher.update(rendered.base_subject.as_bytes()).update(b"\0").update(id.as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        let hash = i64::from_le_bytes(bytes);
        if !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    hashes
}

/// What was found for a new message.
pub(crate) struct Found {
    /// `None` begins a thread.
    pub(crate) thread: Option<ThreadId>,
    /// References that do not lead to it yet.
    pub(crate) missing: Vec<i64>,
}

/// The thread of a message with these hashes.
pub(crate) fn find(tx: &mut Tx, account: MailAccountId, hashes: &[i64]) -> Result<Found, StoreError> {
    let known = known(tx, &[account], hashes)?;
    find_among(tx, account, hashes, &known)
}

/// Where hashes lead to in some accounts.
pub(crate) type Known = HashMap<(MailAccountId, i64), ThreadId>;

/// Where these hashes lead to in each of the accounts, in one statement.
pub(crate) fn known(tx: &mut Tx, accounts: &[MailAccountId], hashes: &[i64]) -> Result<Known, StoreError> {
    if accounts.is_empty() || hashes.is_empty() {
        return Ok(Known::new());
    }
    let mut params = params![];
    let accounts = push_numbers(&mut params, accounts.iter().map(|account| account.raw()));
    let hashes = push_numbers(&mut params, hashes.iter().copied());
    let sql = format!(
        "SELECT account_id, reference_hash, thread_id FROM thread_reference WHERE account_id IN {accounts} AND reference_hash IN {hashes}"
    );
    let rows = tx.query_all(&sql, params, |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(rows.into_iter().collect())
}

/// As [`find`], with what was looked up.
pub(crate) fn find_among(tx: &mut Tx, account: MailAccountId, hashes: &[i64], known: &Known) -> Result<Found, StoreError> {
    let thread_of = |hash: &i64| known.get(&(account, *hash)).copied();
    let Some(thread) = hashes.iter().find_map(thread_of) else { return Ok(Found { thread: None, missing: hashes.to_vec() }) };
    let size: usize = tx.query_one(
        &format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM mailbox_entry {BY_THREAD} WHERE account_id = $1 AND thread_id = $2 LIMIT $3) counted"
        ),
        params![account, thread, MAX_MESSAGES],
        |row| row.get(0),
    )?;
    // One whose messages are all gone is not brought back: for clients it was destroyed.
    if size == 0 || size >= MAX_MESSAGES {
        return Ok(Found { thread: None, missing: hashes.to_vec() });
    }
    Ok(Found { thread: Some(thread), missing: hashes.iter().copied().filter(|hash| thread_of(hash).is_none()).collect() })
}

/// From now on these references lead to `thread`.
pub(crate) fn remember(tx: &mut Tx, account: MailAccountId, found: &Found, thread: ThreadId) -> Result<(), StoreError> {
    if found.missing.is_empty() {
        return Ok(());
    }
    let mut params = params![account, thread];
    let mut sql = String::from("INSERT INTO thread_reference (account_id, reference_hash, thread_id) VALUES ");
    for (index, hash) in found.missing.iter().enumerate() {
        let hash = params.push(*hash);
        sql.push_str(if index == 0 { "" } else { "," });
        sql.push_str(&format!("($1,${hash},$2)"));
    }
    sql.push_str(" ON CONFLICT (account_id, reference_hash) DO UPDATE SET thread_id = excluded.thread_id");
    tx.execute(&sql, params)?.any();
    Ok(())
}

/// Removes references to threads of which no message is left, among at most `limit` from a hash on; answers where to go on.
pub(crate) fn forget_empty(tx: &mut Tx, account: MailAccountId, after: i64, limit: usize) -> Result<(u64, Option<i64>), StoreError> {
    let rows: Vec<(i64, bool)> = tx.query_all(
        &format!(
            "SELECT r.reference_hash, CASE WHEN EXISTS (SELECT 1 FROM mailbox_entry e {BY_THREAD} WHERE e.account_id = $1 AND e.thread_id = r.thread_id)
                    THEN TRUE ELSE FALSE END
               FROM thread_reference r WHERE r.account_id = $1 AND r.reference_hash > $2 ORDER BY r.reference_hash LIMIT $3"
        ),
        params![account, after, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let next = if rows.len() == limit { rows.last().map(|(hash, _)| *hash) } else { None };
    let empty: Vec<i64> = rows.into_iter().filter(|(_, in_use)| !in_use).map(|(hash, _)| hash).collect();
    for chunk in empty.chunks(store::IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().copied());
        tx.execute(&format!("DELETE FROM thread_reference WHERE account_id = $1 AND reference_hash IN {list}"), params)?.any();
    }
    Ok((empty.len() as u64, next))
}
