//! Mail addresses, as far as this organisation's own ones go.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("a mail address needs one @ between its name and its domain")]
    NoAt,
    #[error("the part before the @ has letters a-z, digits, and . _ - between them, at most 64, without two dots in a row")]
    LocalPart,
    #[error("the domain is not one that DNS can hold")]
    Domain,
}

/// The part of an own address before the `@`: `[a-z0-9]([a-z0-9._-]*[a-z0-9])?`, at most 64 characters, no `..`, lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalPart(String);

impl LocalPart {
    pub const MAX_LEN: usize = 64;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LocalPart {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.to_ascii_lowercase();
        let bytes = text.as_bytes();
        let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = !bytes.is_empty()
            && bytes.len() <= Self::MAX_LEN
            && bytes.first().is_some_and(alphanumeric)
            && bytes.last().is_some_and(alphanumeric)
            && bytes.iter().all(|byte| alphanumeric(byte) || b"._-".contains(byte))
            && !text.contains("..");
        if valid { Ok(Self(text)) } else { Err(AddressError::LocalPart) }
    }
}

/// A domain name in its ASCII form, lower case, without a trailing dot; at least two labels.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form people read: `单位.中国` rather than its ASCII form.
    pub fn to_unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }
}

impl FromStr for DomainName {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.len() > 1024 {
            return Err(AddressError::Domain);
        }
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| AddressError::Domain)?;
        let labels: Vec<&str> = ascii.split('.').collect();
        // RFC 1035 §2.3.4 for the lengths; a top-level label of digits alone would read as an IPv4 address.
        let valid = ascii.len() <= 253
            && labels.len() >= 2
            && labels.iter().all(|label| !label.is_empty() && label.len() <= 63)
            && labels.last().is_some_and(|label| !label.bytes().all(|byte| byte.is_ascii_digit()));
        if valid { Ok(Self(ascii)) } else { Err(AddressError::Domain) }
    }
}

/// An address of an organisation on this system.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    pub local_part: LocalPart,
    pub domain: DomainName,
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (local_part, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        Ok(Self { local_part: local_part.parse()?, domain: domain.parse()? })
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

macro_rules! text_form {
    ($($type:ty),*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

impl fmt::Display for LocalPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(LocalPart, DomainName, EmailAddress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_parts_keep_to_the_rule() {
        for right in ["a", "0", "wang.li", "a_b-c.d", &"x".repeat(64)] {
            assert_eq!(right.parse::<LocalPart>().unwrap().as_str(), right);
        }
        assert_eq!("WangLi".parse::<LocalPart>().unwrap().as_str(), "wangli");
        for wrong in ["", ".a", "a.", "a..b", "-a", "a b", "王丽", "a+b", &"x".repeat(65)] {
            assert_eq!(wrong.parse::<LocalPart>(), Err(AddressError::LocalPart), "{wrong}");
        }
    }

    #[test]
    fn domains_are_what_dns_can_hold() {
        assert_eq!("Example.TEST.".parse::<DomainName>().unwrap().as_str(), "example.test");
        let chinese: DomainName = "单位.中国".parse().unwrap();
        assert!(chinese.as_str().starts_with("xn--"));
        assert_eq!(chinese.to_unicode(), "单位.中国");
        for wrong in ["", "localhost", "a..b", "1.2.3.4", "a b.test", "-a.test", &format!("{}.test", "x".repeat(64))] {
            assert!(wrong.parse::<DomainName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_split_at_its_last_at() {
        assert_eq!("RenXi2@Example.test".parse::<EmailAddress>().unwrap().to_string(), "renxi2@example.test");
        assert_eq!("renxi2".parse::<EmailAddress>(), Err(AddressError::NoAt));
        assert!("a@b@example.test".parse::<EmailAddress>().is_err());
    }
}
