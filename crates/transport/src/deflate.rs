//! DEFLATE on a connection (RFC 4978): raw streams of RFC 1951 in both directions, each without an end.
//!
//! Nothing grows with what a client sends: what came in waits compressed, and is inflated a piece at a time. What compressing takes, some hundred kilobytes,
//! is given back when a wait gets long. The client does not notice: after a flush a stream may go on as if nothing had been said before.

use std::io;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What is inflated at a time. A client cannot make much of little: one octet may stand for a thousand.
const INFLATED_BYTES: usize = 16 << 10;
/// What is compressed at a time.
const PIECE_BYTES: usize = 32 << 10;
/// A buffer that grew beyond this is given back.
const KEPT_BYTES: usize = 16 << 10;

pub(crate) struct Deflate {
    incoming: Decompress,
    outgoing: Option<Box<Compress>>,
    /// What came and was not inflated yet, from `start` on.
    pub(crate) received: Vec<u8>,
    start: usize,
}

impl Deflate {
    pub(crate) fn new() -> Self {
        Self { incoming: Decompress::new(false), outgoing: None, received: Vec::new(), start: 0 }
    }

    /// Inflates some of what was received; answers how much there is more of. 0 asks for more to be received.
    pub(crate) fn inflate(&mut self, onto: &mut Vec<u8>) -> io::Result<usize> {
        let before = onto.len();
        let mut room = [0; INFLATED_BYTES];
        let (read, written) = (self.incoming.total_in(), self.incoming.total_out());
        let status = self
            .incoming
            .decompress(&self.received[self.start..], &mut room, FlushDecompress::None)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        self.start += (self.incoming.total_in() - read) as usize;
        onto.extend_from_slice(&room[..(self.incoming.total_out() - written) as usize]);
        if self.start == self.received.len() {
            self.start = 0;
            if self.received.capacity() > KEPT_BYTES { self.received = Vec::new() } else { self.received.clear() }
        }
        // The stream has no end; a client that writes one has nothing more to say.
        if status == Status::StreamEnd && onto.len() == before {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(onto.len() - before)
    }

    /// Pieces of what is to be sent, each as large as it is worth to be compressed at once.
    pub(crate) fn pieces(bytes: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
        let last = bytes.len().div_ceil(PIECE_BYTES).saturating_sub(1);
        bytes.chunks(PIECE_BYTES).enumerate().map(move |(index, piece)| (piece, index == last))
    }

    /// A piece compressed; with `is_last` everything said so far can be read from it.
    pub(crate) fn compress(&mut self, piece: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let compress = self.outgoing.get_or_insert_with(|| Box::new(Compress::new(Compression::fast(), false)));
        let flush = if is_last { FlushCompress::Sync } else { FlushCompress::None };
        let mut out = Vec::with_capacity(piece.len() / 2 + 64);
        let began = compress.total_in();
        loop {
            if out.len() == out.capacity() {
                out.reserve(piece.len() / 2 + 64);
            }
            let read = (compress.total_in() - began) as usize;
            let status = compress.compress_vec(&piece[read..], &mut out, flush).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            // Room that is left says that nothing is held back but what may be.
            let is_done = (compress.total_in() - began) as usize == piece.len() && out.len() < out.capacity();
            if is_done || status == Status::BufError && out.len() < out.capacity() {
                return Ok(out);
            }
        }
    }

    /// Whether there is something to be given back before a long wait.
    pub(crate) fn holds_memory(&self) -> bool {
        self.outgoing.is_some()
    }

    /// Gives it back. What was compressed so far was flushed.
    pub(crate) fn rest(&mut self) {
        self.outgoing = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(deflate: &mut Deflate, bytes: &[u8]) -> Vec<u8> {
        Deflate::pieces(bytes).flat_map(|(piece, is_last)| deflate.compress(piece, is_last).expect("compressed")).collect()
    }

    fn read(deflate: &mut Deflate, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        deflate.received.extend_from_slice(bytes);
        while deflate.inflate(&mut out).expect("inflated") > 0 {}
        out
    }

    /// Octets that do not compress.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 1_u64;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .take(count)
        .collect()
    }

    #[test]
    fn what_was_flushed_can_be_read_also_after_a_rest() {
        let (mut server, mut client) = (Deflate::new(), Deflate::new());
        for said in [&b"* OK hello\r\n"[..], b"x", &noise(200_000), &b"again and again ".repeat(50_000), b"* BYE\r\n"] {
            let octets = sent(&mut server, said);
            assert_eq!(read(&mut client, &octets), said);
            server.rest();
            assert!(!server.holds_memory());
        }
    }

    #[test]
    fn little_that_stands_for_much_is_inflated_a_piece_at_a_time() {
        let bomb = sent(&mut Deflate::new(), &vec![0; 50 << 20]);
        let mut server = Deflate::new();
        server.received = bomb;
        let (mut out, mut pieces) = (Vec::new(), 0);
        loop {
            out.clear();
            let more = server.inflate(&mut out).expect("inflated");
            assert!(more <= INFLATED_BYTES);
            if more == 0 {
                break;
            }
            pieces += 1;
        }
        assert!(pieces >= (50 << 20) / INFLATED_BYTES);
    }

    #[test]
    fn nonsense_and_an_end_are_errors() {
        let mut server = Deflate::new();
        server.received = vec![0xff; 100];
        assert!(server.inflate(&mut Vec::new()).is_err());
        let mut server = Deflate::new();
        // An empty last block.
        server.received = vec![0x03, 0x00];
        assert!(server.inflate(&mut Vec::new()).is_err());
    }
}
