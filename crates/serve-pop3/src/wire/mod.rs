//! POP3 on the wire: octets to lines, lines to commands, messages to octets. No sockets, no clock, nothing of ours.

mod body;
mod command;
mod lines;

pub use body::Body;
pub use command::{Command, Secret, SyntaxError};
pub use lines::{Frame, Lines, MAX_LINE_BYTES};
