//! What has to be known of a message's header before it is stored, found in one pass over the header's bytes.

/// What one look at a header tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// How many servers say they have handed the message on.
    pub received: usize,
    /// Where Authentication-Results begin that somebody wrote in our name.
    forged: Vec<usize>,
}

/// RFC 5321 §6.3 asks for at least 100 as the limit of loops; 50 hops are more than any honest path has.
pub const MAX_RECEIVED: usize = 50;

/// Of the same length as the name it stands in for, so that no byte of the message moves.
const FORGED_NAME: &[u8; 22] = b"X-Forged-Authn-Results";
const RESULTS_NAME: &[u8; 22] = b"Authentication-Results";

impl Header {
    pub fn read(message: &[u8], authserv_id: &str) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        while at < message.len() {
            let line_end = memchr::memchr(b'\n', &message[at..]).map_or(message.len(), |end| at + end + 1);
            let line = &message[at..line_end];
            match line.first() {
                // The empty line, or folding of what came before.
                Some(b'\r' | b'\n') | None => break,
                Some(b' ' | b'\t') => {}
                Some(b'R' | b'r') if is_field(line, b"Received") => found.received += 1,
                Some(b'A' | b'a') if is_field(line, RESULTS_NAME) && names(&message[at + RESULTS_NAME.len()..], authserv_id) => {
                    found.forged.push(at);
                }
                Some(_) => {}
            }
            at = line_end;
        }
        found
    }

    /// Renames what claims to be our own Authentication-Results (RFC 8601 §5), in place. The stored message is what was sent but for these names.
    pub fn disown_forged(&self, message: &mut [u8]) {
        for at in &self.forged {
            if let Some(name) = message.get_mut(*at..*at + FORGED_NAME.len()) {
                name.copy_from_slice(FORGED_NAME);
            }
        }
    }
}

fn is_field(line: &[u8], name: &[u8]) -> bool {
    let Some((head, rest)) = line.split_at_checked(name.len()) else { return false };
    let rest = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    head.eq_ignore_ascii_case(name) && rest == Some(&b':')
}

/// How far into a field the id may hide behind folding and comments.
const MAX_ID_DISTANCE: usize = 2000;

/// Whether the field that goes on with `rest` has our id in the place of `authserv-id`: `[CFWS] authserv-id [CFWS authres-version] …`. Comments are
/// stepped over, quotes and a dot at the end looked through; what cannot be read counts as ours, because some reader may read it so.
fn names(rest: &[u8], authserv_id: &str) -> bool {
    let rest = &rest[..rest.len().min(MAX_ID_DISTANCE)];
    let Some(colon) = memchr::memchr(b':', rest) else { return true };
    let mut depth = 0_usize;
    let mut bytes = rest[colon + 1..].iter().copied().peekable();
    let mut id = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if depth > 0 => drop(bytes.next()),
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            b' ' | b'\t' | b'\r' | b'\n' if id.is_empty() => {}
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'/' => break,
            b'"' | b'\\' => {}
            _ => id.push(byte),
        }
    }
    let id = id.strip_suffix(b".").unwrap_or(&id);
    depth > 0 || id.eq_ignore_ascii_case(authserv_id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_of_the_header_count() {
        let message =
            b"Received: a\r\n by b\r\nreceived : c\r\nReceived-SPF: x\r\nSubject: Received: y\r\n Received: z\r\n\r\nReceived: body\r\n";
        assert_eq!(Header::read(message, "mx.example.test").received, 2);
        for odd in [&b""[..], b"\r\n", b"Received", b"Received:", b":", b"\xff\xff"] {
            assert!(Header::read(odd, "mx.example.test").received <= 1);
        }
    }

    #[test]
    fn results_in_our_name_are_renamed_and_those_of_others_are_not() {
        for forged in [
            "mx.example.test; spf=pass",
            "MX.Example.Test;\r\n\tdkim=pass",
            "(hello) mx.example.test 1; none",
            "\r\n mx.example.test",
            "\"mx.example.test\"; spf=pass",
            "mx.example.test.; spf=pass",
            "(a (nested) \\) comment) mx.example.test; spf=pass",
            "(never closed mx.example.test; spf=pass",
        ] {
            let mut message =
                format!("From: a@b.test\r\nauthentication-results: {forged}\r\n\r\nAuthentication-Results: mx.example.test\r\n")
                    .into_bytes();
            let length = message.len();
            Header::read(&message, "mx.example.test").disown_forged(&mut message);
            let text = String::from_utf8(message).unwrap();
            assert_eq!(text.len(), length);
            assert!(text.starts_with(&format!("From: a@b.test\r\nX-Forged-Authn-Results: {forged}\r\n\r\nAuth")), "{text}");
        }
        for honest in
            ["mx.elsewhere.test; spf=pass", "mx.example.test.evil.test; spf=pass", "amx.example.test; x", "other; reason=mx.example.test"]
        {
            let mut message = format!("Authentication-Results: {honest}\r\n\r\n").into_bytes();
            let before = message.clone();
            Header::read(&message, "mx.example.test").disown_forged(&mut message);
            assert_eq!(message, before, "{honest}");
        }
    }
}
