//! Response codes, as our own clients read them. RFC 9051 §7.1

use super::{Input, Parsed, responses, values};
use crate::{Atom, Code, MetadataCode, Tag, chars};

/// `["[" resp-text-code "]" SP]`
pub(super) fn code(input: &mut Input) -> Parsed<Option<Code>> {
    if !input.accept(b'[') {
        return Ok(None);
    }
    let wrong = input.unexpected("a response code");
    let name = Atom::new(input.text_while(chars::is_atom_char, wrong.expected)?).ok_or(wrong)?;
    let code = match Code::PLAIN.into_iter().find(|code| name.is(code.name())) {
        Some(plain) => plain,
        None => with_argument(input, name)?,
    };
    input.octet(b']', "the end of the response code")?;
    input.accept(b' ');
    Ok(Some(code))
}

fn with_argument(input: &mut Input, name: Atom) -> Parsed<Code> {
    let number = |input: &mut Input| {
        input.space()?;
        input.number("a number")
    };
    Ok(match name.as_str().to_ascii_uppercase().as_str() {
        "APPENDUID" => Code::AppendUid { uid_validity: number(input)?, uids: responses::set(input)? },
        "COPYUID" => Code::CopyUid { uid_validity: number(input)?, from: responses::set(input)?, to: responses::set(input)? },
        "BADCHARSET" => Code::BadCharset(if input.accept(b' ') { input.list(|input| input.atom("a charset"))? } else { Vec::new() }),
        "BADEVENT" => {
            input.space()?;
            Code::BadEvent(input.list(|input| input.atom("an event"))?)
        }
        "BADURL" => {
            input.space()?;
            Code::BadUrl(String::from_utf8_lossy(input.take_while(|octet| octet != b']')).into_owned())
        }
        "CAPABILITY" => {
            let mut capabilities = Vec::new();
            while input.accept(b' ') {
                capabilities.push(input.atom("a capability")?);
            }
            Code::Capability(capabilities)
        }
        "HIGHESTMODSEQ" => {
            input.space()?;
            Code::HighestModSeq(input.number64("a modification sequence")?)
        }
        "INPROGRESS" => in_progress(input)?,
        "MAILBOXID" => {
            input.space()?;
            input.open()?;
            let id = values::object_id(input)?;
            input.close()?;
            Code::MailboxId(id)
        }
        "METADATA" => {
            input.space()?;
            let wrong = input.unexpected("LONGENTRIES, MAXSIZE, TOOMANY or NOPRIVATE");
            let size = |input: &mut Input| {
                input.space()?;
                input.number64("a size")
            };
            Code::Metadata(match input.word(wrong.expected)?.as_str() {
                "LONGENTRIES" => MetadataCode::LongEntries(size(input)?),
                "MAXSIZE" => MetadataCode::MaxSize(size(input)?),
                "TOOMANY" => MetadataCode::TooMany,
                "NOPRIVATE" => MetadataCode::NoPrivate,
                _ => return Err(wrong),
            })
        }
        "MODIFIED" => Code::Modified(responses::set(input)?),
        "PERMANENTFLAGS" => {
            input.space()?;
            let mut any = false;
            let flags = input.list(|input| {
                if input.accept_word("\\*") {
                    any = true;
                    return Ok(None);
                }
                values::flag(input).map(Some)
            })?;
            Code::PermanentFlags { flags: flags.into_iter().flatten().collect(), any }
        }
        "UIDNEXT" => Code::UidNext(number(input)?),
        "UIDVALIDITY" => Code::UidValidity(number(input)?),
        "UNSEEN" => Code::Unseen(number(input)?),
        _ => {
            let argument = input.accept(b' ').then(|| String::from_utf8_lossy(input.take_while(|octet| octet != b']')).into_owned());
            Code::Other(name, argument)
        }
    })
}

/// `"INPROGRESS" [SP "(" (quoted / nil) SP (nil SP nil / number SP (nil / nz-number)) ")"]`  (RFC 9585 §5)
fn in_progress(input: &mut Input) -> Parsed<Code> {
    if !input.accept(b' ') {
        return Ok(Code::InProgress { tag: None, progress: None });
    }
    input.open()?;
    let wrong = input.unexpected("a tag or NIL");
    let tag = match input.nstring(wrong.expected)? {
        Some(octets) => Some(std::str::from_utf8(&octets).ok().and_then(Tag::new).ok_or(wrong)?),
        None => None,
    };
    input.space()?;
    let progress = if input.accept_word("NIL NIL") {
        None
    } else {
        let done = input.number("how much is done")?;
        input.space()?;
        Some((done, if input.accept_word("NIL") { None } else { Some(input.nz_number("how much there is")?) }))
    };
    input.close()?;
    Ok(Code::InProgress { tag, progress })
}
