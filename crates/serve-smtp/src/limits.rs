//! Counts that all connections share: how many there are, and how much an account sends.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{MailAccountId, Timestamp};

/// The connections there are, in all and by address.
pub struct Connections {
    counts: Mutex<Counts>,
    most: usize,
    most_per_address: usize,
}

#[derive(Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place among the connections, free again when this goes.
pub struct Place {
    connections: Arc<Connections>,
    address: Option<IpAddr>,
}

impl Connections {
    pub fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        Arc::new(Self { counts: Mutex::default(), most, most_per_address })
    }

    /// `None` when there are too many. Without an address only the whole is counted.
    pub fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Place> {
        let address = address.map(neighbourhood);
        let mut counts = locked(&self.counts);
        if counts.all >= self.most {
            return None;
        }
        if let Some(address) = address {
            let count = counts.by_address.entry(address).or_insert(0);
            if *count >= self.most_per_address {
                return None;
            }
            *count += 1;
        }
        counts.all += 1;
        Some(Place { connections: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = locked(&self.connections.counts);
        counts.all -= 1;
        if let Some(address) = self.address
            && let Some(count) = counts.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                counts.by_address.remove(&address);
            }
        }
    }
}

/// Whoever has one IPv6 address has a whole /64 of them.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// What accounts have sent in the hour that is running, on this node.
pub struct Rates {
    hours: Mutex<HashMap<MailAccountId, Hour>>,
    messages: u32,
    recipients: u32,
}

#[derive(Clone, Copy)]
struct Hour {
    began: Timestamp,
    messages: u32,
    recipients: u32,
}

const HOUR_SECS: i64 = 3600;
/// Accounts that are remembered before those of past hours are forgotten.
const REMEMBERED: usize = 10_000;

impl Rates {
    pub fn new(messages: u32, recipients: u32) -> Self {
        Self { hours: Mutex::default(), messages, recipients }
    }

    /// Counts a message to `recipients`, or says that it is too much.
    pub fn count(&self, account: MailAccountId, recipients: u32, now: Timestamp) -> bool {
        let mut hours = locked(&self.hours);
        let is_past = |hour: &Hour| now.secs_since(hour.began) >= HOUR_SECS || now < hour.began;
        if hours.len() >= REMEMBERED {
            hours.retain(|_, hour| !is_past(hour));
        }
        let hour = hours.entry(account).or_insert(Hour { began: now, messages: 0, recipients: 0 });
        if is_past(hour) {
            *hour = Hour { began: now, messages: 0, recipients: 0 };
        }
        let (messages, recipients) = (hour.messages.saturating_add(1), hour.recipients.saturating_add(recipients));
        let fits = messages <= self.messages && recipients <= self.recipients;
        if fits {
            (hour.messages, hour.recipients) = (messages, recipients);
        }
        fits
    }
}

/// Nothing panics under these locks that would leave a count half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_only_its_share_of_the_connections() {
        let connections = Connections::new(3, 2);
        let address = |text: &str| Some(text.parse().unwrap());
        let one = connections.enter(address("2001:db8::1"));
        let two = connections.enter(address("2001:db8::ffff"));
        assert!(one.is_some() && two.is_some());
        assert!(connections.enter(address("2001:db8::2")).is_none(), "the same /64");
        let three = connections.enter(address("192.0.2.1"));
        assert!(three.is_some() && connections.enter(None).is_none(), "three in all");
        drop(one);
        assert!(connections.enter(address("::ffff:192.0.2.1")).is_some());
        drop((two, three));
        assert!(locked(&connections.counts).by_address.is_empty());
    }

    #[test]
    fn an_account_sends_its_share_in_an_hour() {
        let rates = Rates::new(2, 10);
        let (account, other) = (MailAccountId::from_raw(1), MailAccountId::from_raw(2));
        let now = Timestamp::from_micros(1_780_000_000_000_000);
        assert!(!rates.count(account, 11, now), "too many recipients at once");
        assert!(rates.count(account, 5, now) && rates.count(account, 5, now));
        assert!(!rates.count(account, 1, now.plus_secs(3599)) && rates.count(other, 1, now));
        assert!(rates.count(account, 1, now.plus_secs(3600)));
    }
}
