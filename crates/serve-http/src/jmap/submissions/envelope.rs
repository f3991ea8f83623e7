//! The envelope a client hands in, or the one its message's header gives (RFC 8621 §7), and the parameters of SMTP in it.

use std::collections::BTreeSet;

use kernel::Timestamp;
use mail::email_submissions::{SentAddress, SentEnvelope};
use mail::mime;
use mail::submission::held::MAX_DELAY_SECS;
use mail::submission::{EnvelopeAddress, MAX_RECIPIENTS, NewRecipient, Notify, Return, ReversePath};
use serde_json::{Map, Value, json};

use crate::jmap::emails::wire::{date_of, utc};
use crate::jmap::error::SetError;

/// What submission offers beyond SMTP, with the words that EHLO would say behind each (RFC 8621 §1.3.2).
pub fn extensions(now: Timestamp) -> Value {
    json!({
        "FUTURERELEASE": [MAX_DELAY_SECS.to_string(), utc(now.plus_secs(MAX_DELAY_SECS))],
        "DSN": [],
        "SMTPUTF8": [],
        "8BITMIME": [],
        "SIZE": [crate::jmap::limits::MAX_SIZE_UPLOAD.to_string()],
    })
}

/// Parameters of MAIL and of RCPT that are understood; a client that uses others is told.
const OF_MAIL: &[&str] = &["ENVID", "RET", "HOLDFOR", "HOLDUNTIL", "BODY", "SMTPUTF8", "SIZE"];
const OF_RCPT: &[&str] = &["NOTIFY", "ORCPT"];

pub fn envelope_of(value: &Value) -> Option<SentEnvelope> {
    let rcpt_to = value["rcptTo"].as_array().filter(|recipients| recipients.len() <= 10 * MAX_RECIPIENTS)?;
    Some(SentEnvelope { mail_from: address_of(&value["mailFrom"])?, rcpt_to: rcpt_to.iter().map(address_of).collect::<Option<_>>()? })
}

fn address_of(value: &Value) -> Option<SentAddress> {
    let email = value["email"].as_str().filter(|email| email.len() <= 1000 && !email.contains('\0'))?;
    let parameters = match &value["parameters"] {
        Value::Null => None,
        Value::Object(parameters) => {
            let fits = |(name, value): (&String, &Value)| {
                name.len() <= 50
                    && !name.contains('\0')
                    && (value.is_null() || value.as_str().is_some_and(|text| text.len() <= 500 && !text.contains('\0')))
            };
            (parameters.len() <= 20 && parameters.iter().all(fits)).then(|| Some(parameters.clone()))?
        }
        _ => return None,
    };
    Some(SentAddress { email: email.to_owned(), parameters, outcome: None })
}

/// An envelope whose addresses can be sent to.
pub struct Prepared {
    pub envelope: SentEnvelope,
    pub from: ReversePath,
    pub recipients: Vec<NewRecipient>,
    pub envelope_id: Option<String>,
    pub ret: Return,
    /// When it is to leave, if that is not at once.
    pub not_before: Option<Timestamp>,
}

impl Prepared {
    pub fn of(mut envelope: SentEnvelope, now: Timestamp) -> Result<Self, SetError> {
        refuse_unknown(&envelope)?;
        let from = match envelope.mail_from.email.as_str() {
            "" => ReversePath::Null,
            email => {
                let address: EnvelopeAddress = email.parse().map_err(|error| SetError::typed("forbiddenMailFrom", error))?;
                ReversePath::Address(address)
            }
        };
        if envelope.rcpt_to.is_empty() {
            return Err(SetError::new("noRecipients").because("the message goes to nobody"));
        }
        if envelope.rcpt_to.len() > MAX_RECIPIENTS {
            return Err(SetError::new("tooManyRecipients").with("maxRecipients", json!(MAX_RECIPIENTS)));
        }
        let (mut recipients, mut invalid) = (Vec::new(), Vec::new());
        for recipient in &mut envelope.rcpt_to {
            match recipient.email.parse::<EnvelopeAddress>() {
                Ok(address) => {
                    recipient.email = address.to_string();
                    recipients.push(with_parameters(address, recipient.parameters.as_ref()));
                }
                Err(_) => invalid.push(recipient.email.clone()),
            }
        }
        if !invalid.is_empty() {
            return Err(invalid_recipients(invalid));
        }
        let parameter = |name: &str| parameter(envelope.mail_from.parameters.as_ref(), name);
        let envelope_id = parameter("ENVID").filter(|id| id.len() <= 100);
        let ret = if parameter("RET").is_some_and(|ret| ret.eq_ignore_ascii_case("FULL")) { Return::Full } else { Return::Headers };
        let not_before = release_of(envelope.mail_from.parameters.as_ref(), now)?;
        Ok(Self { from, recipients, envelope_id, ret, not_before, envelope })
    }
}

pub fn invalid_recipients(invalid: Vec<String>) -> SetError {
    SetError::new("invalidRecipients").because("mail cannot be sent to some of the recipients").with("invalidRecipients", json!(invalid))
}

fn refuse_unknown(envelope: &SentEnvelope) -> Result<(), SetError> {
    let unknown = |address: &SentAddress, known: &[&str]| {
        let mut names = address.parameters.iter().flat_map(Map::keys);
        names.find(|name| !known.iter().any(|own| own.eq_ignore_ascii_case(name))).cloned()
    };
    let found = unknown(&envelope.mail_from, OF_MAIL).or_else(|| envelope.rcpt_to.iter().find_map(|to| unknown(to, OF_RCPT)));
    match found {
        None => Ok(()),
        Some(name) => Err(SetError::invalid_property("envelope", format!("the parameter {name:?} is not offered"))),
    }
}

/// RFC 4865 §4: `HOLDFOR` seconds, or `HOLDUNTIL` a time; not both. A time that has passed is no reason to wait.
fn release_of(parameters: Option<&Map<String, Value>>, now: Timestamp) -> Result<Option<Timestamp>, SetError> {
    let wrong = |why: &str| SetError::invalid_property("envelope", why);
    let at = match (parameter(parameters, "HOLDFOR"), parameter(parameters, "HOLDUNTIL")) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(wrong("HOLDFOR and HOLDUNTIL exclude each other")),
        (Some(seconds), None) => {
            let is_number = (1..=9).contains(&seconds.len()) && seconds.bytes().all(|byte| byte.is_ascii_digit());
            let seconds: i64 = seconds.parse().ok().filter(|_| is_number).ok_or_else(|| wrong("HOLDFOR is a number of seconds"))?;
            now.plus_secs(seconds)
        }
        (None, Some(until)) => date_of(&until).ok_or_else(|| wrong("HOLDUNTIL is a time such as 2026-12-01T09:00:00Z"))?.at,
    };
    if at > now.plus_secs(MAX_DELAY_SECS) {
        return Err(wrong("the message would be held for longer than maxDelayedSend"));
    }
    Ok(Some(at).filter(|at| *at > now))
}

fn parameter(parameters: Option<&Map<String, Value>>, name: &str) -> Option<String> {
    let (_, value) = parameters?.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    value.as_str().map(str::to_owned)
}

/// RFC 3461 §4
fn with_parameters(address: EnvelopeAddress, parameters: Option<&Map<String, Value>>) -> NewRecipient {
    let mut recipient = NewRecipient::new(address);
    if let Some(notify) = parameter(parameters, "NOTIFY") {
        let asks = |word: &str| notify.split(',').any(|asked| asked.trim().eq_ignore_ascii_case(word));
        recipient.notify = Notify { success: asks("SUCCESS"), failure: asks("FAILURE"), delay: asks("DELAY") };
    }
    recipient.original = parameter(parameters, "ORCPT").filter(|original| original.len() <= 500 && original.is_ascii());
    recipient
}

/// RFC 8621 §7.5: from whom and to whom, as the header says.
pub fn derived_envelope(message: &[u8]) -> Result<SentEnvelope, SetError> {
    let parsed = mime::parse(message);
    let addresses = |name: &str| -> Vec<String> {
        let fields = parsed.headers().iter().filter(|field| field.is(name));
        fields
            .flat_map(|field| field.as_addresses())
            .map(|address| address.email.trim().to_owned())
            .filter(|email| !email.is_empty())
            .collect()
    };
    let invalid =
        |name: &str| SetError::new("invalidEmail").because("the message does not say who sends it").with("properties", json!([name]));
    let sender = match (&addresses("sender")[..], &addresses("from")[..]) {
        ([sender], _) => sender.clone(),
        ([], [from]) => from.clone(),
        ([], _) => return Err(invalid("from")),
        _ => return Err(invalid("sender")),
    };
    let mut seen = BTreeSet::new();
    let recipients = ["to", "cc", "bcc"].into_iter().flat_map(addresses).filter(|email| seen.insert(email.to_lowercase()));
    let address = |email: String| SentAddress { email, parameters: None, outcome: None };
    Ok(SentEnvelope { mail_from: address(sender), rcpt_to: recipients.map(address).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_derived_from_the_header() {
        let message = b"From: a@first.test\r\nTo: b@first.test, C <c@second.test>\r\nCc: B@first.test\r\nBcc: d@first.test\r\n\r\n";
        let envelope = derived_envelope(message).unwrap();
        assert_eq!(envelope.mail_from.email, "a@first.test");
        let recipients: Vec<&str> = envelope.rcpt_to.iter().map(|recipient| recipient.email.as_str()).collect();
        assert_eq!(recipients, ["b@first.test", "c@second.test", "d@first.test"]);
        let several = derived_envelope(b"From: a@first.test, b@first.test\r\nSender: b@first.test\r\n\r\n").unwrap();
        assert_eq!((several.mail_from.email.as_str(), several.rcpt_to.len()), ("b@first.test", 0));
        assert_eq!(derived_envelope(b"From: a@first.test, b@first.test\r\n\r\n").unwrap_err().kind(), "invalidEmail");
        assert_eq!(derived_envelope(b"Subject: x\r\n\r\n").unwrap_err().kind(), "invalidEmail");
    }

    #[test]
    fn a_hold_is_seconds_or_a_time_and_never_beyond_the_limit() {
        let now = Timestamp::from_micros(1_780_000_000_000_000);
        let asked = |parameters: Value| release_of(parameters.as_object(), now).map_err(|error| error.kind());
        assert_eq!(asked(json!({})), Ok(None));
        assert_eq!(asked(json!({ "holdfor": "30" })), Ok(Some(now.plus_secs(30))));
        assert_eq!(asked(json!({ "HOLDUNTIL": "2026-05-28T21:26:41+01:00" })), Ok(Some(now.plus_secs(1))));
        for at_once in [json!({ "HOLDFOR": "0" }), json!({ "HOLDUNTIL": "2020-01-01T00:00:00Z" })] {
            assert_eq!(asked(at_once), Ok(None));
        }
        assert_eq!(asked(json!({ "HOLDFOR": MAX_DELAY_SECS.to_string() })), Ok(Some(now.plus_secs(MAX_DELAY_SECS))));
        for wrong in [
            json!({ "HOLDFOR": (MAX_DELAY_SECS + 1).to_string() }),
            json!({ "HOLDFOR": "-5" }),
            json!({ "HOLDFOR": "+5" }),
            json!({ "HOLDFOR": "9999999999" }),
            json!({ "HOLDFOR": "" }),
            json!({ "HOLDUNTIL": "tomorrow" }),
            json!({ "HOLDUNTIL": "2099-01-01T00:00:00Z" }),
            json!({ "HOLDFOR": "5", "HOLDUNTIL": "2026-05-28T20:26:41Z" }),
        ] {
            assert_eq!(asked(wrong.clone()), Err("invalidProperties"), "{wrong}");
        }
    }
}
