//! Phone numbers that can be called from anywhere: E.164.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that is valid for its country, in E.164 form: `+8613907034118`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("not a phone number that exists in its country")]
    Invalid,
    #[error("not a country calling code such as +86")]
    Country,
}

/// A country calling code such as `+86`, for numbers written without one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct CountryCode(u16);

impl CountryCode {
    pub const CHINA: Self = Self(86);
}

impl FromStr for CountryCode {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneError::Country);
        }
        let code: u16 = digits.parse().map_err(|_| PhoneError::Country)?;
        let known = phonenumber::metadata::DATABASE.by_code(&code).is_some_and(|regions| !regions.is_empty());
        if known { Ok(Self(code)) } else { Err(PhoneError::Country) }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl PhoneNumber {
    /// Reads a mobile number as people write it: with spaces, hyphens and brackets, with or without a country code, in which case it is
    /// one of `default_country`.
    pub fn parse_mobile(text: &str, default_country: CountryCode) -> Result<Self, PhoneError> {
        let mut compact = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '0'..='9' => compact.push(character),
                '+' if compact.is_empty() => compact.push('+'),
                ' ' | '-' | '(' | ')' | '.' | '\u{a0}' | '\u{2010}'..='\u{2015}' => {}
                _ => return Err(PhoneError::Invalid),
            }
        }
        if compact.len() > 20 {
            return Err(PhoneError::Invalid);
        }
        let china = CountryCode::CHINA.0;
        if let Some(rest) = compact.strip_prefix("00") {
            // 00 is the international prefix of China and most other countries (ITU-T E.164 annex).
            compact = format!("+{rest}");
        } else if !compact.starts_with('+') {
            let spelled = default_country.0.to_string();
            // "86 139…" without the plus is how spreadsheets keep numbers that once had one.
            let with_code = default_country.0 == china && compact.len() == 13 && compact.starts_with(&spelled);
            compact = if with_code { format!("+{compact}") } else { format!("+{spelled}{}", compact.trim_start_matches('0')) };
        }
        // Mainland mobiles are nearly all there is to read; their plan is one line, and the general check is a hundred times slower.
        if let Some(national) = compact.strip_prefix("+86") {
            let digits = national.as_bytes();
            let mobile = digits.len() == 11 && digits[0] == b'1' && (b'3'..=b'9').contains(&digits[1]);
            return if mobile { Ok(Self(compact)) } else { Err(PhoneError::Invalid) };
        }
        let parsed = phonenumber::parse(None, &compact).map_err(|_| PhoneError::Invalid)?;
        if !phonenumber::is_valid(&parsed) {
            return Err(PhoneError::Invalid);
        }
        Ok(Self(parsed.format().mode(phonenumber::Mode::E164).to_string()))
    }

    /// `+8613907034118`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number with its middle hidden, for people who may not know all of it: `139…4118`.
    pub fn masked(&self) -> String {
        let shown = self.0.strip_prefix("+86").unwrap_or(&self.0);
        let (head, tail) = (shown.len().min(3), shown.len().saturating_sub(4));
        format!("{}…{}", &shown[..head], &shown[tail.max(head)..])
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    /// Masked, because debug output reaches logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneError;

    /// Reads the stored form, which has its country code.
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        if !text.starts_with('+') {
            return Err(PhoneError::Invalid);
        }
        Self::parse_mobile(text, CountryCode::CHINA)
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mobile(text: &str) -> Result<String, PhoneError> {
        PhoneNumber::parse_mobile(text, CountryCode::CHINA).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn mobiles_are_read_as_people_write_them() {
        for text in
            ["13907034118", "139 0703 4118", "139-0703-4118", "+86 139 0703 4118", "8613907034118", "0086 13907034118", "(+86)13907034118"]
        {
            assert_eq!(mobile(text).unwrap(), "+8613907034118", "{text}");
        }
        assert_eq!(mobile("+1 (650) 253-0000").unwrap(), "+16502530000");
        assert_eq!(mobile("+852 6123 4567").unwrap(), "+85261234567");
    }

    #[test]
    fn numbers_that_cannot_exist_are_refused() {
        for text in
            ["", "1390703411", "139070341188", "12907034118", "010-82586142", "1.3907E10", "+1 555", "abc", "139O7034118", "+999123456"]
        {
            assert_eq!(mobile(text), Err(PhoneError::Invalid), "{text}");
        }
    }

    #[test]
    fn a_masked_number_hides_its_middle() {
        let number: PhoneNumber = "+8613907034118".parse().unwrap();
        assert_eq!(number.masked(), "139…4118");
        assert_eq!(format!("{number:?}"), "139…4118");
    }
}
