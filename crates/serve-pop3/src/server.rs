//! The listeners: who gets a session, and how all of them end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use identity::passwords::Hasher;
use kernel::Source;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tracing::Instrument;
use transport::{Connection, Door, Security};

use crate::options::Pop3Options;
use crate::session::Session;
use crate::watch::Watch;

const TOO_MANY_CONNECTIONS: &[u8] = b"-ERR [SYS/TEMP] Too many connections, try again later\r\n";

/// What a [`Pop3`] is made of.
pub struct Pop3Parts {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub source: Source,
    /// Without it there is neither STLS nor implicit TLS, and only loopback may sign in.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
    pub options: Pop3Options,
}

/// POP3 for mail programs. Cheap to clone.
#[derive(Clone)]
pub struct Pop3(Arc<Server>);

/// What all sessions share.
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) source: Source,
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) options: Pop3Options,
    pub(crate) watch: Arc<Watch>,
    /// In KiB: what is free for messages that are being read.
    pub(crate) message_memory: Arc<Semaphore>,
    door: Door,
    is_watching: AtomicBool,
}

impl Pop3 {
    pub fn new(parts: Pop3Parts) -> Self {
        let Pop3Parts { store, hasher, source, tls, stopping, options } = parts;
        // At least room for the largest message there is.
        let largest = store::MAX_BLOB_BYTES as u64 + (1 << 20);
        let memory = options.message_memory_bytes.max(largest) >> 10;
        let memory = usize::try_from(memory).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let door = Door::new("pop3", tls.clone(), stopping.clone(), TOO_MANY_CONNECTIONS, options.door.clone());
        Self(Arc::new(Server {
            store,
            hasher,
            source,
            tls,
            stopping,
            options,
            watch: Arc::default(),
            message_memory: Arc::new(Semaphore::new(memory)),
            door,
            is_watching: AtomicBool::new(false),
        }))
    }

    /// Serves a listener until the server stops and its sessions have said goodbye.
    pub async fn serve(&self, listener: TcpListener, security: Security) -> io::Result<()> {
        let server = &self.0;
        if !server.is_watching.swap(true, Ordering::AcqRel) {
            let watch = Arc::clone(&server.watch);
            tokio::spawn(watch.carry(server.store.clone(), server.source.clone(), server.options.check_every, server.stopping.clone()));
        }
        let shared = Arc::clone(server);
        server.door.serve(listener, security, |connection| session(shared, connection)).await
    }
}

fn session(server: Arc<Server>, connection: Connection) -> impl Future<Output = ()> + Send {
    let span = tracing::info_span!("pop3", peer = connection.peer().map(tracing::field::display));
    Session::new(server, connection).run().instrument(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<A, B, F: Future>(_task: impl FnOnce(A, B) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_session_that_waits_is_small() {
        let bytes = size_of_future(session);
        assert!(bytes <= 4096, "{bytes}");
    }
}
