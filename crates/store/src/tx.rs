//! A transaction, as a closure sees it.

use crate::bus::Notice;
use crate::postgresql::PostgresSession;
use crate::row::Row;
use crate::sqlite::SqliteSession;
use crate::value::{Affected, Params};
use crate::{Engine, StoreError};

/// One transaction. Everything done through it becomes visible together, or not at all.
///
/// It begins before the closure and ends after it: with `Ok` it commits, with `Err` or a panic it is rolled back. A statement that fails
/// poisons it: every later statement answers [`StoreError::Poisoned`] and the transaction cannot commit, on both engines alike. So clashes
/// are found with `ON CONFLICT … DO NOTHING` and a look at [`Affected`] or `RETURNING`, never by catching a failed statement.
pub struct Tx {
    session: Session,
    poisoned: bool,
    notices: Vec<Notice>,
}

pub(crate) enum Session {
    Sqlite(SqliteSession),
    Postgres(PostgresSession),
}

/// Whose fault it is that a query did not go through to its end.
pub(crate) enum QueryFailure {
    Engine(StoreError),
    Reader(StoreError),
}

impl Tx {
    pub(crate) fn over(session: Session) -> Self {
        Self { session, poisoned: false, notices: Vec::new() }
    }

    /// Which engine runs this, for the few statements that have a text for each.
    pub fn engine(&self) -> Engine {
        match self.session {
            Session::Sqlite(_) => Engine::Sqlite,
            Session::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement for its effect.
    pub fn execute(&mut self, sql: &str, params: Params) -> Result<Affected, StoreError> {
        self.refuse_if_poisoned()?;
        let outcome = match &mut self.session {
            Session::Sqlite(session) => session.execute(sql, &params),
            Session::Postgres(session) => session.execute(sql, &params),
        };
        outcome.map(Affected).inspect_err(|_| self.poisoned = true)
    }

    /// The one row of the answer; another number of rows is an error.
    pub fn query_one<T>(&mut self, sql: &str, params: Params, map: impl FnMut(&Row) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.query_opt(sql, params, map)?.ok_or(StoreError::RowCount { expected: "one row", found: 0 })
    }

    /// The one row of the answer, or `None`; more rows are an error.
    pub fn query_opt<T>(
        &mut self,
        sql: &str,
        params: Params,
        mut map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.each(sql, &params, &mut |row| {
            if found.is_some() {
                return Err(StoreError::RowCount { expected: "at most one row", found: 2 });
            }
            found = Some(map(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Every row of the answer. For answers without a bound use [`Tx::for_each`].
    pub fn query_all<T>(
        &mut self,
        sql: &str,
        params: Params,
        mut map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(sql, &params, &mut |row| {
            found.push(map(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Hands over one row after the other without keeping them; an error from `each` ends the reading and is handed on.
    pub fn for_each(&mut self, sql: &str, params: Params, mut each: impl FnMut(&Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.each(sql, &params, &mut each)
    }

    /// Tells the bus, but only once this transaction has committed.
    pub fn publish(&mut self, notice: Notice) {
        // A bulk change says the same thing for every row; once is enough.
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    fn each(&mut self, sql: &str, params: &Params, each: &mut dyn FnMut(&Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.refuse_if_poisoned()?;
        let outcome = match &mut self.session {
            Session::Sqlite(session) => session.query(sql, params, each),
            Session::Postgres(session) => session.query(sql, params, each),
        };
        outcome.map_err(|failure| match failure {
            QueryFailure::Engine(error) => {
                self.poisoned = true;
                error
            }
            QueryFailure::Reader(error) => error,
        })
    }

    fn refuse_if_poisoned(&self) -> Result<(), StoreError> {
        if self.poisoned { Err(StoreError::Poisoned) } else { Ok(()) }
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Ready for the next closure.
    pub(crate) fn renew(&mut self) {
        self.poisoned = false;
        self.notices.clear();
    }

    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Runs one of the engine's own statements, such as `BEGIN`, on a connection that belongs to no database thread.
    pub(crate) fn control(&mut self, sql: &str) -> Result<(), StoreError> {
        match &mut self.session {
            Session::Sqlite(session) => session.control(sql),
            Session::Postgres(session) => session.control(sql).map_err(|error| crate::postgresql::fault(error, sql)),
        }
    }

    /// The session of a database thread of SQLite.
    pub(crate) fn sqlite(&mut self) -> &mut SqliteSession {
        match &mut self.session {
            Session::Sqlite(session) => session,
            Session::Postgres(_) => unreachable!("the threads of one engine only make sessions of it"),
        }
    }

    /// The session of a database thread of PostgreSQL.
    pub(crate) fn postgres(&mut self) -> &mut PostgresSession {
        match &mut self.session {
            Session::Postgres(session) => session,
            Session::Sqlite(_) => unreachable!("the threads of one engine only make sessions of it"),
        }
    }
}
