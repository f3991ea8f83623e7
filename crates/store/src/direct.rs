//! A connection of its own for maintenance, beside the database threads.

use std::fs::File;

use kernel::Timestamp;

use crate::migrate::{self, MIGRATIONS};
use crate::postgresql::{self, Connector, PostgresSession};
use crate::rows_file::LoadError;
use crate::sql::{Place, on_own_thread};
use crate::sqlite::{self, Access, SqliteSession};
use crate::tx::Session;
use crate::{OpenError, SqlLocation, Store, StoreError, Tx};

/// One connection, used by the thread that has it.
pub(crate) struct Direct {
    tx: Tx,
    /// Held until the work is done, when this opened the file.
    _lock: Option<File>,
}

impl Direct {
    /// Runs `work` in a transaction that commits when it succeeds.
    pub(crate) fn in_transaction<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&mut Tx) -> Result<T, E>) -> Result<T, E> {
        self.tx.renew();
        self.tx.control("BEGIN")?;
        match work(&mut self.tx) {
            Ok(done) => {
                self.tx.control("COMMIT")?;
                Ok(done)
            }
            Err(error) => {
                // What counts is the error; a rollback that fails leaves nothing either, because the connection goes.
                let _ = self.tx.control("ROLLBACK");
                Err(error)
            }
        }
    }
}

/// A database without any table, brought to an older or the newest schema.
pub(crate) fn open_empty(location: &SqlLocation, schema: i64, now: Timestamp) -> Result<Direct, LoadError> {
    let upto = MIGRATIONS.iter().take_while(|migration| migration.number <= schema).count();
    let migrations = &MIGRATIONS[..upto];
    match location {
        SqlLocation::Sqlite(path) => {
            let lock = sqlite::open_file(path)?;
            let mut connection = sqlite::connect(path, Access::Write)?;
            let tables: i64 =
                connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sqlite::open_fault)?;
            if tables > 0 {
                return Err(LoadError::NotEmpty);
            }
            migrate::migrate_sqlite(&mut connection, migrations, now)?;
            Ok(Direct { tx: Tx::over(Session::Sqlite(SqliteSession::new(connection))), _lock: Some(lock) })
        }
        SqlLocation::Postgres(address) => {
            let mut client = Connector::new(address)?.connect_for_open()?;
            let tables: i64 = client
                .query_one("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()", &[])
                .map_err(postgresql::open_fault)?
                .get(0);
            if tables > 0 {
                return Err(LoadError::NotEmpty);
            }
            migrate::migrate_postgres(&mut client, migrations, now)?;
            Ok(Direct { tx: Tx::over(Session::Postgres(PostgresSession::new(client))), _lock: None })
        }
    }
}

impl Store {
    /// Runs `work` on a snapshot through a connection of its own, without the time limits of daily work.
    pub(crate) fn on_own_snapshot<T: Send, E: From<StoreError> + Send>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        on_own_thread(|| {
            let (mut tx, begin) = match self.place() {
                Place::Sqlite { path, .. } => {
                    let connection = sqlite::connect(path, Access::Read).map_err(unavailable)?;
                    (Tx::over(Session::Sqlite(SqliteSession::new(connection))), "BEGIN")
                }
                Place::Postgres { connector } => {
                    let client = connector.connect_for_use()?;
                    let mut tx = Tx::over(Session::Postgres(PostgresSession::new(client)));
                    tx.control("SET statement_timeout = 0")?;
                    (tx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                }
            };
            tx.control(begin)?;
            work(&mut tx)
            // The connection goes, and the snapshot with it.
        })
    }
}

pub(crate) fn unavailable(error: OpenError) -> StoreError {
    StoreError::Unavailable(error.into())
}
