//! Copying the log of commits (WAL) into the database, by the writer between its batches.
//!
//! SQLite would do it within a commit, whose callers would wait for it, and would not tell when it fails. When the sync of the database fails, the
//! system may forget pages that were to be written, and a later sync does not bring them back. SQLite then tries again from where its last
//! checkpoint ended, which may have been one that left its pages to this very sync. So after a failure everything in the log is copied again.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::open::beside;

/// Fewer, larger checkpoints: each one costs two syncs.
pub(super) const PAGES_BETWEEN_CHECKPOINTS: i32 = 4000;

/// Where the index of the log (-shm) holds how many of its frames are in the database: nBackfill of "WAL-mode File Format" §2.2.
const BACKFILLED_AT: u64 = 96;

thread_local! {
    /// How many pages the log had after this thread's last commit.
    static LOGGED: Cell<i32> = const { Cell::new(0) };
}

/// Of the connection that writes. Used by its thread alone.
pub(super) struct Checkpoints {
    database: PathBuf,
    /// The next one is due when the log has so many pages.
    due_at: i32,
    /// Never closed again: closing it would give up the locks that SQLite holds on it in this process (POSIX).
    log_index: Option<&'static File>,
}

impl Checkpoints {
    /// Takes over from SQLite.
    pub(super) fn of(connection: &Connection, database: &Path) -> Self {
        connection.wal_hook(Some(|_, pages| {
            LOGGED.set(pages);
            Ok(())
        }));
        Self { database: database.to_owned(), due_at: PAGES_BETWEEN_CHECKPOINTS, log_index: None }
    }

    /// To be called when those who waited for a commit have been answered.
    pub(super) fn after_commit(&mut self, connection: &Connection) {
        let logged = LOGGED.get();
        if logged < PAGES_BETWEEN_CHECKPOINTS {
            // Begun anew.
            self.due_at = PAGES_BETWEEN_CHECKPOINTS;
        }
        if logged < self.due_at {
            return;
        }
        let checkpoint = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        let Err(error) = checkpoint else { return };
        // Not at each commit as long as the trouble lasts.
        self.due_at = logged.saturating_add(PAGES_BETWEEN_CHECKPOINTS);
        tracing::error!(
            error = &error as &dyn std::error::Error,
            log.pages = logged,
            "The log could not be copied into the database; it is tried again"
        );
        if let Err(error) = self.begin_again() {
            // Going on could lose what was answered. All of it is in the log, which the next start copies from its beginning.
            tracing::error!(error = &error as &dyn std::error::Error, "The log can be copied by a new start only; the program ends");
            std::process::abort();
        }
    }

    /// Has the next checkpoint copy the log from its beginning. Only this thread makes checkpoints, and those who read take more from the log and
    /// less from the database, which holds the same.
    fn begin_again(&mut self) -> io::Result<()> {
        let index = match self.log_index {
            Some(index) => index,
            None => Box::leak(Box::new(File::options().write(true).open(beside(&self.database, "-shm"))?)),
        };
        self.log_index = Some(index);
        index.write_all_at(&0_u32.to_ne_bytes(), BACKFILLED_AT)
    }
}
