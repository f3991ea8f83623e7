//! From a domain to the addresses to connect to, in order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kernel::Rng;
use mail::outbound::{Answer, egress};

use super::dns::{DnsError, MailDns, Mx};
use super::options::{OutboundOptions, SmartHost};

/// A host, and one of its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hop {
    pub host: String,
    pub address: IpAddr,
    pub port: u16,
}

/// Why there is no way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoRoute {
    /// Later there may be one.
    Temporary(Answer),
    Permanent(Answer),
}

/// MX hosts that are looked at, and addresses that are tried: a zone may name thousands.
const MAX_HOSTS: usize = 10;
const MAX_HOPS: usize = 10;

/// Where mail for what stands after the `@` goes (RFC 5321 §5.1).
pub(super) async fn find_hops(dns: &dyn MailDns, options: &OutboundOptions, rng: &dyn Rng, domain: &str) -> Result<Vec<Hop>, NoRoute> {
    if let Some(literal) = domain.strip_prefix('[') {
        return of_literal(options, domain, literal);
    }
    let found = within(options, dns.mx(domain)).await;
    let mut records = found.map_err(|error| no_domain(&error, domain))?;
    // RFC 7505 §3: it stands alone.
    if let [only] = records.as_slice()
        && only.host.is_empty()
    {
        return Err(NoRoute::Permanent(Answer::own("5.1.10", format!("the domain {domain} takes no mail (null MX)"))));
    }
    records.retain(|record| !record.host.is_empty());
    if records.is_empty() {
        // RFC 5321 §5.1: the domain itself, as if it were its only MX.
        records.push(Mx { preference: 0, host: domain.to_owned() });
    }
    in_order(&mut records, rng);
    records.truncate(MAX_HOSTS);
    let asked = records.iter().map(|record| within(options, dns.addresses(&record.host)));
    let addresses = futures_util::future::join_all(asked).await;
    choose(options, domain, &records, addresses)
}

/// The best first; among equals chance decides, so that each gets its share.
fn in_order(records: &mut [Mx], rng: &dyn Rng) {
    let mut drawn: Vec<(u16, u64, Mx)> =
        records.iter().map(|record| (record.preference, u64::from_le_bytes(rng.bytes()), record.clone())).collect();
    drawn.sort_by_key(|(preference, chance, _)| (*preference, *chance));
    for (place, (_, _, record)) in records.iter_mut().zip(drawn) {
        *place = record;
    }
}

fn choose(
    options: &OutboundOptions,
    domain: &str,
    records: &[Mx],
    addresses: Vec<Result<Vec<IpAddr>, DnsError>>,
) -> Result<Vec<Hop>, NoRoute> {
    let is_own = |record: &Mx, found: &Result<Vec<IpAddr>, DnsError>| {
        record.host.eq_ignore_ascii_case(&options.mail_host)
            || found.as_ref().is_ok_and(|found| found.iter().any(|address| options.own_addresses.contains(address)))
    };
    // RFC 5321 §5.1: who finds itself among the hosts uses only better ones, or mail would go round in a circle.
    let limit = records.iter().zip(&addresses).filter(|(record, found)| is_own(record, found)).map(|(record, _)| record.preference).min();
    let (mut hops, mut unavailable, mut forbidden) = (Vec::new(), None, false);
    for (record, found) in records.iter().zip(&addresses) {
        if limit.is_some_and(|limit| record.preference >= limit) {
            continue;
        }
        match found {
            Ok(found) => {
                for address in found.iter().copied().filter(|address| options.addresses.includes(*address)) {
                    if egress::is_allowed(address, &options.allowed_networks) {
                        hops.push(Hop { host: record.host.clone(), address, port: options.port });
                    } else {
                        forbidden = true;
                    }
                }
            }
            Err(DnsError::NoSuchName) => {}
            Err(DnsError::Unavailable(_)) => unavailable = Some(record.host.clone()),
        }
    }
    hops.truncate(MAX_HOPS);
    if !hops.is_empty() {
        return Ok(hops);
    }
    Err(match (unavailable, limit, forbidden) {
        (Some(host), ..) => NoRoute::Temporary(Answer::own("4.4.3", format!("DNS does not answer for {host}"))),
        (None, Some(_), _) => NoRoute::Permanent(Answer::own(
            "5.4.6",
            format!("the MX records of {domain} lead back to this server, which does not take mail for it"),
        )),
        (None, None, true) => NoRoute::Permanent(Answer::own(
            "5.4.4",
            format!("the mail servers of {domain} have only addresses that must not be connected to"),
        )),
        (None, None, false) => NoRoute::Permanent(Answer::own("5.4.4", format!("the mail servers of {domain} have no address"))),
    })
}

fn of_literal(options: &OutboundOptions, domain: &str, literal: &str) -> Result<Vec<Hop>, NoRoute> {
    let inner = literal.trim_end_matches(']');
    let address = match inner.strip_prefix("IPv6:") {
        Some(six) => six.parse::<Ipv6Addr>().map(IpAddr::V6).ok(),
        None => inner.parse::<Ipv4Addr>().map(IpAddr::V4).ok(),
    };
    match address {
        Some(address) if options.own_addresses.contains(&address) => {
            Err(NoRoute::Permanent(Answer::own("5.4.6", format!("{domain} is this server, which takes no mail for it"))))
        }
        Some(address) if egress::is_allowed(address, &options.allowed_networks) => {
            Ok(vec![Hop { host: domain.to_owned(), address, port: options.port }])
        }
        _ => Err(NoRoute::Permanent(Answer::own("5.4.4", format!("{domain} must not be connected to")))),
    }
}

/// The addresses of the smart host. It was configured, so it may be anywhere.
pub(super) async fn smart_host_hops(dns: &dyn MailDns, options: &OutboundOptions, smart_host: &SmartHost) -> Result<Vec<Hop>, NoRoute> {
    let hop = |address| Hop { host: smart_host.host.clone(), address, port: smart_host.port };
    if let Ok(address) = smart_host.host.parse::<IpAddr>() {
        return Ok(vec![hop(address)]);
    }
    // Whatever is wrong with it, mail waits until somebody has put it right.
    let unknown =
        |error: &dyn std::fmt::Display| NoRoute::Temporary(Answer::own("4.4.3", format!("the smart host cannot be found: {error}")));
    let found = within(options, dns.addresses(&smart_host.host)).await.map_err(|error| unknown(&error))?;
    let hops: Vec<_> = found.into_iter().filter(|address| options.addresses.includes(*address)).take(MAX_HOPS).map(hop).collect();
    if hops.is_empty() { Err(unknown(&"it has no address")) } else { Ok(hops) }
}

fn no_domain(error: &DnsError, domain: &str) -> NoRoute {
    match error {
        DnsError::NoSuchName => NoRoute::Permanent(Answer::own("5.1.2", format!("the domain {domain} does not exist"))),
        DnsError::Unavailable(_) => NoRoute::Temporary(Answer::own("4.4.3", format!("DNS does not answer for {domain}"))),
    }
}

async fn within<T>(options: &OutboundOptions, asked: super::dns::Asked<'_, T>) -> Result<T, DnsError> {
    let answered = tokio::time::timeout(options.time_limits.dns, asked).await;
    answered.unwrap_or_else(|_| Err(DnsError::Unavailable("no answer in time".to_owned())))
}
