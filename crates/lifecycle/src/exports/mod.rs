//! 导出: members as a file, with the columns and departments that were asked for.
//!
//! [`start`] checks and promises, [`run_export`] writes the file in a job, [`open_file`] gives it to whoever asked for it, and [`sweep`]
//! removes it a day later. Every cell is text, and importing the file again changes nothing.

mod errand;
mod file;
mod repo;
mod run;
mod start;
mod values;

pub use file::{OpenFileError, open_file, sweep};
pub use run::run_export;
pub use start::{NewExport, StartError, default_fields, start};

/// The kind of the job that writes an export.
pub const EXPORT_JOB: &str = "export.members";

/// For how long the file can be fetched.
pub const KEEP_SECS: i64 = 24 * 3600;
