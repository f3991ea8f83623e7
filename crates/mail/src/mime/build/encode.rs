//! Bodies: base64 and quoted-printable (RFC 2045 §6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// RFC 5322 §2.1.1 allows 998 octets; a little is left for those who add to a line.
const MAX_PLAIN_LINE: usize = 900;
const MAX_ENCODED_LINE: usize = 76;

/// Content-Transfer-Encoding, the empty line, and the text.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    let text = with_crlf(text);
    let bytes = text.as_bytes();
    // Servers cut white space at the end of lines.
    let is_plain = bytes.is_ascii()
        && !bytes.contains(&0)
        && bytes.split(|byte| *byte == b'\n').all(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            line.len() <= MAX_PLAIN_LINE && !line.ends_with(b" ") && !line.ends_with(b"\t")
        });
    if is_plain {
        out.extend_from_slice(b"Content-Transfer-Encoding: 7bit\r\n\r\n");
        out.extend_from_slice(bytes);
        return;
    }
    let escaped = bytes.iter().filter(|byte| !byte.is_ascii() || **byte == b'=').count();
    if escaped * 6 > bytes.len() {
        base64_body(out, bytes);
    } else {
        out.extend_from_slice(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        quoted_printable(out, bytes);
    }
}

/// Content-Transfer-Encoding, the empty line, and the bytes, which are kept as they are to the last.
pub(super) fn bytes(out: &mut Vec<u8>, bytes: &[u8], is_message: bool) {
    // RFC 2046 §5.2.1: a message within is not to be encoded; one that no server could carry is all the same.
    if is_message && can_be_carried(bytes) {
        let encoding = if bytes.is_ascii() { "7bit" } else { "8bit" };
        out.extend_from_slice(format!("Content-Transfer-Encoding: {encoding}\r\n\r\n").as_bytes());
        out.extend_from_slice(bytes);
    } else {
        base64_body(out, bytes);
    }
}

/// No NUL, no line too long, no line end but CRLF.
fn can_be_carried(bytes: &[u8]) -> bool {
    !bytes.contains(&0)
        && bytes.split_inclusive(|byte| *byte == b'\n').all(|line| {
            let content = line.strip_suffix(b"\r\n").unwrap_or(line);
            content.len() <= MAX_PLAIN_LINE && !content.contains(&b'\r') && !content.contains(&b'\n')
        })
}

fn with_crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        out.push_str(&rest[..at]);
        out.push_str("\r\n");
        let is_pair = rest[at..].starts_with("\r\n");
        rest = &rest[at + 1 + usize::from(is_pair)..];
    }
    out.push_str(rest);
    out
}

fn base64_body(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
    out.reserve(bytes.len() / 57 * 78 + 80);
    let mut line = [0; MAX_ENCODED_LINE];
    for chunk in bytes.chunks(MAX_ENCODED_LINE / 4 * 3) {
        // 57 bytes are 76 letters.
        let len = STANDARD.encode_slice(chunk, &mut line).unwrap_or(0);
        out.extend_from_slice(&line[..len]);
        out.extend_from_slice(b"\r\n");
    }
}

fn quoted_printable(out: &mut Vec<u8>, bytes: &[u8]) {
    for (position, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if position > 0 {
            out.extend_from_slice(b"\r\n");
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut width = 0;
        for (at, &byte) in line.iter().enumerate() {
            let is_last = at + 1 == line.len();
            let is_plain = matches!(byte, 33..=60 | 62..=126) || (matches!(byte, b' ' | b'\t') && !is_last);
            let needed = if is_plain { 1 } else { 3 };
            // The last place is for the sign of the soft break.
            if width + needed > MAX_ENCODED_LINE - 1 {
                out.extend_from_slice(b"=\r\n");
                width = 0;
            }
            if is_plain {
                out.push(byte);
            } else {
                out.extend_from_slice(format!("={byte:02X}").as_bytes());
            }
            width += needed;
        }
    }
}
