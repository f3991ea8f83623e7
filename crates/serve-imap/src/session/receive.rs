//! Octets become commands. Messages of APPEND are gathered beside them, within the limit of one and the memory of all.

use proto_imap::{Append, AppendHead, Code, Command, Condition, Frame, Options, Replaced, SyntaxError, SyntaxErrorKind, Tag};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Duration, timeout};

use super::Session;
use super::state::{self, Needs};
use crate::commands::search::charset;
use crate::commands::{append, replace};
use crate::errors::{End, Failed, Refusal};

/// What came.
pub(crate) enum Received {
    Command(Box<Incoming>),
    /// Something that is no command, or one that was refused before it was whole.
    Refused(Option<Tag>, Refusal),
    /// An empty line between commands, or the end of what was refused.
    Nothing,
}

/// A whole command.
pub(crate) struct Incoming {
    pub(crate) command: Command,
    pub(crate) messages: Vec<Message>,
}

/// The octets of a message, and what of the memory of all they take.
pub(crate) struct Message {
    pub(crate) octets: Vec<u8>,
    pub(crate) memory: OwnedSemaphorePermit,
}

/// What of a refused literal is read and thrown away rather than closing the connection.
const MAX_SKIPPED_BYTES: u64 = 256 << 20;
/// Messages of one APPEND (MULTIAPPEND): together no more than this many times the limit of one.
const MESSAGES_OF_ONE_APPEND: u64 = 2;
/// How long a message waits for memory.
pub(crate) const MEMORY_PATIENCE: Duration = Duration::from_secs(20);

/// What a turn of the framer came to, without its borrow.
enum Turn {
    NeedMore,
    Continue,
    Announced { size: u64, synchronizing: bool, head: Result<AppendHead, SyntaxError> },
    Octets,
    Complete(Result<Command, SyntaxError>),
    Refused(SyntaxError),
    Empty,
}

impl Session {
    pub(super) async fn receive(&mut self) -> Result<Received, End> {
        let options = self.parse_options();
        let mut messages: Vec<Message> = Vec::new();
        loop {
            match self.turn(&options, &mut messages) {
                // What was refused is passed over, and now nobody knows when the next command comes.
                Turn::NeedMore if self.framer.is_between_commands() => return Ok(Received::Nothing),
                Turn::NeedMore => self.fill().await?,
                Turn::Continue => self.connection.output().extend_from_slice(b"+ OK\r\n"),
                Turn::Octets => {}
                Turn::Empty => return Ok(Received::Nothing),
                Turn::Complete(Ok(command)) => return Ok(Received::Command(Box::new(Incoming { command, messages }))),
                Turn::Complete(Err(error)) | Turn::Refused(error) => {
                    self.bound_what_is_skipped()?;
                    return Ok(refused(error));
                }
                Turn::Announced { size, synchronizing, head } => {
                    let AppendHead { tag, replaced, append } = match head {
                        Ok(head) => head,
                        Err(error) => {
                            self.framer.refuse();
                            self.bound_what_is_skipped()?;
                            return Ok(refused(error));
                        }
                    };
                    let before: u64 = messages.iter().map(|message| message.octets.len() as u64).sum();
                    match self.make_room(&append, replaced, size, before).await {
                        Ok(message) => {
                            messages.push(message);
                            self.framer.accept();
                            if synchronizing {
                                self.connection.output().extend_from_slice(b"+ OK\r\n");
                            }
                        }
                        Err(Failed::Refused(refusal)) => {
                            self.framer.refuse();
                            self.bound_what_is_skipped()?;
                            return Ok(Received::Refused(Some(tag), refusal));
                        }
                        Err(Failed::Over(end)) => return Err(end),
                    }
                }
            }
        }
    }

    /// The line that was asked for, as far as it has come: `Some(None)` when it was too long.
    pub(crate) fn line_so_far(&mut self) -> Option<Option<Vec<u8>>> {
        let mut input = self.connection.input();
        let before = input.len();
        let found = match self.framer.feed(&mut input) {
            Frame::Line(line) => Some(Some(line.to_vec())),
            Frame::Refused(_) => Some(None),
            _ => None,
        };
        let consumed = before - input.len();
        self.connection.consume(consumed);
        found
    }

    fn parse_options(&self) -> Options {
        Options { utf8: self.writes_utf8(), decode_charset: charset::decode }
    }

    fn turn(&mut self, options: &Options, messages: &mut [Message]) -> Turn {
        let mut input = self.connection.input();
        let before = input.len();
        let turn = match self.framer.feed(&mut input) {
            Frame::NeedMore => Turn::NeedMore,
            Frame::Continue => Turn::Continue,
            Frame::Message(start) => {
                Turn::Announced { size: start.size, synchronizing: start.synchronizing, head: start.so_far.append_head(options) }
            }
            Frame::MessageOctets { octets, .. } => {
                if let Some(message) = messages.last_mut() {
                    message.octets.extend_from_slice(octets);
                }
                Turn::Octets
            }
            Frame::Complete(raw) if raw.octets().is_empty() => Turn::Empty,
            Frame::Complete(raw) => Turn::Complete(raw.parse(options)),
            Frame::Refused(error) => Turn::Refused(error),
            // Lines are only asked for by [`line`], which takes them.
            Frame::Line(_) => Turn::Empty,
        };
        let consumed = before - input.len();
        self.connection.consume(consumed);
        turn
    }

    /// RFC 7888 §4: beyond some size it is kinder to close than to read on.
    fn bound_what_is_skipped(&self) -> Result<(), End> {
        let most = if self.user.is_some() { MAX_SKIPPED_BYTES } else { 1 << 20 };
        if self.framer.to_be_skipped() > most { Err(End::TooMuchToDiscard) } else { Ok(()) }
    }

    /// Refuses a message before it is sent, where that can be known.
    async fn make_room(&mut self, append: &Append, replaced: Option<Replaced>, size: u64, before: u64) -> Result<Message, Failed> {
        state::check(if replaced.is_some() { Needs::Mailbox } else { Needs::User }, self)?;
        self.check_if_doubted().await?;
        let limit = self.server.options.max_message_bytes;
        if size > limit || before + size > limit * MESSAGES_OF_ONE_APPEND {
            return Err(Refusal::no(Code::TooBig, "The message is larger than APPENDLIMIT").into());
        }
        match replaced {
            Some(replaced) => {
                state::refuse_number(self, replaced.uid)?;
                replace::expect(self, replaced, &append.mailbox, size).await?;
            }
            None => append::expect(self, &append.mailbox, size).await?,
        }
        let memory = self.server.incoming_memory.clone().acquire_many_owned(kib(size));
        let Ok(Ok(memory)) = timeout(MEMORY_PATIENCE, memory).await else {
            return Err(Refusal::no(Code::Unavailable, "Too much mail is coming in, try again later").into());
        };
        let octets = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        Ok(Message { octets, memory })
    }
}

/// Of the memory of all, in its unit.
pub(crate) fn kib(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

fn refused(error: SyntaxError) -> Received {
    let text = error.to_string();
    let (condition, code) = match error.kind {
        SyntaxErrorKind::Syntax | SyntaxErrorKind::UnknownCommand => (Condition::Bad, None),
        SyntaxErrorKind::TooLarge => (Condition::Bad, Some(Code::TooBig)),
        SyntaxErrorKind::BadCharset => (Condition::No, Some(Code::BadCharset(charset::known()))),
        SyntaxErrorKind::BadMailboxName => (Condition::No, Some(Code::Cannot)),
        SyntaxErrorKind::UnknownUse => (Condition::No, Some(Code::UseAttr)),
    };
    Received::Refused(error.tag, Refusal { condition, code, text: text.into() })
}
