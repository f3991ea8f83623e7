//! One command line -> a command that cannot be invalid. Pure functions over bytes; the grammar is that of RFC 5321 §4.1 and of the extensions the
//! server offers, and nothing else is taken.
//!
//! Ours and not a library's, because the known one (smtp-proto) ends a line at a bare LF, which is the door for smuggled messages, and keeps what it
//! could not read for the caller to find out.

mod command;
mod parameters;
mod path;

pub use command::{Command, Hello, Mechanism, SyntaxError, VERBS, parse};
pub use parameters::{MailParameters, RcptParameters};
pub use path::ForwardPath;
