//! Initial passwords: handed out by administrators, good for nothing but opening the page that chooses a real one.
//!
//! They are kept by a keyed hash instead of argon2id, so that an import of 100,000 members does not take hours. Without the installation's
//! master key, which is not in the database, the hashes cannot be guessed at; and an initial password is dead after its first use or its end date.

use kernel::{Rng, Timestamp};
use store::KeyRing;
use subtle::ConstantTimeEq;

use crate::passwords::Password;

/// The least an administrator may hand out. More is not asked: it opens one page, slowly, until its end date.
pub const MIN_GIVEN_CHARS: usize = 6;

const PURPOSE: &str = "initial-password";
/// BLAKE3 keyed with a key derived from the master key.
const TAG_BLAKE3: u8 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What an identity keeps of an initial password.
#[derive(Clone, PartialEq, Eq)]
pub struct InitialPassword {
    /// Made by [`hash`].
    pub hash: Vec<u8>,
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InitialPassword").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl InitialPassword {
    /// `days` after `now` it stops working; organisations set how many.
    pub fn new(keys: &KeyRing, rng: &dyn Rng, password: &Password, now: Timestamp, days: u32) -> Self {
        Self { hash: hash(keys, rng, password), expires_at: now.plus_secs(i64::from(days) * 24 * 3600) }
    }
}

/// A value that [`verify`] takes: algorithm tag, salt and keyed hash. Needs no identity, so a plan can hold it before the member exists.
pub fn hash(keys: &KeyRing, rng: &dyn Rng, password: &Password) -> Vec<u8> {
    let salt: [u8; SALT_BYTES] = rng.bytes();
    let mut stored = Vec::with_capacity(1 + SALT_BYTES + HASH_BYTES);
    stored.push(TAG_BLAKE3);
    stored.extend_from_slice(&salt);
    stored.extend_from_slice(&keys.keyed_hash(PURPOSE, &[&salt, password.as_bytes()]));
    stored
}

/// Whether `stored` was made from `password`; takes as long for every password.
pub fn verify(keys: &KeyRing, stored: &[u8], password: &Password) -> bool {
    let Some((TAG_BLAKE3, rest)) = stored.split_first().map(|(tag, rest)| (*tag, rest)) else { return false };
    let Some((salt, expected)) = rest.split_at_checked(SALT_BYTES) else { return false };
    keys.keyed_hash(PURPOSE, &[salt, password.as_bytes()]).as_slice().ct_eq(expected).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(5);
        }
    }

    #[test]
    fn only_the_same_password_under_the_same_master_key_fits() {
        let keys = KeyRing::from_master([1; 32]);
        let password = Password::new("mK7q-Tw4x-9pHd").unwrap();
        let stored = hash(&keys, &Counting, &password);
        assert!(verify(&keys, &stored, &password));
        assert!(!verify(&keys, &stored, &Password::new("mK7q-Tw4x-9pHe").unwrap()));
        assert!(!verify(&KeyRing::from_master([2; 32]), &stored, &password));
    }

    #[test]
    fn a_value_of_another_algorithm_or_cut_short_fits_nothing() {
        let keys = KeyRing::from_master([1; 32]);
        let password = Password::new("mK7q-Tw4x-9pHd").unwrap();
        let mut stored = hash(&keys, &Counting, &password);
        for length in 0..stored.len() {
            assert!(!verify(&keys, &stored[..length], &password));
        }
        stored[0] = 2;
        assert!(!verify(&keys, &stored, &password));
    }
}
