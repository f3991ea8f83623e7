//! Mail in: from other servers (MX), from members (submission), and from a server of one's own in front (LMTP).
//!
//! Three layers. [`syntax`], `lines` and `body` turn bytes into commands and messages. [`session`] is one conversation as a state machine without
//! socket, clock or store. `connection` drives it over TCP and TLS, and `desk` does the work that it asks for, with the operations of the subject
//! crates: who may receive (`mail::reception`), who may send (`mail::submission`), delivery (`mail::delivery`), signing in (`identity::protocols`).
//! No rule of the product lives here but those of the protocol, and the order in which they are asked.
//!
//! Start with [`Smtp`]; `docs/designs/smtp.md` tells the flow of a message, every refusal and every bound. A new command is a variant of
//! [`syntax::Command`], an arm in `session/commands.rs`, a transcript in `tests/transcripts` and a row in `tests/access.rs`.

mod body;
mod budget;
mod checks;
mod connection;
mod desk;
mod headers;
mod lines;
mod options;
mod rates;
mod receive;
mod recipients;
mod reply;
mod server;
pub mod session;
mod submit;
pub mod syntax;
mod trace;

pub use options::{Checks, Limits, SmtpOptions};
pub use reply::Reply;
pub use server::{Smtp, SmtpParts};

/// What a listener is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Mail of other servers for the domains of this one (port 25).
    Mx,
    /// Mail of members; STARTTLS (port 587).
    Submission,
    /// Mail of members under TLS from the first byte (port 465).
    Submissions,
    /// Mail from a server of one's own in front (RFC 2033).
    Lmtp,
}

impl Kind {
    pub fn is_submission(self) -> bool {
        matches!(self, Self::Submission | Self::Submissions)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mx => "mx",
            Self::Submission => "submission",
            Self::Submissions => "submissions",
            Self::Lmtp => "lmtp",
        }
    }
}
