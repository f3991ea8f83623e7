//! Workbooks (.xlsx, ISO 29500): read as streams, part by part, never unpacked as a whole.
//!
//! A sheet is looked through twice: first for its headings, its merged ranges, which stand behind its rows, and everything that is wrong
//! with it; then for its rows. `archive` and `xml` hold the bounds; the other modules may trust that whatever they read ends.

mod archive;
mod numbers;
mod rows;
mod strings;
mod styles;
mod workbook;
mod xml;

use std::ops::ControlFlow;

use self::archive::{Archive, Budget};
use self::rows::{Meaning, Merge, RawRow, RowReader};
use self::strings::Strings;
use self::styles::Styles;
use self::workbook::{SheetEntry, Workbook};
use super::error::Found;
use super::{Cell, Format, Layout, MAX_COLUMNS, MAX_HEADING_ROW, MAX_ROWS, Row, SheetError, headings};

/// A workbook one of whose sheets has headings.
pub struct XlsxSheet<'a> {
    archive: Archive<'a>,
    strings: Strings,
    styles: Styles,
    date1904: bool,
    part: String,
    merges: Vec<Merge>,
    pub layout: Layout,
}

/// What the first look through a worksheet brings.
struct Survey {
    /// The rows that may be headings.
    top: Vec<RawRow>,
    /// Numbers of the rows below them that are filled, in order, and whether they are hidden.
    filled: Vec<(u32, bool)>,
    merges: Vec<Merge>,
    hidden_columns: Vec<(usize, usize)>,
    too_wide: bool,
}

impl<'a> XlsxSheet<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, SheetError> {
        let archive = Archive::open(bytes)?;
        refuse_others(&archive)?;
        let budget = Budget::new();
        let workbook = Workbook::read(&archive, &budget)?;
        let strings = Strings::read(&archive, workbook.strings.as_deref(), &budget)?;
        let styles = Styles::read(&archive, workbook.styles.as_deref(), &budget)?;
        let meaning = Meaning { strings: &strings, styles: &styles, date1904: workbook.date1904 };

        let mut failure = None;
        let (visible, hidden): (Vec<_>, Vec<_>) = workbook.sheets.iter().partition(|sheet| !sheet.hidden);
        for sheet in visible.into_iter().chain(hidden) {
            let Some(unpacked) = archive.part(&sheet.part, u64::MAX, &budget)? else { continue };
            let survey = Survey::take(RowReader::new(&sheet.part, unpacked, &meaning))?;
            let Some((heading, candidate)) = survey.find_headings() else {
                if survey.too_wide {
                    failure = Some(SheetError::TooManyColumns { limit: MAX_COLUMNS });
                }
                continue;
            };
            let layout = survey.layout(sheet, &workbook, heading, &candidate)?;
            let merges = survey.merges;
            let (date1904, part) = (workbook.date1904, sheet.part.clone());
            return Ok(Self { archive, strings, styles, date1904, part, merges, layout });
        }
        Err(failure.unwrap_or_else(headings::not_found))
    }

    pub fn for_each_row<E: From<SheetError>>(&self, mut take: impl FnMut(Row) -> Result<ControlFlow<()>, E>) -> Result<(), E> {
        let budget = Budget::new();
        let damaged = || SheetError::Damaged { part: self.part.clone() };
        let unpacked = self.archive.part(&self.part, u64::MAX, &budget)?.ok_or_else(damaged)?;
        let meaning = Meaning { strings: &self.strings, styles: &self.styles, date1904: self.date1904 };
        let mut reader = RowReader::new(&self.part, unpacked, &meaning);
        let mut repeats = Repeats::new(&self.merges);
        let width = self.layout.columns.len();
        while let Some(mut row) = reader.next(false)? {
            let filled = row.filled;
            repeats.fill(&mut row);
            if row.number <= self.layout.heading_row || !filled {
                continue;
            }
            row.cells.resize_with(width, Cell::default);
            if take(Row { number: row.number, hidden: row.hidden, cells: row.cells })?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn refuse_others(archive: &Archive<'_>) -> Result<(), SheetError> {
    let has = |part: &str| archive.has(part);
    if has("xl/workbook.xml")
        || (has("[Content_Types].xml") && !has("xl/workbook.bin") && !has("word/document.xml") && !has("ppt/presentation.xml"))
    {
        return Ok(());
    }
    Err(if has("xl/workbook.bin") {
        SheetError::ExcelBinary
    } else if has("mimetype") && has("content.xml") {
        SheetError::OpenDocument
    } else if has("word/document.xml") || has("ppt/presentation.xml") {
        SheetError::NotASpreadsheet { found: Found::Document }
    } else if has("index/document.iwa") {
        SheetError::NotASpreadsheet { found: Found::Other }
    } else {
        SheetError::NotASpreadsheet { found: Found::Archive }
    })
}

impl Survey {
    fn take(mut reader: RowReader<'_, '_, '_>) -> Result<Self, SheetError> {
        let (mut top, mut filled, mut too_wide, mut below) = (Vec::new(), Vec::new(), false, false);
        while let Some(row) = reader.next(below)? {
            too_wide |= row.too_wide;
            if row.filled {
                filled.push((row.number, row.hidden));
                // Headings and rows above them come on top.
                if filled.len() > MAX_ROWS as usize + MAX_HEADING_ROW as usize {
                    return Err(SheetError::TooManyRows { limit: MAX_ROWS });
                }
            }
            below = row.number >= MAX_HEADING_ROW;
            if row.number <= MAX_HEADING_ROW {
                top.push(row);
            }
        }
        let (merges, hidden_columns) = reader.into_ranges();
        let mut repeats = Repeats::new(&merges);
        top.iter_mut().for_each(|row| repeats.fill(row));
        Ok(Self { top, filled, merges, hidden_columns, too_wide })
    }

    fn find_headings(&self) -> Option<(&RawRow, headings::Candidate)> {
        let mut best: Option<(&RawRow, headings::Candidate)> = None;
        for row in &self.top {
            if let Some(candidate) = headings::candidate(&row.cells)
                && best.as_ref().is_none_or(|best| candidate.recognised > best.1.recognised)
            {
                best = Some((row, candidate));
            }
        }
        best
    }

    fn layout(
        &self,
        sheet: &SheetEntry,
        workbook: &Workbook,
        heading: &RawRow,
        candidate: &headings::Candidate,
    ) -> Result<Layout, SheetError> {
        if self.too_wide {
            return Err(SheetError::TooManyColumns { limit: MAX_COLUMNS });
        }
        let is_hidden = |column: usize| self.hidden_columns.iter().any(|&(first, last)| (first..=last).contains(&column));
        let columns = headings::columns(&heading.cells, candidate, is_hidden)?;
        let below = &self.filled[self.filled.partition_point(|&(row, _)| row <= heading.number)..];
        if below.len() > MAX_ROWS as usize {
            return Err(SheetError::TooManyRows { limit: MAX_ROWS });
        }
        let repeated = |merge: &&Merge| merge.last_row > heading.number && merge.column < columns.len();
        let others = workbook.sheets.iter().filter(|other| other.part != sheet.part);
        Ok(Layout {
            format: Format::Xlsx,
            sheet: Some(sheet.name.clone()),
            sheet_hidden: sheet.hidden,
            other_sheets: others.map(|other| other.name.clone()).collect(),
            encoding: None,
            delimiter: None,
            heading_row: heading.number,
            rows: below.len() as u32,
            hidden_rows: below.iter().filter(|&&(_, hidden)| hidden).count() as u32,
            merged_ranges: self.merges.iter().filter(repeated).count() as u32,
            columns,
        })
    }
}

/// Repeats the value of a merged range in its lower rows: a department written once beside ten people is the department of all ten.
struct Repeats<'m> {
    coming: &'m [Merge],
    /// For each column, the last row to fill and what with.
    open: Vec<Option<(u32, Cell)>>,
}

impl<'m> Repeats<'m> {
    fn new(merges: &'m [Merge]) -> Self {
        Self { coming: merges, open: Vec::new() }
    }

    /// To be called for each row from top to bottom. A row with nothing of its own stays blank.
    fn fill(&mut self, row: &mut RawRow) {
        if row.filled {
            for (column, open) in self.open.iter().enumerate() {
                let Some((_, cell)) = open.as_ref().filter(|(last, _)| *last >= row.number) else { continue };
                if row.cells.len() <= column {
                    row.cells.resize_with(column + 1, Cell::default);
                }
                if row.cells[column].is_blank() {
                    row.cells[column] = cell.clone();
                }
            }
        }
        while let Some((merge, rest)) = self.coming.split_first().filter(|(merge, _)| merge.first_row <= row.number) {
            self.coming = rest;
            let Some(cell) = row.cells.get(merge.column).filter(|cell| merge.first_row == row.number && !cell.is_blank()) else { continue };
            if self.open.len() <= merge.column {
                self.open.resize_with(merge.column + 1, || None);
            }
            self.open[merge.column] = Some((merge.last_row, cell.clone()));
        }
    }
}
