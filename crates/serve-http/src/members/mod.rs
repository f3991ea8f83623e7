//! Members: list, show, create, change.

pub mod aliases;
pub mod batch;
mod change;
pub mod list;
pub mod show;
pub mod states;
mod wire;

use axum::extract::State;
use directory::access::{Permission, Target, authorize};
use directory::members;
use http::StatusCode;
use kernel::{Date, DepartmentId, DomainId, MemberId, ServiceClassId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use wire::{AccountKind, Gender, MailStorage, Member, MemberDepartment, MemberKind, MemberRow, MemberState, Quota, ServiceClassRef};

use crate::app::AppState;
use crate::caller::Console;
use crate::error::ApiError;
use crate::extract::{Json, Path, bounded_items, given};
use crate::password_check::read_password;

/// In how many departments a request may put a member.
const MAX_DEPARTMENTS: usize = 100;

/// A new member. With a mail prefix, the member gets a mailbox; without, none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateMember {
    #[schema(max_length = 128)]
    pub name: String,
    #[serde(default)]
    pub gender: Option<Gender>,
    /// Any way people write it; numbers without country code are Chinese.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub mobile: Option<String>,
    /// The mail prefix when absent.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub account_name: Option<String>,
    #[serde(default)]
    #[schema(max_length = 64)]
    pub mail_prefix: Option<String>,
    /// The domain of the address; the default domain when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub domain_id: Option<DomainId>,
    /// The first is the main one.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub departments: Vec<DepartmentPost>,
    #[serde(default)]
    #[schema(max_length = 32)]
    pub employee_number: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub join_date: Option<Date>,
    #[serde(default)]
    #[schema(max_length = 128)]
    pub nickname: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthday: Option<Date>,
    #[serde(default)]
    #[schema(max_length = 320)]
    pub alternate_address: Option<String>,
    #[serde(default)]
    #[schema(max_length = 64)]
    pub home_phone: Option<String>,
    #[serde(default)]
    #[schema(max_length = 64)]
    pub office_phone: Option<String>,
    #[serde(default)]
    #[schema(max_length = 128)]
    pub office_location: Option<String>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub remarks: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub supervisor_id: Option<MemberId>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub service_class_id: Option<ServiceClassId>,
    /// On top of the service class.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub extra_mail_quota_bytes: Option<i64>,
    /// The last day on which the account works.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub expires_on: Option<Date>,
    /// Shown to colleagues unless false.
    #[serde(default)]
    pub visible_in_directory: Option<bool>,
    /// Generated and told once when absent.
    #[serde(default)]
    #[schema(max_length = 256, format = Password)]
    pub initial_password: Option<String>,
    #[serde(default)]
    pub kind: MemberKind,
}

/// A post in a department.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentPost {
    #[schema(value_type = String)]
    pub department_id: DepartmentId,
    #[serde(default)]
    #[schema(max_length = 128)]
    pub position: Option<String>,
    #[serde(default)]
    #[schema(max_length = 64)]
    pub rank: Option<String>,
}

/// The new member, and the password to hand over.
#[derive(Serialize, ToSchema)]
pub struct CreatedMember {
    pub member: Member,
    /// The generated initial password, told this once; null when one was given.
    #[schema(required)]
    pub initial_password: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub initial_password_expires_at: Option<Timestamp>,
}

/// Changes to a member. A field that is absent stays; null empties it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MemberPatch {
    #[schema(max_length = 128)]
    pub name: Option<String>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Gender>)]
    pub gender: Option<Option<Gender>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 32)]
    pub mobile: Option<Option<String>>,
    #[schema(max_length = 64)]
    pub account_name: Option<String>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 32)]
    pub employee_number: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    pub join_date: Option<Option<Date>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 128)]
    pub nickname: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthday: Option<Option<Date>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 320)]
    pub alternate_address: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 64)]
    pub home_phone: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 64)]
    pub office_phone: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 128)]
    pub office_location: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub remarks: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub supervisor_id: Option<Option<MemberId>>,
    #[schema(value_type = Option<String>)]
    pub service_class_id: Option<ServiceClassId>,
    #[schema(minimum = 0)]
    pub extra_mail_quota_bytes: Option<i64>,
    #[schema(minimum = 0)]
    pub extra_drive_quota_bytes: Option<i64>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    pub expires_on: Option<Option<Date>>,
    pub visible_in_directory: Option<bool>,
}

/// All departments of a member; replaces those before. The first is the main one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMemberDepartments {
    #[schema(max_items = 100)]
    pub departments: Vec<DepartmentPost>,
}

/// Creates a member
///
/// Without `initial_password` one is generated and told in this answer only.
#[utoipa::path(post, path = "/api/v1/admin/members", operation_id = "createMember", tag = "members", request_body = CreateMember, responses((status = 201, body = CreatedMember)))]
pub async fn create_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Json(body): Json<CreateMember>,
) -> Result<(StatusCode, Json<CreatedMember>), ApiError> {
    let ctx = caller.ctx;
    bounded_items("departments", &body.departments, MAX_DEPARTMENTS)?;
    let initial_password = body.initial_password.as_deref().map(|typed| read_password("initial_password", typed)).transpose()?;
    let told = initial_password.is_none();
    let keys = app.store.clone();
    let created = app.store.write(move |tx| {
        let member = change::new_member(&ctx, tx, &body)?;
        let with_mail_account = member.address.is_some();
        let new = lifecycle::members::CreateMember { member, initial_password: initial_password.clone(), with_mail_account };
        let made = lifecycle::members::create_member(&ctx, tx, keys.keys(), &new)?;
        Ok::<_, ApiError>(CreatedMember {
            member: show::describe(&ctx, tx, made.member_id)?,
            initial_password: told.then(|| made.initial_password.to_string()),
            initial_password_expires_at: Some(made.initial_password_expires_at),
        })
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

/// Shows a member
#[utoipa::path(get, path = "/api/v1/admin/members/{id}", operation_id = "getMember", tag = "members", params(("id" = String, Path)), responses((status = 200, body = Member)))]
pub async fn get_member(State(app): State<AppState>, Console(caller): Console, Path(id): Path<MemberId>) -> Result<Json<Member>, ApiError> {
    let ctx = caller.ctx;
    let member = app.store.read(move |tx| {
        authorize(&ctx, tx, Permission::ViewMembers, Target::Member(id))?;
        show::describe(&ctx, tx, id)
    });
    Ok(Json(member.await?))
}

/// Changes a member
#[utoipa::path(patch, path = "/api/v1/admin/members/{id}", operation_id = "updateMember", tag = "members", params(("id" = String, Path)), request_body = MemberPatch, responses((status = 200, body = Member)))]
pub async fn update_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
    Json(body): Json<MemberPatch>,
) -> Result<Json<Member>, ApiError> {
    let ctx = caller.ctx;
    let patch = change::patch(&body)?;
    let updated = app.store.write(move |tx| {
        members::update(&ctx, tx, id, &patch)?;
        show::describe(&ctx, tx, id)
    });
    Ok(Json(updated.await?))
}

/// Sets a member's departments, and the position in each
#[utoipa::path(put, path = "/api/v1/admin/members/{id}/departments", operation_id = "setMemberDepartments", tag = "members", params(("id" = String, Path)), request_body = SetMemberDepartments, responses((status = 200, body = Member)))]
pub async fn set_member_departments(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
    Json(body): Json<SetMemberDepartments>,
) -> Result<Json<Member>, ApiError> {
    let ctx = caller.ctx;
    bounded_items("departments", &body.departments, MAX_DEPARTMENTS)?;
    let placements = change::placements(&body.departments);
    let placed = app.store.write(move |tx| {
        members::set_departments(&ctx, tx, id, &placements)?;
        show::describe(&ctx, tx, id)
    });
    Ok(Json(placed.await?))
}
