//! Who may do what. Every operation of every subject asks [`authorize`] before it reads or changes anything.

mod repo;

use kernel::{Actor, Ctx, DepartmentId, MemberId, OrgId, Realm};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

use crate::administrators::{self, Role};
use crate::members::MemberState;

/// What an operation needs its actor to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    ViewOverview,
    ManageOrganisation,
    ManageDomains,
    ViewDepartments,
    ManageDepartments,
    ViewMembers,
    ManageMembers,
    ResetPasswords,
    ImportMembers,
    ExportMembers,
    ManageServiceClasses,
    ManageAdministrators,
    ViewAudit,
    ViewJobs,
    ManageQueue,
    UseOwnAccount,
}

impl Permission {
    pub const ALL: [Self; 16] = [
        Self::ViewOverview,
        Self::ManageOrganisation,
        Self::ManageDomains,
        Self::ViewDepartments,
        Self::ManageDepartments,
        Self::ViewMembers,
        Self::ManageMembers,
        Self::ResetPasswords,
        Self::ImportMembers,
        Self::ExportMembers,
        Self::ManageServiceClasses,
        Self::ManageAdministrators,
        Self::ViewAudit,
        Self::ViewJobs,
        Self::ManageQueue,
        Self::UseOwnAccount,
    ];
}

/// What an operation is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The organisation as a whole, or something of it that no department or member owns.
    Organisation,
    Department(DepartmentId),
    Member(MemberId),
    /// The actor's own member.
    Own(MemberId),
}

/// The actor may not do it.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    #[error("nobody is signed in who could do this")]
    Unauthenticated,
    #[error("the actor may not do this")]
    Forbidden,
    /// Whether the target exists is not the actor's to know.
    #[error("the target does not exist for the actor")]
    NotFound,
    #[error("could not find out what the actor may do")]
    Store(#[from] StoreError),
}
kernel::faults! { Denied:
    Denied::Unauthenticated => Unauthenticated "not_signed_in",
    Denied::Forbidden => Forbidden "forbidden",
    Denied::NotFound => NotFound "not_found",
    Denied::Store(inner) => inner,
}

/// Whether the actor of `ctx` may do this to `target` in the organisation of `ctx`.
///
/// Operators and the system may do everything. A member acts only while active (a pending one on its own account, to choose a password).
/// Who has no administration role learns of a single department or member only that it is not there.
pub fn authorize(ctx: &Ctx, tx: &mut Tx, permission: Permission, target: Target) -> Result<(), Denied> {
    let (member_id, realm) = match &ctx.actor {
        Actor::Operator { .. } | Actor::System { .. } => return Ok(()),
        Actor::Nobody => return Err(Denied::Unauthenticated),
        Actor::Member { member_id, realm, .. } => (*member_id, *realm),
    };
    let standing = repo::standing(tx, ctx.org, member_id, ctx.now)?.ok_or(Denied::Unauthenticated)?;
    if permission == Permission::UseOwnAccount {
        return match standing.state {
            MemberState::Active | MemberState::Pending if target == Target::Own(member_id) => Ok(()),
            MemberState::Active | MemberState::Pending => Err(Denied::NotFound),
            _ => Err(Denied::Unauthenticated),
        };
    }
    if standing.state != MemberState::Active {
        return Err(Denied::Unauthenticated);
    }
    let role = match (standing.role, realm) {
        (Some(role), Realm::Console) => role,
        _ => return Err(unseen(target)),
    };
    if !role_permissions(role).contains(&permission) {
        return Err(Denied::Forbidden);
    }
    // Nobody acts on somebody with more rights: an organisation administrator who could reset an owner's password would be an owner.
    let changes_member = matches!(permission, Permission::ManageMembers | Permission::ResetPasswords);
    if let (Role::OrgAdmin, true, Target::Member(id)) = (role, changes_member, target)
        && administrators::role_of(tx, ctx.org, id)? == Some(Role::Owner)
    {
        return Err(Denied::Forbidden);
    }
    Ok(())
}

/// Whether the actor may, for answers that merely show more or less.
pub fn is_allowed(ctx: &Ctx, tx: &mut Tx, permission: Permission, target: Target) -> Result<bool, StoreError> {
    match authorize(ctx, tx, permission, target) {
        Ok(()) => Ok(true),
        Err(Denied::Store(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// What a member may do in the console, and on its own account.
pub fn permissions_of(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Vec<Permission>, StoreError> {
    let mut permissions = match administrators::role_of(tx, org, member)? {
        Some(role) => role_permissions(role),
        None => Vec::new(),
    };
    permissions.push(Permission::UseOwnAccount);
    Ok(permissions)
}

/// What a role allows, [`Permission::UseOwnAccount`] aside, which comes with being a member.
pub fn role_permissions(role: Role) -> Vec<Permission> {
    let console = Permission::ALL.into_iter().filter(|permission| *permission != Permission::UseOwnAccount);
    match role {
        Role::Owner => console.collect(),
        Role::OrgAdmin => console.filter(|permission| *permission != Permission::ManageAdministrators).collect(),
    }
}

fn unseen(target: Target) -> Denied {
    match target {
        Target::Organisation => Denied::Forbidden,
        Target::Department(_) | Target::Member(_) | Target::Own(_) => Denied::NotFound,
    }
}
