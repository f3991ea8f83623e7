//! Signing in and what concerns the session as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Input, Parsed};
use crate::{CommandBody, Enable, Secret};

/// RFC 2971 §3.3
const MAX_ID_FIELDS: usize = 30;

/// `authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]`  (RFC 9051 §9, RFC 4959 §7)
pub(super) fn authenticate(input: &mut Input) -> Parsed<CommandBody> {
    input.space()?;
    let mechanism = input.atom("a SASL mechanism")?;
    if !input.accept(b' ') {
        return Ok(CommandBody::Authenticate { mechanism, initial: None });
    }
    let expected = input.unexpected("a base64 response or \"=\"");
    let octets = input.take_while(|octet| octet > b' ');
    // RFC 4959 §3: a response of no octets is written "=".
    let initial = if octets == b"=" { Some(Vec::new()) } else { STANDARD.decode(octets).ok().filter(|response| !response.is_empty()) };
    let initial = Some(Secret::new(initial.ok_or(expected)?));
    Ok(CommandBody::Authenticate { mechanism, initial })
}

/// What a client answers to a SASL challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaslLine {
    Response(Secret),
    /// `*`: the exchange is given up, the answer is BAD. RFC 9051 §6.2.2
    Cancelled,
    /// No base64: BAD.
    Invalid,
}

/// A [`crate::Frame::Line`] within AUTHENTICATE. RFC 9051 §6.2.2
pub fn parse_sasl_line(line: &[u8]) -> SaslLine {
    if line == b"*" {
        return SaslLine::Cancelled;
    }
    STANDARD.decode(line).map_or(SaslLine::Invalid, |response| SaslLine::Response(Secret::new(response)))
}

/// Whether a [`crate::Frame::Line`] ends IDLE. RFC 9051 §6.3.13
pub fn is_done(line: &[u8]) -> bool {
    line.eq_ignore_ascii_case(b"DONE")
}

/// `login = "LOGIN" SP userid SP password`
pub(super) fn login(input: &mut Input) -> Parsed<CommandBody> {
    input.space()?;
    let user = input.text("a user name")?;
    input.space()?;
    let password = Secret::new(input.astring("a password")?);
    Ok(CommandBody::Login { user, password })
}

/// `id = "ID" SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)`  (RFC 2971 §4)
pub(super) fn id(input: &mut Input) -> Parsed<CommandBody> {
    input.space()?;
    id_fields(input).map(CommandBody::Id)
}

pub(crate) fn id_fields(input: &mut Input) -> Parsed<Vec<(String, Option<String>)>> {
    if input.accept_word("NIL") {
        return Ok(Vec::new());
    }
    let mut count = 0;
    input.list(|input| {
        count += 1;
        if count > MAX_ID_FIELDS {
            return input.fail("at most 30 fields");
        }
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let field = text(&input.string("a field")?);
        input.space()?;
        let value = input.nstring("a value or NIL")?;
        Ok((field, value.as_deref().map(text)))
    })
}

/// `enable = "ENABLE" 1*(SP capability)`  (RFC 5161 §4)
pub(super) fn enable(input: &mut Input) -> Parsed<CommandBody> {
    let mut capabilities = Vec::new();
    loop {
        input.space()?;
        let capability = input.atom("a capability")?;
        capabilities.push(match capability.as_str().to_ascii_uppercase().as_str() {
            "IMAP4REV2" => Enable::Imap4Rev2,
            "UTF8=ACCEPT" => Enable::Utf8Accept,
            "CONDSTORE" => Enable::CondStore,
            "QRESYNC" => Enable::QResync,
            "UIDONLY" => Enable::UidOnly,
            "METADATA" => Enable::Metadata,
            _ => Enable::Other(capability),
        });
        if input.is_at_end() {
            return Ok(CommandBody::Enable(capabilities));
        }
    }
}

/// `compress = "COMPRESS" SP algorithm`  (RFC 4978 §5)
pub(super) fn compress(input: &mut Input) -> Parsed<CommandBody> {
    input.space()?;
    Ok(CommandBody::Compress { algorithm: input.atom("an algorithm")? })
}
