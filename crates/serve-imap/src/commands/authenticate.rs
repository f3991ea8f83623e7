//! AUTHENTICATE with PLAIN (RFC 4616), with or without an initial response (RFC 4959). RFC 9051 §6.2.2

use proto_imap::{Atom, Code, SaslLine, Secret, parse_sasl_line};

use super::login::{refuse_in_the_clear, sign_in};
use crate::errors::{Failed, Refusal};
use crate::session::{Answer, Session};

/// Name and password are at most a few hundred octets each; base64 adds a third.
const MAX_LINE_BYTES: usize = 2048;

pub(crate) async fn authenticate(session: &mut Session, mechanism: &Atom, initial: Option<Secret>) -> Answer {
    refuse_in_the_clear(session)?;
    if !mechanism.is("PLAIN") {
        return Err(Refusal::no(Code::Cannot, "This mechanism is not offered").into());
    }
    let response = match initial {
        Some(initial) => initial,
        None => ask(session).await?,
    };
    let Some((authorization, name, password)) = read_plain(response.as_bytes()) else {
        return Err(Refusal::bad("Not a response to PLAIN").into());
    };
    // RFC 4616 §2: to act for another needs a right that does not exist yet.
    if !authorization.is_empty() && !authorization.eq_ignore_ascii_case(name) {
        return Err(Refusal::no(Code::AuthorizationFailed, "Nobody can act for another here").into());
    }
    sign_in(session, name, Some(password)).await
}

async fn ask(session: &mut Session) -> Result<Secret, Failed> {
    session.say().challenge(b"");
    match session.receive_line(MAX_LINE_BYTES).await?.map(|line| parse_sasl_line(&line)) {
        Some(SaslLine::Response(response)) => Ok(response),
        Some(SaslLine::Cancelled) => Err(Refusal::bad("AUTHENTICATE was given up").into()),
        Some(SaslLine::Invalid) | None => Err(Refusal::bad("Not a base64 response").into()),
    }
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
        assert_eq!(read_plain(b"Ursel\0Kurt\0xipj3plmq"), Some(("Ursel", "Kurt", "xipj3plmq")));
        for wrong in [&b"tim"[..], b"\0tim", b"\0\0secret", b"\0tim\0", b"\0tim\0a\0b", b"\0tim\0\xff"] {
            assert_eq!(read_plain(wrong), None);
        }
    }
}
