//! The password itself: how it looks, and what is kept of it.

use kernel::{IdentityId, Rng};
use store::KeyRing;
use zeroize::Zeroizing;

use crate::passwords::Password;
use crate::protocols;
use crate::scram::Verifier;

/// Crockford's base-32 in small letters: nothing in it is taken for something else when typed from a screen.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 24;
const GROUP: usize = 4;
const TAG_BLAKE3: u8 = 1;
const PURPOSE: &str = "client-password";

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

    /// What SCRAM needs, of the password as it is shown, which is what programs have. With the salt of the identity: see [`protocols::scram_salt`].
    pub fn scram_verifier(&self, keys: &KeyRing, identity: IdentityId) -> String {
        Verifier::of(&self.shown(), &protocols::salt_of(keys, identity)).stored()
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
}
