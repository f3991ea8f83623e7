//! Bounds and choices. Nothing a client does is without a bound.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use mail_auth::MessageAuthenticator;

/// What the listeners allow. The defaults suit an installation; tests set shorter times.
#[derive(Clone)]
pub struct SmtpOptions {
    /// The public name of this server: in greetings, trace headers and Authentication-Results.
    pub host_name: Arc<str>,
    /// Networks whose connections are not counted by address, wait for no greeting pause, and may use LMTP. The loopback network by default.
    pub trusted: Vec<Network>,
    /// Passwords are taken without TLS from loopback addresses: for tests, and for a proxy on the same machine that ends TLS.
    pub plain_auth_from_loopback: bool,
    /// How the sender of mail at the MX is checked; `None` switches the checks off, for closed networks and benchmarks.
    pub checks: Option<Checks>,
    pub limits: Limits,
}

/// SPF, DKIM, DMARC and ARC.
#[derive(Clone)]
pub struct Checks {
    /// Where records are looked up.
    pub resolver: Arc<MessageAuthenticator>,
    /// All checks of one message together; what is not known by then is a temperror.
    pub timeout: Duration,
    /// Refuse what `p=reject` asks to refuse; otherwise it goes to Junk, where its recipient can still find it.
    pub refuse_on_dmarc_reject: bool,
}

impl Checks {
    pub fn new(resolver: Arc<MessageAuthenticator>) -> Self {
        Self { resolver, timeout: Duration::from_secs(20), refuse_on_dmarc_reject: false }
    }
}

#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections of all listeners together.
    pub connections: usize,
    /// Connections of one address (IPv6: of one /64).
    pub connections_per_address: usize,
    pub message_bytes: usize,
    /// What all messages under way may hold in memory together.
    pub memory_bytes: usize,
    /// Recipients of one message.
    pub recipients: usize,
    /// Commands since the last message that was taken.
    pub commands_between_messages: u32,
    /// Commands that were none, or came out of order.
    pub bad_commands: u32,
    /// Recipients that were refused, before the connection is closed.
    pub refused_recipients: u32,
    /// How many of them are answered at once; later ones wait for `tarpit` each.
    pub refused_recipients_at_once: u32,
    pub tarpit: Duration,
    pub failed_sign_ins: u32,
    /// At the MX: how long a client has to hold its tongue before the greeting. Zero only looks whether it talked already.
    pub greeting_pause: Duration,
    /// RFC 5321 §4.5.3.2 asks for 5 minutes for a command.
    pub command_timeout: Duration,
    /// The same section asks for 3 minutes between the blocks of a message.
    pub data_timeout: Duration,
    /// For a whole message, however diligently it drips.
    pub message_timeout: Duration,
    /// How long a client may take to accept an answer.
    pub write_timeout: Duration,
    pub tls_timeout: Duration,
    /// How long a session may last in all.
    pub session_timeout: Duration,
    /// How long sessions may go on when the server stops.
    pub stop_timeout: Duration,
    /// Messages one account may submit in an hour.
    pub messages_per_hour: u32,
    /// Recipients of these.
    pub recipients_per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 50,
            message_bytes: 50 << 20,
            memory_bytes: 512 << 20,
            recipients: 1000,
            commands_between_messages: 2500,
            bad_commands: 20,
            refused_recipients: 50,
            refused_recipients_at_once: 5,
            tarpit: Duration::from_secs(2),
            failed_sign_ins: 3,
            greeting_pause: Duration::from_millis(200),
            command_timeout: Duration::from_secs(5 * 60),
            data_timeout: Duration::from_secs(3 * 60),
            message_timeout: Duration::from_secs(60 * 60),
            write_timeout: Duration::from_secs(60),
            tls_timeout: Duration::from_secs(30),
            session_timeout: Duration::from_secs(24 * 60 * 60),
            stop_timeout: Duration::from_secs(8),
            messages_per_hour: 500,
            recipients_per_hour: 5000,
        }
    }
}

impl SmtpOptions {
    pub fn new(host_name: &str) -> Self {
        Self {
            host_name: Arc::from(host_name),
            trusted: Network::loopback().to_vec(),
            plain_auth_from_loopback: false,
            checks: None,
            limits: Limits::default(),
        }
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }
}

/// Addresses that share a prefix: `10.0.0.0/8`, `::1`, `192.0.2.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// The text is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address or a network such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl Network {
    pub fn loopback() -> [Self; 2] {
        [Self { address: IpAddr::from([127, 0, 0, 0]), prefix: 8 }, Self { address: IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), prefix: 128 }]
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let (left, right, width) = match (self.address, address.to_canonical()) {
            (IpAddr::V4(left), IpAddr::V4(right)) => (left.to_bits().into(), right.to_bits().into(), 32),
            (IpAddr::V6(left), IpAddr::V6(right)) => (left.to_bits(), right.to_bits(), 128),
            _ => return false,
        };
        let difference: u128 = left ^ right;
        // A shift by the whole width of 128 bits would overflow.
        difference.checked_shr(width - self.prefix).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.chars().take(100).collect());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(widest), |prefix| prefix.trim().parse::<u32>()).map_err(|_| wrong())?;
        if prefix > widest { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_with_its_prefix() {
        let holds = |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1") && holds("10.0.0.0/8", "::ffff:10.1.1.1") && holds("::/0", "2001:db8::1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1") && !holds("::1", "::2") && !holds("0.0.0.0/0", "::2"));
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "here".parse::<Network>().is_err());
    }
}
