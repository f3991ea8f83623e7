//! (to come)
pub mod sheets;
