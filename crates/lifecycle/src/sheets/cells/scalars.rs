//! Rules for single values: genders, phones, names of accounts, plain text.

use std::fmt;

use kernel::{CountryCode, DomainName, EmailAddress, PhoneNumber};
use serde::{Deserialize, Serialize};

use super::{CellError, CellRules, InitialPassword, MailName};
use crate::sheets::ColumnKey;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    Male,
    Female,
}

impl Gender {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

impl fmt::Display for Gender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `None` for anything that is not plainly one of the two; codes such as 1 and 2, or 0 and 1, mean different things in different offices.
pub fn read_gender(text: &str) -> Option<Gender> {
    match text.to_lowercase().as_str() {
        "男" | "男性" | "m" | "male" => Some(Gender::Male),
        "女" | "女性" | "f" | "female" => Some(Gender::Female),
        _ => None,
    }
}

pub fn read_boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "是" | "显示" | "yes" | "y" | "true" | "1" | "√" | "✓" => Some(true),
        "否" | "不显示" | "no" | "n" | "false" | "0" | "×" | "x" => Some(false),
        _ => None,
    }
}

/// Marks without width or direction that come along when text is copied from chat programs and web pages.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

fn visible(text: &str) -> String {
    text.chars().filter(|&character| !is_invisible(character)).collect()
}

/// A number as spreadsheet programs save it when it does not fit its column: `1.39E+10` has lost digits, `1.3907034118E+10` has not.
///
/// Written out, or an error because what is missing cannot be known. Without the plus sign, which programs always write, it may be a
/// code such as `8E10`, and stays as it is; mobile numbers are no such codes.
fn whole_number(key: ColumnKey, text: &str) -> Result<String, CellError> {
    let as_typed = || Ok(text.to_owned());
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return as_typed() };
    if !exponent.starts_with('+') && key != ColumnKey::Mobile {
        return as_typed();
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(exponent) = exponent.trim_start_matches('+').parse::<usize>().ok().filter(|exponent| (4..=99).contains(exponent)) else {
        return as_typed();
    };
    if whole.len() != 1 || !digits(whole) || !digits(fraction) {
        return as_typed();
    }
    match fraction.len() == exponent {
        true => Ok(format!("{whole}{fraction}")),
        false => Err(CellError::new(key, "number_lossy").with("value", text)),
    }
}

pub(super) fn mobile(text: &str, default_country: CountryCode) -> Result<PhoneNumber, CellError> {
    let text = visible(text);
    let text = whole_number(ColumnKey::Mobile, text.trim_start_matches('\''))?;
    // "13907034118.0" is how some programs write a number that has to stand beside blanks.
    let text = text.strip_suffix(".0").unwrap_or(&text);
    PhoneNumber::parse_mobile(text, default_country).map_err(|_| CellError::new(ColumnKey::Mobile, "mobile_invalid"))
}

/// A fixed line, kept as written: extensions and several numbers have no common form.
pub(super) fn phone(key: ColumnKey, text: &str) -> Result<String, CellError> {
    plain(key, whole_number(key, &visible(text))?, 40)
}

pub(super) fn employee_number(text: &str) -> Result<String, CellError> {
    let text = whole_number(ColumnKey::EmployeeNumber, &visible(text))?;
    plain(ColumnKey::EmployeeNumber, text, 32)
}

/// Lower-cased; whether it is taken is not known here.
pub(super) fn account_name(text: &str) -> Result<String, CellError> {
    let text = whole_number(ColumnKey::AccountName, &visible(text))?.to_lowercase();
    let awkward = |c: char| c.is_whitespace() || c.is_control() || "@/\\\"<>,;:*?|".contains(c);
    let valid = text.chars().count() <= 64 && !text.contains(awkward);
    if valid { Ok(text) } else { Err(CellError::new(ColumnKey::AccountName, "account_name_invalid")) }
}

/// A prefix, or a full address in a domain the organisation may use.
pub(super) fn read_mail(text: Result<String, CellError>, key: ColumnKey, rules: &CellRules) -> Result<Option<MailName>, CellError> {
    let text = whole_number(key, &visible(&text?))?;
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = |_| CellError::new(key, "address_invalid");
    if !text.contains('@') {
        return Ok(Some(MailName { local_part: text.parse().map_err(invalid)?, domain: None }));
    }
    let address: EmailAddress = text.parse().map_err(invalid)?;
    if !rules.domains.contains(&address.domain) {
        return Err(CellError::new(key, "address_domain_not_usable").with("domain", address.domain));
    }
    Ok(Some(MailName { local_part: address.local_part, domain: Some(address.domain) }))
}

/// An address anywhere in the world: what is plainly none is refused, the rest is kept as typed.
pub(super) fn alternate_address(text: &str) -> Result<String, CellError> {
    let text = visible(text);
    let parts = text.rsplit_once('@').filter(|(local_part, domain)| {
        let strange = local_part.contains(|c: char| c.is_whitespace() || c.is_control());
        // RFC 5321 §4.5.3.1: 64 octets before the @, 254 in all.
        !local_part.is_empty() && local_part.len() <= 64 && text.len() <= 254 && !strange && domain.parse::<DomainName>().is_ok()
    });
    if parts.is_some() { Ok(text) } else { Err(CellError::new(ColumnKey::AlternateAddress, "alternate_address_invalid")) }
}

/// Taken as typed, but for white space around it: NFKC would change what the member has to type.
pub(super) fn initial_password(text: &str) -> Result<InitialPassword, CellError> {
    let text = text.trim();
    if text.len() > 256 {
        return Err(CellError::new(ColumnKey::InitialPassword, "initial_password_too_long").with("limit", 256));
    }
    Ok(InitialPassword(text.to_owned()))
}

/// Text on one line, without control characters and marks of direction.
pub(super) fn plain(key: ColumnKey, text: String, limit: usize) -> Result<String, CellError> {
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        return Err(CellError::new(key, "text_not_plain"));
    }
    if text.chars().count() > limit {
        return Err(CellError::new(key, "text_too_long").with("limit", limit));
    }
    Ok(text)
}

/// Several lines are allowed, each ending in a line feed.
pub(super) fn remarks(text: &str) -> Result<String, CellError> {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    if lines.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(CellError::new(ColumnKey::Remarks, "text_not_plain"));
    }
    if lines.chars().count() > 2000 {
        return Err(CellError::new(ColumnKey::Remarks, "text_too_long").with("limit", 2000));
    }
    Ok(lines)
}
