//! Octets become lines of a bounded length.

/// RFC 2449 §4 asks for 255; a line of AUTH (RFC 5034) holds the base64 of a name and a password besides.
pub const MAX_LINE_BYTES: usize = 2048;

/// What a look at the octets came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    NeedMore,
    /// Without its end.
    Line(&'a [u8]),
    /// Told once; the rest of the line is passed over.
    TooLong,
}

/// Cuts a stream into lines, which end with LF; a CR before it belongs to the end.
#[derive(Debug, Default)]
pub struct Lines {
    /// How much of a line that is too long was passed over.
    skipped: Option<u64>,
}

impl Lines {
    /// Takes the next line off `input`. Octets without an end stay there, at most [`MAX_LINE_BYTES`] of them.
    pub fn feed<'a>(&mut self, input: &mut &'a [u8]) -> Frame<'a> {
        loop {
            let end = memchr::memchr(b'\n', input);
            if let Some(skipped) = self.skipped {
                let passed = end.map_or(input.len(), |end| end + 1);
                *input = &input[passed..];
                self.skipped = end.is_none().then_some(skipped + passed as u64);
                if end.is_none() {
                    return Frame::NeedMore;
                }
                continue;
            }
            match end {
                Some(end) if end <= MAX_LINE_BYTES => {
                    let line = &input[..end];
                    *input = &input[end + 1..];
                    return Frame::Line(line.strip_suffix(b"\r").unwrap_or(line));
                }
                None if input.len() <= MAX_LINE_BYTES => return Frame::NeedMore,
                _ => {
                    self.skipped = Some(0);
                    return Frame::TooLong;
                }
            }
        }
    }

    /// How much of a line without end was passed over so far; 0 between such lines.
    pub fn skipped(&self) -> u64 {
        self.skipped.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of a stream that comes in steps; `None` is one that is too long.
    fn cut(stream: &[u8], step: usize) -> Vec<Option<Vec<u8>>> {
        let (mut lines, mut kept, mut cut) = (Lines::default(), Vec::new(), Vec::new());
        for chunk in stream.chunks(step) {
            kept.extend_from_slice(chunk);
            let mut input = &kept[..];
            loop {
                match lines.feed(&mut input) {
                    Frame::NeedMore => break,
                    Frame::Line(line) => cut.push(Some(line.to_vec())),
                    Frame::TooLong => cut.push(None),
                }
            }
            kept = input.to_vec();
            assert!(kept.len() <= MAX_LINE_BYTES + 1);
        }
        cut
    }

    #[test]
    fn lines_end_with_lf_and_a_cr_before_it_is_no_part_of_them() {
        assert_eq!(cut(b"NOOP\r\nSTAT\n\r\nLI", 3), [Some(b"NOOP".to_vec()), Some(b"STAT".to_vec()), Some(Vec::new())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_told_once_and_the_next_one_is_read() {
        let stream = [&[b'x'; 100_000][..], b"\r\nNOOP\r\n"].concat();
        assert_eq!(cut(&stream, 1000), [None, Some(b"NOOP".to_vec())]);
        assert_eq!(cut(&stream, stream.len()), [None, Some(b"NOOP".to_vec())]);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_stream_is_cut(stream in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a')], 0..200), step in 1_usize..50) {
            prop_assert_eq!(cut(&stream, step), cut(&stream, stream.len().max(1)));
        }
    }
}
