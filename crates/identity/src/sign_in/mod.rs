//! A name and a password become a session.
//!
//! Each of these asks in three steps, because argon2id may not hold a database thread: load and count the attempt, check on a thread of its own, then
//! write, looking again at everything that may have changed meanwhile.

mod account;
mod change_password;
mod choose_password;

use std::sync::Arc;

use directory::administrators;
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members::{self, MemberState};
use kernel::{Actor, Ctx, Realm};
use serde_json::json;
use store::{Store, StoreError, Tx};
use zeroize::Zeroizing;

use crate::devices;
use crate::passwords::{Busy, Hasher, Password};
use crate::sessions::{self, NewSession, Opened, Session, Stage};
use crate::throttle::{self, Admitted, Attempt, ThrottleError};

pub(crate) use account::{Account, find as find_account, load as load_account, normalised};
pub(crate) use change_password::prove as prove_own_password;
pub use change_password::{ChangePasswordError, CurrentPasswordWrong, change_password};
pub use choose_password::{ChoosePasswordError, choose_first_password, password_rules};

/// How a member says who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// One of the member's mail addresses.
    Address(String),
    /// 组织代码 and 帐号.
    Account { organisation_code: String, account_name: String },
}

#[derive(Debug, Clone)]
pub struct SignInRequest {
    pub login: Login,
    pub password: Password,
    pub realm: Realm,
    /// Stay signed in on this device; the console takes no notice.
    pub remember: bool,
    pub user_agent: Option<String>,
    /// What an earlier [`SignedIn::device_cookie`] set.
    pub device_cookie: Option<String>,
}

/// Somebody is signed in, or may choose a password, as [`Session::stage`] says.
pub struct SignedIn {
    /// For the session cookie; stored nowhere.
    pub token: Zeroizing<String>,
    pub csrf_token: String,
    pub session: Session,
    /// For a cookie that lives [`devices::COOKIE_DAYS`].
    pub device_cookie: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name does not exist, or the password is another.
    #[error("name or password is wrong")]
    Wrong,
    /// From here on the password was right.
    #[error("the member is suspended")]
    Suspended,
    #[error("the member is locked")]
    Locked,
    #[error("the member's account has expired")]
    Expired,
    #[error("the member is in the recycle bin")]
    Recycled,
    #[error("the member is leaving")]
    Leaving,
    #[error("the initial password has expired")]
    InitialPasswordExpired,
    #[error("the member is no administrator")]
    NotAnAdministrator,
    #[error(transparent)]
    Throttled(#[from] ThrottleError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("could not sign in")]
    Store(#[from] StoreError),
}
kernel::faults! { SignInError:
    SignInError::Wrong => Unauthenticated "sign_in_failed",
    SignInError::Suspended => Forbidden "member_suspended",
    SignInError::Locked => Forbidden "member_locked",
    SignInError::Expired => Forbidden "member_expired",
    SignInError::Recycled => Forbidden "member_recycled",
    SignInError::Leaving => Forbidden "member_leaving",
    SignInError::InitialPasswordExpired => Forbidden "initial_password_expired",
    SignInError::NotAnAdministrator => Forbidden "not_an_administrator",
    SignInError::Throttled(inner) => inner,
    SignInError::Busy(inner) => inner,
    SignInError::Store(inner) => inner,
}

/// Which of its passwords the member typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Chosen,
    Initial,
}

/// Signs in. The organisation and the actor of `ctx` do not matter; its address does.
///
/// Whatever the name, the answer costs one argon2id (none for a password found right a moment ago), and "no such name" and "another password" are one
/// answer. What keeps a member out is told only after a right password.
pub async fn sign_in(store: &Store, hasher: &Arc<Hasher>, ctx: &Ctx, request: SignInRequest) -> Result<SignedIn, SignInError> {
    let ticket = hasher.enter().inspect_err(|_| counted("busy"))?;

    let (seen, attempt) = begin(store, ctx, &request).await.inspect_err(|error| counted(outcome_of(error)))?;
    let (keys_of, counting, now) = (store.clone(), attempt.clone(), ctx.now);
    let admitted = store.write(move |tx| throttle::admit(tx, keys_of.keys(), &counting, now)).await;
    let admitted = admitted.map_err(SignInError::from).inspect_err(|error| counted(outcome_of(error)))?;

    let identity = seen.as_ref().and_then(|account| account.identity.as_ref());
    let stored = identity.and_then(|identity| identity.password_hash.as_deref());
    let chosen = ticket.check(identity.map(|identity| identity.id), stored, &request.password, now).await?;
    let initial = identity.is_some_and(|identity| identity.initial_password_is(store.keys(), &request.password));
    let proof = match (chosen, initial) {
        (true, _) => Proof::Chosen,
        (false, true) => Proof::Initial,
        (false, false) => {
            counted("wrong");
            tell_throttling(store, ctx, seen.as_ref(), &admitted);
            return Err(SignInError::Wrong);
        }
    };
    drop(ticket);

    let seen = seen.expect("only an existing account has a password to be right");
    let ctx = ctx.in_org(seen.org.id);
    let keys_of = store.clone();
    let finished: Result<Result<SignedIn, SignInError>, SignInError> =
        store.write(move |tx| finish(&ctx, tx, &keys_of, &seen, proof, &request, &admitted)).await;
    let answer = finished.and_then(|answer| answer);
    counted(answer.as_ref().map_or_else(outcome_of, |_| "signed_in"));
    answer
}

/// Finds the account and what the attempt counts as; a flood that has to wait ends here without a write.
async fn begin(store: &Store, ctx: &Ctx, request: &SignInRequest) -> Result<(Option<Account>, Attempt), SignInError> {
    let (keys_of, ctx, login, cookie) = (store.clone(), ctx.clone(), request.login.clone(), request.device_cookie.clone());
    store
        .read(move |tx| {
            let keys = keys_of.keys();
            let account = account::find(tx, &login, ctx.now)?;
            let identity = account.as_ref().and_then(|account| account.identity.as_ref());
            let device =
                identity.zip(cookie.as_deref()).and_then(|(identity, cookie)| devices::recognise(keys, cookie, identity.id, ctx.now));
            let account_text = account::normalised(&login);
            let attempt = match device {
                Some(device) => Attempt::KnownDevice { account: account_text, device },
                None => Attempt::SignIn { account: account_text, ip: ctx.ip },
            };
            throttle::must_wait(tx, keys, &attempt, ctx.now)?;
            Ok((account, attempt))
        })
        .await
}

/// After a right password: the inner error is a refusal that was written to the log; the outer one undid everything.
fn finish(
    ctx: &Ctx,
    tx: &mut Tx,
    store: &Store,
    seen: &Account,
    proof: Proof,
    request: &SignInRequest,
    admitted: &Admitted,
) -> Result<Result<SignedIn, SignInError>, SignInError> {
    let keys = store.keys();
    throttle::succeeded(tx, keys, admitted, ctx.now)?;
    let current = account::load(tx, ctx.org, seen.member_id, ctx.now)?;
    let Some((account, identity)) = current.and_then(|account| account.identity.clone().map(|identity| (account, identity))) else {
        return Ok(Err(SignInError::Wrong));
    };
    // A password that was changed or reset while this one was being checked is no longer right.
    let checked = seen.identity.as_ref();
    if !checked.is_some_and(|checked| checked.password_hash == identity.password_hash && checked.initial == identity.initial) {
        return Ok(Err(SignInError::Wrong));
    }
    let target = AuditTarget::member(account.member_id, &account.name);
    let stage = match stage_for(ctx, tx, &account, proof, request.realm)? {
        Ok(stage) => stage,
        Err(refusal) => {
            let reason = json!({ "reason": kernel::Fault::code(&refusal), "realm": request.realm });
            audit::record(ctx, tx, AuditEvent::new("member.sign_in_refused", target).with_after(reason))?;
            return Ok(Err(refusal));
        }
    };
    let new = NewSession {
        identity_id: identity.id,
        member_id: account.member_id,
        realm: request.realm,
        stage,
        user_agent: request.user_agent.clone(),
        remember: request.remember,
    };
    let Opened { token, csrf_token, session } = sessions::open(ctx, tx, keys, new)?;
    let ctx = &ctx.acted_by(Actor::Member {
        member_id: session.member_id,
        identity_id: session.identity_id,
        session_id: session.id,
        realm: session.realm,
    });
    if stage == Stage::Full {
        members::set_last_sign_in(tx, ctx.org, account.member_id, ctx.now)?;
        if account.state == MemberState::Pending {
            members::activate(ctx, tx, account.member_id)?;
        }
    }
    let after = json!({ "realm": request.realm, "stage": stage });
    audit::record(ctx, tx, AuditEvent::new("member.signed_in", target).with_after(after))?;
    let device_cookie = devices::remember(keys, request.device_cookie.as_deref(), identity.id, ctx.now, &*ctx.rng);
    Ok(Ok(SignedIn { token, csrf_token, session, device_cookie }))
}

/// What a right password opens, by the member's state; the inner error is why it opens nothing.
fn stage_for(ctx: &Ctx, tx: &mut Tx, account: &Account, proof: Proof, realm: Realm) -> Result<Result<Stage, SignInError>, StoreError> {
    match account.state {
        MemberState::Recycled => return Ok(Err(SignInError::Recycled)),
        MemberState::Leaving => return Ok(Err(SignInError::Leaving)),
        MemberState::Suspended => return Ok(Err(SignInError::Suspended)),
        MemberState::Locked => return Ok(Err(SignInError::Locked)),
        MemberState::Expired => return Ok(Err(SignInError::Expired)),
        MemberState::Pending | MemberState::Active => {}
    }
    let identity = account.identity.as_ref();
    let expired = identity.and_then(|identity| identity.initial_password_expires_at()).is_some_and(|end| end <= ctx.now);
    if proof == Proof::Initial && expired {
        return Ok(Err(SignInError::InitialPasswordExpired));
    }
    if realm == Realm::Console && administrators::role_of(tx, ctx.org, account.member_id)?.is_none() {
        return Ok(Err(SignInError::NotAnAdministrator));
    }
    let must_choose = proof == Proof::Initial || identity.is_some_and(|identity| identity.must_change_password);
    Ok(Ok(if must_choose { Stage::ChoosePassword } else { Stage::Full }))
}

/// One audit event when an account's attempts begin to wait; the guesses themselves are only counted. Written behind the answer, which would
/// otherwise take longer for names that exist.
pub(crate) fn tell_throttling(store: &Store, ctx: &Ctx, seen: Option<&Account>, admitted: &Admitted) {
    let Some(account) = seen.filter(|_| admitted.starts_throttling) else { return };
    let target = AuditTarget::member(account.member_id, &account.name);
    let (ctx, store) = (ctx.in_org(account.org.id).acted_by(Actor::Nobody), store.clone());
    tokio::spawn(async move {
        let told = store.write(move |tx| audit::record(&ctx, tx, AuditEvent::new("member.sign_in_throttled", target.clone()))).await;
        if let Err(error) = told {
            tracing::warn!(error = &error as &dyn std::error::Error, "Could not log that sign-in is being throttled");
        }
    });
}

fn counted(outcome: &'static str) {
    metrics::counter!("yanshu_sign_ins_total", "outcome" => outcome).increment(1);
}

fn outcome_of(error: &SignInError) -> &'static str {
    match error {
        SignInError::Wrong => "wrong",
        SignInError::Throttled(ThrottleError::Throttled { .. }) => "throttled",
        SignInError::Busy(_) => "busy",
        SignInError::Throttled(ThrottleError::Store(_)) | SignInError::Store(_) => "failed",
        _ => "refused",
    }
}
