use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{DumpError, FORMAT, Mark, VERSION};
use crate::catalog::{self, Table};
use crate::value::Column;
use crate::{Store, StoreError, Tx, params};

/// What a file of rows holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dumped {
    pub schema: i64,
    pub tables: u64,
    pub rows: u64,
}

impl Store {
    /// Writes all rows, as of one moment, to a new file that only its owner can read; it is on disk when this returns. Blocks the calling
    /// thread, but neither readers nor writers. Blobs are not in it; see [`Blobs::copy_with`](crate::Blobs::copy_with).
    pub fn backup_sql_to(&self, path: &Path) -> Result<Dumped, DumpError> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let dumped = self.dump_rows(&mut BufWriter::new(&file))?;
        file.sync_all()?;
        crate::sqlite::sync_folder_of(path)?;
        Ok(dumped)
    }

    /// As [`backup_sql_to`](Self::backup_sql_to), to anything that takes bytes.
    pub fn dump_rows(&self, output: &mut (dyn Write + Send)) -> Result<Dumped, DumpError> {
        self.on_own_snapshot(|tx| write_all(tx, output))
    }
}

/// Counts and hashes lines on their way to the file.
struct Lines<'a> {
    output: zstd::Encoder<'a, &'a mut (dyn Write + Send)>,
    hasher: blake3::Hasher,
    line: Vec<u8>,
}

impl Lines<'_> {
    fn finish_line(&mut self) -> Result<(), std::io::Error> {
        self.line.push(b'\n');
        self.hasher.update(&self.line);
        self.output.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }

    fn mark(&mut self, mark: &Mark) -> Result<(), std::io::Error> {
        serde_json::to_writer(&mut self.line, mark)?;
        self.finish_line()
    }
}

fn write_all(tx: &mut Tx, output: &mut (dyn Write + Send)) -> Result<Dumped, DumpError> {
    let schema = crate::migrate::current(tx)?;
    let tables = catalog::tables(tx)?;
    let mut lines = Lines { output: zstd::Encoder::new(output, 3)?, hasher: blake3::Hasher::new(), line: Vec::new() };
    lines.mark(&Mark::Begin { format: FORMAT.to_owned(), version: VERSION, schema })?;
    let mut rows = 0;
    for table in &tables {
        rows += write_table(tx, table, &mut lines)?;
    }
    let blake3 = lines.hasher.finalize().to_hex().to_string();
    lines.mark(&Mark::End { rows, blake3 })?;
    lines.output.finish()?.flush()?;
    Ok(Dumped { schema, tables: tables.len() as u64, rows })
}

fn write_table(tx: &mut Tx, table: &Table, lines: &mut Lines<'_>) -> Result<u64, DumpError> {
    let columns = table.columns.iter().map(|(name, _)| name.clone()).collect();
    lines.mark(&Mark::Table { name: table.name.clone(), columns })?;
    let mut rows = 0;
    let mut failed = None;
    let read = tx.for_each(&format!("SELECT {} FROM \"{}\"", table.column_list(), table.name), params![], |row| {
        lines.line.push(b'[');
        for index in 0..table.columns.len() {
            if index > 0 {
                lines.line.push(b',');
            }
            let column = row.column(index).ok_or(StoreError::Column { column: index, expected: "a value of one of the types in use" })?;
            write_value(&mut lines.line, column, table.columns[index].1 == catalog::ColumnKind::Bool);
        }
        lines.line.push(b']');
        rows += 1;
        lines.finish_line().map_err(|error| {
            failed = Some(error);
            StoreError::Aborted
        })
    });
    if let Some(error) = failed {
        return Err(DumpError::File(error));
    }
    read?;
    lines.mark(&Mark::TableEnd { rows })?;
    Ok(rows)
}

fn write_value(line: &mut Vec<u8>, column: Column<'_>, is_bool: bool) {
    let written = match column {
        Column::Null => line.write_all(b"null"),
        // SQLite keeps truth as a number; the file says what it is.
        Column::Int(number) if is_bool => write!(line, "{}", number != 0),
        Column::Int(number) => write!(line, "{number}"),
        Column::Bool(truth) => write!(line, "{truth}"),
        Column::Text(text) => serde_json::to_writer(&mut *line, text).map_err(std::io::Error::from),
        Column::Bytes(bytes) => write!(line, "{{\"b64\":\"{}\"}}", STANDARD.encode(bytes)),
    };
    written.expect("a vector takes everything");
}
