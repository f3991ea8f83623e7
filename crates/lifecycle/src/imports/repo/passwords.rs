//! Generated initial passwords, sealed, until their one download.

use kernel::{ImportId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

/// Rows of one statement; its parameters stay far below what either engine takes.
const ROWS_PER_INSERT: usize = 100;

pub fn insert_many(tx: &mut Tx, org: OrgId, import: ImportId, sealed: &[(u32, Vec<u8>)], expires_at: Timestamp) -> Result<(), StoreError> {
    for chunk in sealed.chunks(ROWS_PER_INSERT) {
        let mut params = params![org, import, expires_at];
        let mut rows = String::new();
        for (row, sealed) in chunk {
            let (row, sealed) = (params.push(i64::from(*row)), params.push(sealed.clone()));
            rows.push_str(if rows.is_empty() { "" } else { "," });
            rows.push_str(&format!("($1,$2,${row},${sealed},$3)"));
        }
        let sql = format!("INSERT INTO import_password (org_id, import_id, row_number, sealed_password, expires_at) VALUES {rows}");
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}

/// A sealed password and whose it is.
pub struct Waiting {
    pub row_number: u32,
    pub sealed: Vec<u8>,
    pub name: String,
    pub account_name: String,
    pub address: Option<String>,
}

/// In the order of rows, those after `after`. Members who are gone by now need none.
pub fn list(tx: &mut Tx, org: OrgId, import: ImportId, after: u32, limit: i64, now: Timestamp) -> Result<Vec<Waiting>, StoreError> {
    tx.query_all(
        "SELECT p.row_number, p.sealed_password, m.name, m.account_name, a.local_part, d.name FROM import_password p \
         JOIN import_row r ON r.org_id = p.org_id AND r.import_id = p.import_id AND r.row_number = p.row_number \
         JOIN member m ON m.org_id = r.org_id AND m.id = r.member_id \
         LEFT JOIN address a ON a.org_id = m.org_id AND a.member_id = m.id AND a.kind = 'primary' \
         LEFT JOIN domain d ON d.id = a.domain_id \
         WHERE p.org_id = $1 AND p.import_id = $2 AND p.row_number > $3 AND p.expires_at > $4 ORDER BY p.row_number LIMIT $5",
        params![org, import, i64::from(after), now, limit],
        |row| {
            let (local_part, domain): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            Ok(Waiting {
                row_number: row.get::<i64>(0)? as u32,
                sealed: row.get(1)?,
                name: row.get(2)?,
                account_name: row.get(3)?,
                address: local_part.zip(domain).map(|(local_part, domain)| format!("{local_part}@{domain}")),
            })
        },
    )
}

/// Deletes up to `limit`; how many there were.
pub fn delete_some(tx: &mut Tx, org: OrgId, import: ImportId, limit: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM import_password WHERE org_id = $1 AND import_id = $2 AND row_number IN \
               (SELECT row_number FROM import_password WHERE org_id = $1 AND import_id = $2 ORDER BY row_number LIMIT $3)";
    Ok(tx.execute(sql, params![org, import, limit])?.count())
}

/// How many were deleted.
pub fn delete(tx: &mut Tx, org: OrgId, import: ImportId) -> Result<u64, StoreError> {
    Ok(tx.execute("DELETE FROM import_password WHERE org_id = $1 AND import_id = $2", params![org, import])?.count())
}

/// Deletes what expired by `now`, in every organisation; how many there were.
pub fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    Ok(tx.execute("DELETE FROM import_password WHERE expires_at <= $1", params![now])?.count())
}
