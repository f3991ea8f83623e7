//! The one thread that writes. All closures that wait share a commit; nobody is answered before it.
//!
//! A closure that fails before it wrote anything, as nearly all that fail do, leaves nothing to undo. One that had written takes the batch with it,
//! which is then run again with each closure in a savepoint of its own. With savepoints from the beginning each would copy every page that it changes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bus::{Bus, Notice};
use crate::lanes::{BatchShape, Lane, Lanes, Submitted};
use crate::tx::{Session, Tx};
use crate::work::Verdict;
use crate::{OpenError, StoreError};

use super::SqliteSession;
use super::checkpoint::Checkpoints;

/// After this many closures, or this long, a batch is committed even if more are waiting: the first one waits for the last.
const BATCH_CLOSURES: usize = 512;
const BATCH_TIME: Duration = Duration::from_millis(25);

pub(crate) fn start_writer(
    session: SqliteSession,
    path: &Path,
    lanes: Arc<Lanes>,
    bus: Bus,
) -> Result<std::thread::JoinHandle<()>, OpenError> {
    let path = path.to_owned();
    std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || {
            let abandon = crate::sql::AbandonOnExit(Arc::clone(&lanes));
            let mut writer = Writer { tx: Tx::over(Session::Sqlite(session)), lanes, bus };
            // Ends before the connection does.
            let mut checkpoints = Checkpoints::of(writer.tx.sqlite().connection(), &path);
            while let Some(first) = writer.lanes.take() {
                writer.run_batch(first);
                checkpoints.after_commit(writer.tx.sqlite().connection());
            }
            drop(abandon);
        })
        .map_err(|error| OpenError::Other(error.into()))
}

struct Writer {
    tx: Tx,
    lanes: Arc<Lanes>,
    bus: Bus,
}

/// A closure that ran in the batch, and what it wants told after the commit.
struct Ran {
    submitted: Submitted,
    notices: Vec<Notice>,
}

/// SQLite rolled back the whole transaction and not just the savepoint.
struct BatchLost;

/// Why a batch without savepoints cannot go on.
enum Spoilt {
    /// A closure failed after it had written.
    ByOne,
    Lost,
}

impl Writer {
    fn run_batch(&mut self, first: Submitted) {
        if let Err(error) = self.tx.sqlite().control("BEGIN IMMEDIATE") {
            self.refuse(first, error);
            return;
        }
        let started = Instant::now();
        let mut shape = BatchShape::default();
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(mut submitted) = next {
            match submitted.lane {
                Lane::Delivery => shape.delivery += 1,
                Lane::Bulk => shape.bulk += 1,
            }
            let ran = self.run_bare(&mut submitted);
            let (notices, spoilt) = match ran {
                Ok(notices) => (notices, None),
                Err(spoilt) => (Vec::new(), Some(spoilt)),
            };
            batch.push(Ran { submitted, notices });
            match spoilt {
                None => {}
                Some(Spoilt::ByOne) => return self.run_in_savepoints(batch),
                Some(Spoilt::Lost) => return self.run_one_by_one(batch),
            }
            let full = batch.len() >= BATCH_CLOSURES || started.elapsed() >= BATCH_TIME;
            next = if full { None } else { self.lanes.take_more(shape) };
        }
        self.commit(batch, started);
    }

    fn commit(&mut self, batch: Vec<Ran>, started: Instant) {
        match self.tx.sqlite().control("COMMIT") {
            Ok(()) => {
                metrics::histogram!("yanshu_store_batch_closures").record(batch.len() as f64);
                metrics::histogram!("yanshu_store_batch_seconds").record(started.elapsed().as_secs_f64());
                for ran in batch {
                    self.answer(ran);
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, cause = ?std::error::Error::source(&error), closures = batch.len(), "A commit failed; its transactions are run again one by one");
                self.run_one_by_one(batch);
            }
        }
    }

    fn run_bare(&mut self, submitted: &mut Submitted) -> Result<Vec<Notice>, Spoilt> {
        let before = self.tx.sqlite().connection().total_changes();
        let verdict = self.run_closure(submitted);
        if self.tx.sqlite().is_outside_transaction() {
            return Err(Spoilt::Lost);
        }
        match verdict {
            Verdict::Keep => Ok(self.tx.take_notices()),
            Verdict::Discard if self.tx.sqlite().connection().total_changes() == before => Ok(Vec::new()),
            Verdict::Discard => Err(Spoilt::ByOne),
        }
    }

    fn run_in_savepoints(&mut self, mut batch: Vec<Ran>) {
        self.roll_back();
        metrics::counter!("yanshu_store_batches_rerun_total").increment(1);
        let started = Instant::now();
        let begun = self.tx.sqlite().control("BEGIN IMMEDIATE").map_err(|_| BatchLost);
        let ran = begun.and_then(|()| {
            for ran in &mut batch {
                ran.notices = self.run_in_savepoint(&mut ran.submitted)?;
            }
            Ok(())
        });
        match ran {
            Ok(()) => self.commit(batch, started),
            Err(BatchLost) => self.run_one_by_one(batch),
        }
    }

    fn run_in_savepoint(&mut self, submitted: &mut Submitted) -> Result<Vec<Notice>, BatchLost> {
        self.tx.sqlite().control("SAVEPOINT closure").map_err(|_| BatchLost)?;
        let verdict = self.run_closure(submitted);
        if self.tx.sqlite().is_outside_transaction() {
            return Err(BatchLost);
        }
        if verdict == Verdict::Discard {
            self.tx.sqlite().control("ROLLBACK TO closure").map_err(|_| BatchLost)?;
            self.tx.renew();
        }
        self.tx.sqlite().control("RELEASE closure").map_err(|_| BatchLost)?;
        Ok(self.tx.take_notices())
    }

    fn run_closure(&mut self, submitted: &mut Submitted) -> Verdict {
        self.tx.renew();
        self.tx.sqlite().restart_time();
        self.tx.sqlite().set_gives_way(submitted.lane == Lane::Bulk);
        submitted.work.run(&mut self.tx)
    }

    /// What the whole batch could not, most of its closures can do alone; who cannot gets an answer that is about itself.
    fn run_one_by_one(&mut self, batch: Vec<Ran>) {
        self.roll_back();
        metrics::counter!("yanshu_store_batches_rerun_total").increment(1);
        for Ran { mut submitted, .. } in batch {
            if let Err(error) = self.tx.sqlite().control("BEGIN IMMEDIATE") {
                self.refuse(submitted, error);
                continue;
            }
            let verdict = self.run_closure(&mut submitted);
            let lost = self.tx.sqlite().is_outside_transaction();
            let mut notices = Vec::new();
            if verdict == Verdict::Keep {
                // A transaction that SQLite rolled back cannot be kept, even if the closure did not notice.
                let committed = if lost { Err(StoreError::Poisoned) } else { self.tx.sqlite().control("COMMIT") };
                match committed {
                    Ok(()) => notices = self.tx.take_notices(),
                    Err(error) => submitted.work.overrule(error),
                }
            }
            self.roll_back();
            self.answer(Ran { submitted, notices });
        }
    }

    fn roll_back(&mut self) {
        if !self.tx.sqlite().is_outside_transaction()
            && let Err(error) = self.tx.sqlite().control("ROLLBACK")
        {
            tracing::error!(error = %error, "A transaction could not be rolled back");
        }
    }

    fn answer(&self, ran: Ran) {
        for notice in ran.notices {
            self.bus.publish(notice);
        }
        let lane = ran.submitted.lane;
        ran.submitted.work.answer();
        if lane == Lane::Bulk {
            self.lanes.bulk_done();
        }
    }

    fn refuse(&self, mut submitted: Submitted, error: StoreError) {
        submitted.work.overrule(error);
        self.answer(Ran { submitted, notices: Vec::new() });
    }
}
