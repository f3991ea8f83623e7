//! Blobs: kept once, found again, swept when nothing names them, moved when their pack is mostly holes.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::{Clock, OrgId, Timestamp};
use store::{
    BlobError, BlobId, KeyRing, PACK_BYTES, Reference, SWEEP_DELAY_SECS, SqlLocation, Store, StoreError, StoreOptions, Tempo, params,
};

const ORG: OrgId = OrgId::from_raw(7);
const NOW: Timestamp = Timestamp::from_micros(1_780_000_000_000_000);
const REFERENCES: &[Reference] = &[Reference { table: "named_blob", column: "blob_id", recorded_at: None }];

struct StandingClock;
impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

fn open(folder: &Path) -> Store {
    let store = Store::open(StoreOptions {
        sql: SqlLocation::Sqlite(folder.join("yanshu.db")),
        readers: 2,
        clock: Arc::new(StandingClock),
        packs: folder.join("packs"),
        index: folder.join("index"),
        keys: Arc::new(KeyRing::from_master([7; 32])),
    })
    .unwrap();
    let made: Result<(), StoreError> = store.write_blocking(|tx| {
        tx.execute("CREATE TABLE IF NOT EXISTS named_blob (org_id INTEGER NOT NULL, blob_id BLOB NOT NULL)", params![])?.any();
        Ok(())
    });
    made.unwrap();
    store
}

fn packs(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder.join("packs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    })
    .take(length)
    .collect()
}

async fn count(store: &Store) -> i64 {
    store
        .read(|tx| tx.query_one("SELECT COUNT(*) FROM blob", params![], |row| row.get(0)))
        .await
        .map_err(|error: StoreError| error)
        .unwrap()
}

#[tokio::test]
async fn the_same_bytes_are_kept_once_in_an_organisation_and_named_otherwise_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let other = OrgId::from_raw(8);
    let bytes = noise(1, 200_000);
    let first = store.blobs().put(ORG, bytes.clone(), NOW).await.unwrap();
    let length = packs(folder.path())[0].metadata().unwrap().len();
    assert_eq!(store.blobs().put(ORG, bytes.clone(), NOW).await.unwrap(), first);
    assert_eq!(packs(folder.path())[0].metadata().unwrap().len(), length, "nothing was written again");
    let small = noise(2, 1000);
    let known = store.blobs().put(ORG, small.clone(), NOW).await.unwrap();
    assert_eq!(store.blobs().put(ORG, small, NOW).await.unwrap(), known);
    assert_eq!(store.blobs().verify().await.unwrap().blobs, 2, "the second copy of a small one is a hole and no blob");
    let theirs = store.blobs().put(other, bytes.clone(), NOW).await.unwrap();
    assert_ne!(theirs, first);
    assert_eq!(store.blobs().get(ORG, &first).await.unwrap(), bytes);
    assert!(matches!(store.blobs().get(other, &first).await, Err(BlobError::NotFound)));
}

#[tokio::test]
async fn blobs_of_every_size_are_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = [0, 1, 255, 256, 4096, 100_000, 3_000_000];
    let mut ids: Vec<BlobId> = Vec::new();
    {
        let store = open(folder.path());
        for size in sizes {
            ids.push(store.blobs().put(ORG, noise(size as u64, size), NOW).await.unwrap());
        }
    }
    let store = open(folder.path());
    for (size, id) in sizes.iter().zip(&ids) {
        assert_eq!(store.blobs().get(ORG, id).await.unwrap(), noise(*size as u64, *size), "{size} bytes");
    }
    assert_eq!(packs(folder.path()).len(), 1, "the newest pack is written on");
    let verified = store.blobs().verify().await.unwrap();
    assert_eq!((verified.blobs, verified.problem_count), (sizes.len() as u64, 0));
}

#[tokio::test]
async fn many_writers_at_once_get_their_own_bytes_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let store = store.clone();
            // Half of them write the same bytes as another, small and large ones between each other.
            let bytes = noise(number / 2, if number / 2 % 3 == 0 { 40_000 } else { 2000 });
            tokio::spawn(async move { (bytes.clone(), store.blobs().put(ORG, bytes, NOW).await.unwrap()) })
        })
        .collect();
    for task in tasks {
        let (bytes, id) = task.await.unwrap();
        assert_eq!(store.blobs().get(ORG, &id).await.unwrap(), bytes);
    }
    assert_eq!(count(&store).await, 100);
}

#[tokio::test]
async fn a_torn_tail_is_cut_off_and_what_rows_name_stays() {
    let folder = tempfile::tempdir().unwrap();
    let id = open(folder.path()).blobs().put(ORG, noise(1, 5000), NOW).await.unwrap();
    let pack = packs(folder.path()).remove(0);
    let length = pack.metadata().unwrap().len();
    // Half a record, as a crash in the middle of a write leaves it.
    OpenOptions::new().write(true).open(&pack).unwrap().write_all_at(b"YSR1 and then nothing of use", length).unwrap();
    let store = open(folder.path());
    assert_eq!(pack.metadata().unwrap().len(), length);
    assert_eq!(store.blobs().get(ORG, &id).await.unwrap(), noise(1, 5000));
    let next = store.blobs().put(ORG, noise(2, 5000), NOW).await.unwrap();
    assert_eq!(store.blobs().get(ORG, &next).await.unwrap(), noise(2, 5000));
}

#[tokio::test]
async fn damage_within_what_rows_name_is_reported_and_never_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = {
        let store = open(folder.path());
        (store.blobs().put(ORG, noise(1, 5000), NOW).await.unwrap(), store.blobs().put(ORG, noise(2, 5000), NOW).await.unwrap())
    };
    let pack = packs(folder.path()).remove(0);
    let length = pack.metadata().unwrap().len();
    OpenOptions::new().write(true).open(&pack).unwrap().write_all_at(b"!", 1000).unwrap();
    let store = open(folder.path());
    assert_eq!(pack.metadata().unwrap().len(), length);
    assert!(matches!(store.blobs().get(ORG, &first).await, Err(BlobError::Damaged)));
    assert_eq!(store.blobs().get(ORG, &second).await.unwrap(), noise(2, 5000));
    let verified = store.blobs().verify().await.unwrap();
    assert_eq!((verified.blobs, verified.problem_count, verified.problems[0].what), (2, 1, "damaged"));
    store.blobs().put(ORG, noise(3, 5000), NOW).await.unwrap();
    assert_eq!(packs(folder.path()).len(), 2, "writing goes on in a new pack");
}

/// A row that names a blob, in a table of the test's own.
async fn name(store: &Store, id: &BlobId) {
    let id = id.clone();
    let named: Result<(), StoreError> =
        store.write(move |tx| tx.execute("INSERT INTO named_blob (org_id, blob_id) VALUES ($1, $2)", params![ORG, id])?.expect_one()).await;
    named.unwrap();
}

#[tokio::test]
async fn several_blobs_are_read_at_once_and_each_answers_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(store.blobs().put(ORG, noise(number, 3000), NOW).await.unwrap());
    }
    let foreign = store.blobs().put(OrgId::from_raw(2), noise(0, 3000), NOW).await.unwrap();
    ids.insert(3, foreign);
    // Twice the same, and one whose bytes are spoilt.
    ids.push(ids[0].clone());
    let pack = &packs(folder.path())[0];
    let mut bytes = std::fs::read(pack).unwrap();
    bytes[1500] ^= 1;
    std::fs::write(pack, bytes).unwrap();
    let found = store.blobs().find(ORG, ids.clone()).await.unwrap();
    let read = tokio::task::spawn_blocking(move || ids.iter().map(|id| found.read_behind(id, b"in front")).collect::<Vec<_>>());
    for (at, read) in read.await.unwrap().into_iter().enumerate() {
        match at {
            0 | 21 => assert!(matches!(read, Err(BlobError::Damaged))),
            3 => assert!(matches!(read, Err(BlobError::NotFound))),
            _ => assert_eq!(read.unwrap(), [b"in front", noise(at as u64 - u64::from(at > 3), 3000).as_slice()].concat()),
        }
    }
    assert!(store.blobs().find(ORG, Vec::new()).await.is_ok());
}

#[tokio::test]
async fn a_row_that_tells_an_absurd_size_is_told_by_verify() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = store.blobs().put(ORG, noise(1, 3000), NOW).await.unwrap();
    for absurd in [1, 1 << 30, i64::MAX] {
        store.write(move |tx| tx.execute("UPDATE blob SET stored_bytes = $1", params![absurd])?.expect_one()).await.unwrap();
        assert!(matches!(store.blobs().get(ORG, &id).await, Err(BlobError::Io(_))), "{absurd}");
        assert_eq!(store.blobs().verify().await.unwrap().problem_count, 1, "{absurd}");
    }
}

#[tokio::test]
async fn what_no_row_names_goes_a_day_after_it_was_marked() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let named = store.blobs().put(ORG, noise(1, 5000), NOW).await.unwrap();
    let unnamed = store.blobs().put(ORG, noise(2, 5000), NOW).await.unwrap();
    let found_again = store.blobs().put(ORG, noise(3, 5000), NOW).await.unwrap();
    name(&store, &named).await;

    let swept = store.blobs().sweep(REFERENCES, NOW, Tempo::FULL).await.unwrap();
    assert_eq!((swept.marked, swept.deleted), (0, 0), "a new blob may still be on its way to its row");
    let day_two = NOW.plus_secs(SWEEP_DELAY_SECS);
    assert_eq!(store.blobs().sweep(REFERENCES, day_two, Tempo::FULL).await.unwrap().marked, 2);
    // A writer that meets the mark takes it away.
    assert_eq!(store.blobs().put(ORG, noise(3, 5000), day_two).await.unwrap(), found_again);
    let swept = store.blobs().sweep(REFERENCES, day_two.plus_secs(SWEEP_DELAY_SECS), Tempo::FULL).await.unwrap();
    assert_eq!(swept.deleted, 1);
    assert!(matches!(store.blobs().get(ORG, &unnamed).await, Err(BlobError::NotFound)));
    assert_eq!(store.blobs().get(ORG, &named).await.unwrap(), noise(1, 5000));
    assert_eq!(store.blobs().get(ORG, &found_again).await.unwrap(), noise(3, 5000));
}

#[tokio::test]
async fn a_blob_staged_before_a_deletion_is_there_when_its_row_comes_after() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = store.blobs().put(ORG, noise(1, 5000), NOW).await.unwrap();
    let day_two = NOW.plus_secs(SWEEP_DELAY_SECS);
    store.blobs().sweep(REFERENCES, day_two, Tempo::FULL).await.unwrap();
    let staged = store.blobs().stage(ORG, noise(1, 5000)).await.unwrap();
    assert_eq!(store.blobs().sweep(REFERENCES, day_two.plus_secs(SWEEP_DELAY_SECS), Tempo::FULL).await.unwrap().deleted, 1);
    let recorded: Result<(), StoreError> = store.write(move |tx| staged.record(tx, day_two)).await;
    recorded.unwrap();
    assert_eq!(store.blobs().get(ORG, &id).await.unwrap(), noise(1, 5000));
}

#[tokio::test]
async fn a_pack_of_holes_is_emptied_and_removed_while_its_blobs_stay_readable() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let piece = 8 * 1024 * 1024;
    let pieces = PACK_BYTES / piece as u64 + 2;
    let mut ids = Vec::new();
    for number in 0..pieces {
        ids.push(store.blobs().put(ORG, noise(number, piece), NOW).await.unwrap());
    }
    assert_eq!(packs(folder.path()).len(), 2);
    assert_eq!(store.blobs().compact(Tempo::FULL).await.unwrap().packs, 0, "a pack that is alive stays");
    name(&store, &ids[0]).await;
    let day_two = NOW.plus_secs(SWEEP_DELAY_SECS);
    store.blobs().sweep(REFERENCES, day_two, Tempo::FULL).await.unwrap();
    store.blobs().sweep(REFERENCES, day_two.plus_secs(SWEEP_DELAY_SECS), Tempo::FULL).await.unwrap();
    let compacted = store.blobs().compact(Tempo::FULL).await.unwrap();
    assert_eq!((compacted.packs, compacted.moved_blobs), (1, 1));
    assert_eq!(packs(folder.path()).len(), 1);
    assert_eq!(store.blobs().get(ORG, &ids[0]).await.unwrap(), noise(0, piece));
    assert_eq!(store.blobs().verify().await.unwrap().problem_count, 0);
}

#[tokio::test]
async fn a_damaged_blob_keeps_its_pack_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let piece = 8 * 1024 * 1024;
    let in_a_pack = PACK_BYTES / piece as u64;
    let mut ids = Vec::new();
    for number in 0..2 * in_a_pack + 4 {
        ids.push(store.blobs().put(ORG, noise(number, piece), NOW).await.unwrap());
    }
    let before = packs(folder.path());
    assert!(before.len() >= 3);
    // The first of the first pack, and one in the second.
    let named = [&ids[0], &ids[in_a_pack as usize + 1]];
    for id in named {
        name(&store, id).await;
    }
    let day_two = NOW.plus_secs(SWEEP_DELAY_SECS);
    for now in [day_two, day_two.plus_secs(SWEEP_DELAY_SECS)] {
        store.blobs().sweep(REFERENCES, now, Tempo::FULL).await.unwrap();
    }
    let mut bytes = std::fs::read(&before[0]).unwrap();
    bytes[piece / 2] ^= 1;
    std::fs::write(&before[0], bytes).unwrap();
    let compacted = store.blobs().compact(Tempo::FULL).await.unwrap();
    assert_eq!((compacted.damaged_packs, compacted.packs), (1, 1));
    assert!(before[0].exists() && !before[1].exists());
    assert!(matches!(store.blobs().get(ORG, named[0]).await, Err(BlobError::Damaged)));
    assert_eq!(store.blobs().get(ORG, named[1]).await.unwrap(), noise(in_a_pack + 1, piece));
}

#[tokio::test]
async fn a_backup_holds_what_its_rows_name_and_nothing_is_deleted_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = store.blobs().put(ORG, noise(1, 5000), NOW).await.unwrap();
    let target = folder.path().join("backup");
    let (blobs, copied_to) = (store.blobs(), target.clone());
    let handle = tokio::runtime::Handle::current();
    let swept = tokio::task::spawn_blocking(move || {
        blobs.clone().copy_with(&copied_to, || handle.block_on(blobs.sweep(REFERENCES, NOW.plus_secs(2 * SWEEP_DELAY_SECS), Tempo::FULL)))
    });
    assert_eq!(swept.await.unwrap().unwrap(), store::Swept::default());
    let copied = std::fs::read(target.join(packs(folder.path())[0].file_name().unwrap())).unwrap();
    assert_eq!(copied, std::fs::read(&packs(folder.path())[0]).unwrap());
    assert_eq!(store.blobs().get(ORG, &id).await.unwrap().len(), 5000);
}
