use kernel::{MemberId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

use super::{Administrator, Role};

pub(super) fn role_of(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Option<Role>, StoreError> {
    tx.query_opt("SELECT role FROM administrator WHERE org_id = $1 AND member_id = $2", params![org, member], |row| row.get(0))
}

pub(super) fn set(tx: &mut Tx, org: OrgId, member: MemberId, role: Role, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO administrator (org_id, member_id, role, granted_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (org_id, member_id) DO UPDATE SET role = excluded.role, granted_at = excluded.granted_at",
        params![org, member, role, now],
    )?
    .expect_one()
}

pub(super) fn delete(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM administrator WHERE org_id = $1 AND member_id = $2", params![org, member])?.expect_one()
}

pub(super) fn name_of_present_member(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT name FROM member WHERE org_id = $1 AND id = $2 AND recycled_at IS NULL", params![org, member], |row| row.get(0))
}

pub(super) fn other_able_owners(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<i64, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM administrator a JOIN member m ON m.org_id = a.org_id AND m.id = a.member_id
         WHERE a.org_id = $1 AND a.role = 'owner' AND a.member_id <> $2 AND m.recycled_at IS NULL AND m.leaving_since IS NULL
           AND m.suspended_at IS NULL AND m.locked_at IS NULL AND m.expires_on IS NULL",
        params![org, member],
        |row| row.get(0),
    )
}

pub(super) fn list(tx: &mut Tx, org: OrgId) -> Result<Vec<Administrator>, StoreError> {
    tx.query_all(
        "SELECT a.member_id, m.name, m.account_name, a.role, a.granted_at
         FROM administrator a JOIN member m ON m.org_id = a.org_id AND m.id = a.member_id
         WHERE a.org_id = $1 ORDER BY a.role DESC, m.name_sort, a.member_id",
        params![org],
        |row| {
            Ok(Administrator {
                member_id: row.get(0)?,
                name: row.get(1)?,
                account_name: row.get(2)?,
                role: row.get(3)?,
                granted_at: row.get(4)?,
            })
        },
    )
}
