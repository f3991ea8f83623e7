//! AUTHENTICATE with PLAIN (RFC 4616) and SCRAM-SHA-256 (RFC 5802, RFC 7677), with or without an initial response (RFC 4959). RFC 9051 §6.2.2

use std::sync::Arc;

use identity::protocols::{self, Protocol, ProtocolSignInError};
use identity::scram::{ChannelBinding, ClientFirst, Proof};
use proto_imap::{Atom, Code, SaslLine, Secret, parse_sasl_line};

use super::login::{end, refuse_in_the_clear, sign_in};
use crate::errors::{Failed, Refusal};
use crate::session::{Answer, Session};

/// Name and password are at most a few hundred octets each; base64 adds a third.
const MAX_LINE_BYTES: usize = 2048;
/// A multiple of three, so that it is written without padding.
const NONCE_BYTES: usize = 18;

pub(crate) async fn authenticate(session: &mut Session, mechanism: &Atom, initial: Option<Secret>) -> Answer {
    refuse_in_the_clear(session)?;
    let binds = mechanism.is("SCRAM-SHA-256-PLUS") && session.connection.tls_exporter().is_some();
    if !mechanism.is("PLAIN") && !mechanism.is("SCRAM-SHA-256") && !binds {
        return Err(Refusal::no(Code::Cannot, "This mechanism is not offered").into());
    }
    let response = match initial {
        Some(initial) => initial,
        None => ask(session, b"").await?,
    };
    if mechanism.is("PLAIN") { plain(session, &response).await } else { scram(session, &response, binds).await }
}

async fn plain(session: &mut Session, response: &Secret) -> Answer {
    let Some((authorization, name, password)) = read_plain(response.as_bytes()) else {
        return Err(Refusal::bad("Not a response to PLAIN").into());
    };
    // RFC 4616 §2: to act for another needs a right that does not exist yet.
    if !authorization.is_empty() && !authorization.eq_ignore_ascii_case(name) {
        return Err(Refusal::no(Code::AuthorizationFailed, "Nobody can act for another here").into());
    }
    sign_in(session, name, Some(password)).await
}

/// The client proves that it knows a client password, and hears that we do.
async fn scram(session: &mut Session, response: &Secret, binds: bool) -> Answer {
    let no_message = || Failed::from(Refusal::bad("Not a message of SCRAM"));
    let first = ClientFirst::read(response.as_bytes()).ok_or_else(no_message)?;
    if first.authorization.as_ref().is_some_and(|other| !other.eq_ignore_ascii_case(&first.name)) {
        return Err(Refusal::no(Code::AuthorizationFailed, "Nobody can act for another here").into());
    }
    let exporter = session.connection.tls_exporter();
    let bound_to = match (&first.binding, exporter) {
        (ChannelBinding::Of(kind), Some(exporter)) if binds && kind == "tls-exporter" => exporter.to_vec(),
        (ChannelBinding::Unsupported, _) if !binds => Vec::new(),
        // RFC 5802 §6: where binding is offered, a client that has not heard so was deceived.
        (ChannelBinding::NotOffered, None) if !binds => Vec::new(),
        _ => return end(session, Err(ProtocolSignInError::Wrong)).await,
    };
    let server = Arc::clone(&session.server);
    let salt = protocols::scram_salt(&server.store, &session.ctx, &first.name).await.map_err(Failed::of)?;
    let answered = first.answer(&salt, &session.ctx.rng.bytes::<NONCE_BYTES>());
    let last = ask(session, answered.message.as_bytes()).await?;
    let proof = Proof::read(&first, &answered, last.as_bytes(), &bound_to);
    match protocols::sign_in_by_proof(&server.store, &session.ctx, &first.name, proof, Protocol::Imap).await {
        Ok((signed_in, proven)) => {
            // RFC 9051 §6.2.2 has no place for it beside the OK, so it is a challenge, and the answer to it is empty.
            ask(session, proven.as_bytes()).await?;
            end(session, Ok(signed_in)).await
        }
        Err(error) => end(session, Err(error)).await,
    }
}

async fn ask(session: &mut Session, challenge: &[u8]) -> Result<Secret, Failed> {
    session.say().challenge(challenge);
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
