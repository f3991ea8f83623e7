//! One client for every mail server: it loads a server by SMTP or LMTP, fills and reads mailboxes by IMAP, and says how long that took.
//!
//! `mail_client smtp|lmtp ADDRESS CLIENTS MESSAGES BYTES MAILBOXES DOMAIN PROBE`: sends MESSAGES in all, each to one of MAILBOXES mailboxes
//! `user0@DOMAIN` …, over CLIENTS connections, and waits until every message stands in its mailbox, which it asks the IMAP server at PROBE.
//! `mail_client append ADDRESS CONNECTIONS MESSAGES BYTES USER`: appends to the INBOX of USER.
//! `mail_client texts ADDRESS CONNECTIONS MESSAGES BYTES USER`: the same with messages of words, which can be searched for.
//! `mail_client search ADDRESS USER MESSAGES rare|common latin|chinese RUNS`: SELECT, and then SEARCH TEXT for a word of these; the best run counts.
//! `mail_client fetch ADDRESS USER COUNT RUNS`: SELECT and FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE), the best run counts.
//! `mail_client jmap ADDRESS USER REQUESTS`: Email/query and Email/get of the first page of the inbox, by HTTP on one connection.
//!
//! Passwords stand in the file that `BENCH_PASSWORDS` names, a line `user:password` for each; all others have that of `BENCH_PASSWORD`. The last line
//! of each begins with `result `: messages, seconds, messages a second, and the processor seconds that the machine spent without those of this client:
//! those of the server, on a machine that does nothing else. `bench/mail.sh` makes tables of them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]
#![allow(clippy::disallowed_methods, reason = "a benchmark asks the real clock")]

mod imap;
mod jmap;
mod peer;
mod stopwatch;
mod texts;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use imap::Imap;
use peer::Peer;
use stopwatch::{Measured, Stopwatch};

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
        "append" => append(argument(1), number(2), number(3), number(4), argument(5), message),
        "texts" => append(argument(1), number(2), number(3), number(4), argument(5), texts::message),
        "search" => search(argument(1), argument(2), number(3), argument(4) == "rare", argument(5) == "chinese", number(6)),
        "fetch" => fetch(argument(1), argument(2), number(3), number(4)),
        "jmap" => jmap::load(argument(1), argument(2), number(3)),
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

fn send(load: &Load) {
    let mut mailboxes: Vec<Imap> =
        (0..load.mailboxes).map(|index| Imap::sign_in(&load.probe, &format!("user{index}@{}", load.domain))).collect();
    let before: Vec<usize> = mailboxes.iter_mut().map(stored).collect();
    let next = Arc::new(AtomicUsize::new(0));
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        for client in 0..load.clients {
            let next = Arc::clone(&next);
            scope.spawn(move || one_sender(load, client, &next));
        }
    });
    let accepted = watch.elapsed();
    // Who queues has answered before the message is where it should be. One mailbox is asked at a time, now and then, so that asking costs little.
    for (index, (mailbox, before)) in mailboxes.iter_mut().zip(before).enumerate() {
        let wanted = before + (index..load.messages).step_by(load.mailboxes).count();
        let (mut arrived, mut idle) = (stored(mailbox), 0);
        while arrived < wanted {
            thread::sleep(Duration::from_millis(20));
            let now = stored(mailbox);
            idle = if now > arrived { 0 } else { idle + 1 };
            assert!(idle < 3000, "only {now} of {wanted} messages are in mailbox {index}");
            arrived = now;
        }
    }
    let measured = watch.stop(load.messages);
    println!("all accepted after {:.3} s, all in their mailboxes after {:.3} s", accepted.as_secs_f64(), measured.took.as_secs_f64());
    measured.print();
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

/// How many messages the mailbox holds.
fn stored(mailbox: &mut Imap) -> usize {
    let lines = mailbox.command("STATUS INBOX (MESSAGES)");
    let count = lines.iter().find_map(|line| line.split("MESSAGES ").nth(1)?.split(')').next()?.trim().parse::<usize>().ok());
    count.expect("a STATUS with MESSAGES")
}

fn append(address: &str, connections: usize, messages: usize, bytes: usize, user: &str, message: fn(&mut Chance, usize, usize) -> Vec<u8>) {
    let next = Arc::new(AtomicUsize::new(0));
    let watch = Stopwatch::start();
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
    watch.stop(messages).print();
}

fn fetch(address: &str, user: &str, count: usize, runs: usize) {
    let mut best: Option<Measured> = None;
    for _ in 0..runs {
        let mut imap = Imap::sign_in(address, user);
        let watch = Stopwatch::start();
        imap.command("SELECT INBOX");
        let (found, bytes) = imap.count_fetched("FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE)");
        let measured = watch.stop(count);
        assert_eq!(found, count, "the mailbox holds another number of messages");
        println!("{found} messages, {:.1} MiB, {:.3} s", bytes as f64 / 1_048_576.0, measured.took.as_secs_f64());
        if best.as_ref().is_none_or(|best| measured.took < best.took) {
            best = Some(measured);
        }
    }
    best.expect("at least one run").print();
}

fn search(address: &str, user: &str, messages: usize, is_rare: bool, is_chinese: bool, runs: usize) {
    let (words, every) = if is_rare { (texts::RARE, texts::RARE_EVERY) } else { (texts::COMMON, texts::COMMON_EVERY) };
    let word = words[usize::from(is_chinese)];
    let mut best: Option<Measured> = None;
    let mut imap = Imap::sign_in(address, user);
    imap.command("SELECT INBOX");
    for _ in 0..runs {
        let watch = Stopwatch::start();
        let lines = imap.command(&format!("SEARCH CHARSET UTF-8 TEXT {{{}+}}\r\n{word}", word.len()));
        let measured = watch.stop(1);
        let found = lines.iter().filter_map(|line| line.strip_prefix("* SEARCH")).flat_map(str::split_whitespace).count();
        assert_eq!(found, messages.div_ceil(every), "another number of messages has {word}");
        println!("{found} messages have {word}: {:.4} s", measured.took.as_secs_f64());
        if best.as_ref().is_none_or(|best| measured.took < best.took) {
            best = Some(measured);
        }
    }
    best.expect("at least one run").print();
}

/// Of the file that `BENCH_PASSWORDS` names, or else that of all.
fn password_of(user: &str) -> String {
    let file = std::env::var_os("BENCH_PASSWORDS").map(|path| std::fs::read_to_string(path).expect("a readable file of passwords"));
    let listed = file.as_deref().and_then(|file| file.lines().find_map(|line| line.strip_prefix(user)?.strip_prefix(':')));
    listed.map_or_else(|| std::env::var("BENCH_PASSWORD").expect("BENCH_PASSWORD"), str::to_owned)
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
