//! Passwords found right a moment ago, so that a program that asks every minute does not cost an argon2id each time.

use std::collections::{HashMap, VecDeque};

use kernel::{IdentityId, Timestamp};
use zeroize::Zeroizing;

use super::Password;

const KEPT_SECS: i64 = 5 * 60;
/// Bounds the memory: about 100 bytes each.
const MAX_ENTRIES: usize = 20_000;

/// What is kept is a hash under a key of this process over identity, stored hash and password together: nothing in it opens an account, and a
/// changed password is forgotten with its stored hash, on every node.
pub(super) struct Remembered {
    key: Zeroizing<[u8; 32]>,
    until: HashMap<[u8; 32], Timestamp>,
    oldest_first: VecDeque<[u8; 32]>,
}

impl Remembered {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key: Zeroizing::new(key), until: HashMap::new(), oldest_first: VecDeque::new() }
    }

    pub(super) fn contains(&self, identity: IdentityId, stored: &str, password: &Password, now: Timestamp) -> bool {
        self.until.get(&self.entry(identity, stored, password)).is_some_and(|until| now < *until)
    }

    pub(super) fn insert(&mut self, identity: IdentityId, stored: &str, password: &Password, now: Timestamp) {
        let entry = self.entry(identity, stored, password);
        if self.until.insert(entry, now.plus_secs(KEPT_SECS)).is_none() {
            self.oldest_first.push_back(entry);
        }
        while let Some(oldest) = self.oldest_first.front() {
            let over = self.until.get(oldest).is_none_or(|until| *until <= now);
            if !over && self.oldest_first.len() <= MAX_ENTRIES {
                break;
            }
            self.until.remove(oldest);
            self.oldest_first.pop_front();
        }
    }

    fn entry(&self, identity: IdentityId, stored: &str, password: &Password) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&identity.raw().to_le_bytes());
        hasher.update(&(stored.len() as u64).to_le_bytes());
        hasher.update(stored.as_bytes());
        hasher.update(password.as_bytes());
        *hasher.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_bounded_and_what_is_old_goes_first() {
        let mut remembered = Remembered::new([7; 32]);
        let password = Password::new("x").unwrap();
        let now = Timestamp::from_micros(0);
        for raw in 0..=MAX_ENTRIES as i64 {
            remembered.insert(IdentityId::from_raw(raw), "hash", &password, now);
        }
        assert_eq!(remembered.until.len(), MAX_ENTRIES);
        assert!(!remembered.contains(IdentityId::from_raw(0), "hash", &password, now));
        assert!(remembered.contains(IdentityId::from_raw(1), "hash", &password, now));

        remembered.insert(IdentityId::from_raw(-1), "hash", &password, now.plus_secs(KEPT_SECS));
        assert_eq!(remembered.until.len(), 1);
    }
}
