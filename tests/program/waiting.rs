//! Waiting for something that another process does.

use std::thread;
use std::time::{Duration, Instant};

/// Lets the others work for this long.
pub fn wait(long: Duration) {
    let began = Instant::now();
    while began.elapsed() < long {
        thread::park_timeout(Duration::from_millis(5));
    }
}

pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_until_nothing_is_missing(what, || (!holds()).then(String::new));
}

/// What failed for want of a disk or a database is tried again after up to a minute and a half, some things after one another.
pub fn wait_until_nothing_is_missing(what: &str, mut missing: impl FnMut() -> Option<String>) {
    let began = Instant::now();
    while let Some(missing) = missing() {
        assert!(began.elapsed() < Duration::from_secs(240), "not so after four minutes: {what}: {missing}");
        thread::park_timeout(Duration::from_millis(50));
    }
}
