//! The audit log and the proof that nobody changed it.

use axum::extract::State;
use directory::access::{Permission, Target, authorize};
use directory::audit::{self, AuditFilter, AuditRow};
use kernel::{AuditEventId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Query, bounded};
use crate::list::{List, page_request};

/// One change, with who made it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    #[schema(value_type = String)]
    pub id: AuditEventId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub actor: AuditParty,
    /// `member.created`, `department.moved`, …
    #[schema(example = "member.created")]
    pub action: String,
    pub target: AuditParty,
    /// The changed fields as they were.
    #[schema(required, value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// The changed fields as they are.
    #[schema(required, value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
    #[schema(required)]
    pub ip: Option<String>,
    pub request_id: String,
    /// Its place in the sealed chain; null for the moment until the sealer has come by.
    #[schema(required)]
    pub seal_number: Option<i64>,
}

/// Who did it, or what it was done to; the name is that of the time.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditParty {
    /// Actors: `nobody`, `member`, `operator`, `system`. Targets: `member`, `department`, …
    pub kind: String,
    #[schema(required)]
    pub id: Option<String>,
    pub name: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct AuditQuery {
    /// An action, or the part before its dot with the dot: `member.`
    pub action: Option<String>,
    /// The member who acted.
    #[param(value_type = Option<String>)]
    pub actor: Option<kernel::MemberId>,
    pub target_kind: Option<String>,
    /// The id of what it was done to; asks for `target_kind` too.
    pub target_id: Option<String>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Up to, but without.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

/// What the check of the chain found.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditReport {
    /// How many events are sealed and in order, up to the first flaw.
    pub sealed: u64,
    /// How many wait for the sealer.
    pub unsealed: u64,
    /// How many signed ends of the chain were checked.
    pub checkpoints: u64,
    /// The first place in the chain that does not fit; null when all is well.
    #[schema(required)]
    pub first_bad: Option<AuditFlaw>,
}

/// What does not fit.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditFlaw {
    pub seal_number: i64,
    /// The event at that place, if there is one.
    #[schema(value_type = Option<String>, required)]
    pub event_id: Option<AuditEventId>,
    /// `seal_broken`, `events_missing`, `checkpoint_broken` or `end_missing`.
    #[schema(example = "seal_broken")]
    pub flaw: String,
}

/// Lists changes, latest first
#[utoipa::path(get, path = "/api/v1/admin/audit", operation_id = "listAuditEvents", tag = "audit", params(AuditQuery), responses((status = 200, body = List<AuditEvent>)))]
pub async fn list_audit_events(
    State(app): State<AppState>,
    Console(caller): Console,
    Query(query): Query<AuditQuery>,
) -> Result<Json<List<AuditEvent>>, ApiError> {
    let ctx = caller.ctx;
    let request = page_request(query.cursor.as_deref(), query.limit)?;
    for (field, text) in [("action", &query.action), ("target_kind", &query.target_kind), ("target_id", &query.target_id)] {
        let text = text.as_deref().unwrap_or_default();
        bounded(field, text, 64)?;
        if text.contains(char::is_control) {
            return Err(ApiError::field(field, "value_invalid"));
        }
    }
    let target_id = query.target_id.as_deref().map(read_target_id).transpose()?;
    let filter =
        AuditFilter { action: query.action, actor: query.actor, target_kind: query.target_kind, target_id, from: query.from, to: query.to };
    let found = app.store.read(move |tx| Ok::<_, ApiError>(audit::list(&ctx, tx, &filter, &request)?)).await?;
    Ok(Json(List::page(found, AuditEvent::from)))
}

/// Checks the seals of the whole audit log
#[utoipa::path(post, path = "/api/v1/admin/audit/verify", operation_id = "verifyAudit", tag = "audit", responses((status = 200, body = AuditReport)))]
pub async fn verify_audit(State(app): State<AppState>, Console(caller): Console) -> Result<Json<AuditReport>, ApiError> {
    let ctx = caller.ctx;
    let keys = app.store.clone();
    let report = app.store.read(move |tx| {
        authorize(&ctx, tx, Permission::ViewAudit, Target::Organisation)?;
        Ok::<_, ApiError>(audit::verify(tx, ctx.org, keys.keys())?)
    });
    let report = report.await?;
    let first_bad = report.first_bad.map(|bad| AuditFlaw {
        seal_number: bad.seal_number,
        event_id: bad.event_id,
        flaw: serde_json::to_value(bad.flaw).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default(),
    });
    Ok(Json(AuditReport { sealed: report.sealed, unsealed: report.unsealed, checkpoints: report.checkpoints, first_bad }))
}

impl From<AuditRow> for AuditEvent {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor: AuditParty { kind: row.actor_kind, id: row.actor_id.map(|id| id.to_string()), name: row.actor_name },
            action: row.action,
            target: AuditParty { kind: row.target_kind, id: row.target_id, name: row.target_name },
            before: row.before,
            after: row.after,
            ip: row.ip,
            request_id: row.request_id,
            seal_number: row.seal_number,
        }
    }
}

/// The number behind an id of any kind; the kind is told by `target_kind`.
fn read_target_id(text: &str) -> Result<i64, ApiError> {
    let digits = text.rsplit('_').next().unwrap_or_default();
    let id = format!("mbr_{digits}").parse::<kernel::MemberId>();
    id.map(kernel::MemberId::raw).map_err(|_| ApiError::field("target_id", "value_invalid"))
}
