//! The store as the subjects use it.

use std::future::Future;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

use kernel::{Clock, MailAccountId};

use crate::blobs::{self, BlobFiles};
use crate::bus::Bus;
use crate::lanes::Lane;
use crate::migrate::MIGRATIONS;
use crate::sql::{Kind, Place, Sql};
use crate::{Blobs, KeyRing, OpenError, StoreError, TextIndex, Tx};

/// Which engine the rows are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Where the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlLocation {
    /// A database file; made when missing. Its folder must exist.
    Sqlite(PathBuf),
    /// The address of a database on a server: `postgres://user:password@host:port/database`.
    Postgres(String),
}

/// What a store is opened with.
pub struct StoreOptions {
    pub sql: SqlLocation,
    /// Threads that read; on PostgreSQL as many again write, each with a connection of its own.
    pub readers: usize,
    pub clock: Arc<dyn Clock>,
    /// The folder of the pack files that hold blobs; made when missing.
    pub packs: PathBuf,
    /// The folder of the full-text index; made when something is indexed. What is in it can be thrown away while the store is closed.
    pub index: PathBuf,
    pub keys: Arc<KeyRing>,
}

/// Rows, blobs, keys and the bus of one installation. Cheap to clone; the last handle to go waits for what is under way and closes it all.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    // Dropped first: its thread may still need the rows.
    blobs: Arc<BlobFiles>,
    sql: Sql,
    bus: Bus,
    texts: TextIndex,
    clock: Arc<dyn Clock>,
    keys: Arc<KeyRing>,
}

impl Store {
    /// Opens or makes the database, brings its schema to this release's, and starts its threads. Blocks the calling thread.
    pub fn open(options: StoreOptions) -> Result<Self, OpenError> {
        let bus = Bus::new();
        let now = options.clock.now();
        let sql = match options.sql {
            SqlLocation::Sqlite(path) => Sql::open_sqlite(path, options.readers, MIGRATIONS, now, &bus)?,
            SqlLocation::Postgres(address) => Sql::open_postgres(&address, options.readers, MIGRATIONS, now, &bus)?,
        };
        let origin = Location::caller();
        let named = |pack_id| {
            let bytes: Result<u64, StoreError> =
                sql.run_blocking(Kind::Read(Lane::Delivery), origin, move |tx| blobs::named_bytes(tx, pack_id));
            bytes.map_err(std::io::Error::other)
        };
        let files = BlobFiles::open(&options.packs, named)
            .map_err(|source| OpenError::File { path: options.packs.display().to_string(), source })?;
        let texts = TextIndex::new(options.index);
        Ok(Self { inner: Arc::new(Inner { blobs: Arc::new(files), sql, bus, texts, clock: options.clock, keys: options.keys }) })
    }

    pub fn engine(&self) -> Engine {
        self.inner.sql.engine()
    }

    /// Runs a closure in a transaction that may write, in the delivery lane: for what somebody waits for.
    ///
    /// The closure may run again, so it touches nothing outside of `tx`; it should hold the writer for a few milliseconds, at most 50.
    /// The answer comes after the commit is on disk. A caller that goes away does not stop a closure that was handed in.
    #[track_caller]
    pub fn write<T, E, F>(&self, closure: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run(Kind::Write(Lane::Delivery), Location::caller(), closure)
    }

    /// As [`write`](Self::write), in the bulk lane: for one chunk of long work, which gives way to deliveries.
    #[track_caller]
    pub fn write_bulk<T, E, F>(&self, closure: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run(Kind::Write(Lane::Bulk), Location::caller(), closure)
    }

    /// As [`write`](Self::write), for the mail of one account, whose head row is locked first, so that on PostgreSQL writes to one account
    /// wait for each other instead of running again. The closure touches the rows of this account only, and outbox rows.
    #[track_caller]
    pub fn write_account<T, E, F>(&self, account: MailAccountId, closure: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run(Kind::Accounts(Lane::Delivery, vec![account]), Location::caller(), closure)
    }

    /// As [`write_account`](Self::write_account) for several accounts together, which are locked in the order of their ids, and in the bulk lane: for one
    /// chunk of long work.
    #[track_caller]
    pub fn write_accounts<T, E, F>(&self, accounts: Vec<MailAccountId>, closure: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run(Kind::Accounts(Lane::Bulk, accounts), Location::caller(), closure)
    }

    /// Runs a closure on a snapshot: it sees what was committed before its first statement, and nothing that comes during it. A statement
    /// that writes fails.
    #[track_caller]
    pub fn read<T, E, F>(&self, closure: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run(Kind::Read(Lane::Delivery), Location::caller(), closure)
    }

    /// [`write`](Self::write) for threads without a runtime; blocks the calling thread.
    #[track_caller]
    pub fn write_blocking<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run_blocking(Kind::Write(Lane::Delivery), Location::caller(), closure)
    }

    /// [`write_bulk`](Self::write_bulk) for threads without a runtime; blocks the calling thread.
    #[track_caller]
    pub fn write_bulk_blocking<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run_blocking(Kind::Write(Lane::Bulk), Location::caller(), closure)
    }

    /// [`write_account`](Self::write_account) for threads without a runtime; blocks the calling thread.
    #[track_caller]
    pub fn write_account_blocking<T, E, F>(&self, account: MailAccountId, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run_blocking(Kind::Accounts(Lane::Delivery, vec![account]), Location::caller(), closure)
    }

    /// [`read`](Self::read) for the threads of long work, which have no runtime; blocks the calling thread. What somebody waits for goes first.
    #[track_caller]
    pub fn read_blocking<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.sql.run_blocking(Kind::Read(Lane::Bulk), Location::caller(), closure)
    }

    /// How many writes this process has handed in so far that somebody waits for. It tells long work whether this is a good time.
    pub fn writes_waited_for(&self) -> u64 {
        self.inner.sql.writes_waited_for()
    }

    /// What is told after commits.
    pub fn bus(&self) -> &Bus {
        &self.inner.bus
    }

    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.clone(), Arc::clone(&self.inner.blobs))
    }

    pub fn texts(&self) -> &TextIndex {
        &self.inner.texts
    }

    pub fn keys(&self) -> &KeyRing {
        &self.inner.keys
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    pub(crate) fn place(&self) -> &Place {
        &self.inner.sql.place
    }
}
