//! What an operator can set about sending.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use kernel::Network;
use mail::outbound::RetrySchedule;
use zeroize::Zeroizing;

/// How mail leaves this installation.
#[derive(Debug, Clone)]
pub struct OutboundOptions {
    /// The public name of this server: what it calls itself to others, and by which it knows itself in MX records.
    pub mail_host: String,
    /// Takes all mail; without one it goes to the recipients' own servers.
    pub smart_host: Option<SmartHost>,
    pub retry: RetrySchedule,
    /// How many connections there are at a time, in all and to one destination.
    pub connections: usize,
    pub connections_per_destination: usize,
    pub messages_per_connection: u32,
    pub recipients_per_transaction: usize,
    pub tls: TlsPolicy,
    /// Addresses that may be connected to though they are not public.
    pub allowed_networks: Vec<Network>,
    /// Addresses at which this server itself takes mail, besides what its name resolves to.
    pub own_addresses: Vec<IpAddr>,
    pub addresses: Addresses,
    /// Where the servers of others listen; 25 but in tests.
    pub port: u16,
    pub time_limits: TimeLimits,
    /// For how long messages that nobody waits for any more are shown.
    pub keep_finished_secs: i64,
    /// For how long a recipient is a connection's without a sign of life.
    pub lease_secs: i64,
    /// How often it looks for work that no notice told of.
    pub look_every: Duration,
}

impl OutboundOptions {
    pub fn new(mail_host: impl Into<String>) -> Self {
        Self {
            mail_host: mail_host.into(),
            smart_host: None,
            retry: RetrySchedule::default(),
            connections: 64,
            connections_per_destination: 4,
            messages_per_connection: 100,
            recipients_per_transaction: 100,
            tls: TlsPolicy::Opportunistic,
            allowed_networks: Vec::new(),
            own_addresses: Vec::new(),
            addresses: Addresses::Both,
            port: 25,
            time_limits: TimeLimits::default(),
            keep_finished_secs: 3 * 24 * 3600,
            lease_secs: 120,
            look_every: Duration::from_secs(3),
        }
    }
}

/// Whether mail between servers is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsPolicy {
    /// When the other side offers it, without looking at its certificate; in the clear when it does not or TLS fails (RFC 7435).
    Opportunistic,
    /// Never in the clear. Certificates are not looked at: MX records are not signed, so a name in one proves nothing.
    Required,
    Never,
}

/// Which addresses of a host are connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addresses {
    Both,
    OnlyV4,
    OnlyV6,
}

impl Addresses {
    pub(super) fn includes(self, address: IpAddr) -> bool {
        match self {
            Self::Both => true,
            Self::OnlyV4 => address.is_ipv4(),
            Self::OnlyV6 => address.is_ipv6(),
        }
    }
}

/// A server that takes all mail and sends it on.
#[derive(Debug, Clone)]
pub struct SmartHost {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub credentials: Option<Credentials>,
    /// Certificates (PEM) that vouch for it, in place of the system's.
    pub ca_file: Option<PathBuf>,
}

/// How a smart host is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the start, certificate checked.
    Tls,
    /// STARTTLS, which must be there; certificate checked.
    StartTls,
    /// In the clear, for a machine beside this one. Never with credentials.
    None,
}

/// Not `Debug` in full: the password stays out of logs.
#[derive(Clone)]
pub struct Credentials {
    pub user_name: String,
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// How long each step of a conversation may take; RFC 5321 §4.5.3.2 names the least for most of them.
#[derive(Debug, Clone)]
pub struct TimeLimits {
    pub dns: Duration,
    pub connect: Duration,
    pub greeting: Duration,
    pub tls: Duration,
    /// EHLO, STARTTLS, AUTH, RSET.
    pub command: Duration,
    pub mail: Duration,
    pub rcpt: Duration,
    /// The reply to DATA.
    pub data: Duration,
    /// Each block of the message.
    pub block: Duration,
    /// The reply to the whole message: giving up early sends it twice.
    pub done: Duration,
    pub quit: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        let secs = Duration::from_secs;
        Self {
            dns: secs(15),
            connect: secs(30),
            // RFC 5321 lets a server take five minutes here; hosts that do are rare, and the next one may be quicker.
            greeting: secs(120),
            tls: secs(60),
            command: secs(120),
            mail: secs(300),
            rcpt: secs(300),
            data: secs(120),
            block: secs(180),
            done: secs(600),
            quit: secs(5),
        }
    }
}
