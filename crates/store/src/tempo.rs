//! How much of the time work may take that nobody waits for.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

/// Long work is done piece by piece, and after each piece it rests for a multiple of what the piece took: a disk or a processor that others keep busy
/// makes pieces slow, and so the work gives way to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tempo {
    rests: u32,
}

impl Tempo {
    /// Without a rest, for commands and tests.
    pub const FULL: Self = Self { rests: 0 };
    /// Long enough for any piece; after a slow one the next still comes.
    const LONGEST_REST: Duration = Duration::from_secs(60);

    /// Working for one part of the time in so many; at least 1.
    pub const fn one_part_in(parts: u32) -> Self {
        Self { rests: parts.saturating_sub(1) }
    }

    /// To be awaited after a piece that began at `began`.
    pub async fn rest(self, began: Instant) {
        if self.rests > 0 {
            tokio::time::sleep((began.elapsed() * self.rests).min(Self::LONGEST_REST)).await;
        }
    }
}

/// How long a thread works on before it gives way.
const PORTION: Duration = Duration::from_micros(300);

thread_local! {
    static GAVE_WAY: Cell<Option<std::time::Instant>> = const { Cell::new(None) };
}

/// For the loops of work that nobody waits for: who does wait for the processor gets it. The system lets a thread finish some milliseconds before one that
/// wakes up gets its turn, and a request wakes several, one after the other.
pub fn give_way() {
    if GAVE_WAY.get().is_none_or(|last| last.elapsed() >= PORTION) {
        std::thread::yield_now();
        GAVE_WAY.set(Some(std::time::Instant::now()));
    }
}
