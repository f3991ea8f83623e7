//! The wrong rows of an import as a file: to be mended and uploaded again.

use kernel::Timestamp;

use super::headings::ERROR_TEXTS_HEADING;
use super::table::{Table, WriteError};
use super::{Cell, Column, Format, Language};

/// The original headings and cells, and a last column that says what is wrong. Reading recognises that column, and leaves it out.
pub struct WrongRows {
    table: Table,
    /// Which of a row's cells are written: all but the error texts of an earlier round.
    kept: Vec<usize>,
}

impl WrongRows {
    pub fn new(format: Format, columns: &[Column], language: Language, now: Timestamp) -> Result<Self, WriteError> {
        let kept: Vec<usize> = (0..columns.len()).filter(|&index| !columns[index].error_texts).collect();
        let (error_texts, sheet) = match language {
            Language::Chinese => (ERROR_TEXTS_HEADING.0, "错误行"),
            Language::English => (ERROR_TEXTS_HEADING.1, "Wrong rows"),
        };
        let headings: Vec<&str> = kept.iter().map(|&index| columns[index].heading.as_str()).chain([error_texts]).collect();
        Ok(Self { table: Table::new(format, sheet, &headings, now)?, kept })
    }

    /// `errors` is what is wrong with the row, in the reader's language.
    pub fn row(&mut self, cells: &[Cell], errors: &str) -> Result<(), WriteError> {
        let texts = self.kept.iter().map(|&index| cells.get(index).map_or("", |cell| cell.text.as_str()));
        self.table.row(&texts.chain([errors]).collect::<Vec<_>>())
    }

    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        self.table.finish()
    }
}
