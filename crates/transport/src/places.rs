//! Who may connect: a bounded number in all, and of each address, so that nobody takes the places of the others.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};

/// The places of all listeners that share them. Cheap to clone.
#[derive(Clone)]
pub struct Places(Arc<Mutex<Taken>>);

struct Taken {
    free: usize,
    per_network: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// A connection's place, free again when this goes.
pub struct Place {
    places: Places,
    network: Option<IpAddr>,
}

impl Places {
    /// At most `all` connections at a time, and `per_network` of one address.
    pub fn new(all: usize, per_network: usize) -> Self {
        Self(Arc::new(Mutex::new(Taken { free: all, per_network, by_network: HashMap::new() })))
    }

    /// `None` when all places, or those of the address, are taken. Without an address only the whole is counted: for proxies and others that are trusted.
    pub fn take(&self, address: Option<IpAddr>) -> Option<Place> {
        let network = address.map(network_of);
        let mut taken = self.0.lock().expect("nothing panics while it holds this lock");
        if taken.free == 0 {
            return None;
        }
        if let Some(network) = network {
            let limit = taken.per_network;
            let count = taken.by_network.entry(network).or_default();
            if *count >= limit {
                return None;
            }
            *count += 1;
        }
        taken.free -= 1;
        Some(Place { places: self.clone(), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().expect("nothing panics while it holds this lock");
        taken.free += 1;
        if let Some(network) = self.network
            && let Some(count) = taken.by_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_network.remove(&network);
            }
        }
    }
}

/// What counts as one address: an IPv6 host has a /64 to itself.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_take_the_places_of_the_others() {
        let places = Places::new(3, 1);
        let address = |text: &str| -> Option<IpAddr> { Some(text.parse().expect("an address")) };
        let first = places.take(address("2001:db8::1"));
        assert!(first.is_some());
        assert!(places.take(address("2001:db8::2")).is_none(), "of the same /64");
        let other = places.take(address("192.0.2.1"));
        assert!(other.is_some() && places.take(address("::ffff:192.0.2.1")).is_none(), "the same address in another form");
        let trusted = places.take(None);
        assert!(trusted.is_some() && places.take(None).is_none(), "all places are taken");
        drop(first);
        assert!(places.take(address("2001:db8::2")).is_some());
        drop((other, trusted));
        assert!(places.0.lock().expect("unharmed").by_network.is_empty());
    }
}
