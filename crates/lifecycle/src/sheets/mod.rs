//! Sheets of members as people have them: .xlsx and text files become rows of cells, and cells become values.
//!
//! Nothing here touches the store, and nothing holds all rows at once. Start with [`Sheet::open`], which finds out what a file is and
//! where its headings stand; [`Sheet::for_each_row`] then hands out the rows one by one, and [`read_row`] reads their cells. Whatever is
//! done to a file here is told in its [`Layout`]: nothing is changed or left out silently. [`Table`], [`WrongRows`] and [`template`] write
//! files that reading understands again. What comes in is hostile until read: every
//! loop, buffer and depth has its bound.
//!
//! To add a column: a line in `columns.rs`, its synonyms in `headings.rs`, its rule in `cells`.

mod cells;
mod columns;
mod csv;
mod detect;
mod error;
mod headings;
mod sheet;
mod synonyms;
mod table;
mod template;
mod text;
mod wrong_rows;
mod xlsx;

use std::ops::ControlFlow;

pub use self::cells::{
    CellError, CellRules, Gender, InitialPassword, MailName, ReadRow, Values, join_departments, read_boolean, read_date, read_gender,
    read_row, split_departments,
};
pub use self::columns::{ColumnKey, Language, UnknownColumn, column_letters};
pub use self::csv::{escape as escape_csv_text, unescape as unescape_csv_text};
pub use self::error::{Found, SheetError};
pub use self::headings::{ERROR_TEXTS_HEADING, recognise as recognise_heading};
pub use self::sheet::{
    Cell, CellFault, Column, Format, Layout, MAX_CELL_CHARS, MAX_COLUMNS, MAX_FILE_BYTES, MAX_HEADING_ROW, MAX_ROWS, Row, Totals,
};
pub use self::table::{File, Table, WriteError};
pub use self::template::template;
pub use self::wrong_rows::WrongRows;

/// What stands in the column of sequence numbers of a template's example row; such a row is never a member.
pub const EXAMPLE_MARK: &str = "示例 Example";

/// A file whose headings were found.
pub struct Sheet<'a> {
    form: Form<'a>,
}

enum Form<'a> {
    Csv(csv::CsvSheet<'a>),
    Xlsx(Box<xlsx::XlsxSheet<'a>>),
}

impl<'a> Sheet<'a> {
    /// Finds out what the file is, by its content, and where its headings stand. The whole file is looked through once, so that most of
    /// what can be wrong with it is known before a row is handed out.
    pub fn open(bytes: &'a [u8]) -> Result<Self, SheetError> {
        let form = match detect::container(bytes)? {
            detect::Container::Zip => Form::Xlsx(Box::new(xlsx::XlsxSheet::open(bytes)?)),
            detect::Container::Text => Form::Csv(csv::CsvSheet::open(bytes)?),
        };
        Ok(Self { form })
    }

    pub fn layout(&self) -> &Layout {
        match &self.form {
            Form::Csv(sheet) => &sheet.layout,
            Form::Xlsx(sheet) => &sheet.layout,
        }
    }

    /// Calls `row` for each row below the headings, from top to bottom, until it breaks off. Rows that are blank but for their sequence
    /// number are no rows, and the example of a template is passed over. May be called again; each call reads the file anew.
    pub fn for_each_row<E: From<SheetError>>(&self, mut row: impl FnMut(Row) -> Result<ControlFlow<()>, E>) -> Result<Totals, E> {
        let mut totals = Totals::default();
        let number = self.layout().position(ColumnKey::Number);
        let mut take = |candidate: Row| -> Result<ControlFlow<()>, E> {
            if says_nothing(&candidate, &self.layout().columns) {
                return Ok(ControlFlow::Continue(()));
            }
            if number.is_some_and(|number| kernel::normalise(&candidate.cells[number].text) == EXAMPLE_MARK) {
                totals.examples += 1;
                return Ok(ControlFlow::Continue(()));
            }
            totals.rows += 1;
            totals.hidden += u32::from(candidate.hidden);
            row(candidate)
        };
        match &self.form {
            Form::Csv(sheet) => {
                for record in sheet.records() {
                    if take(record?)?.is_break() {
                        break;
                    }
                }
            }
            Form::Xlsx(sheet) => sheet.for_each_row(take)?,
        }
        Ok(totals)
    }
}

/// Sequence numbers are written in advance, and the errors of an earlier round outlive the cells they were about.
fn says_nothing(row: &Row, columns: &[Column]) -> bool {
    let idle = |column: &Column| column.key == Some(ColumnKey::Number) || column.error_texts;
    row.cells.iter().zip(columns).all(|(cell, column)| idle(column) || cell.is_blank())
}
