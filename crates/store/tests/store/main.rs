//! What the store promises, on both engines, through its public interface.

mod batches;
mod concurrency;
mod crash;
mod jobs;
mod maintenance;
mod opening;
mod rows_file;
mod transactions;
