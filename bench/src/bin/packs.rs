//! How many blobs a second are made durable in pack files, by so many who write at once; and beside it what the disk gives a program that
//! appends as many bytes to one plain file and syncs once for all of them.
//!
//!     cargo run --release -p bench --bin packs [SECONDS]
//!
//! Writes to a temporary folder (set TMPDIR to choose the disk). The bytes cannot be compressed.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bench::waits::Waits;
use kernel::Rng;
use testkit::stores::TestStore;
use testkit::{SeededRng, TEST_ORG};

const NOISE_BYTES: usize = 1 << 20;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let seconds = std::env::args().nth(1).map_or(3, |seconds| seconds.parse().expect("a number of seconds"));
    let span = Duration::from_secs(seconds);
    let mut noise = vec![0; NOISE_BYTES];
    SeededRng::new(7).fill(&mut noise);
    let noise: Arc<[u8]> = noise.into();
    for size in [4 << 10, 100 << 10] {
        for writers in [1, 20, 100] {
            let test_store = TestStore::on_sqlite();
            let (packed, waits) = packs(&test_store, &noise, size, writers, span).await;
            let plain = plain_file(&test_store.folder().join("plain"), &noise, size, writers, span);
            println!(
                "{:>3} KiB, {writers:>3} writers: {packed:>6.0} blobs/s, {:>6.1} MiB/s; wait {waits}; plain file {plain:.0}/s, {:.1} MiB/s",
                size >> 10,
                mib(packed, size),
                mib(plain, size)
            );
        }
    }
}

/// Blobs a second through the store.
async fn packs(test_store: &TestStore, noise: &Arc<[u8]>, size: usize, writers: u64, span: Duration) -> (f64, Waits) {
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let writing = (0..writers).map(|_| {
        let (blobs, noise, next) = (test_store.store().blobs(), Arc::clone(noise), Arc::clone(&next));
        tokio::spawn(async move {
            let mut waits = Vec::new();
            while began.elapsed() < span {
                let blob = blob(&noise, size, next.fetch_add(1, Ordering::Relaxed));
                let handed_in = Instant::now();
                blobs.stage(TEST_ORG, blob).await.expect("a disk with room");
                waits.push(handed_in.elapsed());
            }
            waits
        })
    });
    let mut waits = Vec::new();
    for writer in writing.collect::<Vec<_>>() {
        waits.append(&mut writer.await.expect("a writer does not panic"));
    }
    let elapsed = began.elapsed().as_secs_f64();
    (waits.len() as f64 / elapsed, Waits::new(waits))
}

/// The same a second, with nothing done but to append the bytes of so many and sync.
fn plain_file(path: &Path, noise: &[u8], size: usize, batch: u64, span: Duration) -> f64 {
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a new file");
    let began = Instant::now();
    let mut done = 0;
    while began.elapsed() < span {
        let bytes = (done..done + batch).map(|number| blob(noise, size, number)).collect::<Vec<_>>().concat();
        file.write_all(&bytes).and_then(|()| file.sync_data()).expect("a disk with room");
        done += batch;
    }
    done as f64 / began.elapsed().as_secs_f64()
}

/// Unlike every other, and noise throughout.
fn blob(noise: &[u8], size: usize, number: u64) -> Vec<u8> {
    let start = number as usize * 64 % (noise.len() - size);
    let mut blob = noise[start..start + size].to_vec();
    blob[..8].copy_from_slice(&number.to_le_bytes());
    blob
}

fn mib(blobs: f64, size: usize) -> f64 {
    blobs * size as f64 / f64::from(1 << 20)
}
