//! Parameters of MAIL and RCPT: `esmtp-keyword ["=" esmtp-value]`   (RFC 5321 §4.1.2)

use mail::submission::{Notify, Return};

use super::SyntaxError;

/// What MAIL may say behind the path. Whether this listener takes them is the session's to decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailParameters {
    /// RFC 1870.
    pub size: Option<u64>,
    /// RFC 6152; `Some(true)` is 8BITMIME, `Some(false)` 7BIT.
    pub eight_bit: Option<bool>,
    /// RFC 6531.
    pub smtp_utf8: bool,
    /// RFC 4954 §5. Read and not believed.
    pub auth: bool,
    /// RFC 3461 §4.3.
    pub ret: Option<Return>,
    /// RFC 3461 §4.4, as it was given: still encoded, but known to be decodable to text.
    pub envelope_id: Option<String>,
}

/// What RCPT may say behind the path (RFC 3461 §4.1, §4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RcptParameters {
    pub notify: Option<Notify>,
    /// `rfc822;address` or another type, as it was given.
    pub original_recipient: Option<String>,
}

/// Parameters of one command; more are not worth reading.
const MAX_PARAMETERS: usize = 10;
// RFC 3461 §4.4 and §4.2.
const MAX_ENVELOPE_ID: usize = 100;
const MAX_ORIGINAL_RECIPIENT: usize = 500;

/// `text` is what follows the path: nothing, or parameters with a space before each.
fn each(text: &str, mut take: impl FnMut(&str, Option<&str>) -> Result<(), SyntaxError>) -> Result<(), SyntaxError> {
    if text.is_empty() {
        return Ok(());
    }
    let text = text.strip_prefix(' ').ok_or(SyntaxError::Arguments)?;
    let mut seen: Vec<&str> = Vec::new();
    for parameter in text.split(' ').filter(|parameter| !parameter.is_empty()) {
        let (keyword, value) = match parameter.split_once('=') {
            Some((keyword, value)) => (keyword, Some(value)),
            None => (parameter, None),
        };
        let is_keyword = keyword.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !keyword.starts_with('-');
        let is_value = |value: &str| !value.is_empty() && value.bytes().all(|byte| byte > b' ' && byte != b'=' && byte != 0x7f);
        // RFC 3461 encodes `=`, but ORCPT of SMTPUTF8 may hold it within an address.
        let is_value = |value: &str| is_value(value) || (keyword.eq_ignore_ascii_case("ORCPT") && is_value(&value.replace('=', "")));
        let repeated = seen.iter().any(|seen| seen.eq_ignore_ascii_case(keyword));
        if keyword.is_empty() || !is_keyword || value.is_some_and(|value| !is_value(value)) || repeated || seen.len() >= MAX_PARAMETERS {
            return Err(SyntaxError::Arguments);
        }
        seen.push(keyword);
        take(keyword, value)?;
    }
    Ok(())
}

impl MailParameters {
    pub(super) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut found = Self::default();
        each(text, |keyword, value| {
            let keyword = keyword.to_ascii_uppercase();
            match (keyword.as_str(), value) {
                ("SIZE", Some(value)) => found.size = Some(number(value)?),
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("8BITMIME") => found.eight_bit = Some(true),
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("7BIT") => found.eight_bit = Some(false),
                // BINARYMIME (RFC 3030) is not offered: what is stored has lines.
                ("BODY", _) => return Err(SyntaxError::Parameter),
                ("SMTPUTF8", None) => found.smtp_utf8 = true,
                ("AUTH", Some(value)) => {
                    decode_xtext(value).ok_or(SyntaxError::Arguments)?;
                    found.auth = true;
                }
                ("RET", Some(value)) if value.eq_ignore_ascii_case("FULL") => found.ret = Some(Return::Full),
                ("RET", Some(value)) if value.eq_ignore_ascii_case("HDRS") => found.ret = Some(Return::Headers),
                ("ENVID", Some(value)) if value.len() <= MAX_ENVELOPE_ID => {
                    decode_xtext(value).ok_or(SyntaxError::Arguments)?;
                    found.envelope_id = Some(value.to_owned());
                }
                ("SIZE" | "SMTPUTF8" | "AUTH" | "RET" | "ENVID", _) => return Err(SyntaxError::Arguments),
                _ => return Err(SyntaxError::Parameter),
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether a parameter of RFC 3461 is among them.
    pub fn speaks_of_notices(&self) -> bool {
        self.ret.is_some() || self.envelope_id.is_some()
    }
}

impl RcptParameters {
    pub(super) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut found = Self::default();
        each(text, |keyword, value| {
            let keyword = keyword.to_ascii_uppercase();
            match (keyword.as_str(), value) {
                ("NOTIFY", Some(value)) => found.notify = Some(notify(value)?),
                ("ORCPT", Some(value)) if value.len() <= MAX_ORIGINAL_RECIPIENT => {
                    let (kind, address) = value.split_once(';').ok_or(SyntaxError::Arguments)?;
                    let is_kind = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                    decode_xtext(address).filter(|address| is_kind && !address.is_empty()).ok_or(SyntaxError::Arguments)?;
                    found.original_recipient = Some(value.to_owned());
                }
                ("NOTIFY" | "ORCPT", _) => return Err(SyntaxError::Arguments),
                _ => return Err(SyntaxError::Parameter),
            }
            Ok(())
        })?;
        Ok(found)
    }

    pub fn speaks_of_notices(&self) -> bool {
        self.notify.is_some() || self.original_recipient.is_some()
    }
}

/// `NEVER`, or a list of the others (RFC 3461 §4.1).
fn notify(value: &str) -> Result<Notify, SyntaxError> {
    let mut found = Notify::NEVER;
    if value.eq_ignore_ascii_case("NEVER") {
        return Ok(found);
    }
    for word in value.split(',') {
        let place = match word.to_ascii_uppercase().as_str() {
            "SUCCESS" => &mut found.success,
            "FAILURE" => &mut found.failure,
            "DELAY" => &mut found.delay,
            _ => return Err(SyntaxError::Arguments),
        };
        if std::mem::replace(place, true) {
            return Err(SyntaxError::Arguments);
        }
    }
    Ok(found)
}

/// RFC 1870 §3: at most 20 digits.
pub(super) fn number(text: &str) -> Result<u64, SyntaxError> {
    if text.is_empty() || text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SyntaxError::Arguments);
    }
    // Twenty digits may be more than 64 bits hold, which is more than any limit too.
    Ok(text.parse().unwrap_or(u64::MAX))
}

/// `xtext` of RFC 3461 §4: printable ASCII, with `+` and two hexadecimal digits for the rest. Characters beyond ASCII stand for themselves
/// (RFC 6533 §3); controls are refused, because the text is shown in notices.
fn decode_xtext(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'+' {
            bytes.push(*byte);
            continue;
        }
        let [high, low, tail @ ..] = rest else { return None };
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'A'..=b'F' => Some(byte - b'A' + 10),
            _ => None,
        };
        bytes.push(digit(*high)? << 4 | digit(*low)?);
        rest = tail;
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_mail_are_each_taken_once() {
        let parsed = MailParameters::parse(" SIZE=500 body=8bitmime SMTPUTF8 RET=HDRS ENVID=QQ314159+20x AUTH=<>").unwrap();
        let expected = MailParameters {
            size: Some(500),
            eight_bit: Some(true),
            smtp_utf8: true,
            auth: true,
            ret: Some(Return::Headers),
            envelope_id: Some("QQ314159+20x".into()),
        };
        assert_eq!(parsed, expected);
        assert_eq!(MailParameters::parse("").unwrap(), MailParameters::default());
        assert_eq!(MailParameters::parse(" SIZE=99999999999999999999").unwrap().size, Some(u64::MAX));
        for wrong in [
            "SIZE=1",
            " SIZE",
            " SIZE=",
            " SIZE=-1",
            " SIZE=1 size=2",
            " SMTPUTF8=1",
            " RET=SOME",
            " ENVID=+2",
            " ENVID=+0A",
            " =",
            " -A",
            " SIZE==1",
        ] {
            assert_eq!(MailParameters::parse(wrong), Err(SyntaxError::Arguments), "{wrong}");
        }
        for unknown in [" BODY=BINARYMIME", " HOLDFOR=5", " X"] {
            assert_eq!(MailParameters::parse(unknown), Err(SyntaxError::Parameter), "{unknown}");
        }
    }

    #[test]
    fn parameters_of_rcpt_tell_when_to_notify() {
        let parsed = RcptParameters::parse(" NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob+2B1@example.test").unwrap();
        assert_eq!(parsed.notify, Some(Notify { success: true, failure: false, delay: true }));
        assert_eq!(parsed.original_recipient.as_deref(), Some("rfc822;Bob+2B1@example.test"));
        for wrong in
            [" NOTIFY=NEVER,SUCCESS", " NOTIFY=SUCCESS,SUCCESS", " NOTIFY=", " ORCPT=bob", " ORCPT=rfc822;", " ORCPT=rfc822;a+0D+0Ab"]
        {
            assert_eq!(RcptParameters::parse(wrong), Err(SyntaxError::Arguments), "{wrong}");
        }
    }
}
