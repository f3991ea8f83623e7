use kernel::{Ctx, DepartmentId};
use serde_json::json;
use store::{StoreError, Tx};

use super::repo;
use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::topics;

#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error("department {0} does not exist")]
    NotFound(DepartmentId),
    #[error("the root department cannot be removed")]
    IsRoot,
    #[error("{departments} departments and {members} members are still in it")]
    NotEmpty { departments: i64, members: i64 },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not remove the department")]
    Store(#[from] StoreError),
}
kernel::faults! { RemoveError:
    RemoveError::NotFound(_) => NotFound "department_not_found",
    RemoveError::IsRoot => Conflict "department_is_root",
    RemoveError::NotEmpty { departments, members } => Conflict "department_not_empty" { departments, members },
    RemoveError::Denied(inner) => inner,
    RemoveError::Store(inner) => inner,
}

/// Removes an empty department. Members of it who are in the recycle bin come back to the root department.
pub fn remove(ctx: &Ctx, tx: &mut Tx, id: DepartmentId) -> Result<(), RemoveError> {
    authorize(ctx, tx, Permission::ManageDepartments, Target::Department(id))?;
    let department = repo::find(tx, ctx.org, id)?.ok_or(RemoveError::NotFound(id))?;
    if department.parent_id.is_none() {
        return Err(RemoveError::IsRoot);
    }
    // Everything below is counted, because that is what the user would have to clear.
    let departments = repo::subtree_ids(tx, ctx.org, id)?.len() as i64 - 1;
    let members = repo::members_in_subtrees(tx, ctx.org, &[id])?;
    if departments > 0 || members > 0 {
        return Err(RemoveError::NotEmpty { departments, members });
    }
    repo::delete(tx, ctx.org, id)?;
    let before = json!({
        "name": department.name,
        "identifier": department.identifier,
        "parent_id": department.parent_id,
        "member_limit": department.member_limit,
    });
    audit::record(ctx, tx, AuditEvent::new("department.removed", AuditTarget::department(id, &department.name)).with_before(before))?;
    crate::changed(ctx, tx, topics::DEPARTMENTS);
    Ok(())
}
