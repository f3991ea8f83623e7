//! Signing in as the callers of this crate see it, on every engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot be prepared should stop")]

mod office;
mod passwords;
mod protocols;
mod sessions;
mod sign_in;
mod throttle;
