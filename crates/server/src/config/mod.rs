//! The configuration: one TOML file, every key also as `YANSHU_<SECTION>__<KEY>` in the environment. Unknown keys are errors.
//!
//! The comments on the fields are the reference; `deploy/yanshu.example.toml` shows every key with its default.

mod check;

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

pub use check::resolve;

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub listen: Listen,
    pub storage: Storage,
    pub secrets: Secrets,
    pub http: Http,
    pub tls: Tls,
    pub mail: Mail,
    pub smtp: Smtp,
    pub outbound: Outbound,
    pub web_push: WebPush,
    pub log: Log,
    pub node: Node,
}

/// Where each protocol listens: `HOST:PORT`; an empty value switches it off. Port 0 takes a free one.
///
/// Everything listens on this machine alone until you name another host (`0.0.0.0` or `[::]` for all).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Web pages and API without TLS: answers only to this machine and to trusted proxies.
    pub http: String,
    /// Web pages and API with TLS.
    pub https: String,
    /// Mail from other servers.
    pub smtp: String,
    /// Mail from members, STARTTLS.
    pub submission: String,
    /// Mail from members, TLS from the start.
    pub submissions: String,
    /// Mail from a server of one's own in front (LMTP).
    pub lmtp: String,
    /// IMAP with STARTTLS.
    pub imap: String,
    /// IMAP with TLS from the start.
    pub imaps: String,
    /// POP3 with STLS.
    pub pop3: String,
    /// POP3 with TLS from the start.
    pub pop3s: String,
    /// ManageSieve.
    pub managesieve: String,
}

impl Default for Listen {
    fn default() -> Self {
        let local = |port: u16| format!("127.0.0.1:{port}");
        Self {
            http: local(8080),
            https: local(8443),
            smtp: local(2525),
            submission: local(2587),
            submissions: local(2465),
            lmtp: String::new(),
            imap: local(2143),
            imaps: local(2993),
            pop3: local(2110),
            pop3s: local(2995),
            managesieve: local(2190),
        }
    }
}

/// Where data is kept. Relative paths are below the data directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub sql: String,
    /// `packs:PATH`.
    pub blobs: String,
    /// The folder of the full-text index. It can be made again from the rest, so backups leave it out.
    pub index: PathBuf,
    /// `local`.
    pub bus: String,
    /// Threads that read from the database at the same time.
    pub readers: usize,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            sql: "sqlite:yanshu.db".to_owned(),
            blobs: "packs:packs".to_owned(),
            index: PathBuf::from("index"),
            bus: "local".to_owned(),
            readers: 4,
        }
    }
}

/// Keys that are in no database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// The master key; made at the first start, readable by its owner only. Keep a copy apart from the data's backups.
    pub key_file: PathBuf,
}

impl Default for Secrets {
    fn default() -> Self {
        Self { key_file: PathBuf::from("master.key") }
    }
}

/// Web pages and API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// The address people use, such as `https://mail.example.com`; links in messages begin with it. Empty: taken from `listen`.
    pub public_url: String,
    /// Addresses and ranges (`10.0.0.0/8`) of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<String>,
    /// Lets a monitor on another machine read `/metrics` with `Authorization: Bearer`. Empty: this machine only.
    pub metrics_token: String,
}

/// The certificate of every listener with TLS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the certificate and its chain. Empty: a self-signed one is made in the data directory.
    pub certificate: PathBuf,
    /// PEM file with the certificate's key.
    pub key: PathBuf,
}

/// Mail, whichever way it comes and goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// The public name of this server: in MX records, greetings and Message-IDs, and what mail programs connect to. Empty: that of
    /// `http.public_url`, else the machine's own.
    pub host: String,
    /// The largest message that is taken, sent or appended, in bytes; 1 MiB to 200 MiB.
    pub max_message_bytes: u64,
    /// For how many days a message that was expunged can be brought back; 0 to 3650.
    pub keep_removed_days: u32,
}

impl Default for Mail {
    fn default() -> Self {
        Self { host: String::new(), max_message_bytes: 50 << 20, keep_removed_days: 30 }
    }
}

/// Mail that comes in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// Check the senders of mail from other servers: SPF, DKIM, DMARC and ARC. Off only for closed networks.
    pub checks: bool,
    /// Refuse what the sender's domain asks to refuse (DMARC `p=reject`); otherwise it goes to Junk.
    pub refuse_on_dmarc_reject: bool,
    /// Addresses and networks besides this machine that may use LMTP and whose connections are not limited.
    pub trusted_networks: Vec<String>,
    /// Take members' passwords without TLS from this machine itself, for a proxy on it that ends TLS.
    pub plain_auth_from_loopback: bool,
    /// Messages a member may send in an hour.
    pub messages_per_hour: u32,
    /// Recipients of these.
    pub recipients_per_hour: u32,
    /// Recipients of one message that are taken in one go.
    pub recipients_per_message: usize,
    /// Connections at a time to each listener, in all and from one address outside the trusted networks.
    pub connections: usize,
    pub connections_per_address: usize,
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            checks: true,
            refuse_on_dmarc_reject: false,
            trusted_networks: Vec::new(),
            plain_auth_from_loopback: false,
            messages_per_hour: 500,
            recipients_per_hour: 5000,
            recipients_per_message: 1000,
            connections: 4096,
            connections_per_address: 50,
        }
    }
}

/// Mail that goes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// `HOST:PORT` of a server that takes all mail and sends it on. Empty: mail goes to the recipients' own servers.
    pub smart_host: String,
    /// `tls`: from the start. `starttls`: must be offered. `none`: in the clear, without a user name.
    pub smart_host_security: SmartHostSecurity,
    pub smart_host_user: String,
    pub smart_host_password: String,
    /// PEM file with certificates that vouch for it. Empty: the system's.
    pub smart_host_ca_file: PathBuf,
    /// Between servers. `opportunistic`: where it is offered. `required`: never without. `never`.
    pub tls: OutboundTls,
    /// `both`, `ipv4` or `ipv6`.
    pub addresses: OutboundAddresses,
    /// Networks that mail may be sent to though they are not public, such as `10.0.0.0/8`.
    pub allowed_networks: Vec<String>,
    /// Where other servers listen; anything but 25 is for tests.
    pub port: u16,
    /// Connections at a time, in all and to one destination.
    pub connections: usize,
    pub connections_per_destination: usize,
    /// After so many messages a connection is closed and a new one made.
    pub messages_per_connection: u32,
    /// Minutes before the second try, the third and so on; the last holds for all that follow.
    pub retry_minutes: Vec<u32>,
    /// When a message that is not taken goes back to its sender (RFC 5321 §4.5.4.1 asks for four to five days).
    pub give_up_after_days: u32,
    /// When the sender is told that it takes long.
    pub tell_delay_after_hours: u32,
    /// For how long the queue shows messages that nobody waits for any more.
    pub keep_finished_days: u32,
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            smart_host: String::new(),
            smart_host_security: SmartHostSecurity::Tls,
            smart_host_user: String::new(),
            smart_host_password: String::new(),
            smart_host_ca_file: PathBuf::new(),
            tls: OutboundTls::Opportunistic,
            addresses: OutboundAddresses::Both,
            allowed_networks: Vec::new(),
            port: 25,
            connections: 64,
            connections_per_destination: 4,
            messages_per_connection: 100,
            retry_minutes: vec![1, 5, 15, 30, 60, 120, 240],
            give_up_after_days: 5,
            tell_delay_after_hours: 4,
            keep_finished_days: 3,
        }
    }
}

/// Pushes to clients that have named the address of a push service (JMAP).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebPush {
    /// Networks that pushes may be sent to though they are not public, for a push service of one's own.
    pub allowed_networks: Vec<String>,
    /// PEM file with certificates that vouch for push services. Empty: the system's.
    pub ca_file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmartHostSecurity {
    Tls,
    StartTls,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutboundTls {
    Opportunistic,
    Required,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutboundAddresses {
    Both,
    Ipv4,
    Ipv6,
}

/// What is written to standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,store=debug`.
    pub level: String,
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// This process among several on the same database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Node {
    /// Unique among the nodes of an installation, 0 to 1023: part of every id made here.
    pub number: u16,
}

/// The configuration cannot be used; the text says which key and why.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {0} cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    #[error("configuration: {0}")]
    Value(String),
}

impl Config {
    /// Reads the file, if one is named, and the environment over it.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            let text = std::fs::read_to_string(file).map_err(|error| ConfigError::File(file.to_owned(), error))?;
            figment = figment.merge(Toml::string(&text));
        }
        let environment = Env::prefixed("YANSHU_").filter(|key| key.as_str().contains("__")).split("__");
        let config: Self = figment.merge(environment).extract().map_err(|error| ConfigError::Value(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// How this node is called among the nodes of the installation.
    pub fn node_name(&self) -> String {
        format!("node {}", self.node.number)
    }

    /// The public name of this server: as configured, else that of the public address, else the machine's own.
    pub fn mail_host(&self) -> String {
        if !self.mail.host.is_empty() {
            return self.mail.host.clone();
        }
        let public = self.http.public_url.split_once("://").map_or("", |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
        if public.is_empty() { rustix::system::uname().nodename().to_string_lossy().into_owned() } else { public.to_owned() }
    }
}

impl Outbound {
    /// Host and port of the smart host, when there is one.
    pub fn smart_host_address(&self) -> Option<(String, u16)> {
        let (host, port) = self.smart_host.rsplit_once(':')?;
        (!host.is_empty()).then_some(())?;
        Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../../deploy/yanshu.example.toml");

    #[test]
    fn the_example_file_shows_every_key_with_its_default() {
        // Every key stands commented out; without the marks it is the default configuration.
        let uncommented: String = EXAMPLE.lines().map(|line| format!("{}\n", line.strip_prefix("#:").unwrap_or(line))).collect();
        let shown: toml::Table = toml::from_str(&uncommented).unwrap();
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        assert_eq!(shown, defaults);
    }

    #[test]
    fn unknown_keys_and_values_that_cannot_be_are_named() {
        let load = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("yanshu.toml");
            std::fs::write(&file, text).unwrap();
            Config::load(Some(&file)).map_err(|error| error.to_string())
        };
        assert!(load("[listen]\nhttp = \"0.0.0.0:80\"\n").is_ok());
        assert!(load("[listen]\nhtpp = \"x\"\n").unwrap_err().contains("htpp"));
        assert!(load("[listen]\nhttp = \"x\"\n").unwrap_err().contains("listen.http"));
        assert!(load("[storage]\nsql = \"mysql://x\"\n").unwrap_err().contains("storage.sql"));
        assert!(load("[nodes]\n").unwrap_err().contains("nodes"));
    }
}
