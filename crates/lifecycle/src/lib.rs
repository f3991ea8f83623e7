//! (to come)
pub mod exports;
pub mod jobs;
pub mod sheets;
pub mod members;
pub mod setup;
