//! Pushing: clients' addresses at push services are told what changed (RFC 8620 §7.2, RFC 8030).
//!
//! [`WebPush::run`] is the server's loop. It hears of changes on the bus, looks by itself now and then for what it has missed, and starts pushes as they are
//! due, each subscription's by one node at a time. What is to be sent, and what becomes of a subscription afterwards, is decided in
//! `lifecycle::push_subscriptions`; how it travels is in [`carry`]. Tests use [`WebPush::run_until_idle`].

mod carry;
mod places;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kernel::{IdentityId, MailAccountId, Network, OrgId, PushSubscriptionId, Timestamp};
use lifecycle::jobs::JobApp;
use lifecycle::push_subscriptions::{self, Candidate, ServerKey};
use rustls::ClientConfig;
use store::{Notice, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use crate::outbound::{MailDns, TlsError, tls};
use places::Places;

/// What the pushing of one process is made of.
pub struct WebPushParts {
    pub app: JobApp,
    pub dns: Arc<dyn MailDns>,
    pub options: WebPushOptions,
}

/// How pushes leave this installation.
#[derive(Debug, Clone)]
pub struct WebPushOptions {
    /// Whom a push service writes to when something is wrong: a `mailto:` or `https:` address (RFC 8292 §2.1).
    pub contact: String,
    /// Addresses that may be connected to though they are not public.
    pub allowed_networks: Vec<Network>,
    /// Certificates (PEM) that vouch for push services, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// Pushes under way at a time, in all and to one host.
    pub at_a_time: usize,
    pub per_host: usize,
    /// How long DNS, a connection and TLS may take each, and all of a push.
    pub step: Duration,
    pub whole: Duration,
    /// How often all subscriptions are looked at.
    pub look_every: Duration,
}

impl WebPushOptions {
    pub fn new(contact: impl Into<String>) -> Self {
        Self {
            contact: contact.into(),
            allowed_networks: Vec::new(),
            ca_file: None,
            at_a_time: 64,
            per_host: 16,
            step: Duration::from_secs(10),
            whole: Duration::from_secs(30),
            look_every: Duration::from_secs(30),
        }
    }
}

/// Pushes for one process. Cheap to clone.
#[derive(Clone)]
pub struct WebPush {
    inner: Arc<Inner>,
}

struct Inner {
    app: JobApp,
    dns: Arc<dyn MailDns>,
    options: WebPushOptions,
    tls: Arc<ClientConfig>,
    key: OnceCell<ServerKey>,
    hosts: Places,
}

/// Changes that come within it are looked at together: a busy server tells of thousands a second.
const BREATH: Duration = Duration::from_millis(200);
/// Never round and round without a pause, whatever the rows say.
const LEAST_PAUSE: Duration = Duration::from_millis(50);
/// How long pushes under way may take when the server stops. One that is cut off is sent again.
const GRACE: Duration = Duration::from_secs(5);
/// What is remembered of who is due; the rest is found by the next look at all.
const MAX_WAITING: usize = 100_000;

impl WebPush {
    /// Fails when the certificates that vouch for push services cannot be read.
    pub fn new(parts: WebPushParts) -> Result<Self, TlsError> {
        let WebPushParts { app, dns, options } = parts;
        let mut tls = (*tls::verified(options.ca_file.as_deref())?).clone();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let hosts = Places::new(options.per_host);
        Ok(Self { inner: Arc::new(Inner { app, dns, options, tls: Arc::new(tls), key: OnceCell::new(), hosts }) })
    }

    /// Pushes until `stopping` turns true.
    pub async fn run(&self, mut stopping: watch::Receiver<bool>) {
        let mut notices = self.inner.app.store.bus().subscribe();
        let mut look = tokio::time::interval(self.inner.options.look_every);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting = Waiting::default();
        let mut running: JoinSet<Option<Candidate>> = JoinSet::new();
        // What was heard, and when it is looked at.
        let (mut news, mut look_at_news) = (News::default(), None);
        while !*stopping.borrow() {
            let now = self.inner.app.source.now();
            while running.len() < self.inner.options.at_a_time {
                let Some(candidate) = waiting.take_due(now) else { break };
                let pushing = self.clone();
                running.spawn(async move { pushing.push_or_log(candidate).await });
            }
            let pause = match waiting.next_due() {
                // With all places taken, the end of a push is what is waited for.
                Some(at) if running.len() < self.inner.options.at_a_time => {
                    let micros = u64::try_from(at.as_micros().saturating_sub(now.as_micros())).unwrap_or(0);
                    Duration::from_micros(micros).clamp(LEAST_PAUSE, self.inner.options.look_every)
                }
                _ => self.inner.options.look_every,
            };
            let mut look_now = false;
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => {}
                Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                    Ok(more) => waiting.add(more),
                    Err(error) => tracing::error!(%error, "A push panicked; its lease runs out"),
                },
                heard = notices.recv() => {
                    if news.note(heard) {
                        look_at_news.get_or_insert_with(|| Instant::now() + BREATH);
                    }
                }
                () = sleep_until(look_at_news) => look_now = true,
                _ = look.tick() => {
                    news.everything = true;
                    look_now = true;
                }
                () = tokio::time::sleep(pause) => {}
            }
            if look_now {
                look_at_news = None;
                waiting.add(self.candidates_of(std::mem::take(&mut news)).await);
            }
        }
        let ending = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ending).await.is_err() {
            running.shutdown().await;
        }
    }

    /// Sends what is due at this moment, one after the other, and answers how many pushes were tried.
    pub async fn run_until_idle(&self) -> Result<usize, StoreError> {
        let mut tried = 0;
        loop {
            let mut pushed = 0;
            for candidate in push_subscriptions::sweep(&self.inner.app.store).await? {
                if let Some(claimed) = push_subscriptions::claim(&self.inner.app, candidate).await? {
                    let outcome = self.inner.carry(&claimed).await;
                    push_subscriptions::settle(&self.inner.app, &claimed, outcome).await?;
                    pushed += 1;
                }
            }
            if pushed == 0 {
                return Ok(tried);
            }
            tried += pushed;
        }
    }

    async fn push_or_log(&self, candidate: Candidate) -> Option<Candidate> {
        let app = &self.inner.app;
        let pushed = async {
            let Some(claimed) = push_subscriptions::claim(app, candidate).await? else { return Ok(None) };
            let outcome = self.inner.carry(&claimed).await;
            push_subscriptions::settle(app, &claimed, outcome).await
        };
        pushed.await.unwrap_or_else(|error: StoreError| {
            tracing::warn!(%error, "A push could not be noted; it is tried again");
            None
        })
    }

    /// Who may have something to be sent, as far as the news tell.
    async fn candidates_of(&self, news: News) -> Vec<Candidate> {
        let app = &self.inner.app;
        let found = async {
            for identity in news.identities {
                push_subscriptions::remove_ended(&app.store, identity, app.source.now()).await?;
            }
            if news.everything {
                return push_subscriptions::sweep(&app.store).await;
            }
            let accounts: Vec<MailAccountId> = news.accounts.into_iter().collect();
            let new_ones = news.new_ones;
            app.store
                .read(move |tx| {
                    let mut found = if new_ones { push_subscriptions::new_ones(tx)? } else { Vec::new() };
                    found.extend(push_subscriptions::due(tx, &accounts)?);
                    Ok(found)
                })
                .await
        };
        found.await.unwrap_or_else(|error: StoreError| {
            tracing::warn!(%error, "Push subscriptions could not be looked at; it is tried again");
            Vec::new()
        })
    }
}

/// Who is to be looked at, and when: each subscription once.
#[derive(Default)]
struct Waiting {
    by_time: BTreeSet<(Timestamp, OrgId, PushSubscriptionId)>,
    times: HashMap<(OrgId, PushSubscriptionId), Timestamp>,
}

impl Waiting {
    fn add(&mut self, candidates: impl IntoIterator<Item = Candidate>) {
        for Candidate { org, id, due_at } in candidates {
            let known = self.times.get(&(org, id)).copied();
            if known.is_some_and(|known| known <= due_at) || (known.is_none() && self.times.len() >= MAX_WAITING) {
                continue;
            }
            if let Some(known) = known {
                self.by_time.remove(&(known, org, id));
            }
            self.by_time.insert((due_at, org, id));
            self.times.insert((org, id), due_at);
        }
    }

    fn take_due(&mut self, now: Timestamp) -> Option<Candidate> {
        let (due_at, org, id) = *self.by_time.first().filter(|(due_at, ..)| *due_at <= now)?;
        self.by_time.pop_first();
        self.times.remove(&(org, id));
        Some(Candidate { org, id, due_at })
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(due_at, ..)| *due_at)
    }
}

/// What was heard on the bus.
#[derive(Default)]
struct News {
    accounts: HashSet<MailAccountId>,
    identities: HashSet<IdentityId>,
    new_ones: bool,
    everything: bool,
}

impl News {
    /// `false` when it is of no interest.
    fn note(&mut self, heard: Result<Notice, RecvError>) -> bool {
        match heard {
            Ok(Notice::Mail { account, .. }) => {
                self.accounts.insert(account);
            }
            Ok(Notice::SessionsRevoked { identity }) => {
                self.identities.insert(identity);
            }
            Ok(Notice::Changed { topic: push_subscriptions::TOPIC, .. }) => self.new_ones = true,
            // Nobody knows what was missed.
            Err(RecvError::Lagged(_)) => self.everything = true,
            // The store is closing, and the loop about to be stopped.
            Ok(_) | Err(RecvError::Closed) => return false,
        }
        true
    }
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use testkit::{TEST_NOW, TEST_ORG};

    use super::*;

    #[test]
    fn a_subscription_waits_once_and_for_its_earliest_moment() {
        let candidate =
            |id: i64, secs: i64| Candidate { org: TEST_ORG, id: PushSubscriptionId::from_raw(id), due_at: TEST_NOW.plus_secs(secs) };
        let mut waiting = Waiting::default();
        waiting.add([candidate(1, 120), candidate(2, 5), candidate(1, 2), candidate(1, 60)]);
        assert_eq!(waiting.next_due(), Some(TEST_NOW.plus_secs(2)));
        assert_eq!(waiting.take_due(TEST_NOW), None);
        assert_eq!(waiting.take_due(TEST_NOW.plus_secs(10)), Some(candidate(1, 2)));
        assert_eq!(waiting.take_due(TEST_NOW.plus_secs(10)), Some(candidate(2, 5)));
        assert_eq!((waiting.take_due(TEST_NOW.plus_secs(999)), waiting.next_due()), (None, None));
    }
}
