//! Look-ups of where mail goes.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::OnceLock;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::RData;

/// An MX record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mx {
    pub preference: u16,
    /// Without the final dot; empty for the null MX (RFC 7505).
    pub host: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    #[error("the name does not exist")]
    NoSuchName,
    #[error("DNS did not answer: {0}")]
    Unavailable(String),
}

pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, DnsError>> + Send + 'a>>;

/// Answers where mail goes. Tests bring a scripted one.
pub trait MailDns: Send + Sync + 'static {
    /// The MX records of a domain, in no order; none when it exists without.
    fn mx<'a>(&'a self, domain: &'a str) -> Asked<'a, Vec<Mx>>;

    /// The addresses of a host; none when it exists without.
    fn addresses<'a>(&'a self, host: &'a str) -> Asked<'a, Vec<IpAddr>>;
}

/// Asks the name servers of `/etc/resolv.conf`, which is read at the first question.
#[derive(Default)]
pub struct SystemDns {
    resolver: OnceLock<TokioResolver>,
}

impl SystemDns {
    fn resolver(&self) -> Result<&TokioResolver, DnsError> {
        match self.resolver.get() {
            Some(resolver) => Ok(resolver),
            None => {
                let made = TokioResolver::builder_tokio().and_then(|builder| builder.build());
                let made = made.map_err(|error| DnsError::Unavailable(error.to_string()))?;
                Ok(self.resolver.get_or_init(|| made))
            }
        }
    }
}

impl MailDns for SystemDns {
    fn mx<'a>(&'a self, domain: &'a str) -> Asked<'a, Vec<Mx>> {
        Box::pin(async move {
            match self.resolver()?.mx_lookup(absolute(domain)).await {
                Ok(found) => {
                    let records = found.answers().iter().filter_map(|record| match &record.data {
                        RData::MX(mx) => {
                            Some(Mx { preference: mx.preference, host: mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase() })
                        }
                        _ => None,
                    });
                    Ok(records.collect())
                }
                Err(error) => no_answer(&error),
            }
        })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> Asked<'a, Vec<IpAddr>> {
        Box::pin(async move {
            match self.resolver()?.lookup_ip(absolute(host)).await {
                Ok(found) => Ok(found.iter().collect()),
                Err(error) => no_answer(&error),
            }
        })
    }
}

/// A trailing dot keeps the search domains of the machine out of it.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

fn no_answer<T>(error: &NetError) -> Result<Vec<T>, DnsError> {
    if error.is_nx_domain() {
        Err(DnsError::NoSuchName)
    } else if error.is_no_records_found() {
        Ok(Vec::new())
    } else {
        Err(DnsError::Unavailable(error.to_string()))
    }
}
