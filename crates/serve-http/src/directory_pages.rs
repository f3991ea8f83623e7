//! The organisation's directory as its members see it: departments, colleagues, completion of recipients.

use axum::extract::State;
use directory::colleagues;
use kernel::{DepartmentId, EmailAddress, MemberId, PhoneNumber};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::caller::Account as AccountCaller;
use crate::error::ApiError;
use crate::extract::{Json, Query, bounded};
use crate::list::{List, page_request};

/// A department as colleagues see it. The root has no parent and carries the organisation's name.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectoryDepartment {
    #[schema(value_type = String)]
    pub id: DepartmentId,
    #[schema(value_type = Option<String>, required)]
    pub parent_id: Option<DepartmentId>,
    pub name: String,
}

/// A member as colleagues see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Colleague {
    #[schema(value_type = String)]
    pub id: MemberId,
    pub name: String,
    #[schema(required)]
    pub nickname: Option<String>,
    #[schema(value_type = Option<String>, required)]
    pub address: Option<EmailAddress>,
    #[schema(value_type = Option<String>, required)]
    pub mobile: Option<PhoneNumber>,
    #[schema(required)]
    pub office_phone: Option<String>,
    /// The main one first.
    pub departments: Vec<ColleaguePlace>,
}

/// One department of a colleague.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColleaguePlace {
    #[schema(value_type = String)]
    pub department_id: DepartmentId,
    /// From below the organisation down to the department.
    pub path: Vec<String>,
    #[schema(required)]
    pub position: Option<String>,
}

/// Which colleagues are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ColleagueQuery {
    /// In this department or below it.
    #[param(value_type = Option<String>)]
    pub department_id: Option<DepartmentId>,
    /// Words of a name, its pinyin or initials, an address, a mobile, or the name of a department. Whose name begins so comes first.
    #[param(max_length = 128)]
    pub search: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

/// Lists the departments of the own organisation, parents before children
#[utoipa::path(get, path = "/api/v1/directory/departments", operation_id = "listDirectoryDepartments", tag = "directory", responses((status = 200, body = List<DirectoryDepartment>)))]
pub async fn list_directory_departments(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
) -> Result<Json<List<DirectoryDepartment>>, ApiError> {
    let ctx = caller.ctx;
    let found = app.store.read(move |tx| Ok::<_, ApiError>(colleagues::list_departments(&ctx, tx)?)).await?;
    let wire = |found: colleagues::DirectoryDepartment| DirectoryDepartment { id: found.id, parent_id: found.parent_id, name: found.name };
    Ok(Json(List::whole(found.into_iter().map(wire).collect())))
}

/// Lists colleagues by name
///
/// `total` is told with the first page of a list without search.
#[utoipa::path(get, path = "/api/v1/directory/members", operation_id = "listDirectoryMembers", tag = "directory", params(ColleagueQuery), responses((status = 200, body = List<Colleague>)))]
pub async fn list_directory_members(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Query(query): Query<ColleagueQuery>,
) -> Result<Json<List<Colleague>>, ApiError> {
    let ctx = caller.ctx;
    let request = page_request(query.cursor.as_deref(), query.limit)?;
    bounded("search", query.search.as_deref().unwrap_or_default(), 128)?;
    let filter =
        colleagues::ColleagueFilter { department_id: query.department_id, search: query.search.filter(|text| !text.trim().is_empty()) };
    let found = app.store.read(move |tx| {
        let page = colleagues::list(&ctx, tx, &filter, &request)?;
        // Completion asks with every letter and has no use for a count.
        let counts = request.after.is_none() && filter.search.is_none();
        let total = if counts { Some(colleagues::count(&ctx, tx, &filter)?) } else { None };
        Ok::<_, ApiError>((page, total))
    });
    let (page, total) = found.await?;
    let list = List::page(page, Colleague::from);
    Ok(Json(List { total: total.and_then(|count| u64::try_from(count).ok()), ..list }))
}

impl From<colleagues::Colleague> for Colleague {
    fn from(found: colleagues::Colleague) -> Self {
        let place = |place: colleagues::ColleaguePlace| ColleaguePlace {
            department_id: place.department_id,
            path: place.path,
            position: place.position,
        };
        Self {
            id: found.id,
            name: found.name,
            nickname: found.nickname,
            address: found.address,
            mobile: found.mobile,
            office_phone: found.office_phone,
            departments: found.departments.into_iter().map(place).collect(),
        }
    }
}
