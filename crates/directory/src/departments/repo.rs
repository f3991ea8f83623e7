//! SQL of the tree. The recursive ones join with `CROSS JOIN … WHERE`: to SQLite it says which table to look at first, and without it some
//! versions read every department at each step. PostgreSQL takes it for the inner join it is.

use std::collections::HashSet;

use kernel::{DepartmentId, MemberId, OrgId};
use store::{Row, StoreError, Tx, in_list, params};

use super::{Department, Leader};

const COLUMNS: &str = "d.id, d.parent_id, d.name, d.identifier, d.sort_order, d.member_limit, d.created_at, d.version";

/// The parent of the root.
const NO_PARENT: DepartmentId = DepartmentId::from_raw(0);

fn read(row: &Row) -> Result<Department, StoreError> {
    let parent: DepartmentId = row.get(1)?;
    Ok(Department {
        id: row.get(0)?,
        parent_id: (parent != NO_PARENT).then_some(parent),
        name: row.get(2)?,
        identifier: row.get(3)?,
        sort_order: row.get(4)?,
        member_limit: row.get(5)?,
        created_at: row.get(6)?,
        version: row.get(7)?,
    })
}

/// `false` when a sibling has the name or the identifier.
pub(super) fn insert(tx: &mut Tx, org: OrgId, department: &Department) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO department (org_id, id, parent_id, name, name_key, identifier, sort_order, member_limit, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        params![
            org,
            department.id,
            department.parent_id.unwrap_or(NO_PARENT),
            department.name,
            kernel::fold(&department.name),
            department.identifier,
            department.sort_order,
            department.member_limit,
            department.created_at,
            department.version
        ],
    )?;
    Ok(inserted.is_one())
}

pub(super) fn update(tx: &mut Tx, org: OrgId, department: &Department) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE department SET parent_id = $3, name = $4, name_key = $5, identifier = $6, sort_order = $7, member_limit = $8, version = $9
         WHERE org_id = $1 AND id = $2",
        params![
            org,
            department.id,
            department.parent_id.unwrap_or(NO_PARENT),
            department.name,
            kernel::fold(&department.name),
            department.identifier,
            department.sort_order,
            department.member_limit,
            department.version
        ],
    )?
    .expect_one()
}

pub(super) fn set_sort_order(tx: &mut Tx, org: OrgId, id: DepartmentId, order: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE department SET sort_order = $3 WHERE org_id = $1 AND id = $2", params![org, id, order])?.expect_one()
}

pub(super) fn delete(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM department_leader WHERE org_id = $1 AND department_id = $2", params![org, id])?.any();
    tx.execute("DELETE FROM department WHERE org_id = $1 AND id = $2", params![org, id])?.expect_one()
}

pub(super) fn find(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<Option<Department>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM department d WHERE d.org_id = $1 AND d.id = $2"), params![org, id], read)
}

pub(super) fn exists(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<bool, StoreError> {
    let found = tx.query_opt("SELECT 1 FROM department WHERE org_id = $1 AND id = $2", params![org, id], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Whether any department has a limit.
pub(super) fn any_limits(tx: &mut Tx, org: OrgId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM department WHERE org_id = $1 AND member_limit IS NOT NULL LIMIT 1";
    Ok(tx.query_opt(sql, params![org], |_| Ok(()))?.is_some())
}

pub(super) fn root(tx: &mut Tx, org: OrgId) -> Result<Department, StoreError> {
    tx.query_one(&format!("SELECT {COLUMNS} FROM department d WHERE d.org_id = $1 AND d.parent_id = $2"), params![org, NO_PARENT], read)
}

pub(super) fn all(tx: &mut Tx, org: OrgId) -> Result<Vec<Department>, StoreError> {
    tx.query_all(&format!("SELECT {COLUMNS} FROM department d WHERE d.org_id = $1 ORDER BY d.sort_order, d.id"), params![org], read)
}

pub(super) fn count_below_root(tx: &mut Tx, org: OrgId) -> Result<i64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM department WHERE org_id = $1 AND parent_id <> $2", params![org, NO_PARENT], |row| row.get(0))
}

pub(super) fn child_by_name_key(tx: &mut Tx, org: OrgId, parent: DepartmentId, key: &str) -> Result<Option<DepartmentId>, StoreError> {
    let sql = "SELECT id FROM department WHERE org_id = $1 AND parent_id = $2 AND name_key = $3";
    tx.query_opt(sql, params![org, parent, key], |row| row.get(0))
}

pub(super) fn child_by_identifier(tx: &mut Tx, org: OrgId, parent: DepartmentId, key: &str) -> Result<Option<DepartmentId>, StoreError> {
    let sql = "SELECT id FROM department WHERE org_id = $1 AND parent_id = $2 AND identifier = $3";
    tx.query_opt(sql, params![org, parent, key], |row| row.get(0))
}

/// `base` has letters and digits only.
pub(super) fn identifiers_beginning_with(tx: &mut Tx, org: OrgId, parent: DepartmentId, base: &str) -> Result<HashSet<String>, StoreError> {
    let found = tx.query_all(
        "SELECT identifier FROM department WHERE org_id = $1 AND parent_id = $2 AND identifier >= $3 AND identifier < $4",
        // `:` is the character after `9`: what begins so and goes on with digits lies between.
        params![org, parent, base, format!("{base}:")],
        |row| row.get(0),
    )?;
    Ok(found.into_iter().collect())
}

pub(super) fn children_in_order(tx: &mut Tx, org: OrgId, parent: DepartmentId) -> Result<Vec<(DepartmentId, i64)>, StoreError> {
    tx.query_all(
        "SELECT id, sort_order FROM department WHERE org_id = $1 AND parent_id = $2 ORDER BY sort_order, id",
        params![org, parent],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A department on the way up to the root.
pub(super) struct Ancestor {
    pub id: DepartmentId,
    pub name: String,
    pub member_limit: Option<i64>,
}

/// The department itself, its parent, and so on to the root; empty when it does not exist.
pub(super) fn ancestors(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<Vec<Ancestor>, StoreError> {
    tx.query_all(
        "WITH RECURSIVE up (id, parent_id, name, member_limit, level) AS (
             SELECT id, parent_id, name, member_limit, 0 FROM department WHERE org_id = $1 AND id = $2
             UNION ALL
             SELECT d.id, d.parent_id, d.name, d.member_limit, up.level + 1
             FROM up CROSS JOIN department d WHERE d.org_id = $1 AND d.id = up.parent_id
         )
         SELECT id, name, member_limit FROM up ORDER BY level",
        params![org, id],
        |row| Ok(Ancestor { id: row.get(0)?, name: row.get(1)?, member_limit: row.get(2)? }),
    )
}

pub(super) fn subtree_ids(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<Vec<DepartmentId>, StoreError> {
    tx.query_all(
        "WITH RECURSIVE down (id) AS (
             SELECT id FROM department WHERE org_id = $1 AND id = $2
             UNION ALL
             SELECT d.id FROM down CROSS JOIN department d WHERE d.org_id = $1 AND d.parent_id = down.id
         )
         SELECT id FROM down",
        params![org, id],
        |row| row.get(0),
    )
}

/// How many levels the subtree has, the department itself counted.
pub(super) fn height(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<usize, StoreError> {
    tx.query_one(
        "WITH RECURSIVE down (id, level) AS (
             SELECT id, CAST(1 AS BIGINT) FROM department WHERE org_id = $1 AND id = $2
             UNION ALL
             SELECT d.id, down.level + 1 FROM down CROSS JOIN department d WHERE d.org_id = $1 AND d.parent_id = down.id
         )
         SELECT COALESCE(MAX(level), 0) FROM down",
        params![org, id],
        |row| row.get(0),
    )
}

/// Distinct members of the departments and of everything below them.
pub(super) fn members_in_subtrees(tx: &mut Tx, org: OrgId, ids: &[DepartmentId]) -> Result<i64, StoreError> {
    let mut params = params![org];
    params.extend(ids);
    let sql = format!(
        "WITH RECURSIVE down (id) AS (
             SELECT id FROM department WHERE org_id = $1 AND id IN {}
             UNION
             SELECT d.id FROM down CROSS JOIN department d WHERE d.org_id = $1 AND d.parent_id = down.id
         )
         SELECT COUNT(DISTINCT dm.member_id) FROM down CROSS JOIN department_member dm WHERE dm.org_id = $1 AND dm.department_id = down.id",
        in_list(2, ids.len())
    );
    tx.query_one(&sql, params, |row| row.get(0))
}

pub(super) fn members_in_organisation(tx: &mut Tx, org: OrgId) -> Result<i64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM member WHERE org_id = $1 AND recycled_at IS NULL", params![org], |row| row.get(0))
}

pub(super) fn organisation_limit(tx: &mut Tx, org: OrgId) -> Result<Option<i64>, StoreError> {
    tx.query_one("SELECT member_limit FROM organisation WHERE id = $1", params![org], |row| row.get(0))
}

/// Who is where: a row for each department of each member. Read from the key alone, because there are many.
pub(super) fn all_places(tx: &mut Tx, org: OrgId) -> Result<Vec<(MemberId, DepartmentId)>, StoreError> {
    let sql = "SELECT department_id, member_id FROM department_member WHERE org_id = $1 ORDER BY department_id, member_id";
    tx.query_all(sql, params![org], |row| Ok((row.get(1)?, row.get(0)?)))
}

/// Members who have not activated, in the order of their ids; an index holds just these.
pub(super) fn not_activated(tx: &mut Tx, org: OrgId) -> Result<Vec<MemberId>, StoreError> {
    tx.query_all("SELECT id FROM member WHERE org_id = $1 AND activated_at IS NULL ORDER BY id", params![org], |row| row.get(0))
}

const LEADERS: &str = "FROM department_leader l JOIN member m ON m.org_id = l.org_id AND m.id = l.member_id";

pub(super) fn all_leaders(tx: &mut Tx, org: OrgId) -> Result<Vec<(DepartmentId, Leader)>, StoreError> {
    let sql = format!("SELECT l.department_id, m.id, m.name {LEADERS} WHERE l.org_id = $1 ORDER BY l.department_id, l.rank");
    tx.query_all(&sql, params![org], |row| Ok((row.get(0)?, Leader { id: row.get(1)?, name: row.get(2)? })))
}

pub(super) fn leaders_of(tx: &mut Tx, org: OrgId, id: DepartmentId) -> Result<Vec<Leader>, StoreError> {
    let sql = format!("SELECT m.id, m.name {LEADERS} WHERE l.org_id = $1 AND l.department_id = $2 ORDER BY l.rank");
    tx.query_all(&sql, params![org, id], |row| Ok(Leader { id: row.get(0)?, name: row.get(1)? }))
}

pub(super) fn set_leaders(tx: &mut Tx, org: OrgId, id: DepartmentId, members: &[MemberId]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM department_leader WHERE org_id = $1 AND department_id = $2", params![org, id])?.any();
    for (rank, member) in members.iter().enumerate() {
        tx.execute(
            "INSERT INTO department_leader (org_id, department_id, member_id, rank) VALUES ($1, $2, $3, $4)",
            params![org, id, member, rank],
        )?
        .expect_one()?;
    }
    Ok(())
}

pub(super) fn led_by(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Vec<DepartmentId>, StoreError> {
    tx.query_all(
        "SELECT department_id FROM department_leader WHERE org_id = $1 AND member_id = $2 ORDER BY department_id",
        params![org, member],
        |row| row.get(0),
    )
}

pub(super) fn delete_leader(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM department_leader WHERE org_id = $1 AND member_id = $2", params![org, member])?.any();
    Ok(())
}

pub(super) fn append_leader(tx: &mut Tx, org: OrgId, id: DepartmentId, member: MemberId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO department_leader (org_id, department_id, member_id, rank)
         SELECT $1, $2, $3, COALESCE(MAX(rank), 0) + 1 FROM department_leader WHERE org_id = $1 AND department_id = $2",
        params![org, id, member],
    )?
    .expect_one()
}
