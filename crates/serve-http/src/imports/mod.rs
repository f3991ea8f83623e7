//! Imports: a spreadsheet becomes a plan, and the plan accounts.

pub mod files;
pub mod rows;
mod upload;
mod wire;

use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use directory::access::{Permission, Target, authorize};
use http::StatusCode;
use kernel::ImportId;
use lifecycle::imports;
use utoipa::ToSchema;

pub use upload::FORM_BYTES;
pub use wire::{Import, ImportColumn, ImportLayout, ImportOptions, ImportState, ImportSummary, InitialPasswords, Invite, OnExisting};

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query};
use crate::list::{List, PageQuery};

/// The upload form.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the multipart body, which is read as a stream")]
pub struct ImportUpload {
    /// An .xlsx or .csv file, 64 MiB at most.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// `ImportOptions` as JSON; defaults apply when absent. Stands before the file.
    pub options: Option<ImportOptions>,
}

/// Uploads a spreadsheet and starts its plan
///
/// The fields of the form are read in order: `options` (JSON), then `file`.
#[utoipa::path(post, path = "/api/v1/admin/imports", operation_id = "createImport", tag = "imports", request_body(content = ImportUpload, content_type = "multipart/form-data"), responses((status = 202, body = Import)))]
pub async fn create_import(
    State(app): State<AppState>,
    Console(caller): Console,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Import>), ApiError> {
    let ctx = caller.ctx;
    let asking = ctx.clone();
    // Whoever may not import is told before the file is read.
    app.store.read(move |tx| Ok::<_, ApiError>(authorize(&asking, tx, Permission::ImportMembers, Target::Organisation)?)).await?;
    let form = form
        .map_err(|_| ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", "the body must be multipart/form-data"))?;
    let place = app.uploads.acquire().await.map_err(|error| ApiError::internal(error.to_string()))?;
    let new = upload::read(form).await?;
    let import = imports::upload(&app.store, &ctx, new).await?;
    drop(place);
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// Lists imports, latest first
#[utoipa::path(get, path = "/api/v1/admin/imports", operation_id = "listImports", tag = "imports", params(PageQuery), responses((status = 200, body = List<Import>)))]
pub async fn list_imports(
    State(app): State<AppState>,
    Console(caller): Console,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Import>>, ApiError> {
    let ctx = caller.ctx;
    let request = page.request()?;
    let found = app.store.read(move |tx| Ok::<_, ApiError>(imports::list_imports(&ctx, tx, &request)?)).await?;
    Ok(Json(List::page(found, Import::from)))
}

/// Shows an import: where it stands, what its plan sums up to
#[utoipa::path(get, path = "/api/v1/admin/imports/{id}", operation_id = "getImport", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = Import)))]
pub async fn get_import(State(app): State<AppState>, Console(caller): Console, Path(id): Path<ImportId>) -> Result<Json<Import>, ApiError> {
    let ctx = caller.ctx;
    let import = app.store.read(move |tx| Ok::<_, ApiError>(imports::get_import(&ctx, tx, id)?)).await?;
    Ok(Json(import.into()))
}

/// Applies the plan as a job
#[utoipa::path(post, path = "/api/v1/admin/imports/{id}/apply", operation_id = "applyImport", tag = "imports", params(("id" = String, Path)), responses((status = 202, body = Import)))]
pub async fn apply_import(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ImportId>,
) -> Result<(StatusCode, Json<Import>), ApiError> {
    let ctx = caller.ctx;
    let import = app.store.write(move |tx| Ok::<_, ApiError>(imports::apply_import(&ctx, tx, id)?)).await?;
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// Drops a plan, or stops one that is being applied
#[utoipa::path(post, path = "/api/v1/admin/imports/{id}/cancel", operation_id = "cancelImport", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = Import)))]
pub async fn cancel_import(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ImportId>,
) -> Result<Json<Import>, ApiError> {
    let ctx = caller.ctx;
    let import = app.store.write(move |tx| Ok::<_, ApiError>(imports::cancel_import(&ctx, tx, id)?)).await?;
    Ok(Json(import.into()))
}

/// Takes an applied import back, as a job
#[utoipa::path(post, path = "/api/v1/admin/imports/{id}/undo", operation_id = "undoImport", tag = "imports", params(("id" = String, Path)), responses((status = 202, body = Import)))]
pub async fn undo_import(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ImportId>,
) -> Result<(StatusCode, Json<Import>), ApiError> {
    let ctx = caller.ctx;
    let import = app.store.write(move |tx| Ok::<_, ApiError>(imports::undo_import(&ctx, tx, id)?)).await?;
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}
