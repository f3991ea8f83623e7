//! One destination's mail over one connection at a time: claim, connect, hand over, settle, until nothing is due.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kernel::{Actor, Ctx, Fault, FaultKind, OrgId, Timestamp};
use mail::outbound::{self, Answer, Claimed, Outcome, QueueMessage, QueueRecipient, SettleError};
use store::{BlobError, StoreError};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::Inner;
use super::options::{Security, TlsPolicy};
use super::route::{Hop, NoRoute, find_hops, smart_host_hops};
use super::session::{Encryption, Session, SessionError};
use super::transaction::{Parcel, hand_over};

/// How a run over a destination ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// Messages that were tried.
    pub tried: usize,
    /// The destination did not answer: no use in asking again at once.
    pub is_down: bool,
}

/// How many recipients are claimed at a time: few, so that other connections to the same destination find some.
const CLAIM_RECIPIENTS: u32 = 10;

/// How often the store is asked again for what it could not do: that is no fault of the message's, and what the next hop has must not be sent to it again.
const STORE_AGAIN_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Delivery {
    pub inner: Arc<Inner>,
    /// `None` with a smart host, which takes mail for every domain.
    pub domain: Option<String>,
    /// `NODE/PROCESS/NUMBER`
    pub owner: String,
    /// Something could not be written, and keeps its lease until it runs out: given back it would be sent again at once.
    pub is_unsettled: AtomicBool,
    pub stopping: watch::Receiver<bool>,
}

impl Delivery {
    /// Works until nothing is due for the destination, it does not answer, or the server stops.
    pub(super) async fn run(mut self) -> Run {
        let keeping = AbortOnDrop(tokio::spawn(keep_leases(Arc::clone(&self.inner), self.owner.clone())));
        let mut run = Run::default();
        let mut connection = Connection::default();
        while !run.is_down && !*self.stopping.borrow() {
            let claimed = match self.claim().await {
                Ok(claimed) if claimed.is_empty() => break,
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::warn!(%error, "The queue could not be looked at; it is tried again");
                    break;
                }
            };
            for claimed in claimed {
                if *self.stopping.borrow_and_update() {
                    break;
                }
                run.tried += 1;
                run.is_down |= !self.deliver(&claimed, &mut connection, run.is_down).await;
            }
        }
        if let Some(session) = connection.session.take() {
            session.quit().await;
        }
        drop(keeping);
        if !self.is_unsettled.load(Ordering::Relaxed) {
            self.give_back().await;
        }
        run
    }

    async fn claim(&self) -> Result<Vec<Claimed>, StoreError> {
        let (owner, domain, now, lease) = (self.owner.clone(), self.domain.clone(), self.inner.now(), self.inner.options.lease_secs);
        let store = &self.inner.app.store;
        store.write(move |tx| outbound::claim(tx, &owner, domain.as_deref(), now, lease, CLAIM_RECIPIENTS)).await
    }

    async fn give_back(&self) {
        let give = || {
            let (owner, now) = (self.owner.clone(), self.inner.now());
            self.inner.app.store.write::<_, StoreError, _>(move |tx| outbound::give_back(tx, &owner, now))
        };
        if let Err(error) = self.until_it_can(give).await {
            tracing::debug!(%error, "Leases were not given back; they run out");
        }
    }

    /// Asks the store until it can, however long that takes. What will not pass is answered, and so is everything while the server stops.
    async fn until_it_can<T, E: Fault, A: Future<Output = Result<T, E>>>(&self, mut ask: impl FnMut() -> A) -> Result<T, E> {
        let mut stopping = self.stopping.clone();
        loop {
            // A server that stops waits for one more try, no longer.
            let is_stopping = *stopping.borrow();
            match ask().await {
                Err(error) if !is_stopping && matches!(error.kind(), FaultKind::Unavailable | FaultKind::Throttled) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "The store cannot at the moment; it is asked again");
                }
                answer => return answer,
            }
            tokio::select! {
                () = tokio::time::sleep(STORE_AGAIN_EVERY) => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        }
    }

    /// Tries one message; `false` when the destination does not answer. With `is_down` that is known, and nothing is asked.
    async fn deliver(&self, claimed: &Claimed, connection: &mut Connection, is_down: bool) -> bool {
        let message = &claimed.message;
        let blob = match self.until_it_can(|| self.read(message)).await {
            Ok(Ok(blob)) => blob,
            Ok(Err(unreadable)) => {
                self.settle_all(claimed, &unreadable, b"").await;
                return !is_down;
            }
            Err(error) => {
                self.leave(message, &error);
                return !is_down;
            }
        };
        if let Some(hops) = too_many_hops(&blob) {
            let answer = Answer::own("5.4.6", format!("the message went through {hops} servers and seems to go round in a circle"));
            self.settle_all(claimed, &Outcome::Failed(answer), &blob).await;
            return !is_down;
        }
        if is_down {
            let answer = connection.last_failure.clone().unwrap_or_else(|| Answer::own("4.4.1", "no server of the destination answers"));
            self.settle_all(claimed, &Outcome::Deferred(answer), &blob).await;
            return false;
        }
        let held = match self.until_it_can(|| self.still_held(claimed)).await {
            Ok(held) => held,
            // What is not known to be ours is not sent.
            Err(error) => {
                self.leave(message, &error);
                return true;
            }
        };
        let mut answers = true;
        // Only who needs SMTPUTF8 is refused where it is missing.
        let (utf8, ascii): (Vec<_>, Vec<_>) = held.into_iter().partition(|recipient| recipient.address.needs_utf8());
        for group in [ascii, utf8] {
            for chunk in group.chunks(self.inner.options.recipients_per_transaction.max(1)) {
                let (outcomes, answered) = self.try_recipients(claimed, chunk, &blob, connection).await;
                self.settle(claimed, &outcomes, &blob).await;
                answers &= answered;
            }
        }
        answers
    }

    /// The bytes of a message, or what becomes of one whose bytes cannot be read: whatever that is, the store has answered.
    async fn read(&self, message: &QueueMessage) -> Result<Result<Vec<u8>, Outcome>, StoreError> {
        match self.inner.app.store.blobs().get(message.org, &message.blob_id).await {
            Ok(blob) => Ok(Ok(blob)),
            Err(BlobError::Store(error)) => Err(error),
            Err(error) => Ok(Err(unreadable(&error))),
        }
    }

    /// Does nothing with a message that the store fails at: its lease runs out, so that it does not come again at once.
    fn leave(&self, message: &QueueMessage, error: &(dyn std::error::Error + 'static)) {
        self.is_unsettled.store(true, Ordering::Relaxed);
        tracing::warn!(error, queue.id = %message.id, "Message {} is left for a later try: the store failed", message.id);
    }

    async fn still_held<'a>(&self, claimed: &'a Claimed) -> Result<Vec<&'a QueueRecipient>, StoreError> {
        let (owner, now, lease) = (self.owner.clone(), self.inner.now(), self.inner.options.lease_secs);
        let (org, id) = (claimed.message.org, claimed.message.id);
        let held = self.inner.app.store.write(move |tx| outbound::extend(tx, &owner, org, id, now, lease)).await?;
        Ok(claimed.recipients.iter().filter(|recipient| held.contains(&recipient.number)).collect())
    }

    /// Tries the hosts of the destination one after the other until every recipient's outcome is told; `false` when none answered.
    async fn try_recipients(
        &self,
        claimed: &Claimed,
        recipients: &[&QueueRecipient],
        blob: &[u8],
        connection: &mut Connection,
    ) -> (Vec<(i64, Outcome)>, bool) {
        let mut outcomes = Vec::new();
        let mut left: Vec<&QueueRecipient> = recipients.to_vec();
        let mut answered = false;
        // A connection that was open before may have been closed since, which says nothing of the host.
        let mut spare = u32::from(connection.session.as_ref().is_some_and(|session| session.transactions > 0));
        loop {
            let session = match self.connected(connection).await {
                Ok(session) => session,
                Err(Unreachable { outcome }) => {
                    outcomes.extend(left.iter().map(|recipient| (recipient.number, outcome.clone())));
                    // For good or for now: it is the same for every message.
                    return (outcomes, answered || matches!(outcome, Outcome::Failed(_)));
                }
            };
            let parcel = Parcel { message: &claimed.message, recipients: &left, blob };
            let tried = hand_over(session, &parcel).await;
            answered |= !tried.outcomes.is_empty();
            outcomes.extend(tried.outcomes);
            if let Some(why) = tried.ended {
                connection.session = None;
                connection.last_failure = Some(why);
                if spare == 0 {
                    connection.next_hop += 1;
                }
                spare = spare.saturating_sub(1);
            }
            left.retain(|recipient| tried.untold.contains(&recipient.number));
            if left.is_empty() {
                return (outcomes, true);
            }
        }
    }

    /// The open connection, or one to the next host that answers.
    async fn connected<'a>(&self, connection: &'a mut Connection) -> Result<&'a mut Session, Unreachable> {
        let most = self.inner.options.messages_per_connection.max(1);
        if let Some(session) = connection.session.take_if(|session| session.transactions >= most) {
            session.quit().await;
        }
        if connection.session.is_none() {
            let session = self.connect(connection).await?;
            return Ok(connection.session.insert(session));
        }
        match connection.session.as_mut() {
            Some(session) => Ok(session),
            None => Err(Unreachable { outcome: Outcome::Deferred(Answer::own("4.4.1", "no connection")) }),
        }
    }

    async fn connect(&self, connection: &mut Connection) -> Result<Session, Unreachable> {
        if connection.hops.is_empty() {
            connection.hops = self.hops().await.map_err(|no_route| Unreachable {
                outcome: match no_route {
                    NoRoute::Temporary(answer) => Outcome::Deferred(answer),
                    NoRoute::Permanent(answer) => Outcome::Failed(answer),
                },
            })?;
            connection.next_hop = 0;
        }
        while let Some(hop) = connection.hops.get(connection.next_hop) {
            match self.open(hop).await {
                Ok(session) => return Ok(session),
                Err(error @ SessionError::Loop) => return Err(Unreachable { outcome: Outcome::Failed(error.answer(&hop.host)) }),
                Err(error) => {
                    connection.last_failure = Some(error.answer(&hop.host));
                    connection.next_hop += 1;
                }
            }
        }
        // The next run begins with the best again.
        connection.next_hop = 0;
        let answer = connection.last_failure.clone().unwrap_or_else(|| Answer::own("4.4.1", "no server of the destination answers"));
        // Whoever greets with 5xx may do better tomorrow: only what is said to a message is for good.
        Err(Unreachable { outcome: Outcome::Deferred(answer) })
    }

    async fn hops(&self) -> Result<Vec<Hop>, NoRoute> {
        let Inner { dns, options, app, .. } = &*self.inner;
        match (&options.smart_host, &self.domain) {
            (Some(smart_host), _) => smart_host_hops(&**dns, options, smart_host).await,
            (None, Some(domain)) => find_hops(&**dns, options, &*app.source.rng, domain).await,
            (None, None) => Err(NoRoute::Temporary(Answer::own("4.3.5", "neither a domain nor a smart host"))),
        }
    }

    async fn open(&self, hop: &Hop) -> Result<Session, SessionError> {
        let options = &self.inner.options;
        let own_name = &options.mail_host;
        let (limits, tls) = (&options.time_limits, &self.inner.tls);
        if let Some(smart_host) = &options.smart_host {
            let encryption = match smart_host.security {
                Security::None => Encryption::Plain,
                Security::StartTls => Encryption::Required(Arc::clone(tls)),
                Security::Tls => Encryption::FromTheStart(Arc::clone(tls)),
            };
            let mut session = Session::open(hop, own_name, limits, &encryption).await?;
            if let Some(credentials) = &smart_host.credentials {
                session.authenticate(credentials).await?;
            }
            return Ok(session);
        }
        match options.tls {
            TlsPolicy::Never => Session::open(hop, own_name, limits, &Encryption::Plain).await,
            TlsPolicy::Required => Session::open(hop, own_name, limits, &Encryption::Required(Arc::clone(tls))).await,
            TlsPolicy::Opportunistic => match Session::open(hop, own_name, limits, &Encryption::IfOffered(Arc::clone(tls))).await {
                Err(SessionError::Tls(why)) => {
                    tracing::debug!(host = hop.host, why, "TLS failed; the mail goes in the clear, as it would without the offer");
                    Session::open(hop, own_name, limits, &Encryption::Plain).await
                }
                opened => opened,
            },
        }
    }

    async fn settle_all(&self, claimed: &Claimed, outcome: &Outcome, blob: &[u8]) {
        let outcomes: Vec<_> = claimed.recipients.iter().map(|recipient| (recipient.number, outcome.clone())).collect();
        self.settle(claimed, &outcomes, blob).await;
    }

    /// Commits what became of recipients, however long the database takes: only a crash may lose it.
    async fn settle(&self, claimed: &Claimed, outcomes: &[(i64, Outcome)], blob: &[u8]) {
        let Inner { app, options, .. } = &*self.inner;
        let message = &claimed.message;
        let commit = || async {
            let ctx = self.inner.ctx(message.org);
            outbound::settle(&app.store, &ctx, &self.owner, &options.retry, &options.mail_host, claimed, outcomes, blob).await
        };
        match self.until_it_can(commit).await {
            Ok(settled) => {
                for (outcome, count) in [("delivered", settled.delivered), ("deferred", settled.deferred), ("failed", settled.failed)] {
                    metrics::counter!("yanshu_outbound_recipients_total", "outcome" => outcome).increment(u64::from(count));
                }
                tracing::info!(
                    queue.id = %message.id, org.id = %message.org, delivered = settled.delivered, deferred = settled.deferred,
                    failed = settled.failed, notices = settled.notices, "Message {} was tried", message.id
                );
            }
            Err(SettleError::LeaseLost(id)) => tracing::warn!(queue.id = %id, "Another worker has gone on with message {id}"),
            Err(error) => self.leave(message, &error),
        }
    }
}

/// The connection of a run, and where it may go next.
#[derive(Default)]
struct Connection {
    session: Option<Session>,
    hops: Vec<Hop>,
    next_hop: usize,
    last_failure: Option<Answer>,
}

/// No host could be asked; what becomes of the recipients is in it.
struct Unreachable {
    outcome: Outcome,
}

impl Inner {
    pub(super) fn now(&self) -> Timestamp {
        self.app.source.now()
    }

    pub(super) fn ctx(&self, org: OrgId) -> Ctx {
        self.app.ctx(org, Actor::System { task: "outbound" }, "outbound")
    }
}

/// A message whose bytes are gone is nobody's any more; one that cannot be read just now waits.
fn unreadable(error: &BlobError) -> Outcome {
    match error.kind() {
        FaultKind::Unavailable | FaultKind::Throttled => {
            Outcome::Deferred(Answer::own("4.3.0", "the message cannot be read at the moment"))
        }
        _ => {
            tracing::error!(error = error as &dyn std::error::Error, "A message in the queue cannot be read");
            Outcome::Failed(Answer::own("5.3.0", "the message can no longer be read"))
        }
    }
}

/// RFC 5321 §6.3: at least a hundred servers may pass a message on before it is taken for a loop.
fn too_many_hops(blob: &[u8]) -> Option<usize> {
    const MOST: usize = 100;
    let header = blob.windows(4).position(|window| window == b"\r\n\r\n").map_or(blob, |end| &blob[..end + 2]);
    let is_trace = |line: &&[u8]| line.get(..9).is_some_and(|name| name.eq_ignore_ascii_case(b"Received:"));
    let count = header.split(|byte| *byte == b'\n').filter(is_trace).count();
    (count > MOST).then_some(count)
}

/// Keeps what `owner` has for as long as this runs.
async fn keep_leases(inner: Arc<Inner>, owner: String) {
    let third = Duration::from_secs(u64::try_from(inner.options.lease_secs / 3).unwrap_or(1).max(1));
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + third, third);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (owner, now, lease) = (owner.clone(), inner.now(), inner.options.lease_secs);
        if let Err(error) = inner.app.store.write(move |tx| outbound::extend_all(tx, &owner, now, lease)).await {
            tracing::warn!(%error, "Leases in the queue could not be kept");
        }
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
