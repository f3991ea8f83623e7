//! The same action on many members: previewed, then done as a job.

use axum::extract::State;
use directory::organisations;
use http::StatusCode;
use kernel::{Date, DepartmentId, MemberId, ServiceClassId};
use lifecycle::members::Selection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{MemberQuery, filter_of};
use super::{AccountKind, MemberState};
use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::Json;
use crate::jobs::{self, Job};

/// What to do with which members. Either `member_ids` or `filter`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberBatch {
    pub action: BatchAction,
    /// Up to 5,000 members.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 5000)]
    pub member_ids: Option<Vec<MemberId>>,
    /// All members that match.
    #[serde(default)]
    pub filter: Option<BatchFilter>,
    /// Where to, for `move`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub department_id: Option<DepartmentId>,
    /// Which one, for `set_service_class`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub service_class_id: Option<ServiceClassId>,
    /// True to only count what would be done.
    #[serde(default)]
    pub preview: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchAction {
    Suspend,
    Resume,
    /// Makes the department the main one in place of the one before.
    Move,
    SetServiceClass,
    Recycle,
}

/// As the filters of the list of members.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BatchFilter {
    #[schema(value_type = Option<String>)]
    pub department_id: Option<DepartmentId>,
    pub include_subdepartments: Option<bool>,
    #[schema(max_length = 128)]
    pub search: Option<String>,
    pub state: Option<MemberState>,
    #[schema(value_type = Option<String>)]
    pub service_class_id: Option<ServiceClassId>,
    pub account_kind: Option<AccountKind>,
    pub incomplete: Option<bool>,
    pub has_mobile: Option<bool>,
    #[schema(value_type = Option<String>, format = Date)]
    pub created_from: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    pub created_to: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    pub expires_before: Option<Date>,
}

/// What would be done, or the job that does it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberBatchAnswer {
    /// How many members were named or match.
    pub matched: u64,
    /// The job; null for a preview.
    #[schema(required)]
    pub job: Option<Job>,
}

/// Does one action on many members
#[utoipa::path(post, path = "/api/v1/admin/members/batch", operation_id = "changeMembers", tag = "members", request_body = MemberBatch, responses((status = 200, description = "The preview", body = MemberBatchAnswer), (status = 202, description = "The job that was started", body = MemberBatchAnswer)))]
pub async fn change_members(
    State(app): State<AppState>,
    Console(caller): Console,
    Json(body): Json<MemberBatch>,
) -> Result<(StatusCode, Json<MemberBatchAnswer>), ApiError> {
    let ctx = caller.ctx;
    let action = action_of(&body)?;
    let selected = (body.member_ids, body.filter, body.preview);
    let answer = app.store.write(move |tx| {
        let selection = match selected.clone() {
            (Some(ids), None, _) => Selection::Named(ids),
            (None, Some(filter), _) => {
                let zone = organisations::get(tx, ctx.org)?.zone();
                Selection::Matching(filter_of(&filter.into(), &zone))
            }
            _ => return Err(ApiError::field("member_ids", "field_missing")),
        };
        let matched = lifecycle::members::count_selected(&ctx, tx, &selection)?;
        if selected.2 {
            return Ok(MemberBatchAnswer { matched, job: None });
        }
        let id = lifecycle::members::start_batch(&ctx, tx, &action, &selection)?;
        Ok(MemberBatchAnswer { matched, job: Some(jobs::find(tx, ctx.org, id)?.into()) })
    });
    let answer = answer.await?;
    let status = if answer.job.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(answer)))
}

fn action_of(body: &MemberBatch) -> Result<lifecycle::members::BatchAction, ApiError> {
    use lifecycle::members::BatchAction as Action;
    let missing = |field: &'static str| ApiError::field(field, "field_missing");
    Ok(match body.action {
        BatchAction::Suspend => Action::Suspend,
        BatchAction::Resume => Action::Resume,
        BatchAction::Recycle => Action::Recycle,
        BatchAction::Move => Action::Move { department_id: body.department_id.ok_or_else(|| missing("department_id"))? },
        BatchAction::SetServiceClass => {
            Action::SetServiceClass { service_class_id: body.service_class_id.ok_or_else(|| missing("service_class_id"))? }
        }
    })
}

impl From<BatchFilter> for MemberQuery {
    fn from(filter: BatchFilter) -> Self {
        Self {
            department_id: filter.department_id,
            include_subdepartments: filter.include_subdepartments,
            search: filter.search,
            state: filter.state,
            service_class_id: filter.service_class_id,
            account_kind: filter.account_kind,
            incomplete: filter.incomplete,
            has_mobile: filter.has_mobile,
            created_from: filter.created_from,
            created_to: filter.created_to,
            expires_before: filter.expires_before,
            ..Self::default()
        }
    }
}
