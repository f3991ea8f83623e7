//! Bounds and choices. Nothing a client does is without a bound.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use kernel::Network;
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
    /// Commands since the last message that was taken, without the recipients of the next one that were accepted.
    pub commands_between_messages: usize,
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
