//! The threads that run closures on PostgreSQL, each with a connection of its own.

use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kernel::MailAccountId;
use postgres::error::Severity;

use crate::bus::Bus;
use crate::lanes::{Lane, Lanes, Submitted};
use crate::tx::{Session, Tx};
use crate::work::Verdict;
use crate::{OpenError, StoreError};

use super::session::cause;
use super::{Connector, PostgresSession, fault};

/// How a pool's transactions begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

/// A transaction that others keep getting in the way of is given up after this long.
const LONGEST_STRUGGLE: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// After a failed connect, closures are refused at once until this has passed; it doubles up to the longest.
const FIRST_RECONNECT: Duration = Duration::from_millis(100);
const LONGEST_RECONNECT: Duration = Duration::from_secs(5);

/// Wakes threads that pause between two runs when the store is closed.
#[derive(Default)]
struct Closing {
    closed: Mutex<bool>,
    changed: Condvar,
}

/// The threads of one pool, and how to stop their pauses.
pub(crate) struct Pool {
    pub(crate) threads: Vec<JoinHandle<()>>,
    closing: Arc<Closing>,
}

impl Pool {
    /// Ends pauses; closures that would have run again are answered as they stand.
    pub(crate) fn hurry(&self) {
        *self.closing.closed.lock().expect("nothing panics while it holds this lock") = true;
        self.closing.changed.notify_all();
    }
}

pub(crate) fn start_pool(connector: &Connector, mode: Mode, size: usize, lanes: &Arc<Lanes>, bus: &Bus) -> Result<Pool, OpenError> {
    let closing = Arc::new(Closing::default());
    let living = Arc::new(());
    let start = |number: usize| {
        let mut worker = PoolThread {
            connector: connector.clone(),
            mode,
            lanes: Arc::clone(lanes),
            bus: bus.clone(),
            closing: Arc::clone(&closing),
            tx: None,
            reconnect_at: None,
            reconnect_pause: FIRST_RECONNECT,
            // Differs between threads and processes, so that two that met do not meet again at once.
            jitter: (u64::from(std::process::id()) << 16) ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        let living = Arc::clone(&living);
        std::thread::Builder::new()
            .name(format!("store-{}-{number}", if mode == Mode::Read { "reader" } else { "writer" }))
            .spawn(move || {
                let last = LastOut { lanes: Arc::clone(&worker.lanes), living };
                while let Some(submitted) = worker.lanes.take() {
                    worker.serve(submitted);
                }
                drop(last);
            })
            .map_err(|error| OpenError::Other(error.into()))
    };
    let threads = (0..size).map(start).collect::<Result<Vec<_>, _>>()?;
    Ok(Pool { threads, closing })
}

/// When the last thread of a pool has gone, nobody would ever answer what still waits.
struct LastOut {
    lanes: Arc<Lanes>,
    living: Arc<()>,
}

impl Drop for LastOut {
    fn drop(&mut self) {
        if Arc::strong_count(&self.living) == 1 {
            self.lanes.abandon();
        }
    }
}

struct PoolThread {
    connector: Connector,
    mode: Mode,
    lanes: Arc<Lanes>,
    bus: Bus,
    closing: Arc<Closing>,
    tx: Option<Tx>,
    reconnect_at: Option<Instant>,
    reconnect_pause: Duration,
    jitter: u64,
}

/// Whether a failed commit certainly left nothing: the server says so and goes on. One that breaks off or does not know itself says neither.
fn is_refusal(error: &postgres::Error) -> bool {
    let Some(told) = error.as_db_error() else { return false };
    let breaks_off = matches!(told.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    let code = told.code().code();
    // 08: connection exceptions; 40003: statement completion unknown; 57: operator intervention.
    !(breaks_off || code.starts_with("08") || code == "40003" || code.starts_with("57"))
}

/// The accounts are locked on the same round trip, one after the other, so that two who lock several do not wait for each other. The numbers stand in the
/// statement, because several statements go together without parameters only.
fn begin_with(accounts: &[MailAccountId]) -> String {
    let numbers: Vec<String> = accounts.iter().map(|account| account.raw().to_string()).collect();
    format!("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT id FROM mail_account WHERE id IN ({}) ORDER BY id FOR UPDATE", numbers.join(","))
}

/// How one run of a closure ended.
enum Run {
    /// Its answer stands.
    Done,
    /// Others got in the way and nothing was written: run it again.
    Again(StoreError),
}

impl PoolThread {
    fn serve(&mut self, mut submitted: Submitted) {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        while let Run::Again(error) = self.run(&mut submitted) {
            metrics::counter!("yanshu_store_transactions_rerun_total").increment(1);
            if started.elapsed() >= LONGEST_STRUGGLE || !self.pause(pause) {
                submitted.work.overrule(error);
                break;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let lane = submitted.lane;
        submitted.work.answer();
        if lane == Lane::Bulk {
            self.lanes.bulk_done();
        }
    }

    fn run(&mut self, submitted: &mut Submitted) -> Run {
        if let Err(error) = self.connected() {
            submitted.work.overrule(error);
            return Run::Done;
        }
        let mut tx = self.tx.take().expect("connected a moment ago");
        let run = self.run_on(&mut tx, submitted);
        if !tx.postgres().is_closed() {
            self.tx = Some(tx);
        }
        run
    }

    fn run_on(&self, tx: &mut Tx, submitted: &mut Submitted) -> Run {
        let begin = match (self.mode, submitted.accounts.as_slice()) {
            (Mode::Read, _) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (Mode::Write, []) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            (Mode::Write, accounts) => &begin_with(accounts),
        };
        tx.renew();
        tx.postgres().renew();
        if let Err(error) = tx.postgres().control(begin) {
            // Nothing was done yet. A connection that had been idle may have been cut long ago, so a new one is worth a try.
            return self.end_failed(tx, fault(error, begin), submitted);
        }
        let verdict = submitted.work.run(tx);
        if tx.postgres().is_closed() {
            return self.again_if_cut(tx, StoreError::Unavailable("the connection broke".into()), submitted);
        }
        if tx.postgres().is_worth_another_run() {
            return self.end_failed(tx, StoreError::Busy, submitted);
        }
        if verdict == Verdict::Discard {
            // If this fails the connection is closed, and the server rolls back by itself.
            if let Err(error) = tx.postgres().control("ROLLBACK") {
                tracing::warn!(error = %error, "A transaction could not be rolled back; its connection is dropped");
            }
            return Run::Done;
        }
        match tx.postgres().control("COMMIT") {
            Ok(()) => {
                for notice in tx.take_notices() {
                    self.bus.publish(notice);
                }
                Run::Done
            }
            Err(_) if tx.postgres().is_worth_another_run() => self.end_failed(tx, StoreError::Busy, submitted),
            Err(error) if is_refusal(&error) => {
                submitted.work.overrule(fault(error, "COMMIT"));
                Run::Done
            }
            // It may have been committed and the answer been lost, so it is not run again.
            Err(error) => {
                submitted.work.overrule(StoreError::OutcomeUnknown(cause(error)));
                Run::Done
            }
        }
    }

    /// Rolls back after a failure that came before the commit.
    fn end_failed(&self, tx: &mut Tx, error: StoreError, submitted: &mut Submitted) -> Run {
        let again = tx.postgres().is_worth_another_run();
        if tx.postgres().control("ROLLBACK").is_err() || tx.postgres().is_closed() {
            return self.again_if_cut(tx, error, submitted);
        }
        if again {
            return Run::Again(error);
        }
        submitted.work.overrule(error);
        Run::Done
    }

    /// Before COMMIT was sent nothing can have been written, so a cut connection costs only another run.
    fn again_if_cut(&self, tx: &mut Tx, error: StoreError, submitted: &mut Submitted) -> Run {
        if tx.postgres().is_closed() {
            return Run::Again(error);
        }
        submitted.work.overrule(error);
        Run::Done
    }

    fn connected(&mut self) -> Result<(), StoreError> {
        if self.tx.as_mut().is_some_and(|tx| !tx.postgres().is_closed()) {
            return Ok(());
        }
        self.tx = None;
        if self.reconnect_at.is_some_and(|at| Instant::now() < at) {
            return Err(StoreError::Unavailable("the database server could not be reached a moment ago".into()));
        }
        match self.connector.connect_for_use() {
            Ok(client) => {
                self.tx = Some(Tx::over(Session::Postgres(PostgresSession::new(client))));
                self.reconnect_at = None;
                self.reconnect_pause = FIRST_RECONNECT;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(error = %error, cause = ?std::error::Error::source(&error), "The database server cannot be reached");
                self.reconnect_at = Some(Instant::now() + self.reconnect_pause);
                self.reconnect_pause = (self.reconnect_pause * 2).min(LONGEST_RECONNECT);
                Err(error)
            }
        }
    }

    /// Waits between half of `pause` and all of it; `false` when the store is being closed.
    fn pause(&mut self, pause: Duration) -> bool {
        // splitmix64
        self.jitter = self.jitter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.jitter;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let fraction = (mixed >> 40) as f64 / (1u64 << 24) as f64;
        let until = Instant::now() + pause.mul_f64(0.5 + fraction / 2.0);
        let mut closed = self.closing.closed.lock().expect("nothing panics while it holds this lock");
        while !*closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            closed = self.closing.changed.wait_timeout(closed, left).expect("nothing panics while it holds this lock").0;
        }
        false
    }
}
