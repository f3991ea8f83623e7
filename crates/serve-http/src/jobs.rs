//! Long work with progress.

use std::collections::BTreeMap;

use axum::extract::State;
use directory::access::{Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use http::StatusCode;
use kernel::{ImportId, JobId, MemberId, OrgId, Timestamp};
use lifecycle::exports::EXPORT_JOB;
use lifecycle::imports;
use serde::Serialize;
use store::{Tx, jobs};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query};
use crate::list::{List, PageQuery};
use crate::words::same_words;

kernel::codes! { Conflict "job_has_ended", NotFound "job_not_found" }

/// A piece of long work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    #[schema(value_type = String)]
    pub id: JobId,
    /// `import.plan`, `import.apply`, `import.undo`, `export.members`, …
    #[schema(example = "import.apply")]
    pub kind: String,
    pub state: JobState,
    pub progress_done: i64,
    /// Null until it is known.
    #[schema(required)]
    pub progress_total: Option<i64>,
    pub cancel_requested: bool,
    /// The import the job works on, for import jobs.
    #[schema(required)]
    pub import_id: Option<String>,
    /// What came out, when done; its fields depend on the kind.
    #[schema(required, value_type = Option<Object>)]
    pub result: Option<serde_json::Value>,
    /// Why it failed; the language files have a text for it.
    #[schema(required)]
    pub error_code: Option<String>,
    pub error_params: BTreeMap<String, String>,
    #[schema(value_type = Option<String>, required)]
    pub created_by: Option<MemberId>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub finished_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// Work that was taken on.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcceptedJob {
    pub job: Job,
}

/// Lists the organisation's jobs, latest first
#[utoipa::path(get, path = "/api/v1/admin/jobs", operation_id = "listJobs", tag = "jobs", params(PageQuery), responses((status = 200, body = List<Job>)))]
pub async fn list_jobs(
    State(app): State<AppState>,
    Console(caller): Console,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Job>>, ApiError> {
    let ctx = caller.ctx;
    let request = page.request()?;
    let found = app.store.read(move |tx| {
        authorize(&ctx, tx, Permission::ViewJobs, Target::Organisation)?;
        Ok::<_, ApiError>(jobs::list(tx, ctx.org, &request)?)
    });
    Ok(Json(List::page(found.await?, Job::from)))
}

/// Shows a job and how far it has come
#[utoipa::path(get, path = "/api/v1/admin/jobs/{id}", operation_id = "getJob", tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = Job)))]
pub async fn get_job(State(app): State<AppState>, Console(caller): Console, Path(id): Path<JobId>) -> Result<Json<Job>, ApiError> {
    let ctx = caller.ctx;
    let job = app.store.read(move |tx| {
        authorize(&ctx, tx, Permission::ViewJobs, Target::Organisation)?;
        find(tx, ctx.org, id)
    });
    Ok(Json(job.await?.into()))
}

/// Asks a job to stop at the next safe point
#[utoipa::path(post, path = "/api/v1/admin/jobs/{id}/cancel", operation_id = "cancelJob", tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = Job)))]
pub async fn cancel_job(State(app): State<AppState>, Console(caller): Console, Path(id): Path<JobId>) -> Result<Json<Job>, ApiError> {
    let ctx = caller.ctx;
    let job = app.store.write(move |tx| {
        authorize(&ctx, tx, Permission::ViewJobs, Target::Organisation)?;
        let job = find(tx, ctx.org, id)?;
        match import_of(&job) {
            // The import has to know too.
            Some(import) => {
                imports::cancel_import(&ctx, tx, import)?;
            }
            None => {
                let permission = if job.kind == EXPORT_JOB { Permission::ExportMembers } else { Permission::ManageMembers };
                authorize(&ctx, tx, permission, Target::Organisation)?;
                if !jobs::request_cancel(tx, ctx.org, id, ctx.now)? {
                    return Err(ApiError::new(StatusCode::CONFLICT, "job_has_ended", "the job has ended already"));
                }
                audit::record(&ctx, tx, AuditEvent::new("job.cancelled", AuditTarget::job(id, job.kind)))?;
            }
        }
        find(tx, ctx.org, id)
    });
    Ok(Json(job.await?.into()))
}

same_words!(JobState, jobs::JobState { Queued, Running, Done, Failed, Cancelled });

impl From<jobs::Job> for Job {
    fn from(job: jobs::Job) -> Self {
        Self {
            id: job.id,
            import_id: import_of(&job).map(|id| id.to_string()),
            kind: job.kind,
            state: job.state.into(),
            progress_done: job.progress_done,
            progress_total: job.progress_total,
            cancel_requested: job.cancel_requested,
            result: job.result,
            error_code: job.error_code,
            error_params: job.error_params.and_then(|params| serde_json::from_value(params).ok()).unwrap_or_default(),
            created_by: job.created_by,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

/// The import an import's job works on.
fn import_of(job: &jobs::Job) -> Option<ImportId> {
    job.payload.get("import_id")?.as_str()?.parse().ok()
}

/// A job that people watch; those of the outbox are nobody's to see.
pub(crate) fn find(tx: &mut Tx, org: OrgId, id: JobId) -> Result<jobs::Job, ApiError> {
    let found = jobs::find(tx, org, id)?.filter(|job| job.listed);
    found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "job_not_found", "the job does not exist"))
}
