//! (to come)
pub mod exports;
pub mod imports;
pub mod jobs;
pub mod members;
pub mod setup;
pub mod sheets;
