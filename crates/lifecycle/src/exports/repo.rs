//! Who is exported, and the file until it is fetched.

use kernel::{DepartmentId, JobId, MemberId, OrgId, Timestamp};
use store::{Params, StoreError, Tx, in_list, params};

use crate::sheets::Format;

/// Members outside the recycle bin in their manual order: those of the departments and of all below them, or all when there are none.
pub fn chosen_members(tx: &mut Tx, org: OrgId, departments: &[DepartmentId]) -> Result<Vec<MemberId>, StoreError> {
    let mut parameters: Params = params![org];
    let mut sql = String::new();
    let mut condition = "";
    if !departments.is_empty() {
        departments.iter().for_each(|id| {
            parameters.push(*id);
        });
        let list = in_list(2, departments.len());
        sql = format!(
            "WITH RECURSIVE down (id) AS (
                 SELECT id FROM department WHERE org_id = $1 AND id IN {list}
                 UNION
                 SELECT d.id FROM down JOIN department d ON d.org_id = $1 AND d.parent_id = down.id
             ) "
        );
        condition = "AND m.id IN (SELECT dm.member_id FROM department_member dm
                         WHERE dm.org_id = $1 AND dm.department_id IN (SELECT id FROM down)) ";
    }
    sql.push_str("SELECT m.id FROM member m WHERE m.org_id = $1 AND m.recycled_at IS NULL ");
    sql.push_str(condition);
    sql.push_str("ORDER BY m.sort_order, m.id");
    tx.query_all(&sql, parameters, |row| row.get(0))
}

pub fn service_class_names(tx: &mut Tx, org: OrgId) -> Result<Vec<(kernel::ServiceClassId, String)>, StoreError> {
    tx.query_all("SELECT id, name FROM service_class WHERE org_id = $1", params![org], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub struct FileHead {
    pub file_name: String,
    pub format: Format,
    pub departments: Vec<DepartmentId>,
    pub created_by: Option<MemberId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub is_complete: bool,
}

pub fn insert_head(tx: &mut Tx, org: OrgId, job: JobId, head: &FileHead) -> Result<(), StoreError> {
    let departments = serde_json::to_string(&head.departments).expect("ids are text");
    tx.execute(
        "INSERT INTO export_file (org_id, job_id, file_name, format, departments, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![org, job, &head.file_name, head.format.extension(), departments, head.created_by, head.created_at, head.expires_at],
    )?
    .expect_one()
}

pub fn complete(tx: &mut Tx, org: OrgId, job: JobId, size_bytes: usize) -> Result<(), StoreError> {
    let sql = "UPDATE export_file SET size_bytes = $3 WHERE org_id = $1 AND job_id = $2";
    tx.execute(sql, params![org, job, size_bytes as i64])?.expect_one()
}

pub fn find_head(tx: &mut Tx, org: OrgId, job: JobId) -> Result<Option<FileHead>, StoreError> {
    tx.query_opt(
        "SELECT file_name, format, departments, created_by, created_at, expires_at, size_bytes FROM export_file
         WHERE org_id = $1 AND job_id = $2",
        params![org, job],
        |row| {
            let format: String = row.get(1)?;
            let size: Option<i64> = row.get(6)?;
            Ok(FileHead {
                file_name: row.get(0)?,
                format: if format == Format::Csv.extension() { Format::Csv } else { Format::Xlsx },
                departments: row.json(2)?,
                created_by: row.get(3)?,
                created_at: row.get(4)?,
                expires_at: row.get(5)?,
                is_complete: size.is_some(),
            })
        },
    )
}

pub fn insert_part(tx: &mut Tx, org: OrgId, job: JobId, part: usize, sealed: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO export_part (org_id, job_id, part, sealed) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, params![org, job, part as i64, sealed])?.expect_one()
}

pub fn find_part(tx: &mut Tx, org: OrgId, job: JobId, part: usize) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM export_part WHERE org_id = $1 AND job_id = $2 AND part = $3";
    tx.query_opt(sql, params![org, job, part as i64], |row| row.get(0))
}

pub fn delete(tx: &mut Tx, org: OrgId, job: JobId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM export_part WHERE org_id = $1 AND job_id = $2", params![org, job])?.any();
    tx.execute("DELETE FROM export_file WHERE org_id = $1 AND job_id = $2", params![org, job])?.any();
    Ok(())
}

/// Files of every organisation that may go, at most `limit`.
pub fn expired(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<(OrgId, JobId)>, StoreError> {
    let sql = "SELECT org_id, job_id FROM export_file WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    tx.query_all(sql, params![now, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}
