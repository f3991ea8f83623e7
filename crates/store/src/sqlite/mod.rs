//! The engine that needs nothing installed: one file, one writer thread, a few reader threads.

mod checkpoint;
mod open;
mod readers;
mod session;
mod writer;

pub(crate) use open::{Access, connect, fault as open_fault, open_file, sync_folder_of};
pub(crate) use readers::start_readers;
pub(crate) use session::{SqliteSession, column};
pub(crate) use writer::start_writer;
