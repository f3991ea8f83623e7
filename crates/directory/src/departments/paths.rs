//! Departments as people write them: names from below the root downwards, `总院/内科/心血管内科`.

use std::collections::HashMap;

use kernel::{Ctx, DepartmentId, OrgId};
use store::{StoreError, Tx};

use super::add::{AddError, NewDepartment, add};
use super::repo;

/// The department at this path; each segment a name or, failing that, an identifier. The empty path is the root.
pub fn find_path(tx: &mut Tx, org: OrgId, path: &[&str]) -> Result<Option<DepartmentId>, StoreError> {
    let mut at = repo::root(tx, org)?.id;
    for segment in path {
        match child(tx, org, at, segment)? {
            Some(child) => at = child,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// As [`find_path`], adding what is missing.
pub fn ensure_path(ctx: &Ctx, tx: &mut Tx, path: &[String]) -> Result<DepartmentId, AddError> {
    let mut at = repo::root(tx, ctx.org)?.id;
    for segment in path {
        at = match child(tx, ctx.org, at, segment)? {
            Some(child) => child,
            None => add(ctx, tx, &NewDepartment { parent_id: at, name: segment.clone(), identifier: None, member_limit: None })?,
        };
    }
    Ok(at)
}

/// The names from below the root to this department; empty for the root and for a department that does not exist.
pub fn path_of(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<Vec<String>, StoreError> {
    let mut path: Vec<String> = repo::ancestors(tx, org, id)?.into_iter().map(|ancestor| ancestor.name).collect();
    // The root comes last, and paths begin below it.
    path.pop();
    path.reverse();
    Ok(path)
}

/// The path of every department, for exports and imports.
pub fn all_paths(tx: &mut Tx, org: OrgId) -> Result<HashMap<DepartmentId, Vec<String>>, StoreError> {
    let departments = repo::all(tx, org)?;
    let by_id: HashMap<DepartmentId, &super::Department> = departments.iter().map(|department| (department.id, department)).collect();
    let mut paths = HashMap::with_capacity(departments.len());
    for department in &departments {
        let mut path = Vec::new();
        let mut at = department;
        while let Some(parent) = at.parent_id.and_then(|parent| by_id.get(&parent)) {
            path.push(at.name.clone());
            at = parent;
        }
        path.reverse();
        paths.insert(department.id, path);
    }
    Ok(paths)
}

fn child(tx: &mut Tx, org: OrgId, parent: DepartmentId, segment: &str) -> Result<Option<DepartmentId>, StoreError> {
    let key = kernel::fold(segment);
    match repo::child_by_name_key(tx, org, parent, &key)? {
        Some(child) => Ok(Some(child)),
        None => repo::child_by_identifier(tx, org, parent, &key),
    }
}
