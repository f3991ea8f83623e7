use kernel::{Ctx, DepartmentId, DepartmentKind, Id};
use serde_json::json;
use store::{StoreError, Tx};

use super::{Department, MAX_DEPTH, repo};
use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::topics;

#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error("department {0} does not exist")]
    NotFound(DepartmentId),
    #[error("the root department cannot be moved")]
    IsRoot,
    #[error("a department cannot be moved below itself")]
    BelowItself,
    #[error("there is a department {name} at that place already")]
    NameTaken { name: String },
    #[error("a department at that place has the identifier {identifier} already")]
    IdentifierTaken { identifier: String },
    #[error("departments can be nested {limit} deep")]
    TooDeep { limit: usize },
    #[error("department {department} would exceed its limit of {limit} members")]
    DepartmentFull { department: String, limit: i64 },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not move the department")]
    Store(#[from] StoreError),
}
kernel::faults! { MoveError:
    MoveError::NotFound(_) => NotFound "department_not_found",
    MoveError::IsRoot => Conflict "department_is_root",
    MoveError::BelowItself => Conflict "department_below_itself",
    MoveError::NameTaken { name } => Conflict "department_name_taken" { name },
    MoveError::IdentifierTaken { identifier } => Conflict "department_identifier_taken" { identifier },
    MoveError::TooDeep { limit } => LimitReached "department_too_deep" { limit },
    MoveError::DepartmentFull { department, limit } => LimitReached "department_full" { department, limit },
    MoveError::Denied(inner) => inner,
    MoveError::Store(inner) => inner,
}

/// Moves a department with everything below it under another, before one of its children or, without one, at the end.
///
/// Within the same parent this only changes the order.
pub fn move_to(ctx: &Ctx, tx: &mut Tx, id: DepartmentId, parent: DepartmentId, before: Option<DepartmentId>) -> Result<(), MoveError> {
    authorize(ctx, tx, Permission::ManageDepartments, Target::Department(id))?;
    authorize(ctx, tx, Permission::ManageDepartments, Target::Department(parent))?;
    let department = repo::find(tx, ctx.org, id)?.ok_or(MoveError::NotFound(id))?;
    let old_parent = department.parent_id.ok_or(MoveError::IsRoot)?;
    if old_parent != parent {
        check_place(ctx, tx, &department, old_parent, parent)?;
    }
    let siblings: Vec<(DepartmentId, i64)> =
        repo::children_in_order(tx, ctx.org, parent)?.into_iter().filter(|(sibling, _)| *sibling != id).collect();
    let end: Id<DepartmentKind> = ctx.new_id();
    let sort_order = match before {
        // Numbers grow with time, so whatever is put at the end now comes after all that is there.
        None => end.raw(),
        Some(before) => {
            let place = siblings.iter().position(|(sibling, _)| *sibling == before).ok_or(MoveError::NotFound(before))?;
            for (index, (sibling, order)) in siblings.iter().enumerate() {
                let wanted = index + usize::from(index >= place) + 1;
                if *order != wanted as i64 {
                    repo::set_sort_order(tx, ctx.org, *sibling, wanted as i64)?;
                }
            }
            place as i64 + 1
        }
    };
    let moved = Department { parent_id: Some(parent), sort_order, version: department.version + 1, ..department.clone() };
    repo::update(tx, ctx.org, &moved)?;
    if old_parent != parent {
        let names = (repo::find(tx, ctx.org, old_parent)?, repo::find(tx, ctx.org, parent)?);
        let place = |parent: DepartmentId, department: Option<Department>| json!({ "parent_id": parent, "parent": department.map(|department| department.name) });
        let event = AuditEvent::new("department.moved", AuditTarget::department(id, &department.name));
        audit::record(ctx, tx, event.with_before(place(old_parent, names.0)).with_after(place(parent, names.1)))?;
    } else {
        audit::record(ctx, tx, AuditEvent::new("department.reordered", AuditTarget::department(id, &department.name)))?;
    }
    crate::changed(ctx, tx, topics::DEPARTMENTS);
    Ok(())
}

/// Moves a department among its siblings.
pub fn reorder(ctx: &Ctx, tx: &mut Tx, id: DepartmentId, before: Option<DepartmentId>) -> Result<(), MoveError> {
    authorize(ctx, tx, Permission::ManageDepartments, Target::Department(id))?;
    let department = repo::find(tx, ctx.org, id)?.ok_or(MoveError::NotFound(id))?;
    move_to(ctx, tx, id, department.parent_id.ok_or(MoveError::IsRoot)?, before)
}

fn check_place(ctx: &Ctx, tx: &mut Tx, department: &Department, old_parent: DepartmentId, parent: DepartmentId) -> Result<(), MoveError> {
    let ancestors = repo::ancestors(tx, ctx.org, parent)?;
    if ancestors.is_empty() {
        return Err(MoveError::NotFound(parent));
    }
    if ancestors.iter().any(|ancestor| ancestor.id == department.id) {
        return Err(MoveError::BelowItself);
    }
    if repo::child_by_name_key(tx, ctx.org, parent, &kernel::fold(&department.name))?.is_some() {
        return Err(MoveError::NameTaken { name: department.name.clone() });
    }
    if repo::child_by_identifier(tx, ctx.org, parent, &department.identifier)?.is_some() {
        return Err(MoveError::IdentifierTaken { identifier: department.identifier.clone() });
    }
    // The ancestors hold the root, which counts nothing; the height counts the department itself.
    let depth = ancestors.len() - 1 + repo::height(tx, ctx.org, department.id)?;
    if depth > MAX_DEPTH {
        return Err(MoveError::TooDeep { limit: MAX_DEPTH });
    }
    let old_ancestors = repo::ancestors(tx, ctx.org, old_parent)?;
    for ancestor in ancestors {
        let Some(limit) = ancestor.member_limit else { continue };
        if old_ancestors.iter().any(|old| old.id == ancestor.id) {
            continue;
        }
        if repo::members_in_subtrees(tx, ctx.org, &[ancestor.id, department.id])? > limit {
            return Err(MoveError::DepartmentFull { department: ancestor.name, limit });
        }
    }
    Ok(())
}
