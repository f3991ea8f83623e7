//! Any stream of octets, in any session: no panic, it does not matter how the stream is cut, and what is understood means the same after it is written and read
//! again.

use proto_imap::{ClientOptions, Command, Frame, Framer, Limits, Options, encode_command};

use super::{IMAP_WORDS, said_in};
use crate::Target;

pub const TARGET: Target =
    Target { name: "imap_command", corpus: || said_in("serve-imap/tests/transcripts"), words: IMAP_WORDS, begin: || Box::new(run) };

/// The commands of a stream, each with its messages, cut into chunks of `size`.
fn read(stream: &[u8], size: usize, options: &Options) -> Vec<(Command, Vec<Vec<u8>>)> {
    let mut framer = Framer::new(Limits::default());
    let (mut commands, mut messages) = (Vec::new(), Vec::<Vec<u8>>::new());
    for mut chunk in stream.chunks(size) {
        let mut decided = None;
        loop {
            match decided.take() {
                Some(true) => framer.accept(),
                Some(false) => framer.refuse(),
                None => {}
            }
            match framer.feed(&mut chunk) {
                Frame::NeedMore => break,
                Frame::Continue | Frame::Line(_) => {}
                Frame::Message(start) => {
                    let understood = start.so_far.append_head(options).is_ok();
                    if understood {
                        messages.push(Vec::new());
                    } else {
                        messages.clear();
                    }
                    decided = Some(understood);
                }
                Frame::MessageOctets { octets, .. } => messages.last_mut().expect("a message was announced").extend_from_slice(octets),
                Frame::Complete(raw) => {
                    let messages = std::mem::take(&mut messages);
                    if let Ok(command) = raw.parse(options) {
                        commands.push((command, messages));
                    }
                }
                Frame::Refused(_) => messages.clear(),
            }
        }
    }
    commands
}

fn run(stream: &[u8]) {
    for utf8 in [false, true] {
        let options = Options { utf8, ..Options::default() };
        let commands = read(stream, usize::MAX, &options);
        assert_eq!(read(stream, 1, &options), commands);
        for (command, messages) in commands {
            let octets: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            let again = encode_command(&command, &octets, ClientOptions { utf8, literal_plus: true }).concat();
            assert_eq!(read(&again, usize::MAX, &options), [(command, messages)]);
        }
    }
}
