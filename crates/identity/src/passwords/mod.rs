//! Passwords: what one is, which are good enough, how they are kept and checked.
//!
//! A chosen password is kept as argon2id and checked by the [`Hasher`]; the ones administrators hand out are in [`initial`](crate::initial).

mod common;
mod generator;
mod hasher;
mod policy;
mod remembered;

use std::fmt;

use serde::{Deserialize, Deserializer};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use generator::generate_initial;
pub use hasher::{Busy, Cost, Hasher, PasswordHash, Ticket};
pub use policy::{PasswordRule, PasswordRuleResult, Personal, PolicyUnmet, check_policy, require_policy};

/// A password as somebody typed it, in Unicode normal form C so that two keyboards give the same bytes. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

/// The password is longer than 256 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has at most {} bytes", Password::MAX_BYTES)]
pub struct PasswordTooLong;
kernel::faults! { PasswordTooLong: PasswordTooLong => Invalid "password_too_long" }

impl Password {
    /// Bounds what one check may cost, whoever asks.
    pub const MAX_BYTES: usize = 256;

    pub fn new(typed: &str) -> Result<Self, PasswordTooLong> {
        // Normal form C of a text is never longer than three times the text, so this bounds the work as well.
        if typed.len() > Self::MAX_BYTES {
            return Err(PasswordTooLong);
        }
        let normal: Zeroizing<String> = Zeroizing::new(typed.nfc().collect());
        if normal.len() > Self::MAX_BYTES { Err(PasswordTooLong) } else { Ok(Self(normal)) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let typed = Zeroizing::new(String::deserialize(deserializer)?);
        Self::new(&typed).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_type_a_letter_make_one_password() {
        assert_eq!(Password::new("cafe\u{301}").unwrap(), Password::new("caf\u{e9}").unwrap());
    }

    #[test]
    fn a_password_never_shows_in_debug_output_and_has_an_end() {
        assert!(!format!("{:?}", Password::new("Wild-Goose-7").unwrap()).contains("Goose"));
        assert!(Password::new(&"x".repeat(256)).is_ok());
        assert_eq!(Password::new(&"x".repeat(257)), Err(PasswordTooLong));
        // U+0958 decomposes in normal form C and grows from three bytes to six.
        assert_eq!(Password::new(&"\u{958}".repeat(85)), Err(PasswordTooLong));
    }
}
