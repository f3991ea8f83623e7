//! What a client writes a server reads, whatever the pieces it comes in; and nothing at all makes either fall over.

use proptest::collection::vec;
use proptest::prelude::*;
use proto_imap::*;

use crate::generate;
use crate::read::{Heard, read, read_chunks};

fn client() -> impl Strategy<Value = ClientOptions> {
    (any::<bool>(), any::<bool>()).prop_map(|(utf8, literal_plus)| ClientOptions { utf8, literal_plus })
}

fn options(client: ClientOptions) -> Options {
    Options { utf8: client.utf8, ..Options::default() }
}

fn encode(command: &Command, messages: &[Vec<u8>], client: ClientOptions) -> Vec<u8> {
    let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    encode_command(command, &messages, client).concat()
}

/// Damages a stream at a few places.
fn damage(stream: &mut Vec<u8>, places: &[(prop::sample::Index, u8, u8)]) {
    for (place, kind, octet) in places {
        if stream.is_empty() {
            return;
        }
        let at = place.index(stream.len());
        match kind % 4 {
            0 => stream[at] = *octet,
            1 => stream.insert(at, *octet),
            2 => {
                stream.remove(at);
            }
            _ => stream.insert(at, b"\r\n{}+~()\"\\ *$0"[usize::from(*octet) % 14]),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn what_a_client_writes_is_read_as_it_was_meant((command, messages) in generate::command(), client in client()) {
        let stream = encode(&command, &messages, client);
        prop_assert_eq!(read(&stream, &options(client)), vec![Ok(Heard { command, messages })]);
    }

    #[test]
    fn commands_read_the_same_however_the_stream_is_cut(
        (first, messages) in generate::command(),
        client in client(),
        size in 1_usize..40,
    ) {
        let mut stream = encode(&first, &messages, client);
        stream.extend_from_slice(b"next NOOP\r\n");
        let whole = read(&stream, &options(client));
        prop_assert_eq!(whole.len(), 2);
        prop_assert_eq!(&read_chunks(stream.chunks(size), &options(client)), &whole);
        if stream.len() < 120 {
            for cut in 0..=stream.len() {
                prop_assert_eq!(&read_chunks([&stream[..cut], &stream[cut..]], &options(client)), &whole);
            }
        }
    }

    #[test]
    fn damaged_commands_make_nothing_fall_over(
        commands in vec(generate::command(), 1..4),
        client in client(),
        places in vec(any::<(prop::sample::Index, u8, u8)>(), 1..6),
        size in 1_usize..100,
    ) {
        let mut stream: Vec<u8> = commands.iter().flat_map(|(command, messages)| encode(command, messages, client)).collect();
        damage(&mut stream, &places);
        let whole = read(&stream, &options(client));
        prop_assert_eq!(read_chunks(stream.chunks(size), &options(client)), whole);
    }

    #[test]
    fn random_octets_make_nothing_fall_over(stream in vec(any::<u8>(), 0..400), tokens in vec(0_usize..20, 0..60)) {
        let words = ["a ", "UID ", "FETCH ", "SEARCH ", "APPEND ", "LIST ", "(", ")", "\"", "\\", "{3}\r\n", "{2+}\r\n", "~{1}\r\n", " ", "1:*", "BODY[", "]", "NOT ", "\r\n", "<0.1>"];
        let shaped: String = tokens.iter().map(|token| words[*token]).collect();
        for stream in [&stream[..], shaped.as_bytes()] {
            read(stream, &Options::default());
            let _ = Response::parse(stream, false);
            let _ = parse_sasl_line(stream);
        }
    }

    #[test]
    fn a_bad_line_never_spoils_the_next(line in "[ -~]{0,60}") {
        prop_assume!(!line.ends_with('}'));
        let heard = read(format!("{line}\r\nnext NOOP\r\n").as_bytes(), &Options::default());
        prop_assert_eq!(heard.len(), 2);
        prop_assert_eq!(heard[1].as_ref().unwrap().command.tag.as_str(), "next");
    }

    #[test]
    fn a_name_survives_both_encodings(name in generate::mailbox(), utf8 in any::<bool>()) {
        let mut out = Vec::new();
        ResponseWriter::new(&mut out, utf8).status(name.as_str(), &[]);
        let expected = Response::MailboxStatus { mailbox: name.to_string(), values: Vec::new() };
        prop_assert_eq!(Response::parse(out.strip_suffix(b"\r\n").unwrap(), utf8).unwrap(), expected);
    }
}
