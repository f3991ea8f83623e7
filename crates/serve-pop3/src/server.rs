//! The listeners: who gets a session, and how all of them end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use identity::passwords::Hasher;
use kernel::{Actor, Clock, Ctx, IdGen, Rng};
use store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::Instrument;

use crate::connection::Connection;
use crate::options::Pop3Options;
use crate::places::{Place, Places};
use crate::session::Session;
use crate::watch::Watch;

/// What a [`Pop3`] is made of.
pub struct Pop3Parts {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub ids: Arc<IdGen>,
    /// Without it there is neither STLS nor implicit TLS, and only loopback may sign in.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
    pub options: Pop3Options,
}

/// How a listener protects what is said on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// In the clear until the client says STLS.
    Stls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
}

/// POP3 for mail programs. Cheap to clone.
#[derive(Clone)]
pub struct Pop3(Arc<Server>);

/// What all sessions share.
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    ids: Arc<IdGen>,
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) options: Pop3Options,
    pub(crate) watch: Arc<Watch>,
    /// In KiB: what is free for messages that are being read.
    pub(crate) message_memory: Arc<Semaphore>,
    places: Places,
    is_watching: AtomicBool,
}

impl Server {
    /// Nobody, here and now; a session continues from it.
    pub(crate) fn ctx(&self, peer: SocketAddr) -> Ctx {
        let request_id = format!("{:016x}", u64::from_le_bytes(self.rng.bytes::<8>()));
        Ctx {
            actor: Actor::Nobody,
            org: identity::sign_in::NO_ORG,
            now: self.clock.now(),
            request_id: request_id.into(),
            ip: Some(peer.ip().to_canonical()),
            ids: Arc::clone(&self.ids),
            rng: Arc::clone(&self.rng),
        }
    }
}

impl Pop3 {
    pub fn new(parts: Pop3Parts) -> Self {
        let Pop3Parts { store, hasher, clock, rng, ids, tls, stopping, options } = parts;
        // At least room for the largest message there is.
        let largest = store::MAX_BLOB_BYTES as u64 + (1 << 20);
        let memory = options.message_memory_bytes.max(largest) >> 10;
        let memory = usize::try_from(memory).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let places = Places::new(options.max_connections, options.max_connections_per_address);
        Self(Arc::new(Server {
            store,
            hasher,
            clock,
            rng,
            ids,
            tls,
            stopping,
            options,
            watch: Arc::default(),
            message_memory: Arc::new(Semaphore::new(memory)),
            places,
            is_watching: AtomicBool::new(false),
        }))
    }

    /// Serves a listener until the server stops and its sessions have said goodbye.
    pub async fn serve(&self, listener: TcpListener, security: Security) -> io::Result<()> {
        let server = &self.0;
        if security == Security::Implicit && server.tls.is_none() {
            return Err(io::Error::other("implicit TLS needs a certificate"));
        }
        if !server.is_watching.swap(true, Ordering::AcqRel) {
            let watch = Arc::clone(&server.watch);
            tokio::spawn(watch.carry(server.store.clone(), Arc::clone(&server.clock), server.options.check_every, server.stopping.clone()));
        }
        let mut stopping = server.stopping.clone();
        let mut sessions = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => match server.places.take(peer.ip()) {
                        Some(place) => {
                            sessions.spawn(session(Arc::clone(server), stream, peer, security, place));
                        }
                        None => refuse(&stream, security),
                    },
                    Err(error) => {
                        // Out of descriptors, for instance: those who are connected go on, and their ends make room.
                        tracing::warn!(error = &error as &dyn std::error::Error, "Could not accept a POP3 connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                Some(ended) = sessions.join_next() => report(ended),
                () = stopped(&mut stopping) => break,
            }
        }
        drop(listener);
        let goodbyes = async {
            while let Some(ended) = sessions.join_next().await {
                report(ended);
            }
        };
        if timeout(server.options.stop_timeout, goodbyes).await.is_err() {
            tracing::warn!(sessions = sessions.len(), "POP3 sessions did not end in time and were cut off");
            sessions.shutdown().await;
        }
        Ok(())
    }
}

/// Waits until the server stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // Whoever could say it may be gone, which says the same.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

async fn session(server: Arc<Server>, stream: TcpStream, peer: SocketAddr, security: Security, place: Place) {
    let _place = place;
    let mut connection = Connection::new(stream, peer, server.options.write_timeout);
    if security == Security::Implicit
        && let Some(tls) = server.tls.clone()
        // On the heap, because it is over long before the session is.
        && Box::pin(connection.start_tls(tls, server.options.sign_in_timeout)).await.is_err()
    {
        return;
    }
    metrics::counter!("yanshu_pop3_connections_total").increment(1);
    let span = tracing::info_span!("pop3", peer = %peer.ip());
    Session::new(server, connection).run().instrument(span).await;
}

/// Costs us one write that cannot wait; the client is told why as far as it can listen.
fn refuse(stream: &TcpStream, security: Security) {
    metrics::counter!("yanshu_pop3_connections_refused_total").increment(1);
    if security == Security::Stls {
        let _ = stream.try_write(b"-ERR [SYS/TEMP] Too many connections, try again later\r\n");
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("A POP3 session ended with a defect of ours");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<A, B, C, D, E, F: Future>(_task: impl FnOnce(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_session_that_waits_is_small() {
        let bytes = size_of_future(session);
        assert!(bytes <= 4096, "{bytes}");
    }
}
