//! Plays a transcript against the server.
//!
//! A file holds scenes; each begins with `=== title` and has two members of its own, `{user}` and `{other}`. Lines of a scene:
//!
//! ```text
//! # comment
//! @ unknown                       the connection C does not sign in by itself
//! @ remote                        the same, and C comes from another machine
//! @ tls                           C goes on under TLS, after STARTTLS was answered
//! @ C2 is other                   a connection signs in as the other member
//! @ mailbox Work                  made beforehand
//! @ message INBOX (\Seen) "17-Jul-1996 02:44:25 -0700" rfc9051.eml       not \Recent for those who connect later
//! @ select INBOX                  C selects it, and the answer does not matter; `examine` likewise
//! @ enable IMAP4rev2              likewise
//! @ deflate                       what C says and hears from here on is compressed
//! C: a1 NOOP                      said by the first connection, with CRLF; C2: by the second, and so on
//! C: a2 APPEND INBOX {n}          a literal: its lines follow with C|, each with CRLF, and n is counted; after {n} the server is waited for
//! C| Subject: Hello               …
//! C+                              what follows the literal on the command's line; without this line, only CRLF
//! S: a1 OK …                      exactly one line comes; … stands for anything
//! S* a1 OK …                      lines are passed over until this one comes
//! S: <closed>                     the server has closed the connection
//! ```
//!
//! When a scene ends, every connection that is open says LOGOUT, and nothing else may have been left to read.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use store::Store;
use testkit_mail::matches;

use crate::office::{Colleague, Office, PASSWORD};
use crate::peer::Peer;

pub async fn play(store: Store, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut office = Office::open(store).await;
    let mut scene: Option<Scene> = None;
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let place = format!("{name}.txt:{}", at + 1);
        if let Some(title) = lines[at].strip_prefix("=== ") {
            if let Some(scene) = scene.take() {
                scene.end().await;
            }
            scene = Some(Scene::begin(&office, format!("{place} \"{title}\"")).await);
            at += 1;
            continue;
        }
        if lines[at].trim().is_empty() || lines[at].starts_with('#') {
            at += 1;
            continue;
        }
        let scene = scene.as_mut().unwrap_or_else(|| panic!("{place}: a scene begins with ==="));
        scene.place = place;
        at += scene.play(&office, &lines[at..]).await;
    }
    if let Some(scene) = scene {
        scene.end().await;
    }
    office.stop().await;
}

struct Scene {
    title: String,
    place: String,
    user: Colleague,
    other: Colleague,
    signs_in: bool,
    as_other: Vec<u32>,
    peers: BTreeMap<u32, Option<Peer>>,
    setter: Option<Peer>,
}

impl Scene {
    async fn begin(office: &Office, title: String) -> Self {
        Self {
            place: title.clone(),
            title,
            user: office.newcomer().await,
            other: office.newcomer().await,
            signs_in: true,
            as_other: Vec::new(),
            peers: BTreeMap::new(),
            setter: None,
        }
    }

    /// Plays what begins with the first of these lines; answers how many it took.
    async fn play(&mut self, office: &Office, lines: &[&str]) -> usize {
        let line = self.filled(lines[0]);
        if let Some(directive) = line.strip_prefix("@ ") {
            self.prepare(office, directive).await;
            return 1;
        }
        let marked = line.split_at_checked(1).and_then(|(who, rest)| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: u32 = if digits == 0 { 1 } else { rest[..digits].parse().ok()? };
            let mark = *rest.as_bytes().get(digits)?;
            Some((who.to_owned(), number, mark, rest[digits + 1..].strip_prefix(' ').unwrap_or("").to_owned()))
        });
        let Some((who, number, mark, text)) = marked else { panic!("{}: not a line of a transcript: {line}", self.place) };
        match (who.as_str(), mark) {
            ("C", b':') => return self.say(office, number, &text, &lines[1..]).await + 1,
            ("S", b':') => self.expect(office, number, &text).await,
            ("S", b'*') => self.skip_to(office, number, &text).await,
            _ => panic!("{}: not a line of a transcript: {line}", self.place),
        }
        1
    }

    fn filled(&self, line: &str) -> String {
        let plain = base64::engine::general_purpose::STANDARD.encode(format!("\0{}\0{PASSWORD}", self.user.login));
        line.replace("{plain}", &plain)
            .replace("{user}", &self.user.login)
            .replace("{other}", &self.other.login)
            .replace("{password}", PASSWORD)
    }

    async fn say(&mut self, office: &Office, number: u32, text: &str, following: &[&str]) -> usize {
        let place = self.place.clone();
        let mark = |kind: char| if number == 1 { format!("C{kind}") } else { format!("C{number}{kind}") };
        let (data_mark, more_mark) = (mark('|'), mark('+'));
        let mut text = text.to_owned();
        let mut taken = 0;
        loop {
            let waits = text.ends_with("{n}");
            if !waits && !text.ends_with("{n+}") {
                self.peer(office, number).await.send(format!("{text}\r\n")).await;
                return taken;
            }
            let mut data = String::new();
            while let Some(line) = following.get(taken).and_then(|line| line.strip_prefix(&data_mark)) {
                data.push_str(&self.filled(line.strip_prefix(' ').unwrap_or(line)));
                data.push_str("\r\n");
                taken += 1;
            }
            // A literal that is no text of lines is written with a trailing backslash.
            if let Some(bare) = data.strip_suffix("\\\r\n") {
                data.truncate(bare.len());
            }
            let head = text.trim_end_matches("{n}").trim_end_matches("{n+}").to_owned();
            let announced = if waits { format!("{head}{{{}}}\r\n", data.len()) } else { format!("{head}{{{}+}}\r\n", data.len()) };
            let peer = self.peer(office, number).await;
            peer.send(announced).await;
            if waits {
                let answer = peer.line().await;
                assert!(answer.as_deref().is_some_and(|line| line.starts_with('+')), "{place}: the literal was not asked for: {answer:?}");
            }
            peer.send(data).await;
            match following.get(taken).and_then(|line| line.strip_prefix(&more_mark)) {
                Some(more) => {
                    text = self.filled(more.strip_prefix(' ').unwrap_or(more));
                    taken += 1;
                }
                None => text = String::new(),
            }
        }
    }

    async fn expect(&mut self, office: &Office, number: u32, pattern: &str) {
        let line = self.peer(office, number).await.line().await;
        if pattern == "<closed>" {
            assert_eq!(line, None, "{}: the connection is closed", self.place);
            self.peers.insert(number, None);
            return;
        }
        let line = line.unwrap_or_else(|| panic!("{}: the server closed, expected\n  {pattern}", self.place));
        if !matches(pattern, &line) {
            panic!("{}: expected\n  {pattern}\nand got\n  {line}", self.place);
        }
    }

    async fn skip_to(&mut self, office: &Office, number: u32, pattern: &str) {
        let mut seen = Vec::new();
        while let Some(line) = self.peer(office, number).await.line().await {
            if matches(pattern, &line) {
                return;
            }
            // Another tagged answer means that the one looked for will not come.
            let tag = pattern.split(' ').next().unwrap_or_default();
            let ended = tag != "*" && line.starts_with(&format!("{tag} "));
            seen.push(line);
            if ended {
                break;
            }
        }
        panic!("{}: expected sometime\n  {pattern}\nand got\n  {}", self.place, seen.join("\n  "));
    }

    async fn prepare(&mut self, office: &Office, directive: &str) {
        let (word, rest) = directive.split_once(' ').unwrap_or((directive, ""));
        match word {
            "unknown" => self.signs_in = false,
            "remote" => {
                self.signs_in = false;
                self.peers.insert(1, Some(Peer::connect_from_afar(office).await));
            }
            "tls" => {
                let peer = self.peers.get_mut(&1).and_then(Option::take).expect("C has said something");
                self.peers.insert(1, Some(peer.start_tls(office).await));
            }
            "mailbox" => self.set(office, &format!("CREATE \"{rest}\"")).await,
            "message" => {
                let (arguments, file) = rest.rsplit_once(' ').unwrap_or_else(|| panic!("{}: @ message … file", self.place));
                let message = message(file);
                self.ensure_setter(office).await;
                let answer = self.setter.as_mut().unwrap().append(arguments, &message).await;
                assert!(answer.last().is_some_and(|line| line.starts_with("t OK")), "{}: {answer:?}", self.place);
                // Where nobody can hear of it before, somebody has.
                if self.peers.is_empty() {
                    let mailbox = arguments.split([' ', '(']).next().unwrap_or_default();
                    self.set(office, &format!("SELECT {mailbox}")).await;
                    self.set(office, "UNSELECT").await;
                }
            }
            "do" => self.set(office, rest).await,
            "select" | "examine" | "enable" => {
                let answer = self.peer(office, 1).await.ask(&format!("{} {rest}", word.to_uppercase())).await;
                assert!(answer.last().is_some_and(|line| line.starts_with("t OK")), "{}: {answer:?}", self.place);
            }
            "deflate" => {
                let peer = self.peers.get_mut(&1).and_then(Option::take).expect("C has said something");
                self.peers.insert(1, Some(peer.start_deflate()));
            }
            _ => {
                let other = directive.strip_prefix('C').and_then(|rest| rest.strip_suffix(" is other"));
                let number = other.and_then(|number| number.parse().ok());
                self.as_other.push(number.unwrap_or_else(|| panic!("{}: unknown directive {directive}", self.place)));
            }
        }
    }

    async fn ensure_setter(&mut self, office: &Office) {
        if self.setter.is_none() {
            self.setter = Some(Peer::signed_in(office, &self.user).await);
        }
    }

    async fn set(&mut self, office: &Office, command: &str) {
        self.ensure_setter(office).await;
        let answer = self.setter.as_mut().unwrap().ask(command).await;
        assert!(answer.last().is_some_and(|line| line.starts_with("t OK")), "{}: {answer:?}", self.place);
    }

    async fn peer(&mut self, office: &Office, number: u32) -> &mut Peer {
        if !self.peers.contains_key(&number) {
            let peer = if !self.signs_in {
                Peer::connect(office).await
            } else if self.as_other.contains(&number) {
                Peer::signed_in(office, &self.other).await
            } else {
                Peer::signed_in(office, &self.user).await
            };
            self.peers.insert(number, Some(peer));
        }
        let place = &self.place;
        self.peers.get_mut(&number).and_then(Option::as_mut).unwrap_or_else(|| panic!("{place}: this connection was closed"))
    }

    async fn end(self) {
        for (number, peer) in self.peers {
            let Some(mut peer) = peer else { continue };
            peer.send("end LOGOUT\r\n").await;
            let answer = peer.answer("end").await;
            let calm = answer.len() == 2 && answer[0].starts_with("* BYE") && answer[1].starts_with("end OK");
            assert!(calm, "{}: connection {number} was left with\n  {}", self.title, answer.join("\n  "));
        }
    }
}

/// A message with CRLF line ends, whatever the file has.
pub fn message(file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages").join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut message = Vec::with_capacity(bytes.len() + 64);
    for (index, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' && (index == 0 || bytes[index - 1] != b'\r') {
            message.push(b'\r');
        }
        message.push(*byte);
    }
    message
}
