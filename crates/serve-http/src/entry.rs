//! What the entry pages need to know before anybody has signed in.

use axum::extract::State;
use directory::organisations::Language;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::Json;

/// What the entry pages need to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    /// The server's version.
    pub version: String,
    /// Whether the first organisation exists; until then only the set-up page is of use.
    pub set_up: bool,
    /// The languages the pages speak.
    pub languages: Vec<String>,
}

/// Tells what the entry pages need before anybody has signed in
#[utoipa::path(get, path = "/api/v1/entry", operation_id = "getEntry", tag = "entry", responses((status = 200, body = Entry)))]
pub async fn get_entry(State(app): State<AppState>) -> Result<Json<Entry>, ApiError> {
    let set_up = app.store.read(identity::setup_link::is_set_up).await.map_err(|error: store::StoreError| ApiError::from(error))?;
    let languages = Language::ALL.iter().map(|language| language.as_str().to_owned()).collect();
    Ok(Json(Entry { version: app.options.version.to_owned(), set_up, languages }))
}
