//! The database threads and the way to them.

use std::fs::File;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use kernel::{MailAccountId, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::bus::Bus;
use crate::lanes::{Lane, Lanes};
use crate::migrate::{self, Migration};
use crate::postgresql::{self, Connector, Mode, Pool};
use crate::sqlite::{self, Access, SqliteSession};
use crate::work::{block_on, package};
use crate::{Engine, OpenError, StoreError, Tx};

/// Where the rows are, for what needs a connection of its own.
pub(crate) enum Place {
    /// The file, and the lock held on it for as long as it is open.
    Sqlite {
        path: PathBuf,
        _lock: File,
    },
    Postgres {
        connector: Box<Connector>,
    },
}

/// Owns the threads; they end, with everything that waits done, when this is dropped.
pub(crate) struct Sql {
    pub(crate) place: Place,
    writes: Arc<Lanes>,
    reads: Arc<Lanes>,
    threads: Vec<JoinHandle<()>>,
    pools: Vec<Pool>,
}

/// Which threads a closure goes to.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Read(Lane),
    Write(Lane),
    /// With the heads of these accounts locked.
    Accounts(Lane, Vec<MailAccountId>),
}

impl Sql {
    pub(crate) fn open_sqlite(
        path: PathBuf,
        readers: usize,
        migrations: &[Migration],
        now: Timestamp,
        bus: &Bus,
    ) -> Result<Self, OpenError> {
        let lock = sqlite::open_file(&path)?;
        let mut connection = sqlite::connect(&path, Access::Write)?;
        migrate::migrate_sqlite(&mut connection, migrations, now)?;
        let sessions = (0..readers.max(1))
            .map(|_| sqlite::connect(&path, Access::Read).map(|connection| SqliteSession::new(connection).with_time_limit()));
        let sessions = sessions.collect::<Result<Vec<_>, _>>()?;
        let (writes, reads) = (Arc::new(Lanes::new(usize::MAX)), Arc::new(Lanes::new(usize::MAX)));
        let writer = sqlite::start_writer(SqliteSession::new(connection).with_time_limit(), &path, Arc::clone(&writes), bus.clone())?;
        let mut sql = Self { place: Place::Sqlite { path, _lock: lock }, writes, reads, threads: Vec::new(), pools: Vec::new() };
        sql.threads = sqlite::start_readers(sessions, &sql.reads)?;
        sql.threads.push(writer);
        Ok(sql)
    }

    pub(crate) fn open_postgres(
        address: &str,
        threads: usize,
        migrations: &[Migration],
        now: Timestamp,
        bus: &Bus,
    ) -> Result<Self, OpenError> {
        let connector = Connector::new(address)?;
        connector.warn_if_exposed();
        on_own_thread(|| {
            let mut client = connector.connect_for_open()?;
            migrate::migrate_postgres(&mut client, migrations, now)?;
            postgresql::plan_for_large_accounts(&mut client);
            Ok::<_, OpenError>(())
        })?;
        let threads = threads.max(2);
        // Bulk work may hold half of the connections: deliveries always find one, and mail on its way to many does not wait for each chunk of an import.
        let writes = Arc::new(Lanes::new((threads / 2).max(1)));
        let reads = Arc::new(Lanes::new(usize::MAX));
        let mut sql = Self {
            place: Place::Postgres { connector: Box::new(connector.clone()) },
            writes,
            reads,
            threads: Vec::new(),
            pools: Vec::new(),
        };
        sql.pools.push(postgresql::start_pool(&connector, Mode::Write, threads, &sql.writes, bus)?);
        sql.pools.push(postgresql::start_pool(&connector, Mode::Read, threads, &sql.reads, bus)?);
        Ok(sql)
    }

    pub(crate) fn engine(&self) -> Engine {
        match self.place {
            Place::Sqlite { .. } => Engine::Sqlite,
            Place::Postgres { .. } => Engine::Postgres,
        }
    }

    pub(crate) fn writes_waited_for(&self) -> u64 {
        self.writes.deliveries()
    }

    pub(crate) async fn run<T, E, F>(&self, kind: Kind, origin: &'static Location<'static>, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (lanes, lane) = self.lanes(&kind);
        let room = lanes.enter(lane).await?;
        Self::hand_in(lanes, kind, lane, room, origin, closure).await.unwrap_or_else(|_| Err(E::from(StoreError::Closed)))
    }

    pub(crate) fn run_blocking<T, E, F>(&self, kind: Kind, origin: &'static Location<'static>, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (lanes, lane) = self.lanes(&kind);
        let room = lanes.enter_blocking(lane)?;
        let answer = Self::hand_in(lanes, kind, lane, room, origin, closure);
        block_on(answer, None).expect("without a deadline there is always an answer").unwrap_or_else(|_| Err(E::from(StoreError::Closed)))
    }

    fn lanes(&self, kind: &Kind) -> (&Lanes, Lane) {
        match kind {
            Kind::Read(lane) => (&self.reads, *lane),
            Kind::Write(lane) | Kind::Accounts(lane, _) => (&self.writes, *lane),
        }
    }

    fn hand_in<T, E, F>(
        lanes: &Lanes,
        kind: Kind,
        lane: Lane,
        room: OwnedSemaphorePermit,
        origin: &'static Location<'static>,
        closure: F,
    ) -> oneshot::Receiver<Result<T, E>>
    where
        F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (work, answer) = package(closure, matches!(kind, Kind::Read(_)), origin);
        let accounts = match kind {
            Kind::Accounts(_, accounts) => accounts,
            Kind::Read(_) | Kind::Write(_) => Vec::new(),
        };
        lanes.push(work, lane, accounts, room);
        answer
    }
}

impl Drop for Sql {
    fn drop(&mut self) {
        self.writes.close();
        self.reads.close();
        let mut threads = std::mem::take(&mut self.threads);
        for pool in &mut self.pools {
            pool.hurry();
            threads.append(&mut pool.threads);
        }
        let this = std::thread::current().id();
        for thread in threads {
            // A closure may have held the last handle of the store; its thread cannot wait for itself.
            if thread.thread().id() != this && thread.join().is_err() {
                tracing::error!("A database thread ended by a panic");
            }
        }
    }
}

/// Closes the queue of a thread that ends, however it ends, so that nobody waits for an answer that cannot come.
pub(crate) struct AbandonOnExit(pub(crate) Arc<Lanes>);

impl Drop for AbandonOnExit {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// The PostgreSQL client must not be used on a thread that drives a runtime.
pub(crate) fn on_own_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
