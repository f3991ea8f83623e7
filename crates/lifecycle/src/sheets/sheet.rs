//! What reading gives: the layout of a sheet, then its rows one by one.

use serde::{Deserialize, Serialize};

use super::ColumnKey;

/// Largest file that is read.
pub const MAX_FILE_BYTES: usize = 64 << 20;
/// Cells to the right of these columns must be blank.
pub const MAX_COLUMNS: usize = 256;
/// Rows that are not blank, below the headings.
pub const MAX_ROWS: u32 = 200_000;
/// Characters of a cell.
pub const MAX_CELL_CHARS: usize = 4_000;
/// The headings stand somewhere in the rows up to this one.
pub const MAX_HEADING_ROW: u32 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Xlsx,
    Csv,
}

impl Format {
    /// By the ending of a file's name; `None` when it is another.
    pub fn of_path(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "xlsx" => Some(Self::Xlsx),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Why the value of a cell cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum CellFault {
    /// A number with more digits than a spreadsheet keeps: the last ones are lost.
    NumberLossy,
    /// A formula that was never computed; only its text is in the file.
    FormulaWithoutValue,
    /// `#N/A` and the like.
    ErrorValue { value: String },
    /// Longer than [`MAX_CELL_CHARS`]; the text is cut.
    TooLong,
}

/// One cell as the file has it.
///
/// Its JSON is the plain text where there is nothing else to tell, and an object with `text`, `formula` and `fault` where there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CellForm", into = "CellForm")]
pub struct Cell {
    /// As a spreadsheet program shows it, near enough: days as `2020-03-02`, numbers without needless zeros. Not yet normalised.
    pub text: String,
    /// The text is what a formula came to when the file was saved.
    pub formula: bool,
    pub fault: Option<CellFault>,
}

impl Cell {
    pub fn is_blank(&self) -> bool {
        self.fault.is_none() && self.text.chars().all(char::is_whitespace)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CellForm {
    Text(String),
    Marked {
        text: String,
        #[serde(default)]
        formula: bool,
        #[serde(default)]
        fault: Option<CellFault>,
    },
}

impl From<CellForm> for Cell {
    fn from(form: CellForm) -> Self {
        match form {
            CellForm::Text(text) => text.into(),
            CellForm::Marked { text, formula, fault } => Self { text, formula, fault },
        }
    }
}

impl From<Cell> for CellForm {
    fn from(cell: Cell) -> Self {
        let Cell { text, formula, fault } = cell;
        if formula || fault.is_some() { Self::Marked { text, formula, fault } } else { Self::Text(text) }
    }
}

/// One row below the headings that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet program shows it, counted from 1.
    pub number: u32,
    /// Hidden or filtered away in the file. It is read like any other.
    pub hidden: bool,
    /// One for each of [`Layout::columns`], in that order.
    pub cells: Vec<Cell>,
}

/// One column that has a heading or at least stands between columns that have one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Counted from 0.
    pub index: usize,
    /// As the file has it, on one line.
    pub heading: String,
    /// What it holds; `None` when the heading is not a known one, and the column is not read.
    pub key: Option<ColumnKey>,
    /// Hidden in the file. It is read like any other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// The column with error texts that a file of wrong rows has; it is not read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub error_texts: bool,
}

/// What was found out about the file before its rows are read. Fit to be kept as JSON beside a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub format: Format,
    /// `None` for CSV.
    pub sheet: Option<String>,
    /// The sheet is hidden: no visible one has headings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sheet_hidden: bool,
    /// Other sheets of the workbook, which are not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_sheets: Vec<String>,
    /// For CSV: `UTF-8`, `UTF-16LE`, `UTF-16BE` or `GB18030`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// For CSV: `,`, `;` or a tab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// As a spreadsheet program shows it.
    pub heading_row: u32,
    /// From the first column of the sheet to the last that has a heading.
    pub columns: Vec<Column>,
    /// Rows below the headings that have content; some may turn out to be examples.
    pub rows: u32,
    /// How many of them are hidden or filtered away. They are read too.
    #[serde(default)]
    pub hidden_rows: u32,
    /// Merged ranges whose value was repeated in the rows below.
    #[serde(default)]
    pub merged_ranges: u32,
}

impl Layout {
    /// Where the column with this key stands in [`Layout::columns`] and in the cells of a row.
    pub fn position(&self, key: ColumnKey) -> Option<usize> {
        self.columns.iter().position(|column| column.key == Some(key))
    }

    pub fn has(&self, key: ColumnKey) -> bool {
        self.position(key).is_some()
    }

    /// Headings that are not known; their columns are not read.
    pub fn unknown_headings(&self) -> impl Iterator<Item = &str> {
        let unknown = |column: &&Column| column.key.is_none() && !column.error_texts && !column.heading.is_empty();
        self.columns.iter().filter(unknown).map(|column| column.heading.as_str())
    }
}

/// What became of the rows below the headings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Handed to the caller.
    pub rows: u32,
    /// Of these, hidden or filtered away in the file.
    pub hidden: u32,
    /// Marked as an example by our template, and passed over.
    pub examples: u32,
}
