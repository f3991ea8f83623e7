//! What can go wrong between a subject and its rows.

use std::error::Error;

/// The engine's own words, for the log only.
pub(crate) type Cause = Box<dyn Error + Send + Sync + 'static>;

/// A transaction, or a statement in it, did not work.
///
/// Callers hand it on. Only `Unavailable` kinds are worth the user's second try; everything else is a defect of ours.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine cannot be reached or has stopped; nothing was written.
    #[error("the database cannot be used at the moment")]
    Unavailable(#[source] Cause),
    /// The connection broke while the commit was under way: it may or may not have been written. Never repeated on its own.
    #[error("the connection to the database broke during a commit, whose outcome is unknown")]
    OutcomeUnknown(#[source] Cause),
    /// The disk, or the quota the database has on it, is full; nothing was written.
    #[error("the database has no room left")]
    Full(#[source] Cause),
    /// Too much is waiting already, or too many others wanted the same rows for too long; nothing was written.
    #[error("the database is too busy")]
    Busy,
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
    /// A statement failed: wrong SQL, or a constraint that `ON CONFLICT` should have named.
    #[error("a statement failed: {statement}")]
    Statement {
        statement: String,
        #[source]
        cause: Cause,
    },
    /// An earlier statement of this transaction failed, so that nothing more can be done in it.
    #[error("the transaction was poisoned by an earlier failure")]
    Poisoned,
    /// A statement met another number of rows than it must.
    #[error("expected {expected}, found {found} rows")]
    RowCount { expected: &'static str, found: u64 },
    /// A column does not hold what the caller reads from it.
    #[error("column {column} cannot be read as {expected}")]
    Column { column: usize, expected: &'static str },
    /// The closure panicked; nothing was written.
    #[error("a transaction panicked")]
    Panicked,
    /// The closure gave up on purpose.
    #[error("the transaction was given up")]
    Aborted,
    /// The operation does not exist on this engine.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A file beside the database could not be read or written.
    #[error("a file of the store could not be read or written")]
    File(#[source] std::io::Error),
}

impl StoreError {
    /// For tests that give up a transaction on purpose.
    pub fn aborted() -> Self {
        Self::Aborted
    }
}

kernel::faults! { StoreError:
    StoreError::Unavailable(_) => Unavailable "store_unavailable",
    StoreError::OutcomeUnknown(_) => Unavailable "store_unavailable",
    StoreError::Closed => Unavailable "store_unavailable",
    StoreError::Full(_) => Unavailable "store_full",
    StoreError::Busy => Unavailable "store_busy",
    StoreError::Statement { .. } => Internal "internal_error",
    StoreError::Poisoned => Internal "internal_error",
    StoreError::RowCount { .. } => Internal "internal_error",
    StoreError::Column { .. } => Internal "internal_error",
    StoreError::Panicked => Internal "internal_error",
    StoreError::Aborted => Internal "internal_error",
    StoreError::Unsupported(_) => Internal "internal_error",
    StoreError::File(_) => Unavailable "store_unavailable",
}

/// Why a store could not be opened. The texts are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another process has the database open: {path}")]
    Locked { path: String },
    #[error("the database was written by a newer release (its schema is {found}, this release knows {known})")]
    NewerSchema { found: i64, known: i64 },
    #[error("migration {number} ({name}) was applied with other contents than this release has")]
    ChangedHistory { number: i64, name: String },
    #[error("migration {number} ({name}) failed")]
    Migration {
        number: i64,
        name: String,
        #[source]
        cause: Cause,
    },
    #[error("a restore into this database was never finished; restore again into an empty one")]
    UnfinishedLoad,
    #[error("the database may only be read: {0}")]
    ReadOnly(String),
    #[error("the database has no room left")]
    Full(#[source] Cause),
    #[error("the database file is damaged or is not a database")]
    Corrupt(#[source] Cause),
    #[error("the database server cannot be reached")]
    Unreachable(#[source] Cause),
    #[error("the connection asks for TLS, which this release does not offer towards the database; use a local socket or a private network")]
    TlsUnsupported,
    #[error("the database address cannot be read: {0}")]
    Address(String),
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("the database could not be opened")]
    Other(#[source] Cause),
}
