//! What a file is, by its content. Its name is not asked: people rename files.

use super::SheetError;
use super::error::Found;
use super::sheet::MAX_FILE_BYTES;

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Zip,
    Text,
}

/// Files that are neither, by how they begin.
const OTHERS: &[(&[u8], Found)] = &[
    (b"\x89PNG", Found::Picture),
    (b"\xff\xd8\xff", Found::Picture),
    (b"GIF8", Found::Picture),
    (b"BM", Found::Picture),
    (b"{\\rtf", Found::Document),
    (b"\x1f\x8b\x08", Found::Archive),
    (b"7z\xbc\xaf\x27\x1c", Found::Archive),
    (b"Rar!", Found::Archive),
    (b"\x28\xb5\x2f\xfd", Found::Archive),
    (b"\x7fELF", Found::Other),
    (b"MZ", Found::Other),
    (b"SQLite format 3", Found::Other),
    (b"BEGIN:VCARD", Found::Other),
];

pub fn container(bytes: &[u8]) -> Result<Container, SheetError> {
    if bytes.is_empty() {
        return Err(SheetError::Empty);
    }
    if bytes.len() > MAX_FILE_BYTES {
        return Err(SheetError::TooLarge { limit_mib: MAX_FILE_BYTES >> 20 });
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Container::Zip);
    }
    // MS-CFB §2.2: the container of old Office files, and of new ones that are encrypted.
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(compound_file(bytes));
    }
    // BIFF2 to BIFF4 had no container.
    if matches!(bytes, [0x09, 0x00 | 0x02 | 0x04, 0x04 | 0x06, 0x00, ..]) {
        return Err(SheetError::OldExcel);
    }
    let start = &bytes[..bytes.len().min(1024)];
    if start.windows(5).any(|window| window == b"%PDF-") {
        return Err(SheetError::Pdf);
    }
    for &(magic, found) in OTHERS {
        // Two letters alone could begin a heading: with them, only what cannot be text is refused.
        if bytes.starts_with(magic) && (magic.len() > 2 || start.contains(&0)) {
            return Err(SheetError::NotASpreadsheet { found });
        }
    }
    Ok(Container::Text)
}

fn compound_file(bytes: &[u8]) -> SheetError {
    let names = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(bytes, &wide).is_some()
    };
    if names("EncryptedPackage") {
        SheetError::Encrypted
    } else if names("WordDocument") || names("PowerPoint Document") {
        SheetError::NotASpreadsheet { found: Found::Document }
    } else {
        SheetError::OldExcel
    }
}

/// Web pages named .xls, and other text that is not a table.
pub fn refuse_other_text(text: &str) -> Result<(), SheetError> {
    if text.chars().all(char::is_whitespace) {
        return Err(SheetError::Empty);
    }
    let start: String = text.trim_start().chars().take(4096).collect::<String>().to_ascii_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| start.contains(word));
    if start.starts_with("mime-version:") || (start.starts_with('<') && mentions(&["<html", "<!doctype html", "<table", "<body", "<meta"]))
    {
        return Err(SheetError::WebPage);
    }
    if start.starts_with("<?xml") || start.starts_with("<workbook") {
        return Err(SheetError::NotASpreadsheet { found: Found::Other });
    }
    if start.starts_with("begin:vcard") {
        return Err(SheetError::NotASpreadsheet { found: Found::Other });
    }
    let strange = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1a}' | '\u{85}');
    if text.chars().any(strange) {
        return Err(SheetError::NotASpreadsheet { found: Found::Other });
    }
    Ok(())
}
