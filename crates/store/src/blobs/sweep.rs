//! Deleting what no row names any more: mark, wait a day, look again, delete.

use kernel::{OrgId, Timestamp};
use tokio::time::Instant;

use super::{BlobError, BlobId, Blobs};
use crate::{StoreError, Tempo, Tx, params};

/// How long a blob stays marked before it may go: longer than any request takes from finding a blob to naming it.
pub const SWEEP_DELAY_SECS: i64 = 24 * 3600;

const CHUNK_ROWS: i64 = 500;

/// A table and the column of it that names blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    pub table: &'static str,
    pub column: &'static str,
    /// A column that holds what [`StagedBlob::record_at`](super::StagedBlob::record_at) answered. Large tables have it: an index on it grows at its
    /// end, where one on names, which are hashes, would touch another page with every row. Without it the table's `org_id` says whose blob it is,
    /// and an index on both finds it.
    pub recorded_at: Option<&'static str>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub marked: u64,
    /// Marked before, and named again since.
    pub kept: u64,
    pub deleted: u64,
}

impl Blobs {
    /// Looks at every blob once. `references` must list every column that names blobs, or what they name is lost. Stops early and answers
    /// what it did so far while a backup runs.
    pub async fn sweep(&self, references: &'static [Reference], now: Timestamp, tempo: Tempo) -> Result<Swept, BlobError> {
        let unnamed = unnamed(references);
        let mut swept = Swept::default();
        let mut after = Some((OrgId::from_raw(-1), Vec::new()));
        while let Some((org, id)) = after.take() {
            let began = Instant::now();
            let blobs = self.clone();
            let unnamed = unnamed.clone();
            let chunk = super::on_a_thread(move || {
                let Ok(_removing) = blobs.files.removal.try_lock() else { return Ok(None) };
                let chunk = blobs.store.write_bulk_blocking(move |tx| sweep_chunk(tx, &unnamed, org, &id, now))?;
                Ok(Some(chunk))
            });
            let Some((done, next)) = chunk.await? else { break };
            swept.marked += done.marked;
            swept.kept += done.kept;
            swept.deleted += done.deleted;
            after = next;
            tempo.rest(began).await;
        }
        Ok(swept)
    }
}

/// A condition on `blob` that holds when no row names it.
fn unnamed(references: &[Reference]) -> String {
    let conditions: Vec<String> = references
        .iter()
        .map(|Reference { table, column, recorded_at }| {
            let found_by = match recorded_at {
                Some(recorded_at) => format!("{table}.{recorded_at} = blob.created_at"),
                None => format!("{table}.org_id = blob.org_id"),
            };
            format!("NOT EXISTS (SELECT 1 FROM {table} WHERE {found_by} AND {table}.{column} = blob.blob_id)")
        })
        .collect();
    if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") }
}

type Position = (OrgId, Vec<u8>);

fn sweep_chunk(tx: &mut Tx, unnamed: &str, org: OrgId, id: &[u8], now: Timestamp) -> Result<(Swept, Option<Position>), StoreError> {
    let rows = tx.query_all(
        &format!(
            "SELECT org_id, blob_id, marked_at, created_at, CASE WHEN {unnamed} THEN TRUE ELSE FALSE END FROM blob
             WHERE (org_id, blob_id) > ($1, $2) ORDER BY org_id, blob_id LIMIT $3"
        ),
        params![org, id, CHUNK_ROWS],
        |row| {
            Ok((
                row.get::<OrgId>(0)?,
                row.get::<BlobId>(1)?,
                row.get::<Option<Timestamp>>(2)?,
                row.get::<Timestamp>(3)?,
                row.get::<bool>(4)?,
            ))
        },
    )?;
    let mut swept = Swept::default();
    let next = if rows.len() == CHUNK_ROWS as usize { rows.last().map(|row| (row.0, row.1.as_bytes().to_vec())) } else { None };
    for (org, id, marked_at, created_at, is_unnamed) in rows {
        match (marked_at, is_unnamed) {
            // A blob may be recorded a while before the row that names it.
            (None, true) if now.secs_since(created_at) >= SWEEP_DELAY_SECS => {
                set_mark(tx, org, &id, Some(now))?;
                swept.marked += 1;
            }
            (Some(_), false) => {
                set_mark(tx, org, &id, None)?;
                swept.kept += 1;
            }
            (Some(marked_at), true) if now.secs_since(marked_at) >= SWEEP_DELAY_SECS => {
                tx.execute("DELETE FROM blob WHERE org_id = $1 AND blob_id = $2", params![org, id])?.expect_one()?;
                swept.deleted += 1;
            }
            _ => {}
        }
    }
    Ok((swept, next))
}

fn set_mark(tx: &mut Tx, org: OrgId, id: &BlobId, marked_at: Option<Timestamp>) -> Result<(), StoreError> {
    tx.execute("UPDATE blob SET marked_at = $3 WHERE org_id = $1 AND blob_id = $2", params![org, *id, marked_at])?.expect_one()
}
