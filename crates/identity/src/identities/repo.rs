use kernel::{IdentityId, OrgId, Timestamp};
use store::{Params, Row, StoreError, Tx, in_list, params};

use super::{Credential, Identity};
use crate::initial::InitialPassword;
use crate::passwords::PasswordHash;

const COLUMNS: &str = "id, password_hash, password_changed_at, initial_password_hash, initial_password_expires_at, must_change_password, \
                       former_password_hashes, session_epoch";

/// Rows of one statement; its parameters stay far below what either engine takes.
const ROWS_PER_INSERT: usize = 100;

pub fn find(tx: &mut Tx, id: IdentityId) -> Result<Option<Identity>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM identity WHERE id = $1"), params![id], identity)
}

/// How many identities there are that belong to the organisation.
pub fn count(tx: &mut Tx, org: OrgId) -> Result<u64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM identity WHERE org_id = $1", params![org], |row| row.get(0))
}

pub(super) fn insert_many(tx: &mut Tx, org: Option<OrgId>, rows: &[(IdentityId, &Credential)], now: Timestamp) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut statement = String::from(
            "INSERT INTO identity (id, org_id, password_hash, password_changed_at, initial_password_hash, initial_password_expires_at, \
             must_change_password, former_password_hashes, session_epoch, created_at) VALUES ",
        );
        let mut params = Params::default();
        for (index, (id, credential)) in chunk.iter().enumerate() {
            let (chosen, initial) = match credential {
                Credential::Chosen(hash) => (Some(hash.as_str()), None),
                Credential::Initial(initial) => (None, Some(initial)),
                Credential::Nothing => (None, None),
            };
            statement.push_str(if index == 0 { "" } else { "," });
            let first = params.push(id);
            params.push(org);
            params.push(chosen);
            params.push(chosen.map(|_| now));
            params.push(initial.map(|initial| initial.hash.clone()));
            params.push(initial.map(|initial| initial.expires_at));
            let last = params.push(now);
            statement.push_str(&placeholders(first, last));
        }
        tx.execute(&statement, params)?.any();
    }
    Ok(())
}

/// `($1,$2,…,FALSE,'[]',0,$7)`: what every new identity starts with stands in the text.
fn placeholders(first: usize, last: usize) -> String {
    let mut text = String::from("(");
    for number in first..last {
        text.push_str(&format!("${number},"));
    }
    text.push_str(&format!("FALSE,'[]',0,${last})"));
    text
}

/// As [`find`], in a transaction that writes the row afterwards: the epoch is touched first, so that two such transactions cannot pass each other.
pub(super) fn find_for_update(tx: &mut Tx, id: IdentityId) -> Result<Option<Identity>, StoreError> {
    tx.execute("UPDATE identity SET session_epoch = session_epoch WHERE id = $1", params![id])?.any();
    find(tx, id)
}

pub(super) fn set_initial(tx: &mut Tx, id: IdentityId, initial: &InitialPassword, former: &[String]) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE identity SET password_hash = NULL, password_changed_at = NULL, initial_password_hash = $2, initial_password_expires_at = $3, \
         must_change_password = FALSE, former_password_hashes = $4 WHERE id = $1",
        params![id, initial.hash, initial.expires_at, as_json(former)],
    )?
    .expect_one()
}

pub(super) fn set_chosen(tx: &mut Tx, id: IdentityId, new: &PasswordHash, former: &[String], now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE identity SET password_hash = $2, password_changed_at = $3, initial_password_hash = NULL, initial_password_expires_at = NULL, \
         must_change_password = FALSE, former_password_hashes = $4 WHERE id = $1",
        params![id, new.as_str(), now, as_json(former)],
    )?
    .expect_one()
}

pub(crate) fn advance_epoch(tx: &mut Tx, id: IdentityId) -> Result<(), StoreError> {
    tx.execute("UPDATE identity SET session_epoch = session_epoch + 1 WHERE id = $1", params![id])?.any();
    Ok(())
}

pub(super) fn delete_many(tx: &mut Tx, ids: &[IdentityId]) -> Result<(), StoreError> {
    for chunk in ids.chunks(store::IN_LIST_MAX) {
        let mut params = Params::default();
        params.extend(chunk);
        tx.execute(&format!("DELETE FROM identity WHERE id IN {}", in_list(1, chunk.len())), params)?.any();
    }
    Ok(())
}

fn as_json(hashes: &[String]) -> String {
    serde_json::to_string(hashes).expect("strings always serialise")
}

fn identity(row: &Row<'_>) -> Result<Identity, StoreError> {
    let initial_hash: Option<Vec<u8>> = row.get(3)?;
    let initial_expires_at: Option<Timestamp> = row.get(4)?;
    Ok(Identity {
        id: row.get(0)?,
        password_hash: row.get(1)?,
        password_changed_at: row.get(2)?,
        initial: initial_hash.zip(initial_expires_at).map(|(hash, expires_at)| InitialPassword { hash, expires_at }),
        must_change_password: row.get(5)?,
        former_password_hashes: row.json(6)?,
        session_epoch: row.get(7)?,
    })
}
