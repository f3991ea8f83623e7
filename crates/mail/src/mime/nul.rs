//! Messages that hold NUL, which only `BINARY` can carry over IMAP (RFC 3516, RFC 9051 §4.3).

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scan;

/// Octets of a line of base64. RFC 2045 §6.8
const LINE_OCTETS: usize = 57;

/// The message with its binary parts that hold NUL in base64 instead: RFC 3516 §4.1 lets a server choose how it keeps them. Others are as they were.
pub fn without_nul(message: Vec<u8>) -> Vec<u8> {
    if memchr::memchr(0, &message).is_none() {
        return message;
    }
    let mut edits: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    {
        let structure = scan::scan(&message);
        for (part, span) in structure.parts.iter().enumerate().filter(|(_, span)| span.children.is_empty()) {
            let Some(field) = structure.fields(part).iter().find(|field| field.is("content-transfer-encoding")) else { continue };
            let body = structure.body(part);
            if field.value().trim_ascii().eq_ignore_ascii_case(b"binary") && body.contains(&0) {
                let at = field.raw.as_ptr().addr() - message.as_ptr().addr();
                edits.push((at..at + field.raw.len(), b"Content-Transfer-Encoding: base64\r\n".to_vec()));
                edits.push((span.body.clone(), in_lines(body)));
            }
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut made = Vec::with_capacity(message.len() + message.len() / 2);
    let mut done = 0;
    for (range, instead) in edits {
        made.extend_from_slice(&message[done..range.start]);
        made.extend_from_slice(&instead);
        done = range.end;
    }
    made.extend_from_slice(&message[done..]);
    made
}

fn in_lines(octets: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(octets.len() / 2 * 3);
    for line in octets.chunks(LINE_OCTETS) {
        text.extend_from_slice(STANDARD.encode(line).as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mime::{Section, What, binary, section};

    #[test]
    fn binary_parts_that_hold_nul_become_base64_and_nothing_else_changes() {
        let plain = b"Subject: a\r\n\r\nno\0 part".to_vec();
        assert_eq!(without_nul(plain.clone()), plain);
        let message = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: BINARY\r\nX-A: 1\r\n\r\n\0-\xe4\n\r\n--b\r\n\
            Content-Transfer-Encoding: binary\r\n\r\nno such\r\n--b--\r\n";
        let made = without_nul(message.to_vec());
        assert!(!made.contains(&0));
        assert_eq!(binary(&made, &[1]).unwrap().as_ref(), b"\0-\xe4\n");
        assert_eq!(binary(&made, &[2]).unwrap().as_ref(), b"no such");
        let header = section(&made, &Section { path: vec![1], what: What::Mime }).unwrap();
        assert_eq!(header.as_ref(), b"Content-Transfer-Encoding: base64\r\nX-A: 1\r\n\r\n");
        assert!(made.ends_with(b"--b\r\nContent-Transfer-Encoding: binary\r\n\r\nno such\r\n--b--\r\n"));
    }
}
