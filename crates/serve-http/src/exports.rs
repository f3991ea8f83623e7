//! Members as a file.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use kernel::{DepartmentId, JobId};
use lifecycle::{exports, sheets};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Console;
use crate::download::attachment;
use crate::error::ApiError;
use crate::extract::{Json, Path, bounded_items};
use crate::jobs::{self, AcceptedJob};
use crate::organisation::read_language;
use crate::words::same_words;

/// Which columns of which members, in what form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartExport {
    /// Column keys in the order of the file, such as `name`, `mobile`, `address`, `state`; absent or empty for all.
    #[serde(default)]
    #[schema(max_items = 64)]
    pub fields: Vec<String>,
    /// Members of these departments and those below them; absent or empty for the whole organisation.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 500)]
    pub department_ids: Vec<DepartmentId>,
    #[serde(default)]
    pub format: FileFormat,
    /// The language of the headings, `zh-CN` or `en`; the organisation's when absent.
    #[serde(default)]
    pub language: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    #[default]
    Xlsx,
    /// UTF-8 with BOM, comma.
    Csv,
}

/// Starts an export, whose file is there when its job is done
#[utoipa::path(post, path = "/api/v1/admin/exports", operation_id = "startExport", tag = "exports", request_body = StartExport, responses((status = 202, body = AcceptedJob)))]
pub async fn start_export(
    State(app): State<AppState>,
    Console(caller): Console,
    Json(body): Json<StartExport>,
) -> Result<(StatusCode, Json<AcceptedJob>), ApiError> {
    let ctx = caller.ctx;
    bounded_items("fields", &body.fields, 64)?;
    bounded_items("department_ids", &body.department_ids, 500)?;
    let language = body.language.as_deref().map(read_language).transpose()?;
    let new = exports::NewExport {
        fields: body.fields,
        department_ids: body.department_ids,
        format: body.format.into(),
        language: language.map(|language| language.as_str().to_owned()),
    };
    let job = app.store.write(move |tx| {
        let id = exports::start(&ctx, tx, &new)?;
        jobs::find(tx, ctx.org, id)
    });
    Ok((StatusCode::ACCEPTED, Json(AcceptedJob { job: job.await?.into() })))
}

/// Downloads the file of an export that is done
#[utoipa::path(get, path = "/api/v1/admin/exports/{job_id}/file", operation_id = "getExportFile", tag = "exports", params(("job_id" = String, Path)), responses((status = 200, content_type = "application/octet-stream", body = inline(crate::openapi::File))))]
pub async fn get_export_file(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(job_id): Path<JobId>,
) -> Result<Response, ApiError> {
    let file = exports::open_file(&app.store, &caller.ctx, job_id).await?;
    Ok(attachment(&file.name, file.content_type, file.bytes))
}

same_words!(FileFormat, sheets::Format { Xlsx, Csv });
