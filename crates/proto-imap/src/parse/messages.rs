//! FETCH, STORE, COPY and MOVE.

use super::{Input, Parsed, values};
use crate::{Copy, Fetch, FetchAttribute, Partial, Store, StoreAction, SyntaxErrorKind};

/// More different items than any client asks for; each costs an answer per message.
const MAX_FETCH_ATTRIBUTES: usize = 256;

/// `fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]`
pub(super) fn fetch(input: &mut Input, uid: bool) -> Parsed<Fetch> {
    input.space()?;
    let messages = values::message_set(input)?;
    input.space()?;
    let attributes = match input.peek() {
        Some(b'(') => fetch_attributes(input)?,
        _ => match fetch_macro(input) {
            Some(attributes) => attributes,
            None => vec![fetch_attribute(input)?],
        },
    };
    let mut fetch = Fetch { uid, messages, attributes, changed_since: None, vanished: false, partial: None };
    if input.accept(b' ') {
        let start = input.unexpected("VANISHED only with UID FETCH and CHANGEDSINCE, PARTIAL only with UID FETCH");
        input.filled_list("a modifier", |input| fetch_modifier(input, &mut fetch))?;
        if (fetch.vanished && !(uid && fetch.changed_since.is_some())) || (fetch.partial.is_some() && !uid) {
            return Err(start);
        }
    }
    Ok(fetch)
}

/// `"(" fetch-att *(SP fetch-att) ")"`
pub(super) fn fetch_attributes(input: &mut Input) -> Parsed<Vec<FetchAttribute>> {
    let mut attributes: Vec<FetchAttribute> = Vec::new();
    input.filled_list("something to fetch", |input| {
        let attribute = fetch_attribute(input)?;
        if attributes.len() == MAX_FETCH_ATTRIBUTES {
            return Err(input.error(SyntaxErrorKind::TooLarge, "more than 256 items to fetch"));
        }
        // Asked twice is answered once.
        if !attributes.contains(&attribute) {
            attributes.push(attribute);
        }
        Ok(())
    })?;
    Ok(attributes)
}

fn fetch_macro(input: &mut Input) -> Option<Vec<FetchAttribute>> {
    let word = input.rest().split(|octet| *octet == b' ').next()?;
    let attributes = match word.to_ascii_uppercase().as_slice() {
        b"ALL" => FetchAttribute::all(),
        b"FAST" => FetchAttribute::fast(),
        b"FULL" => FetchAttribute::full(),
        _ => return None,
    };
    input.skip(word.len());
    Some(attributes)
}

/// `fetch-modifier`: CHANGEDSINCE and VANISHED (RFC 7162 §7), PARTIAL (RFC 9394 §4)
fn fetch_modifier(input: &mut Input, fetch: &mut Fetch) -> Parsed<()> {
    let wrong = input.unexpected("CHANGEDSINCE, VANISHED or PARTIAL, each once");
    match input.word(wrong.expected)?.as_str() {
        "CHANGEDSINCE" if fetch.changed_since.is_none() => {
            input.space()?;
            fetch.changed_since = Some(input.number64("a modification sequence")?);
        }
        "VANISHED" if !fetch.vanished => fetch.vanished = true,
        "PARTIAL" if fetch.partial.is_none() => {
            input.space()?;
            fetch.partial = Some(values::partial_range(input)?);
        }
        _ => return Err(wrong),
    }
    Ok(())
}

/// `fetch-att`
fn fetch_attribute(input: &mut Input) -> Parsed<FetchAttribute> {
    let wrong = input.unexpected("something to fetch");
    let word = input.word(wrong.expected)?;
    Ok(match word.as_str() {
        "UID" => FetchAttribute::Uid,
        "FLAGS" => FetchAttribute::Flags,
        "INTERNALDATE" => FetchAttribute::InternalDate,
        "ENVELOPE" => FetchAttribute::Envelope,
        "BODYSTRUCTURE" => FetchAttribute::BodyStructure,
        "RFC822" => FetchAttribute::Rfc822,
        "RFC822.SIZE" => FetchAttribute::Rfc822Size,
        "RFC822.HEADER" => FetchAttribute::Rfc822Header,
        "RFC822.TEXT" => FetchAttribute::Rfc822Text,
        "BODY" if input.peek() != Some(b'[') => FetchAttribute::Body,
        "BODY" | "BODY.PEEK" => {
            let section = values::section(input)?;
            FetchAttribute::Section { section, peek: word == "BODY.PEEK", partial: partial(input)? }
        }
        "BINARY" | "BINARY.PEEK" => {
            let path = values::section_binary(input)?;
            FetchAttribute::Binary { path, peek: word == "BINARY.PEEK", partial: partial(input)? }
        }
        "BINARY.SIZE" => FetchAttribute::BinarySize(values::section_binary(input)?),
        "MODSEQ" => FetchAttribute::ModSeq,
        "EMAILID" => FetchAttribute::EmailId,
        "THREADID" => FetchAttribute::ThreadId,
        "SAVEDATE" => FetchAttribute::SaveDate,
        "PREVIEW" => FetchAttribute::Preview { lazy: input.accept_word(" (LAZY)") },
        _ => return Err(wrong),
    })
}

/// `partial = "<" number64 "." nz-number64 ">"`
fn partial(input: &mut Input) -> Parsed<Option<Partial>> {
    if !input.accept(b'<') {
        return Ok(None);
    }
    let offset = input.number64("an offset")?;
    input.octet(b'.', "\".\"")?;
    let zero = input.unexpected("a count of octets, at least 1");
    let count = input.number64(zero.expected)?;
    input.octet(b'>', "\">\"")?;
    if count == 0 { Err(zero) } else { Ok(Some(Partial { offset, count })) }
}

/// `store = "STORE" SP sequence-set [store-modifiers] SP store-att-flags`  (RFC 9051 §9, RFC 7162 §7)
pub(super) fn store(input: &mut Input, uid: bool) -> Parsed<Store> {
    input.space()?;
    let messages = values::message_set(input)?;
    input.space()?;
    let mut unchanged_since = None;
    if input.peek() == Some(b'(') {
        input.filled_list("UNCHANGEDSINCE", |input| {
            let wrong = input.unexpected("UNCHANGEDSINCE, once");
            if unchanged_since.is_some() || input.word(wrong.expected)? != "UNCHANGEDSINCE" {
                return Err(wrong);
            }
            input.space()?;
            unchanged_since = Some(input.number64("a modification sequence")?);
            Ok(())
        })?;
        input.space()?;
    }
    let action = match input.peek() {
        Some(b'+') => StoreAction::Add,
        Some(b'-') => StoreAction::Remove,
        _ => StoreAction::Replace,
    };
    input.skip(usize::from(action != StoreAction::Replace));
    let wrong = input.unexpected("FLAGS or FLAGS.SILENT");
    let silent = match input.word(wrong.expected)?.as_str() {
        "FLAGS" => false,
        "FLAGS.SILENT" => true,
        _ => return Err(wrong),
    };
    input.space()?;
    let flags = if input.peek() == Some(b'(') {
        values::flag_list(input)?
    } else {
        let mut flags = vec![values::flag(input)?];
        while input.accept(b' ') {
            flags.push(values::flag(input)?);
        }
        flags
    };
    Ok(Store { uid, messages, action, silent, flags, unchanged_since })
}

/// `copy = "COPY" SP sequence-set SP mailbox`, and MOVE alike
pub(super) fn copy(input: &mut Input, uid: bool) -> Parsed<Copy> {
    input.space()?;
    let messages = values::message_set(input)?;
    input.space()?;
    Ok(Copy { uid, messages, mailbox: values::mailbox(input)? })
}
