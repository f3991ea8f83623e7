//! Uploads (RFC 8620 §6.1): bytes for a message that is being written.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use mail::uploads::{self, UploadLimits};
use serde_json::json;

use super::blob_ids::BlobName;
use super::caller::JmapCaller;
use super::limits;
use super::problem::RequestProblem;
use super::room::TooLong;
use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::Path;

/// `POST /jmap/upload/{accountId}/`
pub async fn upload(
    State(app): State<AppState>,
    caller: JmapCaller,
    Path(account_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let account = caller.account(&account_id).map_err(|_| ApiError::not_found())?;
    let Some(_place) = app.jmap.uploads.take(caller.member_id) else {
        return Ok(RequestProblem::Limit("maxConcurrentUpload").into_response());
    };
    let held = match app.jmap.upload_room.read(&headers, body, limits::MAX_SIZE_UPLOAD).await {
        Ok(Some(held)) => held,
        Ok(None) => return Err(ApiError::new(StatusCode::BAD_REQUEST, "body_invalid", "the body could not be read")),
        Err(TooLong) => return Ok(RequestProblem::Limit("maxSizeUpload").into_response()),
    };
    let content_type = content_type(&headers);
    let size = held.bytes.len();
    let staged = app.store.blobs().stage(caller.ctx.org, Vec::from(held.bytes)).await?;
    let (ctx, kept_type) = (caller.ctx.clone(), content_type.clone());
    let bounds = UploadLimits { bytes: limits::MAX_UPLOADED_BYTES, count: limits::MAX_UPLOADS };
    let kept = app
        .store
        .write_account(account, move |tx| Ok::<_, ApiError>(uploads::add(&ctx, tx, account, &staged, &kept_type, size as u64, bounds)?))
        .await?;
    let answer = json!({
        "accountId": account_id,
        "blobId": BlobName::upload(kept.id).to_string(),
        "type": content_type,
        "size": size,
    });
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

/// What the client calls the bytes; they are never served as that on our own word.
fn content_type(headers: &HeaderMap) -> String {
    const UNKNOWN: &str = "application/octet-stream";
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or(UNKNOWN).trim();
    let right = given.len() <= 200 && given.contains('/') && given.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if right { given.to_owned() } else { UNKNOWN.to_owned() }
}
