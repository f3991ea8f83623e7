//! Known devices: a browser that somebody signed in on carries proof of it, so that guesses made elsewhere never slow that member down there.
//!
//! The proof is a long-lived cookie. It opens nothing: it only puts the device's own sign-ins under a throttle of their own. One device can be known to
//! several members, such as the ward's computer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{IdentityId, Rng, Timestamp};
use store::KeyRing;
use subtle::ConstantTimeEq;

/// A device as one member's throttle knows it; random, and tells nothing about the machine.
pub type DeviceId = [u8; 16];

/// How long a cookie is worth keeping.
pub const COOKIE_DAYS: i64 = 180;

const PURPOSE: &str = "known-device";
const MAX_MEMBERS: usize = 4;
const MAX_COOKIE: usize = 512;
const DAY_SECS: i64 = 24 * 3600;

/// `1 || identity || day || device || keyed hash of these`
struct Proof {
    identity: IdentityId,
    day: i64,
    device: DeviceId,
}

/// The device's id, if the cookie proves that `identity` signed in with it.
pub fn recognise(keys: &KeyRing, cookie: &str, identity: IdentityId, now: Timestamp) -> Option<DeviceId> {
    proofs(keys, cookie, now).into_iter().find(|proof| proof.identity == identity).map(|proof| proof.device)
}

/// The cookie to set after `identity` signed in: what the device already proved, and this.
pub fn remember(keys: &KeyRing, cookie: Option<&str>, identity: IdentityId, now: Timestamp, rng: &dyn Rng) -> String {
    let mut known = cookie.map(|cookie| proofs(keys, cookie, now)).unwrap_or_default();
    let device = known.iter().find(|proof| proof.identity == identity).map_or_else(|| rng.bytes(), |proof| proof.device);
    known.retain(|proof| proof.identity != identity);
    known.insert(0, Proof { identity, day: now.as_secs() / DAY_SECS, device });
    known.truncate(MAX_MEMBERS);
    known.iter().map(|proof| write(keys, proof)).collect::<Vec<_>>().join(".")
}

fn proofs(keys: &KeyRing, cookie: &str, now: Timestamp) -> Vec<Proof> {
    if cookie.len() > MAX_COOKIE {
        return Vec::new();
    }
    let today = now.as_secs() / DAY_SECS;
    let read = cookie.split('.').take(MAX_MEMBERS).filter_map(|text| read(keys, text));
    read.filter(|proof| (today - COOKIE_DAYS..=today + 1).contains(&proof.day)).collect()
}

fn body(proof: &Proof) -> [u8; 33] {
    let mut body = [0; 33];
    body[0] = 1;
    body[1..9].copy_from_slice(&proof.identity.raw().to_be_bytes());
    body[9..17].copy_from_slice(&proof.day.to_be_bytes());
    body[17..].copy_from_slice(&proof.device);
    body
}

fn write(keys: &KeyRing, proof: &Proof) -> String {
    let body = body(proof);
    URL_SAFE_NO_PAD.encode([body.as_slice(), &keys.keyed_hash(PURPOSE, &[&body])].concat())
}

fn read(keys: &KeyRing, text: &str) -> Option<Proof> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (body, hash) = bytes.split_at_checked(33)?;
    if body[0] != 1 || !bool::from(keys.keyed_hash(PURPOSE, &[body]).as_slice().ct_eq(hash)) {
        return None;
    }
    Some(Proof {
        identity: IdentityId::from_raw(i64::from_be_bytes(body[1..9].try_into().ok()?)),
        day: i64::from_be_bytes(body[9..17].try_into().ok()?),
        device: body[17..].try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counter(AtomicU8);

    impl Rng for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    const NOW: Timestamp = Timestamp::from_micros(1_780_000_000_000_000);

    fn identity(raw: i64) -> IdentityId {
        IdentityId::from_raw(raw)
    }

    #[test]
    fn a_device_is_known_to_those_who_signed_in_on_it_and_to_nobody_else() {
        let (keys, rng) = (KeyRing::from_master([1; 32]), Counter(AtomicU8::new(1)));
        let first = remember(&keys, None, identity(1), NOW, &rng);
        let both = remember(&keys, Some(&first), identity(2), NOW, &rng);
        assert_eq!(recognise(&keys, &both, identity(1), NOW), recognise(&keys, &first, identity(1), NOW));
        assert!(recognise(&keys, &both, identity(2), NOW).is_some());
        assert_eq!(recognise(&keys, &both, identity(3), NOW), None);
        assert_eq!(recognise(&KeyRing::from_master([2; 32]), &both, identity(1), NOW), None);
    }

    #[test]
    fn signing_in_again_keeps_the_device_and_prolongs_its_proof() {
        let (keys, rng) = (KeyRing::from_master([1; 32]), Counter(AtomicU8::new(1)));
        let first = remember(&keys, None, identity(1), NOW, &rng);
        let later = NOW.plus_secs(100 * DAY_SECS);
        let again = remember(&keys, Some(&first), identity(1), later, &rng);
        let end = NOW.plus_secs(200 * DAY_SECS);
        assert_eq!(recognise(&keys, &first, identity(1), end), None);
        assert_eq!(recognise(&keys, &again, identity(1), end), recognise(&keys, &first, identity(1), NOW));
    }

    #[test]
    fn a_cookie_stays_short_and_a_broken_one_proves_nothing() {
        let (keys, rng) = (KeyRing::from_master([1; 32]), Counter(AtomicU8::new(1)));
        let mut cookie = String::new();
        for raw in 0..10 {
            cookie = remember(&keys, Some(&cookie), identity(raw), NOW, &rng);
        }
        assert!(cookie.len() <= MAX_COOKIE, "{}", cookie.len());
        assert!(recognise(&keys, &cookie, identity(9), NOW).is_some());
        assert_eq!(recognise(&keys, &cookie, identity(0), NOW), None);
        for broken in ["", ".", "....", "AAAA", &cookie[1..], &"x".repeat(5000)] {
            assert_eq!(recognise(&keys, broken, identity(9), NOW), None);
        }
    }
}
