//! IMAP ENVELOPE: RFC 9051 §7.5.2, RFC 3501 §7.4.2.

use super::HeaderDate;
use super::addresses::{self, Item, Mailbox};
use super::scan::{Field, Structure};
use super::{ids, wire, words};

/// Addresses of one envelope; the rest of a longer list is in the header.
const MAX_ADDRESSES: usize = 5_000;
/// And as many octets of them, so that a row stays a row.
const MAX_ADDRESS_BYTES: usize = 512 * 1024;

pub(super) fn write(out: &mut Vec<u8>, structure: &Structure<'_>, part: usize) {
    let fields = structure.fields(part);
    out.push(b'(');
    text(out, fields, "date");
    out.push(b' ');
    text(out, fields, "subject");
    let mut left = Left { addresses: MAX_ADDRESSES, bytes: MAX_ADDRESS_BYTES };
    out.push(b' ');
    let from_at = out.len();
    address_list(out, fields, "from", &mut left);
    let from_end = out.len();
    for name in ["sender", "reply-to"] {
        out.push(b' ');
        // What is absent or empty is the same as From.
        if !address_list(out, fields, name, &mut left) {
            out.truncate(out.len() - 3);
            out.extend_from_within(from_at..from_end);
        }
    }
    for name in ["to", "cc", "bcc"] {
        out.push(b' ');
        address_list(out, fields, name, &mut left);
    }
    for name in ["in-reply-to", "message-id"] {
        out.push(b' ');
        text(out, fields, name);
    }
    out.push(b')');
}

/// What an envelope still has room for.
struct Left {
    addresses: usize,
    bytes: usize,
}

/// The Date field of an ENVELOPE that was written by [`write`]; `None` where there is none, or none that can be read.
pub fn date_of(envelope: &[u8]) -> Option<HeaderDate> {
    let quoted = envelope.strip_prefix(b"(\"")?;
    let end = quoted.iter().position(|byte| *byte == b'"')?;
    super::dates::parse(&quoted[..end])
}

/// The Message-ID of an ENVELOPE that was written by [`write`], without brackets; `None` where there is none.
pub fn message_id_of(envelope: &[u8]) -> Option<String> {
    let mut reader = wire::Reader { bytes: envelope, at: 0 };
    reader.take(b'(')?;
    for _ in 0..9 {
        reader.skip()?;
        reader.take(b' ')?;
    }
    ids::parse(&reader.string()?).into_iter().next()
}

/// Whether any of its addresses is a group, which lists of addresses do not name.
pub fn has_group(envelope: &[u8]) -> bool {
    // RFC 9051 §7.5.2: how a group ends.
    memchr::memmem::find(envelope, b"(NIL NIL NIL NIL)").is_some()
}

/// For a message that cannot be read: everything absent.
pub(super) fn write_nothing(out: &mut Vec<u8>) {
    out.extend_from_slice(b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

/// NIL when the field is absent, the empty string when it is empty.
fn text(out: &mut Vec<u8>, fields: &[Field<'_>], name: &str) {
    let value = fields.iter().find(|field| field.is(name)).map(|field| words::unfold(field.value().trim_ascii()));
    wire::nstring(out, value.as_deref());
}

/// Several fields of one name are read as one. Answers whether there is any address; writes NIL when there is none.
fn address_list(out: &mut Vec<u8>, fields: &[Field<'_>], name: &str, left: &mut Left) -> bool {
    let begin = out.len();
    out.push(b'(');
    for field in fields.iter().filter(|field| field.is(name)) {
        if left.addresses == 0 || left.bytes == 0 {
            break;
        }
        addresses::for_each(field.value(), &mut |item| {
            let item_at = out.len();
            match item {
                Item::Mailbox(mailbox) => address(out, &mailbox),
                // RFC 9051: a host of NIL begins a group, a mailbox of NIL ends it.
                Item::GroupStart(name) => {
                    out.extend_from_slice(b"(NIL NIL ");
                    wire::string(out, &name);
                    out.extend_from_slice(b" NIL)");
                }
                Item::GroupEnd => out.extend_from_slice(b"(NIL NIL NIL NIL)"),
            }
            left.addresses = left.addresses.saturating_sub(1);
            left.bytes = left.bytes.saturating_sub(out.len() - item_at);
            left.addresses > 0 && left.bytes > 0
        });
    }
    if out.len() == begin + 1 {
        out.truncate(begin);
        out.extend_from_slice(b"NIL");
        return false;
    }
    out.push(b')');
    true
}

fn address(out: &mut Vec<u8>, mailbox: &Mailbox<'_>) {
    out.push(b'(');
    wire::nstring(out, mailbox.name.as_deref());
    out.push(b' ');
    wire::nstring(out, mailbox.route);
    out.push(b' ');
    wire::string(out, &mailbox.local);
    out.push(b' ');
    wire::string(out, &mailbox.domain);
    out.push(b')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_id_is_read_from_what_was_written() {
        for (header, id) in [
            ("Subject: no id\r\n", None),
            ("Message-ID: <a.1@example.test>\r\n", Some("a.1@example.test")),
            (
                "Message-ID:\r\n <\"x\\y\"@example.test>\r\nSubject: =?utf-8?Q?=22?=\r\nIn-Reply-To: <other@example.test>\r\n",
                Some("\"x\\y\"@example.test"),
            ),
            ("Message-ID: <\u{5458}@example.test>\r\nFrom: a <a@b>, \"c (\" <c@d>\r\n", Some("\u{5458}@example.test")),
        ] {
            let mut envelope = Vec::new();
            let message = format!("{header}\r\ntext\r\n");
            write(&mut envelope, &super::super::scan::scan(message.as_bytes()), 0);
            assert_eq!(message_id_of(&envelope).as_deref(), id, "{header}");
        }
        for other in [&b""[..], b"(", b"(NIL NIL", b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL x)"] {
            assert_eq!(message_id_of(other), None);
        }
    }
}
