//! What a member may do at present, and the operations that change it. The table of states is in [`state_sql`] and nowhere else.

use kernel::{Ctx, IdentityId, MailAccountId, MemberId, OrgId, Timestamp};
use store::{Notice, StoreError, Tx};

use super::repo;
use crate::access::{Denied, Permission, Target, authorize};
use crate::administrators;
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::topics;

/// The state of the member `m` as SQL; parameter `today` is the day it is in the organisation's time zone.
pub(crate) fn state_sql(today: usize) -> String {
    format!(
        "CASE WHEN m.recycled_at IS NOT NULL THEN 'recycled'
              WHEN m.leaving_since IS NOT NULL THEN 'leaving'
              WHEN m.suspended_at IS NOT NULL THEN 'suspended'
              WHEN m.locked_at IS NOT NULL THEN 'locked'
              WHEN m.expires_on < ${today} THEN 'expired'
              WHEN m.activated_at IS NULL THEN 'pending'
              ELSE 'active' END"
    )
}

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the member is in the recycle bin")]
    InRecycleBin,
    #[error("the organisation would be left without an owner who can act")]
    LastOwner,
    /// Whoever does this to oneself could not take it back.
    #[error("nobody can do this to their own account")]
    OwnAccount,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the member's state")]
    Store(#[from] StoreError),
}
kernel::faults! { StateError:
    StateError::NotFound(_) => NotFound "member_not_found",
    StateError::InRecycleBin => Conflict "member_in_recycle_bin",
    StateError::LastOwner => Conflict "last_owner",
    StateError::OwnAccount => Conflict "own_account_protected",
    StateError::Denied(inner) => inner,
    StateError::Store(inner) => inner,
}

/// 停用: no sign-in, no sending, hidden from colleagues; mail still arrives.
pub fn suspend(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    restrict(ctx, tx, id, "suspended_at", "member.suspended")
}

/// Ends a suspension.
pub fn resume(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    lift(ctx, tx, id, "suspended_at", "member.resumed")
}

/// 锁定: no sign-in until an administrator has looked; colleagues still see the member.
pub fn lock(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    restrict(ctx, tx, id, "locked_at", "member.locked")
}

pub fn unlock(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    lift(ctx, tx, id, "locked_at", "member.unlocked")
}

fn restrict(ctx: &Ctx, tx: &mut Tx, id: MemberId, column: &'static str, action: &'static str) -> Result<(), StateError> {
    let present = present(ctx, tx, id)?;
    if administrators::is_last_owner(tx, ctx.org, id)? {
        return Err(StateError::LastOwner);
    }
    if ctx.actor.member_id() == Some(id) {
        return Err(StateError::OwnAccount);
    }
    if repo::set_moment(tx, ctx.org, id, column, ctx.now)? {
        if let Some(identity) = present.identity_id {
            tx.publish(Notice::SessionsRevoked { identity });
        }
        audit::record(ctx, tx, AuditEvent::new(action, AuditTarget::member(id, present.name)))?;
        crate::changed(ctx, tx, topics::MEMBERS);
    }
    Ok(())
}

fn lift(ctx: &Ctx, tx: &mut Tx, id: MemberId, column: &'static str, action: &'static str) -> Result<(), StateError> {
    let present = present(ctx, tx, id)?;
    if repo::clear_moment(tx, ctx.org, id, column)? {
        audit::record(ctx, tx, AuditEvent::new(action, AuditTarget::member(id, present.name)))?;
        crate::changed(ctx, tx, topics::MEMBERS);
    }
    Ok(())
}

fn present(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<repo::Head, StateError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
    let head = repo::head(tx, ctx.org, id)?.ok_or(StateError::NotFound(id))?;
    if head.recycled_at.is_some() {
        return Err(StateError::InRecycleBin);
    }
    Ok(head)
}

/// The member has chosen a password of its own; later calls change nothing. Authorises nothing: signing in is what allows it.
pub fn activate(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StoreError> {
    let Some(head) = repo::head(tx, ctx.org, id)? else { return Ok(()) };
    if repo::set_moment(tx, ctx.org, id, "activated_at", ctx.now)? {
        audit::record(ctx, tx, AuditEvent::new("member.activated", AuditTarget::member(id, head.name)))?;
        crate::changed(ctx, tx, topics::MEMBERS);
    }
    Ok(())
}

/// Notes a sign-in; no audit event, because the sign-in itself has one.
pub fn set_last_sign_in(tx: &mut Tx, org: OrgId, id: MemberId, now: Timestamp) -> Result<(), StoreError> {
    repo::set_last_sign_in(tx, org, id, now)
}

/// Ties a member to who signs in. Part of making the member, which has its own event.
pub fn set_identity(tx: &mut Tx, org: OrgId, id: MemberId, identity: IdentityId) -> Result<(), StoreError> {
    repo::set_identity(tx, org, id, identity)
}

/// Gives a member its mail account, or takes it away.
pub fn set_mail_account(tx: &mut Tx, org: OrgId, id: MemberId, account: Option<MailAccountId>) -> Result<(), StoreError> {
    repo::set_mail_account(tx, org, id, account)
}
