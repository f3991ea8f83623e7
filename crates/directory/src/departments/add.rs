use kernel::{Ctx, DepartmentId};
use serde_json::json;
use store::{StoreError, Tx};

use super::{Department, MAX_DEPTH, MAX_IDENTIFIER_CHARS, MAX_MEMBER_LIMIT, MAX_NAME_CHARS, repo};
use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::fields::{FieldCheck, InvalidFields};
use crate::{names, topics};

#[derive(Debug, Clone)]
pub struct NewDepartment {
    pub parent_id: DepartmentId,
    pub name: String,
    /// By default the pinyin initials of the name, numbered when a sibling has them.
    pub identifier: Option<String>,
    pub member_limit: Option<i64>,
}

#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error("department {0} does not exist")]
    ParentNotFound(DepartmentId),
    #[error("there is a department {name} beside it already")]
    NameTaken { name: String },
    #[error("a department beside it has the identifier {identifier} already")]
    IdentifierTaken { identifier: String },
    #[error("departments can be nested {limit} deep")]
    TooDeep { limit: usize },
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not add the department")]
    Store(#[from] StoreError),
}
kernel::faults! { AddError:
    AddError::ParentNotFound(_) => NotFound "department_not_found",
    AddError::NameTaken { name } => Conflict "department_name_taken" { name },
    AddError::IdentifierTaken { identifier } => Conflict "department_identifier_taken" { identifier },
    AddError::TooDeep { limit } => LimitReached "department_too_deep" { limit },
    AddError::Fields(inner) => inner,
    AddError::Denied(inner) => inner,
    AddError::Store(inner) => inner,
}

/// Adds a department at the end of its siblings.
pub fn add(ctx: &Ctx, tx: &mut Tx, new: &NewDepartment) -> Result<DepartmentId, AddError> {
    authorize(ctx, tx, Permission::ManageDepartments, Target::Department(new.parent_id))?;
    let mut fields = FieldCheck::new();
    let name = check_name(&mut fields, &new.name);
    let identifier = new.identifier.as_deref().and_then(|identifier| check_identifier(&mut fields, identifier));
    if let Some(limit) = new.member_limit {
        fields.within("member_limit", limit, 0, MAX_MEMBER_LIMIT);
    }
    fields.finish()?;
    let depth = repo::ancestors(tx, ctx.org, new.parent_id)?.len();
    if depth == 0 {
        return Err(AddError::ParentNotFound(new.parent_id));
    }
    // The root is an ancestor too, and is not counted.
    if depth > MAX_DEPTH {
        return Err(AddError::TooDeep { limit: MAX_DEPTH });
    }
    let chosen = identifier.is_some();
    let identifier = match identifier {
        Some(identifier) => identifier,
        None => free_identifier(tx, ctx, new.parent_id, &name)?,
    };
    let id: DepartmentId = ctx.new_id();
    let department = Department {
        id,
        parent_id: Some(new.parent_id),
        name,
        identifier,
        sort_order: id.raw(),
        member_limit: new.member_limit,
        created_at: ctx.now,
        version: 1,
    };
    if !repo::insert(tx, ctx.org, &department)? {
        let named = repo::child_by_name_key(tx, ctx.org, new.parent_id, &kernel::fold(&department.name))?;
        return Err(match named {
            None if chosen => AddError::IdentifierTaken { identifier: department.identifier },
            _ => AddError::NameTaken { name: department.name },
        });
    }
    let after = json!({
        "name": department.name,
        "identifier": department.identifier,
        "parent_id": department.parent_id,
        "member_limit": department.member_limit,
    });
    audit::record(ctx, tx, AuditEvent::new("department.added", AuditTarget::department(id, &department.name)).with_after(after))?;
    crate::changed(ctx, tx, topics::DEPARTMENTS);
    Ok(id)
}

/// The root department of a new organisation.
pub(crate) fn add_root(ctx: &Ctx, tx: &mut Tx, name: &str) -> Result<DepartmentId, StoreError> {
    let department = Department {
        id: ctx.new_id(),
        parent_id: None,
        name: name.to_owned(),
        identifier: "root".to_owned(),
        sort_order: 0,
        member_limit: None,
        created_at: ctx.now,
        version: 1,
    };
    repo::insert(tx, ctx.org, &department)?;
    Ok(department.id)
}

/// The root department is called as the organisation is.
pub(crate) fn rename_root(ctx: &Ctx, tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    let root = repo::root(tx, ctx.org)?;
    repo::update(tx, ctx.org, &Department { name: name.to_owned(), version: root.version + 1, ..root })?;
    crate::changed(ctx, tx, topics::DEPARTMENTS);
    Ok(())
}

pub(super) fn check_name(fields: &mut FieldCheck, name: &str) -> String {
    let name = fields.required("name", name, MAX_NAME_CHARS);
    if name.contains('/') {
        fields.wrong("name", "value_invalid");
    }
    name
}

/// `None` when it is blank, which asks for the default.
pub(super) fn check_identifier(fields: &mut FieldCheck, identifier: &str) -> Option<String> {
    let identifier = fields.optional("identifier", Some(identifier), MAX_IDENTIFIER_CHARS)?;
    if identifier.contains('/') {
        fields.wrong("identifier", "value_invalid");
    }
    Some(kernel::fold(&identifier))
}

/// The initials of the name, or the first number after them that no sibling has.
fn free_identifier(tx: &mut Tx, ctx: &Ctx, parent: DepartmentId, name: &str) -> Result<String, StoreError> {
    let mut base: String = names::initials(name).chars().take(MAX_IDENTIFIER_CHARS - 8).collect();
    if base.is_empty() {
        base.push('d');
    }
    let taken = repo::identifiers_beginning_with(tx, ctx.org, parent, &base)?;
    let is_free = |candidate: &String| !taken.contains(candidate);
    let mut candidates = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}{number}")));
    Ok(candidates.find(is_free).expect("there are more numbers than departments"))
}
