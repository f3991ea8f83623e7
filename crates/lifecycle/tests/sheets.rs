//! Files as people have them, and files as nobody should have them, read into rows and values.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "sheets/build.rs"]
mod build;
#[path = "sheets/cells.rs"]
mod cells;
#[path = "sheets/hostile.rs"]
mod hostile;
#[path = "sheets/samples.rs"]
mod samples;
#[path = "sheets/text_files.rs"]
mod text_files;
#[path = "sheets/workbooks.rs"]
mod workbooks;
#[path = "sheets/writing.rs"]
mod writing;
