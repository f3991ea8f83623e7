//! Response codes. RFC 9051 §7.1, RFC 5530

use std::num::NonZeroU32;

use super::tokens;
use crate::{Code, MetadataCode};

/// `"[" resp-text-code "]" SP`
pub(super) fn code(out: &mut Vec<u8>, code: &Code) {
    out.push(b'[');
    out.extend_from_slice(code.name().as_bytes());
    argument(out, code);
    out.extend_from_slice(b"] ");
}

fn argument(out: &mut Vec<u8>, code: &Code) {
    let number = |out: &mut Vec<u8>, number: u64| {
        out.push(b' ');
        tokens::number(out, number);
    };
    match code {
        Code::AppendUid { uid_validity, uids } => {
            number(out, u64::from(*uid_validity));
            out.push(b' ');
            tokens::number_set(out, uids.ranges());
        }
        Code::CopyUid { uid_validity, from, to } => {
            number(out, u64::from(*uid_validity));
            for set in [from, to] {
                out.push(b' ');
                tokens::number_set(out, set.ranges());
            }
        }
        Code::BadCharset(charsets) if !charsets.is_empty() => {
            out.push(b' ');
            tokens::list(out, charsets, |out, charset| out.extend_from_slice(charset.as_str().as_bytes()));
        }
        Code::BadEvent(events) => {
            out.push(b' ');
            tokens::list(out, events, |out, event| out.extend_from_slice(event.as_str().as_bytes()));
        }
        Code::BadUrl(url) => {
            out.push(b' ');
            // RFC 4469 §5: what may not stand there is escaped, as in any URL.
            for octet in url.bytes() {
                if octet.is_ascii_graphic() && octet != b']' {
                    out.push(octet);
                } else {
                    out.extend_from_slice(format!("%{octet:02X}").as_bytes());
                }
            }
        }
        Code::Capability(capabilities) => {
            out.push(b' ');
            tokens::spaced(out, capabilities, |out, capability| out.extend_from_slice(capability.as_str().as_bytes()));
        }
        Code::HighestModSeq(mod_seq) => number(out, *mod_seq),
        Code::InProgress { tag, progress } => {
            out.extend_from_slice(b" (");
            match tag {
                Some(tag) => tokens::quoted(out, tag.as_str().as_bytes()),
                None => out.extend_from_slice(b"NIL"),
            }
            for state in [progress.map(|(done, _)| done), progress.and_then(|(_, goal)| goal).map(NonZeroU32::get)] {
                match state {
                    Some(state) => number(out, u64::from(state)),
                    None => out.extend_from_slice(b" NIL"),
                }
            }
            out.push(b')');
        }
        Code::UidNext(value) | Code::UidValidity(value) | Code::Unseen(value) => number(out, u64::from(*value)),
        Code::MailboxId(id) => {
            out.push(b' ');
            tokens::list(out, [id], |out, id| out.extend_from_slice(id.as_str().as_bytes()));
        }
        Code::Metadata(MetadataCode::LongEntries(size)) => {
            out.extend_from_slice(b" LONGENTRIES");
            number(out, *size);
        }
        Code::Metadata(MetadataCode::MaxSize(size)) => {
            out.extend_from_slice(b" MAXSIZE");
            number(out, *size);
        }
        Code::Metadata(MetadataCode::TooMany) => out.extend_from_slice(b" TOOMANY"),
        Code::Metadata(MetadataCode::NoPrivate) => out.extend_from_slice(b" NOPRIVATE"),
        Code::Modified(set) => {
            out.push(b' ');
            tokens::number_set(out, set.ranges());
        }
        Code::PermanentFlags { flags, any } => {
            let any = any.then_some("\\*".into());
            out.push(b' ');
            tokens::list(out, flags.iter().map(crate::Flag::name).chain(any), |out, name| out.extend_from_slice(name.as_bytes()));
        }
        Code::Other(_, Some(argument)) => {
            out.push(b' ');
            // RFC 9051 §9: any text without the closing bracket.
            out.extend(argument.bytes().map(|octet| if octet == b']' || crate::chars::is_ctl(octet) { b' ' } else { octet }));
        }
        _ => {}
    }
}
