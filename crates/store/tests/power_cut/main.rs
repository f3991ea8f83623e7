//! What the store answered for is there after the power went, at whatever moment: the whole store over a disk that drops, tears and half
//! remembers what was not synced.
//!
//! One run of a busy program is written down; then the power is cut at many points of that run. Every cut is a store that must open, hold
//! everything acknowledged by then, and show nothing half-done.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

mod text_index;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::{Clock, OrgId, Timestamp};
use store::{BlobId, KeyRing, SqlLocation, Store, StoreError, StoreOptions, installation, params};
use testkit::power_cut::{Disk, Kind, Recorder, Step, Trouble, read_journal};

const CHILD: &str = "POWER_CUT_CHILD";
const ORG: OrgId = OrgId::from_raw(7);
const THREADS: usize = 8;
const ROUNDS: usize = 60;

struct StandingClock;
impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_780_000_000_000_000)
    }
}

fn open(folder: &Path) -> Result<Store, store::OpenError> {
    Store::open(StoreOptions {
        sql: SqlLocation::Sqlite(folder.join("yanshu.db")),
        readers: 1,
        clock: Arc::new(StandingClock),
        packs: folder.join("packs"),
        index: folder.join("index"),
        keys: Arc::new(KeyRing::from_master([7; 32])),
    })
}

/// Of differing sizes and not compressible, so that records lie across sectors in every way.
fn body(name: &str) -> Vec<u8> {
    let mut state = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let length = (state % 5000) as usize;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.push((state >> 33) as u8);
    }
    bytes
}

/// The program that is cut off: many threads, each a blob and two rows in one transaction, each acknowledged on standard output.
#[test]
fn child_that_writes_until_it_is_done() {
    let Ok(folder) = std::env::var(CHILD) else { return };
    // On one core the harness has begun a line, which would hide the first of ours.
    println!();
    let store = open(Path::new(&folder)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let writers: Vec<_> = (0..THREADS)
        .map(|thread| {
            let store = store.clone();
            runtime.spawn(async move {
                for round in 0..ROUNDS {
                    let name = format!("{thread}-{round}");
                    let staged = store.blobs().stage(ORG, body(&name)).await.unwrap();
                    let row = name.clone();
                    store
                        .write(move |tx| {
                            let id = staged.id().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                            staged.record(tx, StandingClock.now())?;
                            installation::set(tx, &format!("first {row}"), &id)?;
                            installation::set(tx, &format!("second {row}"), &id)
                        })
                        .await
                        .unwrap();
                    std::io::stdout().write_all(format!("ACK {name}\n").as_bytes()).unwrap();
                    std::io::stdout().flush().unwrap();
                }
            })
        })
        .collect();
    runtime.block_on(async {
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_at_any_moment() {
    if std::env::var(CHILD).is_ok() {
        return;
    }
    let tools = tempfile::tempdir().unwrap();
    let Some(recorder) = Recorder::build(tools.path()) else { return };
    let root = tools.path().join("data");
    std::fs::create_dir(&root).unwrap();
    let journal = tools.path().join("journal");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child_that_writes_until_it_is_done", "--nocapture"]).env(CHILD, &root).stdout(Stdio::null());
    recorder.watch(&mut child, &root, &journal);
    assert!(child.status().unwrap().success());
    let steps = read_journal(&std::fs::read(&journal).unwrap());
    assert_eq!(acknowledged(&steps).len(), THREADS * ROUNDS, "the journal has the whole run");
    assert!(steps.iter().any(|step| matches!(step, Step::Sync { .. })));

    let cuts: usize = std::env::var("YANSHU_POWER_CUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let mut chance = numbers();
    let mut points: Vec<usize> = (0..cuts).map(|_| chance(steps.len() + 1)).collect();
    points.sort_unstable();
    let mut disk = Disk::default();
    let mut done = 0;
    for (number, point) in points.into_iter().enumerate() {
        steps[done..point].iter().for_each(|step| disk.apply(step));
        done = point;
        let found = tools.path().join(format!("found-{number}"));
        std::fs::create_dir(&found).unwrap();
        disk.after_power_cut(&root, &found, &mut chance);
        let acknowledged = acknowledged(&steps[..point]);
        check(&found, &acknowledged).unwrap_or_else(|problem| panic!("power cut after step {point} of {}: {problem}", steps.len()));
        std::fs::remove_dir_all(&found).unwrap();
    }
}

const CHILD_IN_TROUBLE: &str = "POWER_CUT_CHILD_IN_TROUBLE";
const ROWS: usize = 600;
const VERSIONS: usize = 40;

/// The program whose syncs fail: some rows that are written again and again, so that the log is copied into the database many times, while others
/// read, so that it is often copied in part.
#[test]
fn child_that_writes_although_syncs_fail() {
    let Ok(folder) = std::env::var(CHILD_IN_TROUBLE) else { return };
    println!();
    let store = open(Path::new(&folder)).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // Looks at everything, one by one, in one snapshot.
                let read = store.read_blocking(|tx| (0..ROWS).try_for_each(|row| installation::get(tx, &format!("row {row}")).map(drop)));
                let _: Result<(), StoreError> = read;
            }
        });
        for version in 1..=VERSIONS {
            for row in 0..ROWS {
                let text = format!("{version} {}", "x".repeat(12_000));
                // What failed is tried again until it succeeds.
                while store
                    .write_blocking({
                        let text = text.clone();
                        move |tx| installation::set(tx, &format!("row {row}"), &text)
                    })
                    .is_err()
                {}
                println!("ACK {row}-{version}");
            }
        }
        over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn what_was_acknowledged_survives_syncs_that_failed() {
    let tools = tempfile::tempdir().unwrap();
    let Some(recorder) = Recorder::build(tools.path()) else { return };
    let root = tools.path().join("data");
    std::fs::create_dir(&root).unwrap();
    let journal = tools.path().join("journal");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child_that_writes_although_syncs_fail", "--nocapture"]).env(CHILD_IN_TROUBLE, &root).stdout(Stdio::piped());
    recorder.watch(&mut child, &root, &journal);
    let trouble = Trouble::prepare(&mut child, &tools.path().join("trouble"));
    let mut child = child.spawn().unwrap();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if line.unwrap() == "ACK 0-1" {
            trouble.begin(Kind::FailingSyncs(4));
        }
    }
    assert!(child.wait().unwrap().success());
    assert!(trouble.failures() > 0);

    let steps = read_journal(&std::fs::read(&journal).unwrap());
    let mut chance = numbers();
    let mut disk = Disk::default();
    let cuts = 12;
    let mut done = 0;
    for cut in 1..=cuts {
        let point = steps.len() * cut / cuts;
        steps[done..point].iter().for_each(|step| disk.apply(step));
        done = point;
        let found = tools.path().join(format!("found-{cut}"));
        std::fs::create_dir(&found).unwrap();
        disk.after_power_cut(&root, &found, &mut chance);
        check_versions(&found, &acknowledged(&steps[..point])).unwrap_or_else(|problem| panic!("power cut {cut} of {cuts}: {problem}"));
        std::fs::remove_dir_all(&found).unwrap();
    }
}

/// Each row holds the last version that was acknowledged, or a later one.
fn check_versions(folder: &Path, acknowledged: &BTreeSet<String>) -> Result<(), String> {
    let store = open(folder).map_err(|error| format!("the store does not open: {error:?}"))?;
    let problems = store.check_database().map_err(|error| format!("the database cannot be checked: {error:?}"))?;
    if !problems.is_empty() {
        return Err(format!("{problems:?}"));
    }
    let mut last = [0; ROWS];
    for (row, version) in acknowledged.iter().filter_map(|name| name.split_once('-')) {
        let (row, version): (usize, usize) = (row.parse().unwrap(), version.parse().unwrap());
        last[row] = last[row].max(version);
    }
    let found: Vec<(String, String)> = store
        .read_blocking(|tx| {
            tx.query_all("SELECT name, value FROM installation WHERE name LIKE 'row %'", params![], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .map_err(|error: StoreError| format!("the rows cannot be read: {error:?}"))?;
    let found: BTreeMap<usize, usize> = found
        .iter()
        .map(|(name, value)| (name.trim_start_matches("row ").parse().unwrap(), value.split(' ').next().unwrap().parse().unwrap()))
        .collect();
    let lost = (0..ROWS).find(|row| found.get(row).copied().unwrap_or(0) < last[*row]);
    lost.map_or(Ok(()), |row| Err(format!("row {row} is {:?}, acknowledged was {}", found.get(&row), last[row])))
}

/// Chance, the same in each run: answers a number below its argument.
fn numbers() -> impl FnMut(usize) -> usize {
    let mut seed: u64 = 0x5961_6e73_6875;
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % below as u64) as usize
    }
}

fn acknowledged(steps: &[Step]) -> BTreeSet<String> {
    let printed: Vec<u8> = steps
        .iter()
        .filter_map(|step| if let Step::Print { text } = step { Some(text.as_slice()) } else { None })
        .flatten()
        .copied()
        .collect();
    let printed = String::from_utf8(printed).unwrap();
    // Only whole lines were acknowledged.
    let whole = printed.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().filter_map(|line| line.strip_prefix("ACK ")).map(str::to_owned).collect()
}

/// Opens what was found and looks for everything that was acknowledged.
fn check(folder: &Path, acknowledged: &BTreeSet<String>) -> Result<(), String> {
    let store = open(folder).map_err(|error| format!("the store does not open: {error:?}"))?;
    let rows: Vec<(String, String)> = store
        .read_blocking(|tx| {
            tx.query_all("SELECT name, value FROM installation WHERE name LIKE 'first %' OR name LIKE 'second %'", params![], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
        })
        .map_err(|error: StoreError| format!("the rows cannot be read: {error:?}"))?;
    let named =
        |prefix: &str| -> BTreeSet<String> { rows.iter().filter_map(|(name, _)| name.strip_prefix(prefix)).map(str::to_owned).collect() };
    let (first, second) = (named("first "), named("second "));
    if first != second {
        return Err("half a transaction is there".to_owned());
    }
    if let Some(lost) = acknowledged.iter().find(|name| !first.contains(*name)) {
        return Err(format!("{lost} was acknowledged and is lost"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|error| error.to_string())?;
    let ids = blob_ids(&store).map_err(|error| format!("the blobs cannot be listed: {error:?}"))?;
    for (row, id) in &rows {
        let Some(name) = row.strip_prefix("first ") else { continue };
        let id = ids.get(id).ok_or_else(|| format!("the blob of {name} has no place"))?;
        let bytes = runtime.block_on(store.blobs().get(ORG, id)).map_err(|error| format!("the blob of {name}: {error:?}"))?;
        if bytes != body(name) {
            return Err(format!("the blob of {name} holds something else"));
        }
    }
    let verified = runtime.block_on(store.blobs().verify()).map_err(|error| error.to_string())?;
    if verified.problem_count > 0 {
        return Err(format!("{:?}", verified.problems));
    }
    // The store goes on from here.
    let id = runtime
        .block_on(store.blobs().put(ORG, b"after the cut".to_vec(), StandingClock.now()))
        .map_err(|error| format!("no new blob: {error:?}"))?;
    let again = runtime.block_on(store.blobs().get(ORG, &id)).map_err(|error| format!("the new blob: {error:?}"))?;
    if again != b"after the cut" { Err("the new blob holds something else".to_owned()) } else { Ok(()) }
}

/// Every blob's id by its hexadecimal form, which the rows of the child hold.
fn blob_ids(store: &Store) -> Result<BTreeMap<String, BlobId>, StoreError> {
    let ids: Vec<BlobId> =
        store.read_blocking(|tx| tx.query_all("SELECT blob_id FROM blob WHERE org_id = $1", params![ORG], |row| row.get(0)))?;
    Ok(ids.into_iter().map(|id| (id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(), id)).collect())
}
