//! Any stream of octets as what a POP3 client says, and as a message it is sent: no panic, it does not matter how the stream is cut, what is
//! understood means the same after it is written and read again, and no message ends before its end.

use serve_pop3::wire::{Body, Command, Frame, Lines, MAX_LINE_BYTES, SyntaxError};

use super::{POP3_WORDS, said_in};
use crate::Target;

pub const TARGET: Target =
    Target { name: "pop3_line", corpus: || said_in("serve-pop3/tests/transcripts"), words: POP3_WORDS, begin: || Box::new(run) };

/// The lines of a stream that comes in chunks of `size`; `None` is one that is too long.
fn read(stream: &[u8], size: usize) -> Vec<Option<Result<Command, SyntaxError>>> {
    let (mut lines, mut kept, mut read) = (Lines::default(), Vec::new(), Vec::new());
    for chunk in stream.chunks(size) {
        kept.extend_from_slice(chunk);
        let mut input = &kept[..];
        loop {
            match lines.feed(&mut input) {
                Frame::NeedMore => break,
                Frame::Line(line) => read.push(Some(Command::parse(line))),
                Frame::TooLong => read.push(None),
            }
        }
        kept = input.to_vec();
        assert!(kept.len() <= MAX_LINE_BYTES);
    }
    read
}

fn written(mut body: Body<'_>, most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while body.write_some(&mut out, most) {}
    out
}

fn run(stream: &[u8]) {
    let commands = read(stream, 1);
    assert_eq!(read(stream, 7), commands);
    for command in commands.into_iter().flatten().flatten() {
        assert_eq!(Command::parse(&command.encode()), Ok(command));
    }
    let whole = written(Body::whole(stream), 1 << 20);
    assert_eq!(written(Body::whole(stream), 3), whole);
    let top = written(Body::top(stream, 2), 5);
    assert!(top.strip_suffix(b".\r\n").is_some_and(|top| whole.starts_with(top)));
    let lines = whole.strip_suffix(b".\r\n").expect("an end");
    assert!(!lines.starts_with(b".\r\n") && !lines.windows(5).any(|window| window == b"\r\n.\r\n"));
}
