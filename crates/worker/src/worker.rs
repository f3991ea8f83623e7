//! The runner: takes jobs, keeps their leases while they run, and settles how they ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use kernel::{Fault, FaultKind, Params, Timestamp};
use lifecycle::jobs::{JobApp, JobError};
use serde_json::Value;
use store::jobs::{self, Job, Lease};
use store::{Notice, StoreError, Tx};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use crate::handlers::Handlers;
use crate::retry::{Verdict, has_worn_out, judge};
use crate::{indexing, periodic};

/// How a worker goes about its work.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The node this worker is of; one process at a time is a node.
    pub node: String,
    /// Tells this worker from those of other nodes and of earlier starts: `NODE/PROCESS`.
    pub owner: String,
    /// How many jobs run at a time.
    pub concurrency: usize,
    /// For how long a job is this worker's without a sign of life.
    pub lease_secs: i64,
    /// How often it looks for work that no notice told of.
    pub look_every: Duration,
    /// Whether it also does what has to be done at all times; one worker of a process does.
    pub tends: bool,
    /// For how many days removed messages can be brought back; without it they are left alone.
    pub keep_removed_days: Option<u32>,
}

impl WorkerOptions {
    pub fn new(node: impl Into<String>, process: impl std::fmt::Display) -> Self {
        let node = node.into();
        Self {
            owner: format!("{node}/{process}"),
            node,
            concurrency: 2,
            lease_secs: 60,
            look_every: Duration::from_secs(3),
            tends: true,
            keep_removed_days: None,
        }
    }

    /// For a second worker of the same process, which does nothing but [`Handlers::mail`].
    pub fn for_mail(node: impl Into<String>, process: impl std::fmt::Display) -> Self {
        Self { concurrency: 4, tends: false, ..Self::new(node, process) }
    }
}

/// What [`Worker::run_until_idle`] did and left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// How many times a job was run.
    pub runs: usize,
    /// How many jobs still wait, for a later moment or for a kind nobody knows.
    pub left: u64,
}

/// Does the jobs of one process. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    inner: Arc<Inner>,
}

struct Inner {
    app: JobApp,
    handlers: Handlers,
    options: WorkerOptions,
    /// Seconds after the start: when [`Worker::run`] went round last.
    last_round: AtomicI64,
    running: AtomicU32,
    started: Instant,
}

/// Between two tries to write how a job ended.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A round comes at least every few seconds; without one for so long the worker is not well.
const ALIVE_SECS: i64 = 30;

impl Worker {
    /// A worker for every kind of job the product has.
    pub fn new(app: JobApp, options: WorkerOptions) -> Self {
        Self::with_handlers(app, options, Handlers::all())
    }

    /// A worker for some kinds of jobs.
    pub fn with_handlers(app: JobApp, options: WorkerOptions, handlers: Handlers) -> Self {
        let inner = Inner { app, handlers, options, last_round: AtomicI64::new(0), running: AtomicU32::new(0), started: Instant::now() };
        Self { inner: Arc::new(inner) }
    }

    /// Whether [`run`](Self::run) goes round, or has not had the time to; for `/readyz`.
    pub fn is_alive(&self) -> bool {
        self.seconds_since_start() - self.inner.last_round.load(Ordering::Relaxed) < ALIVE_SECS
    }

    fn seconds_since_start(&self) -> i64 {
        i64::try_from(self.inner.started.elapsed().as_secs()).unwrap_or(i64::MAX)
    }

    /// Works until `stopping` turns true. Jobs under way are then put back and go on where they were when the server is up again.
    pub async fn run(&self, mut stopping: watch::Receiver<bool>) {
        let mut notices = self.inner.app.store.bus().subscribe();
        let mut running: JoinSet<()> = JoinSet::new();
        let mut leases: HashMap<Id, Lease> = HashMap::new();
        let mut look = tokio::time::interval(self.inner.options.look_every);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let tending = self.inner.options.tends.then(|| tokio::spawn(self.clone().tend(stopping.clone())));
        let indexing = self
            .inner
            .options
            .tends
            .then(|| tokio::spawn(indexing::run(self.inner.app.clone(), self.inner.options.node.clone(), stopping.clone())));
        self.take_over().await;
        while !*stopping.borrow() {
            self.inner.last_round.store(self.seconds_since_start(), Ordering::Relaxed);
            while running.len() < self.inner.options.concurrency {
                let Some(job) = self.claim_or_log().await else { break };
                let (worker, lease) = (self.clone(), job.lease());
                leases.insert(running.spawn(async move { worker.work(job).await }).id(), lease);
            }
            self.inner.running.store(u32::try_from(running.len()).unwrap_or(u32::MAX), Ordering::Relaxed);
            metrics::gauge!("yanshu_jobs_running").set(f64::from(self.inner.running.load(Ordering::Relaxed)));
            tokio::select! {
                () = stopped(&mut stopping) => {}
                Some(ended) = running.join_next_with_id(), if !running.is_empty() => {
                    let id = match ended { Ok((id, ())) => id, Err(error) => error.id() };
                    leases.remove(&id);
                }
                () = next_job_notice(&mut notices), if running.len() < self.inner.options.concurrency => {}
                _ = look.tick() => {}
            }
        }
        running.shutdown().await;
        for lease in leases.into_values() {
            self.put_back(lease).await;
        }
        if let Some(tending) = tending {
            // It looks at `stopping` itself; a panic in it was logged by the runtime.
            let _ = tending.await;
        }
        if let Some(indexing) = indexing {
            let _ = indexing.await;
        }
    }

    /// Seals and cleans, beside the jobs, so that a long job never delays a seal.
    async fn tend(self, mut stopping: watch::Receiver<bool>) {
        let app = &self.inner.app;
        let mut notices = app.store.bus().subscribe();
        let mut look = tokio::time::interval(self.inner.options.look_every);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tidying: Option<tokio::task::JoinHandle<()>> = None;
        while !*stopping.borrow() {
            if let Err(error) = periodic::seal_audit(app, &self.inner.options.owner).await {
                tracing::warn!(%error, "The audit log could not be sealed; it is tried again");
            }
            if let Err(error) = periodic::clean(app, &self.inner.options.owner).await {
                tracing::warn!(%error, "What is past its time could not be cleared away; it is tried again");
            }
            if tidying.as_ref().is_none_or(tokio::task::JoinHandle::is_finished) {
                // On the side: it reads every blob's row, and seals do not wait for that.
                let (app, options) = (app.clone(), self.inner.options.clone());
                tidying = Some(tokio::spawn(async move {
                    if let Err(error) = periodic::tidy_mail(&app, &options).await {
                        tracing::warn!(%error, "Mail that nobody has any more could not be cleared away; it is tried again");
                    }
                }));
            }
            tokio::select! {
                () = stopped(&mut stopping) => {}
                () = next_audit_notice(&mut notices) => {
                    // An import writes hundreds of events a second; they are sealed together.
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                _ = look.tick() => {}
            }
        }
        if let Some(tidying) = tidying {
            // Whatever it was at is safe to leave half-done.
            tidying.abort();
        }
    }

    /// Does one job that is due, if there is one, and answers whether there was.
    pub async fn run_once(&self) -> Result<bool, StoreError> {
        let Some(job) = self.claim(self.inner.app.source.now()).await? else { return Ok(false) };
        self.work(job).await;
        Ok(true)
    }

    /// Does what is due, one job after the other, and seals the audit log; for commands and tests.
    pub async fn run_until_idle(&self) -> Result<Idle, StoreError> {
        let mut runs = 0;
        while self.run_once().await? {
            runs += 1;
        }
        periodic::seal_audit(&self.inner.app, &self.inner.options.owner).await?;
        let left = self.inner.app.store.read(jobs::count_open).await?;
        Ok(Idle { runs, left })
    }

    /// Takes over what an earlier process of this node left running: one process at a time is a node, so its leases count as run out. Those of
    /// other nodes have to run out by themselves.
    async fn take_over(&self) {
        let now = self.inner.app.source.now();
        let (kinds, node) = (self.inner.handlers.kinds(), self.inner.options.node.clone());
        let freed = self.inner.app.store.write(move |tx| jobs::release_of_node(tx, now, &kinds, &node)).await;
        match freed {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "Jobs that were interrupted go on: {count}"),
            Err(error) => tracing::warn!(%error, "Interrupted jobs could not be taken over; they go on when their leases run out"),
        }
    }

    async fn claim(&self, now: Timestamp) -> Result<Option<Job>, StoreError> {
        let Inner { app, handlers, options, .. } = &*self.inner;
        let (owner, lease_secs, kinds) = (options.owner.clone(), options.lease_secs, handlers.kinds());
        if kinds.is_empty() {
            return Ok(None);
        }
        app.store.write_bulk(move |tx| jobs::claim(tx, &owner, now, lease_secs, &kinds)).await
    }

    async fn claim_or_log(&self) -> Option<Job> {
        self.claim(self.inner.app.source.now()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "Jobs could not be looked for; it is tried again");
            None
        })
    }

    /// Runs a claimed job to its end and tells the queue.
    async fn work(&self, job: Job) {
        let lease = job.lease();
        let started = Instant::now();
        tracing::info!(job.id = %job.id, job.kind = job.kind, org.id = %job.org, attempt = job.attempts, "Job {} began", job.id);
        let outcome = self.drive(&job, &lease).await;
        let word = match &outcome {
            Ok(_) => "done",
            Err(error) => kernel::Fault::code(error),
        };
        let seconds = started.elapsed().as_secs_f64();
        metrics::counter!("yanshu_jobs_total", "kind" => job.kind.clone(), "outcome" => if outcome.is_ok() { "done" } else { "not done" })
            .increment(1);
        metrics::histogram!("yanshu_job_seconds", "kind" => job.kind.clone()).record(seconds);
        tracing::info!(job.id = %job.id, job.kind = job.kind, org.id = %job.org, outcome = word, seconds, "Job {} ended: {word}", job.id);
        if let Err(error) = self.settle(&job, &lease, outcome).await {
            // Its lease runs out and it is done again, which every job bears.
            tracing::warn!(job.id = %job.id, %error, "How job {} ended could not be written", job.id);
        }
    }

    /// Runs the handler while its lease is kept; stops it when the lease is lost.
    async fn drive(&self, job: &Job, lease: &Lease) -> Result<Value, JobError> {
        if has_worn_out(job) {
            return Err(given_up("job_interrupted_too_often"));
        }
        let Some(work) = self.inner.handlers.start(&self.inner.app, job) else { return Err(given_up("job_kind_unknown")) };
        // A task of its own, so that a panic ends the job and not the worker.
        let mut task = AbortOnDrop(tokio::spawn(work));
        let third = u64::try_from(self.inner.options.lease_secs / 3).unwrap_or(1).max(1);
        let mut keep = tokio::time::interval_at(Instant::now() + Duration::from_secs(third), Duration::from_secs(third));
        loop {
            tokio::select! {
                ended = &mut task.0 => return ended.unwrap_or_else(|error| {
                    tracing::error!(job.id = %job.id, %error, "The handler of job {} panicked", job.id);
                    Err(given_up("job_handler_panicked"))
                }),
                _ = keep.tick() => match self.extend(lease.clone()).await {
                    Ok(()) => {}
                    Err(jobs::JobError::LeaseLost(_)) => return Err(JobError::LeaseLost),
                    Err(jobs::JobError::Store(error)) => tracing::warn!(job.id = %job.id, %error, "The lease of job {} could not be extended", job.id),
                },
            }
        }
    }

    async fn extend(&self, lease: Lease) -> Result<(), jobs::JobError> {
        let (now, secs) = (self.inner.app.source.now(), self.inner.options.lease_secs);
        self.inner.app.store.write(move |tx| jobs::extend_lease(tx, &lease, now, secs)).await
    }

    /// Writes how a job ended. A database that is away for a moment took the job with it, most likely; when it is back, nobody should have to wait
    /// for the lease to run out.
    async fn settle(&self, job: &Job, lease: &Lease, outcome: Result<Value, JobError>) -> Result<(), jobs::JobError> {
        let now = self.inner.app.source.now();
        let end = match outcome {
            Ok(result) => End::Done(result),
            Err(error) => End::Not(judge(&error, job, now, &*self.inner.app.source.rng)),
        };
        if let End::Not(Verdict::GiveUp { code, .. }) = &end {
            tracing::error!(job.id = %job.id, job.kind = job.kind, org.id = %job.org, code, "Job {} was given up: {code}", job.id);
        }
        let end = Arc::new(end);
        let last_try = Instant::now() + Duration::from_secs(u64::try_from(self.inner.options.lease_secs / 2).unwrap_or(0));
        let mut pause = FIRST_PAUSE;
        loop {
            let (lease, end) = (lease.clone(), Arc::clone(&end));
            let told = self.inner.app.store.write(move |tx| tell(tx, &lease, now, &end)).await;
            match told {
                // It went to another meanwhile, who tells how it ended.
                Err(jobs::JobError::LeaseLost(_)) => return Ok(()),
                Err(jobs::JobError::Store(error)) if error.kind() == FaultKind::Unavailable && Instant::now() < last_try => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                other => return other,
            }
        }
    }

    /// Puts a job back that was stopped half-way.
    async fn put_back(&self, lease: Lease) {
        let now = self.inner.app.source.now();
        let id = lease.id;
        let put = move |tx: &mut store::Tx| jobs::fail(tx, &lease, now, "job_interrupted", &Params::new(), Some(now));
        if let Err(error) = self.inner.app.store.write(put).await {
            tracing::debug!(job.id = %id, %error, "Job {id} was not put back; it goes on when its lease runs out");
        }
    }
}

/// How a job ended, as the queue is told.
enum End {
    Done(Value),
    Not(Verdict),
}

fn tell(tx: &mut Tx, lease: &Lease, now: Timestamp, end: &End) -> Result<(), jobs::JobError> {
    match end {
        End::Done(result) => jobs::finish(tx, lease, now, result),
        End::Not(Verdict::Cancelled) => jobs::cancel(tx, lease, now, None),
        End::Not(Verdict::Lost) => Ok(()),
        End::Not(Verdict::Again { at, code, params }) => jobs::fail(tx, lease, now, code, params, Some(*at)),
        End::Not(Verdict::GiveUp { code, params }) => jobs::fail(tx, lease, now, code, params, None),
    }
}

fn given_up(code: &'static str) -> JobError {
    JobError::Failed { code, kind: kernel::FaultKind::Internal, params: Params::new() }
}

struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Comes back when the server stops; never when nobody can tell any more.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        std::future::pending().await
    }
}

async fn next_job_notice(notices: &mut tokio::sync::broadcast::Receiver<Notice>) {
    next_notice(notices, |notice| matches!(notice, Notice::Job { .. })).await;
}

async fn next_audit_notice(notices: &mut tokio::sync::broadcast::Receiver<Notice>) {
    next_notice(notices, |notice| matches!(notice, Notice::AuditAppended { .. })).await;
}

/// Waits for a notice of interest. One that was missed may have been of interest.
async fn next_notice(notices: &mut tokio::sync::broadcast::Receiver<Notice>, of_interest: impl Fn(&Notice) -> bool) {
    loop {
        match notices.recv().await {
            Ok(notice) if of_interest(&notice) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // The store is closing; the worker is about to be stopped.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
