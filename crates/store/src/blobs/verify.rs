//! Checking every blob against its row.

use kernel::OrgId;

use super::packs::Location;
use super::{BlobError, BlobId, Blobs, record};
use crate::params;

const CHUNK_ROWS: i64 = 256;

/// A blob that is not what its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobProblem {
    pub org: OrgId,
    pub pack_id: i64,
    pub offset: u64,
    /// `missing`, `damaged` or `other_blob`.
    pub what: &'static str,
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifiedBlobs {
    pub blobs: u64,
    pub bytes: u64,
    /// At most a hundred; `problem_count` has them all.
    pub problems: Vec<BlobProblem>,
    pub problem_count: u64,
}

impl Blobs {
    /// Reads every blob and checks its checksum and its id. Runs beside the load; blobs deleted meanwhile are passed over.
    pub async fn verify(&self) -> Result<VerifiedBlobs, BlobError> {
        let blobs = self.clone();
        super::on_a_thread(move || blobs.verify_blocking()).await
    }

    fn verify_blocking(&self) -> Result<VerifiedBlobs, BlobError> {
        let mut verified = VerifiedBlobs::default();
        let mut after = (OrgId::from_raw(-1), Vec::new());
        loop {
            let (org, id) = after.clone();
            let rows = self.store.read_blocking(move |tx| {
                tx.query_all(
                    "SELECT org_id, blob_id, pack_id, pack_offset, stored_bytes FROM blob
                     WHERE (org_id, blob_id) > ($1, $2) ORDER BY org_id, blob_id LIMIT $3",
                    params![org, id, CHUNK_ROWS],
                    |row| {
                        let location = Location { pack_id: row.get(2)?, offset: row.get(3)?, bytes: row.get(4)? };
                        Ok((row.get::<OrgId>(0)?, row.get::<BlobId>(1)?, location))
                    },
                )
            })?;
            let Some((last_org, last_id, _)) = rows.last() else { return Ok(verified) };
            after = (*last_org, last_id.as_bytes().to_vec());
            for (org, id, location) in rows {
                verified.blobs += 1;
                verified.bytes += location.bytes;
                if let Some(what) = self.problem(org, &id, location) {
                    // Compaction or a sweep may have come by since the row was read; only what is still so is a problem.
                    let wanted = [id.clone()];
                    let now_at = self.store.read_blocking(move |tx| super::find_locations(tx, org, &wanted))?;
                    if now_at.get(&id) == Some(&location) {
                        verified.problem_count += 1;
                        if verified.problems.len() < 100 {
                            verified.problems.push(BlobProblem { org, pack_id: location.pack_id, offset: location.offset, what });
                        }
                    }
                }
            }
        }
    }

    fn problem(&self, org: OrgId, id: &BlobId, location: Location) -> Option<&'static str> {
        let Ok((head, bytes)) = self.files.packs.read_behind(&[], location) else { return Some("missing") };
        let Ok((header, blob)) = record::decode(&head, bytes, 0) else { return Some("damaged") };
        let same = header.org == org && header.id == *id && BlobId::of(self.store.keys(), org, &blob) == *id;
        if same { None } else { Some("other_blob") }
    }
}
