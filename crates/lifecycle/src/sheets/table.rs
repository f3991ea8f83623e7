//! Writes tables that people open in spreadsheet programs: a heading row, and rows of text.
//!
//! Everything is text: a phone number or an employee number that a program takes for a number has lost its zeros by the next upload.

use std::io::Write;

use kernel::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, FormatAlign, Workbook, XlsxError};

use super::Format;
use super::csv::escape;

/// Why a table could not be written; nothing that whoever asked for it could mend.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("could not write the workbook")]
    Workbook(#[from] XlsxError),
    #[error("could not write the file")]
    Io(#[from] std::io::Error),
}
kernel::faults! { WriteError:
    WriteError::Workbook(_) => Unavailable "file_not_written",
    WriteError::Io(_) => Unavailable "file_not_written",
}

/// A file to be sent to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

impl Format {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// A table being written. Rows go to disk as they come (.xlsx) or into the file's bytes (.csv); none is held.
pub struct Table {
    form: Form,
}

enum Form {
    Xlsx { workbook: Box<Workbook>, next_row: u32 },
    Csv(Vec<u8>),
}

/// What a cell of a workbook holds, in UTF-16 units (Excel specifications and limits).
const CELL_UNITS: usize = 32_767;

/// As much of the text as a cell holds: one that is too long must not keep all the others from being written.
fn fitting(text: &str) -> &str {
    // A text has no more units than bytes.
    if text.len() <= CELL_UNITS {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > CELL_UNITS
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Columns are at least this wide, in characters.
const MIN_WIDTH: f64 = 10.0;

impl Table {
    /// Begins a table. `sheet` is the name of the sheet in a workbook, `now` the moment the workbook says it was made.
    pub fn new<H: AsRef<str>>(format: Format, sheet: &str, headings: &[H], now: Timestamp) -> Result<Self, WriteError> {
        let form = match format {
            Format::Xlsx => Form::Xlsx { workbook: Box::new(workbook(sheet, headings, now)?), next_row: 1 },
            Format::Csv => {
                // With the mark, spreadsheet programs know that it is UTF-8.
                let mut bytes = b"\xef\xbb\xbf".to_vec();
                write_record(&mut bytes, headings)?;
                Form::Csv(bytes)
            }
        };
        Ok(Self { form })
    }

    pub fn row<C: AsRef<str>>(&mut self, cells: &[C]) -> Result<(), WriteError> {
        match &mut self.form {
            Form::Csv(bytes) => Ok(write_record(bytes, cells)?),
            Form::Xlsx { workbook, next_row } => {
                let sheet = workbook.worksheet_from_index(0)?;
                for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.as_ref().is_empty()) {
                    sheet.write_string(*next_row, column as u16, fitting(cell.as_ref()))?;
                }
                *next_row += 1;
                Ok(())
            }
        }
    }

    /// The bytes of the file.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        match self.form {
            Form::Csv(bytes) => Ok(bytes),
            Form::Xlsx { mut workbook, .. } => Ok(workbook.save_to_buffer()?),
        }
    }

    /// As [`finish`](Self::finish), with a second sheet of notes in a workbook; CSV has no place for them.
    pub fn finish_with_notes(mut self, sheet: &str, notes: &[[String; 3]]) -> Result<Vec<u8>, WriteError> {
        if let Form::Xlsx { workbook, .. } = &mut self.form {
            let wrapped = CellFormat::new().set_text_wrap().set_align(FormatAlign::Top);
            let notes_sheet = workbook.add_worksheet();
            notes_sheet.set_name(sheet)?;
            for (column, width) in [(0, 26.0), (1, 60.0), (2, 60.0)] {
                notes_sheet.set_column_width(column, width)?;
            }
            for (row, cells) in notes.iter().enumerate() {
                for (column, cell) in cells.iter().enumerate() {
                    notes_sheet.write_string_with_format(row as u32, column as u16, cell, &wrapped)?;
                }
            }
        }
        self.finish()
    }
}

fn workbook<H: AsRef<str>>(sheet: &str, headings: &[H], now: Timestamp) -> Result<Workbook, WriteError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_timestamp(now.as_secs())?));
    let text = CellFormat::new().set_num_format("@");
    let bold = CellFormat::new().set_bold().set_num_format("@");
    let worksheet = workbook.add_worksheet_with_constant_memory();
    worksheet.set_name(sheet)?;
    for (column, heading) in headings.iter().enumerate() {
        let column = column as u16;
        worksheet.set_column_format(column, &text)?;
        worksheet.set_column_width(column, width(heading.as_ref()))?;
        worksheet.write_string_with_format(0, column, heading.as_ref(), &bold)?;
    }
    worksheet.set_freeze_panes(1, 0)?;
    Ok(workbook)
}

/// Chinese characters are two columns wide.
fn width(heading: &str) -> f64 {
    let characters: usize = heading.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    (characters as f64 + 4.0).clamp(MIN_WIDTH, 40.0)
}

/// RFC 4180, with a `'` before what a spreadsheet program would compute.
fn write_record<C: AsRef<str>>(bytes: &mut Vec<u8>, cells: &[C]) -> std::io::Result<()> {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        let text = escape(cell.as_ref());
        let quoted = text.contains([',', ';', '\t', '"', '\r', '\n']) || text.trim().len() != text.len();
        if quoted { write!(bytes, "\"{}\"", text.replace('"', "\"\""))? } else { bytes.extend_from_slice(text.as_bytes()) }
    }
    bytes.extend_from_slice(b"\r\n");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_longer_than_a_cell_holds_is_cut_and_the_others_are_written() {
        let now = Timestamp::from_micros(1_780_000_000_000_000);
        for (long, kept) in [("院".repeat(40_000), 32_767), ("𠀀".repeat(20_000), 16_383)] {
            assert_eq!(fitting(&long).chars().count(), kept);
            let mut table = Table::new(Format::Xlsx, "Members", &["Department"], now).unwrap();
            table.row(&[&long]).unwrap();
            table.row(&["内科"]).unwrap();
            assert!(table.finish().is_ok());
        }
        assert_eq!(fitting("内科"), "内科");
    }
}
