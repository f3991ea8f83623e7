//! The bytes of a message as they come: after DATA up to `CRLF . CRLF`, after BDAT by count.
//!
//! One buffer from the socket to the store: bytes are read into it, and what has to go (dots of RFC 5321 §4.5.2) is closed up in place, so that a
//! message without such lines is never moved. Only CRLF ends a line, only `CRLF . CRLF` ends the message. A CR or LF that stands alone, and a NUL,
//! condemn the message: other servers take them for line ends, and what one server reads as text another must not read as commands ("SMTP
//! smuggling"). A condemned message is read to its end, so that nothing of it is taken for commands, and kept no longer.

use std::sync::Arc;

use memchr::memchr3;

use crate::budget::{Budget, Reservation};

/// Why a message that came whole is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condemned {
    BareBytes,
    TooLarge,
    NoMemory,
}

/// How far a message has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    More,
    /// It is whole; so many bytes at the end of what was read came after it.
    Whole {
        after: usize,
    },
    /// Far beyond every limit, and no end in sight.
    Endless,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    LineStart,
    /// Behind a dot at the start of a line, which is not kept.
    Dot,
    /// Behind `.` and CR at the start of a line.
    DotCr,
    Line,
    /// Behind a CR that has to be followed by LF.
    Cr,
}

/// Room made at a time, at least.
const STEP_BYTES: usize = 16 << 10;
/// What is made room for on a client's word alone.
const TRUSTED_SIZE_BYTES: usize = 1 << 20;
/// What of a condemned message is borne beyond the limit, so that a peer that does not look at SIZE hears why.
const PATIENCE_BYTES: u64 = 64 << 20;

/// A message on its way in.
pub struct Body {
    bytes: Vec<u8>,
    /// How much of `bytes` was looked at; all of that is kept.
    kept: usize,
    place: Place,
    condemned: Option<Condemned>,
    limit: usize,
    /// Bytes of a condemned message that were thrown away.
    wasted: u64,
    is_whole: bool,
    reservation: Reservation,
}

/// A whole message, and its part of the memory that all of them share.
pub struct WholeMessage {
    pub bytes: Vec<u8>,
    pub reservation: Reservation,
}

impl Body {
    /// `announced` is what SIZE said.
    pub fn new(budget: &Arc<Budget>, limit: usize, announced: Option<u64>) -> Self {
        let mut body = Self {
            bytes: Vec::new(),
            kept: 0,
            place: Place::LineStart,
            condemned: None,
            limit,
            wasted: 0,
            is_whole: false,
            reservation: Reservation::none(budget),
        };
        let announced = announced.map_or(0, |size| usize::try_from(size).unwrap_or(usize::MAX)).min(TRUSTED_SIZE_BYTES);
        // The final dot and stuffing come on top of the announced size.
        body.make_room(announced + 64);
        body
    }

    /// Where the next bytes go, with room for some. [`came`](Self::came) tells of them.
    pub fn room(&mut self) -> &mut Vec<u8> {
        if self.bytes.capacity() - self.bytes.len() < 512 {
            let step = self.bytes.capacity().clamp(STEP_BYTES, 8 << 20);
            self.make_room(step);
        }
        &mut self.bytes
    }

    fn make_room(&mut self, more: usize) {
        let more = more.max(STEP_BYTES);
        let wanted = self.bytes.len() + more;
        if self.condemned.is_none() && !self.reservation.grow_to(wanted) {
            self.condemn(Condemned::NoMemory);
        }
        // A condemned message is read through a small buffer that is not counted.
        let wanted = if self.condemned.is_some() { STEP_BYTES } else { wanted };
        self.bytes.reserve_exact(wanted.saturating_sub(self.bytes.len()));
    }

    fn condemn(&mut self, why: Condemned) {
        // The first reason is the one to tell: what came after it was not looked at.
        if self.condemned.is_none() {
            self.condemned = Some(why);
        }
    }

    /// What DATA sent was put behind the kept bytes.
    pub fn came(&mut self) -> Progress {
        let end = self.bytes.len();
        let (mut from, mut to) = (self.kept, self.kept);
        let mut found = None;
        while from < end {
            match self.place {
                Place::LineStart if self.bytes[from] == b'.' => {
                    from += 1;
                    self.place = Place::Dot;
                }
                Place::LineStart => self.place = Place::Line,
                Place::Dot if self.bytes[from] == b'\r' => {
                    from += 1;
                    self.place = Place::DotCr;
                }
                Place::Dot => self.place = Place::Line,
                Place::DotCr if self.bytes[from] == b'\n' => {
                    from += 1;
                    found = Some(end - from);
                    break;
                }
                Place::DotCr => {
                    self.condemn(Condemned::BareBytes);
                    self.place = Place::Line;
                }
                Place::Cr if self.bytes[from] == b'\n' => {
                    to = self.keep(from..from + 1, to);
                    from += 1;
                    self.place = Place::LineStart;
                }
                Place::Cr => {
                    self.condemn(Condemned::BareBytes);
                    self.place = Place::Line;
                }
                Place::Line => {
                    let stop = memchr3(b'\r', b'\n', 0, &self.bytes[from..end]).map_or(end, |at| from + at + 1);
                    let last = self.bytes[stop - 1];
                    to = self.keep(from..stop, to);
                    from = stop;
                    match last {
                        b'\r' => self.place = Place::Cr,
                        b'\n' | 0 => self.condemn(Condemned::BareBytes),
                        _ => {}
                    }
                }
            }
        }
        match found {
            Some(after) => {
                // What came after is at the end of the buffer, for the caller to take before it takes the message.
                self.settle(to, end - after);
                self.is_whole = true;
                Progress::Whole { after }
            }
            None => {
                self.settle(to, end);
                self.read_on()
            }
        }
    }

    fn read_on(&mut self) -> Progress {
        self.bytes.truncate(self.kept);
        if self.condemned.is_some() && self.bytes.capacity() > 2 * STEP_BYTES {
            self.bytes = Vec::new();
        }
        if self.wasted > self.limit as u64 + PATIENCE_BYTES { Progress::Endless } else { Progress::More }
    }

    /// Closes up to `to` what lies at `range`, which is nothing to do as long as no dot went.
    fn keep(&mut self, range: std::ops::Range<usize>, to: usize) -> usize {
        let bytes = range.len();
        if to != range.start {
            self.bytes.copy_within(range, to);
        }
        to + bytes
    }

    /// `to` bytes are kept of what was read up to `end`.
    fn settle(&mut self, to: usize, end: usize) {
        if to > self.limit {
            self.condemn(Condemned::TooLarge);
        }
        if self.condemned.is_some() {
            self.wasted += (end - self.kept.min(end)) as u64;
            self.kept = 0;
            self.reservation.shrink_to(0);
        } else {
            self.kept = to;
        }
    }

    /// What followed the end of the message in the same packet.
    pub fn take_after(&mut self, after: usize) -> Vec<u8> {
        let rest = self.bytes.split_off(self.bytes.len() - after);
        self.bytes.truncate(self.kept);
        rest
    }

    /// Whether the end of DATA was seen.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Bytes of a chunk were put behind the kept ones; answers how many.
    pub fn chunk_came(&mut self) -> (usize, Progress) {
        let end = self.bytes.len();
        let came = end - self.kept;
        let mut from = self.kept;
        while from < end {
            if self.place == Place::Cr {
                if self.bytes[from] != b'\n' {
                    self.condemn(Condemned::BareBytes);
                    break;
                }
                from += 1;
                self.place = Place::Line;
                continue;
            }
            let Some(at) = memchr3(b'\r', b'\n', 0, &self.bytes[from..end]) else { break };
            from += at + 1;
            if self.bytes[from - 1] != b'\r' {
                self.condemn(Condemned::BareBytes);
                break;
            }
            self.place = Place::Cr;
        }
        self.settle(end, end);
        (came, self.read_on())
    }

    /// What the last chunk left is the message.
    pub fn end_of_chunks(&mut self) {
        if self.place == Place::Cr {
            self.condemn(Condemned::BareBytes);
        }
    }

    /// Whether the message is beyond help already.
    pub fn condemned(&self) -> Option<Condemned> {
        self.condemned
    }

    pub fn finish(self) -> Result<WholeMessage, Condemned> {
        match self.condemned {
            Some(why) => Err(why),
            None => Ok(WholeMessage { bytes: self.bytes, reservation: self.reservation }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Body {
        Body::new(&Budget::new(1 << 30), 1 << 20, None)
    }

    type Received = (Result<Vec<u8>, Condemned>, Vec<u8>);

    /// Feeds `sent` in pieces of `step` bytes; answers the message, and what came after it.
    fn receive(sent: &[u8], step: usize) -> Option<Received> {
        let mut body = body();
        let mut rest = sent;
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(step.min(rest.len()));
            rest = later;
            body.room().extend_from_slice(piece);
            if let Progress::Whole { after } = body.came() {
                let mut behind = body.take_after(after);
                behind.extend_from_slice(rest);
                return Some((body.finish().map(|whole| whole.bytes), behind));
            }
        }
        None
    }

    #[test]
    fn a_message_ends_at_the_dot_on_a_line_of_its_own_however_it_is_cut_into_packets() {
        let sent = b"Subject: x\r\n\r\n..dot\r\n...\r\n.x\r\nlast\r\n.\r\nQUIT\r\n";
        for step in 1..sent.len() {
            let (message, behind) = receive(sent, step).expect("whole");
            assert_eq!(message.unwrap(), b"Subject: x\r\n\r\n.dot\r\n..\r\nx\r\nlast\r\n", "in steps of {step}");
            assert_eq!(behind, b"QUIT\r\n");
        }
        assert_eq!(receive(b".\r\n", 1).unwrap().0.unwrap(), b"");
        assert_eq!(receive(b"\r\n.\r\n", 2).unwrap().0.unwrap(), b"\r\n");
        assert_eq!(receive(b"..\r\n.\r\n", 3).unwrap().0.unwrap(), b".\r\n");
    }

    /// Every form of a false end that is known to have fooled a server. None may end the message, and each condemns it.
    #[test]
    fn no_false_end_ends_a_message_and_each_condemns_it() {
        let false_ends: &[&[u8]] = &[
            b"\n.\n",
            b"\n.\r\n",
            b"\r.\r",
            b"\r\n.\r",
            b"\r\n.\n",
            b"\r.\r\n",
            b"\n.\r",
            b"\r.\n",
            b"\r\n\0.\r\n",
            b"\r\n.\0\r\n",
            b"\r\n\0.\0\r\n",
            b"\0\r\n.\n",
            b"\n\0.\r\n",
            b"\r\0\n.\r\n",
            b"\r\n.\r\0\n",
            b"\r\r\n.\r\r\n",
            b"\n\n.\n\n",
            b"\r\n.\r\r\n",
        ];
        for false_end in false_ends {
            let mut sent = b"Subject: x\r\n\r\ntext".to_vec();
            sent.extend_from_slice(false_end);
            sent.extend_from_slice(b"MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nsmuggled\r\n.\r\nQUIT\r\n");
            for step in [1, 2, 3, 5, 7, sent.len()] {
                let (message, behind) = receive(&sent, step).expect("the true end is found");
                assert_eq!(message, Err(Condemned::BareBytes), "{:?} in steps of {step}", false_end.escape_ascii().to_string());
                assert_eq!(behind, b"QUIT\r\n");
            }
        }
        // `CR LF . CR LF` with a CR before it is a bare CR and a true end.
        let (message, behind) = receive(b"text\r\r\n.\r\nQUIT\r\n", 4).unwrap();
        assert_eq!((message, behind), (Err(Condemned::BareBytes), b"QUIT\r\n".to_vec()));
    }

    #[test]
    fn a_message_without_dots_is_never_moved() {
        let mut body = body();
        body.room().extend_from_slice(b"Subject: x\r\n\r\nno dots at the start of lines\r\n.\r\n");
        let at = body.bytes.as_ptr();
        assert_eq!(body.came(), Progress::Whole { after: 0 });
        body.take_after(0);
        let Ok(whole) = body.finish() else { panic!("whole") };
        assert_eq!(whole.bytes.as_ptr(), at);
    }

    #[test]
    fn a_message_beyond_the_limit_is_read_to_its_end_and_not_kept() {
        let budget = Budget::new(1 << 30);
        let mut body = Body::new(&budget, 1000, None);
        for _ in 0..10_000 {
            body.room().extend_from_slice(&[b'x'; 1000]);
            assert_eq!(body.came(), Progress::More);
        }
        assert_eq!(budget.used(), 0);
        assert!(body.bytes.capacity() < 64 << 10);
        body.room().extend_from_slice(b"\r\n.\r\n");
        assert_eq!(body.came(), Progress::Whole { after: 0 });
        assert_eq!(body.finish().err(), Some(Condemned::TooLarge));
    }

    #[test]
    fn a_message_without_end_is_given_up() {
        let mut body = Body::new(&Budget::new(1 << 30), 1000, None);
        let block = vec![b'x'; 1 << 20];
        let given_up = (0..200).any(|_| {
            body.room().extend_from_slice(&block);
            body.came() == Progress::Endless
        });
        assert!(given_up);
    }

    #[test]
    fn memory_that_others_hold_is_not_taken() {
        let budget = Budget::new(40 << 10);
        let first = Body::new(&budget, 1 << 20, None);
        let second = Body::new(&budget, 1 << 20, None);
        let mut third = Body::new(&budget, 1 << 20, None);
        assert_eq!((first.condemned(), second.condemned(), third.condemned()), (None, None, Some(Condemned::NoMemory)));
        third.room().extend_from_slice(b"text\r\n.\r\n");
        assert_eq!(third.came(), Progress::Whole { after: 0 });
        drop((first, second, third));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn chunks_are_taken_as_they_are_and_checked_over_their_borders() {
        let take = |chunks: &[&[u8]]| {
            let mut body = body();
            for chunk in chunks {
                body.room().extend_from_slice(chunk);
                assert_eq!(body.chunk_came(), (chunk.len(), Progress::More));
            }
            body.end_of_chunks();
            body.finish().map(|whole| whole.bytes)
        };
        assert_eq!(take(&[b"a\r", b"\n.\r\n", b"..b"]).unwrap(), b"a\r\n.\r\n..b");
        assert_eq!(take(&[]).unwrap(), b"");
        for wrong in [&[&b"a\n"[..]][..], &[b"a\r", b"b"], &[b"a\r"], &[b"a\0"], &[b"\r\r\n"]] {
            assert_eq!(take(wrong), Err(Condemned::BareBytes), "{wrong:?}");
        }
    }
}
