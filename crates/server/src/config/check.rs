//! Which values can be used.

use std::net::SocketAddr;

use kernel::Network;

use super::{Config, ConfigError, Listen, SmartHostSecurity};

impl Config {
    /// The first value that cannot be used, with its key and why.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, why: &str| Err(ConfigError::Value(format!("{key}: {why}")));
        for (key, value) in self.listen.entries() {
            if !value.is_empty() && resolve(value).is_none() {
                return wrong(&format!("listen.{key}"), &format!("\"{value}\" is not HOST:PORT"));
            }
        }
        if !self.storage.sql.starts_with("sqlite:")
            && !self.storage.sql.starts_with("postgres://")
            && !self.storage.sql.starts_with("postgresql://")
        {
            return wrong("storage.sql", "begins with sqlite: or postgres://");
        }
        if !self.storage.blobs.starts_with("packs:") {
            return wrong("storage.blobs", "begins with packs:");
        }
        if self.storage.bus != "local" {
            return wrong("storage.bus", "is local");
        }
        if !(1..=64).contains(&self.storage.readers) {
            return wrong("storage.readers", "is between 1 and 64");
        }
        if self.node.number >= 1024 {
            return wrong("node.number", "is below 1024");
        }
        if self.tls.certificate.as_os_str().is_empty() != self.tls.key.as_os_str().is_empty() {
            return wrong("tls", "certificate and key go together");
        }
        for range in &self.http.trusted_proxies {
            if let Err(error) = range.parse::<Network>() {
                return wrong("http.trusted_proxies", &error.to_string());
            }
        }
        if !(1 << 20..=200 << 20).contains(&self.mail.max_message_bytes) {
            return wrong("mail.max_message_bytes", "is between 1048576 and 209715200");
        }
        for network in &self.smtp.trusted_networks {
            if let Err(error) = network.parse::<Network>() {
                return wrong("smtp.trusted_networks", &error.to_string());
            }
        }
        for network in &self.outbound.allowed_networks {
            if let Err(error) = network.parse::<Network>() {
                return wrong("outbound.allowed_networks", &error.to_string());
            }
        }
        for network in &self.web_push.allowed_networks {
            if let Err(error) = network.parse::<Network>() {
                return wrong("web_push.allowed_networks", &error.to_string());
            }
        }
        for (key, value, most) in [
            ("smtp.recipients_per_message", self.smtp.recipients_per_message, 100_000),
            ("smtp.connections", self.smtp.connections, 100_000),
            ("smtp.connections_per_address", self.smtp.connections_per_address, 100_000),
            ("outbound.connections", self.outbound.connections, 10_000),
            ("outbound.connections_per_destination", self.outbound.connections_per_destination, 10_000),
            ("outbound.messages_per_connection", self.outbound.messages_per_connection as usize, 100_000),
            ("outbound.give_up_after_days", self.outbound.give_up_after_days as usize, 30),
            ("outbound.tell_delay_after_hours", self.outbound.tell_delay_after_hours as usize, 720),
            ("outbound.keep_finished_days", self.outbound.keep_finished_days as usize, 365),
        ] {
            if !(1..=most).contains(&value) {
                return wrong(key, &format!("is between 1 and {most}"));
            }
        }
        if self.mail.keep_removed_days > 3650 {
            return wrong("mail.keep_removed_days", "is between 0 and 3650");
        }
        let minutes = &self.outbound.retry_minutes;
        if !(1..=100).contains(&minutes.len()) || minutes.iter().any(|minutes| !(1..=7 * 24 * 60).contains(minutes)) {
            return wrong("outbound.retry_minutes", "is 1 to 100 numbers between 1 and 10080");
        }
        if !self.outbound.smart_host.is_empty() && self.outbound.smart_host_address().is_none() {
            return wrong("outbound.smart_host", &format!("\"{}\" is not HOST:PORT", self.outbound.smart_host));
        }
        if self.outbound.smart_host_security == SmartHostSecurity::None && !self.outbound.smart_host_user.is_empty() {
            return wrong("outbound.smart_host_security", "a user name and password are sent under TLS only");
        }
        if !self.http.public_url.is_empty() && !self.http.public_url.starts_with("https://") && !self.http.public_url.starts_with("http://")
        {
            return wrong("http.public_url", "begins with https:// or http://");
        }
        Ok(())
    }
}

impl Listen {
    fn entries(&self) -> [(&'static str, &str); 11] {
        [
            ("http", &self.http),
            ("https", &self.https),
            ("smtp", &self.smtp),
            ("submission", &self.submission),
            ("submissions", &self.submissions),
            ("lmtp", &self.lmtp),
            ("imap", &self.imap),
            ("imaps", &self.imaps),
            ("pop3", &self.pop3),
            ("pop3s", &self.pop3s),
            ("managesieve", &self.managesieve),
        ]
    }
}

/// The socket address of `HOST:PORT`; a host name takes its first address.
pub fn resolve(listen: &str) -> Option<SocketAddr> {
    use std::net::ToSocketAddrs;
    listen.to_socket_addrs().ok()?.next()
}
