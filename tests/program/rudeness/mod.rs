//! Peers that are silent, never finish what they begin, or flood, on every listener at once: the server keeps its bounds, and others do not notice.

mod crowd;
mod reader;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::installation::{Installation, MailPorts, Server};

const PEERS_OF_A_KIND: usize = 40;
/// What a flooder sends if nobody stops it.
const FLOOD_BYTES: usize = 64 << 20;
/// Room for the debug build and its caches; a server that keeps what it is flooded with would need gigabytes.
const MAX_RESIDENT_MIB: u64 = 400;

/// Begins of something that never ends, in the words of each protocol, and of none.
const BEGINNINGS: [&[u8]; 9] = [
    b"",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{",
    b"EHLO slow.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<admin@example.test>\r\nDATA\r\nSubject: never",
    b"LHLO slow.test\r\nMAIL FROM:<",
    b"USER admin@example.test\r\nPASS ",
    b"a LOGIN {100000000}\r\n",
    b"a APPEND INBOX {4000000000+}\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
];

#[test]
fn slow_silent_and_flooding_peers_hold_nobody_up() {
    let installation = Installation::new().with_mail().set_up();
    let server = installation.serve();
    let mail = installation.mail();
    let ports = ports(&server, &mail);

    let mut idle = Vec::new();
    for port in ports {
        for number in 0..PEERS_OF_A_KIND {
            let mut stream = connect(port);
            // One that was refused at once has got its answer.
            let _ = stream.write_all(BEGINNINGS[number % BEGINNINGS.len()]);
            idle.push(stream);
        }
    }
    std::thread::scope(|scope| {
        let flooders: Vec<_> = ports.iter().map(|port| scope.spawn(move || flood(*port))).collect();
        for _ in 0..5 {
            assert_everybody_is_served(&server, &mail);
        }
        for flooder in flooders {
            flooder.join().unwrap();
        }
    });
    assert_everybody_is_served(&server, &mail);
    assert!(server.most_resident_mib() < MAX_RESIDENT_MIB, "{} MiB", server.most_resident_mib());
    drop(idle);
}

/// Everything that listens.
fn ports(server: &Server, mail: &MailPorts) -> [u16; 9] {
    let http = server.host.rsplit_once(':').unwrap().1.parse().unwrap();
    [http, mail.smtp, mail.submission, mail.submissions, mail.lmtp, mail.imap, mail.imaps, mail.pop3, mail.pop3s]
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    stream
}

/// Writes without ever reading, until the server has had enough.
fn flood(port: u16) {
    let mut stream = connect(port);
    let noise = [b'x'; 64 << 10];
    for _ in 0..FLOOD_BYTES / noise.len() {
        // Closed, or no longer read from.
        if stream.write_all(&noise).is_err() {
            return;
        }
    }
}

fn assert_everybody_is_served(server: &Server, mail: &MailPorts) {
    assert_eq!(server.get("/readyz").0, 200);
    let mut outside = Talk::new(mail.smtp);
    outside.expect("220 ");
    for (said, answered) in [
        ("HELO elsewhere.test", "250 "),
        ("MAIL FROM:<b@elsewhere.test>", "250 "),
        ("RCPT TO:<admin@example.test>", "250 "),
        ("DATA", "354 "),
        ("Subject: x\r\n\r\nx\r\n.", "250 "),
        ("QUIT", "221 "),
    ] {
        outside.say(said);
        outside.expect(answered);
    }
    let mut reader = Talk::new(mail.imap);
    reader.expect("* OK");
    reader.say("a LOGIN admin@example.test Correct-Horse-7");
    reader.expect("a OK");
    reader.say("b LOGOUT");
    reader.expect("* BYE");
    let mut fetcher = Talk::new(mail.pop3);
    fetcher.expect("+OK");
    for said in ["USER admin@example.test", "PASS Correct-Horse-7", "QUIT"] {
        fetcher.say(said);
        fetcher.expect("+OK");
    }
}

struct Talk(BufReader<TcpStream>);

impl Talk {
    fn new(port: u16) -> Self {
        let stream = connect(port);
        stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        Self(BufReader::new(stream))
    }

    fn say(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    fn expect(&mut self, begin: &str) {
        let line = self.line();
        assert!(line.starts_with(begin), "{line:?}");
    }

    /// A line; empty when the server has closed.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.by_ref().take(1 << 20).read_line(&mut line).unwrap();
        line
    }

    /// Passes over lines until one that begins so.
    fn until(&mut self, begin: &str) -> String {
        self.count_until(begin).1
    }

    fn count_until(&mut self, begin: &str) -> (usize, String) {
        let mut before = 0;
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "the server closed before {begin:?}");
            if line.starts_with(begin) {
                return (before, line);
            }
            before += 1;
        }
    }

    fn read_to_end(&mut self) -> String {
        let mut said = String::new();
        // A server that closes while something is on its way to it resets the connection.
        let _ = self.0.by_ref().take(1 << 20).read_to_string(&mut said);
        said
    }
}
