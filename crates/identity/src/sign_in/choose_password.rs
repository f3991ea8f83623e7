//! The first password a member chooses, in place of the initial one.

use std::sync::Arc;

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members;
use kernel::{Actor, Ctx, Timestamp};
use store::{Notice, Store, StoreError, Tx};

use super::account::{self, Account};
use super::{SignedIn, change_password::history};
use crate::devices;
use crate::identities::{self, Identity};
use crate::passwords::{Busy, Hasher, Password, PasswordHash, PasswordRule, PasswordRuleResult, PolicyUnmet, check_policy, require_policy};
use crate::sessions::{self, NewSession, Opened, Session, Stage};

#[derive(Debug, thiserror::Error)]
pub enum ChoosePasswordError {
    /// The session is over, or opens more than this page already.
    #[error("the session does not wait for a password")]
    NotWaiting,
    #[error(transparent)]
    Policy(#[from] PolicyUnmet),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("could not choose the password")]
    Store(#[from] StoreError),
}
kernel::faults! { ChoosePasswordError:
    ChoosePasswordError::NotWaiting => Unauthenticated "not_signed_in",
    ChoosePasswordError::Policy(inner) => inner,
    ChoosePasswordError::Denied(inner) => inner,
    ChoosePasswordError::Busy(inner) => inner,
    ChoosePasswordError::Store(inner) => inner,
}

/// What the organisation's policy says of a password its member is typing; the history is looked at only when it is sent.
pub fn password_rules(tx: &mut Tx, session: &Session, password: &Password, now: Timestamp) -> Result<Vec<PasswordRuleResult>, StoreError> {
    let Some(account) = account::load(tx, session.org_id, session.member_id, now)? else { return Ok(Vec::new()) };
    Ok(rules(&account, password))
}

pub(super) fn rules(account: &Account, password: &Password) -> Vec<PasswordRuleResult> {
    check_policy(&account.org.settings.password_policy, &account.personal(), password)
}

/// Ends the stage [`Stage::ChoosePassword`]: the password is set, the initial one dead, a pending member active, and every session of the identity
/// replaced by a new one that opens everything, with a token that the choosing one never knew.
pub async fn choose_first_password(
    store: &Store,
    hasher: &Arc<Hasher>,
    ctx: &Ctx,
    session: &Session,
    new: Password,
    device_cookie: Option<String>,
) -> Result<SignedIn, ChoosePasswordError> {
    if session.stage != Stage::ChoosePassword {
        return Err(ChoosePasswordError::NotWaiting);
    }
    let ctx = ctx.in_org(session.org_id).acted_by(Actor::Member {
        member_id: session.member_id,
        identity_id: session.identity_id,
        session_id: session.id,
        realm: session.realm,
    });
    let ticket = hasher.enter()?;
    let (asking, waiting) = (ctx.clone(), session.clone());
    let account = store.read(move |tx| load_waiting(&asking, tx, &waiting)).await?;
    let identity = account.identity.clone().ok_or(ChoosePasswordError::NotWaiting)?;

    let mut rules = rules(&account, &new);
    require_policy("new_password", rules.clone())?;
    let was_initial = identity.initial_password_is(store.keys(), &new);
    let unused = !was_initial && history(&ticket, &identity, account.org.settings.password_policy.history, &new, ctx.now).await?;
    rules.push(PasswordRuleResult::new(PasswordRule::History, unused));
    require_policy("new_password", rules)?;
    let hash = ticket.hash(&new).await?;
    drop(ticket);

    let (keys_of, session) = (store.clone(), session.clone());
    store.write(move |tx| finish(&ctx, tx, &keys_of, &session, &identity, &hash, device_cookie.as_deref())).await
}

fn load_waiting(ctx: &Ctx, tx: &mut Tx, session: &Session) -> Result<Account, ChoosePasswordError> {
    if !sessions::repo::is_alive(tx, session.id, ctx.now)? {
        return Err(ChoosePasswordError::NotWaiting);
    }
    authorize(ctx, tx, Permission::UseOwnAccount, Target::Own(session.member_id))?;
    account::load(tx, session.org_id, session.member_id, ctx.now)?.ok_or(ChoosePasswordError::NotWaiting)
}

fn finish(
    ctx: &Ctx,
    tx: &mut Tx,
    store: &Store,
    session: &Session,
    seen: &Identity,
    hash: &PasswordHash,
    device_cookie: Option<&str>,
) -> Result<SignedIn, ChoosePasswordError> {
    // Of two tabs that choose at once one finds its session gone, or the identity changed.
    let account = load_waiting(ctx, tx, session)?;
    let keep = account.org.settings.password_policy.history as usize;
    if !identities::set_chosen(ctx, tx, seen, hash, keep)? {
        return Err(ChoosePasswordError::NotWaiting);
    }
    sessions::repo::delete_all(tx, seen.id)?;
    tx.publish(Notice::SessionsRevoked { identity: seen.id });
    members::set_last_sign_in(tx, ctx.org, account.member_id, ctx.now)?;
    members::activate(ctx, tx, account.member_id)?;
    let new = NewSession {
        identity_id: seen.id,
        member_id: session.member_id,
        realm: session.realm,
        stage: Stage::Full,
        user_agent: session.user_agent.clone(),
        remember: session.remembered,
    };
    let Opened { token, csrf_token, session } = sessions::open(ctx, tx, store.keys(), new)?;
    audit::record(ctx, tx, AuditEvent::new("member.password_chosen", AuditTarget::member(account.member_id, &account.name)))?;
    let device_cookie = devices::remember(store.keys(), device_cookie, seen.id, ctx.now, &*ctx.rng);
    Ok(SignedIn { token, csrf_token, session, device_cookie })
}
