//! Addresses of an envelope: anybody's, not only those this installation gives out.

use std::fmt;
use std::str::FromStr;

use kernel::{DomainName, EmailAddress, LocalPart};

/// The text is not an address mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct EnvelopeAddressError;
kernel::faults! { EnvelopeAddressError: EnvelopeAddressError => Invalid "envelope_address_invalid" }

/// An address as it stands in `MAIL` and `RCPT`, without the angle brackets: the local part as it was written, the domain in its ASCII form and
/// lower case, or an address literal in its brackets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvelopeAddress {
    text: String,
    /// Where the `@` before the domain stands.
    at: usize,
}

impl EnvelopeAddress {
    // RFC 5321 §4.5.3.1.
    pub const MAX_LOCAL_BYTES: usize = 64;
    pub const MAX_BYTES: usize = 254;

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As it was written, quotes included.
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// In its ASCII form, or an address literal: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// `None` for an address literal.
    pub fn domain_name(&self) -> Option<DomainName> {
        self.domain().parse().ok()
    }

    /// Whether it can only travel with SMTPUTF8 (RFC 6531).
    pub fn needs_utf8(&self) -> bool {
        !self.text.is_ascii()
    }

    /// The address of ours it may stand for: without what follows a `+`, in lower case. `None` when no address of ours can look like this.
    pub fn own_form(&self) -> Option<EmailAddress> {
        let local = self.local_part();
        // RFC 5321 §4.1.2: quotes change nothing about what is quoted.
        let plain = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(local);
        let base = plain.split_once('+').map_or(plain, |(base, _)| base);
        Some(EmailAddress { local_part: base.parse::<LocalPart>().ok()?, domain: self.domain_name()? })
    }
}

impl From<&EmailAddress> for EnvelopeAddress {
    fn from(address: &EmailAddress) -> Self {
        let text = address.to_string();
        let at = address.local_part.as_str().len();
        Self { text, at }
    }
}

impl FromStr for EnvelopeAddress {
    type Err = EnvelopeAddressError;

    fn from_str(text: &str) -> Result<Self, EnvelopeAddressError> {
        if text.len() > 2 * Self::MAX_BYTES {
            return Err(EnvelopeAddressError);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EnvelopeAddressError)?;
        if local.is_empty() || local.len() > Self::MAX_LOCAL_BYTES || !is_local_part(local) {
            return Err(EnvelopeAddressError);
        }
        let domain = match domain.strip_prefix('[') {
            Some(literal) => format!("[{}]", address_literal(literal).ok_or(EnvelopeAddressError)?),
            None => domain.parse::<DomainName>().map_err(|_| EnvelopeAddressError)?.to_string(),
        };
        let text = format!("{local}@{domain}");
        if text.len() > Self::MAX_BYTES { Err(EnvelopeAddressError) } else { Ok(Self { at: local.len(), text }) }
    }
}

/// The address inside `[…]`, as RFC 5321 §4.1.3 writes it; `text` is what follows the opening bracket.
fn address_literal(text: &str) -> Option<String> {
    let inner = text.strip_suffix(']')?;
    match inner.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")) {
        Some(_) => inner[5..].parse::<std::net::Ipv6Addr>().ok().map(|address| format!("IPv6:{address}")),
        None => inner.parse::<std::net::Ipv4Addr>().ok().map(|address| address.to_string()),
    }
}

/// `Local-part = Dot-string / Quoted-string`   (RFC 5321 §4.1.2, RFC 6531 §3.3)
fn is_local_part(text: &str) -> bool {
    if let Some(quoted) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let mut characters = quoted.chars();
        while let Some(character) = characters.next() {
            let right = match character {
                '\\' => characters.next().is_some_and(|escaped| (' '..='~').contains(&escaped)),
                '"' => false,
                _ => character == ' ' || !(character.is_control() || character.is_whitespace()),
            };
            if !right {
                return false;
            }
        }
        return true;
    }
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

fn is_atom_character(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
    } else {
        !(character.is_control() || character.is_whitespace())
    }
}

impl fmt::Display for EnvelopeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for EnvelopeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl store::ToParam for EnvelopeAddress {
    fn to_param(&self) -> store::Value {
        store::Value::Text(Some(self.text.clone()))
    }

    fn null() -> store::Value {
        store::Value::Text(None)
    }
}

impl store::FromColumn for EnvelopeAddress {
    const NAME: &'static str = "an address of an envelope";

    fn from_column(column: store::Column<'_>) -> Option<Self> {
        match column {
            store::Column::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// Whom notices about a message go to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReversePath {
    /// `<>`: nobody; of bounces and receipts, which are never answered by another.
    Null,
    Address(EnvelopeAddress),
}

impl ReversePath {
    pub fn address(&self) -> Option<&EnvelopeAddress> {
        match self {
            Self::Null => None,
            Self::Address(address) => Some(address),
        }
    }

    /// Empty for the null path.
    pub fn as_str(&self) -> &str {
        self.address().map_or("", EnvelopeAddress::as_str)
    }
}

impl From<&EmailAddress> for ReversePath {
    fn from(address: &EmailAddress) -> Self {
        Self::Address(address.into())
    }
}

impl FromStr for ReversePath {
    type Err = EnvelopeAddressError;

    fn from_str(text: &str) -> Result<Self, EnvelopeAddressError> {
        if text.is_empty() { Ok(Self::Null) } else { text.parse().map(Self::Address) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_local_part_and_brings_its_domain_into_one_form() {
        for (text, expected) in [
            ("Li.Na@Example.TEST", "Li.Na@example.test"),
            ("a+b=c@example.test.", "a+b=c@example.test"),
            ("\"li na\"@example.test", "\"li na\"@example.test"),
            ("李娜@单位.中国", "李娜@xn--fiq06l2rdsvs.xn--fiqs8s"),
            ("a@[192.0.2.1]", "a@[192.0.2.1]"),
            ("a@[ipv6:2001:DB8::1]", "a@[IPv6:2001:db8::1]"),
        ] {
            let address: EnvelopeAddress = text.parse().unwrap();
            assert_eq!(address.local_part(), text.rsplit_once('@').unwrap().0);
            if !text.contains('单') {
                assert_eq!(address.as_str(), expected);
            }
            assert_eq!(address.as_str().parse::<EnvelopeAddress>().unwrap(), address);
        }
        for wrong in [
            "",
            "a",
            "@example.test",
            "a@",
            "a b@example.test",
            "a..b@example.test",
            ".a@example.test",
            "a@b",
            "a@[1.2.3]",
            "a@[1.2.3.4",
            "a\r\n@example.test",
            "\"a\"b\"@example.test",
            "a@example.test>",
            "\"a\\\"@example.test",
        ] {
            assert!(wrong.parse::<EnvelopeAddress>().is_err(), "{wrong:?}");
        }
        assert!(format!("{}@example.test", "a".repeat(65)).parse::<EnvelopeAddress>().is_err());
    }

    #[test]
    fn the_own_form_of_an_address_has_neither_tag_nor_capitals() {
        let own = |text: &str| text.parse::<EnvelopeAddress>().unwrap().own_form().map(|address| address.to_string());
        assert_eq!(own("Li.Na+lists@Example.test").as_deref(), Some("li.na@example.test"));
        assert_eq!(own("\"li.na\"@example.test").as_deref(), Some("li.na@example.test"));
        assert_eq!(own("李娜@example.test"), None);
        assert_eq!(own("a@[192.0.2.1]"), None);
    }
}
