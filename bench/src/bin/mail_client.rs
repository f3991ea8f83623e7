//! One client for every mail server: it loads a server by SMTP or LMTP, fills and reads mailboxes by IMAP, and says how long that took.
//!
//! `mail_client smtp|lmtp ADDRESS CLIENTS MESSAGES BYTES MAILBOXES DOMAIN PROBE`: sends MESSAGES in all, each to one of MAILBOXES mailboxes
//! `user0@DOMAIN` …, over CLIENTS connections, and waits until every message stands in its mailbox, which it asks the IMAP server at PROBE.
//! `mail_client append ADDRESS CONNECTIONS MESSAGES BYTES USER`: appends to the INBOX of USER.
//! `mail_client fetch ADDRESS USER COUNT`: SELECT and FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE), three times, the best counts.
//! The password is that of the environment variable `BENCH_PASSWORD`. The last line of each begins with `result `: messages, seconds, messages a
//! second, and the processor seconds of this client, which `bench/mail.sh` takes off what the machine spent.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]
#![allow(clippy::disallowed_methods, reason = "a benchmark asks the real clock")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument =
        |index: usize| arguments.get(index).unwrap_or_else(|| panic!("argument {index} is missing; see the first lines of this program"));
    let number = |index: usize| argument(index).parse::<usize>().expect("a number");
    match argument(0).as_str() {
        how @ ("smtp" | "lmtp") => send(&Load {
            lmtp: how == "lmtp",
            address: argument(1).clone(),
            clients: number(2),
            messages: number(3),
            bytes: number(4),
            mailboxes: number(5),
            domain: argument(6).clone(),
            probe: argument(7).clone(),
        }),
        "append" => append(argument(1), number(2), number(3), number(4), argument(5)),
        "fetch" => fetch(argument(1), argument(2), number(3)),
        other => panic!("there is no {other}"),
    }
}

struct Load {
    lmtp: bool,
    address: String,
    clients: usize,
    messages: usize,
    bytes: usize,
    mailboxes: usize,
    domain: String,
    probe: String,
}

fn result(messages: usize, took: Duration) {
    let client = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let client = client.tv_sec as f64 + client.tv_nsec as f64 / 1e9;
    let secs = took.as_secs_f64();
    println!("result {messages} {secs:.3} {:.0} {client:.3}", messages as f64 / secs);
}

fn send(load: &Load) {
    let before = stored(load);
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    thread::scope(|scope| {
        for client in 0..load.clients {
            let next = Arc::clone(&next);
            scope.spawn(move || one_sender(load, client, &next));
        }
    });
    let accepted = began.elapsed();
    // Who queues has answered before the message is where it should be.
    while stored(load) < before + load.messages {
        thread::sleep(Duration::from_millis(20));
    }
    let took = began.elapsed();
    println!("all accepted after {:.3} s, all in their mailboxes after {:.3} s", accepted.as_secs_f64(), took.as_secs_f64());
    result(load.messages, took);
}

fn one_sender(load: &Load, client: usize, next: &AtomicUsize) {
    let mut peer = Peer::connect(&load.address);
    peer.reply("220");
    peer.say(if load.lmtp { "LHLO bench.test\r\n" } else { "EHLO bench.test\r\n" });
    peer.reply("250");
    let mut chance = Chance::new(client as u64 + 1);
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= load.messages {
            break;
        }
        let message = message(&mut chance, index, load.bytes);
        peer.say("MAIL FROM:<sender@elsewhere.test>\r\n");
        peer.reply("250");
        peer.say(&format!("RCPT TO:<user{}@{}>\r\n", index % load.mailboxes, load.domain));
        peer.reply("250");
        peer.say("DATA\r\n");
        peer.reply("354");
        peer.write(&message);
        peer.say(".\r\n");
        peer.reply("250");
    }
    peer.say("QUIT\r\n");
    peer.reply("221");
}

/// How many messages all mailboxes hold.
fn stored(load: &Load) -> usize {
    (0..load.mailboxes)
        .map(|index| {
            let mut imap = Imap::sign_in(&load.probe, &format!("user{index}@{}", load.domain));
            let lines = imap.command("STATUS INBOX (MESSAGES)");
            let count = lines.iter().find_map(|line| line.split("MESSAGES ").nth(1)?.split(')').next()?.trim().parse::<usize>().ok());
            count.expect("a STATUS with MESSAGES")
        })
        .sum()
}

fn append(address: &str, connections: usize, messages: usize, bytes: usize, user: &str) {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    thread::scope(|scope| {
        for connection in 0..connections {
            let next = Arc::clone(&next);
            scope.spawn(move || {
                let mut imap = Imap::sign_in(address, user);
                let mut chance = Chance::new(connection as u64 + 100);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= messages {
                        return;
                    }
                    imap.append(&message(&mut chance, index, bytes));
                }
            });
        }
    });
    result(messages, began.elapsed());
}

fn fetch(address: &str, user: &str, count: usize) {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let mut imap = Imap::sign_in(address, user);
        let began = Instant::now();
        imap.command("SELECT INBOX");
        let (found, bytes) = imap.count_fetched("FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE)");
        let took = began.elapsed();
        assert_eq!(found, count, "the mailbox holds another number of messages");
        println!("{found} messages, {:.1} MiB, {:.3} s", bytes as f64 / 1_048_576.0, took.as_secs_f64());
        best = best.min(took);
    }
    result(count, best);
}

/// A message with believable headers and a body that cannot be compressed.
fn message(chance: &mut Chance, index: usize, bytes: usize) -> Vec<u8> {
    let mut text = format!(
        "From: Sender <sender@elsewhere.test>\r\nTo: User <user@bench.test>\r\nSubject: Message number {index}\r\nDate: Sat, 21 Nov 2026 09:42:17 +0800\r\nMessage-ID: <{index}.{:016x}@elsewhere.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n",
        chance.next()
    )
    .into_bytes();
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while text.len() < bytes {
        let mut line = [0_u8; 78];
        for eight in line[..76].chunks_mut(8) {
            let value = chance.next();
            for (at, byte) in eight.iter_mut().enumerate() {
                *byte = LETTERS[(value >> (at * 6)) as usize & 63];
            }
        }
        line[76..].copy_from_slice(b"\r\n");
        text.extend_from_slice(&line);
    }
    text
}

/// Splitmix64: the same messages in every run.
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }
}

struct Peer {
    reader: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Peer {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        Self { reader: BufReader::with_capacity(256 * 1024, stream.try_clone().unwrap()), stream }
    }

    fn say(&mut self, text: &str) {
        self.write(text.as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).unwrap();
        assert!(!line.is_empty(), "the server hung up");
        String::from_utf8_lossy(&line).into_owned()
    }

    fn reply(&mut self, wanted: &str) {
        loop {
            let line = self.line();
            assert!(line.starts_with(wanted), "expected {wanted}, got {line}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return;
            }
        }
    }
}

struct Imap {
    peer: Peer,
    tag: usize,
}

impl Imap {
    fn sign_in(address: &str, user: &str) -> Self {
        let password = std::env::var("BENCH_PASSWORD").expect("BENCH_PASSWORD");
        let mut imap = Self { peer: Peer::connect(address), tag: 0 };
        imap.peer.line();
        imap.command(&format!("LOGIN {user} {password}"));
        imap
    }

    /// The lines before the tagged OK.
    fn command(&mut self, command: &str) -> Vec<String> {
        self.tag += 1;
        let tag = format!("a{} ", self.tag);
        self.peer.say(&format!("{tag}{command}\r\n"));
        let mut lines = Vec::new();
        loop {
            let line = self.peer.line();
            if let Some(answer) = line.strip_prefix(&tag) {
                assert!(answer.starts_with("OK"), "{command}: {answer}");
                return lines;
            }
            lines.push(line);
        }
    }

    fn append(&mut self, message: &[u8]) {
        self.tag += 1;
        let tag = format!("a{} ", self.tag);
        let mut bytes = format!("{tag}APPEND INBOX {{{}+}}\r\n", message.len()).into_bytes();
        bytes.extend_from_slice(message);
        bytes.extend_from_slice(b"\r\n");
        self.peer.write(&bytes);
        loop {
            let line = self.peer.line();
            if let Some(answer) = line.strip_prefix(&tag) {
                assert!(answer.starts_with("OK"), "APPEND: {answer}");
                return;
            }
        }
    }

    /// How many FETCH answers came, and how many bytes in all.
    fn count_fetched(&mut self, command: &str) -> (usize, usize) {
        self.tag += 1;
        let tag = format!("a{} OK", self.tag);
        self.peer.say(&format!("a{} {command}\r\n", self.tag));
        let (mut found, mut bytes, mut line) = (0, 0, Vec::new());
        loop {
            line.clear();
            bytes += self.peer.reader.read_until(b'\n', &mut line).unwrap();
            assert!(!line.is_empty(), "the server hung up");
            if line.starts_with(tag.as_bytes()) {
                return (found, bytes);
            }
            found += usize::from(line.starts_with(b"* ") && line.windows(8).any(|part| part == b" FETCH ("));
            // A literal may hold anything, also what looks like an answer.
            if line.ends_with(b"}\r\n") {
                let size = line[..line.len() - 3]
                    .rsplit(|byte| *byte == b'{')
                    .next()
                    .and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u64>().ok());
                if let Some(size) = size {
                    bytes += std::io::copy(&mut self.peer.reader.by_ref().take(size), &mut std::io::sink()).unwrap() as usize;
                }
            }
        }
    }
}

impl Drop for Imap {
    fn drop(&mut self) {
        let _ = self.peer.stream.shutdown(Shutdown::Both);
    }
}
