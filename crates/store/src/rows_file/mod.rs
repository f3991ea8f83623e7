//! All rows in one file that either engine writes and either reads, so that a backup also moves an installation from one to the other.
//!
//! Lines of JSON, compressed with zstd. The first line names the format and the schema. For each table follows a line with its columns,
//! one array for each row, and a line with the count; bytes stand as `{"b64": …}`. The last line has the count of all rows and a hash of
//! everything before it, so that a file that was cut or changed is refused.

mod load;
mod write;

use serde::{Deserialize, Serialize};

use crate::{OpenError, StoreError};

pub use load::{Loaded, load_rows};
pub use write::Dumped;

const FORMAT: &str = "yanshu-rows";
const VERSION: u32 = 1;

/// The lines that are not rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Mark {
    Begin { format: String, version: u32, schema: i64 },
    Table { name: String, columns: Vec<String> },
    TableEnd { rows: u64 },
    End { rows: u64, blake3: String },
}

/// The rows could not be written to a file.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    #[error("the rows could not be read")]
    Store(#[from] StoreError),
    #[error("the file could not be written")]
    File(#[from] std::io::Error),
}

/// A file of rows could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the database to load into is not empty")]
    NotEmpty,
    #[error("this is not a file of rows, or one of a format this release does not know")]
    Format,
    #[error("the file is cut off or was changed: {0}")]
    Damaged(&'static str),
    #[error("the file was written by a newer release (its schema is {found}, this release knows {known})")]
    NewerSchema { found: i64, known: i64 },
    #[error("table {table} of the file is not one this release has at that schema")]
    Table { table: String },
    #[error("the file could not be read")]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the rows could not be written")]
    Store(#[from] StoreError),
}
