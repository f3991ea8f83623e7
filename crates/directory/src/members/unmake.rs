use kernel::{Ctx, MemberId};
use store::Tx;

use super::{StateError, repo};
use crate::access::{Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::{addresses, administrators, departments, topics};

/// Removes a member that was made by mistake and never used, as if it had not been made: nothing is kept in the recycle bin, and its
/// addresses are free again, since nobody can have written them down. Whether it was used is the caller's to know.
pub fn unmake(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
    let head = repo::head(tx, ctx.org, id)?.ok_or(StateError::NotFound(id))?;
    if head.recycled_at.is_some() {
        return Err(StateError::InRecycleBin);
    }
    if administrators::is_last_owner(tx, ctx.org, id)? {
        return Err(StateError::LastOwner);
    }
    departments::forget_leader(tx, ctx.org, id)?;
    administrators::forget(tx, ctx.org, id)?;
    addresses::forget_all(tx, ctx.org, id)?;
    repo::delete_places(tx, ctx.org, id)?;
    repo::delete(tx, ctx.org, id)?;
    audit::record(ctx, tx, AuditEvent::new("member.unmade", AuditTarget::member(id, head.name)))?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(())
}
