//! Live events for the console: what the bus tells, as far as the session's member may see it.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use directory::access::{Permission, Target, is_allowed};
use http::{HeaderValue, StatusCode};
use identity::sessions;
use kernel::{IdentityId, JobId, Realm};
use store::{Notice, StoreError};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::app::AppState;
use crate::caller::{Caller, Console};
use crate::error::ApiError;
use crate::jobs::Job;

const MAX_STREAMS: usize = 2000;
const MAX_STREAMS_PER_IDENTITY: usize = 12;
/// A sign of life, and the moment at which the session is looked at even if no notice came.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Progress of a job is told at most this often.
const BREATH: Duration = Duration::from_millis(200);

/// The streams that are open; bounded, because each holds memory and a place on the bus.
#[derive(Clone, Default)]
pub struct Streams {
    open: Arc<Mutex<HashMap<IdentityId, usize>>>,
}

impl Streams {
    pub fn open(&self) -> usize {
        self.counts().values().sum()
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IdentityId, usize>> {
        // The map is whole between any two statements, so a panic elsewhere does not spoil it.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, identity: IdentityId) -> Option<Place> {
        let mut counts = self.counts();
        let total: usize = counts.values().sum();
        let own = counts.entry(identity).or_default();
        if *own >= MAX_STREAMS_PER_IDENTITY || total >= MAX_STREAMS {
            return None;
        }
        *own += 1;
        Some(Place { streams: self.clone(), identity })
    }
}

/// A stream's place among [`Streams`]; given back when the stream ends.
struct Place {
    streams: Streams,
    identity: IdentityId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.streams.counts();
        if let Some(count) = counts.get_mut(&self.identity) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.identity);
            }
        }
    }
}

/// Streams what changes, as server-sent events
///
/// `job` events carry a job as in `getJob`; `changed` events carry `{"topic": "members"}` and the like, and say that lists of that topic
/// are stale. `{"topic": "all"}` says that events may have been missed. The stream ends when the session does.
#[utoipa::path(get, path = "/api/v1/admin/events", operation_id = "streamEvents", tag = "jobs", responses((status = 200, content_type = "text/event-stream", body = String)))]
pub async fn stream_events(State(app): State<AppState>, Console(caller): Console) -> Result<Response, ApiError> {
    // Nobody listens to the console who may not see its first page.
    let ctx = caller.ctx.clone();
    app.store.read(move |tx| directory::access::authorize(&ctx, tx, Permission::ViewOverview, Target::Organisation)).await?;
    let place = app.streams.enter(caller.session.identity_id).ok_or_else(|| {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", "too many pages listen for events at the same time")
    })?;
    // Subscribed before the answer begins, so that nothing between is missed.
    let notices = app.store.bus().subscribe();
    let (sender, receiver) = mpsc::channel(32);
    tokio::spawn(async move {
        let _place = place;
        let mut stopping = app.stopping.clone();
        tokio::select! {
            () = tell(&app, &caller, notices, &sender) => {}
            () = sender.closed() => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    });
    let mut response = Sse::new(ReceiverStream::new(receiver)).into_response();
    // Proxies would hold events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

/// What a listener has not been told yet.
#[derive(Default)]
struct News {
    jobs: BTreeSet<JobId>,
    topics: BTreeSet<&'static str>,
    look_at_session: bool,
}

/// Tells until the session ends or the listener has gone.
async fn tell(app: &AppState, caller: &Caller, mut notices: Receiver<Notice>, sender: &Sender) {
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    loop {
        let mut news = News::default();
        tokio::select! {
            notice = notices.recv() => match notice {
                Ok(notice) => news.add(caller, notice),
                Err(RecvError::Lagged(_)) => news.missed(),
                Err(RecvError::Closed) => return,
            },
            _ = heartbeat.tick() => {
                news.look_at_session = true;
                if sender.send(Ok(Event::default().comment(""))).await.is_err() {
                    return;
                }
            }
        }
        // Whatever else has come meanwhile goes along, each job and topic once.
        loop {
            match notices.try_recv() {
                Ok(notice) => news.add(caller, notice),
                Err(TryRecvError::Lagged(_)) => news.missed(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if news.is_empty() {
            continue;
        }
        let Some(events) = events_of(app, caller, news).await else { return };
        let told = !events.is_empty();
        for event in events {
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
        if told {
            tokio::time::sleep(BREATH).await;
        }
    }
}

impl News {
    fn add(&mut self, caller: &Caller, notice: Notice) {
        match notice {
            Notice::Job { org, id } if org == caller.org => {
                self.jobs.insert(id);
            }
            Notice::Changed { org, topic } if org == caller.org => {
                self.topics.insert(topic);
                // The member's own rights may have changed.
                self.look_at_session |= topic == directory::topics::ADMINISTRATORS || topic == directory::topics::MEMBERS;
            }
            Notice::SessionsRevoked { identity } if identity == caller.session.identity_id => self.look_at_session = true,
            _ => {}
        }
    }

    fn missed(&mut self) {
        self.topics.insert("all");
        self.look_at_session = true;
    }

    fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.topics.is_empty() && !self.look_at_session
    }
}

/// The events of `news`; `None` when the session has ended, or when that cannot be found out.
async fn events_of(app: &AppState, caller: &Caller, news: News) -> Option<Vec<Event>> {
    let ctx = kernel::Ctx { now: app.source.now(), ..caller.ctx.clone() };
    let (token, now) = (caller.token.clone(), ctx.now);
    let found = app.store.read(move |tx| {
        if news.look_at_session && sessions::find_by_token(tx, &token, Realm::Console, now)?.is_none() {
            return Ok::<_, StoreError>(None);
        }
        if !is_allowed(&ctx, tx, Permission::ViewOverview, Target::Organisation)? {
            return Ok(None);
        }
        let mut jobs = Vec::new();
        if is_allowed(&ctx, tx, Permission::ViewJobs, Target::Organisation)? {
            for id in &news.jobs {
                jobs.extend(store::jobs::find(tx, ctx.org, *id)?.filter(|job| job.listed).map(Job::from));
            }
        }
        let mut topics = Vec::new();
        for topic in &news.topics {
            let needed = needed_for(topic);
            if needed.is_none_or(|permission| is_allowed(&ctx, tx, permission, Target::Organisation).unwrap_or(false)) {
                topics.push(*topic);
            }
        }
        Ok(Some((jobs, topics)))
    });
    let (jobs, topics) = found.await.ok()??;
    let jobs = jobs.iter().filter_map(|job| Event::default().event("job").json_data(job).ok());
    let topics = topics.iter().filter_map(|topic| Event::default().event("changed").json_data(serde_json::json!({ "topic": topic })).ok());
    Some(jobs.chain(topics).collect())
}

/// Who may hear that something of a topic changed: whoever may see it.
fn needed_for(topic: &str) -> Option<Permission> {
    match topic {
        directory::topics::MEMBERS => Some(Permission::ViewMembers),
        directory::topics::DEPARTMENTS => Some(Permission::ViewDepartments),
        directory::topics::DOMAINS => Some(Permission::ManageDomains),
        directory::topics::ADMINISTRATORS => Some(Permission::ManageAdministrators),
        "imports" => Some(Permission::ImportMembers),
        mail::outbound::TOPIC | mail::submission::held::TOPIC => Some(Permission::ManageQueue),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_topic_hears_who_may_see_what_it_is_about() {
        for (topic, needed) in [
            (mail::outbound::TOPIC, Permission::ManageQueue),
            (mail::submission::held::TOPIC, Permission::ManageQueue),
            (directory::topics::MEMBERS, Permission::ViewMembers),
            (directory::topics::DEPARTMENTS, Permission::ViewDepartments),
            (directory::topics::DOMAINS, Permission::ManageDomains),
            (directory::topics::ADMINISTRATORS, Permission::ManageAdministrators),
            ("imports", Permission::ImportMembers),
        ] {
            assert_eq!(needed_for(topic), Some(needed), "{topic}");
        }
        // What is missed is said to everybody.
        assert_eq!(needed_for("all"), None);
    }
}
