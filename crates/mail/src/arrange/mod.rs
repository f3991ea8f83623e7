//! The messages of a mailbox in the orders of IMAP's SORT, and in its threads (RFC 5256, RFC 5957). JMAP's threads are [`crate::threads`]: those last,
//! these are made of what is asked for.
//!
//! Everything is worked out from rows: no message is read. Rows come in chunks, each in a transaction of its own, and only keys of them are kept; what
//! those take is asked for as they grow, so that whoever calls decides how much memory all callers together may have.

mod collate;
mod forest;
mod references;
mod repo;
mod sort;
mod thread;

use store::StoreError;

pub use collate::collate;
pub use forest::Forest;
pub use sort::{Criterion, SortBy, sort};
pub use thread::{Threading, thread};

use crate::heads::MailError;

/// Messages whose rows one transaction reads.
const CHUNK: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum ArrangeError {
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The caller gave no more memory.
    #[error("there is no memory for this at the moment, try again later")]
    NoMemory,
    #[error("could not put the messages in order")]
    Store(#[from] StoreError),
}
kernel::faults! { ArrangeError:
    ArrangeError::Mail(inner) => inner,
    ArrangeError::NoMemory => Throttled "no_memory_to_arrange",
    ArrangeError::Store(inner) => inner,
}

/// Asked for memory in bytes before it is used; answers whether there is so much.
pub trait Memory: Send {
    fn take(&mut self, bytes: usize) -> bool;
}

fn take(memory: &mut impl Memory, bytes: usize) -> Result<(), ArrangeError> {
    if memory.take(bytes) { Ok(()) } else { Err(ArrangeError::NoMemory) }
}
