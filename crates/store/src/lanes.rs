//! The queue in front of database threads: bounded, in two lanes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::StoreError;
use crate::work::{Work, block_on};

/// How urgent a closure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody waits: a delivery, a request.
    Delivery,
    /// Long work cut in chunks: imports, exports, sweeps.
    Bulk,
}

/// A closure that waits, with its place in the queue.
pub(crate) struct Submitted {
    pub(crate) work: Box<dyn Work>,
    pub(crate) lane: Lane,
    /// The mail accounts whose head rows are locked before the closure runs.
    pub(crate) accounts: Vec<kernel::MailAccountId>,
    /// Given back when the closure was answered.
    _room: OwnedSemaphorePermit,
}

pub(crate) struct Lanes {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    delivery_room: Arc<Semaphore>,
    bulk_room: Arc<Semaphore>,
    deliveries: AtomicU64,
    /// How many bulk closures may run at a time.
    bulk_limit: usize,
}

#[derive(Default)]
struct Waiting {
    delivery: VecDeque<Submitted>,
    bulk: VecDeque<Submitted>,
    closed: bool,
    bulk_running: usize,
    /// How often delivery went first while bulk was waiting.
    passed_over: u32,
}

/// What a batch of SQLite's writer holds so far.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct BatchShape {
    pub(crate) delivery: usize,
    pub(crate) bulk: usize,
}

impl Lanes {
    const DELIVERY_ROOM: usize = 4096;
    const BULK_ROOM: usize = 256;
    /// A caller that finds the queue full waits this long for room.
    const LONGEST_WAIT: Duration = Duration::from_secs(10);
    /// After being passed over so often, bulk takes its turn, so that a steady stream of deliveries does not starve it.
    const PATIENCE: u32 = 4;

    pub(crate) fn new(bulk_limit: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            delivery_room: Arc::new(Semaphore::new(Self::DELIVERY_ROOM)),
            bulk_room: Arc::new(Semaphore::new(Self::BULK_ROOM)),
            deliveries: AtomicU64::new(0),
            bulk_limit,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("nothing panics while it holds this lock")
    }

    fn room(&self, lane: Lane) -> Arc<Semaphore> {
        Arc::clone(match lane {
            Lane::Delivery => &self.delivery_room,
            Lane::Bulk => &self.bulk_room,
        })
    }

    /// Waits for room in the lane without blocking the thread.
    pub(crate) async fn enter(&self, lane: Lane) -> Result<OwnedSemaphorePermit, StoreError> {
        match self.room(lane).try_acquire_owned() {
            Ok(permit) => return Ok(permit),
            Err(TryAcquireError::Closed) => return Err(StoreError::Closed),
            Err(TryAcquireError::NoPermits) => {}
        }
        match tokio::time::timeout(Self::LONGEST_WAIT, self.room(lane).acquire_owned()).await {
            Ok(permit) => permit.map_err(|_| StoreError::Closed),
            Err(_) => Err(StoreError::Busy),
        }
    }

    /// Waits for room in the lane, blocking the thread.
    pub(crate) fn enter_blocking(&self, lane: Lane) -> Result<OwnedSemaphorePermit, StoreError> {
        let deadline = Instant::now() + Self::LONGEST_WAIT;
        block_on(self.room(lane).acquire_owned(), Some(deadline)).ok_or(StoreError::Busy)?.map_err(|_| StoreError::Closed)
    }

    /// Hands a closure to the threads. A store that is being closed drops it, which its caller sees as [`StoreError::Closed`].
    pub(crate) fn push(&self, work: Box<dyn Work>, lane: Lane, accounts: Vec<kernel::MailAccountId>, room: OwnedSemaphorePermit) {
        let submitted = Submitted { work, lane, accounts, _room: room };
        let mut waiting = self.lock();
        if waiting.closed {
            return;
        }
        match lane {
            Lane::Delivery => {
                self.deliveries.fetch_add(1, Ordering::Relaxed);
                waiting.delivery.push_back(submitted);
            }
            Lane::Bulk => waiting.bulk.push_back(submitted),
        }
        drop(waiting);
        self.changed.notify_one();
    }

    /// How many closures came in the delivery lane so far.
    pub(crate) fn deliveries(&self) -> u64 {
        self.deliveries.load(Ordering::Relaxed)
    }

    /// The next closure, as soon as there is one; `None` when the store was closed and nothing is left.
    pub(crate) fn take(&self) -> Option<Submitted> {
        let mut waiting = self.lock();
        loop {
            if let Some(next) = waiting.pick(self.bulk_limit) {
                if waiting.closed {
                    // Threads that wait for this one to be taken may end now.
                    self.changed.notify_all();
                }
                return Some(next);
            }
            if waiting.closed && waiting.bulk.is_empty() {
                return None;
            }
            waiting = self.changed.wait(waiting).expect("nothing panics while it holds this lock");
        }
    }

    /// One more for a batch that is open, without waiting.
    ///
    /// A batch that holds deliveries takes no more bulk work: what their callers wait for is not to be delayed by it. Deliveries may join
    /// a bulk closure at any time.
    pub(crate) fn take_more(&self, batch: BatchShape) -> Option<Submitted> {
        let mut waiting = self.lock();
        if let Some(next) = waiting.delivery.pop_front() {
            return Some(next);
        }
        if batch.delivery > 0 {
            return None;
        }
        waiting.take_bulk(usize::MAX)
    }

    /// To be called once for every bulk closure taken, when it has been answered.
    pub(crate) fn bulk_done(&self) {
        self.lock().bulk_running -= 1;
        // All, because one that could not take bulk work may be the one that is woken.
        self.changed.notify_all();
    }

    /// Takes no more closures; those that wait are still run.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.delivery_room.close();
        self.bulk_room.close();
        self.changed.notify_all();
    }

    /// Drops what waits, for when there is no thread left to run it.
    pub(crate) fn abandon(&self) {
        self.close();
        let mut waiting = self.lock();
        let dropped = (std::mem::take(&mut waiting.delivery), std::mem::take(&mut waiting.bulk));
        drop(waiting);
        drop(dropped);
    }
}

impl Waiting {
    fn pick(&mut self, bulk_limit: usize) -> Option<Submitted> {
        let bulk_waits = !self.bulk.is_empty() && self.bulk_running < bulk_limit;
        if bulk_waits && (self.delivery.is_empty() || self.passed_over >= Lanes::PATIENCE) {
            return self.take_bulk(bulk_limit);
        }
        let next = self.delivery.pop_front()?;
        self.passed_over = if bulk_waits { self.passed_over + 1 } else { 0 };
        Some(next)
    }

    fn take_bulk(&mut self, bulk_limit: usize) -> Option<Submitted> {
        if self.bulk_running >= bulk_limit {
            return None;
        }
        let next = self.bulk.pop_front()?;
        self.bulk_running += 1;
        self.passed_over = 0;
        Some(next)
    }
}
