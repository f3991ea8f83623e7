//! What the server answers. Every answer with a meaning of its own has a name here, so that one table tells them all.

use std::borrow::Cow;

use kernel::{Fault, FaultKind};

/// One answer: code, enhanced status code (RFC 3463; empty where RFC 2034 §4 forbids one) and a sentence in ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    pub status: &'static str,
    pub text: Cow<'static, str>,
}

/// What an answer quotes is cut here, so that no line grows beyond the 512 bytes of RFC 5321 §4.5.3.1.5.
const MAX_TEXT_BYTES: usize = 480;

impl Reply {
    pub const fn new(code: u16, status: &'static str, text: &'static str) -> Self {
        Self { code, status, text: Cow::Borrowed(text) }
    }

    /// An answer that quotes what it speaks of. Only printable ASCII gets through: what a client sent never ends a line here.
    pub fn told(code: u16, status: &'static str, text: &str) -> Self {
        let printable = |character: char| if matches!(character, ' '..='~') { character } else { '?' };
        Self { code, status, text: Cow::Owned(text.chars().take(MAX_TEXT_BYTES).map(printable).collect()) }
    }

    pub fn is_positive(&self) -> bool {
        self.code < 400
    }

    pub fn write_to(&self, output: &mut Vec<u8>) {
        let code = [b'0' + (self.code / 100 % 10) as u8, b'0' + (self.code / 10 % 10) as u8, b'0' + (self.code % 10) as u8];
        output.extend_from_slice(&code);
        output.push(b' ');
        if !self.status.is_empty() {
            output.extend_from_slice(self.status.as_bytes());
            output.push(b' ');
        }
        output.extend_from_slice(self.text.as_bytes());
        output.extend_from_slice(b"\r\n");
    }

    /// How a fault of an operation is told: the one table from kinds to answers. Its cause is in the log, not here.
    pub fn of_fault(fault: &dyn Fault) -> Self {
        match (fault.kind(), fault.code()) {
            (FaultKind::Unavailable, "store_full") => STORE_FULL,
            (FaultKind::Unavailable | FaultKind::Internal, _) => UNAVAILABLE,
            (FaultKind::Throttled, _) => Self::told(450, "4.7.0", &sentence(fault)),
            (FaultKind::Invalid, _) => Self::told(501, "5.5.4", &sentence(fault)),
            (FaultKind::Unauthenticated, _) => AUTHENTICATION_REQUIRED,
            (FaultKind::Forbidden, _) => Self::told(550, "5.7.1", &sentence(fault)),
            (FaultKind::NotFound, _) => Self::told(550, "5.1.1", &sentence(fault)),
            (FaultKind::Conflict, _) => Self::told(550, "5.3.0", &sentence(fault)),
            (FaultKind::LimitReached, _) => Self::told(452, "4.2.2", &sentence(fault)),
        }
    }
}

/// The text of an error as a sentence of its own.
fn sentence(fault: &dyn Fault) -> String {
    let text = fault.to_string();
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

pub const OK: Reply = Reply::new(250, "2.0.0", "OK");
pub const SENDER_OK: Reply = Reply::new(250, "2.1.0", "OK");
pub const RECIPIENT_OK: Reply = Reply::new(250, "2.1.5", "OK");
pub const BYE: Reply = Reply::new(221, "2.0.0", "Bye");
pub const READY_FOR_TLS: Reply = Reply::new(220, "2.0.0", "Ready to start TLS");
pub const SIGNED_IN: Reply = Reply::new(235, "2.7.0", "Authentication succeeded");
pub const CANNOT_VERIFY: Reply = Reply::new(252, "2.5.2", "Addresses are not told; send the message and it will be tried");
pub const HELP: Reply = Reply::new(214, "2.0.0", "See RFC 5321");
pub const SEND_DATA: Reply = Reply::new(354, "", "Send the message; end with <CRLF>.<CRLF>");

pub const STOPPING: Reply = Reply::new(421, "4.3.2", "The server is stopping; come again in a moment");
pub const TOO_MANY_CONNECTIONS: Reply = Reply::new(421, "4.7.0", "Too many connections; come again later");
pub const TIMED_OUT: Reply = Reply::new(421, "4.4.2", "Nothing came for too long");
pub const TOO_MANY_MISTAKES: Reply = Reply::new(421, "4.7.0", "Too many mistakes");
pub const TOO_MANY_COMMANDS: Reply = Reply::new(421, "4.7.0", "Too many commands without a message");
pub const TALKED_TOO_SOON: Reply = Reply::new(554, "5.5.1", "Commands were sent before the greeting");
pub const NOT_MAIL: Reply = Reply::new(421, "4.7.0", "This is not a web server");
pub const AFTER_LAST_OF_GROUP: Reply =
    Reply::new(503, "5.5.1", "This command is the last of a group (RFC 2920); something was sent behind it");

pub const UNAVAILABLE: Reply = Reply::new(451, "4.3.0", "The mail system cannot do this now; try again later");
pub const STORE_FULL: Reply = Reply::new(452, "4.3.1", "The mail system has no room left; try again later");
pub const NO_MEMORY: Reply = Reply::new(452, "4.3.1", "Too much mail is under way; try again later");

pub const UNKNOWN_COMMAND: Reply = Reply::new(500, "5.5.1", "Unknown command");
pub const LINE_TOO_LONG: Reply = Reply::new(500, "5.5.6", "The line is too long");
pub const BARE_LINE_END: Reply = Reply::new(500, "5.5.2", "Lines end with CRLF, and hold neither CR, LF nor NUL otherwise");
pub const NOT_IMPLEMENTED: Reply = Reply::new(502, "5.5.1", "Not available here");
pub const BAD_ARGUMENTS: Reply = Reply::new(501, "5.5.4", "The arguments are not what this command takes");
pub const BAD_SENDER: Reply = Reply::new(501, "5.1.7", "The sender's address cannot be read");
pub const BAD_RECIPIENT: Reply = Reply::new(501, "5.1.3", "The recipient's address cannot be read");
pub const UNKNOWN_PARAMETER: Reply = Reply::new(555, "5.5.4", "A parameter is not known here");
pub const NEEDS_UTF8: Reply = Reply::new(553, "5.6.7", "An address beyond ASCII needs SMTPUTF8");
pub const SAY_HELLO_FIRST: Reply = Reply::new(503, "5.5.1", "Say EHLO first");
pub const SAY_LHLO_FIRST: Reply = Reply::new(503, "5.5.1", "Say LHLO first");
pub const MAIL_FIRST: Reply = Reply::new(503, "5.5.1", "Say MAIL first");
pub const NESTED_MAIL: Reply = Reply::new(503, "5.5.1", "A message is under way already");
pub const NO_RECIPIENTS: Reply = Reply::new(554, "5.5.1", "No recipient was accepted");
pub const NO_RECIPIENTS_LMTP: Reply = Reply::new(503, "5.5.1", "No recipient was accepted");
pub const CHUNKS_UNDER_WAY: Reply = Reply::new(503, "5.5.1", "BDAT and DATA cannot be mixed in one message");
pub const CHUNK_REFUSED: Reply = Reply::new(503, "5.5.1", "The message was refused; say RSET first");
pub const TOO_MANY_RECIPIENTS: Reply = Reply::new(452, "4.5.3", "Too many recipients; send to the rest separately");

pub const TLS_UNAVAILABLE: Reply = Reply::new(502, "5.5.1", "TLS is not available here");
pub const TLS_ALREADY: Reply = Reply::new(503, "5.5.1", "TLS is on already");
pub const TLS_REQUIRED: Reply = Reply::new(530, "5.7.0", "Say STARTTLS first");
pub const ENCRYPTION_REQUIRED: Reply = Reply::new(538, "5.7.11", "Passwords are only taken under TLS");
pub const AUTHENTICATION_REQUIRED: Reply = Reply::new(530, "5.7.0", "Sign in first");
pub const SIGNED_IN_ALREADY: Reply = Reply::new(503, "5.5.1", "Signed in already");
pub const NOT_WITHIN_MESSAGE: Reply = Reply::new(503, "5.5.1", "Not while a message is under way");
pub const UNKNOWN_MECHANISM: Reply = Reply::new(504, "5.5.4", "Use AUTH PLAIN or AUTH LOGIN");
pub const AUTH_UNREADABLE: Reply = Reply::new(501, "5.5.2", "That is not Base64 of what the mechanism asks for");
pub const AUTH_CANCELLED: Reply = Reply::new(501, "5.7.0", "Cancelled");
pub const SIGN_IN_FAILED: Reply = Reply::new(535, "5.7.8", "Name or password is wrong");
pub const TOO_MANY_SIGN_INS: Reply = Reply::new(421, "4.7.0", "Too many failed sign-ins");
pub const SIGN_IN_LATER: Reply = Reply::new(454, "4.7.0", "Sign-in is not possible at the moment; try again later");
pub const CLIENT_PASSWORD_NEEDED: Reply =
    Reply::new(534, "5.7.9", "Your organisation asks for a client password; make one on your account page");
pub const PASSWORD_TO_BE_CHOSEN: Reply = Reply::new(534, "5.7.12", "Choose a password on the web first");
pub const NO_MAILBOX: Reply = Reply::new(550, "5.7.1", "This member has no mailbox to send from");

pub const MESSAGE_TOO_LARGE: Reply = Reply::new(552, "5.3.4", "The message is larger than this server takes");
pub const BARE_BYTES_IN_MESSAGE: Reply = Reply::new(550, "5.6.0", "The message holds a bare CR, a bare LF or a NUL; lines end with CRLF");
pub const MAIL_LOOP: Reply = Reply::new(554, "5.4.6", "The message has come by too many servers; this looks like a loop");
pub const RELAY_REFUSED: Reply = Reply::new(550, "5.7.1", "Mail for this domain is not taken here; relaying is refused");
pub const UNKNOWN_RECIPIENT: Reply = Reply::new(550, "5.1.1", "There is no such mailbox here");
pub const MAILBOX_FULL: Reply = Reply::new(452, "4.2.2", "The mailbox is full");
pub const DMARC_REFUSED: Reply = Reply::new(550, "5.7.1", "The sender's domain asks to refuse mail that its DMARC policy does not cover");
pub const TOO_MANY_MESSAGES: Reply = Reply::new(450, "4.7.1", "You have sent very many messages; wait before you send more");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_never_ends_a_line_of_an_answer() {
        let mut output = Vec::new();
        Reply::told(550, "5.1.1", "no\r\n250 OK \u{7f}李娜").write_to(&mut output);
        assert_eq!(output, b"550 5.1.1 no??250 OK ???\r\n");
        let long = Reply::told(550, "5.1.1", &"x".repeat(10_000));
        let mut output = Vec::new();
        long.write_to(&mut output);
        assert!(output.len() <= 512);
    }
}
