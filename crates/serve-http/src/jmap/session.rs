//! The session object: what there is and where (RFC 8620 §2).

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, Uri, header};
use lifecycle::push_subscriptions::server_key;
use serde_json::{Value, json};

use super::caller::{JmapCaller, Refused};
use super::{capabilities, limits};
use crate::app::AppState;
use crate::error::ApiError;

/// `GET /.well-known/jmap` (RFC 8620 §2.2)
pub async fn find_session(caller: Result<JmapCaller, Refused>) -> Response {
    match caller {
        // A client that follows this must show its credentials again, so those who have none are told at once.
        Err(refused) => refused.into_response(),
        Ok(_) => Redirect::temporary("/jmap/session").into_response(),
    }
}

/// `GET /jmap/session`
pub async fn get_session(State(app): State<AppState>, caller: JmapCaller, uri: Uri, headers: HeaderMap) -> Result<Response, ApiError> {
    let base = base_of(&caller, &uri, &headers);
    let making = || async { Ok::<_, ApiError>(server_key(&app.store, &*app.source.rng).await?.public().to_owned()) };
    let push_key = app.jmap.push_key.get_or_try_init(making).await?;
    let mut response = axum::Json(describe(&app, &caller, &base, push_key)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    Ok(response)
}

/// Where the client reaches this server: as it did just now. Empty, for addresses that begin with `/`, when it did not say.
pub fn base_of(caller: &JmapCaller, uri: &Uri, headers: &HeaderMap) -> String {
    let named =
        headers.get(header::HOST).and_then(|host| host.to_str().ok()).or_else(|| uri.authority().map(|authority| authority.as_str()));
    let plain = |host: &&str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let scheme = if caller.request.origin.tls { "https" } else { "http" };
    named.filter(plain).map(|host| format!("{scheme}://{host}")).unwrap_or_default()
}

/// Changes whenever the session object of the caller does.
pub fn state_of(app: &AppState, caller: &JmapCaller) -> String {
    let account = caller.account.map(|account| account.to_string()).unwrap_or_default();
    let parts = [app.options.version.as_bytes(), account.as_bytes(), caller.name.as_bytes(), caller.username.as_bytes()];
    app.store.keys().keyed_hash("jmap-session-state", &parts).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn describe(app: &AppState, caller: &JmapCaller, base: &str, push_key: &str) -> Value {
    let mut accounts = json!({});
    let mut primary = json!({});
    if let Some(account) = caller.account {
        let id = account.to_string();
        accounts[&id] = json!({
            "name": caller.name,
            "isPersonal": true,
            "isReadOnly": false,
            "accountCapabilities": account_capabilities(base, app.source.now()),
        });
        primary = json!({
            capabilities::MAIL: id, capabilities::SUBMISSION: id, capabilities::BLOB: id, capabilities::QUOTA: id, capabilities::HTML: id,
        });
    }
    json!({
        "capabilities": {
            capabilities::CORE: {
                "maxSizeUpload": limits::MAX_SIZE_UPLOAD,
                "maxConcurrentUpload": limits::MAX_CONCURRENT_UPLOAD,
                "maxSizeRequest": limits::MAX_SIZE_REQUEST,
                "maxConcurrentRequests": limits::MAX_CONCURRENT_REQUESTS,
                "maxCallsInRequest": limits::MAX_CALLS_IN_REQUEST,
                "maxObjectsInGet": limits::MAX_OBJECTS_IN_GET,
                "maxObjectsInSet": limits::MAX_OBJECTS_IN_SET,
                "collationAlgorithms": super::collation::ALGORITHMS,
            },
            capabilities::MAIL: {},
            capabilities::SUBMISSION: {},
            capabilities::BLOB: {},
            capabilities::QUOTA: {},
            capabilities::WEB_SOCKET: { "url": format!("{}/jmap/ws", base.replacen("http", "ws", 1)), "supportsPush": true },
            capabilities::WEB_PUSH: { "applicationServerKey": push_key },
            capabilities::HTML: {},
        },
        "accounts": accounts,
        "primaryAccounts": primary,
        "username": caller.username,
        "apiUrl": format!("{base}/jmap"),
        "downloadUrl": format!("{base}/jmap/download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}"),
        "uploadUrl": format!("{base}/jmap/upload/{{accountId}}/"),
        "eventSourceUrl": format!("{base}/jmap/eventsource?types={{types}}&closeafter={{closeafter}}&ping={{ping}}"),
        "state": state_of(app, caller),
    })
}

fn account_capabilities(base: &str, now: kernel::Timestamp) -> Value {
    json!({
        capabilities::MAIL: {
            "maxMailboxesPerEmail": null,
            "maxMailboxDepth": mail::mailboxes::MAX_DEPTH,
            "maxSizeMailboxName": mail::mailboxes::MAX_NAME_BYTES,
            "maxSizeAttachmentsPerEmail": limits::MAX_SIZE_UPLOAD,
            "emailQuerySortOptions": super::emails::sort::OPTIONS,
            "mayCreateTopLevelMailbox": true,
        },
        capabilities::SUBMISSION: {
            "maxDelayedSend": mail::submission::held::MAX_DELAY_SECS,
            "submissionExtensions": super::submissions::extensions(now),
        },
        capabilities::BLOB: {
            "maxSizeBlobSet": limits::MAX_BLOB_SET_BYTES,
            "maxDataSources": limits::MAX_DATA_SOURCES,
            "supportedTypeNames": super::blobs::methods::TYPE_NAMES,
            "supportedDigestAlgorithms": super::blobs::methods::DIGESTS,
        },
        capabilities::QUOTA: {},
        capabilities::HTML: { "htmlUrl": format!("{base}/jmap/html/{{accountId}}/{{emailId}}?remote={{remote}}") },
    })
}
