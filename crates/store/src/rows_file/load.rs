use std::io::{BufRead, BufReader, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Timestamp;
use serde_json::Value as Json;

use super::{FORMAT, LoadError, Mark, VERSION};
use crate::catalog::{self, ColumnKind, Table};
use crate::direct::{self, Direct};
use crate::migrate;
use crate::sql::on_own_thread;
use crate::{Params, SqlLocation, Tx, Value, in_list, params};

/// What was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    pub schema: i64,
    pub rows: u64,
}

/// Longer than any row the product writes.
const LONGEST_LINE: u64 = 256 * 1024 * 1024;
/// A table has far fewer columns than PostgreSQL's 65,535 or SQLite's 32,766 parameters divided by this.
const ROWS_IN_A_STATEMENT: usize = 100;
const STATEMENTS_IN_A_TRANSACTION: usize = 20;

/// Loads a file of rows into an empty database, which is closed; blocks the calling thread. The next [`Store::open`](crate::Store::open)
/// brings an older schema up to date. When this fails midway, the database is marked and cannot be opened: begin again with an empty one.
pub fn load_rows(location: &SqlLocation, input: &mut (dyn Read + Send), now: Timestamp) -> Result<Loaded, LoadError> {
    on_own_thread(|| {
        let mut lines = Lines::new(input)?;
        let schema = match lines.mark()? {
            Mark::Begin { format, version, schema } if format == FORMAT && version == VERSION => schema,
            _ => return Err(LoadError::Format),
        };
        let known = migrate::newest();
        if schema > known {
            return Err(LoadError::NewerSchema { found: schema, known });
        }
        let mut database = direct::open_empty(location, schema, now)?;
        database.in_transaction(|tx| migrate::mark_loading(tx, now))?;
        let rows = load_all(&mut database, &mut lines)?;
        database.in_transaction(migrate::unmark_loading)?;
        Ok(Loaded { schema, rows })
    })
}

struct Lines<'a> {
    input: BufReader<zstd::Decoder<'static, BufReader<&'a mut (dyn Read + Send)>>>,
    hasher: blake3::Hasher,
    /// Of everything before the line that was read last.
    hash_before: blake3::Hash,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    fn new(input: &'a mut (dyn Read + Send)) -> Result<Self, LoadError> {
        let hasher = blake3::Hasher::new();
        let hash_before = hasher.finalize();
        Ok(Self { input: BufReader::new(zstd::Decoder::new(input)?), hasher, hash_before, line: Vec::new() })
    }

    fn next(&mut self, is_first: bool) -> Result<Json, LoadError> {
        let damaged = if is_first { LoadError::Format } else { LoadError::Damaged("a line cannot be read") };
        self.line.clear();
        match (&mut self.input).take(LONGEST_LINE).read_until(b'\n', &mut self.line) {
            Ok(_) if self.line.ends_with(b"\n") => {}
            Ok(_) => return Err(if is_first { LoadError::Format } else { LoadError::Damaged("the file ends too early") }),
            // A decoder that meets what it did not write says so as an I/O error.
            Err(_) => return Err(damaged),
        }
        let value = serde_json::from_slice(&self.line).map_err(|_| damaged)?;
        // Finalising is dear, and only the last line, which is an object, needs it.
        if matches!(value, Json::Object(_)) {
            self.hash_before = self.hasher.finalize();
        }
        self.hasher.update(&self.line);
        Ok(value)
    }

    fn mark(&mut self) -> Result<Mark, LoadError> {
        let first = self.line.is_empty();
        serde_json::from_value(self.next(first)?).map_err(|_| LoadError::Format)
    }
}

fn load_all(database: &mut Direct, lines: &mut Lines<'_>) -> Result<u64, LoadError> {
    let tables = database.in_transaction(catalog::tables)?;
    let mut total = 0;
    loop {
        match lines.mark()? {
            Mark::Table { name, columns } => {
                let unknown = || LoadError::Table { table: name.clone() };
                let table = tables.iter().find(|table| table.name == name).ok_or_else(unknown)?;
                let ordered = in_order_of(table, &columns).ok_or_else(unknown)?;
                total += load_table(database, &ordered, lines)?;
            }
            Mark::End { rows, blake3 } => {
                if rows != total || blake3 != lines.hash_before.to_hex().as_str() {
                    return Err(LoadError::Damaged("the hash at the end does not fit what comes before it"));
                }
                return Ok(total);
            }
            Mark::Begin { .. } | Mark::TableEnd { .. } => return Err(LoadError::Damaged("a line stands where it does not belong")),
        }
    }
}

/// The table with its columns in the order of the file; `None` when the file has others.
fn in_order_of(table: &Table, columns: &[String]) -> Option<Table> {
    if columns.len() != table.columns.len() {
        return None;
    }
    let columns = columns.iter().map(|wanted| table.columns.iter().find(|(name, _)| name == wanted).cloned());
    Some(Table { name: table.name.clone(), columns: columns.collect::<Option<_>>()? })
}

fn load_table(database: &mut Direct, table: &Table, lines: &mut Lines<'_>) -> Result<u64, LoadError> {
    // A migration may have put rows there; those of the file hold.
    let empty = format!("DELETE FROM \"{}\"", table.name);
    database.in_transaction(|tx| tx.execute(&empty, params![]).map(|_| ()))?;
    let mut loaded = 0;
    loop {
        let ended = database.in_transaction(|tx| -> Result<Option<u64>, LoadError> {
            for _ in 0..STATEMENTS_IN_A_TRANSACTION {
                let (rows, ended) = next_rows(table, lines)?;
                loaded += insert(tx, table, rows)?;
                if ended.is_some() {
                    return Ok(ended);
                }
            }
            Ok(None)
        })?;
        match ended {
            None => {}
            Some(rows) if rows == loaded => return Ok(loaded),
            Some(_) => return Err(LoadError::Damaged("a table has another number of rows than it says")),
        }
    }
}

/// Rows for one statement, and the table's own count when they are its last.
fn next_rows(table: &Table, lines: &mut Lines<'_>) -> Result<(Vec<Params>, Option<u64>), LoadError> {
    let mut rows = Vec::with_capacity(ROWS_IN_A_STATEMENT);
    while rows.len() < ROWS_IN_A_STATEMENT {
        match lines.next(false)? {
            Json::Array(values) => rows.push(row_of(table, values)?),
            mark => {
                return match serde_json::from_value(mark) {
                    Ok(Mark::TableEnd { rows: count }) => Ok((rows, Some(count))),
                    _ => Err(LoadError::Damaged("a line stands where it does not belong")),
                };
            }
        }
    }
    Ok((rows, None))
}

/// Many rows a statement, because each statement is a journey to PostgreSQL and back.
fn insert(tx: &mut Tx, table: &Table, rows: Vec<Params>) -> Result<u64, LoadError> {
    let count = rows.len();
    if count == 0 {
        return Ok(0);
    }
    let width = table.columns.len();
    let groups: Vec<String> = (0..count).map(|row| in_list(row * width + 1, width)).collect();
    let sql = format!("INSERT INTO \"{}\" ({}) VALUES {}", table.name, table.column_list(), groups.join(", "));
    let mut params = params![];
    rows.into_iter().for_each(|row| params.append(row));
    let inserted = tx.execute(&sql, params)?.count();
    if inserted == count as u64 { Ok(inserted) } else { Err(LoadError::Damaged("a table did not take all of its rows")) }
}

fn row_of(table: &Table, values: Vec<Json>) -> Result<Params, LoadError> {
    let wrong = || LoadError::Damaged("a row does not fit its table");
    if values.len() != table.columns.len() {
        return Err(wrong());
    }
    let value = |(json, (_, kind)): (Json, &(String, ColumnKind))| {
        Some(match (kind, json) {
            (ColumnKind::Int, Json::Null) => Value::Int(None),
            (ColumnKind::Int, Json::Number(number)) => Value::Int(Some(number.as_i64()?)),
            (ColumnKind::Bool, Json::Null) => Value::Bool(None),
            (ColumnKind::Bool, Json::Bool(truth)) => Value::Bool(Some(truth)),
            (ColumnKind::Text, Json::Null) => Value::Text(None),
            (ColumnKind::Text, Json::String(text)) => Value::Text(Some(text)),
            (ColumnKind::Bytes, Json::Null) => Value::Bytes(None),
            (ColumnKind::Bytes, Json::Object(object)) => Value::Bytes(Some(STANDARD.decode(object.get("b64")?.as_str()?).ok()?)),
            _ => return None,
        })
    };
    let values: Option<Vec<Value>> = values.into_iter().zip(&table.columns).map(value).collect();
    values.map(Params::new).ok_or_else(wrong)
}
