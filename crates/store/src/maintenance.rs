//! What backup, doctor and verify ask of the database. Everything here blocks the calling thread, and nothing blocks readers or writers.

use std::path::Path;

use rusqlite::OpenFlags;

use crate::catalog;
use crate::direct::unavailable;
use crate::postgresql::{Connector, PostgresSession};
use crate::sql::{Place, on_own_thread};
use crate::sqlite::{self, Access};
use crate::tx::Session;
use crate::{Engine, Store, StoreError, Tx, migrate, params};

impl Store {
    /// The number of the newest migration that the database has.
    pub fn schema_version(&self) -> Result<i64, StoreError> {
        self.read_blocking(migrate::current)
    }

    /// The room the database takes on its disk.
    pub fn database_bytes(&self) -> Result<u64, StoreError> {
        match self.place() {
            Place::Sqlite { path, .. } => {
                let mut bytes = 0;
                for suffix in ["", "-wal", "-shm"] {
                    let mut name = path.as_os_str().to_owned();
                    name.push(suffix);
                    match std::fs::metadata(&name) {
                        Ok(metadata) => bytes += metadata.len(),
                        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                        Err(error) => return Err(StoreError::File(error)),
                    }
                }
                Ok(bytes)
            }
            Place::Postgres { .. } => {
                self.read_blocking(|tx| tx.query_one("SELECT pg_database_size(current_database())", params![], |row| row.get(0)))
            }
        }
    }

    /// Reads the whole database and answers what is wrong with it, in the engine's words; an empty list means sound.
    pub fn check_database(&self) -> Result<Vec<String>, StoreError> {
        self.on_own_snapshot(|tx| match tx.engine() {
            Engine::Sqlite => {
                let mut found = tx.query_all("PRAGMA integrity_check", params![], |row| row.get::<String>(0))?;
                found.retain(|line| line != "ok");
                Ok(found)
            }
            Engine::Postgres => unreadable_tables(tx),
        })
    }

    /// A copy of the database file as of one moment, without its holes; only on SQLite. It is on disk when this returns.
    pub fn copy_sqlite_to(&self, path: &Path) -> Result<(), StoreError> {
        let Place::Sqlite { path: source, .. } = self.place() else {
            return Err(StoreError::Unsupported("a copy of the database file exists only on SQLite"));
        };
        let target = path.to_str().ok_or(StoreError::Unsupported("the path of the copy is not UTF-8"))?;
        if path.exists() {
            return Err(StoreError::File(std::io::ErrorKind::AlreadyExists.into()));
        }
        let connection = rusqlite::Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let copied = connection.and_then(|connection| connection.execute("VACUUM INTO ?1", [target]));
        copied.map_err(|error| unavailable(sqlite::open_fault(error)))?;
        let finish = || {
            use std::os::unix::fs::PermissionsExt;
            let file = std::fs::File::open(path)?;
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            file.sync_all()?;
            sqlite::sync_folder_of(path)
        };
        finish().map_err(StoreError::File)
    }

    /// Settings of the server under which what was answered could be lost with its power; an empty list means none. For doctor.
    pub fn check_durability(&self) -> Result<Vec<String>, StoreError> {
        if self.engine() == Engine::Sqlite {
            // The store itself sets what matters on every connection.
            return Ok(Vec::new());
        }
        self.read_blocking(|tx| {
            tx.query_all(
                "SELECT CAST(name AS TEXT) || ' = ' || setting FROM pg_settings
                  WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY 1",
                params![],
                |row| row.get(0),
            )
        })
    }

    /// Has PostgreSQL look at tables that are twice as large as when it last looked. It does so by itself, but up to a minute late, and until then
    /// takes every condition for a narrow one; so work that makes tables grow manyfold calls this now and then. Beside all other work a look may
    /// take minutes; where there can be none, plans stay as they are. SQLite plans without knowing how large they are: there nothing happens.
    pub fn refresh_statistics(&self) {
        let Place::Postgres { connector } = self.place() else { return };
        if let Err(error) = on_own_thread(|| look_at_grown_tables(connector)) {
            tracing::warn!(error = &error as &dyn std::error::Error, "The database did not look at how large its tables have become");
        }
    }

    /// Whether a commit can be made durable now; for readiness checks. Writes nothing that stays.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.write_blocking(|tx| {
            tx.execute("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", params!["write_check", ""])?
                .any();
            tx.execute("DELETE FROM installation WHERE name = $1", params!["write_check"])?.any();
            Ok(())
        })
    }
}

fn look_at_grown_tables(connector: &Connector) -> Result<(), StoreError> {
    let mut tx = Tx::over(Session::Postgres(PostgresSession::new(connector.connect_for_use()?)));
    tx.control("SET statement_timeout = 0")?;
    let grown: Vec<String> = tx.query_all(
        "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = current_schema() AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0
            AND pg_relation_size(c.oid) >= 2 * c.relpages * CAST(current_setting('block_size') AS BIGINT)
          ORDER BY pg_relation_size(c.oid)",
        params![],
        |row| row.get(0),
    )?;
    for table in grown {
        // Each for itself, and none that the database is looking at already.
        tx.control(&format!("ANALYZE (SKIP_LOCKED) \"{table}\""))?;
    }
    Ok(())
}

/// PostgreSQL checks its pages (where checksums are on) as it reads them, so every table is read.
fn unreadable_tables(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    for table in catalog::tables(tx)? {
        let sql = format!("SELECT {} FROM \"{}\"", table.column_list(), table.name);
        match tx.for_each(&sql, params![], |_| Ok(())) {
            Ok(()) => {}
            // After a failure the transaction can read no more; one table named is enough to act on.
            Err(StoreError::Statement { cause, .. }) => return Ok(vec![format!("table {}: {cause}", table.name)]),
            Err(error) => return Err(error),
        }
    }
    Ok(Vec::new())
}

/// A copy of a database file that is not open, checked: for a backup that was just made.
pub fn check_sqlite_file(path: &Path) -> Result<Vec<String>, StoreError> {
    let connection = sqlite::connect(path, Access::Read).map_err(unavailable)?;
    let read = || -> Result<Vec<String>, rusqlite::Error> {
        let mut statement = connection.prepare("PRAGMA integrity_check")?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    let mut found = read().map_err(|error| unavailable(sqlite::open_fault(error)))?;
    found.retain(|line| line != "ok");
    Ok(found)
}
