//! The password itself: how it looks, and what is kept of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::{IdentityId, Rng};
use ring::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;
use store::KeyRing;
use zeroize::Zeroizing;

use crate::passwords::Password;

/// Crockford's base-32 in small letters: nothing in it is taken for something else when typed from a screen.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 24;
const GROUP: usize = 4;
const TAG_BLAKE3: u8 = 1;
const PURPOSE: &str = "client-password";
/// RFC 7677 asks for 4096 at least; with 120 bits of chance more buys nothing.
const SCRAM_ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).expect("not zero");

/// 120 bits of chance as 24 letters and digits.
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub fn generate(rng: &dyn Rng) -> Self {
        let chance: [u8; LETTERS] = rng.bytes();
        Self(Zeroizing::new(chance.iter().map(|byte| ALPHABET[usize::from(byte & 31)] as char).collect()))
    }

    /// What was typed, if it has the form of a client password: groups, spaces and capitals do not matter.
    pub fn typed(password: &Password) -> Option<Self> {
        let mut letters = Zeroizing::new(String::with_capacity(LETTERS));
        for character in password.as_str().chars().filter(|character| !matches!(character, '-' | ' ')) {
            let letter = character.to_ascii_lowercase();
            if letters.len() == LETTERS || !letter.is_ascii() || !ALPHABET.contains(&(letter as u8)) {
                return None;
            }
            letters.push(letter);
        }
        (letters.len() == LETTERS).then_some(Self(letters))
    }

    /// As it is shown, once: in groups of four. Programs take it with the hyphens or without.
    pub fn shown(&self) -> Zeroizing<String> {
        let groups: Vec<&str> = (0..LETTERS / GROUP).map(|group| &self.0[group * GROUP..(group + 1) * GROUP]).collect();
        Zeroizing::new(groups.join("-"))
    }

    /// What is kept: algorithm tag and keyed hash, another for each identity.
    pub fn hash(&self, keys: &KeyRing, identity: IdentityId) -> Vec<u8> {
        let mut stored = vec![TAG_BLAKE3];
        stored.extend_from_slice(&keys.keyed_hash(PURPOSE, &[&identity.raw().to_le_bytes(), self.0.as_bytes()]));
        stored
    }

    /// `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` (RFC 5803) of the password as it is shown, which is what programs send.
    pub fn scram_verifier(&self, rng: &dyn Rng) -> String {
        let salt: [u8; 16] = rng.bytes();
        let mut salted = Zeroizing::new([0; digest::SHA256_OUTPUT_LEN]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, SCRAM_ITERATIONS, &salt, self.shown().as_bytes(), &mut *salted);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*salted);
        let client_key = hmac::sign(&key, b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
        let server_key = hmac::sign(&key, b"Server Key");
        format!(
            "SCRAM-SHA-256${SCRAM_ITERATIONS}:{}${}:{}",
            STANDARD.encode(salt),
            STANDARD.encode(stored_key.as_ref()),
            STANDARD.encode(server_key.as_ref())
        )
    }
}

#[cfg(test)]
mod tests {
    use testkit::SeededRng;

    use super::*;

    #[test]
    fn what_is_shown_is_found_again_however_it_is_typed() {
        let secret = Secret::generate(&SeededRng::new(3));
        let shown = secret.shown();
        assert_eq!(shown.len(), 29);
        for typed in [shown.to_string(), shown.replace('-', ""), shown.replace('-', " ").to_uppercase()] {
            let again = Secret::typed(&Password::new(&typed).unwrap()).unwrap();
            assert_eq!(*again.0, *secret.0);
        }
        for other in
            ["", "Wild-Goose-Carries-7", "0123-4567-89ab-cdef-ghjk-mnp", "0123-4567-89ab-cdef-ghjk-mnpqr", "0123-4567-89ab-cdef-ghjk-mnpu"]
        {
            assert!(Secret::typed(&Password::new(other).unwrap()).is_none(), "{other}");
        }
    }

    #[test]
    fn the_verifier_is_the_one_of_the_rfc_for_the_password_it_was_made_from() {
        // The parts can be computed again from the salt, so what is checked here is the form and that two salts give two verifiers.
        let secret = Secret::generate(&SeededRng::new(3));
        let (first, second) = (secret.scram_verifier(&SeededRng::new(1)), secret.scram_verifier(&SeededRng::new(2)));
        assert!(first.starts_with("SCRAM-SHA-256$4096:"), "{first}");
        assert_ne!(first, second);
        let parts: Vec<&str> = first.split(['$', ':']).collect();
        let sizes: Vec<usize> = parts[2..].iter().map(|part| STANDARD.decode(part).unwrap().len()).collect();
        assert_eq!(sizes, [16, 32, 32]);
    }
}
