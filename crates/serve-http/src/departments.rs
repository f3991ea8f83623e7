//! The tree of departments.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::departments;
use http::StatusCode;
use kernel::{Ctx, DepartmentId, MemberId};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path, bounded_items, given};
use crate::list::List;

/// A department. The root has no parent and carries the organisation's name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Department {
    #[schema(value_type = String)]
    pub id: DepartmentId,
    #[schema(value_type = Option<String>, required)]
    pub parent_id: Option<DepartmentId>,
    pub name: String,
    /// A short name for files and paths, unique among siblings, 64 characters at most.
    pub identifier: String,
    /// Siblings stand in this order.
    pub sort_order: i64,
    /// How many members the department and those below it may have; null is without limit.
    #[schema(required)]
    pub member_limit: Option<i64>,
    /// Members in this very department.
    pub member_count: i64,
    /// Members here and below, each counted once.
    pub subtree_count: i64,
    /// Members here and below who have not activated their account.
    pub not_activated_count: i64,
    /// In order, the first being the head.
    pub leaders: Vec<Leader>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Leader {
    #[schema(value_type = String)]
    pub id: MemberId,
    pub name: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDepartment {
    #[schema(value_type = String)]
    pub parent_id: DepartmentId,
    /// Unique among its siblings, without `/`.
    #[schema(max_length = 64)]
    pub name: String,
    /// Made from the pinyin initials of the name when not given.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub identifier: Option<String>,
    #[serde(default)]
    #[schema(minimum = 0)]
    pub member_limit: Option<i64>,
}

/// Changes to a department; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DepartmentPatch {
    #[schema(max_length = 64)]
    pub name: Option<String>,
    #[schema(max_length = 64)]
    pub identifier: Option<String>,
    /// Null lifts the limit.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub member_limit: Option<Option<i64>>,
}

/// Where a department goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveDepartment {
    #[schema(value_type = String)]
    pub parent_id: DepartmentId,
    /// The sibling it stands before; without it, the end.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub before_id: Option<DepartmentId>,
}

/// The leaders, in order; replaces those before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDepartmentLeaders {
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub member_ids: Vec<MemberId>,
}

/// Lists all departments with their counts, parents before children
#[utoipa::path(get, path = "/api/v1/admin/departments", operation_id = "listDepartments", tag = "departments", responses((status = 200, body = List<Department>)))]
pub async fn list_departments(State(app): State<AppState>, Console(caller): Console) -> Result<Json<List<Department>>, ApiError> {
    let ctx = caller.ctx;
    let nodes = app.store.read(move |tx| Ok::<_, ApiError>(departments::tree(&ctx, tx)?)).await?;
    Ok(Json(List::whole(nodes.into_iter().map(Department::from).collect())))
}

/// Creates a department
#[utoipa::path(post, path = "/api/v1/admin/departments", operation_id = "createDepartment", tag = "departments", request_body = CreateDepartment, responses((status = 201, body = Department)))]
pub async fn create_department(
    State(app): State<AppState>,
    Console(caller): Console,
    Json(body): Json<CreateDepartment>,
) -> Result<(StatusCode, Json<Department>), ApiError> {
    let ctx = caller.ctx;
    let new = departments::NewDepartment {
        parent_id: body.parent_id,
        name: body.name,
        identifier: body.identifier,
        member_limit: body.member_limit,
    };
    let created = app.store.write(move |tx| {
        let id = departments::add(&ctx, tx, &new)?;
        node(&ctx, tx, id)
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

/// Changes a department's name, identifier or member limit
#[utoipa::path(patch, path = "/api/v1/admin/departments/{id}", operation_id = "updateDepartment", tag = "departments", params(("id" = String, Path)), request_body = DepartmentPatch, responses((status = 200, body = Department)))]
pub async fn update_department(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<DepartmentId>,
    Json(body): Json<DepartmentPatch>,
) -> Result<Json<Department>, ApiError> {
    let ctx = caller.ctx;
    let updated = app.store.write(move |tx| {
        if let Some(name) = &body.name {
            departments::rename(&ctx, tx, id, name)?;
        }
        if let Some(identifier) = &body.identifier {
            departments::set_identifier(&ctx, tx, id, identifier)?;
        }
        if let Some(limit) = body.member_limit {
            departments::set_limit(&ctx, tx, id, limit)?;
        }
        node(&ctx, tx, id)
    });
    Ok(Json(updated.await?))
}

/// Removes a department that has neither members nor departments below it
#[utoipa::path(delete, path = "/api/v1/admin/departments/{id}", operation_id = "removeDepartment", tag = "departments", params(("id" = String, Path)), responses((status = 204)))]
pub async fn remove_department(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<DepartmentId>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(departments::remove(&ctx, tx, id)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Moves a department below another one, or among its siblings
#[utoipa::path(post, path = "/api/v1/admin/departments/{id}/move", operation_id = "moveDepartment", tag = "departments", params(("id" = String, Path)), request_body = MoveDepartment, responses((status = 200, body = Department)))]
pub async fn move_department(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<DepartmentId>,
    Json(body): Json<MoveDepartment>,
) -> Result<Json<Department>, ApiError> {
    let ctx = caller.ctx;
    let moved = app.store.write(move |tx| {
        departments::move_to(&ctx, tx, id, body.parent_id, body.before_id)?;
        node(&ctx, tx, id)
    });
    Ok(Json(moved.await?))
}

/// Sets who leads a department
#[utoipa::path(put, path = "/api/v1/admin/departments/{id}/leaders", operation_id = "setDepartmentLeaders", tag = "departments", params(("id" = String, Path)), request_body = SetDepartmentLeaders, responses((status = 200, body = Department)))]
pub async fn set_department_leaders(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<DepartmentId>,
    Json(body): Json<SetDepartmentLeaders>,
) -> Result<Json<Department>, ApiError> {
    let ctx = caller.ctx;
    bounded_items("member_ids", &body.member_ids, departments::MAX_LEADERS)?;
    let led = app.store.write(move |tx| {
        departments::set_leaders(&ctx, tx, id, &body.member_ids)?;
        node(&ctx, tx, id)
    });
    Ok(Json(led.await?))
}

impl From<departments::DepartmentNode> for Department {
    fn from(node: departments::DepartmentNode) -> Self {
        Self {
            id: node.id,
            parent_id: node.parent_id,
            name: node.name,
            identifier: node.identifier,
            sort_order: node.sort_order,
            member_limit: node.member_limit,
            member_count: node.member_count,
            subtree_count: node.subtree_count,
            not_activated_count: node.not_activated_count,
            leaders: node.leaders.into_iter().map(|leader| Leader { id: leader.id, name: leader.name }).collect(),
        }
    }
}

/// One department as the tree has it. Counts are of the whole tree, so it is computed and one node taken.
fn node(ctx: &Ctx, tx: &mut Tx, id: DepartmentId) -> Result<Department, ApiError> {
    let nodes = departments::tree(ctx, tx)?;
    nodes.into_iter().find(|node| node.id == id).map(Department::from).ok_or_else(ApiError::not_found)
}
