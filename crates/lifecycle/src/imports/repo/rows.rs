//! The rows of a plan.

use kernel::{ImportId, MemberId, OrgId};
use store::{Row, StoreError, Tx, params};

use super::super::types::{ImportRow, Outcome, RowResult};
use super::super::values::Values;
use super::head::{from_json, to_json};

const COLUMNS: &str = "row_number, outcome, cells, planned_values, row_keys, errors, changes, member_id, initial_password_hash, result";

/// Rows of one statement; its parameters stay far below what either engine takes.
const ROWS_PER_INSERT: usize = 50;

pub fn insert_many(tx: &mut Tx, org: OrgId, import: ImportId, rows: &[ImportRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut sql = String::with_capacity(200 + chunk.len() * 60);
        sql.push_str(
            "INSERT INTO import_row (org_id, import_id, row_number, outcome, cells, planned_values, row_keys, errors, changes, member_id, \
             initial_password_hash) VALUES ",
        );
        let mut params = params![org, import];
        for (index, row) in chunk.iter().enumerate() {
            let first = params.push(i64::from(row.row_number));
            params.push(row.outcome.as_str());
            params.push(to_json(&row.cells));
            params.push(to_json(&row.values));
            params.push(row.keys.as_str());
            params.push(to_json(&row.errors));
            params.push(to_json(&row.changes));
            params.push(row.member_id);
            let last = params.push(row.initial_password_hash.clone());
            sql.push_str(if index == 0 { "($1,$2" } else { ",($1,$2" });
            for number in first..=last {
                sql.push_str(",$");
                sql.push_str(&number.to_string());
            }
            sql.push(')');
        }
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}

/// Puts a row that was planned again in place of what it was.
pub fn replace(tx: &mut Tx, org: OrgId, import: ImportId, row: &ImportRow) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE import_row SET outcome = $4, cells = $5, planned_values = $6, row_keys = $7, errors = $8, changes = $9, member_id = $10, \
         initial_password_hash = $11 WHERE org_id = $1 AND import_id = $2 AND row_number = $3",
        params![
            org,
            import,
            i64::from(row.row_number),
            row.outcome.as_str(),
            to_json(&row.cells),
            to_json(&row.values),
            row.keys,
            to_json(&row.errors),
            to_json(&row.changes),
            row.member_id,
            row.initial_password_hash
        ],
    )?
    .expect_one()
}

pub fn find(tx: &mut Tx, org: OrgId, import: ImportId, number: u32) -> Result<Option<ImportRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM import_row WHERE org_id = $1 AND import_id = $2 AND row_number = $3");
    tx.query_opt(&sql, params![org, import, i64::from(number)], read)
}

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub outcome: Option<Outcome>,
    pub result: Option<RowResult>,
}

/// In the order of rows, those after `after`.
pub fn list(tx: &mut Tx, org: OrgId, import: ImportId, wanted: Wanted, after: u32, limit: i64) -> Result<Vec<ImportRow>, StoreError> {
    let mut params = params![org, import, i64::from(after), limit];
    let mut sql = format!("SELECT {COLUMNS} FROM import_row WHERE org_id = $1 AND import_id = $2 AND row_number > $3");
    let mut narrow = |column: &str, word: Option<&str>| {
        if let Some(word) = word {
            let number = params.push(word);
            sql.push_str(&format!(" AND {column} = ${number}"));
        }
    };
    narrow("outcome", wanted.outcome.map(Outcome::as_str));
    narrow("result", wanted.result.map(RowResult::as_str));
    sql.push_str(" ORDER BY row_number LIMIT $4");
    tx.query_all(&sql, params, read)
}

/// The next rows that applying has to do something with, in order.
pub fn next_to_apply(tx: &mut Tx, org: OrgId, import: ImportId, after: u32, limit: usize) -> Result<Vec<ImportRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM import_row WHERE org_id = $1 AND import_id = $2 AND row_number > $3 AND result IS NULL \
         AND outcome IN ('create', 'update', 'move') ORDER BY row_number LIMIT $4"
    );
    tx.query_all(&sql, params![org, import, i64::from(after), limit as i64], read)
}

/// The next rows that undoing has to do something with: the last first.
pub fn next_to_undo(tx: &mut Tx, org: OrgId, import: ImportId, before: u32, limit: usize) -> Result<Vec<ImportRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM import_row WHERE org_id = $1 AND import_id = $2 AND row_number < $3 AND result = 'applied' \
         ORDER BY row_number DESC LIMIT $4"
    );
    tx.query_all(&sql, params![org, import, i64::from(before), limit as i64], read)
}

/// Rows an administrator has to look at: wrong, clashing, or failed when they were applied.
pub fn next_wrong(tx: &mut Tx, org: OrgId, import: ImportId, after: u32, limit: usize) -> Result<Vec<ImportRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM import_row WHERE org_id = $1 AND import_id = $2 AND row_number > $3 \
         AND (outcome IN ('error', 'conflict') OR result = 'failed') ORDER BY row_number LIMIT $4"
    );
    tx.query_all(&sql, params![org, import, i64::from(after), limit as i64], read)
}

/// Hands over number and keys of every row, in order.
pub fn each_keys(tx: &mut Tx, org: OrgId, import: ImportId, mut each: impl FnMut(u32, &str)) -> Result<(), StoreError> {
    tx.for_each(
        "SELECT row_number, row_keys FROM import_row WHERE org_id = $1 AND import_id = $2 ORDER BY row_number",
        params![org, import],
        |row| {
            each(row.get::<i64>(0)? as u32, &row.get::<String>(1)?);
            Ok(())
        },
    )
}

/// Hands over number and values of every row that makes a member.
pub fn each_created(tx: &mut Tx, org: OrgId, import: ImportId, mut each: impl FnMut(u32, Values)) -> Result<(), StoreError> {
    tx.for_each(
        "SELECT row_number, planned_values FROM import_row WHERE org_id = $1 AND import_id = $2 AND outcome = 'create' ORDER BY row_number",
        params![org, import],
        |row| {
            each(row.get::<i64>(0)? as u32, row.json(1)?);
            Ok(())
        },
    )
}

/// Marks rows with what became of them.
pub fn set_results(tx: &mut Tx, org: OrgId, import: ImportId, result: RowResult, numbers: &[u32]) -> Result<(), StoreError> {
    for chunk in numbers.chunks(store::IN_LIST_MAX) {
        let sql = format!(
            "UPDATE import_row SET result = $3 WHERE org_id = $1 AND import_id = $2 AND row_number IN {}",
            store::in_list(4, chunk.len())
        );
        let mut params = params![org, import, result.as_str()];
        params.extend(chunk.iter().map(|number| i64::from(*number)));
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}

/// Marks created rows as applied, with the members they have become.
pub fn set_created(tx: &mut Tx, org: OrgId, import: ImportId, created: &[(u32, MemberId)]) -> Result<(), StoreError> {
    for chunk in created.chunks(ROWS_PER_INSERT) {
        let mut params = params![org, import];
        let mut pairs = String::new();
        for (number, member) in chunk {
            let (number, member) = (params.push(i64::from(*number)), params.push(*member));
            pairs.push_str(if pairs.is_empty() { "" } else { "," });
            pairs.push_str(&format!("(${number},${member})"));
        }
        let sql = format!(
            "UPDATE import_row SET result = 'applied', member_id = v.column2 FROM (VALUES {pairs}) AS v \
             WHERE org_id = $1 AND import_id = $2 AND row_number = v.column1"
        );
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}

/// Marks a row whose turn did not end as planned, with the reason.
pub fn set_result_with_errors(
    tx: &mut Tx,
    org: OrgId,
    import: ImportId,
    number: u32,
    result: RowResult,
    errors: &[crate::sheets::CellError],
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE import_row SET result = $4, errors = $5 WHERE org_id = $1 AND import_id = $2 AND row_number = $3",
        params![org, import, i64::from(number), result.as_str(), to_json(errors)],
    )?
    .expect_one()
}

pub fn count_with_result(tx: &mut Tx, org: OrgId, import: ImportId, result: RowResult) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM import_row WHERE org_id = $1 AND import_id = $2 AND result = $3";
    tx.query_one(sql, params![org, import, result.as_str()], |row| row.get(0))
}

/// Marks up to `limit` of the rows there was nothing to do for; how many.
pub fn skip_some_unchanged(tx: &mut Tx, org: OrgId, import: ImportId, limit: i64) -> Result<u64, StoreError> {
    let sql = "UPDATE import_row SET result = 'skipped' WHERE org_id = $1 AND import_id = $2 AND row_number IN \
               (SELECT row_number FROM import_row WHERE org_id = $1 AND import_id = $2 AND outcome = 'unchanged' AND result IS NULL \
                ORDER BY row_number LIMIT $3)";
    Ok(tx.execute(sql, params![org, import, limit])?.count())
}

/// Deletes up to `limit` rows; how many there were.
pub fn delete_some(tx: &mut Tx, org: OrgId, import: ImportId, limit: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM import_row WHERE org_id = $1 AND import_id = $2 AND row_number IN \
               (SELECT row_number FROM import_row WHERE org_id = $1 AND import_id = $2 ORDER BY row_number LIMIT $3)";
    Ok(tx.execute(sql, params![org, import, limit])?.count())
}

fn read(row: &Row) -> Result<ImportRow, StoreError> {
    let result: Option<String> = row.get(9)?;
    Ok(ImportRow {
        row_number: row.get::<i64>(0)? as u32,
        outcome: Outcome::parse(&row.get::<String>(1)?).ok_or(StoreError::Column { column: 1, expected: "the outcome of a row" })?,
        cells: from_json(&row.get::<String>(2)?, 2)?,
        values: from_json(&row.get::<String>(3)?, 3)?,
        keys: row.get(4)?,
        errors: from_json(&row.get::<String>(5)?, 5)?,
        changes: from_json(&row.get::<String>(6)?, 6)?,
        member_id: row.get(7)?,
        initial_password_hash: row.get(8)?,
        result: result.as_deref().and_then(RowResult::parse),
    })
}
