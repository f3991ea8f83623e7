//! Response codes, as our own clients read them. RFC 9051 §7.1

use super::{Input, Parsed, responses, values};
use crate::{Atom, Code, chars};

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
        "MAILBOXID" => {
            input.space()?;
            input.open()?;
            let id = values::object_id(input)?;
            input.close()?;
            Code::MailboxId(id)
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
