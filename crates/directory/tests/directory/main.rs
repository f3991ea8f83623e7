//! The directory through its public operations, on each engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod addresses;
mod audit;
mod concurrent;
mod departments;
mod domains;
mod limits;
mod lists;
mod members;
mod organisations;
mod recycle_bin;
mod states;
mod world;
