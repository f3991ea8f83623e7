//! Service classes: which quotas a member has.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::service_classes;
use http::StatusCode;
use kernel::{Ctx, ServiceClassId};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path, given};
use crate::list::List;

/// A service class. Raising its quota raises every member's.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceClass {
    #[schema(value_type = String)]
    pub id: ServiceClassId,
    pub name: String,
    /// Whether new members get it when nothing else is said.
    pub is_default: bool,
    /// Null is unlimited.
    #[schema(required)]
    pub mail_quota_bytes: Option<i64>,
    /// Null is unlimited.
    #[schema(required)]
    pub drive_quota_bytes: Option<i64>,
    pub member_count: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddServiceClass {
    #[schema(max_length = 64)]
    pub name: String,
    /// Null or absent is unlimited.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub mail_quota_bytes: Option<i64>,
    /// Null or absent is unlimited.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub drive_quota_bytes: Option<i64>,
}

/// Changes to a service class; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceClassPatch {
    #[schema(max_length = 64)]
    pub name: Option<String>,
    /// Null makes it unlimited.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub mail_quota_bytes: Option<Option<i64>>,
    /// Null makes it unlimited.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub drive_quota_bytes: Option<Option<i64>>,
    /// True makes it the one new members get.
    pub is_default: Option<bool>,
}

/// Lists the service classes
#[utoipa::path(get, path = "/api/v1/admin/service-classes", operation_id = "listServiceClasses", tag = "service classes", responses((status = 200, body = List<ServiceClass>)))]
pub async fn list_service_classes(State(app): State<AppState>, Console(caller): Console) -> Result<Json<List<ServiceClass>>, ApiError> {
    let ctx = caller.ctx;
    let classes = app.store.read(move |tx| Ok::<_, ApiError>(service_classes::list(&ctx, tx)?)).await?;
    Ok(Json(List::whole(classes.into_iter().map(ServiceClass::from).collect())))
}

/// Adds a service class
#[utoipa::path(post, path = "/api/v1/admin/service-classes", operation_id = "addServiceClass", tag = "service classes", request_body = AddServiceClass, responses((status = 201, body = ServiceClass)))]
pub async fn add_service_class(
    State(app): State<AppState>,
    Console(caller): Console,
    Json(body): Json<AddServiceClass>,
) -> Result<(StatusCode, Json<ServiceClass>), ApiError> {
    let ctx = caller.ctx;
    let new = service_classes::NewServiceClass {
        name: body.name,
        mail_quota_bytes: body.mail_quota_bytes,
        drive_quota_bytes: body.drive_quota_bytes,
    };
    let added = app.store.write(move |tx| {
        let id = service_classes::add(&ctx, tx, &new)?;
        row(&ctx, tx, id)
    });
    Ok((StatusCode::CREATED, Json(added.await?)))
}

/// Changes a service class and so the quotas of all its members
#[utoipa::path(patch, path = "/api/v1/admin/service-classes/{id}", operation_id = "updateServiceClass", tag = "service classes", params(("id" = String, Path)), request_body = ServiceClassPatch, responses((status = 200, body = ServiceClass)))]
pub async fn update_service_class(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ServiceClassId>,
    Json(body): Json<ServiceClassPatch>,
) -> Result<Json<ServiceClass>, ApiError> {
    let ctx = caller.ctx;
    let patch = service_classes::ServiceClassPatch {
        name: body.name,
        mail_quota_bytes: body.mail_quota_bytes,
        drive_quota_bytes: body.drive_quota_bytes,
        make_default: body.is_default.unwrap_or(false),
    };
    let updated = app.store.write(move |tx| {
        service_classes::update(&ctx, tx, id, &patch)?;
        row(&ctx, tx, id)
    });
    Ok(Json(updated.await?))
}

/// Removes a service class that no member has
#[utoipa::path(delete, path = "/api/v1/admin/service-classes/{id}", operation_id = "removeServiceClass", tag = "service classes", params(("id" = String, Path)), responses((status = 204)))]
pub async fn remove_service_class(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<ServiceClassId>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(service_classes::remove(&ctx, tx, id)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl From<service_classes::ServiceClassRow> for ServiceClass {
    fn from(row: service_classes::ServiceClassRow) -> Self {
        Self {
            id: row.class.id,
            name: row.class.name,
            is_default: row.class.is_default,
            mail_quota_bytes: row.class.mail_quota_bytes,
            drive_quota_bytes: row.class.drive_quota_bytes,
            member_count: row.member_count,
        }
    }
}

fn row(ctx: &Ctx, tx: &mut Tx, id: ServiceClassId) -> Result<ServiceClass, ApiError> {
    let classes = service_classes::list(ctx, tx)?;
    classes.into_iter().find(|row| row.class.id == id).map(ServiceClass::from).ok_or_else(ApiError::not_found)
}
