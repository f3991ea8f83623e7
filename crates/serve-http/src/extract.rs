//! Reading requests: bodies, paths and queries whose faults are told as problems, and the check that a request comes from our own pages.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use kernel::ParamsBuilder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::ApiError;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, ApiError> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")));
        if !json {
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", "the body must be application/json"));
        }
        let bytes = bytes::Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => body_too_large(),
            _ => ApiError::new(StatusCode::BAD_REQUEST, "body_invalid", "the body could not be read"),
        })?;
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| body_error(&error))?;
        reader.end().map_err(|_| malformed())?;
        Ok(Self(value))
    }
}

pub fn body_too_large() -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the body is larger than this operation takes")
}

fn malformed() -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "body_invalid", "the body is not well-formed JSON")
}

/// Names the field that is wrong, as far as the parser tells.
fn body_error(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    if !error.inner().is_data() {
        return malformed();
    }
    let path = error.path().to_string();
    let message = error.inner().to_string();
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    let below = |name: String| if path == "." { name } else { format!("{path}.{name}") };
    if message.starts_with("missing field") {
        ApiError::field(below(quoted()), "field_missing")
    } else if message.starts_with("unknown field") {
        let name = quoted();
        // The path of an unknown field already ends with it.
        let field = if path.ends_with(&name) { path.clone() } else { below(name) };
        ApiError::field(field, "field_unknown")
    } else if path == "." {
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "body_invalid", "the body is not of the expected form")
    } else {
        ApiError::field(path, "value_invalid")
    }
}

/// For fields of a change: absent is `None`, null is `Some(None)`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The variable parts of the path. A part that cannot be what it should names nothing that exists.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let axum::extract::Path(value) =
            axum::extract::Path::<T>::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
        Ok(Self(value))
    }
}

/// The query.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        let value = serde_path_to_error::deserialize(pairs).map_err(|error| {
            let path = error.path().to_string();
            let message = error.inner().to_string();
            match message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
                Some(name) => ApiError::field(name, "field_missing"),
                None if path == "." => {
                    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "query_invalid", "the query is not of the expected form")
                }
                None => ApiError::field(path, "value_invalid"),
            }
        })?;
        Ok(Self(value))
    }
}

/// Lets only requests of our own pages through, for operations that set a cookie before there is a session to hold a CSRF token.
///
/// Programs that are no browsers send neither header and are let through: there is no ambient session they could be tricked to use.
pub struct SameSite;

impl<S: Send + Sync> FromRequestParts<S> for SameSite {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        if same_site(&parts.method, &parts.headers) {
            Ok(Self)
        } else {
            Err(ApiError::new(StatusCode::FORBIDDEN, "cross_site_request", "the request comes from another site's page"))
        }
    }
}

fn same_site(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("invalid"));
    // Fetch Metadata, W3C: only same-origin is ours; "none" is the person's own doing, such as a typed address.
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, authority)| authority == host),
        (Some(_), None) => false,
    }
}

/// Refuses a text that is longer than `limit` characters.
pub fn bounded(field: &str, text: &str, limit: usize) -> Result<(), ApiError> {
    if text.chars().count() <= limit {
        return Ok(());
    }
    Err(ApiError::field_with(field, "value_too_long", ParamsBuilder::default().with("limit", limit).build()))
}

/// Refuses a list with more than `limit` items.
pub fn bounded_items<T>(field: &str, items: &[T], limit: usize) -> Result<(), ApiError> {
    if items.len() <= limit {
        return Ok(());
    }
    Err(ApiError::field_with(field, "too_many_items", ParamsBuilder::default().with("limit", limit).build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (header::HeaderName::from_static(name), header::HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_our_own_pages_may_sign_somebody_in() {
        let ours = [
            headers(&[]),
            headers(&[("sec-fetch-site", "same-origin")]),
            headers(&[("origin", "https://mail.example.test:8443"), ("host", "mail.example.test:8443")]),
        ];
        let foreign = [
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("sec-fetch-site", "same-site")]),
            headers(&[("origin", "https://evil.test"), ("host", "mail.example.test")]),
            headers(&[("origin", "null"), ("host", "mail.example.test")]),
        ];
        assert!(ours.iter().all(|headers| same_site(&Method::POST, headers)));
        assert!(!foreign.iter().any(|headers| same_site(&Method::POST, headers)));
    }
}
