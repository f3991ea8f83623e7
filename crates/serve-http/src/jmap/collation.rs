//! How texts are compared when a client names a collation (RFC 4790, RFC 5051).

use std::cmp::Ordering;

pub const ALGORITHMS: &[&str] = &["i;ascii-casemap", "i;ascii-numeric", "i;unicode-casemap"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Collation {
    AsciiCasemap,
    AsciiNumeric,
    #[default]
    UnicodeCasemap,
}

impl Collation {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "i;ascii-casemap" => Some(Self::AsciiCasemap),
            "i;ascii-numeric" => Some(Self::AsciiNumeric),
            "i;unicode-casemap" => Some(Self::UnicodeCasemap),
            _ => None,
        }
    }

    /// What stands for a text when texts are compared.
    pub fn key(self, text: &str) -> Key {
        match self {
            Self::AsciiCasemap => Key(None, text.to_ascii_uppercase()),
            // RFC 4790 §9.1.1: a text that does not begin with a digit is larger than all numbers, and equal to others of its kind.
            Self::AsciiNumeric => {
                let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
                let significant = digits.trim_start_matches('0').to_owned();
                if digits.is_empty() { Key(Some(usize::MAX), String::new()) } else { Key(Some(significant.len()), significant) }
            }
            Self::UnicodeCasemap => Key(None, kernel::fold(text)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Option<usize>, String);

pub fn directed(ordering: Ordering, is_ascending: bool) -> Ordering {
    if is_ascending { ordering } else { ordering.reverse() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_collation_compares_in_its_own_way() {
        let key = |name: &str, text: &str| Collation::from_name(name).unwrap().key(text);
        assert_eq!(key("i;ascii-casemap", "aÄ"), key("i;ascii-casemap", "AÄ"));
        assert_ne!(key("i;ascii-casemap", "ä"), key("i;ascii-casemap", "Ä"));
        assert_eq!(key("i;unicode-casemap", "Ｙanshu ä"), key("i;unicode-casemap", "yanshu Ä"));
        assert!(key("i;ascii-numeric", "9x") < key("i;ascii-numeric", "0010"));
        assert!(key("i;ascii-numeric", "99") < key("i;ascii-numeric", "x"));
        assert_eq!(key("i;ascii-numeric", "x"), key("i;ascii-numeric", "y"));
        assert_eq!(Collation::from_name("i;octet"), None);
    }
}
