//! One connection and the statements prepared on it.

use std::collections::HashMap;
use std::error::Error;

use postgres::error::{Severity, SqlState};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use crate::StoreError;
use crate::dialect;
use crate::error::Cause;
use crate::row::{Row, RowSource};
use crate::tx::QueryFailure;
use crate::value::{Column, Params, Value};

/// A connection that belongs to one database thread.
pub(crate) struct PostgresSession {
    client: Client,
    prepared: HashMap<Box<str>, Prepared>,
    /// Counts uses, to find the statements used longest ago.
    clock: u64,
    /// Whether the statement used last was one kept from an earlier use.
    prepared_before: bool,
    /// The transaction failed for a reason that a new run may not meet.
    worth_another_run: bool,
    /// The server has said that it ends the connection, which the client sees only a moment later.
    is_ending: bool,
}

struct Prepared {
    statement: Statement,
    used: u64,
}

impl PostgresSession {
    /// How many statements stay prepared on the server; lists of many lengths may push others out.
    const STATEMENTS: usize = 512;

    pub(crate) fn new(client: Client) -> Self {
        Self { client, prepared: HashMap::new(), clock: 0, prepared_before: false, worth_another_run: false, is_ending: false }
    }

    /// Runs one of the engine's own statements, such as `BEGIN`.
    pub(crate) fn control(&mut self, sql: &str) -> Result<(), postgres::Error> {
        let done = self.client.batch_execute(sql);
        if let Err(error) = &done {
            self.note(error);
        }
        done
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_ending || self.client.is_closed()
    }

    pub(crate) fn renew(&mut self) {
        self.worth_another_run = false;
    }

    pub(crate) fn is_worth_another_run(&self) -> bool {
        self.worth_another_run
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &Params) -> Result<u64, StoreError> {
        let statement = self.prepare(sql, params)?;
        let values: Vec<&(dyn ToSql + Sync)> = params.values().iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &values).map_err(|error| {
            self.note(&error);
            fault(error, sql)
        })
    }

    pub(crate) fn query(
        &mut self,
        sql: &str,
        params: &Params,
        each: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), QueryFailure> {
        let statement = self.prepare(sql, params).map_err(QueryFailure::Engine)?;
        let mut failed = None;
        let mut run = |client: &mut Client, failed: &mut Option<StoreError>| -> Result<(), postgres::Error> {
            let mut rows = client.query_raw(&statement, params.values().iter())?;
            while let Some(row) = rows.next()? {
                if let Err(error) = each(&Row { source: RowSource::Postgres(&row) }) {
                    *failed = Some(error);
                    break;
                }
            }
            Ok(())
        };
        let ran = run(&mut self.client, &mut failed);
        if let Err(error) = ran {
            self.note(&error);
            return Err(QueryFailure::Engine(fault(error, sql)));
        }
        failed.map_or(Ok(()), |error| Err(QueryFailure::Reader(error)))
    }

    fn prepare(&mut self, sql: &str, params: &Params) -> Result<Statement, StoreError> {
        self.clock += 1;
        if let Some(prepared) = self.prepared.get_mut(sql)
            && fits(&prepared.statement, params)
        {
            prepared.used = self.clock;
            self.prepared_before = true;
            return Ok(prepared.statement.clone());
        }
        self.prepared_before = false;
        // The client panics on too few and the server takes too many.
        let wanted = dialect::parameters(sql);
        if wanted != params.len() {
            let cause = format!("{} parameters given, {wanted} wanted", params.len());
            return Err(StoreError::Statement { statement: sql.to_owned(), cause: cause.into() });
        }
        if self.prepared.len() >= Self::STATEMENTS {
            // The half used longest ago goes.
            let mut uses: Vec<u64> = self.prepared.values().map(|prepared| prepared.used).collect();
            uses.sort_unstable();
            let middle = uses[uses.len() / 2];
            self.prepared.retain(|_, prepared| prepared.used >= middle);
        }
        let types: Vec<Type> = params.values().iter().map(bind_type).collect();
        let statement = self.client.prepare_typed(&dialect::for_postgres(sql), &types).map_err(|error| {
            self.note(&error);
            fault(error, sql)
        })?;
        self.prepared.insert(sql.into(), Prepared { statement: statement.clone(), used: self.clock });
        Ok(statement)
    }

    fn note(&mut self, error: &postgres::Error) {
        let severity = error.as_db_error().and_then(|told| told.parsed_severity());
        if matches!(severity, Some(Severity::Fatal | Severity::Panic)) || error.is_closed() || io_failed(error) {
            self.is_ending = true;
        }
        match error.code() {
            Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED => {
                self.worth_another_run = true;
            }
            // "cached plan must not change result type": a migration of another node changed a table under a statement prepared before it.
            Some(code) if *code == SqlState::FEATURE_NOT_SUPPORTED && self.prepared_before => {
                self.prepared.clear();
                self.worth_another_run = true;
            }
            _ => {}
        }
    }
}

/// The same text may be used with other types; then it is prepared again.
fn fits(statement: &Statement, params: &Params) -> bool {
    statement.params().len() == params.len()
        && statement.params().iter().zip(params.values()).all(|(wanted, given)| *wanted == bind_type(given))
}

/// Statements are prepared with the types of their parameters, so that `$1 IS NULL` and the like need no casts.
pub(crate) fn bind_type(value: &Value) -> Type {
    match value {
        Value::Int(_) => Type::INT8,
        Value::Bool(_) => Type::BOOL,
        Value::Text(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Int(value) => value.to_sql(ty, out),
            Self::Bool(value) => value.to_sql(ty, out),
            Self::Text(value) => value.to_sql(ty, out),
            Self::Bytes(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::BOOL | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

pub(crate) fn column(row: &postgres::Row, index: usize) -> Option<Column<'_>> {
    let kind = row.columns().get(index)?.type_();
    let column = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).ok()?.map(Column::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).ok()?.map(|value| Column::Int(value.into())),
        Type::INT2 => row.try_get::<_, Option<i16>>(index).ok()?.map(|value| Column::Int(value.into())),
        Type::BOOL => row.try_get::<_, Option<bool>>(index).ok()?.map(Column::Bool),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR | Type::UNKNOWN => {
            row.try_get::<_, Option<&str>>(index).ok()?.map(Column::Text)
        }
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index).ok()?.map(Column::Bytes),
        _ => return None,
    };
    Some(column.unwrap_or(Column::Null))
}

/// What the server said, without the values that its details may hold: this reaches the log.
#[derive(Debug, thiserror::Error)]
#[error("{severity} {code}: {message}{}", constraint.as_ref().map(|name| format!(" (constraint {name})")).unwrap_or_default())]
struct ServerSaid {
    severity: String,
    code: String,
    message: String,
    constraint: Option<String>,
}

/// The error as a cause.
pub(super) fn cause(error: postgres::Error) -> Cause {
    match error.as_db_error() {
        None => error.into(),
        Some(told) => Box::new(ServerSaid {
            severity: told.severity().to_owned(),
            code: told.code().code().to_owned(),
            message: told.message().to_owned(),
            constraint: told.constraint().map(str::to_owned),
        }),
    }
}

/// PostgreSQL's error in the words of the store.
pub(crate) fn fault(error: postgres::Error, sql: &str) -> StoreError {
    let Some(code) = error.code().cloned() else {
        // Without a code it did not come from the server: the connection broke, or a value could not be sent.
        return if error.is_closed() || io_failed(&error) {
            StoreError::Unavailable(cause(error))
        } else {
            StoreError::Statement { statement: sql.to_owned(), cause: cause(error) }
        };
    };
    if code == SqlState::DISK_FULL {
        return StoreError::Full(cause(error));
    }
    let in_the_way = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        // A statement that ran into its time limit.
        SqlState::QUERY_CANCELED,
    ];
    if in_the_way.contains(&code) {
        return StoreError::Busy;
    }
    match code.code().get(..2) {
        // Connection, resources, operator intervention, system errors.
        Some("08" | "53" | "57" | "58") => StoreError::Unavailable(cause(error)),
        // A server that only reads, as one does that another has taken over from.
        _ if code == SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::Unavailable(cause(error)),
        _ => StoreError::Statement { statement: sql.to_owned(), cause: cause(error) },
    }
}

fn io_failed(error: &postgres::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}
