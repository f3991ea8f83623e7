use kernel::{MailAccountId, OrgId};
use store::{BlobId, Stand, StoreError, TextIndex, Tx, in_list, params};

use super::super::texts::has_more_addresses;
use crate::MessageId;
use crate::mime::Summary;
use crate::removed_messages::NOT_REMOVED;

/// How far an account is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub stand: Stand,
    /// Messages up to this number are.
    pub indexed_to: i64,
    /// Those that went by this change are not.
    pub removed_to: i64,
}

pub(super) fn find(tx: &mut Tx, account: MailAccountId) -> Result<Option<State>, StoreError> {
    let sql = "SELECT generation, commits, indexed_to, removed_to FROM search_state WHERE account_id = $1";
    tx.query_opt(sql, params![account], |row| {
        Ok(State { stand: Stand { generation: row.get(0)?, commits: row.get(1)? }, indexed_to: row.get(2)?, removed_to: row.get(3)? })
    })
}

/// An account that the index has something to do for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    pub account: MailAccountId,
    pub org: OrgId,
    /// The highest number given so far.
    pub last_number: i64,
    pub change_number: i64,
    pub history_from: i64,
    pub state: Option<State>,
}

/// Accounts with at least `min_numbers` that are not indexed in one of these generations; with 1, also those that messages went from, and those whose
/// state the generation does not bear out.
pub(super) fn behind(tx: &mut Tx, stands: &[Stand], min_numbers: i64, after: MailAccountId, limit: u64) -> Result<Vec<Behind>, StoreError> {
    let mut params = params![after, min_numbers];
    // 0 is no generation.
    let generations: Vec<i64> = stands.iter().map(|stand| stand.generation).chain(std::iter::once(0)).collect();
    params.extend(generations.iter());
    let current = in_list(3, generations.len());
    let mut others = String::new();
    if min_numbers <= 1 {
        others.push_str(" OR EXISTS (SELECT 1 FROM message_tombstone t WHERE t.account_id = a.id AND t.change_number > s.removed_to)");
        for stand in stands {
            let (generation, commits) = (params.push(stand.generation), params.push(stand.commits));
            others.push_str(&format!(" OR (s.generation = ${generation} AND s.commits > ${commits})"));
        }
    }
    let limit_at = params.push(limit);
    let sql = format!(
        "SELECT a.id, a.org_id, a.next_number - 1, a.change_number, a.history_from, s.generation, s.commits, s.indexed_to, s.removed_to
           FROM mail_account a LEFT JOIN search_state s ON s.account_id = a.id
          WHERE a.id > $1 AND (a.next_number - 1 - (CASE WHEN s.generation IN {current} AND s.generation <> 0 THEN s.indexed_to ELSE 0 END) >= $2{others})
          ORDER BY a.id LIMIT ${limit_at}"
    );
    tx.query_all(&sql, params, |row| {
        let generation: Option<i64> = row.get(5)?;
        let state = match generation {
            None => None,
            Some(generation) => {
                Some(State { stand: Stand { generation, commits: row.get(6)? }, indexed_to: row.get(7)?, removed_to: row.get(8)? })
            }
        };
        Ok(Behind {
            account: row.get(0)?,
            org: row.get(1)?,
            last_number: row.get(2)?,
            change_number: row.get(3)?,
            history_from: row.get(4)?,
            state,
        })
    })
}

/// What is read of a message to index it.
pub(super) struct Message {
    pub id: MessageId,
    pub blob_id: BlobId,
    pub prefix: Vec<u8>,
    pub summary: Summary,
    pub has_more_addresses: bool,
    pub size_bytes: u64,
}

pub(super) fn messages(tx: &mut Tx, account: MailAccountId, after: i64, to: i64, limit: u64) -> Result<Vec<Message>, StoreError> {
    tx.query_all(
        &format!(
            "SELECT m.id, m.blob_id, m.prefix, m.summary, m.size_bytes, m.envelope FROM message m
              WHERE m.account_id = $1 AND m.id > $2 AND m.id <= $3 AND {NOT_REMOVED} ORDER BY m.id LIMIT $4"
        ),
        params![account, after, to, limit],
        |row| {
            let summary: Summary = row.json(3)?;
            let has_more_addresses = has_more_addresses(&summary, &row.get::<Vec<u8>>(5)?);
            Ok(Message { id: row.get(0)?, blob_id: row.get(1)?, prefix: row.get(2)?, summary, has_more_addresses, size_bytes: row.get(4)? })
        },
    )
}

/// Messages that went after one change and up to another, and the change and number of the last.
pub(super) fn removed(tx: &mut Tx, account: MailAccountId, after: (i64, i64), to: i64, limit: u64) -> Result<Vec<(i64, i64)>, StoreError> {
    tx.query_all(
        "SELECT change_number, id FROM message_tombstone
          WHERE account_id = $1 AND (change_number, id) > ($2, $3) AND change_number <= $4 ORDER BY change_number, id LIMIT $5",
        params![account, after.0, after.1, to, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Writes the new state down if the old one still holds; `false` when somebody else wrote in between.
pub(super) fn advance(tx: &mut Tx, account: MailAccountId, old: Option<State>, new: State) -> Result<bool, StoreError> {
    let shard = i64::from(TextIndex::shard_of(account.raw()));
    let values = params![account, shard, new.stand.generation, new.stand.commits, new.indexed_to, new.removed_to];
    let affected = match old {
        None => tx.execute(
            "INSERT INTO search_state (account_id, shard, generation, commits, indexed_to, removed_to) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (account_id) DO NOTHING",
            values,
        )?,
        Some(old) => {
            let mut values = values;
            values.extend([old.stand.generation, old.stand.commits, old.indexed_to].iter());
            tx.execute(
                "UPDATE search_state SET shard = $2, generation = $3, commits = $4, indexed_to = $5, removed_to = $6
                  WHERE account_id = $1 AND generation = $7 AND commits = $8 AND indexed_to = $9",
                values,
            )?
        }
    };
    Ok(affected.is_one())
}

/// Whether rows speak of commits that a generation does not have: it is an older copy of what it was.
pub(super) fn has_unbacked(tx: &mut Tx, stand: Stand) -> Result<bool, StoreError> {
    let sql = "SELECT account_id FROM search_state WHERE generation = $1 AND commits > $2 LIMIT 1";
    Ok(tx.query_opt(sql, params![stand.generation, stand.commits], |row| row.get::<i64>(0))?.is_some())
}

/// Accounts that have a state and no head any more.
pub(super) fn orphans(tx: &mut Tx, limit: u64) -> Result<Vec<(MailAccountId, i64)>, StoreError> {
    tx.query_all(
        "SELECT s.account_id, s.generation FROM search_state s LEFT JOIN mail_account a ON a.id = s.account_id WHERE a.id IS NULL LIMIT $1",
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(super) fn forget(tx: &mut Tx, account: MailAccountId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM search_state WHERE account_id = $1", params![account])?.any();
    Ok(())
}

/// Accounts, their messages, and numbers that are not indexed in one of these generations; what of them are no messages is counted, too, up to the
/// account's messages.
pub(super) fn counts(tx: &mut Tx, generations: &[i64]) -> Result<(u64, u64, u64), StoreError> {
    let mut params = params![];
    params.extend(generations.iter().chain(std::iter::once(&0)));
    let current = in_list(1, generations.len() + 1);
    let (mut accounts, mut messages, mut waiting) = (0, 0, 0);
    let sql = format!(
        "SELECT a.message_count, a.next_number - 1 - (CASE WHEN s.generation IN {current} AND s.generation <> 0 THEN s.indexed_to ELSE 0 END)
           FROM mail_account a LEFT JOIN search_state s ON s.account_id = a.id"
    );
    tx.for_each(&sql, params, |row| {
        let (count, behind): (u64, i64) = (row.get(0)?, row.get(1)?);
        accounts += 1;
        messages += count;
        waiting += count.min(behind.max(0).unsigned_abs());
        Ok(())
    })?;
    Ok((accounts, messages, waiting))
}
