//! One client's conversation as a state machine: bytes go in, answers come out, and what takes time is handed to whoever drives it as [`Work`].
//!
//! It has no socket, no clock and no store, so that every order of commands and packets can be tried in a test. Its driver reads into
//! [`Session::room`], tells it with [`Session::came`], does what [`Session::advance`] asks for and answers with [`Session::resume`].

mod commands;
mod message;
mod sign_in;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mail::reception::Recipient;
use mail::submission::{EnvelopeAddress, ReversePath};
use zeroize::Zeroizing;

use crate::Kind;
use crate::body::{Body, WholeMessage};
use crate::budget::Budget;
use crate::lines::{Lines, Next};
use crate::options::SmtpOptions;
use crate::reply::{self, Reply};
use crate::syntax::{ForwardPath, Hello, MailParameters, RcptParameters};

/// What the driver is to do next.
pub enum Step {
    /// Send the answers, then read.
    Read,
    Work(Work),
    /// Send the answers, take up TLS, and tell with [`Session::secured`].
    StartTls,
    /// Send the answers and close.
    Close,
}

/// What takes time. Each is answered with an [`Outcome`] of its own kind.
pub enum Work {
    CheckSender {
        from: ReversePath,
    },
    CheckRecipient {
        to: ForwardPath,
        size_bytes: u64,
    },
    SignIn {
        name: String,
        password: Zeroizing<String>,
    },
    TakeMessage {
        envelope: Box<Envelope>,
        message: WholeMessage,
    },
    /// Holds an answer back, to make guessing slow.
    Pause(Duration),
}

#[derive(Debug)]
pub enum Outcome {
    /// `Ended` when the sign-in does not hold any more.
    Sender(Result<(), SenderRefusal>),
    Recipient(Result<Destination, Reply>),
    SignedIn(Result<(), SignInRefusal>),
    /// One answer, or one for each recipient (LMTP).
    Message(Vec<Reply>),
    Paused,
}

#[derive(Debug)]
pub enum SenderRefusal {
    Told(Reply),
    /// The password was changed or the member may not sign in any more.
    Ended,
}

/// Why somebody is not signed in: what is told, and whether it was a wrong guess.
#[derive(Debug)]
pub struct SignInRefusal {
    pub reply: Reply,
    pub is_guess: bool,
}

/// Where a recipient's copy goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Into mailboxes here.
    Local(Recipient),
    /// Wherever the address leads; from signed-in members only.
    Anywhere(EnvelopeAddress),
}

/// What is known of a message besides its bytes.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub from: ReversePath,
    pub parameters: MailParameters,
    pub recipients: Vec<Taken>,
    pub hello: Greeted,
    pub tls: Option<TlsFacts>,
    /// Names the message in logs and in its Received header.
    pub id: String,
}

/// A recipient that was accepted.
#[derive(Debug, Clone)]
pub struct Taken {
    pub to: ForwardPath,
    pub parameters: RcptParameters,
    pub destination: Destination,
}

/// How the client introduced itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeted {
    pub kind: Hello,
    pub name: String,
}

/// What a TLS handshake agreed on, for trace headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    pub version: &'static str,
    pub cipher: String,
}

impl TlsFacts {
    pub fn of(connection: &rustls::ServerConnection) -> Self {
        let version = match connection.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "TLS",
        };
        let cipher = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or("unknown").to_owned();
        Self { version, cipher }
    }
}

/// What all sessions of one listener share.
pub struct Rules {
    pub kind: Kind,
    pub options: Arc<SmtpOptions>,
    pub budget: Arc<Budget>,
    /// STARTTLS can be offered.
    pub has_tls: bool,
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// `None` on a socket of this machine's file system.
    pub address: Option<IpAddr>,
}

impl Peer {
    pub fn is_loopback(&self) -> bool {
        self.address.is_none_or(|address| address.to_canonical().is_loopback())
    }
}

struct Transaction {
    from: ReversePath,
    parameters: MailParameters,
    recipients: Vec<Taken>,
    /// BDAT has begun.
    chunks: Option<Box<Body>>,
    /// A chunk was refused; only RSET helps (RFC 3030 §2).
    chunks_refused: bool,
}

enum Phase {
    Command,
    /// A challenge of AUTH waits for its answer.
    Auth(sign_in::Waiting),
    /// After 354.
    Data(Box<Body>),
    Chunk(message::Chunk),
    /// An answer is held back.
    Holding(Reply),
    /// The driver works.
    Working(Pending),
    Closing,
}

/// What an outcome is the answer to.
enum Pending {
    Mail { from: ReversePath, parameters: MailParameters },
    Rcpt { to: ForwardPath, parameters: RcptParameters },
    SignIn,
    Message,
    Reply(Reply),
}

#[derive(Default)]
struct Tally {
    /// Lines, chunks and messages that were dealt with.
    done: u64,
    bad: u32,
    since_message: usize,
    refused_recipients: u32,
    failed_sign_ins: u32,
    messages: u32,
}

/// What commands may be long: RFC 5321 §4.5.3.1.4 asks for 512 bytes, and extensions for more.
const MAX_LINE_BYTES: usize = 1000;
/// RFC 4954 §4.
const MAX_AUTH_LINE_BYTES: usize = 12_288;

pub struct Session {
    rules: Arc<Rules>,
    peer: Peer,
    id: Arc<str>,
    tls: Option<TlsFacts>,
    greeted: Option<Greeted>,
    is_signed_in: bool,
    transaction: Option<Transaction>,
    phase: Phase,
    lines: Lines,
    output: Vec<u8>,
    tally: Tally,
}

impl Session {
    /// `id` is new for each connection.
    pub fn new(rules: Arc<Rules>, peer: Peer, tls: Option<TlsFacts>, id: Arc<str>) -> Self {
        Self {
            rules,
            peer,
            id,
            tls,
            greeted: None,
            is_signed_in: false,
            transaction: None,
            phase: Phase::Command,
            lines: Lines::default(),
            output: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Opens the conversation. Whoever talked before is no mail server (RFC 5321 §4.3.1 makes clients wait), and at the MX not talked to.
    pub fn greet(&mut self) {
        if self.rules.kind == Kind::Mx && !self.lines.is_empty() {
            return self.close_with(reply::TALKED_TOO_SOON);
        }
        let protocol = if self.rules.kind == Kind::Lmtp { "LMTP" } else { "ESMTP" };
        let text = format!("{} {protocol}", self.rules.options.host_name);
        self.say(Reply::told(220, "", &text));
    }

    /// Where the next bytes from the client go, and how many there may be at most.
    pub fn room(&mut self) -> (&mut Vec<u8>, usize) {
        match &mut self.phase {
            Phase::Data(body) => (body.room(), usize::MAX),
            Phase::Chunk(chunk) if self.lines.is_empty() && chunk.body.is_some() => chunk.room(),
            _ => (self.lines.room(), usize::MAX),
        }
    }

    /// Bytes were put into [`room`](Self::room).
    pub fn came(&mut self) {
        match &mut self.phase {
            Phase::Data(_) => self.data_came(),
            Phase::Chunk(chunk) if self.lines.is_empty() => chunk.came(),
            _ => {}
        }
    }

    /// Goes on as far as it can.
    pub fn advance(&mut self) -> Step {
        loop {
            let step = match &mut self.phase {
                Phase::Closing => Some(Step::Close),
                Phase::Data(_) => self.end_data(),
                Phase::Chunk(_) => self.end_chunk(),
                Phase::Command | Phase::Auth(_) => self.next_line(),
                Phase::Holding(_) => self.hold(),
                Phase::Working(_) => Some(Step::Read),
            };
            if let Some(step) = step {
                return step;
            }
            self.tally.done += 1;
        }
    }

    fn next_line(&mut self) -> Option<Step> {
        let within_auth = matches!(self.phase, Phase::Auth(_));
        let limit = |line: &[u8]| {
            let is_auth = within_auth || line.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case(b"AUTH "));
            if is_auth { MAX_AUTH_LINE_BYTES } else { MAX_LINE_BYTES }
        };
        match self.lines.next(limit) {
            Next::More => return Some(Step::Read),
            Next::Line(line) => return self.take_line(Zeroizing::new(line)),
            Next::TooLong => self.spoilt(reply::LINE_TOO_LONG),
            Next::Bare => self.spoilt(reply::BARE_LINE_END),
            Next::Endless => self.close_with(reply::TOO_MANY_MISTAKES),
        }
        None
    }

    fn take_line(&mut self, line: Zeroizing<Vec<u8>>) -> Option<Step> {
        if matches!(self.phase, Phase::Auth(_)) {
            return self.auth_answer(&line);
        }
        self.tally.since_message += 1;
        // Recipients of the message under way have a limit of their own, which may be the higher one.
        let recipients = self.transaction.as_ref().map_or(0, |transaction| transaction.recipients.len());
        if self.tally.since_message > self.rules.options.limits.commands_between_messages + recipients {
            self.close_with(reply::TOO_MANY_COMMANDS);
            return None;
        }
        self.command(&line)
    }

    fn spoilt(&mut self, answer: Reply) {
        self.phase = Phase::Command;
        self.mistake(answer);
    }

    /// The driver has done what was asked.
    pub fn resume(&mut self, outcome: Outcome) {
        let Phase::Working(pending) = std::mem::replace(&mut self.phase, Phase::Command) else { return };
        self.tally.done += 1;
        match (pending, outcome) {
            (Pending::Mail { from, parameters }, Outcome::Sender(result)) => self.sender_checked(from, parameters, result),
            (Pending::Rcpt { to, parameters }, Outcome::Recipient(result)) => self.recipient_checked(to, parameters, result),
            (Pending::SignIn, Outcome::SignedIn(result)) => self.sign_in_checked(result),
            (Pending::Message, Outcome::Message(replies)) => self.message_taken(replies),
            (Pending::Reply(reply), Outcome::Paused) => self.say(reply),
            // A driver that answers something else has lost track.
            _ => self.close_with(reply::UNAVAILABLE),
        }
    }

    /// TLS is on. Nothing from before counts (RFC 3207 §4.2): whoever sat on the line may have said it.
    pub fn secured(&mut self, facts: TlsFacts) {
        self.tls = Some(facts);
        self.greeted = None;
        self.is_signed_in = false;
        self.transaction = None;
        self.phase = Phase::Command;
        self.lines.clear();
    }

    pub fn is_secured(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether a message is coming in: then the time-outs of data hold.
    pub fn is_receiving(&self) -> bool {
        matches!(self.phase, Phase::Data(_) | Phase::Chunk(_))
    }

    /// Ends the conversation from our side.
    pub fn close_with(&mut self, last: Reply) {
        self.say(last);
        self.transaction = None;
        self.phase = Phase::Closing;
    }

    /// The answers so far; whoever takes them sends them.
    pub fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Gives memory back before a wait.
    pub fn rest(&mut self) {
        self.lines.rest();
    }

    pub fn messages_taken(&self) -> u32 {
        self.tally.messages
    }

    /// Grows with whatever is dealt with; a driver that sees it stand still waits for the rest of something.
    pub fn progress(&self) -> u64 {
        self.tally.done
    }

    fn say(&mut self, reply: Reply) {
        reply.write_to(&mut self.output);
    }

    /// An answer to what should not have been sent. Too many of them, and the client is left alone.
    fn mistake(&mut self, answer: Reply) {
        self.say(answer);
        self.tally.bad += 1;
        if self.tally.bad >= self.rules.options.limits.bad_commands {
            self.close_with(reply::TOO_MANY_MISTAKES);
        }
    }

    /// Says the answer after a while.
    fn hold(&mut self) -> Option<Step> {
        let Phase::Holding(reply) = std::mem::replace(&mut self.phase, Phase::Command) else { return None };
        let pause = self.rules.options.limits.tarpit;
        self.work(Pending::Reply(reply), Work::Pause(pause))
    }

    fn work(&mut self, pending: Pending, work: Work) -> Option<Step> {
        self.phase = Phase::Working(pending);
        Some(Step::Work(work))
    }

    /// DATA, AUTH and STARTTLS are the last of a group (RFC 2920 §3.1): what stands behind one of them was written by somebody who has not seen the
    /// answer, and reading it as commands, or as what was encrypted, would be a guess.
    fn is_last_of_group(&mut self) -> bool {
        let last = !self.lines.is_within_line();
        if !last {
            self.close_with(reply::AFTER_LAST_OF_GROUP);
        }
        last
    }
}
