//! The web app: three single-page apps and their assets, built into the program.

use std::borrow::Cow;

use axum::extract::State;
use axum::http::Uri;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use kernel::Rng;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::app::AppState;
use crate::error::ApiError;
use crate::headers::page_policy;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Assets;

const NONCE_PLACEHOLDER: &str = "__CSP_NONCE__";

/// Which app a path belongs to; `None` for paths that no app has.
fn app_of(path: &str) -> Option<&'static str> {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match first {
        "admin" => Some("console"),
        "mail" | "account" | "contacts" => Some("mail"),
        "" | "login" | "o" | "setup" | "activate" | "join" | "recover" => Some("entry"),
        _ => None,
    }
}

/// Answers every path that no other route has.
pub async fn serve_page(State(app): State<AppState>, method: Method, uri: Uri) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::not_found().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    match app_of(path) {
        Some(name) => index(name, &*app.source.rng),
        None => plain_page(StatusCode::NOT_FOUND, "页面不存在 · Page not found", "这里没有页面。 There is no page here."),
    }
}

/// The page of an app; its routes are the browser's affair.
fn index(name: &str, rng: &dyn Rng) -> Response {
    let Some(file) = Assets::get(&format!("{name}/index.html")) else {
        return plain_page(
            StatusCode::SERVICE_UNAVAILABLE,
            "网页未构建 · The web app is not built in",
            "请运行 make web 后重新编译。 Run “make web”, then build the server again. The API works without it.",
        );
    };
    let nonce = new_nonce(rng);
    let html = String::from_utf8_lossy(&file.data).replace(NONCE_PLACEHOLDER, &nonce);
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn new_nonce(rng: &dyn Rng) -> String {
    rng.bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A page of our own without script or style, for the few moments when no app can be shown.
fn plain_page(status: StatusCode, title: &str, text: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    );
    (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

/// What browsers see that come over plain HTTP from elsewhere: cookies and passwords do not travel in the clear.
pub fn insecure_page() -> Response {
    plain_page(
        StatusCode::FORBIDDEN,
        "请使用 HTTPS · HTTPS is required",
        "本服务只在加密连接上工作。请用 https:// 打开，或请管理员配置可信代理。 \
         This service works over encrypted connections only. Open it with https://, or ask its operator to set up a trusted proxy.",
    )
}

/// Answers `/static/…`: files whose names change with their content, so that they can be kept for ever.
pub async fn serve_asset(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches("/static/");
    let Some(file) = Assets::get(path).filter(|_| !path.ends_with("index.html")) else {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    };
    let kind = content_type(path);
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let (encoding, body) = best_form(path, &headers, file);
    let mut response = body.into_response();
    let answer = response.headers_mut();
    let lasting = if path.contains("/assets/") { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(header::ETAG, etag);
    }
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// What builds of web apps hold; anything else is bytes, which no browser runs.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// The file as the browser likes it best, of the forms that were built.
fn best_form(path: &str, headers: &HeaderMap, plain: EmbeddedFile) -> (Option<&'static str>, Cow<'static, [u8]>) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |name: &str| {
        accepted.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next() == Some(name) && !words.any(|word| word == "q=0")
        })
    };
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if accepts(encoding)
            && let Some(file) = Assets::get(&format!("{path}.{ending}"))
        {
            return (Some(encoding), file.data);
        }
    }
    (None, plain.data)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_the_map_belongs_to_its_app() {
        for (path, app) in [
            ("/", Some("entry")),
            ("/login", Some("entry")),
            ("/o/kangning", Some("entry")),
            ("/setup", Some("entry")),
            ("/account/sessions", Some("mail")),
            ("/mail/inbox/1", Some("mail")),
            ("/admin", Some("console")),
            ("/admin/members", Some("console")),
            ("/administrator", None),
            ("/favicon.ico", None),
        ] {
            assert_eq!(app_of(path), app, "{path}");
        }
    }
}
