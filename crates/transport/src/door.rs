//! The door of listeners whose sessions talk over a [`Connection`]: a place for each client, and TLS where it begins at once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::{Connection, Incoming, Listener, Place, Places, Security, serve};

/// How many a door lets in, and how long it waits for them.
#[derive(Debug, Clone)]
pub struct DoorLimits {
    /// Connections of all listeners together; one more is told so and closed.
    pub max_connections: usize,
    /// Connections of one address; loopback is not counted, because proxies live there.
    pub max_connections_per_address: usize,
    /// How long TLS may take to begin.
    pub handshake_timeout: Duration,
    /// How long a client may take no byte of an answer.
    pub write_timeout: Duration,
    /// How long sessions may go on when the server stops.
    pub stop_timeout: Duration,
}

impl DoorLimits {
    /// What suits an installation, for this many connections.
    pub fn of(max_connections: usize) -> Self {
        Self {
            max_connections,
            max_connections_per_address: 500,
            handshake_timeout: Duration::from_secs(90),
            write_timeout: Duration::from_secs(60),
            stop_timeout: Duration::from_secs(8),
        }
    }
}

/// What the listeners of one protocol have in common.
pub struct Door {
    protocol: &'static str,
    tls: Option<Arc<ServerConfig>>,
    stopping: watch::Receiver<bool>,
    places: Places,
    too_many: &'static [u8],
    limits: DoorLimits,
}

impl Door {
    /// `protocol` names the sessions in the log and the figures; without `tls` there is no implicit TLS; `stopping` turns true when the server stops;
    /// `too_many` is what those are told for whom there is no place.
    pub fn new(
        protocol: &'static str,
        tls: Option<Arc<ServerConfig>>,
        stopping: watch::Receiver<bool>,
        too_many: &'static [u8],
        limits: DoorLimits,
    ) -> Self {
        let places = Places::new(limits.max_connections, limits.max_connections_per_address);
        Self { protocol, tls, stopping, places, too_many, limits }
    }

    /// Serves a listener until the server stops and its sessions have said goodbye. Fails when implicit TLS is asked for and there is no certificate.
    pub async fn serve<Session, Ran>(&self, listener: TcpListener, security: Security, session: Session) -> io::Result<()>
    where
        Session: FnOnce(Connection) -> Ran + Clone + Send + 'static,
        Ran: Future<Output = ()> + Send + 'static,
    {
        let tls = match security {
            Security::StartTls => None,
            Security::Implicit => Some(self.tls.clone().ok_or_else(|| io::Error::other("implicit TLS needs a certificate"))?),
        };
        let admit = |incoming: Incoming| {
            let place = self.find_place(&incoming);
            self.count(if place.is_some() { "connections" } else { "connections_refused" });
            let Some(place) = place else {
                incoming.refuse(if tls.is_some() { b"" } else { self.too_many });
                return None;
            };
            let connection = Connection::new(incoming, self.limits.write_timeout);
            Some(enter(place, connection, tls.clone(), self.limits.handshake_timeout, session.clone()))
        };
        serve(Listener::Tcp(listener), self.protocol, self.stopping.clone(), self.limits.stop_timeout, admit).await;
        Ok(())
    }

    fn find_place(&self, incoming: &Incoming) -> Option<Place> {
        // Proxies live on this machine, and speak for many.
        self.places.take(incoming.address().filter(|address| !address.is_loopback()))
    }

    fn count(&self, what: &str) {
        metrics::counter!(format!("yanshu_{}_{what}_total", self.protocol)).increment(1);
    }
}

async fn enter<Session, Ran>(
    _place: Place,
    mut connection: Connection,
    tls: Option<Arc<ServerConfig>>,
    patience: Duration,
    session: Session,
) where
    Session: FnOnce(Connection) -> Ran,
    Ran: Future<Output = ()>,
{
    if let Some(tls) = tls
        // On the heap, because it is over long before the session is.
        && Box::pin(connection.start_tls(tls, patience)).await.is_err()
    {
        return;
    }
    session(connection).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<A, B, C, D, S, F: Future>(_task: impl FnOnce(A, B, C, D, S) -> F, _session: S) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_session_is_hardly_larger_for_having_come_in() {
        let session = async |connection: Connection| {
            tokio::task::yield_now().await;
            drop(connection);
        };
        let bytes = size_of_future(enter, session);
        assert!(bytes <= 2 * size_of::<Connection>() + 512, "{bytes}");
    }
}
