//! Where a push service is reached: what of an address a client names is taken.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use http::uri::PathAndQuery;
use serde::{Deserialize, Serialize};

const MAX_BYTES: usize = 2048;
const HTTPS_PORT: u16 = 443;
/// Below are the ports of other protocols, which have no business with what a stranger has us say.
const FIRST_FREE_PORT: u16 = 1024;

/// An `https` address. Whether its host may be connected to is decided when that is done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: String,
    host: Host,
    port: u16,
    path: PathAndQuery,
}

/// Who is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    Name(String),
    Ip(IpAddr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address of a push service begins with https:// and names a host")]
pub struct AddressError;

impl Address {
    pub fn host(&self) -> &Host {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// As it goes into a request.
    pub fn path(&self) -> &PathAndQuery {
        &self.path
    }

    /// Host and port as they go into `Host`.
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Ip(IpAddr::V4(four)) => four.to_string(),
            Host::Ip(IpAddr::V6(six)) => format!("[{six}]"),
        };
        if self.port == HTTPS_PORT { host } else { format!("{host}:{}", self.port) }
    }

    /// RFC 6454 §6.1, for the audience of a token.
    pub fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }
}

// The path of a push service is a secret that opens it.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.authority()).finish()
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        // RFC 8620 §7.2 writes the scheme in small letters; a fragment would never be sent.
        if text.len() > MAX_BYTES || !text.starts_with("https://") || text.contains('#') {
            return Err(AddressError);
        }
        let parts = text.parse::<Uri>().map_err(|_| AddressError)?.into_parts();
        let authority = parts.authority.ok_or(AddressError)?;
        if authority.as_str().contains('@') {
            return Err(AddressError);
        }
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => HTTPS_PORT,
            Some(port) => port.strip_prefix(':').and_then(|port| port.parse().ok()).ok_or(AddressError)?,
            None => return Err(AddressError),
        };
        if port != HTTPS_PORT && port < FIRST_FREE_PORT {
            return Err(AddressError);
        }
        let host = host_of(authority.host())?;
        Ok(Self { host, port, path: parts.path_and_query.ok_or(AddressError)?, text })
    }
}

fn host_of(text: &str) -> Result<Host, AddressError> {
    if let Some(six) = text.strip_prefix('[') {
        return six.trim_end_matches(']').parse().map(|six| Host::Ip(IpAddr::V6(six))).map_err(|_| AddressError);
    }
    if let Ok(four) = text.parse() {
        return Ok(Host::Ip(IpAddr::V4(four)));
    }
    let name = text.trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    // What ends in a number is an address in one of the forms that only some readers know (`0x7f.1`, `2130706433`).
    let last_is_name = name.rsplit('.').next().is_some_and(|last| !last.starts_with(|first: char| first.is_ascii_digit()));
    if name.len() <= 253 && name.split('.').all(label) && last_is_name { Ok(Host::Name(name)) } else { Err(AddressError) }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Address, AddressError> {
        Address::try_from(text.to_owned())
    }

    #[test]
    fn addresses_of_push_services_are_read() {
        let address = read("https://Push.Example.net/p/JzLQ3raZ?x=1").unwrap();
        assert_eq!((address.authority(), address.port(), address.path().as_str()), ("push.example.net".to_owned(), 443, "/p/JzLQ3raZ?x=1"));
        assert_eq!(read("https://push.example.net:8443/").unwrap().origin(), "https://push.example.net:8443");
        assert_eq!(read("https://push.example.net:443/").unwrap().origin(), "https://push.example.net");
        assert_eq!(read("https://push.example.net").unwrap().path().as_str(), "/");
        assert_eq!(read("https://[2001:db8::1]/x").unwrap().authority(), "[2001:db8::1]");
        assert_eq!(*read("https://192.0.2.1/x").unwrap().host(), Host::Ip("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn everything_else_is_not() {
        for wrong in [
            "",
            "http://push.example.net/",
            "HTTPS://push.example.net/",
            "https:push.example.net",
            "https://",
            "https:///x",
            "https://user@push.example.net/",
            "https://user:password@push.example.net/",
            "https://push.example.net:25/",
            "https://push.example.net:0/",
            "https://push.example.net:99999/",
            "https://push.example.net/#x",
            "https://push.example.net/a b",
            "https://push.example.net/\r\nX: y",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://127.1/",
            "https://[::1/",
            "https://push..example.net/",
            "https://推送.example.net/",
            "ftp://push.example.net/",
        ] {
            assert_eq!(read(wrong), Err(AddressError), "{wrong}");
        }
        assert_eq!(read(&format!("https://push.example.net/{}", "x".repeat(MAX_BYTES))), Err(AddressError));
    }
}
