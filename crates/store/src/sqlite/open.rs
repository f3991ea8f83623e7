//! Opening the database file.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::checkpoint::PAGES_BETWEEN_CHECKPOINTS;
use crate::OpenError;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

const SETTLED_AT_ONCE: usize = 1024 * 1024;

/// Makes the file when it is missing and takes the lock beside it, which one process holds as long as it has the database open.
pub(crate) fn open_file(path: &Path) -> Result<File, OpenError> {
    let lock_path = beside(path, ".lock");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&lock_path)
        .map_err(|source| file_fault(&lock_path, source))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::Locked { path: path.display().to_string() }),
        Err(TryLockError::Error(source)) => return Err(file_fault(&lock_path, source)),
    }
    if path.exists() {
        settle_log(path)?;
    } else {
        // Made here and not by SQLite, so that nobody else can read it; SQLite gives its side files the same mode.
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(|source| file_fault(path, source))?;
        sync_folder_of(path).map_err(|source| file_fault(path, source))?;
    }
    Ok(lock)
}

/// Writes the log of a process that did not end properly once more, and syncs it.
///
/// After a failed sync the system may show what the disk does not hold. A log of which that is true would be taken for whole, go on to grow, and end
/// at the hole when the power goes.
fn settle_log(path: &Path) -> Result<(), OpenError> {
    let log_path = beside(path, "-wal");
    let settle = || -> std::io::Result<()> {
        let log = match File::options().read(true).write(true).open(&log_path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let length = log.metadata()?.len();
        let mut piece = vec![0; SETTLED_AT_ONCE.min(length as usize)];
        let mut at = 0;
        while at < length {
            let piece = &mut piece[..SETTLED_AT_ONCE.min((length - at) as usize)];
            log.read_exact_at(piece, at)?;
            log.write_all_at(piece, at)?;
            at += piece.len() as u64;
        }
        log.sync_all()
    };
    settle().map_err(|source| file_fault(&log_path, source))
}

/// A connection with everything set that makes commits durable.
pub(crate) fn connect(path: &Path, access: Access) -> Result<Connection, OpenError> {
    let open = || -> Result<Connection, rusqlite::Error> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // Otherwise many a statement is planned anew whenever it is given other values, which took a fifth of the time of everything.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // As on PostgreSQL.
        connection.pragma_update(None, "case_sensitive_like", true)?;
        match access {
            Access::Write => {
                connection.pragma_update(None, "journal_mode", "WAL")?;
                connection.pragma_update(None, "synchronous", "FULL")?;
                connection.pragma_update(None, "cache_size", -16_384)?;
                connection.pragma_update(None, "wal_autocheckpoint", PAGES_BETWEEN_CHECKPOINTS)?;
                connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
                // What it once noted of a table with one row makes it read the whole table for one row when there are many. Without notes it goes by
                // an index wherever there is one, and plans the same everywhere.
                connection.execute_batch("DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4")?;
            }
            Access::Read => {
                connection.pragma_update(None, "query_only", true)?;
                connection.pragma_update(None, "cache_size", -16_384)?;
            }
        }
        Ok(connection)
    };
    open().map_err(fault)
}

/// SQLite's error at opening, in words an operator can act on.
pub(crate) fn fault(error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        _ if super::session::is_full(&error) => OpenError::Full(error.into()),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly(error.to_string()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Corrupt(error.into()),
        _ => OpenError::Other(error.into()),
    }
}

/// Makes a new name in a folder survive a power loss.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn file_fault(path: &Path, source: std::io::Error) -> OpenError {
    match source.kind() {
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
            OpenError::ReadOnly(format!("{}: {source}", path.display()))
        }
        std::io::ErrorKind::StorageFull => OpenError::Full(source.into()),
        _ => OpenError::File { path: path.display().to_string(), source },
    }
}
