//! Panics of the whole process: one in a session's task ends that session and would go unseen.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

static COUNT: AtomicUsize = AtomicUsize::new(0);
static INSTALL: Once = Once::new();

/// How many there were since this was made.
pub struct Panics {
    before: usize,
}

impl Panics {
    pub fn watch() -> Self {
        INSTALL.call_once(|| {
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                COUNT.fetch_add(1, Ordering::SeqCst);
                hook(info);
            }));
        });
        Self { before: COUNT.load(Ordering::SeqCst) }
    }

    pub fn any(&self) -> bool {
        COUNT.load(Ordering::SeqCst) > self.before
    }
}
