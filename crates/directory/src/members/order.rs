use kernel::{Ctx, Id, MemberId, MemberKind};
use store::Tx;

use super::{StateError, repo};
use crate::access::{Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::topics;

/// How much room is made when two neighbours stand too close for a third.
const ROOM: i64 = 1024;

/// 调整排序: puts a member before another in the manual order, or at its end.
pub fn reorder(ctx: &Ctx, tx: &mut Tx, id: MemberId, before: Option<MemberId>) -> Result<(), StateError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
    let head = repo::head(tx, ctx.org, id)?.ok_or(StateError::NotFound(id))?;
    let order = match before {
        None => {
            let end: Id<MemberKind> = ctx.new_id();
            end.raw()
        }
        Some(before) if before == id => return Ok(()),
        Some(before) => {
            let next = repo::sort_order(tx, ctx.org, before)?.ok_or(StateError::NotFound(before))?;
            let previous = repo::sort_order_below(tx, ctx.org, next, id)?.unwrap_or(next - 2 * ROOM);
            if next - previous > 1 {
                previous + (next - previous) / 2
            } else {
                repo::lower_sort_orders(tx, ctx.org, next, ROOM)?;
                next - ROOM / 2
            }
        }
    };
    repo::set_sort_order(tx, ctx.org, id, order)?;
    audit::record(ctx, tx, AuditEvent::new("member.reordered", AuditTarget::member(id, head.name)))?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(())
}
