//! What the store promises, on both engines, through its public interface.

#![allow(clippy::unwrap_used, reason = "a test that panics has found what it looked for")]

mod batches;
mod concurrency;
mod crash;
mod jobs;
mod maintenance;
mod opening;
mod outages;
mod rows_file;
mod transactions;
