//! The pack files: one folder, files that only grow, one thread that writes, any thread that reads.
//!
//! Requests that wait together are appended together and share one sync; each is answered after it. A pack that failed to sync is never
//! written again, because after a failed sync nobody can say what the disk holds.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::record::{HEADER_BYTES, Header};

/// A pack is closed and the next one begun when it has grown to this size.
pub const PACK_BYTES: u64 = 64 * 1024 * 1024;
/// What one sync may carry: enough to keep the disk busy, little enough to answer soon.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
const WAITING_REQUESTS: usize = 256;
const OPEN_FILES: usize = 64;

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    pub pack_id: i64,
    pub offset: u64,
    /// Size of the whole record.
    pub bytes: u64,
}

/// Keeps compaction away from a pack while a record in it waits for the row that will name it.
pub struct Pin {
    pack_id: i64,
    pins: Arc<Mutex<HashMap<i64, usize>>>,
}

impl Pin {
    fn new(pins: &Arc<Mutex<HashMap<i64, usize>>>, pack_id: i64) -> Self {
        *pins.lock().expect("no panic under this lock").entry(pack_id).or_default() += 1;
        Self { pack_id, pins: Arc::clone(pins) }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = self.pins.lock().expect("no panic under this lock");
        if let Some(count) = pins.get_mut(&self.pack_id) {
            *count -= 1;
            if *count == 0 {
                pins.remove(&self.pack_id);
            }
        }
    }
}

type Appended = io::Result<(Location, Pin)>;

struct Request {
    record: Vec<u8>,
    answer: oneshot::Sender<Appended>,
}

pub struct Packs {
    folder: PathBuf,
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
    readers: Mutex<HashMap<i64, Arc<File>>>,
    /// The pack being written, which is never compacted.
    current: Arc<Mutex<i64>>,
    pins: Arc<Mutex<HashMap<i64, usize>>>,
}

/// A pack as recovery or verification found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Bytes of whole, undamaged records from the start.
    pub intact_bytes: u64,
    pub file_bytes: u64,
}

impl Packs {
    /// Opens the folder and recovers the newest pack: a tail that was being written when the machine stopped is cut off.
    ///
    /// `named_bytes` tells how far rows name records of a pack. A tail that rows name is never cut off: such a pack is left as it is for
    /// `verify` to report, and writing goes on in a new one.
    pub fn open(folder: &Path, named_bytes: impl FnOnce(i64) -> io::Result<u64>) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let newest = pack_ids(folder)?.into_iter().max();
        let mut active = None;
        if let Some(pack_id) = newest {
            let file = OpenOptions::new().read(true).write(true).open(pack_path(folder, pack_id))?;
            let scan = scan(&file, |_, _, _| {})?;
            let named = named_bytes(pack_id)?;
            if scan.intact_bytes < named {
                tracing::error!(pack.id = pack_id, scan.intact_bytes, named, "Pack {pack_id} is damaged within what rows name; run verify");
            } else {
                if scan.intact_bytes < scan.file_bytes {
                    file.set_len(scan.intact_bytes)?;
                    file.sync_all()?;
                }
                active = Some(ActivePack { id: pack_id, file, end: scan.intact_bytes });
            }
        }
        let current = Arc::new(Mutex::new(newest.unwrap_or(0)));
        let (requests, queue) = mpsc::channel(WAITING_REQUESTS);
        let pins = Arc::default();
        let last_id = newest.unwrap_or(0);
        let writer = Writer { folder: folder.to_owned(), active, last_id, current: Arc::clone(&current), pins: Arc::clone(&pins) };
        let writer = std::thread::Builder::new().name("packs".to_owned()).spawn(move || writer.run(queue))?;
        Ok(Self { folder: folder.to_owned(), requests: Some(requests), writer: Some(writer), readers: Mutex::default(), current, pins })
    }

    /// Appends a record; it is on disk when this answers. Waits while too many others do.
    pub async fn append(&self, record: Vec<u8>) -> Appended {
        let (answer, answered) = oneshot::channel();
        let requests = self.requests.as_ref().expect("open until dropped");
        requests.send(Request { record, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Hands a record in to be appended; the answer comes when it is on disk. Blocks the thread while too many others wait.
    pub fn append_blocking(&self, record: Vec<u8>) -> oneshot::Receiver<Appended> {
        let (answer, answered) = oneshot::channel();
        let requests = self.requests.as_ref().expect("open until dropped");
        // When the writer has stopped, the answer's end goes with the request, which tells the caller.
        let _ = requests.blocking_send(Request { record, answer });
        answered
    }

    /// The bytes of a record. `NotFound` when the pack is gone: compaction moved its records, look up the location again.
    pub fn read(&self, location: Location) -> io::Result<Vec<u8>> {
        read_behind(&[], &*self.reader(location.pack_id)?, location.offset, location.bytes as usize)
    }

    /// As [`read`](Self::read), with the header apart and the body behind `prefix`.
    pub fn read_behind(&self, prefix: &[u8], location: Location) -> io::Result<([u8; HEADER_BYTES], Vec<u8>)> {
        let file = self.reader(location.pack_id)?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, location.offset)?;
        let body = (location.bytes as usize).checked_sub(HEADER_BYTES).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok((header, read_behind(prefix, &file, location.offset + HEADER_BYTES as u64, body)?))
    }

    /// The packs that may be compacted: not the one being written, and none with a record still waiting for its row.
    pub fn closed_ids(&self) -> io::Result<Vec<i64>> {
        let current = *self.current.lock().expect("no panic under this lock");
        let pins = self.pins.lock().expect("no panic under this lock");
        Ok(pack_ids(&self.folder)?.into_iter().filter(|id| *id < current && !pins.contains_key(id)).collect())
    }

    pub fn file_bytes(&self, pack_id: i64) -> io::Result<u64> {
        Ok(std::fs::metadata(pack_path(&self.folder, pack_id))?.len())
    }

    /// Every pack's id, in order.
    pub fn ids(&self) -> io::Result<Vec<i64>> {
        pack_ids(&self.folder)
    }

    pub fn path(&self, pack_id: i64) -> PathBuf {
        pack_path(&self.folder, pack_id)
    }

    /// Removes a pack no row names any more.
    pub fn remove(&self, pack_id: i64) -> io::Result<()> {
        self.readers.lock().expect("no panic under this lock").remove(&pack_id);
        std::fs::remove_file(pack_path(&self.folder, pack_id))?;
        File::open(&self.folder)?.sync_all()
    }

    fn reader(&self, pack_id: i64) -> io::Result<Arc<File>> {
        let mut readers = self.readers.lock().expect("no panic under this lock");
        if let Some(file) = readers.get(&pack_id) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(File::open(pack_path(&self.folder, pack_id))?);
        if readers.len() >= OPEN_FILES {
            // Which one goes hardly matters: opening again costs microseconds.
            let oldest = readers.keys().min().copied();
            oldest.map(|id| readers.remove(&id));
        }
        readers.insert(pack_id, Arc::clone(&file));
        Ok(file)
    }
}

impl Drop for Packs {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(writer) = self.writer.take() {
            // A panicked writer has answered nobody wrongly; there is nothing left to do about it here.
            let _ = writer.join();
        }
    }
}

struct ActivePack {
    id: i64,
    file: File,
    end: u64,
}

struct Writer {
    folder: PathBuf,
    active: Option<ActivePack>,
    last_id: i64,
    current: Arc<Mutex<i64>>,
    pins: Arc<Mutex<HashMap<i64, usize>>>,
}

impl Writer {
    fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(first) = queue.blocking_recv() {
            let mut bytes = first.record.len();
            let mut batch = vec![first];
            while bytes < BATCH_BYTES {
                let Ok(next) = queue.try_recv() else { break };
                bytes += next.record.len();
                batch.push(next);
            }
            self.write(batch);
        }
    }

    fn write(&mut self, batch: Vec<Request>) {
        match self.append(&batch) {
            Ok(locations) => {
                for (request, location) in batch.into_iter().zip(locations) {
                    // Pinned before the answer, while the pack is still the current one. Whoever asked may have gone; the record is dead
                    // space then.
                    let _ = request.answer.send(Ok((location, Pin::new(&self.pins, location.pack_id))));
                }
            }
            Err(error) => {
                self.active = None;
                tracing::error!(error = &error as &dyn std::error::Error, "Blobs could not be written");
                for request in batch {
                    let _ = request.answer.send(Err(io::Error::new(error.kind(), error.to_string())));
                }
            }
        }
    }

    fn append(&mut self, batch: &[Request]) -> io::Result<Vec<Location>> {
        let mut pack = match self.active.take() {
            Some(pack) if pack.end < PACK_BYTES => pack,
            _ => self.begin_pack()?,
        };
        let start = pack.end;
        let mut end = start;
        let locations = batch.iter().map(|request| {
            let location = Location { pack_id: pack.id, offset: end, bytes: request.record.len() as u64 };
            end += location.bytes;
            location
        });
        let locations = locations.collect();
        let written = write_records(&pack.file, start, batch).and_then(|()| pack.file.sync_data());
        if let Err(error) = written {
            // Gives the space back where that is possible; the pack itself is not used again.
            let _ = pack.file.set_len(start);
            return Err(error);
        }
        pack.end = end;
        self.active = Some(pack);
        Ok(locations)
    }

    fn begin_pack(&mut self) -> io::Result<ActivePack> {
        let id = self.last_id + 1;
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(pack_path(&self.folder, id))?;
        self.last_id = id;
        File::open(&self.folder)?.sync_all()?;
        *self.current.lock().expect("no panic under this lock") = id;
        Ok(ActivePack { id, file, end: 0 })
    }
}

/// Records from this size on are written from where they are; smaller ones are put together first, which is less work than a call for each.
const WRITTEN_ALONE_BYTES: usize = 32 * 1024;

fn write_records(file: &File, start: u64, batch: &[Request]) -> io::Result<()> {
    let mut at = start;
    let mut together = Vec::new();
    for Request { record, .. } in batch {
        if record.len() < WRITTEN_ALONE_BYTES {
            together.extend_from_slice(record);
            continue;
        }
        for piece in [together.as_slice(), record.as_slice()] {
            file.write_all_at(piece, at)?;
            at += piece.len() as u64;
        }
        together.clear();
    }
    file.write_all_at(&together, at)
}

/// `prefix`, and so many bytes of the file.
fn read_behind(prefix: &[u8], file: &File, offset: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // A damaged row may tell any size.
    let whole = prefix.len().checked_add(count).ok_or(io::ErrorKind::OutOfMemory)?;
    bytes.try_reserve_exact(whole).map_err(|_| io::ErrorKind::OutOfMemory)?;
    bytes.extend_from_slice(prefix);
    while bytes.len() < whole {
        let from = offset + (bytes.len() - prefix.len()) as u64;
        // Into memory that nobody has written zeros to before.
        match rustix::io::pread(file, rustix::buffer::spare_capacity(&mut bytes), from) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(whole);
    Ok(bytes)
}

fn stopped() -> io::Error {
    io::Error::other("the pack writer has stopped")
}

/// Reads a pack from its start, record by record, and stops at the first that is damaged or cut off.
pub fn scan(file: &File, mut found: impl FnMut(&Header, Location, &[u8])) -> io::Result<Scan> {
    let file_bytes = file.metadata()?.len();
    let mut offset = 0;
    let mut head = [0; HEADER_BYTES];
    let mut record = Vec::new();
    while offset + HEADER_BYTES as u64 <= file_bytes {
        file.read_exact_at(&mut head, offset)?;
        let Ok(header) = Header::parse(&head) else { break };
        let bytes = header.record_bytes();
        if offset + bytes > file_bytes {
            break;
        }
        record.resize(bytes as usize, 0);
        file.read_exact_at(&mut record, offset)?;
        if !header.is_intact(&head, &record[HEADER_BYTES..]) {
            break;
        }
        found(&header, Location { pack_id: 0, offset, bytes }, &record);
        offset += bytes;
    }
    Ok(Scan { intact_bytes: offset, file_bytes })
}

fn pack_path(folder: &Path, pack_id: i64) -> PathBuf {
    folder.join(format!("{pack_id:010}.pack"))
}

fn pack_ids(folder: &Path) -> io::Result<Vec<i64>> {
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let id: Option<i64> = name.to_str().and_then(|name| name.strip_suffix(".pack")).and_then(|digits| digits.parse().ok());
        ids.extend(id);
    }
    ids.sort_unstable();
    Ok(ids)
}
