//! Who administers the organisation. As yet two roles: owners, and organisation administrators.

mod repo;

use kernel::{Ctx, MemberId, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{StoreError, Tx};

use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::topics;

crate::words::words! {
    /// What an administrator is.
    Role {
        /// May do everything; every organisation keeps at least one who can act.
        Owner = "owner",
        /// Everything but administrators and what concerns owners.
        OrgAdmin = "org_admin",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administrator {
    pub member_id: MemberId,
    pub name: String,
    pub account_name: String,
    pub role: Role,
    pub granted_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the organisation would be left without an owner who can act")]
    LastOwner,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the administrators")]
    Store(#[from] StoreError),
}
kernel::faults! { GrantError:
    GrantError::NotFound(_) => NotFound "member_not_found",
    GrantError::LastOwner => Conflict "last_owner",
    GrantError::Denied(inner) => inner,
    GrantError::Store(inner) => inner,
}

/// Makes a member an administrator, or gives one another role.
pub fn grant(ctx: &Ctx, tx: &mut Tx, member: MemberId, role: Role) -> Result<(), GrantError> {
    authorize(ctx, tx, Permission::ManageAdministrators, Target::Member(member))?;
    let name = repo::name_of_present_member(tx, ctx.org, member)?.ok_or(GrantError::NotFound(member))?;
    let before = repo::role_of(tx, ctx.org, member)?;
    if before == Some(role) {
        return Ok(());
    }
    if before == Some(Role::Owner) && is_last_owner(tx, ctx.org, member)? {
        return Err(GrantError::LastOwner);
    }
    repo::set(tx, ctx.org, member, role, ctx.now)?;
    let event = AuditEvent::new("administrator.granted", AuditTarget::member(member, name)).with_after(json!({ "role": role }));
    audit::record(ctx, tx, AuditEvent { before: before.map(|role| json!({ "role": role })), ..event })?;
    crate::changed(ctx, tx, topics::ADMINISTRATORS);
    Ok(())
}

/// Takes the role from a member, who stays a member. Refused for the last owner who can act.
pub fn revoke(ctx: &Ctx, tx: &mut Tx, member: MemberId) -> Result<(), GrantError> {
    authorize(ctx, tx, Permission::ManageAdministrators, Target::Member(member))?;
    let role = repo::role_of(tx, ctx.org, member)?.ok_or(GrantError::NotFound(member))?;
    if is_last_owner(tx, ctx.org, member)? {
        return Err(GrantError::LastOwner);
    }
    let name = repo::name_of_present_member(tx, ctx.org, member)?.unwrap_or_default();
    repo::delete(tx, ctx.org, member)?;
    let event = AuditEvent::new("administrator.revoked", AuditTarget::member(member, name));
    audit::record(ctx, tx, event.with_before(json!({ "role": role })))?;
    crate::changed(ctx, tx, topics::ADMINISTRATORS);
    Ok(())
}

/// Owners first, then by name.
pub fn list(ctx: &Ctx, tx: &mut Tx) -> Result<Vec<Administrator>, Denied> {
    authorize(ctx, tx, Permission::ViewMembers, Target::Organisation)?;
    Ok(repo::list(tx, ctx.org)?)
}

pub fn role_of(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Option<Role>, StoreError> {
    repo::role_of(tx, org, member)
}

/// Whether the organisation has no other owner than this one who can act: not in the recycle bin, leaving, suspended or locked, and
/// without an expiry day, because nobody is there to notice when that comes. An owner who has yet to activate counts.
pub fn is_last_owner(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<bool, StoreError> {
    Ok(repo::role_of(tx, org, member)? == Some(Role::Owner) && repo::other_able_owners(tx, org, member)? == 0)
}

/// When a member goes to the recycle bin its role goes, without an event of its own.
pub(crate) fn forget(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Option<Role>, StoreError> {
    let role = repo::role_of(tx, org, member)?;
    if role.is_some() {
        repo::delete(tx, org, member)?;
    }
    Ok(role)
}
