//! `yanshu backup`: everything but the master key, consistent as of one moment, while the server works on.
//!
//! ```text
//! DIR/manifest.json   what this is, and the hash of every file
//! DIR/rows.zst        all rows, in a form either engine reads
//! DIR/packs/*.pack    all blobs the rows name
//! ```
//! The manifest is written last: a directory without one is no backup. The master key goes to a file of its own, to be kept elsewhere.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{BlobError, DumpError, Store};

use super::Output;
use crate::app::App;
use crate::data::Layout;
use crate::failure::Failure;

pub const MANIFEST: &str = "manifest.json";
pub const ROWS: &str = "rows.zst";
pub const PACKS: &str = "packs";
const FORMAT: u32 = 1;

#[derive(Debug, Args, Serialize, Deserialize)]
pub struct Backup {
    /// An empty directory, or one to be made.
    pub dir: PathBuf,
    /// Also write the master key to this file. Keep it apart from the backup: whoever has both can read everything, and without it sealed data is lost.
    #[arg(long, value_name = "FILE")]
    pub key_bundle: Option<PathBuf>,
}

/// What a backup says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    pub made_at: Timestamp,
    pub program_version: String,
    pub schema: i64,
    pub rows: u64,
    pub key_fingerprint: String,
    files: Vec<Listed>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    path: String,
    bytes: u64,
    blake3: String,
}

/// Reading or writing a backup failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0} is not empty; a backup goes to a directory of its own")]
    NotEmpty(PathBuf),
    #[error("{0} holds no complete backup")]
    NoBackup(PathBuf),
    #[error("{0} was made by a newer release")]
    Newer(PathBuf),
    #[error("{0} was changed or damaged since the backup was made")]
    Changed(PathBuf),
    #[error("the backup could not be written or read")]
    File(#[from] io::Error),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Rows(#[from] DumpError),
}

pub async fn run(app: &App, layout: &Layout, backup: Backup) -> Result<Output, Failure> {
    let (store, now, dir) = (app.store.clone(), app.source.now(), backup.dir.clone());
    let manifest = tokio::task::spawn_blocking(move || write(&store, &dir, now)).await??;
    if let Some(path) = &backup.key_bundle {
        std::fs::copy(&layout.key_file, path)?;
    }
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let reminder =
        if backup.key_bundle.is_some() { "" } else { "\nThe master key is not in it: keep a copy of it elsewhere (--key-bundle FILE)." };
    let text =
        format!("{} rows and {} files, {bytes} bytes, are in {}{reminder}", manifest.rows, manifest.files.len(), backup.dir.display());
    Ok(Output::new(text, json!({ "dir": backup.dir, "rows": manifest.rows, "bytes": bytes, "made_at": manifest.made_at })))
}

/// Writes a backup and reads it back. Blocks the calling thread.
fn write(store: &Store, dir: &Path, now: Timestamp) -> Result<Manifest, BackupError> {
    std::fs::create_dir_all(dir)?;
    if std::fs::read_dir(dir)?.next().is_some() {
        return Err(BackupError::NotEmpty(dir.to_owned()));
    }
    let packs = dir.join(PACKS);
    let dumped = store.blobs().copy_with(&packs, || store.backup_sql_to(&dir.join(ROWS)).map_err(BackupError::from))?;
    let mut paths = vec![PathBuf::from(ROWS)];
    for entry in std::fs::read_dir(&packs)? {
        paths.push(Path::new(PACKS).join(entry?.file_name()));
    }
    paths.sort();
    let files = paths.iter().map(|path| listed(dir, path)).collect::<io::Result<_>>()?;
    let manifest = Manifest {
        format: FORMAT,
        made_at: now,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: dumped.schema,
        rows: dumped.rows,
        key_fingerprint: store.keys().fingerprint(),
        files,
    };
    let partial = dir.join("manifest.partial");
    let mut file = File::create(&partial)?;
    file.write_all(&serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?)?;
    file.sync_all()?;
    std::fs::rename(&partial, dir.join(MANIFEST))?;
    File::open(dir)?.sync_all()?;
    Ok(manifest)
}

/// The manifest of a backup whose every file is as it was written.
pub fn read(dir: &Path) -> Result<Manifest, BackupError> {
    let path = dir.join(MANIFEST);
    let bytes = std::fs::read(&path).map_err(|_| BackupError::NoBackup(dir.to_owned()))?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| BackupError::NoBackup(dir.to_owned()))?;
    if manifest.format > FORMAT {
        return Err(BackupError::Newer(dir.to_owned()));
    }
    for file in &manifest.files {
        let found = listed(dir, Path::new(&file.path))?;
        if found.bytes != file.bytes || found.blake3 != file.blake3 {
            return Err(BackupError::Changed(dir.join(&file.path)));
        }
    }
    Ok(manifest)
}

fn listed(dir: &Path, path: &Path) -> io::Result<Listed> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(dir.join(path))?, &mut hasher)?;
    Ok(Listed { path: path.display().to_string(), bytes, blake3: hasher.finalize().to_hex().to_string() })
}
