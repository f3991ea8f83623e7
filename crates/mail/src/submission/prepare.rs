//! What a message gets, and what is taken from it, before it is sent.

use std::ops::Range;

use kernel::{Ctx, Timestamp};

/// What is added to a message that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub date: Timestamp,
    /// Without its angle brackets.
    pub message_id: String,
}

impl Missing {
    /// The moment of the request, and an id that nobody has used, of the sender's domain.
    pub fn of(ctx: &Ctx, domain: &str) -> Self {
        let chance: [u8; 16] = ctx.rng.bytes();
        let hex: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { date: ctx.now, message_id: format!("{hex}@{domain}") }
    }
}

/// The message with a Date and a Message-ID (RFC 6409 §8), without Bcc (RFC 5322 §3.6.3), and with every line ended by CRLF: a lone CR or LF could be
/// taken for the end of a line by the next server and not by us (RFC 5321 §2.3.8). Nothing else is changed, and a message that has nothing to change
/// is handed back as it is.
pub fn prepare(message: Vec<u8>, missing: &Missing) -> Vec<u8> {
    let message = with_line_ends(message);
    let (mut has_date, mut has_id, mut blind) = (false, false, Vec::<Range<usize>>::new());
    let fields = header_fields(&message);
    for field in fields {
        let name = &message[field.name.clone()];
        if name.eq_ignore_ascii_case(b"Date") {
            has_date = true;
        } else if name.eq_ignore_ascii_case(b"Message-ID") {
            has_id = true;
        } else if name.eq_ignore_ascii_case(b"Bcc") || name.eq_ignore_ascii_case(b"Resent-Bcc") {
            blind.push(field.whole);
        }
    }
    if has_date && has_id && blind.is_empty() {
        return message;
    }
    let mut prepared = Vec::with_capacity(message.len() + 160);
    if !has_id {
        prepared.extend_from_slice(format!("Message-ID: <{}>\r\n", missing.message_id).as_bytes());
    }
    if !has_date {
        prepared.extend_from_slice(format!("Date: {}\r\n", rfc_5322_date(missing.date)).as_bytes());
    }
    let mut copied = 0;
    for field in blind {
        prepared.extend_from_slice(&message[copied..field.start]);
        copied = field.end;
    }
    prepared.extend_from_slice(&message[copied..]);
    prepared
}

fn with_line_ends(message: Vec<u8>) -> Vec<u8> {
    let lone = |at: usize| match message[at] {
        b'\n' => at == 0 || message[at - 1] != b'\r',
        _ => message.get(at + 1) != Some(&b'\n'),
    };
    if memchr::memchr2_iter(b'\r', b'\n', &message).all(|at| !lone(at)) {
        return message;
    }
    let mut whole = Vec::with_capacity(message.len() + message.len() / 32);
    let mut copied = 0;
    for at in memchr::memchr2_iter(b'\r', b'\n', &message).filter(|at| lone(*at)) {
        whole.extend_from_slice(&message[copied..at]);
        whole.extend_from_slice(b"\r\n");
        copied = at + 1;
    }
    whole.extend_from_slice(&message[copied..]);
    whole
}

/// `Sun, 22 Nov 2026 01:02:03 +0000`
pub(crate) fn rfc_5322_date(moment: Timestamp) -> String {
    moment.jiff().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// A field of a header.
pub(crate) struct Field {
    /// With its folded lines and their ends.
    pub whole: Range<usize>,
    pub name: Range<usize>,
}

/// The fields of a message's header in their order, up to the empty line or the first line that is none.
pub(crate) fn header_fields(message: &[u8]) -> impl Iterator<Item = Field> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let rest = &message[start..];
        let colon = rest.iter().position(|byte| !matches!(byte, b'!'..=b'9' | b';'..=b'~'))?;
        // RFC 5322 §4.5.8 lets white space stand before the colon of an old message.
        let blank = rest[colon..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if colon == 0 || rest.get(colon + blank) != Some(&b':') {
            return None;
        }
        let mut end = start;
        loop {
            end += message[end..].iter().position(|byte| *byte == b'\n').map_or(message.len() - end, |line| line + 1);
            if !matches!(message.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        at = end;
        Some(Field { whole: start..end, name: start..start + colon })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Missing {
        Missing { date: Timestamp::from_micros(1_780_000_000_000_000), message_id: "one@example.test".to_owned() }
    }

    #[test]
    fn a_message_that_lacks_nothing_is_not_touched() {
        let whole = b"From: a@example.test\r\nDate: x\r\nmessage-id: <y>\r\n\r\nBcc: in the body\r\n".to_vec();
        let address = whole.as_ptr();
        let prepared = prepare(whole, &missing());
        assert_eq!(prepared.as_ptr(), address);
    }

    #[test]
    fn date_and_message_id_are_added_and_bcc_goes_with_its_folded_lines() {
        let message =
            b"From: a@example.test\r\nBCC: b@example.test,\r\n c@example.test\r\nSubject: x\r\nBcc : d@example.test\r\n\r\nDate: y\r\n";
        let prepared = String::from_utf8(prepare(message.to_vec(), &missing())).unwrap();
        assert_eq!(
            prepared,
            "Message-ID: <one@example.test>\r\nDate: Thu, 28 May 2026 20:26:40 +0000\r\nFrom: a@example.test\r\nSubject: x\r\n\r\nDate: y\r\n"
        );
    }

    #[test]
    fn every_line_ends_with_both_characters() {
        for (written, expected) in [
            ("Date: x\nMessage-ID: <y>\n\na\n.\nb", "Date: x\r\nMessage-ID: <y>\r\n\r\na\r\n.\r\nb"),
            ("Date: x\r\nMessage-ID: <y>\r\n\r\na\r.\r\n", "Date: x\r\nMessage-ID: <y>\r\n\r\na\r\n.\r\n"),
            ("Date: x\r\nMessage-ID: <y>\r\n\r\n\r\r\n\n\r", "Date: x\r\nMessage-ID: <y>\r\n\r\n\r\n\r\n\r\n\r\n"),
        ] {
            assert_eq!(String::from_utf8(prepare(written.as_bytes().to_vec(), &missing())).unwrap(), expected);
        }
    }

    #[test]
    fn whatever_the_bytes_the_body_stays() {
        for message in
            [&b""[..], b"\r\n", b"\r\nx", b"no header at all", b":", b"Bcc: a", b"Bcc: a\r\n b", b"Date", b"\0\0\n\n", b"a:\n\nBcc: x\n"]
        {
            let prepared = prepare(message.to_vec(), &missing());
            let body = message.strip_prefix(b"Bcc: a\r\n b").or_else(|| message.strip_prefix(b"Bcc: a")).unwrap_or(message);
            assert!(prepared.ends_with(&with_line_ends(body.to_vec())), "{message:?}");
        }
    }
}
