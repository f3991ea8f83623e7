//! JMAP: how the webmail and other programs reach mail (RFC 8620, RFC 8621).
//!
//! A request is read by [`request`], carried out call by call in [`api`], and each call by the method of its name in [`methods`]. Methods translate
//! between JMAP's objects and the operations of `mail`; no rule about mail lives here. None of this is part of the REST API's description.
//!
//! What must never happen here: a thing of another account told, or told apart from one that does not exist; a limit of [`limits`] passed over; bytes
//! of a stranger served as something a browser runs. Start with [`methods`]; `docs/designs/jmap.md` tells the whole.

pub mod api;
mod blob_ids;
mod blobs;
mod caller;
mod capabilities;
mod collation;
mod downloads;
mod emails;
mod error;
mod event_source;
mod filter;
mod html;
mod hub;
mod identities;
mod json;
pub mod limits;
mod mailboxes;
mod methods;
mod patch;
mod places;
mod problem;
mod push_subscriptions;
mod quotas;
mod references;
mod request;
mod room;
mod session;
mod snippets;
mod standard;
mod states;
mod submissions;
mod threads;
mod uploads;
mod web_socket;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

pub use methods::METHODS;
use tokio::sync::OnceCell;

use self::hub::Hub;
use self::places::Places;
use self::room::Room;
use crate::app::AppState;

/// What the requests of JMAP share.
#[derive(Clone)]
pub struct Jmap {
    requests: Places,
    uploads: Places,
    streams: Places,
    web_sockets: Places,
    request_room: Room,
    upload_room: Room,
    hub: Hub,
    /// The public half of the key by which push services know this server.
    push_key: Arc<OnceCell<String>>,
}

/// Memory for bodies that are being read, of all clients together.
const REQUEST_ROOM_BYTES: usize = 128 * 1024 * 1024;
const UPLOAD_ROOM_BYTES: usize = 256 * 1024 * 1024;

impl Default for Jmap {
    fn default() -> Self {
        Self {
            requests: Places::new(limits::MAX_CONCURRENT_REQUESTS, usize::MAX),
            uploads: Places::new(limits::MAX_CONCURRENT_UPLOAD, usize::MAX),
            streams: Places::new(limits::MAX_STREAMS, limits::MAX_STREAMS_IN_ALL),
            web_sockets: Places::new(limits::MAX_WEB_SOCKETS, limits::MAX_WEB_SOCKETS_IN_ALL),
            request_room: Room::new(REQUEST_ROOM_BYTES),
            upload_room: Room::new(UPLOAD_ROOM_BYTES),
            hub: Hub::default(),
            push_key: Arc::default(),
        }
    }
}

/// Where uploads go; they may take longer than other requests.
pub const UPLOAD_PREFIX: &str = "/jmap/upload/";

/// Every path of JMAP. Bodies are bounded where they are read.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/.well-known/jmap", get(session::find_session))
        .route("/jmap/session", get(session::get_session))
        .route("/jmap", post(api::call_methods))
        .route("/jmap/upload/{account_id}/", post(uploads::upload))
        .route("/jmap/upload/{account_id}", post(uploads::upload))
        .route("/jmap/download/{account_id}/{blob_id}/{name}", get(downloads::download))
        .route("/jmap/html/{account_id}/{email_id}", get(html::show_html))
        .route("/jmap/eventsource", get(event_source::stream_states))
        .route("/jmap/ws", get(web_socket::open))
        .layer(DefaultBodyLimit::disable())
}
