use kernel::{Ctx, DepartmentId, MemberId};
use serde_json::json;
use store::{StoreError, Tx};

use super::add::{check_identifier, check_name};
use super::{Department, MAX_LEADERS, MAX_MEMBER_LIMIT, repo};
use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::fields::{FieldCheck, InvalidFields};
use crate::topics;

#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("department {0} does not exist")]
    NotFound(DepartmentId),
    #[error("the root department is called as the organisation is")]
    IsRoot,
    #[error("there is a department {name} beside it already")]
    NameTaken { name: String },
    #[error("a department beside it has the identifier {identifier} already")]
    IdentifierTaken { identifier: String },
    #[error("the department has {count} members already")]
    LimitBelowCount { count: i64 },
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the department")]
    Store(#[from] StoreError),
}
kernel::faults! { ChangeError:
    ChangeError::NotFound(_) => NotFound "department_not_found",
    ChangeError::IsRoot => Conflict "department_is_root",
    ChangeError::NameTaken { name } => Conflict "department_name_taken" { name },
    ChangeError::IdentifierTaken { identifier } => Conflict "department_identifier_taken" { identifier },
    ChangeError::LimitBelowCount { count } => Conflict "limit_below_count" { count },
    ChangeError::Fields(inner) => inner,
    ChangeError::Denied(inner) => inner,
    ChangeError::Store(inner) => inner,
}

#[derive(Debug, thiserror::Error)]
pub enum LeadersError {
    #[error("department {0} does not exist")]
    NotFound(DepartmentId),
    #[error("member {0} does not exist")]
    MemberNotFound(MemberId),
    #[error("a department has at most {limit} leaders")]
    TooMany { limit: usize },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not set the leaders of the department")]
    Store(#[from] StoreError),
}
kernel::faults! { LeadersError:
    LeadersError::NotFound(_) => NotFound "department_not_found",
    LeadersError::MemberNotFound(_) => NotFound "member_not_found",
    LeadersError::TooMany { limit } => LimitReached "too_many_leaders" { limit },
    LeadersError::Denied(inner) => inner,
    LeadersError::Store(inner) => inner,
}

pub fn rename(ctx: &Ctx, tx: &mut Tx, id: DepartmentId, name: &str) -> Result<(), ChangeError> {
    let old = changeable(ctx, tx, id)?;
    let parent = old.parent_id.ok_or(ChangeError::IsRoot)?;
    let mut fields = FieldCheck::new();
    let name = check_name(&mut fields, name);
    fields.finish()?;
    if repo::child_by_name_key(tx, ctx.org, parent, &kernel::fold(&name))?.is_some_and(|other| other != id) {
        return Err(ChangeError::NameTaken { name });
    }
    write(ctx, tx, "department.renamed", &old, Department { name, ..old.clone() })
}

/// Sets the identifier; unique among siblings however it is written.
pub fn set_identifier(ctx: &Ctx, tx: &mut Tx, id: DepartmentId, identifier: &str) -> Result<(), ChangeError> {
    let old = changeable(ctx, tx, id)?;
    let parent = old.parent_id.ok_or(ChangeError::IsRoot)?;
    let mut fields = FieldCheck::new();
    let checked = check_identifier(&mut fields, identifier);
    if checked.is_none() {
        fields.wrong("identifier", "value_missing");
    }
    fields.finish()?;
    let identifier = checked.unwrap_or_default();
    if repo::child_by_identifier(tx, ctx.org, parent, &identifier)?.is_some_and(|other| other != id) {
        return Err(ChangeError::IdentifierTaken { identifier });
    }
    write(ctx, tx, "department.identifier_set", &old, Department { identifier, ..old.clone() })
}

/// Sets or lifts the limit. A limit below the number of members there already is refused, so that no department is ever over its limit.
pub fn set_limit(ctx: &Ctx, tx: &mut Tx, id: DepartmentId, limit: Option<i64>) -> Result<(), ChangeError> {
    let old = changeable(ctx, tx, id)?;
    if let Some(limit) = limit {
        let mut fields = FieldCheck::new();
        fields.within("member_limit", limit, 0, MAX_MEMBER_LIMIT);
        fields.finish()?;
        let count = repo::members_in_subtrees(tx, ctx.org, &[id])?;
        if count > limit {
            return Err(ChangeError::LimitBelowCount { count });
        }
    }
    write(ctx, tx, "department.limit_set", &old, Department { member_limit: limit, ..old.clone() })
}

/// 设置主管: who leads the department, the first first; nobody when empty.
pub fn set_leaders(ctx: &Ctx, tx: &mut Tx, id: DepartmentId, members: &[MemberId]) -> Result<(), LeadersError> {
    authorize(ctx, tx, Permission::ManageDepartments, Target::Department(id))?;
    let department = repo::find(tx, ctx.org, id)?.ok_or(LeadersError::NotFound(id))?;
    if members.len() > MAX_LEADERS {
        return Err(LeadersError::TooMany { limit: MAX_LEADERS });
    }
    let mut distinct = Vec::with_capacity(members.len());
    for member in members {
        if !distinct.contains(member) {
            distinct.push(*member);
        }
    }
    let mut new_names = Vec::with_capacity(distinct.len());
    for member in &distinct {
        new_names.push(crate::members::name_of_present(tx, ctx.org, *member)?.ok_or(LeadersError::MemberNotFound(*member))?);
    }
    let old = repo::leaders_of(tx, ctx.org, id)?;
    if old.iter().map(|leader| leader.id).eq(distinct.iter().copied()) {
        return Ok(());
    }
    repo::set_leaders(tx, ctx.org, id, &distinct)?;
    let old_names: Vec<&str> = old.iter().map(|leader| leader.name.as_str()).collect();
    let event = AuditEvent::new("department.leaders_set", AuditTarget::department(id, department.name));
    audit::record(ctx, tx, event.with_before(json!({ "leaders": old_names })).with_after(json!({ "leaders": new_names })))?;
    crate::changed(ctx, tx, topics::DEPARTMENTS);
    Ok(())
}

fn changeable(ctx: &Ctx, tx: &mut Tx, id: DepartmentId) -> Result<Department, ChangeError> {
    authorize(ctx, tx, Permission::ManageDepartments, Target::Department(id))?;
    repo::find(tx, ctx.org, id)?.ok_or(ChangeError::NotFound(id))
}

fn write(ctx: &Ctx, tx: &mut Tx, action: &'static str, old: &Department, new: Department) -> Result<(), ChangeError> {
    if new == *old {
        return Ok(());
    }
    let new = Department { version: old.version + 1, ..new };
    repo::update(tx, ctx.org, &new)?;
    let (before, after) = crate::changes::between(old, &new, &["version"]);
    let target = AuditTarget::department(new.id, &new.name);
    audit::record(ctx, tx, AuditEvent::new(action, target).with_before(before).with_after(after))?;
    crate::changed(ctx, tx, topics::DEPARTMENTS);
    Ok(())
}
