//! Push by event source (RFC 8620 §7.3): states that changed, told within a second.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::MailAccountId;
use mail::heads;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use super::caller::JmapCaller;
use super::hub::Ears;
use super::states::{self, News, TYPES};
use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::Query;

#[derive(Deserialize)]
pub struct StreamQuery {
    types: String,
    closeafter: String,
    ping: String,
}

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
            let news = states::look(&self.app, &self.caller, self.account, &self.wanted.types, told, look_at_session).await;
            let Some(News { state, changed }) = news else { return };
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
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
