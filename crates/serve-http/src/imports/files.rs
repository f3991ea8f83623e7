//! The files around an import: its wrong rows, its initial passwords, and the template to begin with.

use axum::extract::State;
use axum::response::Response;
use directory::access::{Permission, Target, authorize};
use directory::organisations;
use kernel::ImportId;
use lifecycle::imports;
use lifecycle::sheets::{self, Language};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::caller::Console;
use crate::download::attachment;
use crate::error::ApiError;
use crate::exports::FileFormat;
use crate::extract::{Path, Query};
use crate::organisation::read_language;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct FileQuery {
    /// `xlsx` when absent.
    pub format: Option<FileFormat>,
    /// The language of headings and notes, `zh-CN` or `en`; the organisation's when absent.
    pub language: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct FormatQuery {
    /// `xlsx` when absent.
    pub format: Option<FileFormat>,
}

/// Downloads the rows that were not applied, with what is wrong, to mend and upload again
#[utoipa::path(get, path = "/api/v1/admin/imports/{id}/wrong-rows", operation_id = "getWrongRows", tag = "imports", params(("id" = String, Path), FormatQuery), responses((status = 200, content_type = "application/octet-stream", body = inline(crate::openapi::File))))]
pub async fn get_wrong_rows(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ImportId>,
    Query(query): Query<FormatQuery>,
) -> Result<Response, ApiError> {
    let file = imports::wrong_rows(&app.store, &caller.ctx, id, query.format.unwrap_or_default().into()).await?;
    Ok(attachment(&file.name, file.content_type, file.bytes))
}

/// Downloads the generated initial passwords, once
///
/// They are gone after this answer, and 24 hours after the import at the latest.
#[utoipa::path(post, path = "/api/v1/admin/imports/{id}/initial-passwords", operation_id = "fetchInitialPasswords", tag = "imports", params(("id" = String, Path)), responses((status = 200, content_type = "application/octet-stream", body = inline(crate::openapi::File))))]
pub async fn fetch_initial_passwords(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ImportId>,
) -> Result<Response, ApiError> {
    let file = imports::take_initial_passwords(&app.store, &caller.ctx, id).await?;
    Ok(attachment(&file.name, file.content_type, file.bytes))
}

/// Downloads the template with headings, an example row and notes
#[utoipa::path(get, path = "/api/v1/admin/import-template", operation_id = "getImportTemplate", tag = "imports", params(FileQuery), responses((status = 200, content_type = "application/octet-stream", body = inline(crate::openapi::File))))]
pub async fn get_import_template(
    State(app): State<AppState>,
    Console(caller): Console,
    Query(query): Query<FileQuery>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    let asked = query.language.as_deref().map(read_language).transpose()?;
    let organisation = app.store.read(move |tx| {
        authorize(&ctx, tx, Permission::ImportMembers, Target::Organisation)?;
        Ok::<_, ApiError>(organisations::get(tx, ctx.org)?)
    });
    let language = Language::of_tag(asked.unwrap_or(organisation.await?.language).as_str());
    let (format, now) = (query.format.unwrap_or_default().into(), app.source.now());
    // A workbook is compressed, which takes long enough to be in the way of others.
    let written = tokio::task::spawn_blocking(move || sheets::template(format, language, now)).await;
    let file = written.map_err(|error| ApiError::internal(error.to_string()))??;
    Ok(attachment(&file.name, file.content_type, file.bytes))
}
