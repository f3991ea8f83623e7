//! Plays transcripts against the server.
//!
//! A file holds scenes; each begins with `=== title` and has connections of its own. Lines of a scene:
//!
//! ```text
//! # comment
//! @ mx                            the connection is to the MX (the default), `submission`, `submissions` or `lmtp`
//! @ greeted                       what comes first is passed over: the greeting and the answer to EHLO (LHLO)
//! @ signed in                     and the answer to AUTH, as li.na
//! @ tls                           TLS is taken up
//! C: EHLO client.test             said with CRLF; {plain name} is what PLAIN says for name with the right password, {base64 text} is Base64
//! C< QUIT\r\nNOOP\n               said as it stands; \r \n \0 \\ and \xHH are bytes
//! S: 250 2.0.0 OK                 exactly one line comes; … stands for anything
//! S* 250-…                        any number of such lines
//! S: <closed>                     the server has closed the connection
//! M: wang inbox 2                 so many messages lie in a mailbox by now
//! M| Subject: Hello               the newest message of that mailbox has this line
//! ```
//!
//! When a scene ends, nothing may have been left to read.

use std::path::Path;

use ::mail::mailboxes::Role;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serve_smtp::Kind;
use store::Store;
use testkit_mail::matches;

use crate::office::{Office, PASSWORD, plain};
use crate::peer::Peer;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

macro_rules! transcripts {
    ($($name:ident),* $(,)?) => {
        $(
            mod $name {
                #[testkit::test_each_engine]
                async fn is_played(store: store::Store) {
                    super::play(store, stringify!($name)).await;
                }
            }
        )*

        const PLAYED: &[&str] = &[$(stringify!($name)),*];
    };
}

transcripts! { auth, bdat, data, ehlo, expn, helo, help, lhlo, lines, mail, noop, pipelining, quit, rcpt, rfc5321, rset, starttls, vrfy }

#[test]
fn every_transcript_is_played() {
    let mut found: Vec<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    found.sort();
    assert_eq!(found, PLAYED);
}

async fn play(store: Store, name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap();
    let office = Office::open(store).await;
    let mut scene: Option<Scene> = None;
    for (number, line) in text.lines().enumerate() {
        let place = format!("{name}.txt:{}: {line}", number + 1);
        if line.starts_with("=== ") {
            if let Some(scene) = scene.take() {
                scene.end().await;
            }
            scene = Some(Scene { place, peer: None, kind: Kind::Mx, newest: String::new(), waiting: None });
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            let scene = scene.as_mut().unwrap_or_else(|| panic!("{place}: a scene begins with ==="));
            scene.place = place;
            scene.play(&office, line).await;
        }
    }
    if let Some(scene) = scene {
        scene.end().await;
    }
}

struct Scene {
    place: String,
    peer: Option<Peer>,
    kind: Kind,
    /// The message that `M|` looks at.
    newest: String,
    /// A line that came and was none of those that `S*` passes over.
    waiting: Option<String>,
}

impl Scene {
    async fn play(&mut self, office: &Office, line: &str) {
        let (mark, rest) = line.split_at(2);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "@ " => self.arrange(office, rest).await,
            "C:" => {
                let said = format!("{}\r\n", filled(rest));
                self.peer(office).await.send(said.as_bytes()).await;
            }
            "C<" => {
                let said = unescaped(&filled(rest));
                self.peer(office).await.send(&said).await;
            }
            "S:" => {
                let came = match self.waiting.take() {
                    Some(line) => Some(line),
                    None => self.peer(office).await.line().await,
                };
                let came = came.unwrap_or_else(|| "<closed>".to_owned());
                assert!(matches(rest, &came), "{}\n          came: {came}", self.place);
                if came == "<closed>" {
                    self.peer = None;
                }
            }
            "S*" => loop {
                let came = self.peer(office).await.line().await.unwrap_or_else(|| "<closed>".to_owned());
                if !matches(rest, &came) {
                    self.waiting = Some(came);
                    break;
                }
            },
            "M:" => self.look(office, rest).await,
            "M|" => {
                let found = self.newest.split("\r\n").any(|line| matches(rest, line));
                assert!(found, "{}\n          the message is:\n{}", self.place, self.newest);
            }
            _ => panic!("{}: not a line of a transcript", self.place),
        }
    }

    async fn peer(&mut self, office: &Office) -> &mut Peer {
        if self.peer.is_none() {
            self.peer = Some(office.connect(self.kind).await);
        }
        self.peer.as_mut().unwrap()
    }

    async fn arrange(&mut self, office: &Office, what: &str) {
        match what {
            "mx" => self.kind = Kind::Mx,
            "submission" => self.kind = Kind::Submission,
            "submissions" => self.kind = Kind::Submissions,
            "lmtp" => self.kind = Kind::Lmtp,
            "greeted" => self.peer = Some(office.greeted(self.kind).await),
            "signed in" => {
                let mut peer = office.greeted(self.kind).await;
                let said = peer.command(&format!("AUTH PLAIN {}", plain("li.na@example.test", PASSWORD))).await;
                assert!(said.starts_with("235 "), "{}: {said}", self.place);
                self.peer = Some(peer);
            }
            "tls" => {
                let peer = self.peer.take().expect("a connection");
                self.peer = Some(peer.secured(&office.certificate).await);
            }
            _ => panic!("{}: cannot be arranged", self.place),
        }
    }

    async fn look(&mut self, office: &Office, what: &str) {
        let mut words = what.split(' ');
        let (name, role, count) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let mail = office.mail(name, Role::parse(role).expect("a role")).await;
        assert_eq!(mail.len().to_string(), count, "{}", self.place);
        self.newest = mail.last().cloned().unwrap_or_default();
    }

    async fn end(mut self) {
        assert_eq!(self.waiting, None, "{}: came besides", self.place);
        if let Some(mut peer) = self.peer.take() {
            // Whatever is left comes before the answer to QUIT.
            let said = peer.command("QUIT").await;
            assert!(said.starts_with("221 "), "{}: came besides: {said}", self.place);
        }
    }
}

fn filled(text: &str) -> String {
    let Some((before, after)) = text.split_once('{') else { return text.to_owned() };
    let (inner, after) = after.split_once('}').expect("a closing brace");
    let (what, argument) = inner.split_once(' ').expect("an argument");
    let filling = match what {
        "plain" => plain(&format!("{argument}@example.test"), PASSWORD),
        "base64" => BASE64.encode(unescaped(argument)),
        "x" => "x".repeat(argument.parse().expect("a number")),
        _ => panic!("nothing fills {what}"),
    };
    format!("{before}{filling}{}", filled(after))
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match characters.next().expect("something is escaped") {
            'r' => bytes.push(b'\r'),
            'n' => bytes.push(b'\n'),
            '0' => bytes.push(0),
            '\\' => bytes.push(b'\\'),
            'x' => {
                let digits: String = characters.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("two digits"));
            }
            other => panic!("\\{other} means nothing"),
        }
    }
    bytes
}
