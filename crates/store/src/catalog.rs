//! What the database says about its own tables.

use crate::{Engine, StoreError, Tx, params};

/// The four types that migrations use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Int,
    Bool,
    Text,
    Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, ColumnKind)>,
}

impl Table {
    /// The columns as a list for a statement.
    pub(crate) fn column_list(&self) -> String {
        let quoted: Vec<String> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        quoted.join(", ")
    }
}

/// Where migrations are recorded; it describes the schema and is no part of the data.
pub(crate) const RECORD_TABLE: &str = "schema_migration";

/// Every table of ours but [`RECORD_TABLE`], by name.
pub(crate) fn tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let names: Vec<String> = match tx.engine() {
        Engine::Sqlite => tx.query_all(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> $1 ORDER BY name",
            params![RECORD_TABLE],
            |row| row.get(0),
        )?,
        Engine::Postgres => tx.query_all(
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables
              WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> $1 ORDER BY CAST(table_name AS TEXT) COLLATE \"C\"",
            params![RECORD_TABLE],
            |row| row.get(0),
        )?,
    };
    names
        .into_iter()
        .map(|name| {
            let columns = columns(tx, &name)?;
            Ok(Table { name, columns })
        })
        .collect()
}

fn columns(tx: &mut Tx, table: &str) -> Result<Vec<(String, ColumnKind)>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
        Engine::Postgres => {
            "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns
              WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    tx.query_all(sql, params![table], |row| {
        let kind: String = row.get(1)?;
        let kind = match kind.to_ascii_uppercase().as_str() {
            "BIGINT" => ColumnKind::Int,
            "BOOLEAN" => ColumnKind::Bool,
            "TEXT" => ColumnKind::Text,
            "BLOB" | "BYTEA" => ColumnKind::Bytes,
            _ => return Err(StoreError::Column { column: 1, expected: "BIGINT, BOOLEAN, TEXT or BYTES" }),
        };
        Ok((row.get(0)?, kind))
    })
}
