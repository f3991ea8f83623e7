//! A message as it goes out: every line ended by CRLF, a dot in front of each line that begins with one (RFC 1939 §3), and `.` at the end.

/// What is left to send of a message, and where in it that begins.
#[derive(Debug)]
pub struct Body<'a> {
    rest: &'a [u8],
    at_line_start: bool,
    /// Whether the header is over, which an empty line says.
    in_body: bool,
    /// Lines of the body that may still be sent; `None` is all.
    lines: Option<u64>,
    is_over: bool,
}

impl<'a> Body<'a> {
    pub fn whole(message: &'a [u8]) -> Self {
        Self { rest: message, at_line_start: true, in_body: false, lines: None, is_over: false }
    }

    /// The header, the empty line, and so many lines after it: TOP.
    pub fn top(message: &'a [u8], lines: u64) -> Self {
        Self { lines: Some(lines), ..Self::whole(message) }
    }

    /// Adds some more to `out`, about `most` octets; false when that was the last. Nothing depends on how it is cut.
    pub fn write_some(&mut self, out: &mut Vec<u8>, most: usize) -> bool {
        let full = out.len() + most;
        while out.len() < full && !self.is_over {
            if self.rest.is_empty() || (self.at_line_start && self.in_body && self.lines == Some(0)) {
                out.extend_from_slice(if self.at_line_start { b".\r\n" } else { b"\r\n.\r\n" });
                self.is_over = true;
            } else {
                self.write_line(out, most);
            }
        }
        !self.is_over
    }

    /// A line with its end, or as much of a long one as fits.
    fn write_line(&mut self, out: &mut Vec<u8>, most: usize) {
        let window = &self.rest[..self.rest.len().min(most.max(1))];
        let end = memchr::memchr2(b'\r', b'\n', window);
        let text = &window[..end.unwrap_or(window.len())];
        if self.at_line_start && text.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(text);
        let Some(end) = end else {
            self.rest = &self.rest[text.len()..];
            self.at_line_start = false;
            return;
        };
        out.extend_from_slice(b"\r\n");
        if self.in_body {
            self.lines = self.lines.map(|lines| lines.saturating_sub(1));
        } else {
            self.in_body = self.at_line_start && text.is_empty();
        }
        self.at_line_start = true;
        // A lone CR or LF ends a line for somebody, and what one program reads as text another must not read as the end of the message.
        let is_crlf = self.rest[end..].starts_with(b"\r\n");
        self.rest = &self.rest[end + if is_crlf { 2 } else { 1 }..];
    }
}

#[cfg(test)]
mod tests {
    use mail::maildrop::missing_line_end_bytes;
    use proptest::prelude::*;

    use super::*;

    fn written(mut body: Body<'_>, most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while body.write_some(&mut out, most) {}
        out
    }

    /// What a client makes of it.
    fn read_back(wire: &[u8]) -> Vec<u8> {
        let lines = wire.strip_suffix(b".\r\n").expect("an end");
        let mut message = Vec::new();
        for line in String::from_utf8_lossy(lines).split_inclusive("\r\n") {
            assert!(!line.starts_with('.') || line.starts_with(".."), "an end in the middle: {line:?}");
            message.extend_from_slice(line.strip_prefix('.').unwrap_or(line).as_bytes());
        }
        message
    }

    #[test]
    fn dots_are_doubled_at_the_beginning_of_lines_only() {
        assert_eq!(written(Body::whole(b".a\r\n..\r\nb.\r\n.\r\n"), 100), b"..a\r\n...\r\nb.\r\n..\r\n.\r\n");
    }

    #[test]
    fn the_last_line_gets_its_end_and_lone_ends_become_whole() {
        assert_eq!(written(Body::whole(b"a\n.\rb"), 100), b"a\r\n..\r\nb\r\n.\r\n");
        assert_eq!(written(Body::whole(b""), 100), b".\r\n");
        assert_eq!(written(Body::whole(b"\n.\n"), 100), b"\r\n..\r\n.\r\n");
    }

    #[test]
    fn top_is_the_header_an_empty_line_and_some_lines() {
        let message = b"Subject: x\r\nTo: y\r\n\r\n1\r\n2\r\n3\r\n";
        assert_eq!(written(Body::top(message, 0), 100), b"Subject: x\r\nTo: y\r\n\r\n.\r\n");
        assert_eq!(written(Body::top(message, 2), 100), b"Subject: x\r\nTo: y\r\n\r\n1\r\n2\r\n.\r\n");
        assert_eq!(written(Body::top(message, 3), 1), written(Body::whole(message), 100));
        assert_eq!(written(Body::top(message, u64::MAX), 5), written(Body::whole(message), 100));
        assert_eq!(written(Body::top(b"Subject: x\r\n", 0), 100), b"Subject: x\r\n.\r\n");
    }

    proptest! {
        #[test]
        fn what_is_sent_has_the_size_that_was_told_and_reads_back(
            message in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'.'), Just(b'a')], 0..60),
            most in 1_usize..20,
        ) {
            let wire = written(Body::whole(&message), most);
            prop_assert_eq!(&wire, &written(Body::whole(&message), 1000));
            let back = read_back(&wire);
            prop_assert_eq!(back.len() as u64, message.len() as u64 + missing_line_end_bytes(&message));
            prop_assert!(!back.windows(2).any(|pair| (pair[1] == b'\n') != (pair[0] == b'\r')));
        }
    }
}
