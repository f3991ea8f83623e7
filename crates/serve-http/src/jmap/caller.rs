//! Who calls: a browser with the session of mail and account, or a program with name and password (RFC 8620 §8.2).

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use identity::credentials::Credential;
use identity::passwords::Password;
use identity::protocols::{self, Protocol, ProtocolSession};
use identity::sessions;
use kernel::{Ctx, IdentityId, MailAccountId, MemberId, Realm, SessionId, Timestamp};
use mail::{mail_accounts, mailboxes};
use store::{KeyRing, StoreError, Tx};
use zeroize::Zeroizing;

use super::error::MethodError;
use crate::app::AppState;
use crate::caller::{self, Account};
use crate::error::ApiError;
use crate::observe::RequestInfo;

/// A member who may use JMAP.
pub struct JmapCaller {
    pub ctx: Ctx,
    pub member_id: MemberId,
    pub identity_id: IdentityId,
    /// The member's name, for the list of accounts.
    pub name: String,
    /// The primary address, or the account name of a member without one.
    pub username: String,
    /// `None` for a member without mail.
    pub account: Option<MailAccountId>,
    pub proof: Proof,
    pub request: RequestInfo,
}

/// By what the caller has shown who it is.
#[derive(Clone)]
pub enum Proof {
    Session { id: SessionId, token: Zeroizing<String> },
    Program(Box<ProtocolSession>),
}

impl Proof {
    /// Whether it would still let the caller in; asked while a stream is open.
    pub fn is_still_valid(&self, tx: &mut Tx, now: Timestamp) -> Result<bool, StoreError> {
        match self {
            Self::Session { token, .. } => Ok(sessions::find_by_token(tx, token, Realm::Account, now)?.is_some()),
            Self::Program(session) => protocols::is_still_valid(tx, session, now),
        }
    }
}

/// The caller could not be let in.
pub struct Refused {
    error: ApiError,
    challenge: bool,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.error.into_response();
        if self.challenge {
            let challenge = HeaderValue::from_static("Basic realm=\"Yanshu\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl FromRequestParts<AppState> for JmapCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Refused> {
        // A page that asks in the background must not make the browser open its own window for a password.
        let challenge = !parts.headers.contains_key("sec-fetch-mode");
        find(parts, app).await.map_err(|error| Refused { challenge: challenge && error.status() == http::StatusCode::UNAUTHORIZED, error })
    }
}

async fn find(parts: &mut Parts, app: &AppState) -> Result<JmapCaller, ApiError> {
    let request = caller::request_info(parts)?;
    let (ctx, member_id, identity_id, proof) = if parts.headers.contains_key(header::AUTHORIZATION) {
        let session = program(parts, app, &request).await?;
        let ctx = app.ctx(&request, session.actor(), session.org);
        (ctx, session.member_id, session.identity_id, Proof::Program(Box::new(session)))
    } else {
        let Account(caller) = Account::from_request_parts(parts, app).await?;
        (caller.ctx, caller.session.member_id, caller.session.identity_id, Proof::Session { id: caller.session.id, token: caller.token })
    };
    let looking = ctx.clone();
    let (member, head) = app
        .store
        .read(move |tx| {
            let member = directory::members::find(tx, looking.org, member_id, looking.now)?;
            Ok::<_, ApiError>((member, mail_accounts::find_of_member(tx, looking.org, member_id)?))
        })
        .await?;
    let member = member.ok_or_else(ApiError::not_signed_in)?;
    let username = member.address.map_or(member.profile.account_name, |address| address.to_string());
    let name = member.profile.name;
    // The first use of an account makes its mailboxes.
    if let Some(head) = head.as_ref().filter(|head| head.change_number == 0) {
        let (ctx, account) = (ctx.clone(), head.id);
        app.store.write_account(account, move |tx| Ok::<_, ApiError>(mailboxes::ensure(&ctx, tx, account)?)).await?;
    }
    Ok(JmapCaller { ctx, member_id, identity_id, name, username, account: head.map(|head| head.id), proof, request })
}

async fn program(parts: &Parts, app: &AppState, request: &RequestInfo) -> Result<ProtocolSession, ApiError> {
    // Browsers send along a password they were once asked for, whichever site's page asks.
    if parts.headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(ApiError::new(http::StatusCode::FORBIDDEN, "cross_site_request", "the request comes from another site's page"));
    }
    let (login, password) = credentials(&parts.headers).ok_or_else(ApiError::not_signed_in)?;
    let ctx = app.ctx_of_nobody(request);
    let session = protocols::sign_in(&app.store, &app.hasher, &ctx, &login, &password, Protocol::Jmap).await?;
    request.note_caller(session.org, session.member_id);
    Ok(session)
}

const MAX_CREDENTIALS: usize = 2048;

/// RFC 7617 §2.
fn credentials(headers: &HeaderMap) -> Option<(String, Password)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok().filter(|value| value.len() <= MAX_CREDENTIALS)?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (login, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((login.to_owned(), Password::new(password).ok()?))
}

impl JmapCaller {
    /// What the caller has shown, in a form that can be kept.
    pub fn credential(&self, keys: &KeyRing) -> Credential {
        match &self.proof {
            Proof::Session { id, .. } => Credential::of_session(*id),
            Proof::Program(session) => session.credential(keys),
        }
    }

    /// The account a client names, which can only be the caller's own.
    pub fn account(&self, id: &str) -> Result<MailAccountId, MethodError> {
        self.account.filter(|own| own.to_string() == id).ok_or(MethodError::AccountNotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, String)> {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
        credentials(&headers).map(|(login, password)| (login, password.as_str().to_owned()))
    }

    #[test]
    fn name_and_password_are_read_and_the_password_may_hold_a_colon() {
        let encoded = STANDARD.encode("li@first.test:ab:柳c");
        let expected = Some(("li@first.test".to_owned(), "ab:柳c".to_owned()));
        assert_eq!(read(&format!("Basic {encoded}")), expected);
        assert_eq!(read(&format!("basic {encoded}")), expected);
        for wrong in ["Basic", "Basic x", &format!("Bearer {encoded}"), &format!("Basic {}", STANDARD.encode("nobody"))] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&format!("Basic {}", STANDARD.encode(format!("a:{}", "x".repeat(257))))), None);
    }
}
