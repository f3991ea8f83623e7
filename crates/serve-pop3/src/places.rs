//! Who may connect: a bounded number in all, and of each address, so that nobody takes the places of the others.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};

/// The places of all listeners.
#[derive(Clone)]
pub(crate) struct Places(Arc<Mutex<Taken>>);

struct Taken {
    free: usize,
    per_network: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// A connection's place, free again when this goes.
pub(crate) struct Place {
    places: Places,
    network: Option<IpAddr>,
}

impl Places {
    pub(crate) fn new(all: usize, per_network: usize) -> Self {
        Self(Arc::new(Mutex::new(Taken { free: all, per_network, by_network: HashMap::new() })))
    }

    /// `None` when all places, or those of the network, are taken.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Place> {
        let network = network_of(address);
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

/// What counts as one address: an IPv6 host has a /64 to itself. `None` for loopback, where proxies live.
fn network_of(address: IpAddr) -> Option<IpAddr> {
    let address = address.to_canonical();
    match address {
        _ if address.is_loopback() => None,
        IpAddr::V4(_) => Some(address),
        IpAddr::V6(v6) => Some(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_take_the_places_of_the_others() {
        let places = Places::new(3, 1);
        let address = |text: &str| -> IpAddr { text.parse().expect("an address") };
        let first = places.take(address("2001:db8::1"));
        assert!(first.is_some());
        assert!(places.take(address("2001:db8::2")).is_none(), "of the same /64");
        let other = places.take(address("192.0.2.1"));
        let local = places.take(address("127.0.0.1"));
        assert!(other.is_some() && local.is_some());
        assert!(places.take(address("127.0.0.1")).is_none(), "all places are taken");
        drop(first);
        assert!(places.take(address("2001:db8::2")).is_some());
    }
}
