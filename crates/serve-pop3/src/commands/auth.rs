//! AUTH with PLAIN (RFC 4616), with or without an initial response. RFC 5034

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::sign_in::{refuse_in_the_clear, sign_in};
use crate::errors::{Code, Failed, Refusal};
use crate::session::{Answer, Done, Session};
use crate::texts;
use crate::wire::Secret;

pub(crate) async fn auth(session: &mut Session, mechanism: Option<&str>, initial: Option<Secret>) -> Answer {
    refuse_in_the_clear(session)?;
    let Some(mechanism) = mechanism else {
        session.say_ok(texts::MECHANISMS);
        session.say_line(&["PLAIN"]);
        session.say_line(&["."]);
        return Ok(Done::Said);
    };
    if !mechanism.eq_ignore_ascii_case("PLAIN") {
        return Err(Refusal::plain(texts::NO_SUCH_MECHANISM).into());
    }
    let response = match initial {
        Some(initial) => initial,
        None => ask(session).await?,
    };
    let decoded = decode(response.as_bytes()).ok_or(Refusal::bad(texts::NOT_A_RESPONSE))?;
    let (authorization, name, password) = read_plain(&decoded).ok_or(Refusal::bad(texts::NOT_A_RESPONSE))?;
    // RFC 4616 §2: to act for another needs a right that does not exist yet.
    if !authorization.is_empty() && !authorization.eq_ignore_ascii_case(name) {
        return Err(Refusal::of(Code::Auth, texts::ONLY_ONESELF).into());
    }
    sign_in(session, name, Some(password)).await
}

async fn ask(session: &mut Session) -> Result<Secret, Failed> {
    session.say_line(&["+ "]);
    match session.line_with(Secret::new).await? {
        Some(line) if line.as_bytes() == b"*" => Err(Refusal::bad(texts::GIVEN_UP).into()),
        Some(line) => Ok(line),
        None => Err(Refusal::bad(texts::LINE_TOO_LONG).into()),
    }
}

/// Base64; `=` is the empty response (RFC 5034 §4).
fn decode(response: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if response == b"=" { Some(Zeroizing::default()) } else { STANDARD.decode(response).ok().map(Zeroizing::new) }
}

/// `[authzid] NUL authcid NUL passwd`
fn read_plain(response: &[u8]) -> Option<(&str, &str, &str)> {
    let text = std::str::from_utf8(response).ok()?;
    let mut parts = text.split('\0');
    let (authorization, name, password) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && !name.is_empty() && !password.is_empty()).then_some((authorization, name, password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_has_three_parts() {
        assert_eq!(read_plain(b"\0tim\0tanstaaftanstaaf"), Some(("", "tim", "tanstaaftanstaaf")));
        for wrong in [&b""[..], b"tim", b"\0tim", b"\0\0secret", b"\0tim\0", b"\0tim\0a\0b", b"\0tim\0\xff"] {
            assert_eq!(read_plain(wrong), None);
        }
    }

    #[test]
    fn an_equals_sign_is_the_empty_response() {
        assert_eq!(decode(b"=").as_deref(), Some(&Vec::new()));
        assert_eq!(decode(b"AHRpbQ==").as_deref(), Some(&b"\0tim".to_vec()));
        assert!(decode(b"*").is_none() && decode(b"AHRpbQ").is_none());
    }
}
