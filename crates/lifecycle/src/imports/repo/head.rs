//! The import itself.

use kernel::{ImportId, JobId, MemberId, OrgId, Params as FaultParams, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::super::types::{Import, ImportError, ImportState, Options, Outcome, RowResult, Summary};
use crate::sheets::Layout;

const COLUMNS: &str = "id, state, file_name, file_bytes, options, layout, error_code, error_params, rows_create, rows_update, rows_move, \
                       rows_unchanged, rows_conflict, rows_error, rows_applied, rows_failed, rows_undone, job_id, created_by, created_at, \
                       planned_at, applied_at, undone_at, \
                       passwords_fetched_at IS NULL AND EXISTS (SELECT 1 FROM import_password p WHERE p.org_id = import.org_id AND p.import_id = import.id AND p.expires_at > $2)";

pub struct NewHead<'a> {
    pub id: ImportId,
    pub file_name: &'a str,
    pub file_bytes: usize,
    pub options: &'a Options,
    pub created_by: Option<MemberId>,
    pub created_at: Timestamp,
}

pub fn insert(tx: &mut Tx, org: OrgId, new: &NewHead<'_>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO import (org_id, id, state, file_name, file_bytes, options, rows_create, rows_update, rows_move, rows_unchanged, \
         rows_conflict, rows_error, rows_applied, rows_failed, rows_undone, plan_version, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $7, $8)",
        params![
            org,
            new.id,
            ImportState::Uploading.as_str(),
            new.file_name,
            new.file_bytes as i64,
            to_json(new.options),
            new.created_by,
            new.created_at
        ],
    )?
    .expect_one()
}

/// `now` decides whether generated passwords can still be fetched.
pub fn find(tx: &mut Tx, org: OrgId, id: ImportId, now: Timestamp) -> Result<Option<Import>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM import WHERE org_id = $1 AND id = $3");
    tx.query_opt(&sql, params![org, now, id], read)
}

/// Latest first, those of `created_by` only when it is given.
pub fn list(
    tx: &mut Tx,
    org: OrgId,
    created_by: Option<MemberId>,
    before: Option<ImportId>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Import>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM import WHERE org_id = $1 AND id < $3 AND ($4 = 0 OR created_by = $4) AND state <> 'uploading' \
         ORDER BY id DESC LIMIT $5"
    );
    let before = before.map_or(i64::MAX, ImportId::raw);
    tx.query_all(&sql, params![org, now, before, created_by.map_or(0, MemberId::raw), limit], read)
}

fn read(row: &Row) -> Result<Import, StoreError> {
    let summary = Summary {
        create: row.get(8)?,
        update: row.get(9)?,
        moved: row.get(10)?,
        unchanged: row.get(11)?,
        conflict: row.get(12)?,
        error: row.get(13)?,
    };
    let error_params: Option<String> = row.get(7)?;
    let error = row
        .get::<Option<String>>(6)?
        .map(|code| ImportError { code, params: error_params.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default() });
    let layout: Option<String> = row.get(5)?;
    Ok(Import {
        id: row.get(0)?,
        state: ImportState::parse(&row.get::<String>(1)?).ok_or(StoreError::Column { column: 1, expected: "the state of an import" })?,
        file_name: row.get(2)?,
        file_bytes: row.get(3)?,
        options: from_json(&row.get::<String>(4)?, 4)?,
        layout: layout.map(|text| from_json::<Layout>(&text, 5)).transpose()?,
        summary,
        rows_total: summary.total(),
        rows_applied: row.get(14)?,
        rows_failed: row.get(15)?,
        rows_undone: row.get(16)?,
        job_id: row.get(17)?,
        error,
        created_by: row.get(18)?,
        created_at: row.get(19)?,
        planned_at: row.get(20)?,
        applied_at: row.get(21)?,
        undone_at: row.get(22)?,
        passwords_available: row.get(23)?,
    })
}

/// Brings the import from one of the states `from` into `to`; false when it is in none of them any more.
pub fn change_state(tx: &mut Tx, org: OrgId, id: ImportId, from: &[ImportState], to: ImportState) -> Result<bool, StoreError> {
    let words: Vec<String> = from.iter().map(|state| format!("'{}'", state.as_str())).collect();
    let sql = format!("UPDATE import SET state = $3 WHERE org_id = $1 AND id = $2 AND state IN ({})", words.join(","));
    Ok(tx.execute(&sql, params![org, id, to.as_str()])?.count() == 1)
}

pub fn set_job(tx: &mut Tx, org: OrgId, id: ImportId, job: JobId) -> Result<(), StoreError> {
    tx.execute("UPDATE import SET job_id = $3 WHERE org_id = $1 AND id = $2", params![org, id, job])?.expect_one()
}

pub fn set_error(tx: &mut Tx, org: OrgId, id: ImportId, code: Option<&str>, error_params: &FaultParams) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE import SET error_code = $3, error_params = $4 WHERE org_id = $1 AND id = $2",
        params![org, id, code, to_json(error_params)],
    )?
    .expect_one()
}

pub fn set_layout(tx: &mut Tx, org: OrgId, id: ImportId, layout: &Layout) -> Result<(), StoreError> {
    tx.execute("UPDATE import SET layout = $3 WHERE org_id = $1 AND id = $2", params![org, id, to_json(layout)])?.expect_one()
}

pub fn set_summary(tx: &mut Tx, org: OrgId, id: ImportId, summary: &Summary) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE import SET rows_create = $3, rows_update = $4, rows_move = $5, rows_unchanged = $6, rows_conflict = $7, rows_error = $8 \
         WHERE org_id = $1 AND id = $2",
        params![org, id, summary.create, summary.update, summary.moved, summary.unchanged, summary.conflict, summary.error],
    )?
    .expect_one()
}

/// Counts a row from one outcome to another.
pub fn recount(tx: &mut Tx, org: OrgId, id: ImportId, from: Outcome, to: Outcome) -> Result<(), StoreError> {
    let sql = format!("UPDATE import SET rows_{} = rows_{0} - 1 WHERE org_id = $1 AND id = $2", from.as_str());
    tx.execute(&sql, params![org, id])?.expect_one()?;
    let sql = format!("UPDATE import SET rows_{} = rows_{0} + 1 WHERE org_id = $1 AND id = $2", to.as_str());
    tx.execute(&sql, params![org, id])?.expect_one()
}

/// Adds to the number of rows with that result.
pub fn count_results(tx: &mut Tx, org: OrgId, id: ImportId, result: RowResult, more: usize) -> Result<(), StoreError> {
    let column = match result {
        RowResult::Applied => "rows_applied",
        RowResult::Failed => "rows_failed",
        RowResult::Undone => "rows_undone",
        RowResult::Skipped | RowResult::Kept => return Ok(()),
    };
    if more == 0 {
        return Ok(());
    }
    let sql = format!("UPDATE import SET {column} = {column} + $3 WHERE org_id = $1 AND id = $2");
    tx.execute(&sql, params![org, id, more as i64])?.expect_one()
}

/// How many of the rows to be applied have had their turn, and how many there are.
pub fn progress(tx: &mut Tx, org: OrgId, id: ImportId) -> Result<(i64, i64), StoreError> {
    let sql = "SELECT rows_applied + rows_failed, rows_create + rows_update + rows_move FROM import WHERE org_id = $1 AND id = $2";
    tx.query_one(sql, params![org, id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Which moment in the life of an import.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    Planned,
    Applied,
    Undone,
}

pub fn set_moment(tx: &mut Tx, org: OrgId, id: ImportId, moment: Moment, at: Timestamp) -> Result<(), StoreError> {
    let column = match moment {
        Moment::Planned => "planned_at",
        Moment::Applied => "applied_at",
        Moment::Undone => "undone_at",
    };
    tx.execute(&format!("UPDATE import SET {column} = $3 WHERE org_id = $1 AND id = $2"), params![org, id, at])?.expect_one()
}

/// Notes that the generated passwords are being fetched; false when they were before.
pub fn take_passwords(tx: &mut Tx, org: OrgId, id: ImportId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE import SET passwords_fetched_at = $3 WHERE org_id = $1 AND id = $2 AND passwords_fetched_at IS NULL";
    Ok(tx.execute(sql, params![org, id, now])?.is_one())
}

pub fn plan_version(tx: &mut Tx, org: OrgId, id: ImportId) -> Result<i64, StoreError> {
    tx.query_one("SELECT plan_version FROM import WHERE org_id = $1 AND id = $2", params![org, id], |row| row.get(0))
}

/// Takes the next plan version; false when another edit was faster.
pub fn advance_plan_version(tx: &mut Tx, org: OrgId, id: ImportId, seen: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE import SET plan_version = plan_version + 1 WHERE org_id = $1 AND id = $2 AND plan_version = $3 AND state = 'planned'";
    Ok(tx.execute(sql, params![org, id, seen])?.count() == 1)
}

/// Imports made before `before`, oldest first, of every organisation: the sweeper's.
pub fn older_than(tx: &mut Tx, before: Timestamp, states: &[ImportState], limit: i64) -> Result<Vec<(OrgId, ImportId)>, StoreError> {
    let words: Vec<String> = states.iter().map(|state| format!("'{}'", state.as_str())).collect();
    let sql =
        format!("SELECT org_id, id FROM import WHERE created_at < $1 AND state IN ({}) ORDER BY created_at LIMIT $2", words.join(","));
    tx.query_all(&sql, params![before, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub fn delete(tx: &mut Tx, org: OrgId, id: ImportId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM import WHERE org_id = $1 AND id = $2", params![org, id])?.any();
    Ok(())
}

pub(super) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("maps with text keys always serialise")
}

pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str, column: usize) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Column { column, expected: "JSON of an import" })
}
