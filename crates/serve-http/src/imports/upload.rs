//! Reading the upload form within its bounds.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use http::StatusCode;
use lifecycle::imports::{NewImport, Options};
use lifecycle::sheets::MAX_FILE_BYTES;

use super::ImportOptions;
use crate::error::ApiError;
use crate::extract::body_too_large;

const MAX_OPTIONS_BYTES: usize = 16 * 1024;
const MAX_PARTS: usize = 8;
/// What the form may weigh beside the file.
pub const FORM_BYTES: usize = 64 * 1024;

/// Reads `options` and `file`; other parts are passed over. The file is held in memory once, and stops where it is too large.
pub async fn read(mut form: Multipart) -> Result<NewImport, ApiError> {
    let mut options = Options::default();
    for _ in 0..MAX_PARTS {
        let Some(mut part) = form.next_field().await.map_err(unreadable)? else { break };
        match part.name() {
            Some("options") => options = read_options(&read_part(&mut part, MAX_OPTIONS_BYTES).await?)?,
            Some("file") => {
                let file_name = part.file_name().unwrap_or_default().to_owned();
                let bytes = read_part(&mut part, MAX_FILE_BYTES).await?;
                return Ok(NewImport { file_name, bytes: bytes.into(), options });
            }
            _ => {}
        }
    }
    Err(ApiError::field("file", "field_missing"))
}

async fn read_part(part: &mut Field<'_>, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > limit {
            return Err(body_too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn read_options(json: &[u8]) -> Result<Options, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let options: ImportOptions = serde_path_to_error::deserialize(&mut reader).map_err(|error| match error.path().to_string() {
        path if path == "." => ApiError::field("options", "value_invalid"),
        path => ApiError::field(format!("options.{path}"), "value_invalid"),
    })?;
    Ok(options.into())
}

fn unreadable(error: MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return body_too_large();
    }
    ApiError::new(StatusCode::BAD_REQUEST, "body_invalid", "the form could not be read")
}
