//! GETMETADATA and SETMETADATA. RFC 5464 §5

use super::{Input, Parsed, values};
use crate::{EntryName, GetMetadata, MailboxName, MetadataDepth, SetMetadata, SyntaxErrorKind};

/// Each entry costs an answer for each mailbox.
const MAX_ENTRIES: usize = 100;

/// `getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries`
///
/// The examples of the RFC have the options behind the mailbox, so both places are taken.
pub(super) fn get_metadata(input: &mut Input) -> Parsed<GetMetadata> {
    input.space()?;
    let mut get = GetMetadata { mailbox: None, entries: Vec::new(), depth: MetadataDepth::Zero, max_size: None };
    if input.peek() == Some(b'(') {
        options(input, &mut get)?;
        input.space()?;
    }
    get.mailbox = mailbox_or_server(input)?;
    input.space()?;
    if matches!(input.rest(), [b'(', octet, ..] if octet.is_ascii_alphabetic()) {
        options(input, &mut get)?;
        input.space()?;
    }
    get.entries = match input.peek() {
        Some(b'(') => entry_list(input)?,
        _ => vec![entry(input)?],
    };
    Ok(get)
}

fn options(input: &mut Input, get: &mut GetMetadata) -> Parsed<()> {
    input.filled_list("an option", |input| {
        let wrong = input.unexpected("MAXSIZE or DEPTH");
        match input.word(wrong.expected)?.as_str() {
            "MAXSIZE" => {
                input.space()?;
                get.max_size = Some(input.number("a size")?);
            }
            "DEPTH" => {
                input.space()?;
                let wrong = input.unexpected("0, 1 or infinity");
                get.depth = match input.word(wrong.expected)?.as_str() {
                    "0" => MetadataDepth::Zero,
                    "1" => MetadataDepth::One,
                    "INFINITY" => MetadataDepth::Infinity,
                    _ => return Err(wrong),
                };
            }
            _ => return Err(wrong),
        }
        Ok(())
    })?;
    Ok(())
}

/// `setmetadata = "SETMETADATA" SP mailbox SP entry-values`
pub(super) fn set_metadata(input: &mut Input) -> Parsed<SetMetadata> {
    input.space()?;
    let mailbox = mailbox_or_server(input)?;
    input.space()?;
    let mut count = 0;
    let entries = input.filled_list("an entry", |input| {
        bound(input, &mut count)?;
        let wrong = input.unexpected("an entry that can have a value");
        let name = entry(input)?;
        if !name.can_have_a_value() {
            return Err(wrong);
        }
        input.space()?;
        Ok((name, value(input)?))
    })?;
    Ok(SetMetadata { mailbox, entries })
}

/// `"(" entry *(SP entry) ")"`; asked twice is answered once.
pub(super) fn entry_list(input: &mut Input) -> Parsed<Vec<EntryName>> {
    let (mut count, mut entries) = (0, Vec::new());
    input.filled_list("an entry", |input| {
        bound(input, &mut count)?;
        let name = entry(input)?;
        if !entries.contains(&name) {
            entries.push(name);
        }
        Ok(())
    })?;
    Ok(entries)
}

fn bound(input: &Input, count: &mut usize) -> Parsed<()> {
    *count += 1;
    if *count > MAX_ENTRIES { Err(input.error(SyntaxErrorKind::TooLarge, "more than 100 entries")) } else { Ok(()) }
}

/// `entry = astring`
fn entry(input: &mut Input) -> Parsed<EntryName> {
    let wrong = input.unexpected("the name of an entry");
    EntryName::new(&input.text(wrong.expected)?).ok_or(wrong)
}

/// `value = nstring / literal8`
pub(super) fn value(input: &mut Input) -> Parsed<Option<Vec<u8>>> {
    match input.peek() {
        Some(b'~') => input.nstring8(),
        _ => Ok(input.nstring("a string or NIL")?.map(std::borrow::Cow::into_owned)),
    }
}

/// A mailbox, or the empty name that stands for the server.
fn mailbox_or_server(input: &mut Input) -> Parsed<Option<MailboxName>> {
    if input.accept_word("\"\"") { Ok(None) } else { values::mailbox(input).map(Some) }
}
