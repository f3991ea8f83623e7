//! Why a file cannot be read as a sheet of members.

/// What a file that is no spreadsheet turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Picture,
    Document,
    Archive,
    Other,
}

/// What is wrong with the file as a whole. Each says what was found; the code's text says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {limit_mib} MiB")]
    TooLarge { limit_mib: usize },
    #[error("the file is an old Excel workbook (.xls); save it as .xlsx")]
    OldExcel,
    #[error("the file is a binary Excel workbook (.xlsb); save it as .xlsx")]
    ExcelBinary,
    #[error("the workbook is protected with a password; save it without one")]
    Encrypted,
    #[error("the file is an OpenDocument spreadsheet (.ods); save it as .xlsx")]
    OpenDocument,
    #[error("the file is a web page, although its name may say otherwise; open it in a spreadsheet program and save it as .xlsx")]
    WebPage,
    #[error("the file is a PDF document; save the sheet itself as .xlsx")]
    Pdf,
    #[error("the file is not a spreadsheet ({found:?}); save the sheet as .xlsx or .csv")]
    NotASpreadsheet { found: Found },
    #[error("the workbook is damaged in {part}; open it in a spreadsheet program and save it again")]
    Damaged { part: String },
    #[error("the text of line {line} is in no encoding that can be read; save the file as .xlsx or as CSV in UTF-8")]
    EncodingUnknown { line: u64 },
    #[error("a quotation mark opened in line {line} is never closed")]
    QuoteOpen { line: u64 },
    #[error("the workbook unpacks to far more than its size; it is not read")]
    ExpandsTooFar,
    #[error("the workbook declares a document type or entities; it is not read")]
    DeclaresEntities,
    #[error("the sheet has cells beyond its first {limit} columns")]
    TooManyColumns { limit: usize },
    #[error("the sheet has more than {limit} rows; divide it")]
    TooManyRows { limit: u32 },
    #[error("no headings were found in the first {rows} rows; looked for {wanted}")]
    HeadingsNotFound { rows: u32, wanted: &'static str },
    #[error("columns {first} and {second} both hold {column}")]
    HeadingTwice { column: &'static str, first: String, second: String },
}

kernel::faults! { SheetError:
    SheetError::Empty => Invalid "file_empty",
    SheetError::TooLarge { limit_mib } => Invalid "file_too_large" { limit_mib },
    SheetError::OldExcel => Invalid "file_old_excel",
    SheetError::ExcelBinary => Invalid "file_excel_binary",
    SheetError::Encrypted => Invalid "file_encrypted",
    SheetError::OpenDocument => Invalid "file_open_document",
    SheetError::WebPage => Invalid "file_web_page",
    SheetError::Pdf => Invalid "file_pdf",
    SheetError::NotASpreadsheet { found: Found::Picture } => Invalid "file_picture",
    SheetError::NotASpreadsheet { found: Found::Document } => Invalid "file_document",
    SheetError::NotASpreadsheet { found: Found::Archive } => Invalid "file_archive",
    SheetError::NotASpreadsheet { found: Found::Other } => Invalid "file_not_spreadsheet",
    SheetError::Damaged { part } => Invalid "file_damaged" { part },
    SheetError::EncodingUnknown { line } => Invalid "file_encoding_unknown" { line },
    SheetError::QuoteOpen { line } => Invalid "file_quote_open" { line },
    SheetError::ExpandsTooFar => Invalid "file_expands_too_far",
    SheetError::DeclaresEntities => Invalid "file_declares_entities",
    SheetError::TooManyColumns { limit } => Invalid "too_many_columns" { limit },
    SheetError::TooManyRows { limit } => Invalid "too_many_rows" { limit },
    SheetError::HeadingsNotFound { rows, wanted } => Invalid "headings_not_found" { rows, wanted },
    SheetError::HeadingTwice { column, first, second } => Invalid "heading_twice" { column, first, second },
}
