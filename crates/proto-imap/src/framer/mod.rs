//! Where one command ends and the next begins, while octets arrive in whatever pieces. RFC 9051 §2.2, §4.3; RFC 7888

mod heads;
pub(crate) mod lines;

use self::heads::{holds_message, holds_url, is_id};
use self::lines::{Announcement, announcement, take, take_chunk, take_line, without_line_end};
use crate::parse::{self, Options};
use crate::{Append, Command, Replaced, SyntaxError, SyntaxErrorKind, Tag};

/// How much of one command is kept. Messages of APPEND are not: they pass through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Everything outside of literals.
    pub text_bytes: usize,
    /// All literals together, those of messages left out.
    pub literal_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_bytes: 64 << 10, literal_bytes: 64 << 10 }
    }
}

/// What the octets so far amount to.
#[derive(Debug)]
pub enum Frame<'a> {
    /// All input was taken, and more is needed.
    NeedMore,
    /// The client waits for `+` before it sends a small literal.
    Continue,
    /// APPEND or REPLACE has come to a message. Decide with [`Framer::accept`] or [`Framer::refuse`] before feeding on.
    Message(MessageStart<'a>),
    /// Octets of the accepted message, straight from the input; `done` with the last, which may be none at all.
    MessageOctets { octets: &'a [u8], done: bool },
    /// A whole command.
    Complete(RawCommand<'a>),
    /// The line asked for with [`Framer::expect_line`], without its end.
    Line(&'a [u8]),
    /// A command beyond its bounds. Answer now; what remains of it is passed over.
    Refused(SyntaxError),
}

/// The announcement of a message.
#[derive(Debug)]
pub struct MessageStart<'a> {
    pub size: u64,
    /// The client waits for `+` (or the tagged refusal); otherwise the octets come whatever we say.
    pub synchronizing: bool,
    /// The command up to here: see [`RawCommand::append_head`].
    pub so_far: RawCommand<'a>,
}

/// A command as it came, without the line end after it and without the octets of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawCommand<'a>(&'a [u8]);

/// An APPEND, or a REPLACE, of which the last message is announced and not yet there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendHead {
    pub tag: Tag,
    /// Of a REPLACE: what goes.
    pub replaced: Option<Replaced>,
    pub append: Append,
}

impl<'a> RawCommand<'a> {
    pub fn octets(self) -> &'a [u8] {
        self.0
    }

    pub fn parse(self, options: &Options) -> Result<Command, SyntaxError> {
        parse::command(self.0, options)
    }

    /// Of a [`MessageStart`]: tag, mailbox, and the messages up to and with the announced one.
    pub fn append_head(self, options: &Options) -> Result<AppendHead, SyntaxError> {
        parse::append_head(self.0, options)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Literal {
        remaining: usize,
    },
    Announced {
        size: u64,
        synchronizing: bool,
    },
    Message {
        remaining: u64,
    },
    /// Of an ID that is longer than what is kept; `last` is the last octet that ends no line.
    PassedOver {
        taken: usize,
        last: u8,
    },
    SkippedText,
    SkippedLiteral {
        remaining: u64,
    },
    Line {
        max_bytes: usize,
    },
    SkippedLine,
}

/// Cuts a stream into commands. A command that is refused, too large or nonsense ends where it would have ended anyway.
#[derive(Debug)]
pub struct Framer {
    limits: Limits,
    state: State,
    buffer: Vec<u8>,
    /// Where in the buffer the line now read begins; before it lie earlier lines and literals.
    line_start: usize,
    literal_bytes: usize,
    quoted: bool,
    escaped: bool,
    /// The buffer was handed out, and is emptied when feeding goes on.
    handed_out: bool,
}

/// What [`Framer::advance`] came to; the buffer is lent out only afterwards.
enum Step<'a> {
    NeedMore,
    Continue,
    Message { size: u64, synchronizing: bool },
    MessageOctets { octets: &'a [u8], done: bool },
    Buffered,
    Unbuffered(&'a [u8]),
    Line,
    Refused(SyntaxError),
}

/// A buffer that grew beyond this is given back after its command.
const KEPT_BYTES: usize = 4 << 10;
/// `~{18446744073709551615+}` and the character before it.
const TAIL_BYTES: usize = 32;
/// RFC 2971 §3.3: 30 fields of 30 octets with values of 1024, some of them escaped.
const MAX_ID_BYTES: usize = 64 << 10;

impl Framer {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Text,
            buffer: Vec::new(),
            line_start: 0,
            literal_bytes: 0,
            quoted: false,
            escaped: false,
            handed_out: false,
        }
    }

    /// From the next command on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The next line is no command but the answer to a continuation: SASL, or DONE of IDLE. Longer ones are refused.
    pub fn expect_line(&mut self, max_bytes: usize) {
        self.begin();
        self.state = State::Line { max_bytes };
    }

    /// Takes the announced message. When it is synchronizing, send `+` first.
    pub fn accept(&mut self) {
        if let State::Announced { size, .. } = self.state {
            self.state = State::Message { remaining: size };
        }
    }

    /// Gives the command up, at the announcement or within the message; the caller answers it. What still comes of it is passed over.
    pub fn refuse(&mut self) {
        let remaining = match self.state {
            State::Announced { synchronizing: true, .. } => {
                // RFC 9051 §4.3: without our `+` the octets never come, and the command is over.
                self.begin();
                return;
            }
            State::Announced { size, .. } => size,
            State::Message { remaining } => remaining,
            _ => return,
        };
        self.empty();
        self.state = State::SkippedLiteral { remaining };
    }

    /// How many octets of a refused literal are still to come. RFC 7888 §4: a server may rather say BYE than read them.
    pub fn to_be_skipped(&self) -> u64 {
        if let State::SkippedLiteral { remaining } = self.state { remaining } else { 0 }
    }

    /// Nothing of a command has come yet.
    pub fn is_between_commands(&self) -> bool {
        self.state == State::Text && (self.buffer.is_empty() || self.handed_out)
    }

    /// Takes octets from the front of `input` until something is to be told. Call again until it says [`Frame::NeedMore`].
    ///
    /// After a complete STARTTLS what is left of `input` must be thrown away: it came in the clear. RFC 9051 §6.2.1
    pub fn feed<'f, 'i: 'f>(&'f mut self, input: &mut &'i [u8]) -> Frame<'f> {
        if self.handed_out {
            self.begin();
        }
        match self.advance(input) {
            Step::NeedMore => Frame::NeedMore,
            Step::Continue => Frame::Continue,
            Step::Message { size, synchronizing } => Frame::Message(MessageStart { size, synchronizing, so_far: RawCommand(&self.buffer) }),
            Step::MessageOctets { octets, done } => Frame::MessageOctets { octets, done },
            Step::Buffered => Frame::Complete(RawCommand(&self.buffer)),
            Step::Unbuffered(line) => Frame::Complete(RawCommand(line)),
            Step::Line => Frame::Line(&self.buffer),
            Step::Refused(error) => Frame::Refused(error),
        }
    }

    fn advance<'a>(&mut self, input: &mut &'a [u8]) -> Step<'a> {
        loop {
            match self.state {
                State::Announced { size, synchronizing } => return Step::Message { size, synchronizing },
                State::Message { remaining } => {
                    if remaining > 0 && input.is_empty() {
                        return Step::NeedMore;
                    }
                    let octets = take(input, remaining);
                    let remaining = remaining - octets.len() as u64;
                    self.state = if remaining == 0 { State::Text } else { State::Message { remaining } };
                    return Step::MessageOctets { octets, done: remaining == 0 };
                }
                State::Literal { remaining } => {
                    let octets = take(input, remaining as u64);
                    self.buffer.extend_from_slice(octets);
                    let remaining = remaining - octets.len();
                    if remaining > 0 {
                        self.state = State::Literal { remaining };
                        return Step::NeedMore;
                    }
                    self.line_start = self.buffer.len();
                    self.state = State::Text;
                }
                State::SkippedLiteral { remaining } => {
                    let remaining = remaining - take(input, remaining).len() as u64;
                    if remaining > 0 {
                        self.state = State::SkippedLiteral { remaining };
                        return Step::NeedMore;
                    }
                    self.state = State::SkippedText;
                }
                State::PassedOver { taken, last } => {
                    if input.is_empty() {
                        return Step::NeedMore;
                    }
                    let (chunk, ended) = take_chunk(input);
                    self.follow_quotes(chunk);
                    if let Some(step) = self.pass_over(taken, last, chunk, ended) {
                        return step;
                    }
                }
                State::SkippedText => {
                    if !self.skip_text(input) {
                        return Step::NeedMore;
                    }
                }
                State::SkippedLine => {
                    let Some(_) = take_line(input) else { return Step::NeedMore };
                    self.begin();
                }
                State::Line { max_bytes } => return self.line(input, max_bytes),
                State::Text => {
                    if let Some(step) = self.text(input) {
                        return step;
                    }
                }
            }
        }
    }

    /// `None`: a literal follows, go on.
    fn text<'a>(&mut self, input: &mut &'a [u8]) -> Option<Step<'a>> {
        if input.is_empty() {
            return Some(Step::NeedMore);
        }
        let (chunk, ended) = take_chunk(input);
        self.follow_quotes(chunk);
        if self.buffer.len() - self.literal_bytes + chunk.len() > self.limits.text_bytes {
            if self.literal_bytes == 0 && is_id(if self.buffer.is_empty() { chunk } else { &self.buffer }) {
                return self.pass_over(self.buffer.len(), 0, chunk, ended);
            }
            let error = self.too_large("the command", chunk);
            self.empty();
            self.state = State::SkippedText;
            self.end_of_skipped(chunk, ended);
            return Some(Step::Refused(error));
        }
        if !ended {
            self.buffer.extend_from_slice(chunk);
            return Some(Step::NeedMore);
        }
        if self.buffer.is_empty() && (self.quoted || announcement(without_line_end(chunk)).is_none()) {
            // The usual case, a command of one line that came in one piece, is not copied.
            self.handed_out = true;
            return Some(Step::Unbuffered(without_line_end(chunk)));
        }
        self.buffer.extend_from_slice(chunk);
        let length = self.line_start + without_line_end(&self.buffer[self.line_start..]).len();
        self.buffer.truncate(length);
        let announced = if self.quoted { None } else { announcement(&self.buffer[self.line_start..]) };
        // A quoted string cannot go on in the next line.
        (self.quoted, self.escaped) = (false, false);
        match announced {
            Some(announced) => self.announced(announced),
            None => {
                self.handed_out = true;
                Some(Step::Buffered)
            }
        }
    }

    /// What a client says of itself is kept nowhere, so of a long ID no more is kept than that it is one: it becomes an ID without fields.
    fn pass_over<'a>(&mut self, taken: usize, last: u8, chunk: &[u8], ended: bool) -> Option<Step<'a>> {
        let taken = taken + chunk.len();
        let last = without_line_end(chunk).last().copied().unwrap_or(last);
        let is_too_much = taken > MAX_ID_BYTES.max(self.limits.text_bytes);
        // A literal on top of all that is not worth asking for.
        if is_too_much || (ended && last == b'}' && !self.quoted) {
            let error = self.too_large("the command", chunk);
            self.empty();
            self.state = State::SkippedText;
            self.end_of_skipped(chunk, ended);
            return Some(Step::Refused(error));
        }
        if !matches!(self.state, State::PassedOver { .. }) {
            let first = if self.buffer.is_empty() { chunk } else { &self.buffer };
            let mut short = first[..first.iter().position(|octet| *octet == b' ').unwrap_or(0)].to_vec();
            short.extend_from_slice(b" ID NIL");
            self.empty();
            self.buffer = short;
        }
        if !ended {
            self.state = State::PassedOver { taken, last };
            return None;
        }
        (self.quoted, self.escaped) = (false, false);
        self.handed_out = true;
        self.state = State::Text;
        Some(Step::Buffered)
    }

    fn announced<'a>(&mut self, Announcement { start, size, synchronizing }: Announcement) -> Option<Step<'a>> {
        let start = self.line_start + start;
        self.buffer.extend_from_slice(b"\r\n");
        if holds_message(&self.buffer[..start]) && !holds_url(&self.buffer[..start]) {
            self.line_start = self.buffer.len();
            self.state = State::Announced { size, synchronizing };
            return None;
        }
        let left = self.limits.literal_bytes.saturating_sub(self.literal_bytes);
        let Some(size) = usize::try_from(size).ok().filter(|size| *size <= left) else {
            let error = self.too_large("the literal", b"");
            if synchronizing {
                self.begin();
            } else {
                self.empty();
                self.state = State::SkippedLiteral { remaining: size };
            }
            return Some(Step::Refused(error));
        };
        self.literal_bytes += size;
        self.state = State::Literal { remaining: size };
        synchronizing.then_some(Step::Continue)
    }

    fn line<'a>(&mut self, input: &mut &'a [u8], max_bytes: usize) -> Step<'a> {
        let (chunk, ended) = take_chunk(input);
        self.buffer.extend_from_slice(&chunk[..chunk.len().min(max_bytes + 3)]);
        let length = without_line_end(&self.buffer).len();
        if length > max_bytes + usize::from(!ended) {
            let error = SyntaxError { tag: None, kind: SyntaxErrorKind::TooLarge, expected: "the line", at: length };
            self.begin();
            self.state = if ended { State::Text } else { State::SkippedLine };
            return Step::Refused(error);
        }
        if !ended {
            return Step::NeedMore;
        }
        self.buffer.truncate(length);
        self.handed_out = true;
        self.state = State::Text;
        Step::Line
    }

    /// False when more input is needed.
    fn skip_text(&mut self, input: &mut &[u8]) -> bool {
        if input.is_empty() {
            return false;
        }
        let (chunk, ended) = take_chunk(input);
        self.follow_quotes(chunk);
        self.end_of_skipped(chunk, ended);
        true
    }

    /// Keeps what may be the beginning of an announcement, and finds the end of what is passed over.
    fn end_of_skipped(&mut self, chunk: &[u8], ended: bool) {
        self.buffer.extend_from_slice(&chunk[chunk.len().saturating_sub(TAIL_BYTES)..]);
        let surplus = self.buffer.len().saturating_sub(TAIL_BYTES);
        self.buffer.drain(..surplus);
        if !ended {
            return;
        }
        let announced = if self.quoted { None } else { announcement(without_line_end(&self.buffer)) };
        match announced {
            Some(Announcement { size, synchronizing: false, .. }) => {
                self.empty();
                self.state = State::SkippedLiteral { remaining: size };
            }
            // The client waits for `+` and gets our refusal instead: the command is over.
            _ => self.begin(),
        }
    }

    fn follow_quotes(&mut self, text: &[u8]) {
        for octet in text {
            match octet {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'"' => self.quoted = !self.quoted,
                _ => {}
            }
        }
    }

    fn too_large(&self, expected: &'static str, chunk: &[u8]) -> SyntaxError {
        let tag = if self.buffer.is_empty() { parse::tag_of(chunk) } else { parse::tag_of(&self.buffer) };
        SyntaxError { tag, kind: SyntaxErrorKind::TooLarge, expected, at: self.buffer.len() }
    }

    /// A new command.
    fn begin(&mut self) {
        self.empty();
        (self.quoted, self.escaped) = (false, false);
        self.state = State::Text;
    }

    fn empty(&mut self) {
        if self.buffer.capacity() > KEPT_BYTES {
            self.buffer = Vec::new();
        }
        self.buffer.clear();
        (self.line_start, self.literal_bytes, self.handed_out) = (0, 0, false);
    }
}
