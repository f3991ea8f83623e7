//! Closing holes: what is alive in a mostly dead pack is copied to the newest pack, then the old pack is deleted.

use kernel::OrgId;

use super::packs::{Location, Pin};
use super::{BlobError, BlobId, Blobs};
use crate::{StoreError, Tx, params};

const CHUNK_ROWS: i64 = 256;

/// What compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    pub packs: u64,
    pub moved_blobs: u64,
    pub freed_bytes: u64,
}

struct Alive {
    org: OrgId,
    id: BlobId,
    location: Location,
}

impl Blobs {
    /// Rewrites every closed pack of which less than half is alive. A reader that had found a blob's old place looks again. Stops early while
    /// a backup runs.
    pub async fn compact(&self) -> Result<Compacted, BlobError> {
        let blobs = self.clone();
        super::on_a_thread(move || blobs.compact_blocking()).await
    }

    fn compact_blocking(&self) -> Result<Compacted, BlobError> {
        let mut compacted = Compacted::default();
        for pack_id in self.files.packs.closed_ids()? {
            let Ok(_removing) = self.files.removal.try_lock() else { break };
            let file_bytes = self.files.packs.file_bytes(pack_id)?;
            let alive: u64 = self.store.read_blocking(move |tx| alive_bytes(tx, pack_id))?;
            if alive * 2 > file_bytes {
                continue;
            }
            compacted.moved_blobs += self.empty_pack(pack_id)?;
            self.files.packs.remove(pack_id)?;
            compacted.packs += 1;
            compacted.freed_bytes += file_bytes - alive;
        }
        Ok(compacted)
    }

    /// Moves all that is alive out of a pack. Nobody adds rows for a closed pack that nothing pins, so the end is the end.
    fn empty_pack(&self, pack_id: i64) -> Result<u64, BlobError> {
        let mut moved = 0;
        loop {
            let rows = self.store.read_blocking(move |tx| alive_rows(tx, pack_id))?;
            if rows.is_empty() {
                return Ok(moved);
            }
            let mut waiting = Vec::with_capacity(rows.len());
            for row in rows {
                // The record goes over as it is, checksum and all; a damaged one stops here and stays for `verify` to report.
                let record = self.files.packs.read(row.location)?;
                super::record::decode(&record).map_err(|_| BlobError::Damaged)?;
                waiting.push((row, self.files.packs.append_blocking(record)));
            }
            let mut copies: Vec<(Alive, Location, Pin)> = Vec::with_capacity(waiting.len());
            for (row, answer) in waiting {
                let (location, pin) = answer.blocking_recv().map_err(|_| std::io::Error::other("the pack writer has stopped"))??;
                copies.push((row, location, pin));
            }
            moved += copies.len() as u64;
            self.store.write_bulk_blocking(move |tx| copies.iter().try_for_each(|(row, new, _)| set_location(tx, row, *new)))?;
        }
    }
}

fn alive_bytes(tx: &mut Tx, pack_id: i64) -> Result<u64, StoreError> {
    let sum = "SELECT CAST(COALESCE(SUM(stored_bytes), 0) AS BIGINT) FROM blob WHERE pack_id = $1";
    tx.query_one(sum, params![pack_id], |row| row.get(0))
}

fn alive_rows(tx: &mut Tx, pack_id: i64) -> Result<Vec<Alive>, StoreError> {
    tx.query_all(
        "SELECT org_id, blob_id, pack_offset, stored_bytes FROM blob WHERE pack_id = $1 LIMIT $2",
        params![pack_id, CHUNK_ROWS],
        |row| Ok(Alive { org: row.get(0)?, id: row.get(1)?, location: Location { pack_id, offset: row.get(2)?, bytes: row.get(3)? } }),
    )
}

fn set_location(tx: &mut Tx, row: &Alive, new: Location) -> Result<(), StoreError> {
    // Deleted by a sweep in another process since it was read: nothing to move then.
    tx.execute(
        "UPDATE blob SET pack_id = $3, pack_offset = $4 WHERE org_id = $1 AND blob_id = $2 AND pack_id = $5",
        params![row.org, row.id, new.pack_id, new.offset, row.location.pack_id],
    )?
    .any();
    Ok(())
}
