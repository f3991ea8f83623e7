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

use crate::keywords::Lists;
use crate::news::News;
use crate::options::ImapOptions;
use crate::recent::Marks;
use crate::session::Session;

/// Few, so that readers of the database are left for everybody else.
const READING_AHEAD: usize = 2;
const TOO_MANY_CONNECTIONS: &[u8] = b"* BYE [UNAVAILABLE] Too many connections, try again later\r\n";

/// What an [`Imap`] is made of.
pub struct ImapParts {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub source: Source,
    /// Without it there is neither STARTTLS nor implicit TLS, and only loopback may sign in.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
    pub options: ImapOptions,
}

/// IMAP for mail programs. Cheap to clone.
#[derive(Clone)]
pub struct Imap(Arc<Server>);

/// What all sessions share.
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) source: Source,
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) options: ImapOptions,
    pub(crate) news: Arc<News>,
    pub(crate) marks: Arc<Marks>,
    pub(crate) keywords: Arc<Lists>,
    /// In KiB: what is free for messages that are being received. Apart from the other, because clients decide how long it is held.
    pub(crate) incoming_memory: Arc<Semaphore>,
    /// In KiB: what is free for messages that are being read.
    pub(crate) outgoing_memory: Arc<Semaphore>,
    /// Places for commands that read several chunks of rows at a time, and hold what they have read until the client takes it.
    pub(crate) read_ahead: Arc<Semaphore>,
    door: Door,
    listens_for_news: AtomicBool,
}

impl Imap {
    pub fn new(parts: ImapParts) -> Self {
        let ImapParts { store, hasher, source, tls, stopping, options } = parts;
        // Half for each direction, and in each at least room for the largest message there is.
        let largest = options.max_message_bytes.max(store::MAX_BLOB_BYTES as u64) + (1 << 20);
        let memory = (options.message_memory_bytes / 2).max(largest) >> 10;
        let memory = usize::try_from(memory).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let door = Door::new("imap", tls.clone(), stopping.clone(), TOO_MANY_CONNECTIONS, options.door.clone());
        Self(Arc::new(Server {
            store,
            hasher,
            source,
            tls,
            stopping,
            options,
            news: Arc::default(),
            marks: Arc::default(),
            keywords: Arc::default(),
            incoming_memory: Arc::new(Semaphore::new(memory)),
            outgoing_memory: Arc::new(Semaphore::new(memory)),
            read_ahead: Arc::new(Semaphore::new(READING_AHEAD)),
            door,
            listens_for_news: AtomicBool::new(false),
        }))
    }

    /// Serves a listener until the server stops and its sessions have said goodbye.
    pub async fn serve(&self, listener: TcpListener, security: Security) -> io::Result<()> {
        let server = &self.0;
        if !server.listens_for_news.swap(true, Ordering::AcqRel) {
            let news = Arc::clone(&server.news);
            tokio::spawn(news.carry(server.store.clone(), server.options.check_every, server.stopping.clone()));
        }
        let shared = Arc::clone(server);
        server.door.serve(listener, security, |connection| session(shared, connection)).await
    }
}

fn session(server: Arc<Server>, connection: Connection) -> impl Future<Output = ()> + Send {
    let span = tracing::info_span!("imap", peer = connection.peer().map(tracing::field::display));
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
