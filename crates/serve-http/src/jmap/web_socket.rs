//! `GET /jmap/ws`: requests, answers and push over one connection (RFC 8887).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};
use kernel::MailAccountId;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::caller::{JmapCaller, Proof};
use super::hub::Ears;
use super::problem::RequestProblem;
use super::request::Request;
use super::states::{self, News};
use super::{api, json as i_json, limits, session};
use crate::app::AppState;
use crate::error::ApiError;

/// The name of the protocol within the connection (RFC 8887 §3).
const PROTOCOL: &str = "jmap";
/// A connection looks by itself whether it missed something, and whether its session goes on; and sends a sign of life, to which the client must answer
/// before the next but one.
const LOOK: Duration = Duration::from_secs(30);
/// Bursts are told together.
const BREATH: Duration = Duration::from_millis(150);
/// Who does not take what it is sent within this time has gone.
const TAKES_WITHIN: Duration = Duration::from_secs(30);
/// How long a client may take to close what the server ends.
const CLOSES_WITHIN: Duration = Duration::from_secs(5);
/// An idle connection is to cost little.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// So that a request that is too large can be told so, if it is not much too large.
const BEYOND_LIMIT_BYTES: usize = 64 * 1024;

/// Opens the connection for a member with mail. A browser's page must be ours: its cookies come along whoever asks.
pub async fn open(
    State(app): State<AppState>,
    caller: JmapCaller,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !is_from_own_page(&caller, &session::base_of(&caller, &uri, &headers), &headers) {
        let refused = ApiError::new(StatusCode::FORBIDDEN, "cross_site_request", "the connection comes from another site's page");
        return refused.into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]),
        Err(refused) => return refused.into_response(),
    };
    if upgrade.selected_protocol().is_none_or(|chosen| chosen != PROTOCOL) {
        return ApiError::field("sec-websocket-protocol", "value_invalid").into_response();
    }
    let Some(account) = caller.account else { return ApiError::not_found().into_response() };
    let Some(place) = app.jmap.web_sockets.take(caller.member_id) else {
        let full = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", "too many connections are open at the same time");
        return full.into_response();
    };
    upgrade
        .max_message_size(limits::MAX_SIZE_REQUEST + BEYOND_LIMIT_BYTES)
        .max_frame_size(limits::MAX_SIZE_REQUEST + BEYOND_LIMIT_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .on_upgrade(move |socket| async move {
            let _place = place;
            let ears = app.jmap.hub.listen(app.store.bus(), account, caller.identity_id);
            let connection = Connection { app, caller: Arc::new(caller), account, socket, push: None, work: JoinSet::new() };
            connection.serve(ears).await;
        })
}

/// Browsers always say which page opens a WebSocket; programs, which show a password of their own accord, say nothing.
fn is_from_own_page(caller: &JmapCaller, own: &str, headers: &HeaderMap) -> bool {
    match headers.get(header::ORIGIN) {
        Some(origin) => !own.is_empty() && origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(own)),
        None => matches!(caller.proof, Proof::Program(_)),
    }
}

/// What a client sends (RFC 8887 §4.3). A request's own members are read where those of HTTP are.
#[derive(Deserialize)]
#[serde(tag = "@type")]
enum Told {
    Request {
        #[serde(default)]
        id: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    WebSocketPushEnable {
        data_types: Option<Vec<String>>,
        #[serde(default)]
        push_state: Option<String>,
    },
    WebSocketPushDisable {},
}

/// What the client wants to hear of, and what it was told last.
struct Push {
    types: BTreeSet<&'static str>,
    told: i64,
}

struct Connection {
    app: AppState,
    caller: Arc<JmapCaller>,
    account: MailAccountId,
    socket: WebSocket,
    push: Option<Push>,
    /// Requests under way, with their answers.
    work: JoinSet<Value>,
}

/// Why a connection ends.
struct End(Option<CloseFrame>);

impl End {
    /// The other side has gone, or cannot be reached.
    const GONE: Self = Self(None);

    fn saying(code: u16, reason: &'static str) -> Self {
        Self(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }))
    }
}

impl Connection {
    async fn serve(mut self, mut ears: Ears) {
        let mut stopping = self.app.stopping.clone();
        let End(told) = tokio::select! {
            end = self.go_on(&mut ears) => end,
            _ = stopping.wait_for(|stopping| *stopping) => End::saying(close_code::AWAY, "the server stops"),
        };
        self.work.shutdown().await;
        if told.is_some() {
            // Read on until the client has closed as well: with something of it unread, the connection would be reset before it hears why.
            let closing = async {
                if self.socket.send(Message::Close(told)).await.is_ok() {
                    while let Some(Ok(_)) = self.socket.recv().await {}
                }
            };
            // Whether the client hears it is its own affair.
            let _ = timeout(CLOSES_WITHIN, closing).await;
        }
    }

    async fn go_on(&mut self, ears: &mut Ears) -> End {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent_for = 0;
        loop {
            let step = tokio::select! {
                message = self.socket.recv() => {
                    silent_for = 0;
                    match message {
                        Some(Ok(message)) => self.take(message).await,
                        // What is far too large, or is no WebSocket, is answered by the closing.
                        Some(Err(_)) | None => Err(End::GONE),
                    }
                }
                Some(answer) = self.work.join_next(), if !self.work.is_empty() => match answer {
                    Ok(answer) => self.say(answer).await,
                    // A request that panicked was logged; its client must not wait for ever.
                    Err(_) => Err(End::saying(close_code::ERROR, "a request failed")),
                },
                heard = ears.mail.changed(), if self.push.is_some() => match heard {
                    Ok(()) => self.look(false).await,
                    Err(_) => Err(End::GONE),
                },
                heard = ears.session.changed() => match heard {
                    Ok(()) => self.look(true).await,
                    Err(_) => Err(End::GONE),
                },
                _ = looks.tick() => {
                    silent_for += 1;
                    match self.look(true).await {
                        Ok(()) if silent_for > 3 => Err(End::GONE),
                        Ok(()) => self.send(Message::Ping(axum::body::Bytes::new())).await,
                        end => end,
                    }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(TAKES_WITHIN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::GONE),
        }
    }

    async fn say(&mut self, value: Value) -> Result<(), End> {
        self.send(Message::Text(value.to_string().into())).await
    }

    async fn refuse(&mut self, id: Option<&str>, problem: RequestProblem) -> Result<(), End> {
        self.say(refusal(id, problem)).await
    }

    async fn take(&mut self, message: Message) -> Result<(), End> {
        let text = match message {
            Message::Text(text) => text,
            // RFC 8887 §4.1: everything is text.
            Message::Binary(_) => return Err(End::saying(close_code::UNSUPPORTED, "binary data is not understood")),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::GONE),
        };
        if text.len() > limits::MAX_SIZE_REQUEST {
            return self.refuse(None, RequestProblem::Limit("maxSizeRequest")).await;
        }
        let value = match i_json::read(text.as_bytes()) {
            Ok(value) => value,
            Err(unreadable) => return self.refuse(None, unreadable.into()).await,
        };
        drop(text);
        // What is large is not copied to find out what it is.
        let head: serde_json::Map<String, Value> = value
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| HEAD.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        match serde_json::from_value::<Told>(Value::Object(head)) {
            Ok(Told::Request { id }) => self.begin(id, value).await,
            Ok(Told::WebSocketPushEnable { data_types, push_state }) => self.enable(data_types, push_state).await,
            Ok(Told::WebSocketPushDisable {}) => {
                self.push = None;
                Ok(())
            }
            Err(_) => {
                let id = value["id"].as_str().map(str::to_owned);
                self.refuse(id.as_deref(), RequestProblem::NotRequest("the message is none that a client sends")).await
            }
        }
    }

    /// Carries a request out beside whatever else is under way; answers come as they are done (RFC 8887 §4.3.2).
    async fn begin(&mut self, id: Option<String>, value: Value) -> Result<(), End> {
        let request = match Request::of(value) {
            Ok(request) => request,
            Err(problem) => return self.refuse(id.as_deref(), problem).await,
        };
        let Some(place) = self.app.jmap.requests.take(self.caller.member_id) else {
            return self.refuse(id.as_deref(), RequestProblem::Limit("maxConcurrentRequests")).await;
        };
        let (app, caller) = (self.app.clone(), Arc::clone(&self.caller));
        self.work.spawn(async move {
            let _place = place;
            let mut answer = api::answer(&app, &caller, request).await;
            answer["@type"] = json!("Response");
            if let Some(id) = id {
                answer["requestId"] = json!(id);
            }
            answer
        });
        Ok(())
    }

    /// RFC 8887 §4.3.5.2: from now on, or from what the client heard last.
    async fn enable(&mut self, types: Option<Vec<String>>, push_state: Option<String>) -> Result<(), End> {
        let types = match types {
            None => states::TYPES.iter().copied().collect(),
            // A type we do not know never changes.
            Some(names) => states::TYPES.iter().copied().filter(|known| names.iter().any(|name| name == known)).collect(),
        };
        let now = match self.news(i64::MAX, &BTreeSet::new(), true).await {
            Some(news) => news.state,
            None => return Err(ended()),
        };
        let heard = push_state.and_then(|state| state.parse::<i64>().ok()).filter(|state| (0..=now).contains(state));
        self.push = Some(Push { types, told: heard.unwrap_or(now) });
        self.look(false).await
    }

    /// Tells what changed, if the client wants to hear it.
    async fn look(&mut self, at_session: bool) -> Result<(), End> {
        let (told, types) = match &self.push {
            Some(push) => (push.told, push.types.clone()),
            None => (i64::MAX, BTreeSet::new()),
        };
        let Some(news) = self.news(told, &types, at_session).await else { return Err(ended()) };
        let Some(push) = &mut self.push else { return Ok(()) };
        push.told = news.state;
        if news.changed.is_empty() {
            return Ok(());
        }
        let change = json!({
            "@type": "StateChange", "changed": { self.account.to_string(): news.changed }, "pushState": news.state.to_string(),
        });
        self.say(change).await?;
        tokio::time::sleep(BREATH).await;
        Ok(())
    }

    async fn news(&mut self, told: i64, types: &BTreeSet<&'static str>, at_session: bool) -> Option<News> {
        states::look(&self.app, &self.caller, self.account, types, told, at_session).await
    }
}

/// Of a message, what tells its kind.
const HEAD: &[&str] = &["@type", "id", "dataTypes", "pushState"];

fn ended() -> End {
    End::saying(close_code::POLICY, "the session has ended")
}

/// RFC 8887 §4.3.4
fn refusal(id: Option<&str>, problem: RequestProblem) -> Value {
    let mut error = problem.into_json();
    error["@type"] = json!("RequestError");
    error["requestId"] = json!(id);
    error
}
