//! The only crate that knows an engine: rows in SQL (SQLite or PostgreSQL), blobs in pack files, the full-text index, keys, and the bus. It knows no rule of
//! the product.
//!
//! Start with [`Store`], which everything is reached through, and [`Tx`], which every statement goes through.
//!
//! # Transactions
//!
//! A transaction is a plain closure that is handed to the store and runs on a thread of the database:
//!
//! ```no_run
//! # async fn example(store: store::Store) -> Result<(), store::StoreError> {
//! use store::params;
//!
//! let name = "set_up".to_owned();
//! store
//!     .write(move |tx| {
//!         tx.execute("DELETE FROM installation WHERE name = $1", params![name])?.expect_one()
//!     })
//!     .await
//! # }
//! ```
//!
//! With `Ok` it commits, and the caller is answered after the commit is on disk. With `Err`, or when it panics, it leaves nothing.
//!
//! **It may run more than once.** Others may have got in its way (PostgreSQL), or the whole batch it shared a commit with may have been lost
//! to a full disk (SQLite). So it changes nothing outside of `tx`, clones what it gives away, and sends nothing; what must follow from it
//! goes into the same transaction as a [job](jobs), and what others should hear at once is [published](Tx::publish), which happens after the commit.
//!
//! **It is short.** On SQLite there is one writer, and whoever holds it for more than 50 milliseconds is named in the log. Longer work is cut
//! in chunks, each a transaction.
//!
//! **A failed statement poisons it**, on both engines: nothing more can be done in it and it will not commit, even if the closure looks
//! away. So a clash is looked for and not tripped over: `ON CONFLICT … DO NOTHING`, then a look at [`Affected`] or at `RETURNING`.
//!
//! # Lanes
//!
//! Whatever somebody waits for goes into the delivery lane ([`Store::write`], [`Store::write_account`]); long work in chunks goes into the
//! bulk lane ([`Store::write_bulk`]). Deliveries go first: at most one bulk closure that has already begun is in their way. Bulk work
//! gets every fifth turn when deliveries never end. Both lanes are bounded; a caller that finds its lane full waits for room, and after ten
//! seconds is told that the store is [busy](StoreError::Busy).
//!
//! # The engines
//!
//! One SQL text serves both, with `$1` placeholders. SQLite has one writer thread, which takes all closures that wait into one commit, of
//! which none suffers from what another did, and a few reader threads, each closure on a snapshot. PostgreSQL has a pool of threads with a connection each:
//! [`Store::write`] is SERIALIZABLE and runs again when others were in its way, [`Store::write_account`] locks the account's row
//! first and is READ COMMITTED, [`Store::read`] is a snapshot. What reads as an invariant in a closure is one on both engines;
//! `tests/store/concurrency.rs` shows it with sixteen writers.
//!
//! Migrations write `BIGINT`, `BOOLEAN`, `TEXT` and `BYTES`; the store gives each engine its own names and makes text compare bytewise on both.
//! A new one is a new file in `migrations/`, numbered next; applied ones are never changed.
//!
//! `docs/designs/store.md` tells what can go wrong, and what happens then.

mod blobs;
mod bus;
mod catalog;
mod dialect;
mod direct;
mod error;
pub mod installation;
pub mod jobs;
mod keys;
mod lanes;
mod maintenance;
mod migrate;
mod postgresql;
mod row;
mod rows_file;
mod sql;
mod sqlite;
mod store;
mod tempo;
mod text_index;
mod tx;
mod value;
mod work;

pub use blobs::{
    BlobError, BlobId, BlobProblem, Blobs, Compacted, FoundBlobs, MAX_BLOB_BYTES, PACK_BYTES, Reference, SWEEP_DELAY_SECS, StagedBlob,
    Swept, VerifiedBlobs,
};
pub use bus::{Bus, Notice};
pub use error::{OpenError, StoreError};
pub use keys::{KeyError, KeyRing};
pub use maintenance::check_sqlite_file;
pub use migrate::schema_fingerprint;
pub use row::Row;
pub use rows_file::{DumpError, Dumped, LoadError, Loaded, load_rows};
pub use store::{Engine, SqlLocation, Store, StoreOptions};
pub use tempo::{Tempo, give_way};
pub use text_index::{Snapshot, Stand, TextDocument, TextIndex, TextIndexError, TextIndexSize, TextWriter, Wanted};
pub use tx::Tx;
pub use value::{Affected, Column, FromColumn, IN_LIST_MAX, Params, ToParam, Value, in_list};
