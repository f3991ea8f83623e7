//! Blobs: immutable bytes, each kept once for an organisation, in pack files on disk with their place in SQL.
//!
//! A blob is on disk before the row that names it commits: [`Blobs::stage`] writes and syncs the bytes, [`StagedBlob::record`] adds the row in
//! the transaction that names the blob. Nothing counts references, because references are rows: the [`sweep`] marks blobs that no row names,
//! waits, looks again and only then deletes. Deleted blobs leave holes, which [`compact`] closes by copying what is alive.

mod compact;
mod packs;
mod record;
mod sweep;
mod verify;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use kernel::{OrgId, Timestamp};

use crate::value::Column;
use crate::{FromColumn, IN_LIST_MAX, KeyRing, Store, StoreError, ToParam, Tx, Value, in_list, params};

pub use compact::Compacted;
pub use packs::PACK_BYTES;
use packs::{Location, Packs, Pin};
pub use record::MAX_BLOB_BYTES;
pub use sweep::{Reference, SWEEP_DELAY_SECS, Swept};
pub use verify::{BlobProblem, VerifiedBlobs};

/// Names a blob within an organisation: an algorithm tag and a keyed hash of the bytes. The same bytes have another id in another organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId([u8; 33]);

impl BlobId {
    fn of(keys: &KeyRing, org: OrgId, bytes: &[u8]) -> Self {
        let hash = keys.keyed_hash("blob-id", &[&org.raw().to_le_bytes(), bytes]);
        let mut id = [crate::keys::ALGORITHM_TAG; 33];
        id[1..].copy_from_slice(&hash);
        Self(id)
    }

    fn from_array(bytes: [u8; 33]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl ToParam for BlobId {
    fn to_param(&self) -> Value {
        self.0.to_param()
    }

    fn null() -> Value {
        Value::Bytes(None)
    }
}

impl FromColumn for BlobId {
    const NAME: &'static str = "a blob id";

    fn from_column(column: Column<'_>) -> Option<Self> {
        <[u8; 33]>::from_column(column).map(Self)
    }
}

/// A blob could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("the organisation has no such blob")]
    NotFound,
    #[error("a blob of {size} bytes is larger than {MAX_BLOB_BYTES}")]
    TooLarge { size: usize },
    #[error("a stored blob is damaged")]
    Damaged,
    #[error("the disk that holds the blobs is full")]
    Full(#[source] io::Error),
    #[error("the pack files cannot be read or written")]
    Io(#[source] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

kernel::faults! { BlobError:
    BlobError::NotFound => NotFound "blob_not_found",
    BlobError::TooLarge { size } => Invalid "blob_too_large" { size },
    BlobError::Damaged => Internal "blob_damaged",
    BlobError::Full(_) => Unavailable "store_full",
    BlobError::Io(_) => Unavailable "store_unavailable",
    BlobError::Store(store) => store,
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(error),
            _ => Self::Io(error),
        }
    }
}

/// The pack files and what guards them; the store owns it.
pub(crate) struct BlobFiles {
    packs: Packs,
    /// Held while blobs or packs are deleted, and by a backup, which needs them to stay.
    removal: Mutex<()>,
}

impl BlobFiles {
    pub(crate) fn open(folder: &Path, named_bytes: impl FnOnce(i64) -> io::Result<u64>) -> io::Result<Self> {
        Ok(Self { packs: Packs::open(folder, named_bytes)?, removal: Mutex::new(()) })
    }
}

/// How far rows name records of a pack; recovery cuts nothing off before that.
pub(crate) fn named_bytes(tx: &mut Tx, pack_id: i64) -> Result<u64, StoreError> {
    tx.query_one("SELECT COALESCE(MAX(pack_offset + stored_bytes), 0) FROM blob WHERE pack_id = $1", params![pack_id], |row| row.get(0))
}

/// A blob whose bytes are on disk, on its way to the row that names it. Dropping it without [`record`](Self::record) leaves a hole, no harm.
pub struct StagedBlob {
    org: OrgId,
    id: BlobId,
    size: usize,
    /// `None` when the organisation had the blob already.
    placed: Option<(Location, Pin)>,
}

impl StagedBlob {
    pub fn id(&self) -> &BlobId {
        &self.id
    }

    /// Makes the blob known, in the transaction that adds the row which names it. May run again, as transactions do.
    pub fn record(&self, tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
        self.record_at(tx, now).map(|_| ())
    }

    /// As [`record`](Self::record); answers when the blob was first recorded, for rows that are found by it (see [`Reference::recorded_at`]).
    pub fn record_at(&self, tx: &mut Tx, now: Timestamp) -> Result<Timestamp, StoreError> {
        match &self.placed {
            // The row was unmarked a moment ago, and the sweeper waits a day between mark and deletion.
            None => tx.query_one(
                "UPDATE blob SET marked_at = NULL WHERE org_id = $1 AND blob_id = $2 RETURNING created_at",
                params![self.org, self.id],
                |row| row.get(0),
            ),
            // Somebody may have recorded the same bytes in the meantime; the first place stays, this one becomes a hole.
            Some((location, _)) => tx.query_one(
                "INSERT INTO blob (org_id, blob_id, pack_id, pack_offset, stored_bytes, size_bytes, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (org_id, blob_id) DO UPDATE SET marked_at = NULL RETURNING created_at",
                params![self.org, self.id, location.pack_id, location.offset, location.bytes, self.size, now],
                |row| row.get(0),
            ),
        }
    }
}

/// From this size on it is asked first whether the organisation has the same; below, asking costs as much as writing. Below it, too, bytes are hashed and
/// compressed where they are, in some tens of microseconds, some hundreds where they compress; to hand them to a thread would cost as much.
const LARGE_BYTES: usize = 128 * 1024;

/// Blobs whose places were found together; see [`Blobs::find`].
pub struct FoundBlobs {
    blobs: Blobs,
    org: OrgId,
    locations: HashMap<BlobId, Location>,
}

impl FoundBlobs {
    /// The bytes of one of them, as [`Blobs::get_behind`] answers. Blocks the calling thread.
    pub fn read_behind(&self, id: &BlobId, prefix: &[u8]) -> Result<Vec<u8>, BlobError> {
        let mut location = *self.locations.get(id).ok_or(BlobError::NotFound)?;
        // Compaction may move the record between finding and reading it; the second look finds the new place.
        for _ in 0..3 {
            match self.read_at(id, location, prefix) {
                Err(BlobError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
                read => return read,
            }
            let (org, wanted) = (self.org, [id.clone()]);
            let again = self.blobs.store.read_blocking(move |tx| find_locations(tx, org, &wanted))?;
            location = *again.get(id).ok_or(BlobError::NotFound)?;
        }
        Err(BlobError::Damaged)
    }

    fn read_at(&self, id: &BlobId, location: Location, prefix: &[u8]) -> Result<Vec<u8>, BlobError> {
        let (head, bytes) = self.blobs.files.packs.read_behind(prefix, location)?;
        let (header, blob) = record::decode(&head, bytes, prefix.len()).map_err(|_| BlobError::Damaged)?;
        if header.org == self.org && header.id == *id { Ok(blob) } else { Err(BlobError::Damaged) }
    }
}

/// The blobs of a store; see [`Store::blobs`].
#[derive(Clone)]
pub struct Blobs {
    store: Store,
    files: Arc<BlobFiles>,
}

impl Blobs {
    pub(crate) fn new(store: Store, files: Arc<BlobFiles>) -> Self {
        Self { store, files }
    }

    /// Writes bytes to disk, unless the organisation has the same already; small ones are written without asking, and the second copy is a hole
    /// that compaction closes. They are durable when this returns, but only a row recorded by
    /// [`StagedBlob::record`] makes them a blob.
    pub async fn stage(&self, org: OrgId, bytes: Vec<u8>) -> Result<StagedBlob, BlobError> {
        let size = bytes.len();
        if size > MAX_BLOB_BYTES {
            return Err(BlobError::TooLarge { size });
        }
        let store = self.store.clone();
        let (id, bytes) = beside(size, move || (BlobId::of(store.keys(), org, &bytes), bytes)).await?;
        if size >= LARGE_BYTES {
            let known_id = id.clone();
            let marked: Option<Option<Timestamp>> = self.store.read(move |tx| find_mark(tx, org, &known_id)).await?;
            if matches!(marked, Some(None)) {
                return Ok(StagedBlob { org, id, size, placed: None });
            }
        }
        let record_id = id.clone();
        let record = beside(size, move || record::encode(org, &record_id, &bytes)).await?;
        let placed = self.files.packs.append(record).await?;
        Ok(StagedBlob { org, id, size, placed: Some(placed) })
    }

    /// [`stage`](Self::stage), and the row in a transaction of its own: for blobs whose name is committed later, within a day.
    pub async fn put(&self, org: OrgId, bytes: Vec<u8>, now: Timestamp) -> Result<BlobId, BlobError> {
        let staged = self.stage(org, bytes).await?;
        let id = staged.id().clone();
        self.store.write(move |tx| staged.record(tx, now)).await?;
        Ok(id)
    }

    /// The bytes of a blob.
    pub async fn get(&self, org: OrgId, id: &BlobId) -> Result<Vec<u8>, BlobError> {
        self.get_behind(org, id, &[]).await
    }

    /// The bytes of a blob behind others, in one piece.
    pub async fn get_behind(&self, org: OrgId, id: &BlobId, prefix: &[u8]) -> Result<Vec<u8>, BlobError> {
        let found = self.find(org, vec![id.clone()]).await?;
        let (id, prefix) = (id.clone(), prefix.to_vec());
        on_a_thread(move || found.read_behind(&id, &prefix)).await
    }

    /// Finds several blobs by one statement, to be read one after the other.
    pub async fn find(&self, org: OrgId, ids: Vec<BlobId>) -> Result<FoundBlobs, BlobError> {
        let locations = self.store.read(move |tx| find_locations(tx, org, &ids)).await?;
        Ok(FoundBlobs { blobs: self.clone(), org, locations })
    }

    /// For a backup: runs `snapshot`, then copies every pack into `folder`, while no blob and no pack is deleted. A pack only grows and a
    /// blob is on disk before its row commits, so the copies hold whatever the rows of the snapshot name. Blocks the calling thread.
    pub fn copy_with<T, E: From<BlobError>>(&self, folder: &Path, snapshot: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let _kept = self.files.removal.lock().expect("no panic under this lock");
        let taken = snapshot()?;
        self.copy_packs(folder).map_err(BlobError::from)?;
        Ok(taken)
    }

    fn copy_packs(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for pack_id in self.files.packs.ids()? {
            let source = self.files.packs.path(pack_id);
            let target = folder.join(source.file_name().unwrap_or_default());
            std::fs::copy(&source, &target)?;
            std::fs::File::open(&target)?.sync_all()?;
        }
        std::fs::File::open(folder)?.sync_all()
    }
}

fn find_mark(tx: &mut Tx, org: OrgId, id: &BlobId) -> Result<Option<Option<Timestamp>>, StoreError> {
    tx.query_opt("SELECT marked_at FROM blob WHERE org_id = $1 AND blob_id = $2", params![org, *id], |row| row.get(0))
}

/// Those of the blobs that are there.
fn find_locations(tx: &mut Tx, org: OrgId, ids: &[BlobId]) -> Result<HashMap<BlobId, Location>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IN_LIST_MAX) {
        // In few lengths, so that statements are prepared once; the last is repeated.
        let length = [1, 16, IN_LIST_MAX].into_iter().find(|length| *length >= chunk.len()).unwrap_or(chunk.len());
        let mut params = params![org];
        params.extend(chunk.iter().chain(std::iter::repeat_n(&chunk[chunk.len() - 1], length - chunk.len())).cloned());
        let list = in_list(2, length);
        let sql = format!("SELECT blob_id, pack_id, pack_offset, stored_bytes FROM blob WHERE org_id = $1 AND blob_id IN {list}");
        tx.for_each(&sql, params, |row| {
            found.insert(row.get(0)?, Location { pack_id: row.get(1)?, offset: row.get(2)?, bytes: row.get(3)? });
            Ok(())
        })?;
    }
    Ok(found)
}

/// Files and compression must not hold up the event loop.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, BlobError> + Send + 'static) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(BlobError::Io(io::Error::other("the task was stopped"))))
}

/// Computes something over bytes of this size without holding up the event loop.
async fn beside<T: Send + 'static>(size: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T, BlobError> {
    if size < LARGE_BYTES { Ok(work()) } else { on_a_thread(move || Ok(work())).await }
}
