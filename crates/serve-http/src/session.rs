//! Signing in and out of mail and the own account, and the first choice of a password.
//! The console's twin is `console_session`, with its own cookie.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::{access, administrators, members, organisations};
use http::{HeaderMap, StatusCode, header};
use identity::sessions;
use identity::sign_in::{self, Login, SignInRequest, SignedIn};
use kernel::{MemberId, OrgId, Realm};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::caller::{AccountAnyStage, Caller};
use crate::cookies;
use crate::error::ApiError;
use crate::extract::{Json, SameSite, bounded};
use crate::observe::RequestInfo;
use crate::organisation::PasswordPolicy;
use crate::password_check::read_password;
use crate::words::same_words;

/// A mail address, or an organisation code and an account name; and the password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[serde(default)]
    #[schema(max_length = 320)]
    pub address: Option<String>,
    #[serde(default)]
    #[schema(max_length = 32)]
    pub organisation_code: Option<String>,
    #[serde(default)]
    #[schema(max_length = 64)]
    pub account_name: Option<String>,
    #[schema(max_length = 256, format = Password)]
    pub password: String,
    /// Whether the session outlives the browser.
    #[serde(default)]
    pub remember: bool,
}

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Signed in.
    Full,
    /// Signed in with an initial password: nothing is open but the choice of a new one.
    ChoosePassword,
}

/// Who is signed in, and what the pages need to begin.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    pub stage: Stage,
    /// To be sent as `X-CSRF-Token` with every request that changes something.
    pub csrf_token: String,
    pub member: SessionMember,
    pub organisation: SessionOrganisation,
    pub password_policy: PasswordPolicy,
    /// Whether the console is open to this member.
    pub administrator: bool,
    /// What the member may do in the console; empty in a session of mail and account.
    pub permissions: Vec<Permission>,
    /// The member's role as administrator, if any.
    #[schema(required)]
    pub role: Option<AdministratorRole>,
}

/// The member who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionMember {
    #[schema(value_type = String)]
    pub id: MemberId,
    pub name: String,
    pub account_name: String,
    #[schema(required)]
    pub address: Option<String>,
}

/// The organisation the member belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionOrganisation {
    #[schema(value_type = String)]
    pub id: OrgId,
    pub code: String,
    pub name: String,
    /// An IANA time zone; times are shown in it.
    pub time_zone: String,
    pub language: String,
}

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    ViewOverview,
    ManageOrganisation,
    ManageDomains,
    ViewDepartments,
    ManageDepartments,
    ViewMembers,
    ManageMembers,
    ResetPasswords,
    ImportMembers,
    ExportMembers,
    ManageServiceClasses,
    ManageAdministrators,
    ViewAudit,
    ViewJobs,
    ManageQueue,
    UseOwnAccount,
}

/// The administrators there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdministratorRole {
    /// May do everything, also make and unmake administrators.
    Owner,
    /// May do all but make administrators, and act on an owner's account.
    OrgAdmin,
}

/// A first password of one's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoosePassword {
    #[schema(max_length = 256, format = Password)]
    pub new_password: String,
}

/// Signs in to mail and the own account
///
/// The answer sets the cookie. A wrong name and a wrong password are told alike, and many failures are answered with 429 and `Retry-After`.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "signIn", tag = "session", request_body = SignIn, responses((status = 201, body = Session)))]
pub async fn sign_in(
    State(app): State<AppState>,
    request: RequestInfo,
    headers: HeaderMap,
    _: SameSite,
    Json(body): Json<SignIn>,
) -> Result<Response, ApiError> {
    sign_in_to(&app, &request, &headers, Realm::Account, body).await
}

/// Tells who is signed in
#[utoipa::path(get, path = "/api/v1/session", operation_id = "getSession", tag = "session", responses((status = 200, body = Session)))]
pub async fn get_session(State(app): State<AppState>, AccountAnyStage(caller): AccountAnyStage) -> Result<Json<Session>, ApiError> {
    Ok(Json(session_of(&app, &caller).await?))
}

/// Signs out
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "signOut", tag = "session", responses((status = 204)))]
pub async fn sign_out(State(app): State<AppState>, AccountAnyStage(caller): AccountAnyStage) -> Result<Response, ApiError> {
    sign_out_of(&app, caller).await
}

/// Chooses a password in place of the initial one
///
/// The session goes on, with full rights and a new cookie.
#[utoipa::path(post, path = "/api/v1/session/password", operation_id = "chooseFirstPassword", tag = "session", request_body = ChoosePassword, responses((status = 200, body = Session)))]
pub async fn choose_first_password(
    State(app): State<AppState>,
    AccountAnyStage(caller): AccountAnyStage,
    headers: HeaderMap,
    Json(body): Json<ChoosePassword>,
) -> Result<Response, ApiError> {
    choose_first(&app, caller, &headers, body).await
}

same_words!(Stage, sessions::Stage { Full, ChoosePassword });
same_words!(AdministratorRole, administrators::Role { Owner, OrgAdmin });
same_words!(
    Permission,
    access::Permission {
        ViewOverview,
        ManageOrganisation,
        ManageDomains,
        ViewDepartments,
        ManageDepartments,
        ViewMembers,
        ManageMembers,
        ResetPasswords,
        ImportMembers,
        ExportMembers,
        ManageServiceClasses,
        ManageAdministrators,
        ViewAudit,
        ViewJobs,
        ManageQueue,
        UseOwnAccount,
    }
);

/// Signs in to one of the realms.
pub(crate) async fn sign_in_to(
    app: &AppState,
    request: &RequestInfo,
    headers: &HeaderMap,
    realm: Realm,
    body: SignIn,
) -> Result<Response, ApiError> {
    let password = read_password("password", &body.password)?;
    let asked = SignInRequest {
        login: login_of(body.address, body.organisation_code, body.account_name)?,
        password,
        realm,
        remember: body.remember,
        user_agent: headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        device_cookie: cookies::find(headers, cookies::DEVICE).map(str::to_owned),
    };
    let signed_in = sign_in::sign_in(&app.store, &app.hasher, &app.ctx_of_nobody(request), asked).await?;
    answer(app, request, StatusCode::CREATED, signed_in).await
}

fn login_of(address: Option<String>, organisation_code: Option<String>, account_name: Option<String>) -> Result<Login, ApiError> {
    let named = [("address", &address, 320), ("organisation_code", &organisation_code, 64), ("account_name", &account_name, 128)];
    for (field, text, limit) in named {
        bounded(field, text.as_deref().unwrap_or_default(), limit)?;
    }
    match (address, organisation_code, account_name) {
        (Some(address), None, None) => Ok(Login::Address(address)),
        (None, Some(organisation_code), Some(account_name)) => Ok(Login::Account { organisation_code, account_name }),
        (None, Some(_), None) => Err(ApiError::field("account_name", "field_missing")),
        (None, None, Some(_)) => Err(ApiError::field("organisation_code", "field_missing")),
        (None, None, None) => Err(ApiError::field("address", "field_missing")),
        (Some(_), ..) => Err(ApiError::field("account_name", "field_unknown")),
    }
}

/// The session in the body, and its cookies.
pub(crate) async fn answer(app: &AppState, request: &RequestInfo, status: StatusCode, signed_in: SignedIn) -> Result<Response, ApiError> {
    let SignedIn { token, csrf_token, session, device_cookie } = signed_in;
    request.note_caller(session.org_id, session.member_id);
    let max_age = session.remembered.then(|| session.expires_at.secs_since(app.source.now()));
    let (realm, shown) = (session.realm, session.clone());
    let body = app.store.read(move |tx| describe(tx, &shown, csrf_token.clone())).await?;
    let mut response = (status, Json(body)).into_response();
    cookies::set_session(response.headers_mut(), realm, &token, max_age, &request.origin);
    let device_secs = identity::devices::COOKIE_DAYS * 24 * 3600;
    cookies::set_device(response.headers_mut(), &device_cookie, device_secs, &request.origin);
    Ok(response)
}

/// What a caller is told of its own session.
pub(crate) async fn session_of(app: &AppState, caller: &Caller) -> Result<Session, ApiError> {
    let csrf_token = sessions::csrf_token(app.store.keys(), &caller.token);
    let session = caller.session.clone();
    app.store.read(move |tx| describe(tx, &session, csrf_token.clone())).await
}

fn describe(tx: &mut store::Tx, session: &sessions::Session, csrf_token: String) -> Result<Session, ApiError> {
    let organisation = organisations::get(tx, session.org_id)?;
    // The state is not shown, so the moment does not matter.
    let member = members::find(tx, session.org_id, session.member_id, session.created_at)?.ok_or_else(ApiError::not_signed_in)?;
    let role = administrators::role_of(tx, session.org_id, session.member_id)?;
    let mut permissions = Vec::new();
    if session.realm == Realm::Console && session.stage == sessions::Stage::Full {
        permissions = access::permissions_of(tx, session.org_id, session.member_id)?;
    }
    Ok(Session {
        stage: session.stage.into(),
        csrf_token,
        member: SessionMember {
            id: member.id,
            name: member.profile.name,
            account_name: member.profile.account_name,
            address: member.address.map(|address| address.to_string()),
        },
        organisation: SessionOrganisation {
            id: organisation.id,
            code: organisation.code,
            name: organisation.name,
            time_zone: organisation.time_zone,
            language: organisation.language.as_str().to_owned(),
        },
        password_policy: organisation.settings.password_policy.into(),
        administrator: role.is_some(),
        permissions: permissions.into_iter().map(Permission::from).collect(),
        role: role.map(AdministratorRole::from),
    })
}

pub(crate) async fn sign_out_of(app: &AppState, caller: Caller) -> Result<Response, ApiError> {
    let (realm, origin, session) = (caller.session.realm, caller.request.origin, caller.session);
    app.store.write(move |tx| Ok::<_, ApiError>(sessions::sign_out(tx, &session)?)).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookies::clear_session(response.headers_mut(), realm, &origin);
    Ok(response)
}

pub(crate) async fn choose_first(app: &AppState, caller: Caller, headers: &HeaderMap, body: ChoosePassword) -> Result<Response, ApiError> {
    let new = read_password("new_password", &body.new_password)?;
    let device_cookie = cookies::find(headers, cookies::DEVICE).map(str::to_owned);
    let chosen = sign_in::choose_first_password(&app.store, &app.hasher, &caller.ctx, &caller.session, new, device_cookie).await?;
    answer(app, &caller.request, StatusCode::OK, chosen).await
}
