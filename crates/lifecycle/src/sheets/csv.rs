//! Text files with one record a row: comma, semicolon or tab between cells, quotation marks around cells that hold any of these.
//!
//! The reader is our own because records must be counted as spreadsheet programs count them, blank lines included, and because an
//! error has to name its line.

use std::borrow::Cow;

use super::SheetError;
use super::detect;
use super::headings;
use super::sheet::{Cell, CellFault, Format, Layout, MAX_CELL_CHARS, MAX_COLUMNS, MAX_HEADING_ROW, MAX_ROWS, Row};
use super::text;

const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// A text file whose headings were found.
pub struct CsvSheet<'a> {
    text: Cow<'a, str>,
    start: usize,
    delimiter: char,
    pub layout: Layout,
}

impl<'a> CsvSheet<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, SheetError> {
        let (text, encoding) = text::decode(bytes)?;
        detect::refuse_other_text(&text)?;
        // The first line of files made for spreadsheet programs may name the delimiter; the programs do not count it as a row.
        let (start, stated) = stated_delimiter(&text);
        let candidates = stated.map_or_else(|| DELIMITERS.to_vec(), |stated| vec![stated]);
        let mut best: Option<(u32, Vec<Cell>, headings::Candidate, char)> = None;
        let mut failure = None;
        for delimiter in candidates {
            match find_headings(&text[start..], delimiter) {
                Ok(Some((row, cells, candidate))) => {
                    if best.as_ref().is_none_or(|best| candidate.recognised > best.2.recognised) {
                        best = Some((row, cells, candidate, delimiter));
                    }
                }
                Ok(None) => {}
                Err(error) => failure = Some(error),
            }
        }
        let Some((heading_row, cells, candidate, delimiter)) = best else {
            return Err(failure.unwrap_or_else(headings::not_found));
        };
        let columns = headings::columns(&cells, &candidate, |_| false)?;
        let mut layout = Layout {
            format: Format::Csv,
            sheet: None,
            sheet_hidden: false,
            other_sheets: Vec::new(),
            encoding: Some(encoding.to_owned()),
            delimiter: Some(delimiter),
            heading_row,
            columns,
            rows: 0,
            hidden_rows: 0,
            merged_ranges: 0,
        };
        layout.rows = count_rows(&text[start..], delimiter, heading_row)?;
        Ok(Self { text, start, delimiter, layout })
    }

    pub fn records(&self) -> impl Iterator<Item = Result<Row, SheetError>> + '_ {
        let width = self.layout.columns.len();
        let records = Records::new(&self.text[self.start..], self.delimiter);
        records.filter_map(move |record| match record {
            Ok((number, cells)) if number > self.layout.heading_row && !is_blank(&cells) => {
                let mut cells: Vec<Cell> = cells.into_iter().take(width).map(into_cell).collect();
                cells.resize_with(width, Cell::default);
                Some(Ok(Row { number, hidden: false, cells }))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }
}

fn is_blank(cells: &[Cow<'_, str>]) -> bool {
    cells.iter().all(|cell| cell.chars().all(char::is_whitespace))
}

fn stated_delimiter(text: &str) -> (usize, Option<char>) {
    let first_line = text.split_inclusive(['\n', '\r']).next().unwrap_or("");
    let stated = first_line.trim_end().trim_matches('"').strip_prefix("sep=").and_then(|rest| {
        let mut characters = rest.chars();
        characters.next().filter(|delimiter| DELIMITERS.contains(delimiter) && characters.next().is_none())
    });
    // `trim_end` above eats a stated tab.
    let stated = stated.or_else(|| first_line.starts_with("sep=\t").then_some('\t'));
    if stated.is_none() {
        return (0, None);
    }
    let after_crlf = usize::from(first_line.ends_with('\r') && text[first_line.len()..].starts_with('\n'));
    (first_line.len() + after_crlf, stated)
}

type Found = (u32, Vec<Cell>, headings::Candidate);

fn find_headings(text: &str, delimiter: char) -> Result<Option<Found>, SheetError> {
    let mut best: Option<Found> = None;
    for record in Records::new(text, delimiter) {
        let (number, cells) = record?;
        if number > MAX_HEADING_ROW {
            break;
        }
        let cells: Vec<Cell> = cells.into_iter().map(into_cell).collect();
        if let Some(candidate) = headings::candidate(&cells)
            && best.as_ref().is_none_or(|best| candidate.recognised > best.2.recognised)
        {
            best = Some((number, cells, candidate));
        }
    }
    Ok(best)
}

/// Reads the file to its end, so that a fault in its last line is known before anything is planned.
fn count_rows(text: &str, delimiter: char, heading_row: u32) -> Result<u32, SheetError> {
    let mut rows = 0;
    for record in Records::new(text, delimiter) {
        let (number, cells) = record?;
        if number > heading_row && !is_blank(&cells) {
            rows += 1;
            if rows > MAX_ROWS {
                return Err(SheetError::TooManyRows { limit: MAX_ROWS });
            }
        }
    }
    Ok(rows)
}

/// Undoes what exports do to keep spreadsheet programs from computing text, and what people do to keep leading zeros.
fn into_cell(text: Cow<'_, str>) -> Cell {
    let text = unescape(&text);
    // ="00123" is the customary way to say that digits are text.
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).filter(|_| text.len() == text.trim().len()) {
        return Cell::from(inner.replace("\"\"", "\""));
    }
    limited(text.to_owned())
}

fn limited(text: String) -> Cell {
    if text.len() > MAX_CELL_CHARS
        && let Some((end, _)) = text.char_indices().nth(MAX_CELL_CHARS)
    {
        return Cell { text: text[..end].to_owned(), formula: false, fault: Some(CellFault::TooLong) };
    }
    text.into()
}

/// What a spreadsheet program would compute when it opens a CSV file. In East Asian settings the wide forms of the signs count too.
fn is_computed(text: &str) -> bool {
    const SIGNS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    text.trim_start_matches('\'').starts_with(SIGNS)
}

/// The form in which a text stands in our CSV files: with one `'` more where a spreadsheet program would compute it.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_computed(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`escape`] made this of.
pub fn unescape(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_computed(rest) => rest,
        _ => text,
    }
}

/// The records of a text, numbered from 1.
struct Records<'t> {
    rest: &'t str,
    delimiter: u8,
    number: u32,
    line: u64,
}

impl<'t> Records<'t> {
    fn new(text: &'t str, delimiter: char) -> Self {
        Self { rest: text, delimiter: delimiter as u8, number: 0, line: 1 }
    }

    /// Reads one cell; `true` when another follows in the same record.
    fn cell(&mut self) -> Result<(Cow<'t, str>, bool), SheetError> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let plain = self.until_separator();
            return Ok((Cow::Borrowed(plain), self.separator()));
        };
        let mut value = Cow::Borrowed("");
        let mut inside = quoted;
        loop {
            let Some(close) = inside.find('"') else { return Err(SheetError::QuoteOpen { line: self.line }) };
            append(&mut value, &inside[..close]);
            inside = &inside[close + 1..];
            match inside.strip_prefix('"') {
                Some(rest) => {
                    append(&mut value, "\"");
                    inside = rest;
                }
                None => break,
            }
        }
        self.rest = inside;
        // Text behind the closing mark belongs to the cell, as in spreadsheet programs.
        append(&mut value, self.until_separator());
        self.line += value.bytes().filter(|&byte| byte == b'\n').count() as u64;
        Ok((value, self.separator()))
    }

    fn until_separator(&mut self) -> &'t str {
        let end = self.rest.bytes().position(|byte| byte == self.delimiter || byte == b'\n' || byte == b'\r').unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(end);
        self.rest = rest;
        cell
    }

    fn separator(&mut self) -> bool {
        let bytes = self.rest.as_bytes();
        match bytes.first() {
            Some(&byte) if byte == self.delimiter => {
                self.rest = &self.rest[1..];
                true
            }
            Some(_) => {
                let length = if bytes.starts_with(b"\r\n") { 2 } else { 1 };
                self.rest = &self.rest[length..];
                self.line += 1;
                false
            }
            None => false,
        }
    }
}

fn append<'t>(value: &mut Cow<'t, str>, more: &'t str) {
    if value.is_empty() {
        *value = Cow::Borrowed(more);
    } else if !more.is_empty() {
        value.to_mut().push_str(more);
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Result<(u32, Vec<Cow<'t, str>>), SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        self.number = self.number.saturating_add(1);
        let mut cells = Vec::new();
        loop {
            let (cell, more) = match self.cell() {
                Ok(read) => read,
                Err(error) => {
                    self.rest = "";
                    return Some(Err(error));
                }
            };
            if cells.len() < MAX_COLUMNS {
                cells.push(cell);
            } else if !cell.trim().is_empty() {
                self.rest = "";
                return Some(Err(SheetError::TooManyColumns { limit: MAX_COLUMNS }));
            }
            if !more {
                return Some(Ok((self.number, cells)));
            }
        }
    }
}
