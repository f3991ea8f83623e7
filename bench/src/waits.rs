//! Many waits in a few numbers.

use std::fmt;
use std::time::{Duration, Instant};

/// Waits of which the middle one and the slow ones are told.
pub struct Waits(Vec<Duration>);

impl Waits {
    pub fn new(mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        Self(waits)
    }

    /// Times each of `runs` runs.
    pub async fn of(runs: usize, mut run: impl AsyncFnMut()) -> Self {
        let mut waits = Vec::with_capacity(runs);
        for _ in 0..runs {
            let began = Instant::now();
            run().await;
            waits.push(began.elapsed());
        }
        Self::new(waits)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Milliseconds within which this part of all, 0 to 1, was done.
    pub fn millis(&self, part: f64) -> f64 {
        let index = (self.0.len().saturating_sub(1) as f64 * part) as usize;
        self.0.get(index).map_or(0.0, |wait| wait.as_secs_f64() * 1000.0)
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "median {:.1} ms, 99 % {:.1} ms, longest {:.1} ms", self.millis(0.5), self.millis(0.99), self.millis(1.0))
    }
}
