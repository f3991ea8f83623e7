//! Items of FETCH responses, as our own clients read them. RFC 9051 §7.5.2

use super::{Input, Parsed, values};
use crate::{DateTime, FetchItem, ObjectId};

/// One item of `msg-att`.
pub(super) fn item(input: &mut Input) -> Parsed<FetchItem> {
    let wrong = input.unexpected("an item");
    let word = input.word(wrong.expected)?;
    match (word.as_str(), input.peek()) {
        ("BODY", Some(b'[')) => {
            let section = values::section(input)?;
            let origin = origin(input)?;
            return Ok(FetchItem::Section { section, origin, octets: octets(input)? });
        }
        ("BINARY", _) => {
            let path = values::section_binary(input)?;
            let origin = origin(input)?;
            return Ok(FetchItem::Binary { path, origin, octets: octets(input)? });
        }
        ("BINARY.SIZE", _) => {
            let path = values::section_binary(input)?;
            input.space()?;
            return Ok(FetchItem::BinarySize { path, size: input.number64("a size")? });
        }
        _ => input.space()?,
    }
    Ok(match word.as_str() {
        "UID" => FetchItem::Uid(input.number("a uid")?),
        "FLAGS" => FetchItem::Flags(values::flag_list(input)?),
        "MODSEQ" => {
            input.open()?;
            let mod_seq = input.number64("a modification sequence")?;
            input.close()?;
            FetchItem::ModSeq(mod_seq)
        }
        "INTERNALDATE" => FetchItem::InternalDate(values::date_time(input)?),
        "RFC822.SIZE" => FetchItem::Rfc822Size(input.number64("a size")?),
        "ENVELOPE" => FetchItem::Envelope(structure(input)?),
        "BODYSTRUCTURE" => FetchItem::BodyStructure(structure(input)?),
        "BODY" => FetchItem::Body(structure(input)?),
        "RFC822" => FetchItem::Rfc822(input.nstring8()?),
        "RFC822.HEADER" => FetchItem::Rfc822Header(input.nstring8()?),
        "RFC822.TEXT" => FetchItem::Rfc822Text(input.nstring8()?),
        "EMAILID" => match object_id(input)? {
            Some(id) => FetchItem::EmailId(id),
            None => return Err(wrong),
        },
        "THREADID" => FetchItem::ThreadId(object_id(input)?),
        "PREVIEW" => FetchItem::Preview(input.nstring8()?.map(|octets| String::from_utf8_lossy(&octets).into_owned())),
        "SAVEDATE" => FetchItem::SaveDate(save_date(input)?),
        _ => return Err(wrong),
    })
}

/// `"<" number ">"`
fn origin(input: &mut Input) -> Parsed<Option<u64>> {
    if !input.accept(b'<') {
        return Ok(None);
    }
    let origin = input.number64("an origin")?;
    input.octet(b'>', "\">\"")?;
    Ok(Some(origin))
}

fn octets(input: &mut Input) -> Parsed<Option<Vec<u8>>> {
    input.space()?;
    input.nstring8()
}

fn object_id(input: &mut Input) -> Parsed<Option<ObjectId>> {
    if input.accept_word("NIL") {
        return Ok(None);
    }
    input.open()?;
    let id = values::object_id(input)?;
    input.close()?;
    Ok(Some(id))
}

fn save_date(input: &mut Input) -> Parsed<Option<DateTime>> {
    if input.accept_word("NIL") { Ok(None) } else { values::date_time(input).map(Some) }
}

/// A parenthesised value as it stands, strings and literals inside it skipped over.
fn structure(input: &mut Input) -> Parsed<Vec<u8>> {
    let all = input.rest();
    let mut depth = 0_usize;
    loop {
        match input.peek() {
            Some(b'(') => {
                depth += 1;
                input.skip(1);
            }
            Some(b')') => {
                depth = depth.saturating_sub(1);
                input.skip(1);
            }
            Some(b'"' | b'{' | b'~') => {
                input.nstring8()?;
            }
            Some(_) if depth > 0 => input.skip(1),
            _ => return input.fail("a parenthesised value"),
        }
        if depth == 0 {
            let taken = all.len() - input.rest().len();
            return Ok(all[..taken].to_vec());
        }
    }
}
