//! The memory that messages under way may hold, over all sessions together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Budget {
    total: usize,
    used: AtomicUsize,
}

impl Budget {
    pub fn new(total: usize) -> Arc<Self> {
        Arc::new(Self { total, used: AtomicUsize::new(0) })
    }

    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let fits = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.total);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }
}

/// A part of the budget; given back when this goes.
pub struct Reservation {
    budget: Arc<Budget>,
    held: usize,
}

impl Reservation {
    pub fn none(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), held: 0 }
    }

    /// `false` when the others leave no room; then nothing is taken.
    pub fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.held);
        let taken = more == 0 || self.budget.take(more);
        if taken {
            self.held += more;
        }
        taken
    }

    pub fn shrink_to(&mut self, bytes: usize) {
        let less = self.held.saturating_sub(bytes);
        self.held -= less;
        self.budget.used.fetch_sub(less, Ordering::Relaxed);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}
