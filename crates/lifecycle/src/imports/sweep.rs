//! What imports leave behind goes when its time has come.

use kernel::Timestamp;
use store::{Store, StoreError};

use super::repo;
use super::types::ImportState;

/// A sealed upload whose plan was never made goes after so long.
const UPLOAD_SECS: i64 = 7 * 24 * 3600;
/// An upload that broke off in the middle goes after so long.
const UNFINISHED_SECS: i64 = 3600;
/// The rows of an import go, and the import with them, after so long.
const ROWS_SECS: i64 = 90 * 24 * 3600;
const ROWS_PER_TRANSACTION: i64 = 1000;
const IMPORTS_PER_SWEEP: i64 = 100;

/// What one sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub uploads: u64,
    pub passwords: u64,
    pub imports: u64,
}

/// Removes uploads, passwords and imports of every organisation that are past their time. To be called every few minutes.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<Swept, StoreError> {
    let passwords = store.write_bulk(move |tx| repo::passwords::delete_expired(tx, now)).await?;
    let mut swept = Swept { passwords, ..Swept::default() };

    let left_over = store.read(move |tx| repo::uploads::left_over(tx, now.plus_secs(-UPLOAD_SECS))).await?;
    for (org, id) in left_over {
        store.write_bulk(move |tx| repo::uploads::delete(tx, org, id)).await?;
        swept.uploads += 1;
    }
    let unfinished = [ImportState::Uploading];
    let unfinished =
        store.read(move |tx| repo::head::older_than(tx, now.plus_secs(-UNFINISHED_SECS), &unfinished, IMPORTS_PER_SWEEP)).await?;
    let ended = [ImportState::Planned, ImportState::Applied, ImportState::Undone, ImportState::Cancelled, ImportState::Failed];
    let old = store.read(move |tx| repo::head::older_than(tx, now.plus_secs(-ROWS_SECS), &ended, IMPORTS_PER_SWEEP)).await?;
    for (org, id) in unfinished.into_iter().chain(old) {
        while store.write_bulk(move |tx| repo::rows::delete_some(tx, org, id, ROWS_PER_TRANSACTION)).await? > 0 {}
        let gone = move |tx: &mut store::Tx| {
            repo::uploads::delete(tx, org, id)?;
            repo::passwords::delete(tx, org, id)?;
            repo::departments::delete_all(tx, org, id)?;
            repo::head::delete(tx, org, id)
        };
        store.write_bulk(gone).await?;
        swept.imports += 1;
    }
    Ok(swept)
}
