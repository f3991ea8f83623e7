//! A server that is killed while mail comes, goes and changes: whatever it answered OK is there, once for each recipient, and nothing is half done.
//!
//! Each round starts the server, lets senders, submitters, appenders and flaggers work on it, kills it at a moment chance chooses, starts it again
//! and looks. `YANSHU_CRASH_ROUNDS` sets how many rounds; `make crash` runs many.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::installation::{Installation, MailPorts};

const READERS: usize = 4;

fn rounds() -> u64 {
    std::env::var("YANSHU_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// What the servers answered OK, kept apart from the server.
#[derive(Default)]
struct Acknowledged {
    /// Message-ID and the mailboxes it was taken for.
    delivered: BTreeMap<String, Vec<usize>>,
    /// Message-IDs taken by APPEND, and for whom.
    appended: BTreeMap<String, usize>,
    /// Message-IDs submitted for somebody outside.
    sent: BTreeSet<String>,
    /// Message-IDs flagged, with their reader.
    flagged: BTreeMap<String, usize>,
}

struct Scene {
    installation: Installation,
    ports: MailPorts,
    passwords: Vec<String>,
    acknowledged: Arc<Mutex<Acknowledged>>,
    /// How often each Message-ID arrived outside.
    outside: Arc<Mutex<BTreeMap<String, usize>>>,
}

fn address(reader: usize) -> String {
    format!("reader{reader}@example.test")
}

impl Scene {
    fn new(installation: Installation) -> Self {
        let outside: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let sink = sink(Arc::clone(&outside));
        let installation = installation
            .with_mail()
            .setting("YANSHU_OUTBOUND__SMART_HOST", &format!("127.0.0.1:{sink}"))
            .setting("YANSHU_OUTBOUND__SMART_HOST_SECURITY", "none")
            .setting("YANSHU_OUTBOUND__ALLOWED_NETWORKS", "[\"127.0.0.0/8\"]")
            .setting("YANSHU_SMTP__MESSAGES_PER_HOUR", "1000000")
            .setting("YANSHU_SMTP__RECIPIENTS_PER_HOUR", "1000000")
            .set_up();
        let passwords = (0..READERS)
            .map(|reader| {
                let to = address(reader);
                installation.json(&["member", "add", &format!("Reader {reader}"), "--org", "kn", "--address", &to], 0);
                let made = installation.json(&["member", "add-client-password", &to, "--org", "kn", "--name", "test"], 0);
                made["password"].as_str().unwrap().to_owned()
            })
            .collect();
        let ports = installation.mail();
        Self { installation, ports, passwords, acknowledged: Arc::default(), outside }
    }

    /// Everybody at work until the server dies under them.
    fn round(&self, round: u64) {
        let mut server = self.installation.serve();
        let over = AtomicBool::new(false);
        let counter = AtomicUsize::new(0);
        thread::scope(|scope| {
            for worker in 0..3 {
                let (over, counter) = (&over, &counter);
                scope.spawn(move || while !over.load(Ordering::Relaxed) && self.deliver(round, worker, counter).is_ok() {});
            }
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) && self.submit(round, &counter).is_ok() {
                    std::hint::spin_loop()
                }
            });
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) && self.append_and_flag(round, &counter).is_ok() {
                    std::hint::spin_loop()
                }
            });
            // Chance without a clock: another moment in each round, the same in each run.
            let moment = Duration::from_millis(60 + (round.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54));
            let began = Instant::now();
            while began.elapsed() < moment {
                thread::yield_now();
                thread::park_timeout(Duration::from_millis(5));
            }
            server.kill();
            over.store(true, Ordering::Relaxed);
        });
    }

    /// Mail from outside, now for one reader, now for several.
    fn deliver(&self, round: u64, worker: usize, counter: &AtomicUsize) -> Result<(), Gone> {
        let mut smtp = Line::connect(self.ports.smtp)?;
        smtp.expect("220")?;
        smtp.ask("EHLO elsewhere.test", "250")?;
        loop {
            let number = counter.fetch_add(1, Ordering::Relaxed);
            let id = format!("in.{round}.{worker}.{number}@elsewhere.test");
            let to: Vec<usize> = if number.is_multiple_of(3) { (0..READERS).collect() } else { vec![number % READERS] };
            smtp.ask("MAIL FROM:<sender@elsewhere.test>", "250")?;
            for reader in &to {
                smtp.ask(&format!("RCPT TO:<{}>", address(*reader)), "250")?;
            }
            smtp.ask("DATA", "354")?;
            smtp.ask(&(message(&id, "sender@elsewhere.test", "all@example.test") + "."), "250")?;
            self.acknowledged.lock().unwrap().delivered.insert(id, to);
        }
    }

    /// A reader writes to somebody outside and to a colleague.
    fn submit(&self, round: u64, counter: &AtomicUsize) -> Result<(), Gone> {
        let mut smtp = Line::connect(self.ports.submission)?;
        smtp.expect("220")?;
        smtp.ask("EHLO client.test", "250")?;
        let plain = base64(format!("\0{}\0{}", address(0), self.passwords[0]).as_bytes());
        smtp.ask(&format!("AUTH PLAIN {plain}"), "235")?;
        loop {
            let id = format!("out.{round}.{}@example.test", counter.fetch_add(1, Ordering::Relaxed));
            smtp.ask(&format!("MAIL FROM:<{}>", address(0)), "250")?;
            smtp.ask("RCPT TO:<friend@outside.test>", "250")?;
            smtp.ask(&format!("RCPT TO:<{}>", address(1)), "250")?;
            smtp.ask("DATA", "354")?;
            smtp.ask(&(message(&id, &address(0), "friend@outside.test") + "."), "250")?;
            let mut acknowledged = self.acknowledged.lock().unwrap();
            acknowledged.sent.insert(id.clone());
            acknowledged.delivered.insert(id, vec![1]);
        }
    }

    fn append_and_flag(&self, round: u64, counter: &AtomicUsize) -> Result<(), Gone> {
        let mut imap = Imap::sign_in(self.ports.imap, 2, &self.passwords[2])?;
        imap.command("SELECT INBOX")?;
        loop {
            let id = format!("app.{round}.{}@example.test", counter.fetch_add(1, Ordering::Relaxed));
            let text = message(&id, &address(2), &address(2));
            let answer = imap.command(&format!("APPEND INBOX {{{}+}}\r\n{text}", text.len()))?;
            self.acknowledged.lock().unwrap().appended.insert(id.clone(), 2);
            let uid = answer.last().and_then(|line| line.split("APPENDUID ").nth(1)?.split([' ', ']']).nth(1)?.parse::<u32>().ok());
            imap.command(&format!("UID STORE {} +FLAGS.SILENT (\\Flagged)", uid.expect("an OK to APPEND names the uid")))?;
            self.acknowledged.lock().unwrap().flagged.insert(id, 2);
        }
    }

    /// Everything that was answered OK is there, once; nothing is there twice; every table agrees with every other.
    fn look(&self) {
        let server = self.installation.serve();
        let acknowledged = self.acknowledged.lock().unwrap();
        wait_until("mail to many reaches everybody", || {
            let found: Vec<_> = (0..READERS).map(|reader| self.mailbox(reader)).collect();
            acknowledged.delivered.iter().all(|(id, to)| to.iter().all(|reader| found[*reader].contains_key(id)))
        });
        let found: Vec<_> = (0..READERS).map(|reader| self.mailbox(reader)).collect();
        for (reader, mailbox) in found.iter().enumerate() {
            for (id, (times, _)) in mailbox {
                assert_eq!(*times, 1, "{id} is there {times} times for reader {reader}");
            }
        }
        for (id, reader) in &acknowledged.appended {
            assert!(found[*reader].contains_key(id), "{id} was appended and is gone");
        }
        for (id, reader) in &acknowledged.flagged {
            assert!(found[*reader][id].1, "{id} was flagged and is not");
        }
        wait_until("everything that was submitted arrives outside", || {
            let outside = self.outside.lock().unwrap();
            acknowledged.sent.iter().all(|id| outside.contains_key(id))
        });
        assert_eq!(self.installation.json(&["verify"], 0)["sound"], true);
        drop(server);
    }

    /// How often each Message-ID stands in a reader's INBOX, and whether it is flagged.
    fn mailbox(&self, reader: usize) -> BTreeMap<String, (usize, bool)> {
        let mut imap = Imap::sign_in(self.ports.imap, reader, &self.passwords[reader]).expect("the server is up");
        imap.command("SELECT INBOX").expect("INBOX opens");
        let lines = imap.command("FETCH 1:* (FLAGS ENVELOPE)").unwrap_or_default();
        let mut found = BTreeMap::new();
        for line in lines.iter().filter(|line| line.contains(" FETCH (")) {
            let Some(id) = line.split("\"<").nth(1).and_then(|rest| rest.split(">\"").next()) else { continue };
            let entry = found.entry(id.to_owned()).or_insert((0, false));
            entry.0 += 1;
            entry.1 |= line.contains("\\Flagged");
        }
        found
    }
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "not so after a minute: {what}");
        thread::park_timeout(Duration::from_millis(50));
    }
}

fn message(id: &str, from: &str, to: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: {id}\r\nDate: Sun, 22 Nov 2026 08:00:00 +0800\r\nMessage-ID: <{id}>\r\n\r\n{}\r\n",
        "A line of text that is long enough to be one.\r\n".repeat(20)
    )
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let value = chunk.iter().fold(0_u32, |value, byte| (value << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(value >> (18 - 6 * place)) as usize & 63] as char;
            text.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

/// The connection ended, as it must when the server is killed.
#[derive(Debug)]
struct Gone;

struct Line {
    reader: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Line {
    fn connect(port: u16) -> Result<Self, Gone> {
        let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|_| Gone)?;
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Ok(Self { reader: BufReader::new(stream.try_clone().unwrap()), stream })
    }

    fn say(&mut self, text: &str) -> Result<(), Gone> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).map_err(|_| Gone)
    }

    fn line(&mut self) -> Result<String, Gone> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line) {
            Ok(0) => Err(Gone),
            Ok(_) if line.ends_with(b"\n") => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
            // Half a line is no answer.
            Ok(_) => Err(Gone),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => panic!("the server says nothing"),
            Err(_) => Err(Gone),
        }
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Gone> {
        loop {
            let line = self.line()?;
            assert!(line.starts_with(wanted), "expected {wanted}, got {line}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }

    fn ask(&mut self, command: &str, wanted: &str) -> Result<(), Gone> {
        self.say(command)?;
        self.expect(wanted)
    }
}

struct Imap {
    line: Line,
    tag: usize,
}

impl Imap {
    fn sign_in(port: u16, reader: usize, password: &str) -> Result<Self, Gone> {
        let mut imap = Self { line: Line::connect(port)?, tag: 0 };
        imap.line.line()?;
        imap.command(&format!("LOGIN {} {password}", address(reader)))?;
        Ok(imap)
    }

    /// The lines of the answer; the last is the tagged OK.
    fn command(&mut self, command: &str) -> Result<Vec<String>, Gone> {
        self.tag += 1;
        let tag = format!("a{} ", self.tag);
        self.line.say(&format!("{tag}{command}"))?;
        let mut lines = Vec::new();
        loop {
            let line = self.line.line()?;
            let ended = line.starts_with(&tag);
            assert!(!ended || line[tag.len()..].starts_with("OK"), "{command}: {line}");
            lines.push(line);
            if ended {
                return Ok(lines);
            }
        }
    }
}

/// A mail server outside that takes everything and counts it; answers its port.
fn sink(outside: Arc<Mutex<BTreeMap<String, usize>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let outside = Arc::clone(&outside);
            thread::spawn(move || take_mail(stream, &outside));
        }
    });
    port
}

fn take_mail(mut stream: TcpStream, outside: &Mutex<BTreeMap<String, usize>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let answer = |stream: &mut TcpStream, text: &str| stream.write_all(text.as_bytes()).is_ok();
    if !answer(&mut stream, "220 sink.test\r\n") {
        return;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 0) {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let went_on = match verb.as_str() {
            "EHLO" => answer(&mut stream, "250-sink.test\r\n250 8BITMIME\r\n"),
            "DATA" => {
                answer(&mut stream, "354 go on\r\n");
                let mut id = None;
                let mut text = String::new();
                while reader.read_line(&mut text).is_ok_and(|count| count > 0) && text != ".\r\n" {
                    if let Some(found) = text.strip_prefix("Message-ID: <") {
                        id = found.split('>').next().map(str::to_owned);
                    }
                    text.clear();
                }
                if text != ".\r\n" {
                    return;
                }
                *outside.lock().unwrap().entry(id.unwrap_or_default()).or_default() += 1;
                answer(&mut stream, "250 taken\r\n")
            }
            "QUIT" => {
                answer(&mut stream, "221 bye\r\n");
                return;
            }
            _ => answer(&mut stream, "250 ok\r\n"),
        };
        if !went_on {
            return;
        }
        line.clear();
    }
}

fn killed_again_and_again(installation: Installation) {
    let scene = Scene::new(installation);
    let rounds = rounds();
    for round in 0..rounds {
        scene.round(round);
        // Looking takes longer the more there is, so not after every round.
        if round % 5 == 4 || round + 1 == rounds {
            scene.look();
        }
    }
    let acknowledged = scene.acknowledged.lock().unwrap();
    assert!(!acknowledged.delivered.is_empty() && !acknowledged.appended.is_empty() && !acknowledged.sent.is_empty());
    let outside = scene.outside.lock().unwrap();
    let twice: usize = outside.values().map(|times| times - 1).sum();
    println!(
        "{rounds} kills: {} deliveries, {} appended, {} sent out, {twice} of these twice",
        acknowledged.delivered.len(),
        acknowledged.appended.len(),
        acknowledged.sent.len()
    );
    // Only what was between the next hop's 250 and our commit at the moment of a kill may come again: one for each connection.
    assert!(twice as u64 <= rounds * 4, "{twice} came twice");
}

#[test]
fn what_was_answered_ok_is_there_once_after_kills_on_sqlite() {
    killed_again_and_again(Installation::new());
}

#[test]
fn what_was_answered_ok_is_there_once_after_kills_on_postgresql() {
    if let Some(installation) = Installation::on_postgres() {
        killed_again_and_again(installation);
    }
}
