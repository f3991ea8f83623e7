//! IMAP for mail programs: sessions over what `proto-imap` reads and writes, translating commands into operations of `mail`.
//!
//! No rule of the product lives here: a command finds its operation, and [`errors`] turns what went wrong into a response code. What must stay
//! true: nothing a client sends is without a bound, nothing it sends ends the server or another's session, nothing is told OK before it is durable, and
//! nothing of mails, addresses or passwords is logged.
//!
//! Start with [`session`], which reads commands and hands them to `commands/<verb>.rs`; [`view`] is the selected mailbox as the client knows it, and
//! [`sync`] tells the client what changed. A new command is a file in `commands`, an arm in `session/dispatch.rs`, a transcript, and a row in
//! the access test. `docs/designs/imap.md` tells the whole.

mod capabilities;
mod commands;
mod errors;
mod keywords;
mod loading;
mod names;
mod news;
mod options;
mod picking;
mod recent;
mod server;
mod session;
mod sync;
mod view;
mod watch;

pub use options::ImapOptions;
pub use server::{Imap, ImapParts};
pub use transport::{DoorLimits, Security};
