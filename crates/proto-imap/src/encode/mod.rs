//! From values to octets, appended to a buffer that the caller owns.

mod codes;
mod commands;
mod fetch;
mod mailboxes;
mod pieces;
mod responses;
mod search;
mod tokens;
mod values;

pub use commands::{ClientOptions, encode_command};
pub use fetch::{FetchWriter, PausedFetch};
pub use responses::ResponseWriter;
