//! Downloads (RFC 8620 §6.2): a message, a part of one, or an upload, as a file to be saved. Nothing of it ever runs on this origin.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::blob_ids::BlobName;
use super::blobs;
use super::caller::JmapCaller;
use crate::app::AppState;
use crate::download::disposition;
use crate::error::ApiError;
use crate::extract::{Path, Query};

#[derive(Deserialize)]
pub struct DownloadQuery {
    #[serde(default)]
    accept: Option<String>,
}

/// Even a browser that shows a file in spite of all may run nothing in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox";
/// `GET /jmap/download/{accountId}/{blobId}/{name}?accept=`
pub async fn download(
    State(app): State<AppState>,
    caller: JmapCaller,
    Path((account_id, blob_id, name)): Path<(String, String, String)>,
    Query(query): Query<DownloadQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let account = caller.account(&account_id).map_err(|_| ApiError::not_found())?;
    let blob: BlobName = blob_id.parse().map_err(|_| ApiError::not_found())?;
    // What a blob id names never changes, so that its name says it all.
    let etag = format!("\"{account_id}-{blob_id}\"");
    let found = blobs::load(&app.store, &caller.ctx, account, &blob).await.map_err(failure)?.ok_or_else(ApiError::not_found)?;
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let kind = content_type(query.accept.as_deref(), &found.content_type);
    let mut response = part_of(&headers, found.bytes);
    let answer = response.headers_mut();
    let set = |answer: &mut HeaderMap, name: header::HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.insert(name, value);
        }
    };
    set(answer, header::CONTENT_TYPE, kind);
    set(answer, header::CONTENT_DISPOSITION, disposition(&name));
    set(answer, header::ETAG, etag);
    answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(response)
}

pub(super) fn failure(error: super::error::MethodError) -> ApiError {
    match error.kind() {
        "serverUnavailable" => {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", "the store cannot be used at the moment")
        }
        "accountNotFound" | "invalidArguments" => ApiError::not_found(),
        _ => ApiError::internal("a blob could not be read"),
    }
}

/// What the client asks for, or what the blob is called, if it can be written in a header.
fn content_type(asked: Option<&str>, own: &str) -> String {
    let right = |kind: &&str| {
        kind.len() <= 200
            && kind.split_once('/').is_some_and(|(main, _)| !main.is_empty())
            && kind.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    };
    asked.filter(right).or(Some(own).filter(right)).unwrap_or("application/octet-stream").to_owned()
}

/// One range, as programs ask that go on with a download (RFC 9110 §14); anything else is answered whole.
fn part_of(headers: &HeaderMap, bytes: Vec<u8>) -> Response {
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("bytes="));
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else { return Body::from(bytes).into_response() };
    let total = bytes.len();
    let bounds = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => Some((first, last.min(total.saturating_sub(1)))),
        (Ok(first), Err(_)) if last.is_empty() => Some((first, total.saturating_sub(1))),
        (Err(_), Ok(length)) if first.is_empty() && length > 0 => Some((total.saturating_sub(length), total.saturating_sub(1))),
        _ => None,
    };
    match bounds {
        None => Body::from(bytes).into_response(),
        Some((first, _)) if first >= total => {
            (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{total}"))]).into_response()
        }
        Some((first, last)) => {
            let part = bytes::Bytes::from(bytes).slice(first..=last);
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{total}"))], Body::from(part))
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &'static str) -> (u16, String) {
        let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(text))]);
        let response = part_of(&headers, b"0123456789".to_vec());
        let range = response.headers().get(header::CONTENT_RANGE).map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), range.unwrap_or_default())
    }

    #[test]
    fn one_range_is_answered_and_others_are_answered_whole() {
        assert_eq!(range("bytes=2-4"), (206, "bytes 2-4/10".to_owned()));
        assert_eq!(range("bytes=8-"), (206, "bytes 8-9/10".to_owned()));
        assert_eq!(range("bytes=-3"), (206, "bytes 7-9/10".to_owned()));
        assert_eq!(range("bytes=4-99"), (206, "bytes 4-9/10".to_owned()));
        assert_eq!(range("bytes=10-"), (416, "bytes */10".to_owned()));
        for whole in ["bytes=4-2", "bytes=1-2,4-5", "items=1-2", "bytes=-", "bytes=x-y"] {
            assert_eq!(range(whole).0, 200, "{whole}");
        }
    }

    #[test]
    fn a_type_cannot_leave_its_header() {
        assert_eq!(content_type(Some("text/plain"), "image/png"), "text/plain");
        assert_eq!(content_type(None, "image/png"), "image/png");
        assert_eq!(content_type(Some("text/plain\r\nX: y"), "nonsense"), "application/octet-stream");
    }
}
