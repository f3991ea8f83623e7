//! One worksheet as a stream of rows.

use super::archive::Unpacked;
use super::numbers;
use super::strings::{RichText, Strings, push_bounded};
use super::styles::Styles;
use super::xml::{Element, Token, Xml, is_true};
use crate::sheets::{Cell, CellFault, MAX_CELL_CHARS, MAX_COLUMNS, SheetError};

/// Rows that a worksheet can have (ISO 29500-1 §18.3.1.73).
const LAST_ROW: u32 = 1_048_576;
/// `worksheet`, `sheetData`, `row`.
const ROW_DEPTH: usize = 3;
const LAST_COLUMN: usize = 16_384;
/// More than a sheet with two merged cells in each of its rows has.
const MAX_MERGES: usize = 500_000;

/// A merged range that is more than one row high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    pub first_row: u32,
    pub last_row: u32,
    pub column: usize,
}

/// One row as it is stored: cells up to the last one that is there.
#[derive(Debug, Default)]
pub struct RawRow {
    pub number: u32,
    pub hidden: bool,
    /// Something stands in it.
    pub filled: bool,
    /// Something stands beyond [`MAX_COLUMNS`].
    pub too_wide: bool,
    /// Empty when the row was only looked over.
    pub cells: Vec<Cell>,
}

/// What the cells of a worksheet mean.
pub struct Meaning<'m> {
    pub strings: &'m Strings,
    pub styles: &'m Styles,
    pub date1904: bool,
}

pub struct RowReader<'m, 'a, 'b> {
    xml: Xml<'a, 'b>,
    meaning: &'m Meaning<'m>,
    last_row: u32,
    hidden_columns: Vec<(usize, usize)>,
    merges: Vec<Merge>,
    raw: String,
    formula: String,
    rich: RichText,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Text,
    Inline,
    Boolean,
    Error,
    Day,
}

struct CellHead {
    column: usize,
    style: usize,
    kind: Kind,
}

impl<'m, 'a, 'b> RowReader<'m, 'a, 'b> {
    pub fn new(part: &str, unpacked: Unpacked<'a, 'b>, meaning: &'m Meaning<'m>) -> Self {
        Self {
            xml: Xml::new(part, unpacked),
            meaning,
            last_row: 0,
            hidden_columns: Vec::new(),
            merges: Vec::new(),
            raw: String::new(),
            formula: String::new(),
            rich: RichText::default(),
        }
    }

    /// The merged ranges, which stand behind the rows and are known once all of these were read, from top to bottom; and the hidden columns.
    pub fn into_ranges(mut self) -> (Vec<Merge>, Vec<(usize, usize)>) {
        self.merges.sort_unstable_by_key(|merge| (merge.first_row, merge.column));
        (self.merges, self.hidden_columns)
    }

    /// The next row that is stored, `None` at the end. With `look_over` only whether something stands in it.
    pub fn next(&mut self, look_over: bool) -> Result<Option<RawRow>, SheetError> {
        loop {
            match self.xml.next()? {
                Token::End => return Ok(None),
                Token::Open(element) => match element.name() {
                    b"row" => {
                        let (number, hidden) = row_head(&element);
                        if element.depth == ROW_DEPTH {
                            return self.row(number, hidden, look_over).map(Some);
                        }
                    }
                    b"col" => {
                        if let Some(hidden) = hidden_columns(&element)
                            && self.hidden_columns.len() < MAX_COLUMNS
                        {
                            self.hidden_columns.push(hidden);
                        }
                    }
                    b"mergeCell" => {
                        if let Some(merge) = element.attribute(b"ref").as_deref().and_then(merge) {
                            if self.merges.len() >= MAX_MERGES {
                                return Err(SheetError::ExpandsTooFar);
                            }
                            self.merges.push(merge);
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn row(&mut self, number: Option<u32>, hidden: bool, look_over: bool) -> Result<RawRow, SheetError> {
        let number = number.unwrap_or(self.last_row.saturating_add(1));
        if number <= self.last_row || number > LAST_ROW {
            return Err(self.xml.damaged());
        }
        self.last_row = number;
        let mut row = RawRow { number, hidden, ..RawRow::default() };
        let mut next_column = 0;
        loop {
            match self.xml.next()? {
                Token::Open(element) if element.name() == b"c" => {
                    let head = cell_head(&element, next_column);
                    let head = head.ok_or_else(|| self.xml.damaged())?;
                    next_column = head.column + 1;
                    self.cell(&head, &mut row, look_over)?;
                }
                Token::Close(closed) if closed.depth == ROW_DEPTH => return Ok(row),
                Token::End => return Err(self.xml.damaged()),
                _ => {}
            }
        }
    }

    fn cell(&mut self, head: &CellHead, row: &mut RawRow, look_over: bool) -> Result<(), SheetError> {
        let has_formula = self.read_cell()?;
        let wide = head.column >= MAX_COLUMNS;
        if self.raw.is_empty() && self.rich.value().is_empty() && !has_formula {
            return Ok(());
        }
        let blank = || -> Option<bool> {
            let text = match head.kind {
                Kind::Shared => self.meaning.strings.get(self.raw.trim().parse().ok()?)?,
                Kind::Inline => self.rich.value(),
                _ => &self.raw,
            };
            Some(!has_formula && text.chars().all(char::is_whitespace))
        };
        let blank = blank().ok_or_else(|| self.xml.damaged())?;
        if blank {
            return Ok(());
        }
        row.filled = true;
        row.too_wide |= wide;
        if look_over || wide {
            return Ok(());
        }
        let cell = self.value(head, has_formula).ok_or_else(|| self.xml.damaged())?;
        if row.cells.len() <= head.column {
            row.cells.resize_with(head.column + 1, Cell::default);
        }
        row.cells[head.column] = cell;
        Ok(())
    }

    /// Reads up to the end of the cell into `raw`, `rich` and `formula`; `true` when it has a formula.
    fn read_cell(&mut self) -> Result<bool, SheetError> {
        self.raw.clear();
        self.formula.clear();
        self.rich.clear();
        let (mut has_formula, mut in_value, mut in_formula, mut in_inline) = (false, false, false, false);
        loop {
            match self.xml.next()? {
                Token::Open(element) => match element.name() {
                    b"v" => in_value = true,
                    b"f" => (has_formula, in_formula) = (true, true),
                    b"is" => in_inline = true,
                    name if in_inline => self.rich.open(name),
                    _ => {}
                },
                Token::Text(text) if in_value => push_bounded(&mut self.raw, &text),
                Token::Text(text) if in_formula => push_bounded(&mut self.formula, &text),
                Token::Text(text) if in_inline => self.rich.text(&text),
                Token::Close(closed) => match closed.name() {
                    b"v" => in_value = false,
                    b"f" => in_formula = false,
                    b"is" => in_inline = false,
                    name if in_inline => self.rich.close(name),
                    _ if closed.depth == ROW_DEPTH + 1 => return Ok(has_formula),
                    _ => {}
                },
                Token::End => return Err(self.xml.damaged()),
                _ => {}
            }
        }
    }

    /// `None` when the cell names a shared string that is not there.
    fn value(&self, head: &CellHead, has_formula: bool) -> Option<Cell> {
        // A formula that came to the empty string was computed all the same.
        let computed = !self.raw.is_empty() || matches!(head.kind, Kind::Text | Kind::Inline);
        if has_formula && !computed {
            let text = format!("={}", self.formula.chars().take(200).collect::<String>());
            return Some(Cell { text, formula: true, fault: Some(CellFault::FormulaWithoutValue) });
        }
        let mut cell = match head.kind {
            Kind::Number => numbers::shown(&self.raw, self.meaning.styles.format(head.style), self.meaning.date1904),
            Kind::Shared => text_cell(self.meaning.strings.get(self.raw.trim().parse().ok()?)?),
            Kind::Text => text_cell(&self.raw),
            Kind::Inline => text_cell(self.rich.value()),
            Kind::Boolean => if is_true(self.raw.trim().as_bytes()) { "TRUE" } else { "FALSE" }.into(),
            Kind::Error => {
                let value: String = self.raw.trim().chars().take(20).collect();
                Cell { text: value.clone(), formula: false, fault: Some(CellFault::ErrorValue { value }) }
            }
            // ISO 8601, as the strict form of the format has it.
            Kind::Day => self.raw.trim().into(),
        };
        cell.formula = has_formula;
        Some(cell)
    }
}

/// Some writers leave out the number, and mean the row after the one before.
fn row_head(element: &Element<'_>) -> (Option<u32>, bool) {
    let (mut number, mut hidden) = (None, false);
    element.attributes(|name, value| match name {
        // A number that is none must not pass for one that was left out.
        b"r" => number = Some(number_of(value).unwrap_or(0)),
        b"hidden" => hidden = is_true(value),
        _ => {}
    });
    (number, hidden)
}

fn cell_head(element: &Element<'_>, next_column: usize) -> Option<CellHead> {
    let mut head = CellHead { column: next_column, style: 0, kind: Kind::Number };
    let mut valid = true;
    element.attributes(|name, value| match name {
        b"r" => match reference(value) {
            Some((column, _)) => head.column = column,
            None => valid = false,
        },
        b"s" => head.style = number_of(value).map_or(0, |style| style as usize),
        b"t" => {
            head.kind = match value {
                b"s" => Kind::Shared,
                b"str" => Kind::Text,
                b"inlineStr" => Kind::Inline,
                b"b" => Kind::Boolean,
                b"e" => Kind::Error,
                b"d" => Kind::Day,
                _ => Kind::Number,
            }
        }
        _ => {}
    });
    (valid && head.column < LAST_COLUMN).then_some(head)
}

fn hidden_columns(element: &Element<'_>) -> Option<(usize, usize)> {
    let (mut first, mut last, mut hidden) = (None, None, false);
    element.attributes(|name, value| match name {
        b"min" => first = number_of(value),
        b"max" => last = number_of(value),
        b"hidden" => hidden = is_true(value),
        _ => {}
    });
    let (first, last) = (first?.checked_sub(1)?, last?.checked_sub(1)?);
    hidden.then_some((first as usize, last as usize))
}

fn number_of(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// `AB12` is the column at 27 and row 12.
fn reference(text: &[u8]) -> Option<(usize, u32)> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = text[..letters].iter().fold(0, |column, letter| column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    Some((column - 1, number_of(&text[letters..])?))
}

/// Ranges in one row change nothing: their value stands in their first cell anyway.
fn merge(range: &str) -> Option<Merge> {
    let (first, last) = range.split_once(':')?;
    let ((column, first_row), (_, last_row)) = (reference(first.as_bytes())?, reference(last.as_bytes())?);
    (last_row > first_row && column < MAX_COLUMNS).then_some(Merge { first_row, last_row, column })
}

fn text_cell(text: &str) -> Cell {
    let text = unescaped(text);
    match text.char_indices().nth(MAX_CELL_CHARS) {
        Some((end, _)) => Cell { text: text[..end].to_owned(), formula: false, fault: Some(CellFault::TooLong) },
        None => text.into_owned().into(),
    }
}

/// Characters that XML cannot hold are written as `_x000D_`, and an underscore before such a thing as `_x005F_` (ISO 29500-1 §22.9.2.19).
fn unescaped(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("_x") {
        result.push_str(&rest[..start]);
        let code = rest.get(start + 2..start + 6).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let closed = rest.as_bytes().get(start + 6) == Some(&b'_');
        let character = code.filter(|_| closed).and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        let length = if character.is_some() { 7 } else { 2 };
        match character {
            Some(character) => result.push(character),
            None => result.push_str("_x"),
        }
        rest = &rest[start + length..];
    }
    result.push_str(rest);
    result.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_columns_and_rows() {
        assert_eq!(reference(b"A1"), Some((0, 1)));
        assert_eq!(reference(b"AB12"), Some((27, 12)));
        assert_eq!(reference(b"XFD1048576"), Some((16_383, 1_048_576)));
        for wrong in [&b""[..], b"1", b"A", b"ABCD1", b"A-1"] {
            assert_eq!(reference(wrong), None);
        }
    }

    #[test]
    fn escaped_characters_are_read() {
        assert_eq!(unescaped("a_x000D_\nb_x005F_x000D_ _xyz"), "a\r\nb_x000D_ _xyz");
        assert_eq!(unescaped("_x00e"), "_x00e");
    }
}
