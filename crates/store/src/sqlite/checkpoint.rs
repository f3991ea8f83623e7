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
    /// One has failed, and the log does not know yet that all of it is to be copied again.
    is_in_doubt: bool,
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
        Self { database: database.to_owned(), due_at: PAGES_BETWEEN_CHECKPOINTS, is_in_doubt: false, log_index: None }
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
        if self.is_in_doubt && !self.begin_again() {
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
        self.is_in_doubt = true;
        self.begin_again();
    }

    /// Has the next checkpoint copy the log from its beginning; answers whether it will. Only this thread makes checkpoints, and those who read take
    /// more from the log and less from the database, which holds the same.
    fn begin_again(&mut self) -> bool {
        let begun = self.log_index().and_then(|index| index.write_all_at(&0_u32.to_ne_bytes(), BACKFILLED_AT));
        if let Err(error) = &begun {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "The index of the log could not be written; nothing is copied before it is"
            );
        }
        self.is_in_doubt = begun.is_err();
        !self.is_in_doubt
    }

    fn log_index(&mut self) -> io::Result<&'static File> {
        if let Some(index) = self.log_index {
            return Ok(index);
        }
        let index = Box::leak(Box::new(File::options().write(true).open(beside(&self.database, "-shm"))?));
        self.log_index = Some(index);
        Ok(index)
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        if self.is_in_doubt && !self.begin_again() {
            // The last connection that closes copies what is left of the log and removes it. All that was answered is in it, and the next start copies
            // it from its beginning.
            tracing::error!("The database cannot be closed properly; the program ends without");
            std::process::abort();
        }
    }
}
