//! Listeners: who is let in, and how they end.

use std::io;
use std::sync::Arc;

use identity::passwords::Hasher;
use kernel::Source;
use store::Store;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use transport::{Incoming, Listener, Places};

use crate::Kind;
use crate::budget::Budget;
use crate::connection;
use crate::options::SmtpOptions;
use crate::rates::Rates;
use crate::recipients::Recipients;
use crate::reply;
use crate::session::{Peer, Rules};

/// What the listeners work with.
pub struct SmtpParts {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub source: Source,
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
    places: Places,
}

/// The SMTP side of the server. Cheap to clone.
#[derive(Clone)]
pub struct Smtp {
    shared: Arc<Shared>,
}

impl Smtp {
    pub fn new(parts: SmtpParts) -> Self {
        let options = Arc::new(parts.options.clone());
        let limits = &options.limits;
        let shared = Shared {
            budget: Budget::new(limits.memory_bytes),
            recipients: Recipients::new(parts.store.bus()),
            rates: Rates::new(limits.messages_per_hour, limits.recipients_per_hour),
            places: Places::new(limits.connections, limits.connections_per_address),
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
        let (stopping, stop_timeout) = (self.shared.parts.stopping.clone(), self.shared.options.limits.stop_timeout);
        // What does not end in time is cut off; nothing that was answered depends on it.
        transport::serve(listener, kind.as_str(), stopping, stop_timeout, |incoming| self.admit(incoming, &rules)).await;
        Ok(())
    }

    fn admit(&self, incoming: Incoming, rules: &Arc<Rules>) -> Option<impl Future<Output = ()> + use<>> {
        let address = incoming.address();
        let trusted = address.is_none_or(|address| self.shared.options.trusts(address));
        let refusal = if rules.kind == Kind::Lmtp && !trusted { Some(reply::NOT_IMPLEMENTED) } else { None };
        let place = if refusal.is_none() { self.shared.places.take(address.filter(|_| !trusted)) } else { None };
        let Some(place) = place else {
            metrics::counter!("yanshu_smtp_connections_refused_total", "listener" => rules.kind.as_str()).increment(1);
            let mut why = Vec::new();
            refusal.unwrap_or(reply::TOO_MANY_CONNECTIONS).write_to(&mut why);
            incoming.refuse(&why);
            return None;
        };
        metrics::counter!("yanshu_smtp_connections_total", "listener" => rules.kind.as_str()).increment(1);
        let (shared, rules) = (Arc::clone(&self.shared), Arc::clone(rules));
        Some(async move {
            let _place = place;
            connection::serve(shared, rules, incoming.into_stream(), Peer { address }, trusted).await;
        })
    }
}
