//! Where the server may connect to on behalf of others: not to itself, not to the machines beside it, unless that is configured.
//!
//! Asked with the address that is then connected to, after every look-up: a name may say one thing to a check and another a moment later.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kernel::Network;

/// Whether a connection to this address may be made.
pub fn is_allowed(address: IpAddr, configured: &[Network]) -> bool {
    configured.iter().any(|network| network.contains(address)) || is_public(address.to_canonical())
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

/// What the registry of special-purpose addresses (RFC 6890) does not call globally reachable, is not.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_unspecified()
        || a == 0
        || address.is_loopback()
        || address.is_private()
        // Metadata of clouds is at 169.254.169.254.
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || a >= 240
        // Carrier-grade NAT, where 100.100.100.200 is the metadata of a cloud.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only 2000::/3 is given out at all.
    if segments[0] & 0xe000 != 0x2000 {
        // RFC 6052: the rest of 64:ff9b::/96 is an IPv4 address.
        let embedded = (segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0]).then(|| embedded_v4(segments[6], segments[7]));
        return embedded.is_some_and(is_public_v4);
    }
    match segments {
        // Documentation, benchmarking, ORCHID, Teredo.
        [0x2001, 0xdb8, ..] | [0x3fff, ..] => false,
        [0x2001, second, ..] if second < 0x200 => false,
        // 6to4 carries an IPv4 address.
        [0x2002, high, low, ..] => is_public_v4(embedded_v4(high, low)),
        _ => true,
    }
}

fn embedded_v4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_public_addresses_is_connected_to() {
        for forbidden in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "fc00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "fec0::1",
            "fd00:ec2::254",
        ] {
            assert!(!is_allowed(forbidden.parse().unwrap(), &[]), "{forbidden}");
        }
        for allowed in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::101:101", "2001:4860::8888", "2002:101:101::1"] {
            assert!(is_allowed(allowed.parse().unwrap(), &[]), "{allowed}");
        }
    }

    #[test]
    fn what_is_configured_is_allowed_and_no_more() {
        let configured = ["10.1.0.0/16".parse().unwrap(), "fd00::1".parse().unwrap()];
        for allowed in ["10.1.255.1", "::ffff:10.1.0.1", "fd00::1"] {
            assert!(is_allowed(allowed.parse().unwrap(), &configured), "{allowed}");
        }
        for forbidden in ["10.2.0.1", "fd00::2"] {
            assert!(!is_allowed(forbidden.parse().unwrap(), &configured), "{forbidden}");
        }
    }
}
