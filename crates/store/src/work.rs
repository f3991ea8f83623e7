//! A closure on its way through a database thread and back.

use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tracing::warn;

use crate::{StoreError, Tx};

/// How long a closure may hold a thread that writes before the log names it.
const LONGEST_RUN: Duration = Duration::from_millis(50);

/// What is to become of a closure's writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    Discard,
}

/// A closure whose types are forgotten, so that closures of all subjects fit in one queue.
pub(crate) trait Work: Send {
    /// Runs the closure and keeps its answer. May be called again; then the last answer counts.
    fn run(&mut self, tx: &mut Tx) -> Verdict;

    /// Replaces the answer: what the closure did could not be kept.
    fn overrule(&mut self, error: StoreError);

    /// Sends the answer to whoever waits for it.
    fn answer(self: Box<Self>);
}

struct Typed<T, E, F> {
    closure: F,
    outcome: Option<Result<T, E>>,
    panicked: bool,
    reply: oneshot::Sender<Result<T, E>>,
    may_take_long: bool,
    /// Where in the code the closure was handed in, for the log.
    origin: &'static Location<'static>,
}

pub(crate) fn package<T, E, F>(
    closure: F,
    may_take_long: bool,
    origin: &'static Location<'static>,
) -> (Box<dyn Work>, oneshot::Receiver<Result<T, E>>)
where
    F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Typed { closure, outcome: None, panicked: false, reply, may_take_long, origin }), answer)
}

impl<T, E, F> Work for Typed<T, E, F>
where
    F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run(&mut self, tx: &mut Tx) -> Verdict {
        if self.panicked {
            // What it captured may be half changed, so it does not get a second run.
            return Verdict::Discard;
        }
        let started = Instant::now();
        // The transaction is rolled back after a panic, and the closure is never called again.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.closure)(tx))).unwrap_or_else(|_| {
            self.panicked = true;
            Err(E::from(StoreError::Panicked))
        });
        let outcome = if outcome.is_ok() && tx.is_poisoned() { Err(E::from(StoreError::Poisoned)) } else { outcome };
        let verdict = if outcome.is_ok() { Verdict::Keep } else { Verdict::Discard };
        self.outcome = Some(outcome);
        let held = started.elapsed();
        if held > LONGEST_RUN && !self.may_take_long {
            warn!(origin = %self.origin, held_ms = held.as_millis() as u64, "A transaction held the writer for too long; chunk it");
        }
        verdict
    }

    fn overrule(&mut self, error: StoreError) {
        self.outcome = Some(Err(E::from(error)));
    }

    fn answer(self: Box<Self>) {
        let Self { closure, outcome, reply, .. } = *self;
        // What it captured goes first, so that whoever is answered holds the last of it.
        drop(closure);
        // Whoever asked may have gone; what was committed stays committed.
        let _ = reply.send(outcome.unwrap_or_else(|| Err(E::from(StoreError::Closed))));
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Drives a future on this thread, for callers without a runtime; `None` when the deadline passes first.
pub(crate) fn block_on<F: Future>(future: F, deadline: Option<Instant>) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        match deadline {
            None => std::thread::park(),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return None;
                }
                std::thread::park_timeout(left);
            }
        }
    }
}
