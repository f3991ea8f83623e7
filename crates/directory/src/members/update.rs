use kernel::{Ctx, MemberId, ServiceClassId};
use store::{StoreError, Tx};

use super::batch::find_clash;
use super::{Batch, MemberPatch, Profile, repo, search};
use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::clashes::Clash;
use crate::fields::{FieldCheck, InvalidFields};
use crate::{administrators, topics};

#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the member is in the recycle bin")]
    InRecycleBin,
    #[error("the organisation would be left without an owner who can act")]
    LastOwner,
    #[error("service class {0} does not exist")]
    ServiceClassNotFound(ServiceClassId),
    #[error("member {0}, who should be the supervisor, does not exist")]
    SupervisorNotFound(MemberId),
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Clash(#[from] Clash),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the member")]
    Store(#[from] StoreError),
}
kernel::faults! { UpdateError:
    UpdateError::NotFound(_) => NotFound "member_not_found",
    UpdateError::InRecycleBin => Conflict "member_in_recycle_bin",
    UpdateError::LastOwner => Conflict "last_owner",
    UpdateError::ServiceClassNotFound(_) => NotFound "service_class_not_found",
    UpdateError::SupervisorNotFound(_) => NotFound "supervisor_not_found",
    UpdateError::Fields(inner) => inner,
    UpdateError::Clash(inner) => inner,
    UpdateError::Denied(inner) => inner,
    UpdateError::Store(inner) => inner,
}

/// Changes what an administrator may change. Answers whether anything did; what is equal to what was there writes and records nothing.
pub fn update(ctx: &Ctx, tx: &mut Tx, id: MemberId, patch: &MemberPatch) -> Result<bool, UpdateError> {
    Batch::begin_for(ctx, tx, Target::Member(id))?.update(ctx, tx, id, patch)
}

/// Changes what members may change about themselves; other fields of the patch are refused.
pub fn update_own(ctx: &Ctx, tx: &mut Tx, id: MemberId, patch: &MemberPatch) -> Result<bool, UpdateError> {
    authorize(ctx, tx, Permission::UseOwnAccount, Target::Own(id))?;
    if *patch != patch.own_fields() {
        return Err(UpdateError::Denied(Denied::Forbidden));
    }
    let Some((old, new)) = planned(ctx, tx, id, patch)? else { return Ok(false) };
    write(ctx, tx, id, &old, &new)?;
    let actor_name = audit::actor_name(ctx, tx)?;
    record(ctx, tx, &actor_name, id, &old, &new)?;
    tx.publish(store::Notice::AuditAppended { org: ctx.org });
    crate::changed(ctx, tx, topics::MEMBERS);
    Ok(true)
}

impl Batch {
    /// As [`update`].
    pub fn update(&mut self, ctx: &Ctx, tx: &mut Tx, id: MemberId, patch: &MemberPatch) -> Result<bool, UpdateError> {
        authorize(ctx, tx, Permission::ManageMembers, Target::Member(id))?;
        let Some((old, new)) = planned(ctx, tx, id, patch)? else { return Ok(false) };
        if new.service_class_id != old.service_class_id && !self.has_class(ctx, tx, new.service_class_id)? {
            return Err(UpdateError::ServiceClassNotFound(new.service_class_id));
        }
        if let Some(supervisor) = new.supervisor_id
            && new.supervisor_id != old.supervisor_id
            && (supervisor == id || repo::head(tx, ctx.org, supervisor)?.is_none())
        {
            return Err(UpdateError::SupervisorNotFound(supervisor));
        }
        if new.expires_on.is_some() && old.expires_on.is_none() && administrators::is_last_owner(tx, ctx.org, id)? {
            return Err(UpdateError::LastOwner);
        }
        if let Some(clash) = find_clash(ctx, tx, &new, Some(id))? {
            return Err(clash.into());
        }
        write(ctx, tx, id, &old, &new)?;
        record(ctx, tx, &self.actor_name, id, &old, &new)?;
        self.publish(ctx, tx, topics::MEMBERS);
        Ok(true)
    }
}

/// The profile as it is and as it shall be; `None` when they are the same.
fn planned(ctx: &Ctx, tx: &mut Tx, id: MemberId, patch: &MemberPatch) -> Result<Option<(Profile, Profile)>, UpdateError> {
    let head = repo::head(tx, ctx.org, id)?.ok_or(UpdateError::NotFound(id))?;
    if head.recycled_at.is_some() {
        return Err(UpdateError::InRecycleBin);
    }
    let old = repo::profile(tx, ctx.org, id)?.ok_or(UpdateError::NotFound(id))?;
    let mut new = old.clone();
    patch.apply(&mut new);
    let mut fields = FieldCheck::new();
    new.normalise(&mut fields);
    fields.finish()?;
    Ok((new != old).then_some((old, new)))
}

fn write(ctx: &Ctx, tx: &mut Tx, id: MemberId, old: &Profile, new: &Profile) -> Result<(), StoreError> {
    repo::update_profile(tx, ctx.org, id, new)?;
    let searched = |profile: &Profile| search::text(profile, std::iter::empty());
    if searched(old) != searched(new) {
        search::refresh_search(tx, ctx.org, id)?;
    }
    Ok(())
}

fn record(ctx: &Ctx, tx: &mut Tx, actor_name: &str, id: MemberId, old: &Profile, new: &Profile) -> Result<(), StoreError> {
    let (before, after) = crate::changes::between(old, new, &[]);
    let event = AuditEvent::new("member.changed", AuditTarget::member(id, &new.name)).with_before(before).with_after(after);
    audit::record_as(ctx, tx, actor_name, event)
}
