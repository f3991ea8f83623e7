//! Who is calling: the session behind the cookie of the realm, and the CSRF token of requests that change something.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use identity::sessions::{self, Session, Stage};
use kernel::{Actor, Ctx, Realm};
use zeroize::Zeroizing;

use crate::app::AppState;
use crate::cookies;
use crate::error::ApiError;
use crate::observe::RequestInfo;

/// The header that carries the CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Somebody with a session.
pub struct Caller {
    /// What operations take. Its actor is nobody while a password has still to be chosen.
    pub ctx: Ctx,
    pub session: Session,
    pub token: Zeroizing<String>,
    pub request: RequestInfo,
}

/// A member with a session of mail and the own account.
pub struct Account(pub Caller);

/// A member with a session of the console. What an administrator may do there is asked by each operation.
pub struct Console(pub Caller);

/// As [`Account`], also while a first password has still to be chosen.
pub struct AccountAnyStage(pub Caller);

/// As [`Console`], also while a first password has still to be chosen.
pub struct ConsoleAnyStage(pub Caller);

impl FromRequestParts<AppState> for Account {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        full(find(parts, app, Realm::Account).await?).map(Self)
    }
}

impl FromRequestParts<AppState> for Console {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        full(find(parts, app, Realm::Console).await?).map(Self)
    }
}

impl FromRequestParts<AppState> for AccountAnyStage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        find(parts, app, Realm::Account).await.map(Self)
    }
}

impl FromRequestParts<AppState> for ConsoleAnyStage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        find(parts, app, Realm::Console).await.map(Self)
    }
}

fn full(caller: Caller) -> Result<Caller, ApiError> {
    if caller.session.stage == Stage::Full {
        return Ok(caller);
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "choose_password_first", "a new password has to be chosen first"))
}

async fn find(parts: &Parts, app: &AppState, realm: Realm) -> Result<Caller, ApiError> {
    let request = request_info(parts)?;
    let token = Zeroizing::new(cookies::session_token(&parts.headers, realm).ok_or_else(ApiError::not_signed_in)?.to_owned());
    let now = app.source.now();
    let session = {
        let token = token.clone();
        app.store.read(move |tx| sessions::find_by_token(tx, &token, realm, now)).await?
    };
    let session = session.ok_or_else(ApiError::not_signed_in)?;
    if !parts.method.is_safe() {
        let offered = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !sessions::csrf_matches(app.store.keys(), &token, offered) {
            return Err(ApiError::new(StatusCode::FORBIDDEN, "csrf_token_invalid", "the request lacks the session's CSRF token"));
        }
    }
    request.note_caller(session.org_id, session.member_id);
    let ctx = app.ctx(&request, session.actor().unwrap_or(Actor::Nobody), session.org_id);
    if session.is_due_for_touch(now) {
        let (ctx, session) = (ctx.clone(), session.clone());
        // Who only looks must not be turned away because the disk is full: the session ends earlier, and that is all.
        if let Err(error) = app.store.write(move |tx| sessions::touch(&ctx, tx, &session)).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "Could not note that a session is in use");
        }
    }
    Ok(Caller { ctx, session, token, request })
}

/// What is known of the request itself.
pub fn request_info(parts: &Parts) -> Result<RequestInfo, ApiError> {
    parts.extensions.get::<RequestInfo>().cloned().ok_or_else(|| ApiError::internal("the router was built without its outer layer"))
}

impl FromRequestParts<AppState> for RequestInfo {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        request_info(parts)
    }
}

impl Deref for Caller {
    type Target = Ctx;

    fn deref(&self) -> &Ctx {
        &self.ctx
    }
}
