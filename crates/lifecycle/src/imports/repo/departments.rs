//! Departments an import made on its way.

use kernel::{DepartmentId, ImportId, OrgId};
use store::{StoreError, Tx, params};

pub fn insert(tx: &mut Tx, org: OrgId, import: ImportId, department: DepartmentId, depth: usize) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO import_department (org_id, import_id, department_id, depth) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        params![org, import, department, depth as i64],
    )?
    .any();
    Ok(())
}

/// Deepest first.
pub fn list(tx: &mut Tx, org: OrgId, import: ImportId) -> Result<Vec<DepartmentId>, StoreError> {
    tx.query_all(
        "SELECT department_id FROM import_department WHERE org_id = $1 AND import_id = $2 ORDER BY depth DESC, department_id DESC",
        params![org, import],
        |row| row.get(0),
    )
}

pub fn delete(tx: &mut Tx, org: OrgId, import: ImportId, department: DepartmentId) -> Result<(), StoreError> {
    let sql = "DELETE FROM import_department WHERE org_id = $1 AND import_id = $2 AND department_id = $3";
    tx.execute(sql, params![org, import, department])?.any();
    Ok(())
}

pub fn delete_all(tx: &mut Tx, org: OrgId, import: ImportId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM import_department WHERE org_id = $1 AND import_id = $2", params![org, import])?.any();
    Ok(())
}
