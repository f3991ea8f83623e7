//! Where one response ends and the next begins, for our own clients. RFC 9051 §2.2

use crate::framer::lines;
use crate::{Response, SyntaxError, SyntaxErrorKind, parse};

/// Cuts what a server says into responses.
#[derive(Debug)]
pub struct ResponseFramer {
    max_bytes: usize,
    buffer: Vec<u8>,
    line_start: usize,
    /// Of a literal under way.
    remaining: usize,
    finished: bool,
}

impl ResponseFramer {
    /// Responses beyond `max_bytes` are an error, after which the connection is of no use.
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, buffer: Vec::new(), line_start: 0, remaining: 0, finished: false }
    }

    /// A whole response without its last line end; `None` when all input was taken and more is needed.
    pub fn feed(&mut self, input: &mut &[u8]) -> Result<Option<&[u8]>, SyntaxError> {
        if std::mem::take(&mut self.finished) {
            self.buffer.clear();
            self.line_start = 0;
        }
        loop {
            let literal = lines::take(input, self.remaining as u64);
            self.remaining -= literal.len();
            self.buffer.extend_from_slice(literal);
            if !literal.is_empty() {
                self.line_start = self.buffer.len();
            }
            if self.remaining > 0 {
                return Ok(None);
            }
            let line = lines::take_line(input);
            let ended = line.is_some();
            self.buffer.extend_from_slice(line.unwrap_or_else(|| std::mem::take(input)));
            let announced = if ended && !is_text(&self.buffer) {
                lines::announcement(lines::without_line_end(&self.buffer[self.line_start..]))
            } else {
                None
            };
            let remaining = announced.map_or(0, |announced| usize::try_from(announced.size).unwrap_or(usize::MAX));
            if self.buffer.len().saturating_add(remaining) > self.max_bytes {
                return Err(SyntaxError { tag: None, kind: SyntaxErrorKind::TooLarge, expected: "the response", at: self.buffer.len() });
            }
            if !ended {
                return Ok(None);
            }
            if announced.is_none() {
                let length = lines::without_line_end(&self.buffer).len();
                self.buffer.truncate(length);
                self.finished = true;
                return Ok(Some(&self.buffer));
            }
            self.remaining = remaining;
            self.line_start = self.buffer.len();
        }
    }
}

/// Whether the response ends in text for people, in which nothing is a literal.
fn is_text(response: &[u8]) -> bool {
    let mut words = response.splitn(3, |octet| *octet == b' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let conditions: [&[u8]; 5] = [b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"];
    first.first() == Some(&b'+') || conditions.iter().any(|condition| second.eq_ignore_ascii_case(condition))
}

impl Response {
    /// From what [`ResponseFramer::feed`] gave. `utf8` as the session has agreed.
    pub fn parse(octets: &[u8], utf8: bool) -> Result<Self, SyntaxError> {
        parse::response(octets, utf8)
    }
}
