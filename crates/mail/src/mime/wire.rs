//! Strings as IMAP writes them (RFC 9051 §4.3).

/// Longer ones go as literals: some clients read a line at a time.
const MAX_QUOTED: usize = 1_000;

/// Nothing that means something is longer; the rest is in the message. Without it a row would be as long as a header may be.
const MAX_STRING: usize = 16 * 1024;

/// The beginning of a text, whole characters of UTF-8 as long as it is UTF-8.
fn beginning(text: &[u8]) -> &[u8] {
    if text.len() <= MAX_STRING {
        return text;
    }
    let is_inside = |at: &usize| text[*at] & 0xc0 == 0x80;
    let end = (MAX_STRING - 3..=MAX_STRING).rev().find(|at| !is_inside(at)).unwrap_or(MAX_STRING);
    &text[..end]
}

pub(super) fn nstring(out: &mut Vec<u8>, text: Option<&[u8]>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"NIL"),
    }
}

/// Quoted where that can be, else a literal. IMAP4rev1 allows nothing but ASCII in quotes, and a NUL nowhere: it is left out.
pub(super) fn string(out: &mut Vec<u8>, text: &[u8]) {
    let text = beginning(text);
    let can_be_quoted = text.len() <= MAX_QUOTED && text.iter().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e));
    if can_be_quoted {
        out.push(b'"');
        for byte in text {
            if matches!(byte, b'"' | b'\\') {
                out.push(b'\\');
            }
            out.push(*byte);
        }
        out.push(b'"');
        return;
    }
    let nuls = memchr::memchr_iter(0, text).count();
    out.extend_from_slice(format!("{{{}}}\r\n", text.len() - nuls).as_bytes());
    if nuls == 0 {
        out.extend_from_slice(text);
    } else {
        out.extend(text.iter().filter(|byte| **byte != 0));
    }
}

pub(super) fn number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(number.to_string().as_bytes());
}

/// Reads what the functions above wrote.
pub(super) struct Reader<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl Reader<'_> {
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// The octets of one string; `None` for NIL and for all else, too.
    pub fn string(&mut self) -> Option<Vec<u8>> {
        let begin = self.at;
        let kind = self.peek()?;
        self.skip()?;
        let written = &self.bytes[begin..self.at];
        match kind {
            b'"' => {
                let mut text = Vec::with_capacity(written.len());
                let mut octets = written[1..written.len() - 1].iter();
                while let Some(&octet) = octets.next() {
                    text.push(if octet == b'\\' { *octets.next()? } else { octet });
                }
                Some(text)
            }
            b'{' => Some(written[memchr::memchr(b'\n', written)? + 1..].to_vec()),
            _ => None,
        }
    }

    /// Passes over one string, number, NIL or list with all that is in it.
    pub fn skip(&mut self) -> Option<()> {
        let mut depth = 0;
        loop {
            match self.peek()? {
                b'(' => {
                    depth += 1;
                    self.at += 1;
                }
                b')' => {
                    depth -= 1;
                    self.at += 1;
                }
                b' ' if depth > 0 => self.at += 1,
                b'"' => {
                    self.at += 1;
                    loop {
                        match self.peek()? {
                            b'"' => break,
                            b'\\' => self.at += 2,
                            _ => self.at += 1,
                        }
                    }
                    self.at += 1;
                }
                b'{' => {
                    let length_at = self.at + 1;
                    let end = length_at + memchr::memchr(b'}', self.bytes.get(length_at..)?)?;
                    let length: usize = std::str::from_utf8(&self.bytes[length_at..end]).ok()?.parse().ok()?;
                    self.at = end.checked_add(3)?.checked_add(length)?;
                    if self.at > self.bytes.len() {
                        return None;
                    }
                }
                byte if byte.is_ascii_alphanumeric() => {
                    while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                        self.at += 1;
                    }
                }
                _ => return None,
            }
            if depth == 0 {
                return Some(());
            }
            if depth < 0 {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        string(&mut out, text);
        out
    }

    #[test]
    fn strings_are_quoted_where_they_can_be() {
        assert_eq!(written(b""), b"\"\"");
        assert_eq!(written(b"a \"b\" \\"), b"\"a \\\"b\\\" \\\\\"");
        assert_eq!(written("你".as_bytes()), "{3}\r\n你".as_bytes());
        assert_eq!(written(b"a\r\nb"), b"{4}\r\na\r\nb");
        assert_eq!(written(b"a\0b"), b"{2}\r\nab");
    }

    #[test]
    fn what_was_written_can_be_read() {
        for text in ["", "a \"b\" \\", "你", "a\r\nb", "{3}"] {
            assert_eq!(Reader { bytes: &written(text.as_bytes()), at: 0 }.string().as_deref(), Some(text.as_bytes()));
        }
        for text in [&b""[..], b"NIL", b"17", b"(a)", b"\"", b"{9}\r\nabc"] {
            assert_eq!(Reader { bytes: text, at: 0 }.string(), None);
        }
    }

    #[test]
    fn what_was_written_can_be_passed_over() {
        for text in [&b"NIL x"[..], b"123 x", b"\"a\\\")\" x", b"(a (\"b)\" {2}\r\n)) c)) x", b"() x"] {
            let mut reader = Reader { bytes: text, at: 0 };
            reader.skip().unwrap();
            assert_eq!(&text[reader.at..], b" x");
        }
        for text in [&b""[..], b")", b"(", b"\"", b"\"\\", b"{", b"{9}\r\nabc", b"{99999999999999999999}", b"{18446744073709551615}\r\n"] {
            assert_eq!(Reader { bytes: text, at: 0 }.skip(), None);
        }
    }
}
