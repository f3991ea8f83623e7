//! Imports from the upload to the way back, on both engines.

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
