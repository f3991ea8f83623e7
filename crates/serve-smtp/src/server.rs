//! Listeners: who is let in, and how they end.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use identity::passwords::Hasher;
use kernel::{Clock, IdGen, Rng};
use store::Store;
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Kind;
use crate::budget::Budget;
use crate::connection;
use crate::limits::{Connections, Rates};
use crate::options::SmtpOptions;
use crate::recipients::Recipients;
use crate::reply;
use crate::session::{Peer, Rules};
use crate::stream::Stream;

/// What the listeners work with.
pub struct SmtpParts {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub ids: Arc<IdGen>,
    /// Without it neither STARTTLS nor TLS is offered, and members cannot sign in from other machines.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
    pub options: SmtpOptions,
}

/// Everything that listeners of all kinds share.
pub(crate) struct Shared {
    pub parts: SmtpParts,
    pub options: Arc<SmtpOptions>,
    pub budget: Arc<Budget>,
    pub rates: Rates,
    pub recipients: Recipients,
    connections: Arc<Connections>,
}

/// The SMTP side of the server. Cheap to clone.
#[derive(Clone)]
pub struct Smtp {
    shared: Arc<Shared>,
}

/// A listener that cannot accept (no file descriptors left) tries again after this, for the connections that are open to end.
const ACCEPT_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

impl Smtp {
    pub fn new(parts: SmtpParts) -> Self {
        let options = Arc::new(parts.options.clone());
        let limits = &options.limits;
        let shared = Shared {
            budget: Budget::new(limits.memory_bytes),
            recipients: Recipients::new(parts.store.bus()),
            rates: Rates::new(limits.messages_per_hour, limits.recipients_per_hour),
            connections: Connections::new(limits.connections, limits.connections_per_address),
            options,
            parts,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Serves one listener until the server stops and its sessions have ended, or were given up after the time the options give.
    pub async fn serve(&self, listener: TcpListener, kind: Kind) -> io::Result<()> {
        self.serve_all(Listener::Tcp(listener), kind).await
    }

    /// As [`serve`](Self::serve), on a socket in the file system; for LMTP. Who may open it is for its folder's permissions to say.
    pub async fn serve_unix(&self, listener: UnixListener, kind: Kind) -> io::Result<()> {
        self.serve_all(Listener::Unix(listener), kind).await
    }

    async fn serve_all(&self, listener: Listener, kind: Kind) -> io::Result<()> {
        let rules = Arc::new(Rules {
            kind,
            options: Arc::clone(&self.shared.options),
            budget: Arc::clone(&self.shared.budget),
            has_tls: self.shared.parts.tls.is_some() && kind != Kind::Submissions,
        });
        let mut stopping = self.shared.parts.stopping.clone();
        let mut sessions = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => break,
                Some(_) = sessions.join_next(), if !sessions.is_empty() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok(incoming) => self.admit(&mut sessions, incoming, Arc::clone(&rules)),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        listener = kind.as_str(),
                        "A connection could not be accepted"
                    );
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        let all = async { while sessions.join_next().await.is_some() {} };
        // What does not end in time is dropped with the set; nothing that was answered depends on it.
        let _ = timeout(self.shared.options.limits.stop_timeout, all).await;
        Ok(())
    }

    fn admit(&self, sessions: &mut JoinSet<()>, incoming: Incoming, rules: Arc<Rules>) {
        let address = incoming.address();
        let trusted = address.is_none_or(|address| self.shared.options.trusts(address));
        let counted = address.filter(|_| !trusted);
        let refusal = if rules.kind == Kind::Lmtp && !trusted { Some(reply::NOT_IMPLEMENTED) } else { None };
        let place = if refusal.is_none() { self.shared.connections.enter(counted) } else { None };
        let Some(place) = place else {
            metrics::counter!("yanshu_smtp_connections_refused_total", "listener" => rules.kind.as_str()).increment(1);
            // Told without waiting for anything: a flood must cost its sender more than us.
            incoming.refuse(&refusal.unwrap_or(reply::TOO_MANY_CONNECTIONS));
            return;
        };
        metrics::counter!("yanshu_smtp_connections_total", "listener" => rules.kind.as_str()).increment(1);
        let shared = Arc::clone(&self.shared);
        sessions.spawn(async move {
            let _place = place;
            connection::serve(shared, rules, incoming.into_stream(), Peer { address }, trusted).await;
        });
    }
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    async fn accept(&self) -> io::Result<Incoming> {
        match self {
            Self::Tcp(listener) => listener.accept().await.map(|(stream, peer)| Incoming::Tcp(stream, peer)),
            Self::Unix(listener) => listener.accept().await.map(|(stream, _)| Incoming::Unix(stream)),
        }
    }
}

enum Incoming {
    Tcp(TcpStream, SocketAddr),
    Unix(tokio::net::UnixStream),
}

impl Incoming {
    fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(_, peer) => Some(peer.ip().to_canonical()),
            Self::Unix(_) => None,
        }
    }

    fn refuse(&self, reply: &reply::Reply) {
        let mut text = Vec::new();
        reply.write_to(&mut text);
        // Best effort: a new connection takes a line at once.
        let _ = match self {
            Self::Tcp(stream, _) => stream.try_write(&text),
            Self::Unix(stream) => stream.try_write(&text),
        };
    }

    fn into_stream(self) -> Stream {
        match self {
            Self::Tcp(stream, _) => {
                // Answers are put together before they are sent; waiting for more of them only delays.
                let _ = stream.set_nodelay(true);
                Stream::Tcp(stream)
            }
            Self::Unix(stream) => Stream::Unix(stream),
        }
    }
}
