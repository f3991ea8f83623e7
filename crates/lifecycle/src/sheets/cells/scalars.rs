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

/// A number that a spreadsheet program wrote in scientific notation with fewer digits than it had: `1.39E+10`.
fn is_lossy(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let Some((whole, fraction)) = mantissa.split_once('.').or(Some((mantissa, ""))) else { return false };
    let Ok(exponent) = exponent.trim_start_matches('+').parse::<usize>() else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 1 && digits(whole) && digits(fraction) && exponent >= 4 && fraction.len() < exponent
}

/// `1.3907034118E10` is written out; a number that lost digits is an error, because what is missing cannot be known.
fn whole_number(key: ColumnKey, text: &str) -> Result<String, CellError> {
    if is_lossy(text) {
        return Err(CellError::new(key, "number_lossy").with("value", text));
    }
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return Ok(text.to_owned()) };
    let (Some((whole, fraction)), Ok(exponent)) = (mantissa.split_once('.'), exponent.trim_start_matches('+').parse::<usize>()) else {
        return Ok(text.to_owned());
    };
    let digits = whole.len() == 1 && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !digits || !(4..=15).contains(&exponent) || fraction.get(exponent..).is_some_and(|rest| rest.bytes().any(|byte| byte != b'0')) {
        return Ok(text.to_owned());
    }
    Ok(format!("{whole}{}", fraction.get(..exponent).unwrap_or(fraction)))
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
    let text = whole_number(key, &visible(text))?;
    let text = plain(key, text, 64)?;
    let callable = text.bytes().filter(u8::is_ascii_digit).count() >= 3;
    if callable { Ok(text) } else { Err(CellError::new(key, "phone_invalid")) }
}

pub(super) fn employee_number(text: &str) -> Result<String, CellError> {
    let text = whole_number(ColumnKey::EmployeeNumber, &visible(text))?;
    plain(ColumnKey::EmployeeNumber, text, 32)
}

/// Lower-cased; whether it is taken, and the finer rules for names of accounts, are the directory's.
pub(super) fn account_name(text: &str) -> Result<String, CellError> {
    let text = whole_number(ColumnKey::AccountName, &visible(text))?.to_lowercase();
    let valid = text.chars().count() <= 64 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
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

/// An address anywhere in the world: only its shape is checked, and its case before the `@` is kept.
pub(super) fn alternate_address(text: &str) -> Result<String, CellError> {
    let text = visible(text);
    let invalid = || CellError::new(ColumnKey::AlternateAddress, "alternate_address_invalid");
    let (local_part, domain) = text.rsplit_once('@').ok_or_else(invalid)?;
    let domain: DomainName = domain.parse().map_err(|_| invalid())?;
    let strange = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '<' | '>' | ',' | ';' | '"');
    let address = format!("{local_part}@{domain}");
    // RFC 5321 §4.5.3.1: 64 octets before the @, 254 in all.
    if local_part.is_empty() || local_part.len() > 64 || local_part.contains(strange) || address.len() > 254 {
        return Err(invalid());
    }
    Ok(address)
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
