//! Signing in and out of the console. Its cookie is its own: a session of mail and account never opens it.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use kernel::Realm;

use crate::app::AppState;
use crate::caller::ConsoleAnyStage;
use crate::error::ApiError;
use crate::extract::{Json, SameSite};
use crate::observe::RequestInfo;
use crate::session::{ChoosePassword, Session, SignIn, choose_first, session_of, sign_in_to, sign_out_of};

/// Signs in to the console
///
/// The answer sets the console's cookie. A member who is no administrator is refused.
#[utoipa::path(post, path = "/api/v1/admin/session", operation_id = "signInToConsole", tag = "session", request_body = SignIn, responses((status = 201, body = Session)))]
pub async fn sign_in_to_console(
    State(app): State<AppState>,
    request: RequestInfo,
    headers: HeaderMap,
    _: SameSite,
    Json(body): Json<SignIn>,
) -> Result<Response, ApiError> {
    sign_in_to(&app, &request, &headers, Realm::Console, body).await
}

/// Tells who is signed in to the console, and what they may do
#[utoipa::path(get, path = "/api/v1/admin/session", operation_id = "getConsoleSession", tag = "session", responses((status = 200, body = Session)))]
pub async fn get_console_session(State(app): State<AppState>, ConsoleAnyStage(caller): ConsoleAnyStage) -> Result<Json<Session>, ApiError> {
    Ok(Json(session_of(&app, &caller).await?))
}

/// Signs out of the console
#[utoipa::path(delete, path = "/api/v1/admin/session", operation_id = "signOutOfConsole", tag = "session", responses((status = 204)))]
pub async fn sign_out_of_console(State(app): State<AppState>, ConsoleAnyStage(caller): ConsoleAnyStage) -> Result<Response, ApiError> {
    sign_out_of(&app, caller).await
}

/// Chooses a password in place of the initial one, at the console
#[utoipa::path(post, path = "/api/v1/admin/session/password", operation_id = "chooseFirstConsolePassword", tag = "session", request_body = ChoosePassword, responses((status = 200, body = Session)))]
pub async fn choose_first_console_password(
    State(app): State<AppState>,
    ConsoleAnyStage(caller): ConsoleAnyStage,
    headers: HeaderMap,
    Json(body): Json<ChoosePassword>,
) -> Result<Response, ApiError> {
    choose_first(&app, caller, &headers, body).await
}
