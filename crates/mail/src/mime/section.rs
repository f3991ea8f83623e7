//! `BODY[…]` and `BINARY[…]`: RFC 9051 §6.4.5.

use std::borrow::Cow;
use std::ops::Range;

use super::content;
use super::scan::{self, Field, Kind, Structure};
use super::transfer::Transfer;
use super::types::{Section, What};

/// The bytes of a section; `None` when the message has no such part.
///
/// Nothing is copied but the fields of `HEADER.FIELDS`. Taking a part of it (`<0.1024>`) is the caller's.
pub fn section<'a>(message: &'a [u8], section: &Section) -> Option<Cow<'a, [u8]>> {
    let structure = match (&section.path[..], &section.what) {
        ([], What::Whole) => return Some(Cow::Borrowed(message)),
        // Nothing but the header needs to be looked at.
        ([], _) => scan::scan_header(message),
        _ => scan::scan(message),
    };
    let part = structure.find(&section.path)?;
    let bytes = |range: Range<usize>| Some(Cow::Borrowed(&message[range]));
    match &section.what {
        What::Whole => bytes(structure.parts[part].body.clone()),
        What::Mime if section.path.is_empty() => None,
        What::Mime => bytes(structure.parts[part].header.clone()),
        What::Header => bytes(structure.parts[message_at(&structure, section, part)?].header.clone()),
        What::Text => bytes(structure.parts[message_at(&structure, section, part)?].body.clone()),
        What::HeaderFields { names, not } => {
            let part = message_at(&structure, section, part)?;
            let is_asked = |field: &Field<'_>| names.iter().any(|name| field.is(name)) != *not;
            let mut header: Vec<u8> =
                structure.fields(part).iter().filter(|field| is_asked(field)).flat_map(|field| field.raw).copied().collect();
            if !header.is_empty() && !header.ends_with(b"\n") {
                header.extend_from_slice(b"\r\n");
            }
            header.extend_from_slice(b"\r\n");
            Some(Cow::Owned(header))
        }
    }
}

/// HEADER and TEXT mean the message, or that within a message/rfc822 part.
fn message_at(structure: &Structure<'_>, section: &Section, part: usize) -> Option<usize> {
    if section.path.is_empty() {
        return Some(0);
    }
    let span = &structure.parts[part];
    (span.kind == Kind::Message).then(|| span.children.first().copied())?
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BinaryError {
    #[error("the message has no such part")]
    NoSuchPart,
    /// IMAP says `NO [UNKNOWN-CTE]`.
    #[error("the part's transfer encoding is not known")]
    UnknownEncoding,
}

/// A part without its transfer encoding: `BINARY[1.2]`, and what JMAP serves as the blob of a part. An empty path is the whole message.
pub fn binary<'a>(message: &'a [u8], path: &[u32]) -> Result<Cow<'a, [u8]>, BinaryError> {
    if path.is_empty() {
        return Ok(Cow::Borrowed(message));
    }
    let structure = scan::scan(message);
    let (transfer, part) = part_for_binary(&structure, path)?;
    Ok(transfer.decode(&message[structure.parts[part].body.clone()]))
}

/// `BINARY.SIZE[…]`: how long [`binary`] would be.
pub fn binary_size(message: &[u8], path: &[u32]) -> Result<usize, BinaryError> {
    if path.is_empty() {
        return Ok(message.len());
    }
    let structure = scan::scan(message);
    let (transfer, part) = part_for_binary(&structure, path)?;
    Ok(transfer.decoded_len(structure.body(part)))
}

fn part_for_binary(structure: &Structure<'_>, path: &[u32]) -> Result<(Transfer, usize), BinaryError> {
    let part = structure.find(path).ok_or(BinaryError::NoSuchPart)?;
    match content::transfer(structure, part) {
        Transfer::Unknown => Err(BinaryError::UnknownEncoding),
        transfer => Ok((transfer, part)),
    }
}
