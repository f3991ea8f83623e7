//! What the listener tells about a connection, and what follows from it: who is asking, and whether the way is secure.

use std::net::{IpAddr, SocketAddr};

use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::serve::IncomingStream;
use http::{Extensions, HeaderMap};
use kernel::Network;
use tokio::net::TcpListener;

/// The peer of a plain connection. Serve the router with `into_make_service_with_connect_info::<PlainPeer>()`.
#[derive(Debug, Clone, Copy)]
pub struct PlainPeer(pub SocketAddr);

/// The peer of a TLS connection. Serve the router with `into_make_service_with_connect_info::<TlsPeer>()`.
#[derive(Debug, Clone, Copy)]
pub struct TlsPeer(pub SocketAddr);

impl Connected<SocketAddr> for PlainPeer {
    fn connect_info(peer: SocketAddr) -> Self {
        Self(peer)
    }
}

impl Connected<SocketAddr> for TlsPeer {
    fn connect_info(peer: SocketAddr) -> Self {
        Self(peer)
    }
}

impl Connected<IncomingStream<'_, TcpListener>> for PlainPeer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Where a request came from, as far as it can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub ip: Option<IpAddr>,
    /// Whether the browser's way to us is encrypted, so that cookies can be marked so.
    pub tls: bool,
    /// Whether pages and API answer at all: encrypted, from this machine, or through a trusted proxy.
    pub allowed: bool,
    /// Whether the request was made on this machine itself. One that a proxy on this machine has handed on was not.
    pub local: bool,
}

/// Any of these says that somebody has handed the request on.
const HANDED_ON: &[&str] = &["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via"];

impl Origin {
    /// `X-Forwarded-For` and `X-Forwarded-Proto` count only from trusted proxies; the nearest address that is no proxy is the client's.
    pub fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let (peer, tls) = match (extensions.get::<ConnectInfo<TlsPeer>>(), extensions.get::<ConnectInfo<PlainPeer>>()) {
            (Some(ConnectInfo(TlsPeer(peer))), _) => (peer.ip().to_canonical(), true),
            (None, Some(ConnectInfo(PlainPeer(peer)))) => (peer.ip().to_canonical(), false),
            // Without a listener that tells, nothing is believed.
            (None, None) => return Self { ip: None, tls: false, allowed: false, local: false },
        };
        let local = peer.is_loopback() && !HANDED_ON.iter().any(|name| headers.contains_key(*name));
        let is_proxy = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
        if !is_proxy(peer) {
            return Self { ip: Some(peer), tls, allowed: tls || peer.is_loopback(), local };
        }
        let client = client_behind(headers, is_proxy).unwrap_or(peer);
        let proto = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        Self { ip: Some(client.to_canonical()), tls: proto.map_or(tls, |proto| proto.eq_ignore_ascii_case("https")), allowed: true, local }
    }
}

/// Each proxy adds at the end whom it was asked by, so the chain is read from there, as far as it is proxies of ours that speak. What stands
/// before was sent by the client and may be anything; it must not keep what stands behind it from being read.
fn client_behind(headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut client = None;
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for hop in value.as_bytes().rsplit(|byte| *byte == b',') {
            let Some(address) = std::str::from_utf8(hop).ok().and_then(read_hop) else { return client };
            client = Some(address);
            if !is_proxy(address) {
                return client;
            }
        }
    }
    client
}

/// An address, with the port that some proxies write behind it.
fn read_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn extensions(peer: &str, tls: bool) -> Extensions {
        let peer = SocketAddr::new(peer.parse().unwrap(), 4000);
        let mut extensions = Extensions::new();
        if tls {
            extensions.insert(ConnectInfo(TlsPeer(peer)));
        } else {
            extensions.insert(ConnectInfo(PlainPeer(peer)));
        }
        extensions
    }

    fn forwarded(addresses: &'static str, proto: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(addresses));
        headers.insert("x-forwarded-proto", HeaderValue::from_static(proto));
        headers
    }

    #[test]
    fn forwarding_headers_count_only_from_trusted_proxies() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let headers = forwarded("198.51.100.9, 203.0.113.5, 10.1.1.1", "https");
        let believed = Origin::of(&extensions("10.0.0.2", false), &headers, &trusted);
        assert_eq!(believed, Origin { ip: Some("203.0.113.5".parse().unwrap()), tls: true, allowed: true, local: false });
        let forged = Origin::of(&extensions("192.0.2.1", false), &headers, &trusted);
        assert_eq!(forged, Origin { ip: Some("192.0.2.1".parse().unwrap()), tls: false, allowed: false, local: false });
    }

    #[test]
    fn what_the_client_wrote_before_the_proxy_hides_nobody() {
        let trusted = ["127.0.0.1".parse().unwrap()];
        let client =
            |addresses| Origin::of(&extensions("127.0.0.1", false), &forwarded(addresses, "https"), &trusted).ip.unwrap().to_string();
        for addresses in
            ["nonsense, 203.0.113.5", "127.0.0.1, 203.0.113.5", "203.0.113.5:4711", ",203.0.113.5", "x, 203.0.113.5, 127.0.0.1"]
        {
            assert_eq!(client(addresses), "203.0.113.5", "{addresses}");
        }
        assert_eq!(client("198.51.100.9, [2001:db8::7]:443"), "2001:db8::7");
        assert_eq!(client("203.0.113.5, unknown"), "127.0.0.1");
    }

    #[test]
    fn only_what_nobody_has_handed_on_comes_from_this_machine() {
        let here = Origin::of(&extensions("127.0.0.1", false), &HeaderMap::new(), &["127.0.0.1".parse().unwrap()]);
        assert!(here.local);
        // Also behind a proxy that was never declared as one.
        for trusted in [vec!["127.0.0.1".parse().unwrap()], Vec::new()] {
            assert!(!Origin::of(&extensions("127.0.0.1", false), &forwarded("nonsense", "https"), &trusted).local);
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let none = HeaderMap::new();
        assert!(Origin::of(&extensions("127.0.0.1", false), &none, &[]).allowed);
        assert!(Origin::of(&extensions("::ffff:127.0.0.1", false), &none, &[]).allowed);
        assert!(!Origin::of(&extensions("192.0.2.1", false), &none, &[]).allowed);
        assert!(Origin::of(&extensions("192.0.2.1", true), &none, &[]).allowed);
        assert!(!Origin::of(&Extensions::new(), &none, &[]).allowed);
    }
}
