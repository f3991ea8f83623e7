use kernel::{DomainId, DomainName, OrgId, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::Domain;

const COLUMNS: &str =
    "d.id, d.org_id, d.name, d.is_default, d.verification_token, d.verified_at, d.assumed, d.last_checked_at, d.created_at";

fn read(row: &Row) -> Result<Domain, StoreError> {
    Ok(Domain {
        id: row.get(0)?,
        owner: row.get(1)?,
        name: row.get(2)?,
        is_default: row.get(3)?,
        verification_token: row.get(4)?,
        verified_at: row.get(5)?,
        assumed: row.get(6)?,
        last_checked_at: row.get(7)?,
        created_at: row.get(8)?,
    })
}

/// `false` when the name is taken, by whichever organisation.
pub(super) fn insert(tx: &mut Tx, domain: &Domain) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO domain (org_id, id, name, is_default, verification_token, assumed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO NOTHING",
        params![domain.owner, domain.id, domain.name, domain.is_default, domain.verification_token, domain.assumed, domain.created_at],
    )?;
    Ok(inserted.is_one())
}

pub(super) fn count(tx: &mut Tx, org: OrgId) -> Result<i64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM domain WHERE org_id = $1", params![org], |row| row.get(0))
}

pub(super) fn set_assumed(tx: &mut Tx, org: OrgId, id: DomainId) -> Result<(), StoreError> {
    tx.execute("UPDATE domain SET assumed = TRUE WHERE org_id = $1 AND id = $2", params![org, id])?.expect_one()
}

pub(super) fn set_checked(tx: &mut Tx, org: OrgId, id: DomainId, verified: Option<Timestamp>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE domain SET verified_at = $3, last_checked_at = $4 WHERE org_id = $1 AND id = $2", params![org, id, verified, now])?
        .expect_one()
}

pub(super) fn set_default(tx: &mut Tx, org: OrgId, id: DomainId) -> Result<(), StoreError> {
    tx.execute("UPDATE domain SET is_default = (id = $2) WHERE org_id = $1 AND (is_default OR id = $2)", params![org, id])?.any();
    Ok(())
}

pub(super) fn delete(tx: &mut Tx, org: OrgId, id: DomainId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM domain_grant WHERE domain_id = $1", params![id])?.any();
    tx.execute("DELETE FROM domain WHERE org_id = $1 AND id = $2", params![org, id])?.expect_one()
}

pub(super) fn address_count(tx: &mut Tx, id: DomainId) -> Result<i64, StoreError> {
    tx.query_one("SELECT COUNT(*) FROM address WHERE domain_id = $1", params![id], |row| row.get(0))
}

pub(super) fn oldest(tx: &mut Tx, org: OrgId) -> Result<Option<DomainId>, StoreError> {
    tx.query_opt("SELECT id FROM domain WHERE org_id = $1 ORDER BY id LIMIT 1", params![org], |row| row.get(0))
}

pub(super) fn default_of(tx: &mut Tx, org: OrgId) -> Result<Option<Domain>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM domain d WHERE d.org_id = $1 AND d.is_default"), params![org], read)
}

pub(super) fn find_own(tx: &mut Tx, org: OrgId, id: DomainId) -> Result<Option<Domain>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM domain d WHERE d.org_id = $1 AND d.id = $2"), params![org, id], read)
}

pub(super) fn find_by_name(tx: &mut Tx, name: &DomainName) -> Result<Option<Domain>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM domain d WHERE d.name = $1"), params![name], read)
}

pub(super) fn list(tx: &mut Tx, org: OrgId) -> Result<Vec<Domain>, StoreError> {
    // The default of the owner is not that of an organisation it is granted to.
    let mut domains = tx.query_all(&format!("SELECT {COLUMNS} FROM domain d WHERE d.org_id = $1"), params![org], read)?;
    let sql = format!("SELECT {COLUMNS} FROM domain_grant g JOIN domain d ON d.id = g.domain_id WHERE g.org_id = $1");
    let granted = tx.query_all(&sql, params![org], |row| Ok(Domain { is_default: false, ..read(row)? }))?;
    domains.extend(granted);
    domains.sort_by(|a, b| b.is_default.cmp(&a.is_default).then_with(|| a.name.cmp(&b.name)));
    Ok(domains)
}

pub(super) fn organisation_name(tx: &mut Tx, org: OrgId) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT name FROM organisation WHERE id = $1", params![org], |row| row.get(0))
}

pub(super) fn insert_grant(tx: &mut Tx, to: OrgId, id: DomainId, now: Timestamp) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO domain_grant (org_id, domain_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (org_id, domain_id) DO NOTHING",
        params![to, id, now],
    )?;
    Ok(inserted.is_one())
}

pub(super) fn delete_grant(tx: &mut Tx, from: OrgId, id: DomainId) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM domain_grant WHERE org_id = $1 AND domain_id = $2", params![from, id])?.is_one())
}
