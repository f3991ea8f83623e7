//! What the owner of a domain has to write into its zone.

use serde::{Deserialize, Serialize};

use super::Domain;

/// One record for the zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsRecord {
    /// `MX` or `TXT`.
    pub kind: String,
    /// Fully qualified, without the final dot.
    pub name: String,
    pub value: String,
    /// Of an MX record.
    pub priority: Option<u16>,
}

/// Where the TXT record that proves ownership stands.
pub fn verification_record_name(domain: &Domain) -> String {
    format!("_yanshu.{}", domain.name)
}

/// What that TXT record must say.
pub fn verification_value(domain: &Domain) -> String {
    format!("yanshu-verification={}", domain.verification_token)
}

/// The records that make a domain usable: proof of ownership, where its mail goes, and who sends it. `mail_host` is the public name of this
/// server.
pub fn dns_records(domain: &Domain, mail_host: &str) -> Vec<DnsRecord> {
    let name = domain.name.to_string();
    let record = |kind: &str, name: String, value: String, priority| DnsRecord { kind: kind.to_owned(), name, value, priority };
    vec![
        record("TXT", verification_record_name(domain), verification_value(domain), None),
        record("MX", name.clone(), mail_host.to_owned(), Some(10)),
        // RFC 7208 §5.4: the hosts that receive for the domain may send for it. `~all` until the owner is sure that no one else does.
        record("TXT", name, "v=spf1 mx ~all".to_owned(), None),
    ]
}
