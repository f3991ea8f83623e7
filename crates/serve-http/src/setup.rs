//! The set-up page: the first organisation, its domain and its first administrator, through a one-time link.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use identity::setup_link;
use identity::sign_in::SignedIn;
use lifecycle::setup::{self, SetUp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::error::ApiError;
use crate::extract::{Json, Query, SameSite};
use crate::observe::RequestInfo;
use crate::organisation::read_language;
use crate::password_check::read_password;
use crate::session::{Session, answer};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SetupQuery {
    /// The token of the one-time link that the server printed.
    #[param(max_length = 128)]
    pub token: String,
}

/// Whether the one-time link still opens the set-up page.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupPage {
    pub valid: bool,
}

/// The first organisation, its mail domain, and its first administrator, who gets a mailbox in that domain.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpOrganisation {
    /// The token of the one-time link.
    #[schema(max_length = 128)]
    pub token: String,
    /// Short name people type when they sign in with an account name: letters, digits and `-`.
    #[schema(max_length = 32, example = "kangning")]
    pub organisation_code: String,
    #[schema(max_length = 128)]
    pub organisation_name: String,
    /// The organisation's mail domain; the console tells which DNS records it wants.
    #[schema(max_length = 253, example = "example.test")]
    pub domain: String,
    #[schema(max_length = 128)]
    pub administrator_name: String,
    /// The part before the `@` of the administrator's address.
    #[schema(max_length = 64)]
    pub mail_prefix: String,
    #[schema(max_length = 256, format = Password)]
    pub password: String,
    /// `zh-CN` or `en`.
    #[schema(example = "zh-CN")]
    pub language: String,
    /// An IANA time zone; `Asia/Shanghai` when not given.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// Tells whether a set-up link is still good
#[utoipa::path(get, path = "/api/v1/setup", operation_id = "getSetup", tag = "entry", params(SetupQuery), responses((status = 200, body = SetupPage)))]
pub async fn get_setup(State(app): State<AppState>, Query(query): Query<SetupQuery>) -> Result<Json<SetupPage>, ApiError> {
    let keys = app.store.clone();
    let valid = app.store.read(move |tx| Ok::<_, ApiError>(setup_link::is_valid(tx, keys.keys(), &query.token)?)).await?;
    Ok(Json(SetupPage { valid }))
}

/// Creates the first organisation and signs its administrator in to the console
///
/// The answer sets the console's cookie. The link is used up.
#[utoipa::path(post, path = "/api/v1/setup", operation_id = "setUpOrganisation", tag = "entry", request_body = SetUpOrganisation, responses((status = 201, body = Session)))]
pub async fn set_up_organisation(
    State(app): State<AppState>,
    request: RequestInfo,
    headers: HeaderMap,
    _: SameSite,
    Json(body): Json<SetUpOrganisation>,
) -> Result<Response, ApiError> {
    let password = read_password("password", &body.password)?;
    let new = SetUp {
        organisation_code: body.organisation_code,
        organisation_name: body.organisation_name,
        domain: body.domain,
        administrator_name: body.administrator_name,
        mail_prefix: body.mail_prefix,
        account_name: None,
        language: read_language(&body.language)?,
        time_zone: body.time_zone,
        assume_verified: false,
    };
    let user_agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let ctx = app.ctx_of_nobody(&request);
    let owner = setup::set_up_by_link(&app.store, &app.hasher, &ctx, &body.token, new, &password, user_agent).await?;
    let signed_in = SignedIn {
        token: owner.opened.token,
        csrf_token: owner.opened.csrf_token,
        session: owner.opened.session,
        device_cookie: owner.device_cookie,
    };
    answer(&app, &request, StatusCode::CREATED, signed_in).await
}
