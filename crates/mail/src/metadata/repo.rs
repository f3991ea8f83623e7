use std::collections::HashMap;

use kernel::MailAccountId;
use store::{IN_LIST_MAX, StoreError, Tx, in_list, params};

use super::{ChangedEntry, Entry};
use crate::MailboxId;

/// In place of a mailbox: the account itself.
const OF_ACCOUNT: MailboxId = MailboxId::from_raw(0);

fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

pub(super) fn of(tx: &mut Tx, account: MailAccountId, mailbox: Option<MailboxId>) -> Result<Vec<Entry>, StoreError> {
    tx.query_all(
        "SELECT name, value FROM mailbox_metadata WHERE account_id = $1 AND mailbox_id = $2 AND value IS NOT NULL ORDER BY name_key",
        params![account, mailbox.unwrap_or(OF_ACCOUNT)],
        |row| Ok(Entry { name: row.get(0)?, value: row.get(1)? }),
    )
}

pub(super) fn named(tx: &mut Tx, account: MailAccountId, names: &[String]) -> Result<HashMap<MailboxId, Vec<Entry>>, StoreError> {
    let mut found: HashMap<MailboxId, Vec<Entry>> = HashMap::new();
    for chunk in names.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        for name in chunk {
            params.push(key(name));
        }
        let sql = format!(
            "SELECT mailbox_id, name, value FROM mailbox_metadata WHERE account_id = $1 AND value IS NOT NULL AND name_key IN {}",
            in_list(2, chunk.len())
        );
        tx.for_each(&sql, params, |row| {
            found.entry(row.get(0)?).or_default().push(Entry { name: row.get(1)?, value: row.get(2)? });
            Ok(())
        })?;
    }
    Ok(found)
}

/// Whether anything changed.
pub(super) fn put(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: Option<MailboxId>,
    name: &str,
    value: Option<&[u8]>,
    change_number: i64,
) -> Result<bool, StoreError> {
    let mailbox = mailbox.unwrap_or(OF_ACCOUNT);
    // What is not there cannot be removed, and nobody has to hear of it.
    let sql = if value.is_some() {
        "INSERT INTO mailbox_metadata (account_id, mailbox_id, name_key, name, value, change_number) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account_id, mailbox_id, name_key) DO UPDATE SET value = $5, change_number = $6"
    } else {
        "UPDATE mailbox_metadata SET name = $4, value = $5, change_number = $6
          WHERE account_id = $1 AND mailbox_id = $2 AND name_key = $3 AND value IS NOT NULL"
    };
    Ok(tx.execute(sql, params![account, mailbox, key(name), name, value.map(<[u8]>::to_vec), change_number])?.is_one())
}

/// How many entries the mailbox has, how many the account, and how much they take.
pub(super) fn usage(tx: &mut Tx, account: MailAccountId, mailbox: Option<MailboxId>) -> Result<(u64, u64, u64), StoreError> {
    tx.query_one(
        "SELECT COUNT(CASE WHEN mailbox_id = $2 THEN 1 END), COUNT(*), CAST(COALESCE(SUM(LENGTH(value)), 0) AS BIGINT)
           FROM mailbox_metadata WHERE account_id = $1 AND value IS NOT NULL",
        params![account, mailbox.unwrap_or(OF_ACCOUNT)],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Removed ones beyond the latest `kept`.
pub(super) fn forget_removed(tx: &mut Tx, account: MailAccountId, mailbox: Option<MailboxId>, kept: usize) -> Result<(), StoreError> {
    let mailbox = mailbox.unwrap_or(OF_ACCOUNT);
    let oldest: Option<i64> = tx.query_opt(
        "SELECT change_number FROM mailbox_metadata WHERE account_id = $1 AND mailbox_id = $2 AND value IS NULL
          ORDER BY change_number DESC LIMIT 1 OFFSET $3",
        params![account, mailbox, kept],
        |row| row.get(0),
    )?;
    if let Some(oldest) = oldest {
        tx.execute(
            "DELETE FROM mailbox_metadata WHERE account_id = $1 AND mailbox_id = $2 AND value IS NULL AND change_number <= $3",
            params![account, mailbox, oldest],
        )?
        .any();
    }
    Ok(())
}

pub(super) fn changed_since(tx: &mut Tx, account: MailAccountId, since: i64) -> Result<Vec<ChangedEntry>, StoreError> {
    tx.query_all(
        "SELECT mailbox_id, name, change_number FROM mailbox_metadata WHERE account_id = $1 AND change_number > $2
          ORDER BY change_number, mailbox_id, name_key",
        params![account, since],
        |row| {
            let mailbox: MailboxId = row.get(0)?;
            Ok(ChangedEntry { mailbox: (mailbox != OF_ACCOUNT).then_some(mailbox), name: row.get(1)?, change_number: row.get(2)? })
        },
    )
}

/// The notes of one mailbox for another that has none.
pub(crate) fn copy(tx: &mut Tx, account: MailAccountId, from: MailboxId, to: MailboxId, change_number: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO mailbox_metadata (account_id, mailbox_id, name_key, name, value, change_number)
         SELECT account_id, $3, name_key, name, value, $4 FROM mailbox_metadata
          WHERE account_id = $1 AND mailbox_id = $2 AND value IS NOT NULL ON CONFLICT DO NOTHING",
        params![account, from, to, change_number],
    )?
    .any();
    Ok(())
}

/// Of a mailbox that is removed.
pub(crate) fn delete_of(tx: &mut Tx, account: MailAccountId, mailbox: MailboxId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM mailbox_metadata WHERE account_id = $1 AND mailbox_id = $2", params![account, mailbox])?.any();
    Ok(())
}
