//! Slows guessing down without locking anybody out.
//!
//! Every attempt is counted before its password is looked at, in one transaction with the question whether it may go on, so that a thousand attempts at
//! once get no more guesses than a thousand one after the other; the right password takes its count back. What is counted:
//!
//! - a known device's own attempts on its member's account, and nothing else: guesses made elsewhere never reach it;
//! - from anywhere else, the attempts on an account from one network, on an account from everywhere, and from one network on every account.
//!
//! Beyond a free number each further attempt waits twice as long as the one before, up to a bound; counts leak away with time. An account is
//! counted by what was typed, whether it exists or not.

mod repo;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kernel::{IdentityId, Timestamp};
use store::{KeyRing, StoreError, Tx};

use crate::devices::DeviceId;

/// Whose password is guessed at, and by whom.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// At sign-in, from somewhere.
    SignIn {
        /// What was typed to name the account, normalised.
        account: String,
        ip: Option<IpAddr>,
    },
    /// At sign-in, from a device the member has signed in on before.
    KnownDevice { account: String, device: DeviceId },
    /// The current password, asked before changing it: a stolen session is no place to guess either.
    OwnPassword { identity: IdentityId },
}

#[derive(Debug, thiserror::Error)]
pub enum ThrottleError {
    #[error("too many failed attempts; the next one may be made in {retry_after_secs} s")]
    Throttled { retry_after_secs: i64 },
    #[error("could not count the attempt")]
    Store(#[from] StoreError),
}
kernel::faults! { ThrottleError:
    ThrottleError::Throttled { retry_after_secs } => Throttled "too_many_attempts" { retry_after_secs },
    ThrottleError::Store(inner) => inner,
}

/// What an attempt is counted under: how many failures are free, how long the wait may grow, and how fast the count leaks away.
#[derive(Debug, Clone, Copy)]
struct Rule {
    name: &'static str,
    free: i64,
    longest_wait_secs: i64,
    leak_secs: i64,
    /// Whether its start is worth an audit event of the account.
    concerns_account: bool,
    /// Whether a right password wipes the count, or only takes its own attempt back: it must not when others share it.
    wiped_by_success: bool,
}

/// One network guessing at one account: 288 guesses a day in the long run.
const ACCOUNT_FROM_NETWORK: Rule =
    Rule { name: "account-network", free: 5, longest_wait_secs: 300, leak_secs: 300, concerns_account: true, wiped_by_success: true };
/// The whole world guessing at one account: 1,440 guesses a day. A minute's wait is also the most it can cost a member on a new device.
const ACCOUNT: Rule =
    Rule { name: "account", free: 30, longest_wait_secs: 60, leak_secs: 120, concerns_account: true, wiped_by_success: false };
/// One network guessing at many accounts. Generous, because a whole hospital may come from one address.
const NETWORK: Rule =
    Rule { name: "network", free: 200, longest_wait_secs: 15, leak_secs: 10, concerns_account: false, wiped_by_success: false };
const DEVICE: Rule =
    Rule { name: "device", free: 10, longest_wait_secs: 30, leak_secs: 60, concerns_account: true, wiped_by_success: true };
const OWN_PASSWORD: Rule =
    Rule { name: "own-password", free: 5, longest_wait_secs: 300, leak_secs: 300, concerns_account: true, wiped_by_success: true };

impl Rule {
    fn wait_secs(&self, failures: i64) -> i64 {
        let beyond = failures - self.free;
        if beyond <= 0 { 0 } else { 1_i64.checked_shl((beyond - 1).min(20) as u32).unwrap_or(i64::MAX).min(self.longest_wait_secs) }
    }

    /// Counts stop here, so that an attack that ends is forgotten in bounded time.
    fn most_failures(&self) -> i64 {
        self.free + 12
    }
}

/// A subject's count. Whole leaks are taken off as time goes by.
#[derive(Debug, Clone, Copy)]
struct Count {
    failures: i64,
    counted_at: Timestamp,
    blocked_until: Timestamp,
}

impl Count {
    fn none(now: Timestamp) -> Self {
        Self { failures: 0, counted_at: now, blocked_until: now }
    }

    fn leaked(self, rule: &Rule, now: Timestamp) -> Self {
        let leaks = (now.secs_since(self.counted_at) / rule.leak_secs).max(0);
        if leaks >= self.failures {
            return Self { failures: 0, counted_at: now, ..self };
        }
        Self { failures: self.failures - leaks, counted_at: self.counted_at.plus_secs(leaks * rule.leak_secs), ..self }
    }

    fn forget_at(&self, rule: &Rule) -> Timestamp {
        self.counted_at.plus_secs(self.failures * rule.leak_secs).max(self.blocked_until)
    }
}

/// An attempt that may look at the password.
#[derive(Debug, Clone)]
#[must_use = "a right password takes its count back with `succeeded`"]
pub struct Admitted {
    attempt: Attempt,
    /// This attempt, should it fail, is the one from which on the account's attempts have to wait.
    pub starts_throttling: bool,
}

type Counted = Vec<(&'static Rule, [u8; 32], Count)>;

/// Whether the attempt would have to wait, without counting it: a flood is turned away without a single write.
pub fn must_wait(tx: &mut Tx, keys: &KeyRing, attempt: &Attempt, now: Timestamp) -> Result<(), ThrottleError> {
    counts(tx, keys, attempt, now).map(drop)
}

/// Lets the attempt go on and counts it as failed, or tells how long to wait; one that has to wait is not counted.
pub fn admit(tx: &mut Tx, keys: &KeyRing, attempt: &Attempt, now: Timestamp) -> Result<Admitted, ThrottleError> {
    let mut starts_throttling = false;
    for (rule, subject, count) in counts(tx, keys, attempt, now)? {
        let failures = (count.failures + 1).min(rule.most_failures());
        starts_throttling |= rule.concerns_account && count.failures == rule.free;
        let next = Count { failures, blocked_until: now.plus_secs(rule.wait_secs(failures)), ..count };
        repo::put(tx, &subject, &next, next.forget_at(rule))?;
    }
    Ok(Admitted { attempt: attempt.clone(), starts_throttling })
}

fn counts(tx: &mut Tx, keys: &KeyRing, attempt: &Attempt, now: Timestamp) -> Result<Counted, ThrottleError> {
    let mut counted = Vec::new();
    let mut blocked_until = now;
    for (rule, subject) in subjects(keys, attempt) {
        let count = repo::find(tx, &subject)?.map_or(Count::none(now), |count| count.leaked(rule, now));
        blocked_until = blocked_until.max(count.blocked_until);
        counted.push((rule, subject, count));
    }
    if blocked_until > now {
        let micros = blocked_until.as_micros() - now.as_micros();
        return Err(ThrottleError::Throttled { retry_after_secs: (micros + 999_999) / 1_000_000 });
    }
    Ok(counted)
}

/// Takes back what [`admit`] counted, because the password was right.
pub fn succeeded(tx: &mut Tx, keys: &KeyRing, admitted: &Admitted, now: Timestamp) -> Result<(), StoreError> {
    for (rule, subject) in subjects(keys, &admitted.attempt) {
        let Some(count) = repo::find(tx, &subject)? else { continue };
        let count = count.leaked(rule, now);
        if rule.wiped_by_success || count.failures <= 1 {
            repo::remove(tx, &subject)?;
        } else {
            let next = Count { failures: count.failures - 1, blocked_until: now, ..count };
            repo::put(tx, &subject, &next, next.forget_at(rule))?;
        }
    }
    Ok(())
}

/// Forgets counts that have leaked away, at most 1000 in one transaction; see [`clean`](crate::clean).
///
/// Each attempt adds at most three rows and costs an argon2id, so what comes within the minutes a count lives is all there can be.
pub fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    repo::delete_forgotten(tx, now)
}

fn subjects(keys: &KeyRing, attempt: &Attempt) -> Vec<(&'static Rule, [u8; 32])> {
    let hash = |rule: &'static Rule, parts: &[&[u8]]| {
        let named: Vec<&[u8]> = std::iter::once(rule.name.as_bytes()).chain(parts.iter().copied()).collect();
        (rule, keys.keyed_hash("sign-in-throttle", &named))
    };
    match attempt {
        Attempt::SignIn { account, ip } => {
            let account = account.as_bytes();
            vec![
                hash(&ACCOUNT_FROM_NETWORK, &[account, &network(*ip, 64)]),
                hash(&ACCOUNT, &[account]),
                hash(&NETWORK, &[&network(*ip, 48)]),
            ]
        }
        Attempt::KnownDevice { account, device } => vec![hash(&DEVICE, &[account.as_bytes(), device])],
        Attempt::OwnPassword { identity } => vec![hash(&OWN_PASSWORD, &[&identity.raw().to_be_bytes()])],
    }
}

/// An IPv4 address, or the part of an IPv6 address that its owner cannot change at will: a household has a /64, a customer of a host often a /48.
fn network(ip: Option<IpAddr>, v6_bits: u32) -> Vec<u8> {
    match ip.map(|ip| ip.to_canonical()) {
        None => Vec::new(),
        Some(IpAddr::V4(v4)) => Ipv4Addr::octets(&v4).to_vec(),
        Some(IpAddr::V6(v6)) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - v6_bits))).octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_bound() {
        let waits: Vec<i64> = (4..=18).map(|failures| ACCOUNT_FROM_NETWORK.wait_secs(failures)).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
    }

    #[test]
    fn a_count_leaks_away_without_losing_part_of_a_step() {
        let start = Timestamp::from_micros(0);
        let count = Count { failures: 3, counted_at: start, blocked_until: start };
        let leaked = count.leaked(&ACCOUNT_FROM_NETWORK, start.plus_secs(450));
        assert_eq!((leaked.failures, leaked.counted_at), (2, start.plus_secs(300)));
        assert_eq!(leaked.leaked(&ACCOUNT_FROM_NETWORK, start.plus_secs(600)).failures, 1);
        assert_eq!(count.leaked(&ACCOUNT_FROM_NETWORK, start.plus_secs(900)).failures, 0);
        assert_eq!(count.leaked(&ACCOUNT_FROM_NETWORK, start.plus_secs(-900)).failures, 3);
    }

    #[test]
    fn an_ipv6_network_is_one_source_however_many_addresses_it_has() {
        let ip = |text: &str| Some(text.parse().unwrap());
        assert_eq!(network(ip("2001:db8:1:2::1"), 64), network(ip("2001:db8:1:2:ffff::9"), 64));
        assert_ne!(network(ip("2001:db8:1:2::1"), 64), network(ip("2001:db8:1:3::1"), 64));
        assert_eq!(network(ip("2001:db8:1:2::1"), 48), network(ip("2001:db8:1:3::1"), 48));
        assert_eq!(network(ip("::ffff:192.0.2.7"), 64), network(ip("192.0.2.7"), 64));
    }
}
