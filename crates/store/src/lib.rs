//! The only crate that knows an engine.

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
mod tx;
mod value;
mod work;

pub use blobs::{
    BlobError, BlobId, BlobProblem, Blobs, Compacted, MAX_BLOB_BYTES, PACK_BYTES, Reference, SWEEP_DELAY_SECS, StagedBlob, Swept,
    VerifiedBlobs,
};
pub use bus::{Bus, Notice};
pub use error::{OpenError, StoreError};
pub use keys::{KeyError, KeyRing};
pub use maintenance::check_sqlite_file;
pub use row::Row;
pub use rows_file::{DumpError, Dumped, LoadError, Loaded, load_rows};
pub use store::{Engine, SqlLocation, Store, StoreOptions};
pub use tx::Tx;
pub use value::{Affected, Column, FromColumn, IN_LIST_MAX, Params, ToParam, Value, in_list};
