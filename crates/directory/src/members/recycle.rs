//! 回收站: what is deleted can come back for thirty days.

use kernel::{Ctx, DepartmentId, MemberId, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Notice, StoreError, Tx};

use super::batch::first_free;
use super::places::Placement;
use super::{StateError, repo, search};
use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::clashes::ClashField;
use crate::departments::{LimitError, LimitLedger};
use crate::{addresses, administrators, departments, topics};

/// How long a member stays in the recycle bin.
pub const RECYCLE_DAYS: i64 = 30;

/// Where a member in the recycle bin was before.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct FormerPlaces {
    pub departments: Vec<Placement>,
    pub led: Vec<DepartmentId>,
}

#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the member is not in the recycle bin")]
    NotInRecycleBin,
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not restore the member")]
    Store(#[from] StoreError),
}
kernel::faults! { RestoreError:
    RestoreError::NotFound(_) => NotFound "member_not_found",
    RestoreError::NotInRecycleBin => Conflict "member_not_in_recycle_bin",
    RestoreError::Limit(inner) => inner,
    RestoreError::Denied(inner) => inner,
    RestoreError::Store(inner) => inner,
}

/// How a member came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Values that others have taken meanwhile: the account name was numbered, the others are empty.
    pub lost: Vec<ClashField>,
    pub account_name: String,
}

/// Puts a member into the recycle bin.
///
/// Its addresses are held for it; its account name, mobile and employee number are free for others; it leads nothing and administers
/// nothing any more, and counts against no limit.
pub fn recycle(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
    let head = repo::head(tx, ctx.org, id)?.ok_or(StateError::NotFound(id))?;
    if head.recycled_at.is_some() {
        return Ok(());
    }
    if administrators::is_last_owner(tx, ctx.org, id)? {
        return Err(StateError::LastOwner);
    }
    if ctx.actor.member_id() == Some(id) {
        return Err(StateError::OwnAccount);
    }
    let places = repo::places(tx, ctx.org, id)?;
    let names: Vec<String> = places.iter().map(|place| place.department_name.clone()).collect();
    let departments = places
        .into_iter()
        .map(|place| Placement { department_id: place.department_id, is_main: place.is_main, position: place.position, rank: place.rank })
        .collect();
    let former = FormerPlaces { departments, led: departments::led_by(tx, ctx.org, id)? };
    repo::delete_places(tx, ctx.org, id)?;
    departments::forget_leader(tx, ctx.org, id)?;
    let role = administrators::forget(tx, ctx.org, id)?;
    addresses::hold_all(tx, ctx.org, id, ctx.now)?;
    repo::set_recycled(tx, ctx.org, id, ctx.now, &former)?;
    if let Some(identity) = head.identity_id {
        tx.publish(Notice::SessionsRevoked { identity });
    }
    let event = AuditEvent::new("member.recycled", AuditTarget::member(id, head.name));
    audit::record(ctx, tx, event.with_before(json!({ "departments": names, "role": role })))?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(())
}

/// Takes a member back from the recycle bin, into the departments that are still there or else the root, with its addresses and as much
/// of what it had as nobody else has taken. It does not administer anything again.
pub fn restore(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<Restored, RestoreError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
    let head = repo::head(tx, ctx.org, id)?.ok_or(RestoreError::NotFound(id))?;
    if head.recycled_at.is_none() {
        return Err(RestoreError::NotInRecycleBin);
    }
    let former = repo::former_places(tx, ctx.org, id)?;
    let places = remaining(tx, ctx.org, former.departments)?;
    let after: Vec<DepartmentId> = places.iter().map(|place| place.department_id).collect();
    let _admitted = LimitLedger::new().check(tx, ctx.org, &[], &after)?;

    let mut profile = repo::profile(tx, ctx.org, id)?.ok_or(RestoreError::NotFound(id))?;
    let mut lost = Vec::new();
    if repo::holder_of(tx, ctx.org, ClashField::AccountName, &profile.account_name)?.is_some() {
        profile.account_name = first_free(ctx, tx, &profile.account_name, std::iter::empty())?;
        lost.push(ClashField::AccountName);
    }
    if let Some(mobile) = &profile.mobile
        && repo::holder_of(tx, ctx.org, ClashField::Mobile, mobile.as_str())?.is_some()
    {
        profile.mobile = None;
        lost.push(ClashField::Mobile);
    }
    if let Some(number) = &profile.employee_number
        && repo::holder_of(tx, ctx.org, ClashField::EmployeeNumber, number)?.is_some()
    {
        profile.employee_number = None;
        lost.push(ClashField::EmployeeNumber);
    }
    // The values first: while the member is in the recycle bin they clash with nobody.
    repo::update_profile(tx, ctx.org, id, &profile)?;
    repo::clear_recycled(tx, ctx.org, id)?;
    repo::insert_places(tx, ctx.org, &[(id, places)])?;
    for department in former.led {
        if departments::find(tx, ctx.org, department)?.is_some() {
            departments::append_leader(tx, ctx.org, department, id)?;
        }
    }
    addresses::take_back(tx, ctx.org, id)?;
    search::refresh_search(tx, ctx.org, id)?;
    let event = AuditEvent::new("member.restored", AuditTarget::member(id, &profile.name));
    audit::record(ctx, tx, event.with_after(json!({ "account_name": profile.account_name, "lost": lost, "departments": after })))?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(Restored { lost, account_name: profile.account_name })
}

fn remaining(tx: &mut Tx, org: OrgId, former: Vec<Placement>) -> Result<Vec<Placement>, StoreError> {
    let mut kept = Vec::with_capacity(former.len());
    for placement in former {
        if departments::find(tx, org, placement.department_id)?.is_some() {
            kept.push(placement);
        }
    }
    if kept.is_empty() {
        kept.push(Placement::main(departments::root(tx, org)?.id));
    }
    if !kept.iter().any(|placement| placement.is_main) {
        kept[0].is_main = true;
    }
    Ok(kept)
}

/// Members who have been in the recycle bin for [`RECYCLE_DAYS`], the oldest first.
pub fn due_for_purge(tx: &mut Tx, org: OrgId, now: Timestamp, limit: usize) -> Result<Vec<MemberId>, StoreError> {
    repo::recycled_before(tx, org, now.plus_secs(-RECYCLE_DAYS * 86_400), limit)
}

/// Ends a member in the recycle bin for good. Its addresses stay held for nobody, so that no one ever gets mail meant for it.
pub fn purge(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), RestoreError> {
    authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
    let head = repo::head(tx, ctx.org, id)?.ok_or(RestoreError::NotFound(id))?;
    if head.recycled_at.is_none() {
        return Err(RestoreError::NotInRecycleBin);
    }
    addresses::release_held(tx, ctx.org, id)?;
    repo::delete(tx, ctx.org, id)?;
    audit::record(ctx, tx, AuditEvent::new("member.purged", AuditTarget::member(id, head.name)))?;
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(())
}
