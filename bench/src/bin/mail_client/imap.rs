//! A session of IMAP, as far as loads need one.

use std::io::{BufRead, Read};

use crate::password_of;
use crate::peer::Peer;

pub struct Imap {
    peer: Peer,
    tag: usize,
}

impl Imap {
    pub fn sign_in(address: &str, user: &str) -> Self {
        let password = password_of(user);
        let mut imap = Self { peer: Peer::connect(address), tag: 0 };
        imap.peer.line();
        imap.command(&format!("LOGIN {user} {password}"));
        imap
    }

    /// The lines before the tagged OK.
    pub fn command(&mut self, command: &str) -> Vec<String> {
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

    pub fn append(&mut self, message: &[u8]) {
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
    pub fn count_fetched(&mut self, command: &str) -> (usize, usize) {
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
