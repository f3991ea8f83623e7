//! A signed-in member puts a new password in place of the old one.

use std::sync::Arc;

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use kernel::{Actor, Ctx, Fault, FaultKind, FieldFault, MemberId, Params, SessionId, Timestamp};
use serde_json::json;
use store::{Store, StoreError, Tx};

use super::account::{self, Account};
use super::choose_password::rules;
use crate::identities::{self, Identity};
use crate::passwords::{Busy, Hasher, Password, PasswordHash, PasswordRule, PasswordRuleResult, PolicyUnmet, Ticket, require_policy};
use crate::sessions;
use crate::throttle::{self, Attempt, ThrottleError};

/// The password typed as the current one is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the current password is wrong")]
pub struct CurrentPasswordWrong;

impl Fault for CurrentPasswordWrong {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        "current_password_wrong"
    }

    fn fields(&self) -> Vec<FieldFault> {
        vec![FieldFault { field: "current_password".to_owned(), code: self.code(), params: Params::new() }]
    }
}
kernel::codes! { Invalid "current_password_wrong" }

#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error(transparent)]
    Wrong(#[from] CurrentPasswordWrong),
    #[error(transparent)]
    Policy(#[from] PolicyUnmet),
    /// Somebody else changed or reset it in the same moment.
    #[error("the password was changed by someone else meanwhile")]
    ChangedMeanwhile,
    #[error(transparent)]
    Throttled(#[from] ThrottleError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("could not change the password")]
    Store(#[from] StoreError),
}
kernel::faults! { ChangePasswordError:
    ChangePasswordError::Wrong(inner) => inner,
    ChangePasswordError::Policy(inner) => inner,
    ChangePasswordError::ChangedMeanwhile => Conflict "password_changed_meanwhile",
    ChangePasswordError::Throttled(inner) => inner,
    ChangePasswordError::Denied(inner) => inner,
    ChangePasswordError::Busy(inner) => inner,
    ChangePasswordError::Store(inner) => inner,
}

/// Changes the actor's own password and ends its other sessions; answers how many ended. Asks for the current password, so that an unattended screen or
/// a stolen session does not give the account away.
pub async fn change_password(
    store: &Store,
    hasher: &Arc<Hasher>,
    ctx: &Ctx,
    current: Password,
    new: Password,
) -> Result<u64, ChangePasswordError> {
    let Actor::Member { member_id, session_id, .. } = ctx.actor else { return Err(Denied::Unauthenticated.into()) };
    let (ticket, account, identity) = prove(store, hasher, ctx, current).await?;

    let mut rules = rules(&account, &new);
    require_policy("new_password", rules.clone())?;
    let unused = history(&ticket, &identity, account.org.settings.password_policy.history, &new, ctx.now).await?;
    rules.push(PasswordRuleResult::new(PasswordRule::History, unused));
    require_policy("new_password", rules)?;
    let hash = ticket.hash(&new).await?;
    drop(ticket);

    let ctx = ctx.clone();
    store.write(move |tx| finish(&ctx, tx, member_id, session_id, &identity, &hash)).await
}

/// The actor's own password, typed again; answers who it is. Wrong ones are counted and slowed as guesses at sign-in are.
pub(crate) async fn prove(
    store: &Store,
    hasher: &Arc<Hasher>,
    ctx: &Ctx,
    current: Password,
) -> Result<(Ticket, Account, Identity), ChangePasswordError> {
    let Actor::Member { member_id, identity_id, .. } = ctx.actor else { return Err(Denied::Unauthenticated.into()) };
    let ticket = hasher.enter()?;
    let (asking, keys_of) = (ctx.clone(), store.clone());
    let (account, admitted) = store
        .write(move |tx| {
            let account = load_own(&asking, tx, member_id)?;
            let admitted = throttle::admit(tx, keys_of.keys(), &Attempt::OwnPassword { identity: identity_id }, asking.now)?;
            Ok::<_, ChangePasswordError>((account, admitted))
        })
        .await?;
    let identity = account.identity.clone().ok_or(Denied::Unauthenticated)?;
    if !ticket.check(Some(identity.id), identity.password_hash.as_deref(), &current, ctx.now).await? {
        super::tell_throttling(store, ctx, Some(&account), &admitted);
        return Err(CurrentPasswordWrong.into());
    }
    let (keys_of, now) = (store.clone(), ctx.now);
    store.write(move |tx| throttle::succeeded(tx, keys_of.keys(), &admitted, now)).await?;
    Ok((ticket, account, identity))
}

fn load_own(ctx: &Ctx, tx: &mut Tx, member: MemberId) -> Result<Account, ChangePasswordError> {
    authorize(ctx, tx, Permission::UseOwnAccount, Target::Own(member))?;
    Ok(account::load(tx, ctx.org, member, ctx.now)?.ok_or(Denied::Unauthenticated)?)
}

fn finish(
    ctx: &Ctx,
    tx: &mut Tx,
    member: MemberId,
    session: SessionId,
    seen: &Identity,
    hash: &PasswordHash,
) -> Result<u64, ChangePasswordError> {
    let account = load_own(ctx, tx, member)?;
    let keep = account.org.settings.password_policy.history as usize;
    if !identities::set_chosen(ctx, tx, seen, hash, keep)? {
        return Err(ChangePasswordError::ChangedMeanwhile);
    }
    let ended = sessions::end_others(tx, seen.id, session)?;
    let event = AuditEvent::new("member.password_changed", AuditTarget::member(account.member_id, &account.name));
    audit::record(ctx, tx, event.with_after(json!({ "other_sessions_ended": ended })))?;
    Ok(ended)
}

/// Whether `new` is neither the current password nor one of the last `depth` before it. Costs an argon2id for each.
pub(super) async fn history(ticket: &Ticket, identity: &Identity, depth: u32, new: &Password, now: Timestamp) -> Result<bool, Busy> {
    let former = identity.former_password_hashes.iter().take(depth as usize);
    for stored in identity.password_hash.iter().chain(former) {
        if ticket.check(None, Some(stored), new, now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
