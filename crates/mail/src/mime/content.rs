//! The text of a part: transfer encoding and character set undone.

use std::borrow::Cow;

use memchr::memmem;

use super::charset;
use super::params;
use super::scan::Structure;
use super::transfer::Transfer;

pub(super) struct PartText {
    pub text: String,
    pub is_problem: bool,
}

/// The bytes of a part without their transfer encoding.
pub(super) fn bytes<'a>(structure: &Structure<'a>, part: usize) -> Cow<'a, [u8]> {
    transfer(structure, part).decode(structure.body(part))
}

/// Multiparts and messages have none (RFC 2045 §6.4).
pub(super) fn transfer(structure: &Structure<'_>, part: usize) -> Transfer {
    match structure.parts[part].kind {
        super::scan::Kind::Leaf => Transfer::of(structure.field(part, "content-transfer-encoding")),
        _ => Transfer::Identity,
    }
}

/// The whole text of a text part.
pub(super) fn text(structure: &Structure<'_>, part: usize) -> PartText {
    text_of(structure, part, structure.body(part))
}

/// The text in the first `max_bytes` of a text part, as they stand in the message. Its end may be half a character.
pub(super) fn beginning(structure: &Structure<'_>, part: usize, max_bytes: usize) -> String {
    let body = structure.body(part);
    let mut text = text_of(structure, part, &body[..body.len().min(max_bytes)]).text;
    if body.len() > max_bytes {
        let kept = text.trim_end_matches(char::REPLACEMENT_CHARACTER).len();
        text.truncate(kept);
    }
    text
}

fn text_of(structure: &Structure<'_>, part: usize, body: &[u8]) -> PartText {
    let transfer = transfer(structure, part);
    let bytes = transfer.decode(body);
    let label = label(structure, part);
    let label = match label {
        Some(label) => label,
        None if bytes.is_ascii() => Cow::Borrowed(&b""[..]),
        None => Cow::Owned(label_in_html(&bytes).unwrap_or_default().to_vec()),
    };
    let decoded = charset::decode(&label, &bytes);
    PartText { is_problem: decoded.is_problem || transfer == Transfer::Unknown, text: decoded.text.into_owned() }
}

/// The charset parameter.
pub(super) fn label<'a>(structure: &Structure<'a>, part: usize) -> Option<Cow<'a, [u8]>> {
    let content_type = structure.parts[part].content_type.as_ref()?;
    let found = params::parameters(content_type.parameters)
        .find(|(name, _)| name.eq_ignore_ascii_case(b"charset") || name.eq_ignore_ascii_case(b"charset*"))?;
    Some(found.1).filter(|label| !label.is_empty())
}

/// `<meta charset=…>` and `<meta … content="text/html; charset=…">`, for HTML whose header says nothing.
fn label_in_html(bytes: &[u8]) -> Option<&[u8]> {
    let head = &bytes[..bytes.len().min(2048)];
    let at = memmem::find_iter(head, b"charset").find(|at| head[at + 7..].trim_ascii_start().starts_with(b"="))?;
    let value = head[at + 7..].trim_ascii_start()[1..].trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_.:".contains(byte)).unwrap_or(value.len());
    Some(&value[..end]).filter(|label| charset::is_known(label))
}
