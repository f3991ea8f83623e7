//! An organisation's own sign-in page.

use axum::extract::State;
use directory::organisations;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::{Json, Path, bounded};

kernel::codes! { NotFound "organisation_code_unknown" }

/// What an organisation's own sign-in page shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInPage {
    pub organisation_code: String,
    pub organisation_name: String,
}

/// Finds an organisation's sign-in page by its code
#[utoipa::path(get, path = "/api/v1/sign-in-pages/{code}", operation_id = "getSignInPage", tag = "entry", params(("code" = String, Path, description = "The organisation code, in any case")), responses((status = 200, body = SignInPage)))]
pub async fn get_sign_in_page(State(app): State<AppState>, Path(code): Path<String>) -> Result<Json<SignInPage>, ApiError> {
    bounded("code", &code, 64)?;
    let found: Option<_> = app.store.read(move |tx| Ok::<_, ApiError>(organisations::find_by_code(tx, &code)?)).await?;
    let organisation =
        found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "organisation_code_unknown", "no organisation has this code"))?;
    Ok(Json(SignInPage { organisation_code: organisation.code, organisation_name: organisation.name }))
}
