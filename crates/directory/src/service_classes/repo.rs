use kernel::{OrgId, ServiceClassId, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::{ServiceClass, ServiceClassRow};

const COLUMNS: &str = "c.id, c.name, c.is_default, c.mail_quota_bytes, c.drive_quota_bytes, c.version";

fn read(row: &Row) -> Result<ServiceClass, StoreError> {
    Ok(ServiceClass {
        id: row.get(0)?,
        name: row.get(1)?,
        is_default: row.get(2)?,
        mail_quota_bytes: row.get(3)?,
        drive_quota_bytes: row.get(4)?,
        version: row.get(5)?,
    })
}

/// `false` when the name is taken.
pub(super) fn insert(tx: &mut Tx, org: OrgId, class: &ServiceClass, now: Timestamp) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO service_class (org_id, id, name, name_key, is_default, mail_quota_bytes, drive_quota_bytes, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org_id, name_key) DO NOTHING",
        params![
            org,
            class.id,
            class.name,
            kernel::fold(&class.name),
            class.is_default,
            class.mail_quota_bytes,
            class.drive_quota_bytes,
            now,
            class.version
        ],
    )?;
    Ok(inserted.is_one())
}

pub(super) fn update(tx: &mut Tx, org: OrgId, class: &ServiceClass) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE service_class SET name = $3, name_key = $4, is_default = $5, mail_quota_bytes = $6, drive_quota_bytes = $7, version = $8
         WHERE org_id = $1 AND id = $2",
        params![
            org,
            class.id,
            class.name,
            kernel::fold(&class.name),
            class.is_default,
            class.mail_quota_bytes,
            class.drive_quota_bytes,
            class.version
        ],
    )?
    .expect_one()
}

pub(super) fn clear_default(tx: &mut Tx, org: OrgId) -> Result<(), StoreError> {
    tx.execute("UPDATE service_class SET is_default = FALSE WHERE org_id = $1 AND is_default", params![org])?.any();
    Ok(())
}

pub(super) fn delete(tx: &mut Tx, org: OrgId, id: ServiceClassId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM service_class WHERE org_id = $1 AND id = $2", params![org, id])?.expect_one()
}

pub(super) fn find(tx: &mut Tx, org: OrgId, id: ServiceClassId) -> Result<Option<ServiceClass>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM service_class c WHERE c.org_id = $1 AND c.id = $2"), params![org, id], read)
}

pub(super) fn find_by_name_key(tx: &mut Tx, org: OrgId, name_key: &str) -> Result<Option<ServiceClassId>, StoreError> {
    tx.query_opt("SELECT id FROM service_class WHERE org_id = $1 AND name_key = $2", params![org, name_key], |row| row.get(0))
}

pub(super) fn default_class(tx: &mut Tx, org: OrgId) -> Result<ServiceClass, StoreError> {
    tx.query_one(&format!("SELECT {COLUMNS} FROM service_class c WHERE c.org_id = $1 AND c.is_default"), params![org], read)
}

pub(super) fn list(tx: &mut Tx, org: OrgId) -> Result<Vec<ServiceClassRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, COALESCE(n.member_count, 0)
         FROM service_class c
         LEFT JOIN (SELECT service_class_id, COUNT(*) AS member_count FROM member
                    WHERE org_id = $1 AND recycled_at IS NULL GROUP BY service_class_id) n ON n.service_class_id = c.id
         WHERE c.org_id = $1 ORDER BY c.is_default DESC, c.name_key"
    );
    tx.query_all(&sql, params![org], |row| Ok(ServiceClassRow { class: read(row)?, member_count: row.get(6)? }))
}

pub(super) fn member_count(tx: &mut Tx, org: OrgId, id: ServiceClassId) -> Result<i64, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM member WHERE org_id = $1 AND service_class_id = $2 AND recycled_at IS NULL",
        params![org, id],
        |row| row.get(0),
    )
}

pub(super) fn replace_in_recycle_bin(tx: &mut Tx, org: OrgId, old: ServiceClassId, new: ServiceClassId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE member SET service_class_id = $3 WHERE org_id = $1 AND service_class_id = $2 AND recycled_at IS NOT NULL",
        params![org, old, new],
    )?
    .any();
    Ok(())
}
