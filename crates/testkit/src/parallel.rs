//! Several at once.

use std::sync::{Arc, Barrier};

/// Runs `work` on `threads` threads that begin together, and gives what each of them made, in the order of their numbers.
///
/// For invariants that must hold however many write at once: sixteen is the usual number.
pub fn in_parallel<T: Send + 'static>(threads: usize, work: impl Fn(usize) -> T + Send + Sync + 'static) -> Vec<T> {
    let work = Arc::new(work);
    let start = Arc::new(Barrier::new(threads));
    let running: Vec<_> = (0..threads)
        .map(|number| {
            let (work, start) = (Arc::clone(&work), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                work(number)
            })
        })
        .collect();
    running
        .into_iter()
        .map(|thread| match thread.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        })
        .collect()
}
