use kernel::OrgId;
use store::{Row, StoreError, Tx, params};

use super::Organisation;

const COLUMNS: &str = "id, code, name, time_zone, language, member_limit, settings, created_at, version";

fn read(row: &Row) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        time_zone: row.get(3)?,
        language: row.get(4)?,
        member_limit: row.get(5)?,
        settings: row.json(6)?,
        created_at: row.get(7)?,
        version: row.get(8)?,
    })
}

/// `false` when the code is taken.
pub(super) fn insert(tx: &mut Tx, organisation: &Organisation) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO organisation (id, code, name, time_zone, language, member_limit, settings, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO NOTHING",
        params![
            organisation.id,
            organisation.code,
            organisation.name,
            organisation.time_zone,
            organisation.language,
            organisation.member_limit,
            settings(organisation),
            organisation.created_at,
            organisation.version
        ],
    )?;
    Ok(inserted.is_one())
}

pub(super) fn update(tx: &mut Tx, organisation: &Organisation) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE organisation SET name = $2, time_zone = $3, language = $4, member_limit = $5, settings = $6, version = $7 WHERE id = $1",
        params![
            organisation.id,
            organisation.name,
            organisation.time_zone,
            organisation.language,
            organisation.member_limit,
            settings(organisation),
            organisation.version
        ],
    )?
    .expect_one()
}

fn settings(organisation: &Organisation) -> String {
    serde_json::to_string(&organisation.settings).expect("settings have text keys only")
}

pub(super) fn find(tx: &mut Tx, org: OrgId) -> Result<Option<Organisation>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM organisation WHERE id = $1"), params![org], read)
}

pub(super) fn find_by_code(tx: &mut Tx, code: &str) -> Result<Option<Organisation>, StoreError> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM organisation WHERE code = $1"), params![code], read)
}

pub(super) fn list(tx: &mut Tx) -> Result<Vec<Organisation>, StoreError> {
    tx.query_all(&format!("SELECT {COLUMNS} FROM organisation ORDER BY code"), params![], read)
}

pub(super) fn time_zone(tx: &mut Tx, org: OrgId) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT time_zone FROM organisation WHERE id = $1", params![org], |row| row.get(0))
}
