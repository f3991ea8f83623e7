//! A member looks at its sessions and ends them.

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members;
use kernel::{Actor, Ctx, IdentityId, MemberId, SessionId};
use store::{Notice, StoreError, Tx};

use super::{Session, repo};

#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the session does not exist or is over")]
    NotFound,
    #[error("could not end the session")]
    Store(#[from] StoreError),
}
kernel::faults! { RevokeError:
    RevokeError::Denied(inner) => inner,
    RevokeError::NotFound => NotFound "session_not_found",
    RevokeError::Store(inner) => inner,
}

/// The actor's own sessions in both realms, the latest first.
pub fn list(ctx: &Ctx, tx: &mut Tx) -> Result<Vec<Session>, RevokeError> {
    let own = own(ctx, tx)?;
    Ok(repo::list(tx, own.identity_id, ctx.now)?)
}

/// Ends one of the actor's own sessions.
pub fn revoke(ctx: &Ctx, tx: &mut Tx, id: SessionId) -> Result<(), RevokeError> {
    let own = own(ctx, tx)?;
    if !repo::delete(tx, own.identity_id, id)? {
        return Err(RevokeError::NotFound);
    }
    told(ctx, tx, &own, "session.revoked", 1)
}

/// Ends all of the actor's sessions but the one that asks; answers how many.
pub fn revoke_others(ctx: &Ctx, tx: &mut Tx) -> Result<u64, RevokeError> {
    let own = own(ctx, tx)?;
    let ended = repo::delete_others(tx, own.identity_id, own.session_id)?;
    if ended > 0 {
        told(ctx, tx, &own, "session.others_revoked", ended)?;
    }
    Ok(ended)
}

/// Signs the actor out everywhere, here too; answers how many sessions ended.
pub fn revoke_all(ctx: &Ctx, tx: &mut Tx) -> Result<u64, RevokeError> {
    let own = own(ctx, tx)?;
    crate::identities::repo::advance_epoch(tx, own.identity_id)?;
    let ended = repo::delete_all(tx, own.identity_id)?;
    told(ctx, tx, &own, "session.all_revoked", ended)?;
    Ok(ended)
}

/// Ends `session` because its owner is done, in whichever stage and whatever the member's state.
pub fn sign_out(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    if repo::delete(tx, session.identity_id, session.id)? {
        tx.publish(Notice::SessionsRevoked { identity: session.identity_id });
    }
    Ok(())
}

struct Own {
    member_id: MemberId,
    identity_id: IdentityId,
    session_id: SessionId,
}

fn own(ctx: &Ctx, tx: &mut Tx) -> Result<Own, Denied> {
    let Actor::Member { member_id, identity_id, session_id, .. } = ctx.actor else { return Err(Denied::Unauthenticated) };
    authorize(ctx, tx, Permission::UseOwnAccount, Target::Own(member_id))?;
    Ok(Own { member_id, identity_id, session_id })
}

fn told(ctx: &Ctx, tx: &mut Tx, own: &Own, action: &'static str, ended: u64) -> Result<(), RevokeError> {
    tx.publish(Notice::SessionsRevoked { identity: own.identity_id });
    let name = members::name_of_present(tx, ctx.org, own.member_id)?.unwrap_or_default();
    let event = AuditEvent::new(action, AuditTarget::member(own.member_id, name));
    audit::record(ctx, tx, event.with_after(serde_json::json!({ "sessions": ended })))?;
    Ok(())
}
