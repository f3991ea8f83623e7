//! Whatever is said in a session before it is signed in and after: the session ends when the client has gone, nothing panics, and the server serves the next.

use super::{POP3_WORDS, said_in};
use crate::Target;
use crate::sites::{LOGIN, Line, PASSWORD, ServerUnderTest};

pub const TARGET: Target = Target {
    name: "pop3_session",
    corpus: || {
        let said = said_in("serve-pop3/tests/transcripts");
        said.into_iter().enumerate().map(|(number, said)| [&[b'0' + (number % 2) as u8][..], &said].concat()).collect()
    },
    words: POP3_WORDS,
    begin: || {
        let mut server = ServerUnderTest::new(Line::Pop3);
        Box::new(move |input| {
            let (state, input) = input.split_first().map_or((0, input), |(state, input)| (state % 2, input));
            let login = format!("USER {LOGIN}\r\nPASS {PASSWORD}\r\n");
            let before = if state == 0 { String::new() } else { login };
            server.say(&[before.as_bytes(), input].concat());
            let answer = server.say(b"CAPA\r\nQUIT\r\n");
            assert!(String::from_utf8_lossy(&answer).contains("\r\nUIDL\r\n"), "the next one is served");
        })
    },
};
