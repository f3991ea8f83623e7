//! Imports from the upload to the way back, on both engines.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "imports/access.rs"]
mod access;
#[path = "imports/applying.rs"]
mod applying;
#[path = "imports/editing.rs"]
mod editing;
#[path = "imports/house.rs"]
mod house;
#[path = "imports/planning.rs"]
mod planning;
#[path = "imports/samples.rs"]
mod samples;
#[path = "imports/undoing.rs"]
mod undoing;
