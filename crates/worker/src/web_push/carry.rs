//! One push on its way: a POST over TLS to a host that a stranger has named.
//!
//! So nothing but public addresses is connected to, the address that was looked up is the one that is connected to, the certificate must be the host's, and of
//! what comes back nothing but the status and how long to wait is read. A redirect is a failure like any other.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use kernel::Timestamp;
use lifecycle::push_subscriptions::{self, Address, Claimed, Host, Outcome, ServerKey};
use mail::outbound::egress;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Inner;

/// For how long a push service keeps what it cannot hand over: a client that comes back later looks for itself.
const TTL_SECS: u32 = 24 * 3600;
/// Of all addresses of a host so many are tried.
const MAX_ADDRESSES: usize = 3;
/// The head of an answer.
const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// Why there was no answer. For the log: none of it is told to clients.
#[derive(Debug, thiserror::Error)]
enum CarryError {
    #[error("the host has no address that may be connected to")]
    NoAddress,
    #[error("no answer in time")]
    TooSlow,
    #[error("the message is too long for a push")]
    TooLong,
    #[error("the key of pushes cannot be had")]
    Key(#[from] push_subscriptions::ServerKeyError),
    #[error("no connection: {0}")]
    Connection(std::io::Error),
    #[error("the request cannot be written: {0}")]
    Request(#[from] http::Error),
    #[error("the conversation failed: {0}")]
    Http(#[from] hyper::Error),
}

impl Inner {
    /// Sends a push and says how that went.
    pub(super) async fn carry(&self, claimed: &Claimed) -> Outcome {
        let Some(_place) = self.hosts.take(claimed.target.address.authority()) else { return Outcome::NoRoom };
        let sent = tokio::time::timeout(self.options.whole, self.send(claimed)).await.unwrap_or(Err(CarryError::TooSlow));
        let outcome = match sent {
            Ok((status, headers)) => judge(status, &headers, self.app.source.now()),
            Err(error) => {
                tracing::debug!(%error, host = claimed.target.address.authority(), "A push did not arrive");
                Outcome::Failed { retry_after_secs: None }
            }
        };
        let word = match outcome {
            Outcome::Taken => "taken",
            Outcome::Gone => "gone",
            Outcome::Failed { .. } => "failed",
            Outcome::NoRoom => "no room",
        };
        metrics::counter!("yanshu_web_pushes_total", "outcome" => word).increment(1);
        outcome
    }

    async fn send(&self, claimed: &Claimed) -> Result<(StatusCode, HeaderMap), CarryError> {
        let address = &claimed.target.address;
        let key = self.key.get_or_try_init(|| push_subscriptions::server_key(&self.app.store, &*self.app.source.rng)).await?;
        let request = self.request(claimed, key)?;
        let stream = self.connect(address).await?;
        let mut builder = hyper::client::conn::http1::Builder::new();
        builder.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
        let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
        // Dropped with the answer, so that of its body no more is read than has come.
        let connection = AbortOnDrop(tokio::spawn(connection));
        let response = sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        drop((body, connection));
        Ok((head.status, head.headers))
    }

    fn request(&self, claimed: &Claimed, key: &ServerKey) -> Result<Request<Full<Bytes>>, CarryError> {
        let address = &claimed.target.address;
        let text = claimed.content.json().to_string().into_bytes();
        let mut request = Request::post(address.path().as_str())
            .header(header::HOST, address.authority())
            .header(header::USER_AGENT, "Yanshu")
            .header(header::CONTENT_TYPE, "application/json")
            // RFC 8030 §5.2 and §5.3
            .header("TTL", TTL_SECS)
            .header("Urgency", if claimed.content.is_awaited() { "normal" } else { "low" })
            .header(header::AUTHORIZATION, key.authorization(address, &self.options.contact, self.app.source.now()));
        let body = match &claimed.target.keys {
            None => text,
            Some(keys) => {
                request = request.header(header::CONTENT_ENCODING, "aes128gcm");
                push_subscriptions::encrypt(keys, &text, &*self.app.source.rng).ok_or(CarryError::TooLong)?
            }
        };
        Ok(request.body(Full::new(Bytes::from(body)))?)
    }

    /// A connection to the host, under TLS that it has proven itself by.
    async fn connect(&self, address: &Address) -> Result<TlsStream<TcpStream>, CarryError> {
        let step = self.options.step;
        let (found, name) = match address.host() {
            Host::Ip(ip) => (vec![*ip], ServerName::IpAddress((*ip).into())),
            Host::Name(name) => {
                let looked_up = tokio::time::timeout(step, self.dns.addresses(name)).await.map_err(|_| CarryError::TooSlow)?;
                (looked_up.unwrap_or_default(), ServerName::try_from(name.clone()).map_err(|_| CarryError::NoAddress)?)
            }
        };
        let allowed: Vec<IpAddr> =
            found.into_iter().filter(|ip| egress::is_allowed(*ip, &self.options.allowed_networks)).take(MAX_ADDRESSES).collect();
        let mut last = CarryError::NoAddress;
        for ip in allowed {
            match tokio::time::timeout(step, TcpStream::connect(SocketAddr::new(ip, address.port()))).await {
                Ok(Ok(stream)) => {
                    let shaking = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream);
                    let shaken = tokio::time::timeout(step, shaking).await.map_err(|_| CarryError::TooSlow)?;
                    return shaken.map_err(CarryError::Connection);
                }
                Ok(Err(error)) => last = CarryError::Connection(error),
                Err(_) => last = CarryError::TooSlow,
            }
        }
        Err(last)
    }
}

fn judge(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Outcome {
    match status {
        _ if status.is_success() => Outcome::Taken,
        // RFC 8030 §7.3 and §7.1
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
        _ => Outcome::Failed { retry_after_secs: retry_after(headers, now) },
    }
}

/// RFC 9110 §10.2.3: seconds, or a moment.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(secs) = text.parse::<u32>() {
        return Some(i64::from(secs));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(at.as_second().saturating_sub(now.as_secs()).max(0))
}

struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use testkit::TEST_NOW;

    use super::*;

    #[test]
    fn statuses_are_understood() {
        let plain = HeaderMap::new();
        for status in [200, 201, 202, 204] {
            assert_eq!(judge(StatusCode::from_u16(status).unwrap(), &plain, TEST_NOW), Outcome::Taken, "{status}");
        }
        for status in [404, 410] {
            assert_eq!(judge(StatusCode::from_u16(status).unwrap(), &plain, TEST_NOW), Outcome::Gone, "{status}");
        }
        for status in [301, 307, 400, 401, 403, 413, 429, 500, 503] {
            let failed = Outcome::Failed { retry_after_secs: None };
            assert_eq!(judge(StatusCode::from_u16(status).unwrap(), &plain, TEST_NOW), failed, "{status}");
        }
    }

    #[test]
    fn a_push_service_says_how_long_to_wait_in_seconds_or_until_when() {
        let wait = |text: &str| {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_str(text).unwrap())]);
            retry_after(&headers, Timestamp::from_micros(1_445_412_420_000_000))
        };
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(60));
        assert_eq!(wait("Wed, 21 Oct 2015 07:26:00 GMT"), Some(0));
        for wrong in ["-1", "soon", "99999999999999999999"] {
            assert_eq!(wait(wrong), None, "{wrong}");
        }
    }
}
