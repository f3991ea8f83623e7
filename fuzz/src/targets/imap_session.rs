//! Whatever is said in a session before it is signed in, after, and with a mailbox selected: the session ends when the client has gone, nothing panics, and the
//! server serves the next.

use super::{IMAP_WORDS, said_in};
use crate::Target;
use crate::sites::{LOGIN, Line, PASSWORD, ServerUnderTest};

pub const TARGET: Target = Target {
    name: "imap_session",
    corpus: || {
        // The first octet says in which state the input comes.
        let said = said_in("serve-imap/tests/transcripts");
        said.into_iter().enumerate().map(|(number, said)| [&[b'0' + (number % 3) as u8][..], &said].concat()).collect()
    },
    words: IMAP_WORDS,
    begin: || {
        let mut server = ServerUnderTest::new(Line::Imap);
        Box::new(move |input| {
            let (state, input) = input.split_first().map_or((0, input), |(state, input)| (state % 3, input));
            let login = format!("p1 LOGIN {LOGIN} {PASSWORD}\r\n");
            let before = match state {
                0 => String::new(),
                1 => login,
                _ => format!("{login}p2 SELECT INBOX\r\n"),
            };
            server.say(&[before.as_bytes(), input].concat());
            if state > 0 {
                let answer = server.say(format!("{}p3 NOOP\r\n", before).as_bytes());
                assert!(String::from_utf8_lossy(&answer).contains("\r\np3 OK"), "the next one is served");
            }
        })
    },
};
