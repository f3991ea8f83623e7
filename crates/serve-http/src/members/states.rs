//! What turns one state of a member into another, and new initial passwords.

use axum::extract::State;
use directory::members;
use kernel::{Ctx, MemberId, Timestamp};
use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;

use super::{Member, show};
use crate::app::AppState;
use crate::caller::{Caller, Console};
use crate::error::ApiError;
use crate::extract::{Json, Path};

/// An initial password, told this once.
#[derive(Serialize, ToSchema)]
pub struct InitialPassword {
    pub initial_password: String,
    /// Until then it opens the page that chooses a new one.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Suspends a member: no sign-in, no sending, mail is still received
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/suspend", operation_id = "suspendMember", tag = "members", params(("id" = String, Path)), responses((status = 200, body = Member)))]
pub async fn suspend_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<Member>, ApiError> {
    changed(&app, caller, id, |ctx, tx, id| Ok(lifecycle::members::suspend(ctx, tx, id)?)).await
}

/// Lets a suspended member go on
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/resume", operation_id = "resumeMember", tag = "members", params(("id" = String, Path)), responses((status = 200, body = Member)))]
pub async fn resume_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<Member>, ApiError> {
    changed(&app, caller, id, |ctx, tx, id| Ok(members::resume(ctx, tx, id)?)).await
}

/// Locks an account that may be in wrong hands
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/lock", operation_id = "lockMember", tag = "members", params(("id" = String, Path)), responses((status = 200, body = Member)))]
pub async fn lock_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<Member>, ApiError> {
    changed(&app, caller, id, |ctx, tx, id| Ok(lifecycle::members::lock(ctx, tx, id)?)).await
}

/// Unlocks an account
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/unlock", operation_id = "unlockMember", tag = "members", params(("id" = String, Path)), responses((status = 200, body = Member)))]
pub async fn unlock_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<Member>, ApiError> {
    changed(&app, caller, id, |ctx, tx, id| Ok(members::unlock(ctx, tx, id)?)).await
}

/// Puts a member into the recycle bin
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/recycle", operation_id = "recycleMember", tag = "members", params(("id" = String, Path)), responses((status = 200, body = Member)))]
pub async fn recycle_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<Member>, ApiError> {
    changed(&app, caller, id, |ctx, tx, id| Ok(lifecycle::members::recycle(ctx, tx, id)?)).await
}

/// Takes a member back out of the recycle bin
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/restore", operation_id = "restoreMember", tag = "members", params(("id" = String, Path)), responses((status = 200, body = Member)))]
pub async fn restore_member(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<Member>, ApiError> {
    changed(&app, caller, id, |ctx, tx, id| Ok(members::restore(ctx, tx, id).map(drop)?)).await
}

/// Makes a new initial password and ends the member's sessions
#[utoipa::path(post, path = "/api/v1/admin/members/{id}/reset-password", operation_id = "resetMemberPassword", tag = "members", params(("id" = String, Path)), responses((status = 200, body = InitialPassword)))]
pub async fn reset_member_password(
    State(app): State<AppState>,
    Console(caller): Console,
    Path(id): Path<MemberId>,
) -> Result<Json<InitialPassword>, ApiError> {
    let ctx = caller.ctx;
    let keys = app.store.clone();
    let reset = app.store.write(move |tx| Ok::<_, ApiError>(lifecycle::members::reset_password(&ctx, tx, keys.keys(), id)?)).await?;
    Ok(Json(InitialPassword { initial_password: reset.initial_password.to_string(), expires_at: reset.expires_at }))
}

/// Does one thing to a member and shows what came of it.
async fn changed(
    app: &AppState,
    caller: Caller,
    id: MemberId,
    change: fn(&Ctx, &mut Tx, MemberId) -> Result<(), ApiError>,
) -> Result<Json<Member>, ApiError> {
    let ctx = caller.ctx;
    let member = app.store.write(move |tx| {
        change(&ctx, tx, id)?;
        show::describe(&ctx, tx, id)
    });
    Ok(Json(member.await?))
}
