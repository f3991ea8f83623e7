//! A member's own account: profile, password, sessions.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::members::{self, MemberPatch};
use http::StatusCode;
use identity::{sessions, sign_in};
use kernel::{Ctx, Date, MemberId, Realm, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::Account as AccountCaller;
use crate::error::ApiError;
use crate::extract::{Json, Path, given};
use crate::list::List;
use crate::members::{Gender, MailStorage, MemberDepartment, show};
use crate::password_check::read_password;

/// A member's own account, as the member sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    #[schema(value_type = String)]
    pub id: MemberId,
    pub name: String,
    pub account_name: String,
    #[schema(required)]
    pub address: Option<String>,
    pub aliases: Vec<String>,
    #[schema(required)]
    pub nickname: Option<String>,
    #[schema(required)]
    pub gender: Option<Gender>,
    #[schema(value_type = Option<String>, format = Date, required)]
    pub birthday: Option<Date>,
    #[schema(required)]
    pub mobile: Option<String>,
    #[schema(required)]
    pub home_phone: Option<String>,
    #[schema(required)]
    pub office_phone: Option<String>,
    #[schema(required)]
    pub alternate_address: Option<String>,
    #[schema(required)]
    pub employee_number: Option<String>,
    pub departments: Vec<MemberDepartment>,
    #[schema(required)]
    pub mail: Option<MailStorage>,
    #[schema(value_type = Option<String>, format = Date, required)]
    pub expires_on: Option<Date>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub last_sign_in_at: Option<Timestamp>,
}

/// What a member may change alone. A field that is absent stays; null empties it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccountPatch {
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 128)]
    pub nickname: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    pub birthday: Option<Option<Date>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 64)]
    pub home_phone: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 64)]
    pub office_phone: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 320)]
    pub alternate_address: Option<Option<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[schema(max_length = 256, format = Password)]
    pub current_password: String,
    #[schema(max_length = 256, format = Password)]
    pub new_password: String,
}

/// One of the places where the member is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionRow {
    #[schema(value_type = String)]
    pub id: SessionId,
    /// `account` or `console`.
    #[schema(value_type = String)]
    pub realm: Realm,
    /// Whether it is the session that asks.
    pub current: bool,
    #[schema(required)]
    pub ip: Option<String>,
    #[schema(required)]
    pub user_agent: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Shows the own account
#[utoipa::path(get, path = "/api/v1/account", operation_id = "getAccount", tag = "account", responses((status = 200, body = Account)))]
pub async fn get_account(State(app): State<AppState>, AccountCaller(caller): AccountCaller) -> Result<Json<Account>, ApiError> {
    let ctx = caller.ctx.clone();
    let own = caller.session.member_id;
    Ok(Json(app.store.read(move |tx| describe(&ctx, tx, own)).await?))
}

/// Changes the own profile
#[utoipa::path(patch, path = "/api/v1/account", operation_id = "updateAccount", tag = "account", request_body = AccountPatch, responses((status = 200, body = Account)))]
pub async fn update_account(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Json(body): Json<AccountPatch>,
) -> Result<Json<Account>, ApiError> {
    let ctx = caller.ctx.clone();
    let own = caller.session.member_id;
    let patch = MemberPatch {
        nickname: body.nickname,
        birthday: body.birthday,
        home_phone: body.home_phone,
        office_phone: body.office_phone,
        alternate_address: body.alternate_address,
        ..MemberPatch::default()
    };
    let account = app.store.write(move |tx| {
        members::update_own(&ctx, tx, own, &patch)?;
        describe(&ctx, tx, own)
    });
    Ok(Json(account.await?))
}

/// Changes the own password
///
/// Other sessions end; this one goes on.
#[utoipa::path(put, path = "/api/v1/account/password", operation_id = "changePassword", tag = "account", request_body = ChangePassword, responses((status = 204)))]
pub async fn change_password(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Json(body): Json<ChangePassword>,
) -> Result<Response, ApiError> {
    let current = read_password("current_password", &body.current_password)?;
    let new = read_password("new_password", &body.new_password)?;
    sign_in::change_password(&app.store, &app.hasher, &caller.ctx, current, new).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Lists where the member is signed in
#[utoipa::path(get, path = "/api/v1/account/sessions", operation_id = "listSessions", tag = "account", responses((status = 200, body = List<SessionRow>)))]
pub async fn list_sessions(State(app): State<AppState>, AccountCaller(caller): AccountCaller) -> Result<Json<List<SessionRow>>, ApiError> {
    let ctx = caller.ctx.clone();
    let found = app.store.read(move |tx| Ok::<_, ApiError>(sessions::list(&ctx, tx)?)).await?;
    let row = |session: sessions::Session| SessionRow {
        id: session.id,
        realm: session.realm,
        current: session.id == caller.session.id,
        ip: session.ip.map(|ip| ip.to_string()),
        user_agent: session.user_agent,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
    };
    Ok(Json(List::whole(found.into_iter().map(row).collect())))
}

/// Signs one session out
#[utoipa::path(delete, path = "/api/v1/account/sessions/{id}", operation_id = "revokeSession", tag = "account", params(("id" = String, Path)), responses((status = 204)))]
pub async fn revoke_session(
    State(app): State<AppState>,
    AccountCaller(caller): AccountCaller,
    Path(id): Path<SessionId>,
) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(sessions::revoke(&ctx, tx, id)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Signs all other sessions out
#[utoipa::path(post, path = "/api/v1/account/sessions/revoke-others", operation_id = "revokeOtherSessions", tag = "account", responses((status = 204)))]
pub async fn revoke_other_sessions(State(app): State<AppState>, AccountCaller(caller): AccountCaller) -> Result<Response, ApiError> {
    let ctx = caller.ctx;
    app.store.write(move |tx| Ok::<_, ApiError>(sessions::revoke_others(&ctx, tx)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The member's own view is a part of what an administrator sees.
fn describe(ctx: &Ctx, tx: &mut Tx, own: MemberId) -> Result<Account, ApiError> {
    let member = show::describe(ctx, tx, own)?;
    Ok(Account {
        id: member.id,
        name: member.name,
        account_name: member.account_name,
        address: member.address,
        aliases: member.aliases,
        nickname: member.nickname,
        gender: member.gender,
        birthday: member.birthday,
        mobile: member.mobile,
        home_phone: member.home_phone,
        office_phone: member.office_phone,
        alternate_address: member.alternate_address,
        employee_number: member.employee_number,
        departments: member.departments,
        mail: member.mail,
        expires_on: member.expires_on,
        last_sign_in_at: member.last_sign_in_at,
    })
}
