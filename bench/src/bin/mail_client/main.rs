//! One client for every mail server: it loads a server by SMTP or LMTP, fills and reads mailboxes by IMAP, and says how long that took.
//!
//! `mail_client smtp|lmtp ADDRESS CLIENTS MESSAGES BYTES MAILBOXES DOMAIN PROBE`: sends MESSAGES in all, each to one of MAILBOXES mailboxes
//! `user0@DOMAIN` …, over CLIENTS connections, and waits until every message stands in its mailbox, which it asks the IMAP server at PROBE.
//! `mail_client append ADDRESS CONNECTIONS MESSAGES BYTES USER`: appends to the INBOX of USER.
//! `mail_client texts ADDRESS CONNECTIONS MESSAGES BYTES USER`: the same with messages of words, which can be searched for.
//! `mail_client search ADDRESS USER MESSAGES rare|common latin|chinese RUNS`: SELECT, and then SEARCH TEXT for a word of these; the best run counts.
//! `mail_client fetch ADDRESS USER COUNT RUNS`: SELECT and FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE), the best run counts.
//! `mail_client download ADDRESS USER COUNT RUNS`: SELECT and FETCH 1:* (BODY.PEEK[]), the best run counts.
//! `mail_client change ADDRESS USER COUNT mark|move|expunge OTHER`: changes every message of USER, while OTHER makes small changes and tells how long each took.
//! `mail_client fanout ADDRESS RECIPIENTS DOMAIN PROBE USER…`: one message to `colleague1@DOMAIN` and so on; waits until each USER has it.
//! `mail_client idle ADDRESS SESSIONS USERS DOMAIN PROCESS SECONDS`: so many sessions in IDLE under TLS, and the memory of PROCESS for each after so long.
//! `mail_client jmap ADDRESS USER REQUESTS [PROCESS]`: Email/query and Email/get of the first page of the inbox, by HTTP on one connection, for as long as PROCESS runs.
//!
//! Passwords stand in the file that `BENCH_PASSWORDS` names, a line `user:password` for each; all others have that of `BENCH_PASSWORD`. The last line
//! of each begins with `result `: messages, seconds, messages a second, and the processor seconds that the machine spent without those of this client:
//! those of the server, on a machine that does nothing else. `bench/mail.sh` makes tables of them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]
#![allow(clippy::disallowed_methods, reason = "a benchmark asks the real clock")]

mod changes;
mod delivery;
mod idle;
mod imap;
mod jmap;
mod mailbox;
mod peer;
mod stopwatch;
mod texts;

use delivery::Load;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument =
        |index: usize| arguments.get(index).unwrap_or_else(|| panic!("argument {index} is missing; see the first lines of this program"));
    let number = |index: usize| argument(index).parse::<usize>().expect("a number");
    match argument(0).as_str() {
        how @ ("smtp" | "lmtp") => delivery::send(&Load {
            lmtp: how == "lmtp",
            address: argument(1).clone(),
            clients: number(2),
            messages: number(3),
            bytes: number(4),
            mailboxes: number(5),
            domain: argument(6).clone(),
            probe: argument(7).clone(),
        }),
        "append" => mailbox::append(argument(1), number(2), number(3), number(4), argument(5), message),
        "texts" => mailbox::append(argument(1), number(2), number(3), number(4), argument(5), texts::message),
        "search" => mailbox::search(argument(1), argument(2), number(3), argument(4) == "rare", argument(5) == "chinese", number(6)),
        "fetch" => mailbox::fetch(argument(1), argument(2), "FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE", number(3), number(4)),
        "download" => mailbox::fetch(argument(1), argument(2), "BODY.PEEK[]", number(3), number(4)),
        "change" => changes::change(argument(1), argument(2), number(3), changes::Change::named(argument(4)), argument(5)),
        "fanout" => delivery::fan_out(argument(1), number(2), argument(3), argument(4), arguments.get(5..).unwrap_or_default()),
        "idle" => idle::idle(argument(1), number(2), number(3), argument(4), number(5) as u32, number(6) as u64),
        "jmap" => jmap::load(argument(1), argument(2), number(3), arguments.get(4).map(String::as_str)),
        other => panic!("there is no {other}"),
    }
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
