//! Commands in a stream: literals, refusals, and that a bad command never spoils the next one.

use proto_imap::*;

use crate::read::{read, read_chunks};

fn tags(stream: &[u8]) -> Vec<String> {
    let heard = read(stream, &Options::default());
    heard
        .into_iter()
        .map(|heard| {
            heard.map_or_else(
                |error| format!("bad {}", error.tag.map(|tag| tag.to_string()).unwrap_or_default()),
                |heard| heard.command.tag.to_string(),
            )
        })
        .collect()
}

/// Feeds and answers with a word for each frame, refusing all messages.
fn frames(framer: &mut Framer, mut input: &[u8]) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let refuse = match framer.feed(&mut input) {
            Frame::NeedMore => return told,
            Frame::Continue => {
                told.push("continue".to_owned());
                false
            }
            Frame::Message(start) => {
                told.push(format!("message {} {}", start.size, start.synchronizing));
                true
            }
            Frame::MessageOctets { octets, done } => {
                told.push(format!("octets {} {done}", octets.len()));
                false
            }
            Frame::Complete(raw) => {
                told.push(format!("complete {}", raw.octets().len()));
                false
            }
            Frame::Line(line) => {
                told.push(format!("line {}", String::from_utf8_lossy(line)));
                false
            }
            Frame::Refused(error) => {
                told.push(format!("refused {}", error.tag.map(|tag| tag.to_string()).unwrap_or_default()));
                false
            }
        };
        if refuse {
            framer.refuse();
        }
    }
}

#[test]
fn a_bad_command_never_spoils_the_next() {
    for bad in [
        "b1 FROB",
        "b1 LOGIN \"open {5}",
        "b1 LOGIN a b{5}",
        "b1 LOGIN a b{5+}",
        "b1 LOGIN {3+}\r\na\0b c",
        "b1 SEARCH ((((",
        "b1 APPEND {1+}\r\n& {3+}\r\nabc",
        "b1 SELECT a {5}x",
        "b1 SELECT {a}",
        "b1 SELECT \u{1}",
    ] {
        assert_eq!(tags(format!("a NOOP\r\n{bad}\r\nc NOOP\r\n").as_bytes()), ["a", "bad b1", "c"], "{bad}");
    }
    assert_eq!(tags(b"\r\n\r\nc NOOP\r\n"), ["bad ", "bad ", "c"]);
}

#[test]
fn a_bare_line_feed_ends_a_line_too() {
    assert_eq!(tags(b"a NOOP\nb LOGIN {1+}\nx y\nc NOOP\r\n"), ["a", "b", "c"]);
}

#[test]
fn a_stream_reads_the_same_however_it_is_cut() {
    let stream = b"a LOGIN {3}\r\na\r\n {2+}\r\n\"b\r\nx APPEND i (\\Seen) {4}\r\n\r\nz\n ~{0+}\r\n\r\nb FROB {1+}\r\nq\r\nc SELECT \"a\\\"{1}\"\r\n";
    let whole = read(stream, &Options::default());
    assert_eq!(whole.len(), 4);
    for cut in 0..=stream.len() {
        let (head, tail) = stream.split_at(cut);
        assert_eq!(read_chunks([head, tail], &Options::default()), whole, "cut at {cut}");
    }
    assert_eq!(read_chunks(stream.chunks(1), &Options::default()), whole);
}

#[test]
fn a_refused_message_is_passed_over() {
    let mut framer = Framer::new(Limits::default());
    // Not sent at all without our word.
    assert_eq!(frames(&mut framer, b"a APPEND i {9}\r\n"), ["message 9 true"]);
    assert_eq!(frames(&mut framer, b"b NOOP\r\n"), ["complete 6"]);
    // Sent whatever we say.
    assert_eq!(frames(&mut framer, b"a APPEND i {9+}\r\n12345"), ["message 9 false"]);
    assert_eq!(framer.to_be_skipped(), 4);
    assert_eq!(frames(&mut framer, b"6789 (\\Seen) {2+}\r\nxx\r\nb NOOP\r\n"), ["complete 6"]);
    // The client waits for the second literal, and has our refusal already.
    assert_eq!(frames(&mut framer, b"a APPEND i {1+}\r\n1 {2}\r\nb NOOP\r\n"), ["message 1 false", "complete 6"]);
}

#[test]
fn a_message_can_be_refused_on_its_way() {
    let mut framer = Framer::new(Limits::default());
    let mut input = &b"a APPEND i {9}\r\n"[..];
    assert!(matches!(framer.feed(&mut input), Frame::Message(_)));
    framer.accept();
    let mut input = &b"123"[..];
    assert!(matches!(framer.feed(&mut input), Frame::MessageOctets { octets: b"123", done: false }));
    framer.refuse();
    assert_eq!(frames(&mut framer, b"456789\r\nb NOOP\r\n"), ["complete 6"]);
    assert!(framer.is_between_commands());
}

#[test]
fn small_literals_are_let_through_and_large_ones_refused() {
    let mut framer = Framer::new(Limits { text_bytes: 100, literal_bytes: 10 });
    assert_eq!(frames(&mut framer, b"a LOGIN {5}\r\n"), ["continue"]);
    assert_eq!(frames(&mut framer, b"12345 {6}\r\n"), ["refused a"]);
    assert_eq!(frames(&mut framer, b"b LOGIN x {11+}\r\n12345678901\r\nc NOOP\r\n"), ["refused b", "complete 6"]);
    assert_eq!(frames(&mut framer, b"d LOGIN {99999999999999999999999+}\r\n"), ["refused d"]);
    assert_eq!(framer.to_be_skipped(), u64::MAX);
}

#[test]
fn a_line_without_end_costs_no_memory() {
    let mut framer = Framer::new(Limits { text_bytes: 100, literal_bytes: 10 });
    assert_eq!(frames(&mut framer, &[b"a SEARCH ", &[b'x'; 60][..]].concat()), [""; 0]);
    assert_eq!(frames(&mut framer, &[b'x'; 60]), ["refused a"]);
    for _ in 0..100 {
        assert_eq!(frames(&mut framer, &[b'x'; 1000]), [""; 0]);
    }
    // A literal at its end is passed over with it.
    assert_eq!(frames(&mut framer, b" {10"), [""; 0]);
    assert_eq!(frames(&mut framer, b"+}\r\n1 NOOP\r\n"), [""; 0]);
    assert_eq!(frames(&mut framer, b"1\r\nb NOOP\r\n"), ["complete 6"]);
    // In one piece, too.
    assert_eq!(frames(&mut framer, &[b"c SEARCH ", &[b'x'; 99][..], b" {2+}\r\n..\r\nd NOOP\r\n"].concat()), ["refused c", "complete 6"]);
}

#[test]
fn a_long_id_is_taken_without_being_kept() {
    let mut framer = Framer::new(Limits { text_bytes: 1 << 10, literal_bytes: 1 << 10 });
    let fields: Vec<String> = (0..30).map(|number| format!("\"field-{number}\" \"{}\"", "x".repeat(1024))).collect();
    let command = format!("a1 id ({})\r\n", fields.join(" "));
    // Whole, and in pieces; what comes behind is a command of its own.
    for size in [usize::MAX, 1000, 7] {
        let mut told = Vec::new();
        for chunk in format!("{command}a2 NOOP\r\n").as_bytes().chunks(size) {
            told.extend(frames(&mut framer, chunk));
        }
        assert_eq!(told, ["complete 9", "complete 7"], "{size}");
    }
    assert_eq!(frames(&mut framer, format!("a3 ID (\"{}\")\r\n", "x".repeat(70 << 10)).as_bytes()), ["refused a3"]);
    assert_eq!(frames(&mut framer, format!("a4 ID ({} {{5}}\r\n", fields.join(" ")).as_bytes()), ["refused a4"]);
    assert_eq!(frames(&mut framer, format!("a5 IDLE {}\r\n", fields.join(" ")).as_bytes()), ["refused a5"]);
    assert_eq!(frames(&mut framer, b"a6 NOOP\r\n"), ["complete 7"]);
}

#[test]
fn a_line_that_is_no_command_is_read_when_asked_for() {
    let mut framer = Framer::new(Limits::default());
    let mut input = &b"a IDLE\r\nDONE\r\nb NOOP\r\n"[..];
    assert!(matches!(framer.feed(&mut input), Frame::Complete(_)));
    framer.expect_line(10);
    assert_eq!(frames(&mut framer, input), ["line DONE", "complete 6"]);
    framer.expect_line(10);
    assert_eq!(frames(&mut framer, b"01234567"), [""; 0]);
    assert_eq!(frames(&mut framer, b"89\r"), [""; 0]);
    assert_eq!(frames(&mut framer, b"\n"), ["line 0123456789"]);
    framer.expect_line(10);
    assert_eq!(frames(&mut framer, b"0123456789xx"), ["refused "]);
    assert_eq!(frames(&mut framer, b"xx\r\nb NOOP\r\n"), ["complete 6"]);
    framer.expect_line(10);
    assert_eq!(frames(&mut framer, b"0123456789x\r\nb NOOP\r\n"), ["refused ", "complete 6"]);
}
