//! Which departments a member is in, and as what.

use kernel::{Ctx, DepartmentId, MemberId, OrgId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{StoreError, Tx};

use super::{Batch, Place, repo};
use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::departments::{self, LimitError};
use crate::fields::{FieldCheck, InvalidFields};
use crate::topics;

/// A department a member shall be in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    pub department_id: DepartmentId,
    /// One at most; when none is marked the first is the main one.
    pub is_main: bool,
    pub position: Option<String>,
    pub rank: Option<String>,
}

impl Placement {
    /// The main department, without a position.
    pub fn main(department_id: DepartmentId) -> Self {
        Self { department_id, is_main: true, position: None, rank: None }
    }
}

/// How many departments a member may be in.
pub const MAX_DEPARTMENTS: usize = 100;
const MAX_POSITION_CHARS: usize = 64;

kernel::codes! { Invalid "too_many_departments", Invalid "several_main_departments" }

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the member is in the recycle bin")]
    InRecycleBin,
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the member's departments")]
    Store(#[from] StoreError),
}
kernel::faults! { PlaceError:
    PlaceError::NotFound(_) => NotFound "member_not_found",
    PlaceError::InRecycleBin => Conflict "member_in_recycle_bin",
    PlaceError::Limit(inner) => inner,
    PlaceError::Fields(inner) => inner,
    PlaceError::Denied(inner) => inner,
    PlaceError::Store(inner) => inner,
}

/// Puts a member into exactly these departments; into the root department when there are none.
pub fn set_departments(ctx: &Ctx, tx: &mut Tx, member: MemberId, placements: &[Placement]) -> Result<(), PlaceError> {
    Batch::begin_for(ctx, tx, Target::Member(member))?.set_departments(ctx, tx, member, placements)?;
    Ok(())
}

/// Moves a member from its main department to another, in the same position; its other departments stay.
pub fn move_to(ctx: &Ctx, tx: &mut Tx, member: MemberId, department: DepartmentId) -> Result<(), PlaceError> {
    let mut batch = Batch::begin_for(ctx, tx, Target::Member(member))?;
    batch.move_to(ctx, tx, member, department)?;
    Ok(())
}

impl Batch {
    /// As [`set_departments`]; answers whether anything changed.
    pub fn set_departments(&mut self, ctx: &Ctx, tx: &mut Tx, member: MemberId, placements: &[Placement]) -> Result<bool, PlaceError> {
        authorize(ctx, tx, Permission::ManageMembers, Target::Member(member))?;
        let head = repo::head(tx, ctx.org, member)?.ok_or(PlaceError::NotFound(member))?;
        if head.recycled_at.is_some() {
            return Err(PlaceError::InRecycleBin);
        }
        let places = checked(tx, ctx.org, placements)?;
        let old = repo::places(tx, ctx.org, member)?;
        if same(&old, &places) {
            return Ok(false);
        }
        let before: Vec<DepartmentId> = old.iter().map(|place| place.department_id).collect();
        let after: Vec<DepartmentId> = places.iter().map(|place| place.department_id).collect();
        let admission = self.ledger.check(tx, ctx.org, &before, &after)?;
        repo::delete_places(tx, ctx.org, member)?;
        repo::insert_places(tx, ctx.org, &[(member, places)])?;
        self.ledger.admit(admission);
        let new = repo::places(tx, ctx.org, member)?;
        let event = AuditEvent::new("member.departments_set", AuditTarget::member(member, head.name));
        audit::record_as(ctx, tx, &self.actor_name, event.with_before(told(&old)).with_after(told(&new)))?;
        self.publish(ctx, tx, topics::MEMBERS);
        Ok(true)
    }

    /// As [`move_to`]; answers whether anything changed.
    pub fn move_to(&mut self, ctx: &Ctx, tx: &mut Tx, member: MemberId, department: DepartmentId) -> Result<bool, PlaceError> {
        let old = repo::places(tx, ctx.org, member)?;
        let mut placements: Vec<Placement> =
            old.into_iter().filter(|place| place.is_main || place.department_id != department).map(placement).collect();
        if let Some(main) = placements.iter_mut().find(|placement| placement.is_main) {
            main.department_id = department;
        } else {
            placements.push(Placement::main(department));
        }
        self.set_departments(ctx, tx, member, &placements)
    }
}

fn placement(place: Place) -> Placement {
    Placement { department_id: place.department_id, is_main: place.is_main, position: place.position, rank: place.rank }
}

/// Placements as they are kept: the main one first, every department once, at least one.
pub(super) fn checked(tx: &mut Tx, org: OrgId, placements: &[Placement]) -> Result<Vec<Placement>, PlaceError> {
    let mut fields = FieldCheck::new();
    if placements.len() > MAX_DEPARTMENTS {
        fields.wrong("departments", "too_many_departments");
    }
    if placements.iter().filter(|placement| placement.is_main).count() > 1 {
        fields.wrong("departments", "several_main_departments");
    }
    let mut kept: Vec<Placement> = Vec::with_capacity(placements.len().max(1));
    for placement in placements.iter().take(MAX_DEPARTMENTS) {
        let position = fields.optional("position", placement.position.as_deref(), MAX_POSITION_CHARS);
        let rank = fields.optional("rank", placement.rank.as_deref(), MAX_POSITION_CHARS);
        let placement = Placement { position, rank, ..placement.clone() };
        match kept.iter_mut().find(|other| other.department_id == placement.department_id) {
            Some(other) if placement.is_main => *other = placement,
            Some(_) => {}
            None => kept.push(placement),
        }
    }
    fields.finish()?;
    if kept.is_empty() {
        kept.push(Placement::main(departments::root(tx, org)?.id));
    }
    let main = kept.iter().position(|placement| placement.is_main).unwrap_or(0);
    kept[main].is_main = true;
    kept[..=main].rotate_right(1);
    Ok(kept)
}

fn same(old: &[Place], new: &[Placement]) -> bool {
    old.len() == new.len() && old.iter().cloned().map(placement).eq(new.iter().cloned())
}

fn told(places: &[Place]) -> Value {
    let places: Vec<Value> = places
        .iter()
        .map(|place| json!({ "id": place.department_id, "name": place.department_name, "main": place.is_main, "position": place.position, "rank": place.rank }))
        .collect();
    json!({ "departments": places })
}
