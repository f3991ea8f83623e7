//! The data directory: what lies where in it, and that one process at a time works on it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use store::SqlLocation;

use crate::config::Config;

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("another Yanshu is running on the data in {0}; stop it first, or give this one another directory with --data")]
    InUse(PathBuf),
    #[error("there is no data in {0}; run \"yanshu serve\" or \"yanshu setup\" first, or name the right directory with --data")]
    Missing(PathBuf),
    #[error(
        "the data directory {path} cannot be written: {source}; check its owner, its mode and whether the disk is mounted read-only or full"
    )]
    NotWritable { path: PathBuf, source: io::Error },
}

/// A data directory this process has for itself, until it is dropped.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if it is missing, and takes it.
    pub fn take(path: &Path) -> Result<Self, DataError> {
        let failed = |source| DataError::NotWritable { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path.join("yanshu.lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Takes the directory; it must hold data.
    pub fn take_existing(path: &Path) -> Result<Self, DataError> {
        if !path.join("yanshu.lock").exists() {
            return Err(DataError::Missing(path.to_owned()));
        }
        Self::take(path)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Where everything lies, by the configuration.
#[derive(Debug, Clone)]
pub struct Layout {
    pub sql: SqlLocation,
    pub packs: PathBuf,
    pub index: PathBuf,
    pub key_file: PathBuf,
    pub control_socket: PathBuf,
    pub certificate: PathBuf,
    pub certificate_key: PathBuf,
}

impl Layout {
    pub fn new(data: &Path, config: &Config) -> Self {
        let sql = match config.storage.sql.strip_prefix("sqlite:") {
            Some(path) => SqlLocation::Sqlite(data.join(path)),
            None => SqlLocation::Postgres(config.storage.sql.clone()),
        };
        let packs = config.storage.blobs.strip_prefix("packs:").unwrap_or("packs");
        Self {
            sql,
            packs: data.join(packs),
            index: data.join(&config.storage.index),
            key_file: data.join(&config.secrets.key_file),
            control_socket: data.join("control.sock"),
            certificate: data.join("self-signed.crt"),
            certificate_key: data.join("self-signed.key"),
        }
    }
}
