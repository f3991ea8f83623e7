//! Signing in as the callers of this crate see it, on every engine.

mod office;
mod passwords;
mod sessions;
mod sign_in;
mod throttle;
