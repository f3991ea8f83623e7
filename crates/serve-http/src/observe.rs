//! The layer around every request: its id, where it came from, its time limit, what becomes of panics and failures, its log line and numbers.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use http::{HeaderValue, Method, StatusCode};
use kernel::{MemberId, OrgId};

use crate::app::AppState;
use crate::connection::Origin;
use crate::error::{ApiError, Failure, render};
use crate::pages;
use crate::{autoconfig, headers, jmap};

/// What is known of a request before anything of it was read.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Told to the caller as `X-Request-Id`, and written to log and audit.
    pub id: Arc<str>,
    pub origin: Origin,
    caller: Arc<OnceLock<(OrgId, MemberId)>>,
}

impl RequestInfo {
    /// Lets the log line name the caller.
    pub fn note_caller(&self, org: OrgId, member: MemberId) {
        // A second note is of the same request and changes nothing.
        let _ = self.caller.set((org, member));
    }
}

/// How long a request may take to be read and answered. Bodies of answers may stream on.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The same for uploads, which may come over slow lines.
const UPLOAD_TIME_LIMIT: Duration = Duration::from_secs(600);
pub const UPLOAD_PATH: &str = "/api/v1/admin/imports";

/// Wraps the whole router.
pub async fn observe(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let origin = Origin::of(request.extensions(), request.headers(), &app.options.trusted_proxies);
    let info = RequestInfo { id: app.source.new_request_id(), origin, caller: Arc::default() };
    request.extensions_mut().insert(info.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let is_api = path == "/api" || path.starts_with("/api/");
    // Templates, never paths: ids and addresses stay out of log and metrics.
    let template = request.extensions().get::<MatchedPath>().map_or_else(|| "(other)".to_owned(), |matched| matched.as_str().to_owned());

    let mut response = if origin.allowed || is_probe(&path) || autoconfig::PATHS.contains(&path.as_str()) {
        let is_upload = path == UPLOAD_PATH || path.starts_with(jmap::UPLOAD_PREFIX);
        let limit = if method == Method::POST && is_upload { UPLOAD_TIME_LIMIT } else { TIME_LIMIT };
        within(limit, next.run(request)).await.unwrap_or_else(axum::response::IntoResponse::into_response)
    } else if is_api {
        render(&insecure(), &info.id)
    } else {
        pages::insecure_page()
    };

    if let Some(Failure(failure)) = response.extensions_mut().remove::<Failure>() {
        response = keep_headers(response, render(&failure, &info.id));
    } else if is_api && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let failure = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "the resource does not know this method");
        response = keep_headers(response, render(&failure, &info.id));
    }
    headers::complete(response.headers_mut(), is_api, &origin);
    if let Ok(value) = HeaderValue::from_str(&info.id) {
        response.headers_mut().insert("x-request-id", value);
    }
    tell(&info, &method, &template, response.status(), started.elapsed());
    response
}

fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics")
}

fn insecure() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "secure_connection_required",
        "use HTTPS; plain HTTP is answered to this machine and trusted proxies only",
    )
}

/// Runs a request to its answer, its panic or its time limit.
async fn within(limit: Duration, answer: impl Future<Output = Response>) -> Result<Response, ApiError> {
    match tokio::time::timeout(limit, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(panic)) => {
            let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
            Err(ApiError::internal(format!("a handler panicked: {}", message.unwrap_or_default())))
        }
        Err(_) => Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "request_timeout", "the request took too long")),
    }
}

/// Cookies, `Allow` and the like that the handler or router had set stay on the problem.
fn keep_headers(from: Response, mut to: Response) -> Response {
    for (name, value) in from.headers() {
        if !to.headers().contains_key(name) && name != http::header::CONTENT_LENGTH {
            to.headers_mut().append(name, value.clone());
        }
    }
    to
}

/// One line in the log, and the numbers behind `/metrics`.
fn tell(info: &RequestInfo, method: &Method, template: &str, status: StatusCode, took: Duration) {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (org, member) = info.caller.get().map_or((String::new(), String::new()), |(org, member)| (org.to_string(), member.to_string()));
    let status_code = status.as_u16();
    if is_probe(template) || template.starts_with("/static/") {
        tracing::debug!(%method, path = template, status = status_code, ms = milliseconds, request.id = %info.id, "{method} {template} {status_code}");
    } else {
        tracing::info!(%method, path = template, status = status_code, ms = milliseconds, request.id = %info.id, org.id = org, member.id = member,
            "{method} {template} {status_code}");
    }
    let labels = [("method", method_label(method)), ("path", template.to_owned()), ("status", status_code.to_string())];
    metrics::counter!("yanshu_http_requests_total", &labels).increment(1);
    metrics::histogram!("yanshu_http_request_seconds", "path" => template.to_owned()).record(took.as_secs_f64());
}

/// Methods are free text; each new one would be a new series.
fn method_label(method: &Method) -> String {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if known.contains(method) { method.to_string() } else { "other".to_owned() }
}
