//! Brings the schema to this release's: numbered steps, forward only, each recorded with a hash of its text.
//!
//! A database that has steps this release does not know is refused, and so is one whose recorded steps had another text. Each step commits
//! together with its record, so that an interruption leaves a schema that the next start goes on from.

use kernel::Timestamp;
use postgres::error::SqlState;

use crate::postgresql;
use crate::sqlite;
use crate::{OpenError, StoreError, Tx, dialect, params};

pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The record of what was applied. Row 0 is the one that two servers starting at once take turns on; row -1 marks a restore under way.
const RECORD_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
    checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
const LOADING: i64 = -1;

/// The number of the newest migration this release has.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// The number of the newest migration the database has.
pub(crate) fn current(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.query_one("SELECT COALESCE(MAX(number), 0) FROM schema_migration", params![], |row| row.get(0))
}

/// From here on the database cannot be opened, until [`unmark_loading`].
pub(crate) fn mark_loading(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, 'loading', '', $2)", params![LOADING, now])?
        .expect_one()
}

pub(crate) fn unmark_loading(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute("DELETE FROM schema_migration WHERE number = $1", params![LOADING])?.expect_one()
}

/// Differs between two builds whose migrations differ: names the schema that this build makes.
pub fn schema_fingerprint() -> String {
    let mut hasher = blake3::Hasher::new();
    for migration in MIGRATIONS {
        hasher.update(checksum(migration.sql).as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

struct Applied {
    number: i64,
    name: String,
    checksum: String,
}

fn checksum(sql: &str) -> String {
    blake3::hash(sql.as_bytes()).to_hex().to_string()
}

/// The next step to take, after a look at those that were taken.
fn next_of<'a>(applied: &[Applied], migrations: &'a [Migration]) -> Result<Option<&'a Migration>, OpenError> {
    let known = migrations.last().map_or(0, |migration| migration.number);
    if applied.iter().any(|row| row.number == LOADING) {
        return Err(OpenError::UnfinishedLoad);
    }
    let mut next = migrations.iter();
    for row in applied.iter().filter(|row| row.number > 0) {
        if row.number > known {
            return Err(OpenError::NewerSchema { found: row.number, known });
        }
        match next.next() {
            Some(migration) if migration.number == row.number && checksum(migration.sql) == row.checksum => {}
            _ => return Err(OpenError::ChangedHistory { number: row.number, name: row.name.clone() }),
        }
    }
    Ok(next.next())
}

pub(crate) fn migrate_sqlite(connection: &mut rusqlite::Connection, migrations: &[Migration], now: Timestamp) -> Result<(), OpenError> {
    connection.execute_batch(RECORD_TABLE).map_err(sqlite::open_fault)?;
    loop {
        let applied = {
            let mut statement =
                connection.prepare("SELECT number, name, checksum FROM schema_migration ORDER BY number").map_err(sqlite::open_fault)?;
            let rows = statement.query_map([], |row| Ok(Applied { number: row.get(0)?, name: row.get(1)?, checksum: row.get(2)? }));
            rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(sqlite::open_fault)?
        };
        let Some(migration) = next_of(&applied, migrations)? else { return Ok(()) };
        let apply = |connection: &mut rusqlite::Connection| -> Result<(), rusqlite::Error> {
            let transaction = connection.transaction()?;
            transaction.execute_batch(&dialect::for_sqlite(migration.sql))?;
            transaction.execute(
                "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
                (migration.number, migration.name, checksum(migration.sql), now.as_micros()),
            )?;
            transaction.commit()
        };
        apply(connection).map_err(|error| match sqlite::open_fault(error) {
            OpenError::Other(cause) => OpenError::Migration { number: migration.number, name: migration.name.to_owned(), cause },
            other => other,
        })?;
        tracing::info!(number = migration.number, name = migration.name, "Applied a migration");
    }
}

pub(crate) fn migrate_postgres(client: &mut postgres::Client, migrations: &[Migration], now: Timestamp) -> Result<(), OpenError> {
    // A migration may take longer than a statement of daily work, and so may waiting for another server that is at it.
    client.batch_execute("SET statement_timeout = '30min'; SET lock_timeout = '30min'").map_err(postgresql::open_fault)?;
    make_record_table(client)?;
    loop {
        let mut transaction = client.transaction().map_err(postgresql::open_fault)?;
        // Whoever starts at the same time waits here, and then finds the step taken.
        transaction.query("SELECT number FROM schema_migration WHERE number = 0 FOR UPDATE", &[]).map_err(postgresql::open_fault)?;
        let applied: Vec<Applied> = transaction
            .query("SELECT number, name, checksum FROM schema_migration ORDER BY number", &[])
            .map_err(postgresql::open_fault)?
            .iter()
            .map(|row| Applied { number: row.get(0), name: row.get(1), checksum: row.get(2) })
            .collect();
        let Some(migration) = next_of(&applied, migrations)? else {
            return transaction.commit().map_err(postgresql::open_fault);
        };
        let apply = |mut transaction: postgres::Transaction<'_>| -> Result<(), postgres::Error> {
            transaction.batch_execute(&dialect::migration_for_postgres(migration.sql))?;
            transaction.execute(
                "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                &[&migration.number, &migration.name, &checksum(migration.sql), &now.as_micros()],
            )?;
            transaction.commit()
        };
        apply(transaction).map_err(|error| match postgresql::open_fault(error) {
            OpenError::Other(cause) => OpenError::Migration { number: migration.number, name: migration.name.to_owned(), cause },
            other => other,
        })?;
        tracing::info!(number = migration.number, name = migration.name, "Applied a migration");
    }
}

fn make_record_table(client: &mut postgres::Client) -> Result<(), OpenError> {
    let exists: bool = client.query_one("SELECT to_regclass('schema_migration') IS NOT NULL", &[]).map_err(postgresql::open_fault)?.get(0);
    if !exists && let Err(error) = client.batch_execute(&dialect::migration_for_postgres(RECORD_TABLE)) {
        // IF NOT EXISTS does not keep two servers from making the same table at once; the second one then finds it.
        let made_by_another = error
            .code()
            .is_some_and(|code| [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT].contains(code));
        if !made_by_another {
            return Err(postgresql::open_fault(error));
        }
    }
    client
        .execute(
            "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES (0, 'turn', '', 0) ON CONFLICT (number) DO NOTHING",
            &[],
        )
        .map(|_| ())
        .map_err(postgresql::open_fault)
}
