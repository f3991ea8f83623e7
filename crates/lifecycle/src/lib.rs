//! (to come)
pub mod sheets;
pub mod members;
pub mod setup;
