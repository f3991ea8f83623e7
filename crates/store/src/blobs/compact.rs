//! Closing holes: what is alive in a mostly dead pack is copied to the newest pack, then the old pack is deleted.

use kernel::OrgId;
use tokio::time::Instant;

use super::packs::{Location, Pin};
use super::{BlobError, BlobId, Blobs, on_a_thread};
use crate::{StoreError, Tempo, Tx, params};

/// What is moved in one piece: little enough to be in memory, and to stand in the way of deliveries only for a moment. One blob may have more.
const PIECE_ROWS: i64 = 256;
const PIECE_BYTES: u64 = 4 << 20;

/// What compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    pub packs: u64,
    pub moved_blobs: u64,
    pub freed_bytes: u64,
    /// Packs that were left because a record in them is damaged; `verify` names it.
    pub damaged_packs: u64,
}

/// What became of a piece of work on a pack.
enum Piece {
    Moved(u64),
    /// Nothing alive is left in it, and it is gone.
    Removed,
    /// A backup runs.
    Held,
}

struct Alive {
    org: OrgId,
    id: BlobId,
    location: Location,
}

impl Blobs {
    /// Rewrites every closed pack of which less than half is alive. A reader that had found a blob's old place looks again. Stops early while
    /// a backup runs; what was moved by then stays where it is, and the next call goes on.
    pub async fn compact(&self, tempo: Tempo) -> Result<Compacted, BlobError> {
        let mut compacted = Compacted::default();
        let blobs = self.clone();
        for pack_id in on_a_thread(move || Ok(blobs.files.packs.closed_ids()?)).await? {
            let began = Instant::now();
            let blobs = self.clone();
            let worth = on_a_thread(move || blobs.holes_of(pack_id)).await?;
            tempo.rest(began).await;
            let Some(freed_bytes) = worth else { continue };
            loop {
                let began = Instant::now();
                let blobs = self.clone();
                match on_a_thread(move || blobs.empty_some(pack_id)).await {
                    Ok(Piece::Moved(count)) => compacted.moved_blobs += count,
                    Ok(Piece::Removed) => {
                        compacted.packs += 1;
                        compacted.freed_bytes += freed_bytes;
                        break;
                    }
                    Ok(Piece::Held) => return Ok(compacted),
                    Err(BlobError::Damaged) => {
                        tracing::error!(pack.id = pack_id, "Pack {pack_id} holds a damaged blob and is not compacted; run verify");
                        compacted.damaged_packs += 1;
                        break;
                    }
                    Err(error) => return Err(error),
                }
                tempo.rest(began).await;
            }
        }
        Ok(compacted)
    }

    /// How much rewriting a pack frees; `None` when most of it is alive.
    fn holes_of(&self, pack_id: i64) -> Result<Option<u64>, BlobError> {
        let file_bytes = self.files.packs.file_bytes(pack_id)?;
        let alive: u64 = self.store.read_blocking(move |tx| alive_bytes(tx, pack_id))?;
        Ok((alive * 2 <= file_bytes).then(|| file_bytes.saturating_sub(alive)))
    }

    /// Moves something that is alive out of a pack, or removes it. Nobody adds rows for a closed pack that nothing pins, so the end is the end.
    fn empty_some(&self, pack_id: i64) -> Result<Piece, BlobError> {
        let Ok(_removing) = self.files.removal.try_lock() else { return Ok(Piece::Held) };
        let rows = self.store.read_blocking(move |tx| alive_rows(tx, pack_id))?;
        if rows.is_empty() {
            self.files.packs.remove(pack_id)?;
            return Ok(Piece::Removed);
        }
        let mut waiting = Vec::with_capacity(rows.len());
        let mut bytes = 0;
        for row in rows {
            if bytes >= PIECE_BYTES {
                break;
            }
            bytes += row.location.bytes;
            // The record goes over as it is, checksum and all; a damaged one stops here and stays for `verify` to report.
            let record = self.files.packs.read(row.location)?;
            super::record::check(&record).map_err(|_| BlobError::Damaged)?;
            waiting.push((row, self.files.packs.append_blocking(record)));
        }
        let mut copies: Vec<(Alive, Location, Pin)> = Vec::with_capacity(waiting.len());
        for (row, answer) in waiting {
            let (location, pin) = answer.blocking_recv().map_err(|_| std::io::Error::other("the pack writer has stopped"))??;
            copies.push((row, location, pin));
        }
        let moved = copies.len() as u64;
        self.store.write_bulk_blocking(move |tx| copies.iter().try_for_each(|(row, new, _)| set_location(tx, row, *new)))?;
        Ok(Piece::Moved(moved))
    }
}

fn alive_bytes(tx: &mut Tx, pack_id: i64) -> Result<u64, StoreError> {
    let sum = "SELECT CAST(COALESCE(SUM(stored_bytes), 0) AS BIGINT) FROM blob WHERE pack_id = $1";
    tx.query_one(sum, params![pack_id], |row| row.get(0))
}

fn alive_rows(tx: &mut Tx, pack_id: i64) -> Result<Vec<Alive>, StoreError> {
    tx.query_all(
        "SELECT org_id, blob_id, pack_offset, stored_bytes FROM blob WHERE pack_id = $1 LIMIT $2",
        params![pack_id, PIECE_ROWS],
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
