//! Facts about this installation as a whole, such as the token of the set-up page: a name and a value each.

use crate::{StoreError, Tx, params};

pub fn get(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT value FROM installation WHERE name = $1", params![name], |row| row.get(0))
}

pub fn set(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    )?
    .expect_one()
}

/// Sets the fact unless it is there; answers the one that holds now. For secrets that the first server to start makes for all.
pub fn get_or_set(tx: &mut Tx, name: &str, value: &str) -> Result<String, StoreError> {
    tx.execute("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", params![name, value])?.any();
    tx.query_one("SELECT value FROM installation WHERE name = $1", params![name], |row| row.get(0))
}

/// `false` when there was no such fact.
pub fn remove(tx: &mut Tx, name: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM installation WHERE name = $1", params![name])?.is_one())
}
