//! APPEND and REPLACE, whose messages pass by outside of what is parsed here. RFC 9051 §6.3.12, RFC 3502, RFC 4469, RFC 6855 §4, RFC 8508

use super::{Input, Parsed, values};
use crate::{Append, AppendData, AppendMessage, CatenatePart, MessageForm, Replace, Replaced, SyntaxErrorKind};

/// Each announcement reads the command anew, so that their number must end somewhere.
const MAX_MESSAGES: usize = 1000;
/// Of one message that is put together.
const MAX_PARTS: usize = 1000;
/// Longer ones name nothing.
const MAX_URL_BYTES: usize = 8 << 10;

/// `append = "APPEND" SP mailbox 1*append-message`  (RFC 4466 §6, RFC 3502 §6.3.11)
pub(super) fn append(input: &mut Input) -> Parsed<Append> {
    read(input, false)
}

/// `replace = "REPLACE" SP seq-number SP mailbox append-message`  (RFC 8508 §5)
pub(super) fn replace(input: &mut Input, uid: bool) -> Parsed<Replace> {
    let replaced = replaced(input, uid)?;
    input.space()?;
    let mailbox = values::mailbox(input)?;
    input.space()?;
    Ok(Replace { replaced, mailbox, message: message(input, false)? })
}

fn replaced(input: &mut Input, uid: bool) -> Parsed<Replaced> {
    input.space()?;
    Ok(Replaced { uid, number: values::sequence_number(input)? })
}

/// Either, up to an announced message.
pub(super) fn head(input: &mut Input) -> Parsed<(Option<Replaced>, Append)> {
    let mut word = input.word("a command")?;
    let uid = word == "UID";
    if uid {
        input.space()?;
        word = input.word("a command")?;
    }
    let replaced = if word == "REPLACE" { Some(replaced(input, uid)?) } else { None };
    let several = input.unexpected("one message");
    let append = read(input, true)?;
    if replaced.is_some() && append.messages.len() > 1 { Err(several) } else { Ok((replaced, append)) }
}

fn read(input: &mut Input, head: bool) -> Parsed<Append> {
    input.space()?;
    let mailbox = values::mailbox(input)?;
    let mut messages: Vec<AppendMessage> = Vec::new();
    loop {
        input.space()?;
        if messages.iter().map(|message| message.sizes().count().max(1)).sum::<usize>() >= MAX_MESSAGES {
            return Err(input.error(SyntaxErrorKind::TooLarge, "more than 1000 messages"));
        }
        messages.push(message(input, head)?);
        if input.is_at_end() {
            return Ok(Append { mailbox, messages });
        }
    }
}

/// `append-message = [SP flag-list] [SP date-time] SP append-data`
fn message(input: &mut Input, head: bool) -> Parsed<AppendMessage> {
    let mut flags = Vec::new();
    let mut date = None;
    if input.peek() == Some(b'(') {
        flags = values::flag_list(input)?;
        input.space()?;
    }
    if input.peek() == Some(b'"') {
        date = Some(values::date_time(input)?);
        input.space()?;
    }
    let literal = |size, form| AppendData::Literal { size, form };
    let data = match input.peek() {
        Some(b'{') => literal(input.literal_size()?, MessageForm::Literal),
        Some(b'~') => literal(literal8_size(input)?, MessageForm::Literal8),
        _ if input.accept_word("UTF8 (") => {
            let size = literal8_size(input)?;
            // Of an announced message the parenthesis is still to come.
            if !(head && input.is_at_end()) {
                input.close()?;
            }
            literal(size, MessageForm::Utf8)
        }
        _ if input.accept_word("CATENATE (") => AppendData::Catenate(parts(input, head)?),
        _ => return input.fail("flags, a date, a literal or CATENATE"),
    };
    Ok(AppendMessage { flags, date, data })
}

/// `cat-part *(SP cat-part) ")"`, where `cat-part = "TEXT" SP literal / "URL" SP astring`  (RFC 4469 §5)
fn parts(input: &mut Input, head: bool) -> Parsed<Vec<CatenatePart>> {
    let mut parts = Vec::new();
    loop {
        if parts.len() == MAX_PARTS {
            return Err(input.error(SyntaxErrorKind::TooLarge, "more than 1000 parts"));
        }
        let wrong = input.unexpected("TEXT or URL");
        match input.word(wrong.expected)?.as_str() {
            "TEXT" => {
                input.space()?;
                let size = if input.peek() == Some(b'~') { literal8_size(input)? } else { input.literal_size()? };
                parts.push(CatenatePart::Text { size });
                // What comes behind an announced text is still to come.
                if head && input.is_at_end() {
                    return Ok(parts);
                }
            }
            "URL" => {
                input.space()?;
                let too_long = input.error(SyntaxErrorKind::TooLarge, "a URL");
                let url = input.text("a URL")?;
                if url.len() > MAX_URL_BYTES {
                    return Err(too_long);
                }
                parts.push(CatenatePart::Url(url));
            }
            _ => return Err(wrong),
        }
        if input.accept(b')') {
            return Ok(parts);
        }
        input.octet(b' ', "a space or \")\"")?;
    }
}

/// `literal8 = "~{" number64 ["+"] "}" CRLF *OCTET`
fn literal8_size(input: &mut Input) -> Parsed<u64> {
    input.octet(b'~', "a literal")?;
    input.literal_size()
}
