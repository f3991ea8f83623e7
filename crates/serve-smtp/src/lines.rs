//! Command lines out of what a client sends. Only CRLF ends one; a CR, LF or NUL elsewhere spoils its line and nothing else.

use memchr::memchr3;
use zeroize::Zeroize;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet; read on.
    More,
    /// A line, without its CRLF.
    Line(Vec<u8>),
    /// It is longer than a command may be; the rest of it will be skipped.
    TooLong,
    /// It holds a CR, LF or NUL; the rest of it, up to a CRLF, will be skipped.
    Bare,
    /// What is skipped has no end.
    Endless,
}

/// What may be skipped before the client is given up.
const MAX_SKIPPED_BYTES: usize = 256 << 10;
/// Buffers up to this size are kept while the client is waited for.
const KEPT_BYTES: usize = 4 << 10;

#[derive(Default)]
pub struct Lines {
    buffer: Vec<u8>,
    start: usize,
    /// How far past `start` no end of line was found.
    scanned: usize,
    /// Bytes of a spoilt line that were thrown away.
    skipped: Option<usize>,
}

impl Lines {
    /// Where bytes from the client go.
    pub fn room(&mut self) -> &mut Vec<u8> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        if self.buffer.capacity() - self.buffer.len() < 256 {
            self.buffer.reserve_exact(1 << 10);
        }
        &mut self.buffer
    }

    /// Gives memory back before a wait.
    pub fn rest(&mut self) {
        if self.is_empty() && self.buffer.capacity() > KEPT_BYTES {
            *self = Self { skipped: self.skipped, ..Self::default() };
        }
    }

    /// Whether nothing came that was not taken.
    pub fn is_empty(&self) -> bool {
        self.start == self.buffer.len()
    }

    /// Whether a client waits for more than a line to end.
    pub fn is_within_line(&self) -> bool {
        !self.is_empty() || self.skipped.is_some()
    }

    /// Forgets all that came, and wipes it.
    pub fn clear(&mut self) {
        self.buffer.zeroize();
        *self = Self::default();
    }

    /// Takes up to `most` bytes of what came, for the body of a message.
    pub fn take(&mut self, most: usize) -> &[u8] {
        let from = self.start;
        self.start = (from + most).min(self.buffer.len());
        self.scanned = 0;
        &self.buffer[from..self.start]
    }

    /// The next line of at most `limit(line so far)` bytes.
    pub fn next(&mut self, limit: impl FnOnce(&[u8]) -> usize) -> Next {
        loop {
            let waiting = &self.buffer[self.start..];
            if let Some(skipped) = self.skipped {
                match memchr::memmem::find(waiting, b"\r\n") {
                    Some(at) => {
                        self.consume(at + 2);
                        self.skipped = None;
                        continue;
                    }
                    None => {
                        // A CR at the end may be half of the CRLF that is looked for.
                        let gone = waiting.len() - usize::from(waiting.last() == Some(&b'\r'));
                        let skipped = skipped + gone;
                        self.consume(gone);
                        self.skipped = Some(skipped);
                        return if skipped > MAX_SKIPPED_BYTES { Next::Endless } else { Next::More };
                    }
                }
            }
            let Some(at) = memchr3(b'\r', b'\n', 0, &waiting[self.scanned..]).map(|at| at + self.scanned) else {
                if waiting.len() > limit(waiting) {
                    return self.spoil(waiting.len(), Next::TooLong);
                }
                self.scanned = waiting.len();
                return Next::More;
            };
            if at > limit(&waiting[..at]) {
                return self.spoil(at, Next::TooLong);
            }
            return match (waiting[at], waiting.get(at + 1)) {
                (b'\r', Some(b'\n')) => {
                    let line = waiting[..at].to_vec();
                    self.consume(at + 2);
                    Next::Line(line)
                }
                (b'\r', None) => {
                    self.scanned = at;
                    Next::More
                }
                _ => self.spoil(at + 1, Next::Bare),
            };
        }
    }

    fn spoil(&mut self, bytes: usize, what: Next) -> Next {
        self.consume(bytes);
        self.skipped = Some(0);
        what
    }

    fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        self.scanned = 0;
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: &[u8], step: usize) -> Vec<Next> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in sent.chunks(step) {
            lines.room().extend_from_slice(piece);
            loop {
                match lines.next(|_| 20) {
                    Next::More => break,
                    next => found.push(next),
                }
            }
        }
        found
    }

    #[test]
    fn only_crlf_ends_a_line_and_a_spoilt_one_does_not_spoil_the_next() {
        let line = |text: &str| Next::Line(text.as_bytes().to_vec());
        for (sent, expected) in [
            (&b"NOOP\r\nQUIT\r\n"[..], vec![line("NOOP"), line("QUIT")]),
            (b"\r\n", vec![line("")]),
            (b"NOOP\nMAIL\nx\r\nQUIT\r\n", vec![Next::Bare, line("QUIT")]),
            (b"NOOP\rMAIL\r\nQUIT\r\n", vec![Next::Bare, line("QUIT")]),
            (b"NO\0OP\r\nQUIT\r\n", vec![Next::Bare, line("QUIT")]),
            (b"NOOP\r\r\nQUIT\r\n", vec![Next::Bare, line("QUIT")]),
            (b"xxxxxxxxxxxxxxxxxxxxx\r\nQUIT\r\n", vec![Next::TooLong, line("QUIT")]),
            (b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nQUIT\r\nQUIT\r\n", vec![Next::TooLong, line("QUIT")]),
        ] {
            for step in 1..=sent.len() {
                assert_eq!(read(sent, step), expected, "{:?} in steps of {step}", sent.escape_ascii().to_string());
            }
        }
    }

    #[test]
    fn a_line_without_end_is_given_up_and_costs_no_memory() {
        let mut lines = Lines::default();
        let mut last = Next::More;
        for _ in 0..1000 {
            lines.room().extend_from_slice(&[b'x'; 1000]);
            last = lines.next(|_| 20);
            if last == Next::Endless {
                break;
            }
        }
        assert_eq!(last, Next::Endless);
        assert!(lines.buffer.capacity() < 16 << 10);
    }
}
