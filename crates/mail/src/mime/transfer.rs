//! Content-Transfer-Encoding: base64 and quoted-printable, read as well as can be when they are broken.

use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// 7bit, 8bit, binary, or nothing said.
    Identity,
    Base64,
    QuotedPrintable,
    /// A name that nobody knows; the bytes are taken as they are.
    Unknown,
}

impl Transfer {
    pub fn of(value: Option<&[u8]>) -> Self {
        let Some(value) = value else { return Self::Identity };
        let value = value.trim_ascii();
        let value = value.split(|byte| matches!(byte, b' ' | b';' | b'(' | b'\r')).next().unwrap_or_default();
        let is = |name: &str| value.eq_ignore_ascii_case(name.as_bytes());
        if is("base64") {
            Self::Base64
        } else if is("quoted-printable") {
            Self::QuotedPrintable
        } else if value.is_empty() || is("7bit") || is("8bit") || is("binary") {
            Self::Identity
        } else {
            Self::Unknown
        }
    }

    pub fn decode(self, body: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Identity | Self::Unknown => Cow::Borrowed(body),
            Self::Base64 => Cow::Owned(base64(body)),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(body)),
        }
    }

    /// How many bytes [`Transfer::decode`] would give.
    pub fn decoded_len(self, body: &[u8]) -> usize {
        match self {
            Self::Identity | Self::Unknown => body.len(),
            Self::Base64 => {
                let end = body.iter().position(|byte| *byte == b'=').unwrap_or(body.len());
                // Data after a padding is a second text; who writes such is rare enough to be decoded.
                if body[end..].iter().any(|byte| BASE64[usize::from(*byte)] < 64) {
                    return base64(body).len();
                }
                body[..end].iter().filter(|byte| BASE64[usize::from(**byte)] < 64).count() * 3 / 4
            }
            Self::QuotedPrintable => quoted_printable(body).len(),
        }
    }
}

const NONE: u8 = 255;

const BASE64: [u8; 256] = {
    let mut table = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < 64 {
        table[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    table
};

pub(super) fn base64_value(byte: u8) -> Option<u8> {
    Some(BASE64[usize::from(byte)]).filter(|value| *value < 64)
}

/// Takes what is in the alphabet and passes over everything else, as RFC 2045 §6.8 says. A padding ends one text; another may follow.
pub(super) fn base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 3);
    let mut rest = body;
    loop {
        // Whole groups of four, as nearly all of a sane text is.
        while let [a, b, c, d, after @ ..] = rest {
            let [a, b, c, d] = [a, b, c, d].map(|byte| BASE64[usize::from(*byte)]);
            if (a | b | c | d) & 0xc0 != 0 {
                break;
            }
            out.extend_from_slice(&[(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d]);
            rest = after;
        }
        // One group with something else in it: a line end, mostly.
        let (mut group, mut held, mut taken) = ([0; 4], 0, 0);
        for byte in rest {
            taken += 1;
            let value = BASE64[usize::from(*byte)];
            if value < 64 {
                group[held] = value;
                held += 1;
                if held == 4 {
                    break;
                }
            } else if *byte == b'=' && held > 0 {
                break;
            } else if held == 0 {
                // Between groups: the quick way goes on.
                break;
            }
        }
        let [a, b, c, d] = group;
        let bytes = [(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d];
        // Six bits alone are no byte.
        out.extend_from_slice(&bytes[..[0, 0, 1, 2, 3][held]]);
        rest = &rest[taken..];
        if rest.is_empty() {
            return out;
        }
    }
}

/// RFC 2045 §6.7; a wrong escape stands for itself, and white space before a line end goes.
pub(super) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut lines = body;
    while !lines.is_empty() {
        let end = memchr::memchr(b'\n', lines).map_or(lines.len(), |found| found + 1);
        let (line, after) = lines.split_at(end);
        lines = after;
        let text_end = line.trim_ascii_end().len();
        let (text, line_end) = (&line[..text_end], &line[super::scan::without_line_end(line).len()..]);
        let is_soft = text.last() == Some(&b'=');
        let mut rest = if is_soft { &text[..text.len() - 1] } else { text };
        while let Some(found) = memchr::memchr(b'=', rest) {
            out.extend_from_slice(&rest[..found]);
            match hex(&rest[found + 1..]) {
                Some(byte) => {
                    out.push(byte);
                    rest = &rest[found + 3..];
                }
                None => {
                    out.push(b'=');
                    rest = &rest[found + 1..];
                }
            }
        }
        out.extend_from_slice(rest);
        if !is_soft {
            out.extend_from_slice(line_end);
        }
    }
    out
}

/// The byte that two hexadecimal digits at the beginning mean.
pub(super) fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    Some((digit(0)? * 16 + digit(1)?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_through_everything_that_does_not_belong() {
        for (written, read) in [
            (&b"aGVsbG8="[..], &b"hello"[..]),
            (b"aGVs\r\nbG8=\r\n", b"hello"),
            (b"aG V*s\r\n\r\nbG8", b"hello"),
            (b"aGVsbG8", b"hello"),
            (b"aGVsbG8=aGVsbG8=", b"hellohello"),
            (b"aGVsb", b"hel"),
            (b"====", b""),
            (b"", b""),
            (b"a", b""),
            (b"\r\n\r\n", b""),
        ] {
            assert_eq!(base64(written), read, "{}", String::from_utf8_lossy(written));
            assert_eq!(Transfer::Base64.decoded_len(written), read.len(), "{}", String::from_utf8_lossy(written));
        }
    }

    #[test]
    fn quoted_printable_keeps_what_it_cannot_read() {
        for (written, read) in [
            (&b"a=3Db"[..], &b"a=b"[..]),
            (b"long =\r\nline", b"long line"),
            (b"soft = \r\nbreak", b"soft break"),
            (b"white  \r\nspace\t\n", b"white\r\nspace\n"),
            (b"=e4=BD=a0", "你".as_bytes()),
            (b"=zz = =4", b"=zz = =4"),
            (b"end=", b"end"),
            (b"", b""),
        ] {
            assert_eq!(quoted_printable(written), read, "{}", String::from_utf8_lossy(written));
        }
    }

    #[test]
    fn names_of_encodings_are_read_loosely() {
        assert_eq!(Transfer::of(Some(b" BASE64 ")), Transfer::Base64);
        assert_eq!(Transfer::of(Some(b"quoted-printable; x=y")), Transfer::QuotedPrintable);
        assert_eq!(Transfer::of(Some(b"8Bit")), Transfer::Identity);
        assert_eq!(Transfer::of(None), Transfer::Identity);
        assert_eq!(Transfer::of(Some(b"x-uuencode")), Transfer::Unknown);
    }
}
