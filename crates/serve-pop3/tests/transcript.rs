//! Plays a transcript against the server.
//!
//! A file holds scenes; each begins with `=== title` and has two members of its own, `{user}` and `{other}`. Lines of a scene:
//!
//! ```text
//! # comment
//! @ unknown                       no connection signs in by itself
//! @ C2 is other                   a connection signs in as the other member
//! @ message rfc1939.eml           is in the user's INBOX beforehand; the file's lines end with CRLF
//! @ bytes a\r\n.\n                likewise, from here
//! @ removed 2                     the second of these messages is removed, as if by IMAP
//! @ unique 2 0000abcd             the second of these messages was known by this id elsewhere
//! C: NOOP                         said by the first connection, with CRLF; C2: by the second, and so on
//! S: +OK …                        exactly one line comes; … stands for anything
//! S: <closed>                     the server has closed the connection
//! ```
//!
//! A connection is made when it is first named, and has read the greeting unless `@ unknown` was said. When a scene ends, every connection that is
//! open says QUIT, and nothing else may have been left to read.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use mail::messages::Added;
use store::Store;
use testkit_mail::matches;

use crate::office::{Colleague, Office, PASSWORD};
use crate::peer::Peer;

pub async fn play(store: Store, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let office = Office::open(store).await;
    let mut scene: Option<Scene> = None;
    for (at, line) in text.lines().enumerate() {
        let place = format!("{name}.txt:{}", at + 1);
        if let Some(title) = line.strip_prefix("=== ") {
            if let Some(scene) = scene.take() {
                scene.end().await;
            }
            scene = Some(Scene::begin(&office, format!("{place} \"{title}\"")).await);
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            let scene = scene.as_mut().unwrap_or_else(|| panic!("{place}: a scene begins with ==="));
            scene.place = place;
            scene.play(&office, line).await;
        }
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
    messages: Vec<Added>,
    peers: BTreeMap<u32, Option<Peer>>,
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
            messages: Vec::new(),
            peers: BTreeMap::new(),
        }
    }

    async fn play(&mut self, office: &Office, line: &str) {
        let line = self.filled(line);
        if let Some(directive) = line.strip_prefix("@ ") {
            return self.prepare(office, directive).await;
        }
        let marked = line.split_once(':').and_then(|(mark, text)| {
            let who = mark.get(..1)?;
            let number: u32 = if mark.len() == 1 { 1 } else { mark[1..].parse().ok()? };
            Some((who.to_owned(), number, text.strip_prefix(' ').unwrap_or("").to_owned()))
        });
        let Some((who, number, text)) = marked else { panic!("{}: not a line of a transcript: {line}", self.place) };
        match who.as_str() {
            "C" => self.peer(office, number).await.send(format!("{text}\r\n")).await,
            "S" => self.expect(office, number, &text).await,
            _ => panic!("{}: not a line of a transcript: {line}", self.place),
        }
    }

    fn filled(&self, line: &str) -> String {
        let base64 = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
        line.replace("{plain}", &base64(format!("\0{}\0{PASSWORD}", self.user.login)))
            .replace("{plain as other}", &base64(format!("{}\0{}\0{PASSWORD}", self.other.login, self.user.login)))
            .replace("{plain wrong}", &base64(format!("\0{}\0wrong", self.user.login)))
            .replace("{user}", &self.user.login)
            .replace("{other}", &self.other.login)
            .replace("{password}", PASSWORD)
    }

    async fn expect(&mut self, office: &Office, number: u32, pattern: &str) {
        let line = self.peer(office, number).await.line().await;
        if pattern == "<closed>" {
            assert_eq!(line, None, "{}: the connection is closed", self.place);
            self.peers.insert(number, None);
            return;
        }
        let line = line.unwrap_or_else(|| panic!("{}: the server closed, expected\n  {pattern}", self.place));
        assert!(matches(pattern, &line), "{}: expected\n  {pattern}\nand got\n  {line}", self.place);
    }

    async fn prepare(&mut self, office: &Office, directive: &str) {
        let (word, rest) = directive.split_once(' ').unwrap_or((directive, ""));
        let nth = |number: &str| number.parse::<usize>().ok().and_then(|number| self.messages.get(number.checked_sub(1)?)).copied();
        match word {
            "unknown" => self.signs_in = false,
            "message" => self.messages.push(office.append(&self.user, &message(rest)).await),
            "bytes" => {
                let octets = rest.replace("\\r", "\r").replace("\\n", "\n");
                self.messages.push(office.append(&self.user, octets.as_bytes()).await);
            }
            "removed" => office.remove(&self.user, nth(rest).expect("a message").uid).await,
            "unique" => {
                let (number, unique_id) = rest.split_once(' ').expect("a number and an id");
                office.set_unique_id(&self.user, nth(number).expect("a message").message, unique_id).await.unwrap();
            }
            _ => {
                let other = directive.strip_prefix('C').and_then(|rest| rest.strip_suffix(" is other"));
                let number = other.and_then(|number| number.parse().ok());
                self.as_other.push(number.unwrap_or_else(|| panic!("{}: unknown directive {directive}", self.place)));
            }
        }
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
            let answer = peer.ask("QUIT").await;
            let rest = peer.line().await;
            assert!(
                answer.starts_with("+OK") && rest.is_none(),
                "{}: connection {number} was left with\n  {answer}\n  {rest:?}",
                self.title
            );
        }
    }
}

/// A message with CRLF line ends, whatever the file has.
pub fn message(file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}
