//! Sending: what is due in the queue goes out over SMTP, to the recipients' own servers or to a smart host.
//!
//! [`Outbound::run`] is the server's loop: it looks which destinations have mail that is due, gives each a few connections, and lets each connection work
//! through that destination's mail ([`delivery`]). Tests use [`Outbound::run_until_idle`]. What becomes of a message is decided in `mail::outbound`; here is
//! only how it is carried: DNS in [`dns`] and [`route`], SMTP in [`session`] and [`transaction`].

mod delivery;
mod dns;
mod options;
mod reply;
mod route;
mod session;
pub(crate) mod tls;
mod transaction;
mod upkeep;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use kernel::Timestamp;
use lifecycle::jobs::JobApp;
use mail::outbound as queue;
use rustls::ClientConfig;
use store::{Notice, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::task::{Id, JoinSet};

pub use dns::{Asked, DnsError, MailDns, Mx, SystemDns};
pub use options::{Addresses, Credentials, OutboundOptions, Security, SmartHost, TimeLimits, TlsPolicy};
pub use tls::TlsError;

use delivery::{Delivery, Run};

/// What the sending of one process is made of.
pub struct OutboundParts {
    pub app: JobApp,
    pub dns: Arc<dyn MailDns>,
    pub options: OutboundOptions,
    /// The node, and the process that is it at present; as for jobs.
    pub node: String,
    pub process: String,
}

/// Sends the mail of one process. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    inner: Arc<Inner>,
}

struct Inner {
    app: JobApp,
    dns: Arc<dyn MailDns>,
    options: OutboundOptions,
    node: String,
    process: String,
    tls: Arc<ClientConfig>,
    /// Numbers the runs, so that each has leases of its own.
    runs: AtomicU64,
}

/// The destination of all mail when there is a smart host.
const SMART_HOST: &str = "";
/// How many messages of a destination are worth a connection of their own.
const RECIPIENTS_PER_CONNECTION: u32 = 10;
/// For how long a destination that does not answer is left alone, whatever else is due for it.
const DOWN_SECS: i64 = 60;
/// A busy queue tells of itself a thousand times a second.
const LOOK_AFTER_NOTICE: Duration = Duration::from_millis(10);
/// How long conversations under way may take when the server stops: cut off after the last dot, a message would go twice.
const GRACE: Duration = Duration::from_secs(15);

impl Outbound {
    /// Fails when TLS cannot be set up as configured.
    pub fn new(parts: OutboundParts) -> Result<Self, TlsError> {
        let OutboundParts { app, dns, options, node, process } = parts;
        let tls = match &options.smart_host {
            Some(smart_host) if smart_host.security != Security::None => tls::verified(smart_host.ca_file.as_deref())?,
            _ => tls::opportunistic()?,
        };
        Ok(Self { inner: Arc::new(Inner { app, dns, options, node, process, tls, runs: AtomicU64::new(0) }) })
    }

    /// Sends until `stopping` turns true; then conversations under way are ended and everything else waits for the next start.
    pub async fn run(&self, mut stopping: watch::Receiver<bool>) {
        let inner = &self.inner;
        let mut notices = inner.app.store.bus().subscribe();
        let tending = tokio::spawn(upkeep::tend(Arc::clone(inner), stopping.clone()));
        let releasing = tokio::spawn(upkeep::release_held(Arc::clone(inner), stopping.clone()));
        self.take_over().await;
        let mut dispatch = Dispatch::new(self.clone(), stopping.clone());
        while !*stopping.borrow() {
            let wait = match dispatch.start_due().await {
                Ok(()) => dispatch.wait().await,
                Err(error) => {
                    tracing::warn!(%error, "The queue could not be looked at; it is tried again");
                    inner.options.look_every
                }
            };
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => {}
                () = dispatch.ended(), if !dispatch.running.is_empty() => {}
                () = next_queue_notice(&mut notices) => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        dispatch.stop().await;
        self.take_over().await;
        // They look at `stopping` themselves; a panic in one was logged by the runtime.
        let _ = (tending.await, releasing.await);
    }

    /// Sends what is due at this moment, and answers how many messages were tried; for tests and commands.
    pub async fn run_until_idle(&self) -> Result<usize, StoreError> {
        let (_stop, stopping) = watch::channel(false);
        upkeep::release_due(&self.inner).await;
        upkeep::bounce_refused(&self.inner).await;
        let mut dispatch = Dispatch::new(self.clone(), stopping);
        loop {
            dispatch.start_due().await?;
            if dispatch.running.is_empty() {
                return Ok(dispatch.tried);
            }
            dispatch.ended().await;
        }
    }

    /// Gives back what earlier processes of this node, or cut-off conversations of this one, have left leased.
    async fn take_over(&self) {
        let (node, now) = (self.inner.node.clone(), self.inner.now());
        match self.inner.app.store.write(move |tx| queue::give_back_of_node(tx, &node, now)).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "Deliveries that were interrupted go on: {count}"),
            Err(error) => tracing::warn!(%error, "Interrupted deliveries could not be taken over; they go on when their leases run out"),
        }
    }
}

/// Which destinations are being served, and which are left alone.
struct Dispatch {
    outbound: Outbound,
    stopping: watch::Receiver<bool>,
    running: JoinSet<Run>,
    /// The destination of each run.
    destinations: HashMap<Id, String>,
    down_until: HashMap<String, Timestamp>,
    tried: usize,
}

impl Dispatch {
    fn new(outbound: Outbound, stopping: watch::Receiver<bool>) -> Self {
        Self { outbound, stopping, running: JoinSet::new(), destinations: HashMap::new(), down_until: HashMap::new(), tried: 0 }
    }

    /// Starts runs for what is due, as far as there is room.
    async fn start_due(&mut self) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.outbound.inner);
        let now = inner.now();
        self.down_until.retain(|_, until| *until > now);
        let limit = inner.options.connections.max(1);
        if self.running.len() >= limit {
            return Ok(());
        }
        let except = self.passed_over();
        for (destination, count) in self.due(now, except).await? {
            let wanted = count.div_ceil(RECIPIENTS_PER_CONNECTION) as usize;
            let most = inner.options.connections_per_destination.max(1);
            let room = most.saturating_sub(self.runs_to(&destination));
            for _ in 0..wanted.min(room).min(limit - self.running.len()) {
                self.start(&destination);
            }
        }
        metrics::gauge!("yanshu_outbound_connections").set(f64::from(u32::try_from(self.running.len()).unwrap_or(u32::MAX)));
        Ok(())
    }

    /// What is due by destination.
    async fn due(&self, now: Timestamp, except: Vec<String>) -> Result<Vec<(String, u32)>, StoreError> {
        let inner = &self.outbound.inner;
        if inner.options.smart_host.is_none() {
            return inner.app.store.read(move |tx| queue::due_domains(tx, now, &except)).await;
        }
        if !except.is_empty() {
            return Ok(Vec::new());
        }
        let due = inner.app.store.read(move |tx| queue::due_domains(tx, now, &[])).await?;
        let count = due.into_iter().map(|(_, count)| count).sum::<u32>();
        Ok(if count == 0 { Vec::new() } else { vec![(SMART_HOST.to_owned(), count)] })
    }

    fn start(&mut self, destination: &str) {
        let inner = &self.outbound.inner;
        let number = inner.runs.fetch_add(1, Ordering::Relaxed);
        let delivery = Delivery {
            inner: Arc::clone(inner),
            domain: (destination != SMART_HOST).then(|| destination.to_owned()),
            owner: format!("{}/{}/{number}", inner.node, inner.process),
            is_unsettled: AtomicBool::new(false),
            stopping: self.stopping.clone(),
        };
        let id = self.running.spawn(delivery.run()).id();
        self.destinations.insert(id, destination.to_owned());
    }

    fn runs_to(&self, destination: &str) -> usize {
        self.destinations.values().filter(|own| *own == destination).count()
    }

    /// Destinations that get no more runs at present.
    fn passed_over(&self) -> Vec<String> {
        let most = self.outbound.inner.options.connections_per_destination.max(1);
        let mut busy: HashMap<&String, usize> = HashMap::new();
        for destination in self.destinations.values() {
            *busy.entry(destination).or_default() += 1;
        }
        let mut except: Vec<String> = busy.into_iter().filter(|(_, runs)| *runs >= most).map(|(own, _)| own.clone()).collect();
        except.extend(self.down_until.keys().filter(|own| !except.contains(own)).cloned().collect::<Vec<_>>());
        except
    }

    /// Waits for a run to end.
    async fn ended(&mut self) {
        let Some(ended) = self.running.join_next_with_id().await else { return };
        let (id, run) = match ended {
            Ok((id, run)) => (id, Some(run)),
            Err(error) => {
                if error.is_panic() {
                    tracing::error!(%error, "A delivery panicked; its leases run out");
                }
                (error.id(), None)
            }
        };
        let destination = self.destinations.remove(&id).unwrap_or_default();
        match run {
            Some(run) => {
                self.tried += run.tried;
                if run.is_down {
                    self.down_until.insert(destination, self.outbound.inner.now().plus_secs(DOWN_SECS));
                }
            }
            // Whatever it was, it must not come again and again at once.
            None => {
                self.down_until.insert(destination, self.outbound.inner.now().plus_secs(DOWN_SECS));
            }
        }
    }

    /// For how long there is nothing to do, as far as is known.
    async fn wait(&self) -> Duration {
        let inner = &self.outbound.inner;
        let (now, most) = (inner.now(), inner.options.look_every);
        if self.running.len() >= inner.options.connections.max(1) {
            return most;
        }
        let except = self.passed_over();
        let next = if inner.options.smart_host.is_some() && !except.is_empty() {
            Ok(None)
        } else {
            inner.app.store.read(move |tx| queue::next_due(tx, &except)).await
        };
        match next {
            Ok(Some(at)) => {
                let micros = u64::try_from(at.as_micros().saturating_sub(now.as_micros())).unwrap_or(0);
                // Never round and round without a pause, whatever the rows say.
                Duration::from_micros(micros).clamp(Duration::from_millis(50), most)
            }
            _ => most,
        }
    }

    /// Lets conversations come to their end, within the grace.
    async fn stop(mut self) {
        let ending = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ending).await.is_err() {
            tracing::info!(count = self.running.len(), "Deliveries are cut off; they are tried again");
            self.running.shutdown().await;
        }
    }
}

/// Waits for news of the queue; one that was missed may have been of it.
async fn next_queue_notice(notices: &mut broadcast::Receiver<Notice>) {
    loop {
        match notices.recv().await {
            // Of many that come at once, one look is enough.
            Ok(Notice::Changed { topic, .. }) if topic == queue::TOPIC => return tokio::time::sleep(LOOK_AFTER_NOTICE).await,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // The store is closing; the loop is about to be stopped.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
