//! Departments made on the way, by the first row that needs them.

use directory::departments::{self, AddError, NewDepartment};
use kernel::{Ctx, DepartmentId, ImportId};
use store::{StoreError, Tx};

use super::departments::{Place, Tree};
use super::repo;

/// The departments of these paths, made where they are missing. `made` gets those that were.
pub(super) fn ensure(
    ctx: &Ctx,
    tx: &mut Tx,
    import: ImportId,
    tree: &mut Tree,
    paths: &[Vec<String>],
    made: &mut Vec<DepartmentId>,
) -> Result<Vec<DepartmentId>, AddError> {
    let mut found = Vec::with_capacity(paths.len());
    for path in paths {
        let (mut at, rest) = match tree.find(path) {
            Place::Known(id) => (id, Vec::new()),
            Place::Missing { nearest, rest } => (nearest, rest),
        };
        let mut depth = path.len() - rest.len();
        for name in rest {
            let new = NewDepartment { parent_id: at, name: name.clone(), identifier: None, member_limit: None };
            let id = departments::add(ctx, tx, &new)?;
            depth += 1;
            repo::departments::insert(tx, ctx.org, import, id, depth)?;
            tree.insert(id, at, &name);
            made.push(id);
            at = id;
        }
        found.push(at);
    }
    Ok(found)
}

/// Takes departments away again that were made for a row that failed after all.
pub(super) fn take_back(ctx: &Ctx, tx: &mut Tx, import: ImportId, tree: &mut Tree, made: &[DepartmentId]) -> Result<(), StoreError> {
    for id in made.iter().rev() {
        match departments::remove(ctx, tx, *id) {
            Ok(()) => {
                repo::departments::delete(tx, ctx.org, import, *id)?;
                tree.remove(*id);
            }
            Err(departments::RemoveError::Store(error)) => return Err(error),
            // Somebody uses it by now, so it is not ours to take away.
            Err(_) => {}
        }
    }
    Ok(())
}
