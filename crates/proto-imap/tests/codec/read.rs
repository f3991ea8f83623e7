//! A whole stream read at once.

use proto_imap::{Command, Frame, Framer, Limits, Options, SyntaxError, SyntaxErrorKind};

/// What a client said that was understood, with the messages that came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub command: Command,
    pub messages: Vec<Vec<u8>>,
}

/// Every command of a stream that comes in the given chunks. Literals and messages are let through.
pub fn read_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, options: &Options) -> Vec<Result<Heard, SyntaxError>> {
    let mut framer = Framer::new(Limits::default());
    let (mut heard, mut messages) = (Vec::new(), Vec::<Vec<u8>>::new());
    for mut chunk in chunks {
        let mut accepted = false;
        loop {
            if std::mem::take(&mut accepted) {
                framer.accept();
            }
            match framer.feed(&mut chunk) {
                Frame::NeedMore => break,
                Frame::Continue => {}
                Frame::Message(start) => {
                    // An announcement that cannot be read is refused, as a server would.
                    match start.so_far.append_head(options) {
                        Ok(head) => {
                            assert_eq!(head.append.messages.last().unwrap().sizes().next_back(), Some(start.size));
                            messages.push(Vec::new());
                            accepted = true;
                        }
                        Err(error) => {
                            heard.push(Err(error));
                            messages.clear();
                            framer.refuse();
                        }
                    }
                }
                Frame::MessageOctets { octets, .. } => messages.last_mut().unwrap().extend_from_slice(octets),
                Frame::Complete(raw) => {
                    let messages = std::mem::take(&mut messages);
                    heard.push(raw.parse(options).map(|command| Heard { command, messages }));
                }
                Frame::Line(_) => panic!("no line was asked for"),
                Frame::Refused(error) => {
                    messages.clear();
                    heard.push(Err(error));
                }
            }
        }
        assert!(chunk.is_empty());
    }
    heard
}

pub fn read(stream: &[u8], options: &Options) -> Vec<Result<Heard, SyntaxError>> {
    read_chunks([stream], options)
}

/// The one command of a line without its end.
pub fn command(line: &str) -> Command {
    let heard = read(format!("{line}\r\n").as_bytes(), &Options::default());
    match <[_; 1]>::try_from(heard).unwrap() {
        [Ok(heard)] => heard.command,
        [Err(error)] => panic!("{line}: {error}"),
    }
}

/// What is wrong with a line.
pub fn error(line: &str) -> SyntaxError {
    let heard = read(format!("{line}\r\n").as_bytes(), &Options::default());
    match <[_; 1]>::try_from(heard).unwrap() {
        [Ok(heard)] => panic!("{line}: {:?}", heard.command),
        [Err(error)] => error,
    }
}

pub fn error_kind(line: &str) -> SyntaxErrorKind {
    error(line).kind
}
