//! Parts of a body as bytes: encoded so that they pass everywhere, put together as a tree.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::fields::{FieldValue, write};

/// A part of a message to be written.
pub struct Part {
    /// Fields of its own, Content-Transfer-Encoding and the boundary aside.
    pub fields: Vec<(String, FieldValue)>,
    pub content: Content,
}

pub enum Content {
    /// Text with lines of any kind; it is UTF-8.
    Text(String),
    /// Bytes that come out as they went in.
    Bytes(Vec<u8>),
    /// A message within the message, which must not be encoded (RFC 2046 §5.2.1).
    Message(Vec<u8>),
    Parts {
        subtype: String,
        parts: Vec<Part>,
    },
}

/// Writes fields, an empty line and the body. `boundary` makes a text that nothing in the message holds.
pub fn write_part(out: &mut Vec<u8>, part: &Part, boundary: &mut dyn FnMut() -> String) {
    for (name, value) in &part.fields {
        write(out, name, value);
    }
    match &part.content {
        Content::Text(text) => write_text(out, text),
        Content::Bytes(bytes) => {
            out.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
            write_base64(out, bytes);
        }
        Content::Message(bytes) => {
            let encoding = if bytes.is_ascii() { "7bit" } else { "8bit" };
            out.extend_from_slice(format!("Content-Transfer-Encoding: {encoding}\r\n\r\n").as_bytes());
            out.extend_from_slice(bytes);
        }
        Content::Parts { subtype, parts } => {
            let boundary_text = boundary();
            let parameters = vec![("boundary", boundary_text.clone())];
            write(out, "Content-Type", &FieldValue::Parametrised(format!("multipart/{subtype}"), parameters));
            out.extend_from_slice(b"\r\n");
            for part in parts {
                out.extend_from_slice(format!("--{boundary_text}\r\n").as_bytes());
                write_part(out, part, boundary);
                out.extend_from_slice(b"\r\n");
            }
            out.extend_from_slice(format!("--{boundary_text}--\r\n").as_bytes());
        }
    }
}

/// Whether the bytes can stand in a message as they are: lines that end right and are not too long, no NUL.
pub fn can_stand_bare(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0));
        let (line, more) = match end {
            None => (rest, None),
            Some(end) if rest[end..].starts_with(b"\r\n") => (&rest[..end], Some(&rest[end + 2..])),
            Some(_) => return false,
        };
        if line.len() > 998 {
            return false;
        }
        match more {
            Some(more) => rest = more,
            None => return true,
        }
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    let text = with_crlf(text);
    let foreign = text.bytes().filter(|byte| !byte.is_ascii()).count();
    let short = text.split("\r\n").all(|line| line.len() <= 900);
    if foreign == 0 && short && !text.contains('\0') {
        out.extend_from_slice(b"Content-Transfer-Encoding: 7bit\r\n\r\n");
        out.extend_from_slice(text.as_bytes());
    } else if foreign * 6 < text.len() {
        out.extend_from_slice(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        write_quoted_printable(out, &text);
    } else {
        out.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
        write_base64(out, text.as_bytes());
    }
}

/// Every kind of line end becomes the one that mail has.
fn with_crlf(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + text.len() / 40);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                written.push_str("\r\n");
            }
            '\n' => written.push_str("\r\n"),
            other => written.push(other),
        }
    }
    written
}

fn write_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() / 57 * 78 + 80);
    for (index, line) in bytes.chunks(57).enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(STANDARD.encode(line).as_bytes());
    }
}

/// RFC 2045 §6.7
fn write_quoted_printable(out: &mut Vec<u8>, text: &str) {
    for (index, line) in text.split("\r\n").enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\r\n");
        }
        let mut column = 0;
        let bytes = line.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let at_end = at + 1 == bytes.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !at_end);
            // A dot alone on a line ends messages for careless programs.
            let plain = plain && !(column == 0 && *byte == b'.');
            let written = if plain { (*byte as char).to_string() } else { format!("={byte:02X}") };
            if column + written.len() > 75 {
                out.extend_from_slice(b"=\r\n");
                column = 0;
            }
            column += written.len();
            out.extend_from_slice(written.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> String {
        let mut out = Vec::new();
        write_text(&mut out, content);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_encoded_as_little_as_it_can_be() {
        assert_eq!(text("a\nb\rc\r\nd"), "Content-Transfer-Encoding: 7bit\r\n\r\na\r\nb\r\nc\r\nd");
        assert_eq!(
            text("caf\u{e9} = x \nlong enough to be cheaper this way"),
            "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 =3D x=20\r\nlong enough to be cheaper this way"
        );
        assert!(text("雁书送信").starts_with("Content-Transfer-Encoding: base64\r\n\r\n6ZuB5Lmm"));
        let long = text(&format!("{}é", "x".repeat(3000)));
        assert!(long.contains("quoted-printable") && long.lines().all(|line| line.len() <= 76), "{long}");
    }

    #[test]
    fn a_tree_has_a_boundary_for_each_of_its_levels() {
        let leaf = |text: &str| Part { fields: vec![], content: Content::Text(text.to_owned()) };
        let inner =
            Part { fields: vec![], content: Content::Parts { subtype: "alternative".to_owned(), parts: vec![leaf("a"), leaf("b")] } };
        let tree = Part { fields: vec![], content: Content::Parts { subtype: "mixed".to_owned(), parts: vec![inner, leaf("c")] } };
        let mut out = Vec::new();
        let mut number = 0;
        write_part(&mut out, &tree, &mut || {
            number += 1;
            format!("b{number}")
        });
        let expected = "Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\n\
             Content-Transfer-Encoding: 7bit\r\n\r\na\r\n--b2\r\nContent-Transfer-Encoding: 7bit\r\n\r\nb\r\n--b2--\r\n\r\n--b1\r\n\
             Content-Transfer-Encoding: 7bit\r\n\r\nc\r\n--b1--\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn only_well_formed_lines_stand_bare() {
        assert!(can_stand_bare(b"a\r\nb\r\n") && can_stand_bare(b""));
        for wrong in [&b"a\nb"[..], b"a\rb", b"a\0", &[b'x'; 999]] {
            assert!(!can_stand_bare(wrong));
        }
    }
}
