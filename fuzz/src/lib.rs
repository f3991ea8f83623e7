//! What strangers send, made up: honest input, changed by chance, into the code that reads it.
//!
//! A [`Target`] is something that takes octets of others: a parser, or a whole server with a session to it. [`drive`] feeds it for some seconds; every input
//! follows from a seed and a number, so that a failure can be had again. `cargo nextest run -p fuzz` does so for two seconds each,
//! `make fuzz SECONDS=3600` longer and for all, guided by coverage.
//!
//! One more target is a file in `targets/` and a line in [`targets::ALL`].

mod drive;
mod mutate;
mod panics;
mod sites;
pub mod targets;

pub use drive::{drive, run_file};
pub use panics::Panics;

/// What takes one input after the other.
pub type Run = Box<dyn FnMut(&[u8]) + Send>;

/// Something that takes octets of others.
pub struct Target {
    pub name: &'static str,
    /// Honest input, to begin with.
    pub corpus: fn() -> Vec<Vec<u8>>,
    /// Words that mean something to it.
    pub words: &'static [&'static str],
    /// Makes ready what takes input; what it is then called with must not panic, nor anything that it sets going.
    pub begin: fn() -> Run,
}
