//! Clients of the mail protocols that tell apart a server that is gone from one that refuses.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Why a conversation ended.
#[derive(Debug)]
pub enum Trouble {
    /// The connection ended, as it must when the server is killed.
    Gone,
    /// The server answered, and not with what was asked for.
    Refused(String),
}

pub struct Line {
    reader: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Line {
    pub fn connect(port: u16) -> Result<Self, Trouble> {
        let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|_| Trouble::Gone)?;
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        Ok(Self { reader: BufReader::new(stream.try_clone().unwrap()), stream })
    }

    pub fn say(&mut self, text: &str) -> Result<(), Trouble> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).map_err(|_| Trouble::Gone)
    }

    pub fn line(&mut self) -> Result<String, Trouble> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line) {
            Ok(0) => Err(Trouble::Gone),
            Ok(_) if line.ends_with(b"\n") => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
            // Half a line is no answer.
            Ok(_) => Err(Trouble::Gone),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => panic!("the server says nothing"),
            Err(_) => Err(Trouble::Gone),
        }
    }

    /// An SMTP reply, which may have several lines.
    pub fn expect(&mut self, wanted: &str) -> Result<(), Trouble> {
        loop {
            let line = self.line()?;
            if !line.starts_with(wanted) {
                return Err(Trouble::Refused(line));
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }

    pub fn ask(&mut self, command: &str, wanted: &str) -> Result<(), Trouble> {
        self.say(command)?;
        self.expect(wanted)
    }
}

pub struct Imap {
    line: Line,
    tag: usize,
}

impl Imap {
    pub fn sign_in(port: u16, address: &str, password: &str) -> Result<Self, Trouble> {
        let mut imap = Self { line: Line::connect(port)?, tag: 0 };
        let greeting = imap.line.line()?;
        if !greeting.starts_with("* OK") {
            return Err(Trouble::Refused(greeting));
        }
        imap.command(&format!("LOGIN {address} {password}"))?;
        Ok(imap)
    }

    /// The lines of the answer; the last is the tagged OK.
    pub fn command(&mut self, command: &str) -> Result<Vec<String>, Trouble> {
        self.tag += 1;
        let tag = format!("a{} ", self.tag);
        self.line.say(&format!("{tag}{command}"))?;
        let mut lines = Vec::new();
        loop {
            let line = self.line.line()?;
            let ended = line.starts_with(&tag);
            if line.starts_with("* BYE") || ended && !line[tag.len()..].starts_with("OK") {
                return Err(Trouble::Refused(format!("{command:.40}: {line}")));
            }
            lines.push(line);
            if ended {
                return Ok(lines);
            }
        }
    }
}

/// The words behind a response code, such as `APPENDUID`.
pub fn code<'a>(lines: &'a [String], name: &str) -> Option<Vec<&'a str>> {
    let line = lines.iter().find(|line| line.contains(&format!("[{name} ")))?;
    let inside = line.split_once(&format!("[{name} "))?.1.split(']').next()?;
    Some(inside.split(' ').collect())
}

/// The numbers of a set such as `2:4,7`.
pub fn numbers(set: &str) -> Vec<u32> {
    let number = |text: &str| text.parse::<u32>().unwrap();
    set.split(',')
        .flat_map(|part| match part.split_once(':') {
            Some((first, last)) => number(first).min(number(last))..=number(first).max(number(last)),
            None => number(part)..=number(part),
        })
        .collect()
}

pub fn message(id: &str, from: &str, to: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: {id}\r\nDate: Sun, 22 Nov 2026 08:00:00 +0800\r\nMessage-ID: <{id}>\r\n\r\n{}\r\n",
        "A line of text that is long enough to be one.\r\n".repeat(20)
    )
}

pub fn base64(bytes: &[u8]) -> String {
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
