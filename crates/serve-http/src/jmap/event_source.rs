//! Push by event source (RFC 8620 §7.3): states that changed, told within a second.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::{Ctx, MailAccountId};
use mail::changes::{self, ChangesError};
use mail::{email_identities, email_submissions, heads};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::Tx;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use super::caller::JmapCaller;
use super::hub::Ears;
use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::Query;

#[derive(Deserialize)]
pub struct StreamQuery {
    types: String,
    closeafter: String,
    ping: String,
}

/// The types whose states are told (RFC 8621 §1.5).
const TYPES: &[&str] = &["Email", "EmailDelivery", "EmailSubmission", "Identity", "Mailbox", "Quota", "Thread"];
/// A stream looks by itself whether it missed something, and whether its session goes on.
const LOOK: Duration = Duration::from_secs(30);
/// Bursts are told together.
const BREATH: Duration = Duration::from_millis(150);
const MIN_PING_SECS: u64 = 5;
const MAX_PING_SECS: u64 = 300;

/// What a listener wants.
struct Wanted {
    types: BTreeSet<&'static str>,
    close_after_state: bool,
    ping: Option<Duration>,
}

impl Wanted {
    fn read(query: &StreamQuery) -> Result<Self, ApiError> {
        let wrong = |field: &str| ApiError::field(field, "value_invalid");
        // A type we do not know never changes.
        let known = |name: &str| TYPES.iter().copied().find(|known| *known == name);
        let types = if query.types == "*" { TYPES.iter().copied().collect() } else { query.types.split(',').filter_map(known).collect() };
        let close_after_state = match query.closeafter.as_str() {
            "state" => true,
            "no" => false,
            _ => return Err(wrong("closeafter")),
        };
        let secs: u64 = query.ping.parse().map_err(|_| wrong("ping"))?;
        // RFC 8620 §7.3: a server may keep the interval within bounds.
        let ping = (secs > 0).then(|| Duration::from_secs(secs.clamp(MIN_PING_SECS, MAX_PING_SECS)));
        Ok(Self { types, close_after_state, ping })
    }
}

/// `GET /jmap/eventsource?types=&closeafter=&ping=`
pub async fn stream_states(
    State(app): State<AppState>,
    caller: JmapCaller,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let wanted = Wanted::read(&query)?;
    let account = caller.account.ok_or_else(ApiError::not_found)?;
    let place = app.jmap.streams.take(caller.member_id).ok_or_else(|| {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", "too many pages listen for events at the same time")
    })?;
    // Listening begins before the state is looked at, so that nothing between is missed.
    let ears = app.jmap.hub.listen(app.store.bus(), account, caller.identity_id);
    let ctx = caller.ctx.clone();
    let now = app.store.read(move |tx| Ok::<_, ApiError>(heads::open(&ctx, tx, account)?.change_number)).await?;
    // A client that comes back says what it was told last.
    let last_seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<i64>().ok());
    let told = last_seen.filter(|seen| (0..=now).contains(seen)).unwrap_or(now);
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        let _place = place;
        let mut stopping = app.stopping.clone();
        let listener = Listener { app, caller, account, wanted, sender: sender.clone() };
        tokio::select! {
            () = listener.tell(ears, told) => {}
            () = sender.closed() => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    });
    let mut response = Sse::new(ReceiverStream::new(receiver)).into_response();
    // Proxies would hold events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

struct Listener {
    app: AppState,
    caller: JmapCaller,
    account: MailAccountId,
    wanted: Wanted,
    sender: mpsc::Sender<Result<Event, Infallible>>,
}

impl Listener {
    /// Tells until the session ends or the listener has gone.
    async fn tell(&self, mut ears: Ears, mut told: i64) {
        let mut looks = tokio::time::interval(LOOK);
        let mut next_ping = self.wanted.ping.map(|ping| Instant::now() + ping);
        // So that proxies and clients see at once that the stream is open.
        if self.sender.send(Ok(Event::default().comment("open"))).await.is_err() {
            return;
        }
        loop {
            let mut look_at_session = false;
            tokio::select! {
                heard = ears.mail.changed() => if heard.is_err() { return },
                heard = ears.session.changed() => {
                    if heard.is_err() {
                        return;
                    }
                    look_at_session = true;
                }
                _ = looks.tick() => look_at_session = true,
                () = sleep_until(next_ping) => {
                    let secs = self.wanted.ping.unwrap_or_default().as_secs();
                    next_ping = self.wanted.ping.map(|ping| Instant::now() + ping);
                    let Ok(ping) = Event::default().event("ping").json_data(json!({ "interval": secs })) else { return };
                    if self.sender.send(Ok(ping)).await.is_err() {
                        return;
                    }
                    continue;
                }
            }
            let Some((state, changed)) = self.look(told, look_at_session).await else { return };
            let any = !changed.is_empty();
            told = state;
            if !any {
                continue;
            }
            let event = json!({ "@type": "StateChange", "changed": { self.account.to_string(): changed } });
            let Ok(event) = Event::default().event("state").id(state.to_string()).json_data(event) else { return };
            if self.sender.send(Ok(event)).await.is_err() || self.wanted.close_after_state {
                return;
            }
            // RFC 8620 §7.3: the interval of pings begins again with every event.
            next_ping = self.wanted.ping.map(|ping| Instant::now() + ping);
            tokio::time::sleep(BREATH).await;
        }
    }

    /// The state now, and the wanted types that changed since `told`; `None` when the session has ended, or when that cannot be found out.
    async fn look(&self, told: i64, look_at_session: bool) -> Option<(i64, Map<String, Value>)> {
        let ctx = Ctx { now: self.app.clock.now(), ..self.caller.ctx.clone() };
        let (proof, account, wanted) = (self.caller.proof.clone(), self.account, self.wanted.types.clone());
        let found = self.app.store.read(move |tx| {
            if look_at_session && !proof.is_still_valid(tx, ctx.now)? {
                return Ok::<_, ApiError>(None);
            }
            let state = heads::open(&ctx, tx, account)?.change_number;
            let changed = if state > told { changed_types(&ctx, tx, account, told)? } else { BTreeSet::new() };
            let changed = changed.intersection(&wanted).map(|name| ((*name).to_owned(), json!(state.to_string()))).collect();
            Ok(Some((state, changed)))
        });
        found.await.ok()?
    }
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// What kinds of things changed since a change number.
fn changed_types(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, since: i64) -> Result<BTreeSet<&'static str>, ApiError> {
    /// Enough to see whether something new is among them.
    const SOME: usize = 100;
    let since_state = changes::State::of(since);
    let mut changed = BTreeSet::new();
    let everything = || TYPES.iter().copied().collect();
    match changes::message_changes(ctx, tx, account, since_state, Some(SOME)) {
        Ok(found) => {
            if !(found.created.is_empty() && found.updated.is_empty() && found.destroyed.is_empty()) {
                changed.insert("Email");
            }
            if !found.created.is_empty() || !found.destroyed.is_empty() {
                changed.insert("Quota");
            }
            if !found.created.is_empty() || found.has_more {
                changed.insert("EmailDelivery");
            }
            if found.has_more {
                changed.insert("Quota");
            }
        }
        Err(ChangesError::CannotCalculate) => return Ok(everything()),
        Err(error) => return Err(error.into()),
    }
    let threads = changes::thread_changes(ctx, tx, account, since_state, Some(1))?;
    if threads.has_more || !(threads.created.is_empty() && threads.updated.is_empty() && threads.destroyed.is_empty()) {
        changed.insert("Thread");
    }
    let mailboxes = changes::mailbox_changes(ctx, tx, account, since_state, Some(1))?;
    if !(mailboxes.created.is_empty() && mailboxes.updated.is_empty() && mailboxes.destroyed.is_empty()) {
        changed.insert("Mailbox");
    }
    let any = |found: Option<bool>| found.unwrap_or(true);
    let identities = email_identities::changes(ctx, tx, account, since, usize::MAX)?.map(|found| !found.all().is_empty());
    if any(identities) {
        changed.insert("Identity");
    }
    let submissions = email_submissions::changes(ctx, tx, account, since, usize::MAX)?.map(|found| !found.all().is_empty());
    if any(submissions) {
        changed.insert("EmailSubmission");
    }
    Ok(changed)
}
