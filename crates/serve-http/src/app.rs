//! What every request may use.

use std::sync::Arc;

use identity::passwords::Hasher;
use kernel::{Actor, Ctx, Network, OrgId, Source};
use lifecycle::jobs::JobApp;
use store::Store;
use tokio::sync::{Semaphore, watch};

use crate::client_passwords::ClientServer;
use crate::domains::LookUpTxt;
use crate::events::Streams;
use crate::jmap::Jmap;
use crate::observe::RequestInfo;

/// What the service is built from.
pub struct AppParts {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub source: Source,
    /// Looks up TXT records when a domain is checked.
    pub dns: Arc<dyn LookUpTxt>,
    /// Turns true when the server stops: open streams end.
    pub stopping: watch::Receiver<bool>,
    pub options: HttpOptions,
}

/// Tells whether a part of the server is well.
pub type ReadyCheck = Arc<dyn Fn() -> bool + Send + Sync>;

/// What an operator can set, and what other parts of the server tell about themselves.
pub struct HttpOptions {
    pub version: &'static str,
    /// The public name of this server, for the DNS records it asks for.
    pub mail_host: String,
    /// How mail programs reach this server, as members are told.
    pub client_servers: Vec<ClientServer>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Opens `/metrics` to other machines as a bearer token.
    pub metrics_token: Option<String>,
    /// The metrics of the whole process as Prometheus text.
    pub render_metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// What else `/readyz` asks: a name for the answer, and whether it is well.
    pub ready_checks: Vec<(&'static str, ReadyCheck)>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            mail_host: "localhost".to_owned(),
            client_servers: Vec::new(),
            trusted_proxies: Vec::new(),
            metrics_token: None,
            render_metrics: Arc::new(String::new),
            ready_checks: Vec::new(),
        }
    }
}

/// What every request may use. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    parts: Arc<AppParts>,
    pub streams: Streams,
    pub jmap: Jmap,
    /// Places for uploads that are being read; each may hold a whole file in memory.
    pub uploads: Arc<Semaphore>,
}

const UPLOADS_AT_A_TIME: usize = 4;

impl AppState {
    pub fn new(parts: AppParts) -> Self {
        Self {
            parts: Arc::new(parts),
            streams: Streams::default(),
            jmap: Jmap::default(),
            uploads: Arc::new(Semaphore::new(UPLOADS_AT_A_TIME)),
        }
    }

    /// The context of an operation of this request.
    pub fn ctx(&self, request: &RequestInfo, actor: Actor, org: OrgId) -> Ctx {
        self.source.ctx(org, actor, Arc::clone(&request.id), request.origin.ip)
    }

    /// The context of somebody who has not signed in; the operation finds the organisation itself.
    pub fn ctx_of_nobody(&self, request: &RequestInfo) -> Ctx {
        self.source.ctx_of_nobody(Arc::clone(&request.id), request.origin.ip)
    }

    /// What operations take that jobs share with requests.
    pub fn job_app(&self) -> JobApp {
        JobApp { store: self.store.clone(), source: self.source.clone() }
    }
}

impl std::ops::Deref for AppState {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.parts
    }
}
