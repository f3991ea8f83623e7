//! What watches the server asks: whether it lives, whether it can serve, and its numbers.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use store::{StoreError, jobs};

use crate::app::AppState;
use crate::observe::RequestInfo;

/// The process answers; nothing more.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// What `/readyz` says of each part.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
}

/// How long the store may take to answer a trivial question.
const STORE_ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// Whether requests can be served: the store answers, and what else belongs to it is alive. Migrations are done before anything listens.
pub async fn readyz(State(app): State<AppState>) -> Response {
    let asked = app.store.read(|tx| store::installation::get(tx, "ready"));
    let store_answers = matches!(tokio::time::timeout(STORE_ANSWERS_WITHIN, asked).await, Ok(Ok::<_, StoreError>(_)));
    let mut checks = vec![Check { name: "store", ok: store_answers }, Check { name: "running", ok: !*app.stopping.borrow() }];
    checks.extend(app.options.ready_checks.iter().map(|(name, check)| Check { name, ok: check() }));
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(Readiness { ready, checks })).into_response()
}

/// The server's numbers as Prometheus text: to this machine, or to whoever has the token.
pub async fn metrics(State(app): State<AppState>, request: RequestInfo, headers: HeaderMap) -> Response {
    if !may_see_metrics(&app, &request, &headers) {
        return (StatusCode::FORBIDDEN, "metrics are for this machine and holders of the token\n").into_response();
    }
    match tokio::time::timeout(STORE_ANSWERS_WITHIN, app.store.read(jobs::count_open)).await {
        Ok(Ok::<u64, StoreError>(open)) => metrics::gauge!("yanshu_jobs_open").set(f64::from(u32::try_from(open).unwrap_or(u32::MAX))),
        // The other numbers matter most when the store is in trouble.
        _ => metrics::counter!("yanshu_metrics_store_failures_total").increment(1),
    }
    metrics::gauge!("yanshu_event_streams").set(f64::from(u32::try_from(app.streams.open()).unwrap_or(u32::MAX)));
    let text = (app.options.render_metrics)();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

fn may_see_metrics(app: &AppState, request: &RequestInfo, headers: &HeaderMap) -> bool {
    if request.origin.local {
        return true;
    }
    let offered = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    match (&app.options.metrics_token, offered) {
        // Compared by keyed hashes, so that the time taken tells nothing of how much was right.
        (Some(token), Some(offered)) => {
            let hash = |text: &str| app.store.keys().keyed_hash("metrics-token", &[text.as_bytes()]);
            hash(token) == hash(offered)
        }
        _ => false,
    }
}
