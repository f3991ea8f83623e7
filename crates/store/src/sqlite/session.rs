//! One connection and the statements prepared on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode};

use crate::StoreError;
use crate::dialect;
use crate::row::{Row, RowSource};
use crate::tempo::give_way;
use crate::tx::QueryFailure;
use crate::value::{Column, Params, Value};

/// A connection that belongs to one database thread.
pub(crate) struct SqliteSession {
    connection: Connection,
    /// Statements as written → as SQLite wants them.
    rewritten: HashMap<Box<str>, Arc<str>>,
    time_limit: Option<TimeLimit>,
    gives_way: bool,
}

/// Interrupts what runs too long; the engine asks every so many steps.
struct TimeLimit {
    opened: Instant,
    /// Milliseconds after `opened`.
    deadline: Arc<AtomicU64>,
}

/// As long as PostgreSQL lets a statement run.
const LONGEST_RUN: Duration = Duration::from_secs(30);
const STEPS_BETWEEN_LOOKS: i32 = 100_000;

impl SqliteSession {
    /// Enough for every statement of the product; lists of many lengths may push others out.
    const STATEMENTS: usize = 1024;

    pub(crate) fn new(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(Self::STATEMENTS);
        Self { connection, rewritten: HashMap::new(), time_limit: None, gives_way: false }
    }

    /// For database threads: no closure keeps one for ever.
    pub(crate) fn with_time_limit(mut self) -> Self {
        let opened = Instant::now();
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let seen = Arc::clone(&deadline);
        let is_over = move || opened.elapsed().as_millis() as u64 > seen.load(Ordering::Relaxed);
        self.connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_over));
        self.time_limit = Some(TimeLimit { opened, deadline });
        self
    }

    /// From now on the next closure's time runs.
    pub(crate) fn restart_time(&self) {
        if let Some(limit) = &self.time_limit {
            let deadline = limit.opened.elapsed() + LONGEST_RUN;
            limit.deadline.store(deadline.as_millis() as u64, Ordering::Relaxed);
        }
    }

    /// Whether statements from now on are of work that nobody waits for.
    pub(super) fn set_gives_way(&mut self, gives_way: bool) {
        self.gives_way = gives_way;
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs one of the engine's own statements, such as `SAVEPOINT`.
    pub(crate) fn control(&mut self, sql: &str) -> Result<(), StoreError> {
        let run = |connection: &Connection| connection.prepare_cached(sql)?.raw_execute();
        run(&self.connection).map(|_| ()).map_err(|error| fault(error, sql))
    }

    /// Whether no transaction is open, because none was begun or because SQLite itself has rolled it back.
    pub(crate) fn is_outside_transaction(&self) -> bool {
        self.connection.is_autocommit()
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &Params) -> Result<u64, StoreError> {
        if self.gives_way {
            give_way();
        }
        let text = self.rewrite(sql);
        let run = |connection: &Connection| -> Result<u64, rusqlite::Error> {
            let mut statement = connection.prepare_cached(&text)?;
            bind(&mut statement, params)?;
            let changes = !statement.readonly();
            let mut rows = statement.raw_query();
            // A statement with RETURNING has rows, which nobody asked for here.
            while rows.next()?.is_some() {}
            Ok(if changes { connection.changes() } else { 0 })
        };
        run(&self.connection).map_err(|error| fault(error, sql))
    }

    pub(crate) fn query(
        &mut self,
        sql: &str,
        params: &Params,
        each: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), QueryFailure> {
        if self.gives_way {
            give_way();
        }
        let text = self.rewrite(sql);
        let engine = |error| QueryFailure::Engine(fault(error, sql));
        let mut statement = self.connection.prepare_cached(&text).map_err(engine)?;
        bind(&mut statement, params).map_err(engine)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(engine)? {
            if self.gives_way {
                give_way();
            }
            each(&Row { source: RowSource::Sqlite(row) }).map_err(QueryFailure::Reader)?;
        }
        Ok(())
    }

    fn rewrite(&mut self, sql: &str) -> Arc<str> {
        if let Some(text) = self.rewritten.get(sql) {
            return Arc::clone(text);
        }
        if self.rewritten.len() >= 4 * Self::STATEMENTS {
            self.rewritten.clear();
        }
        let text: Arc<str> = dialect::for_sqlite(sql).into();
        self.rewritten.insert(sql.into(), Arc::clone(&text));
        text
    }
}

fn bind(statement: &mut CachedStatement<'_>, params: &Params) -> Result<(), rusqlite::Error> {
    let values = params.values();
    if statement.parameter_count() != values.len() {
        return Err(rusqlite::Error::InvalidParameterCount(values.len(), statement.parameter_count()));
    }
    for (index, value) in values.iter().enumerate() {
        let value = match value {
            Value::Int(Some(number)) => ValueRef::Integer(*number),
            Value::Bool(Some(truth)) => ValueRef::Integer(i64::from(*truth)),
            // PostgreSQL cannot hold it, so nothing may come to depend on it here.
            Value::Text(Some(text)) if text.contains('\0') => {
                return Err(rusqlite::Error::InvalidParameterName("text with a NUL".to_owned()));
            }
            Value::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Value::Int(None) | Value::Bool(None) | Value::Text(None) | Value::Bytes(None) => ValueRef::Null,
        };
        statement.raw_bind_parameter(index + 1, ToSqlOutput::Borrowed(value))?;
    }
    Ok(())
}

pub(crate) fn column<'a>(row: &'a rusqlite::Row<'_>, index: usize) -> Option<Column<'a>> {
    match row.get_ref(index).ok()? {
        ValueRef::Null => Some(Column::Null),
        ValueRef::Integer(value) => Some(Column::Int(value)),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(Column::Text),
        ValueRef::Blob(bytes) => Some(Column::Bytes(bytes)),
        ValueRef::Real(_) => None,
    }
}

/// Whether there is no room on the disk, which SQLite tells in two ways: of the files, and of the index of the log that it maps into memory.
pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    let extended = error.sqlite_error().map(|error| error.extended_code);
    error.sqlite_error_code() == Some(ErrorCode::DiskFull) || extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

/// SQLite's error in the words of the store.
pub(crate) fn fault(error: rusqlite::Error, sql: &str) -> StoreError {
    match error.sqlite_error_code() {
        _ if is_full(&error) => StoreError::Full(error.into()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed,
        ) => StoreError::Unavailable(error.into()),
        _ => StoreError::Statement { statement: sql.to_owned(), cause: error.into() },
    }
}
