//! POP3 for mail programs that fetch: RFC 1939 over the INBOX of an account, one session at a time.
//!
//! No rule of the product lives here: a command finds its operation in `mail`, and [`errors`] turns what went wrong into an answer. What must stay
//! true: nothing is deleted but by QUIT, and only while the maildrop is locked for the session; nothing a client sends is without a bound, nothing it
//! sends ends the server or another's session; nothing of mails, addresses or passwords is logged.
//!
//! Start with [`session`], which reads lines and hands commands to `commands/<verb>.rs`; [`maildrop`] is what the client was shown at sign-in, and
//! [`watch`] keeps its lock. The wire is in [`wire`], without sockets. A new command is a variant of [`wire::Command`], a file in `commands`, an
//! arm in `session/dispatch.rs`, a transcript, and a row in the access test. `docs/designs/pop3.md` tells the whole.

mod commands;
mod errors;
mod maildrop;
mod options;
mod server;
mod session;
mod texts;
mod watch;
pub mod wire;

pub use options::Pop3Options;
pub use server::{Pop3, Pop3Parts};
pub use transport::{DoorLimits, Security};
