//! Ranges of addresses, as operators write them.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address such as `192.0.2.7` or `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

/// The text is neither an address nor a range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address or a range such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl Network {
    /// This machine itself, in both families.
    pub fn loopback() -> [Self; 2] {
        ["127.0.0.0/8", "::1"].map(|network| network.parse().expect("it is a range of addresses"))
    }

    /// An IPv4 address written as an IPv6 one (`::ffff:10.0.0.1`) counts as what it leads to.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let text = text.trim();
        let range = if text.contains('/') { text.parse().ok() } else { text.parse::<IpAddr>().ok().map(IpNet::from) };
        range.map(Self).ok_or_else(|| NetworkError(text.chars().take(100).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_addresses_with_its_prefix() {
        let holds = |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        for (network, address) in [
            ("10.0.0.0/8", "10.255.0.1"),
            ("10.1.2.3/8", "10.255.0.1"),
            ("10.0.0.0/8", "::ffff:10.1.1.1"),
            ("0.0.0.0/0", "127.0.0.1"),
            ("::/0", "2001:db8::1"),
            ("192.0.2.7", "192.0.2.7"),
            (" ::1 ", "::1"),
        ] {
            assert!(holds(network, address), "{network} {address}");
        }
        for (network, address) in
            [("10.0.0.0/8", "11.0.0.1"), ("::1", "::2"), ("0.0.0.0/0", "::2"), ("::/0", "10.0.0.1"), ("192.0.2.7", "192.0.2.8")]
        {
            assert!(!holds(network, address), "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_range_is_told() {
        for wrong in ["", "here", "10.0.0.0/33", "::/129", "a/8", "10.0.0.0/-1", "10.0.0/8", "/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        assert_eq!(
            "10.0.0.0/33".parse::<Network>().unwrap_err().to_string(),
            "\"10.0.0.0/33\" is not an address or a range such as 10.0.0.0/8"
        );
    }
}
