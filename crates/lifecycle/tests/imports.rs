//! Imports from the upload to the way back, on both engines.

#[path = "imports/house.rs"]
mod house;
#[path = "imports/samples.rs"]
mod samples;
