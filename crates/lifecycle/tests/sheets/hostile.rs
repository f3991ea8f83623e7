//! Files made to harm, and files that are something else: each is refused at once, and none takes more memory than it should.

use std::io::{Cursor, Write};

use lifecycle::sheets::{Found, Sheet, SheetError};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::build::{Book, read, row, worksheet, zip};

fn refused(bytes: &[u8]) -> SheetError {
    match Sheet::open(bytes) {
        Ok(_) => panic!("the file was read"),
        Err(error) => error,
    }
}

fn with_part(book: &Book, part: &str, content: &[u8]) -> Vec<u8> {
    let parts = book.parts();
    let mut parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect();
    parts.retain(|(name, _)| *name != part);
    parts.push((part, content));
    zip(&parts)
}

/// A part of `length` bytes that never was in memory as a whole.
fn bomb(book: &Book, part: &str, start: &str, filling: &str, length: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in book.parts().iter().filter(|(name, _)| name != part) {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.start_file(part, SimpleFileOptions::default()).unwrap();
    writer.write_all(start.as_bytes()).unwrap();
    let chunk = filling.repeat((1 << 20) / filling.len());
    for _ in 0..length / chunk.len() {
        writer.write_all(chunk.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn members() -> Book {
    Book::of(&(row(1, &["姓名", "手机"]) + &row(2, &["甲", "1"])))
}

const SHEET: &str = "xl/worksheets/sheet0.xml";

#[test]
fn what_is_no_spreadsheet_is_called_by_its_name() {
    let compound = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 512], &wide].concat()
    };
    let not = |found| SheetError::NotASpreadsheet { found };
    let cases: Vec<(Vec<u8>, SheetError)> = vec![
        (Vec::new(), SheetError::Empty),
        (b" \r\n\t".to_vec(), SheetError::Empty),
        (compound("Workbook"), SheetError::OldExcel),
        (b"\x09\x08\x10\x00".to_vec(), not(Found::Other)),
        (b"\x09\x04\x06\x00\x00\x00".to_vec(), SheetError::OldExcel),
        (compound("EncryptedPackage"), SheetError::Encrypted),
        (compound("WordDocument"), not(Found::Document)),
        (b"%PDF-1.7\n".to_vec(), SheetError::Pdf),
        (b"<html><table><tr><td>\xe5\xa7\x93\xe5\x90\x8d".to_vec(), SheetError::WebPage),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>".to_vec(), SheetError::WebPage),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook".to_vec(), SheetError::WebPage),
        (b"<?xml version=\"1.0\"?><Workbook/>".to_vec(), not(Found::Other)),
        (b"\x89PNG\r\n\x1a\n".to_vec(), not(Found::Picture)),
        (b"{\\rtf1}".to_vec(), not(Found::Document)),
        (b"\x1f\x8b\x08".to_vec(), not(Found::Archive)),
        (b"MZ\x90\x00\x03".to_vec(), not(Found::Other)),
        (b"a,b\n\x00\x01\x02\x03".to_vec(), not(Found::Other)),
        (zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>")]), SheetError::OpenDocument),
        (zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.bin", b"x")]), SheetError::ExcelBinary),
        (zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>")]), not(Found::Document)),
        (zip(&[("members.xlsx", &members().build())]), not(Found::Archive)),
        (vec![b'x'; (64 << 20) + 1], SheetError::TooLarge { limit_mib: 64 }),
    ];
    for (bytes, expected) in cases {
        assert_eq!(refused(&bytes), expected, "{:?}", &bytes[..bytes.len().min(20)]);
    }
}

#[test]
fn a_zip_bomb_is_left_as_soon_as_it_swells() {
    let start = "<worksheet><sheetData>";
    assert_eq!(refused(&bomb(&members(), SHEET, start, &format!("<!--{}-->", " ".repeat(1000)), 64 << 20)), SheetError::ExpandsTooFar);
    let strings = bomb(&members().strings(""), "xl/sharedStrings.xml", "<sst>", &format!("<si><t>{}</t></si>", "x".repeat(1000)), 64 << 20);
    assert_eq!(refused(&strings), SheetError::ExpandsTooFar);
}

#[test]
fn a_text_without_end_does_not_fill_the_memory() {
    let text = bomb(&members(), SHEET, "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>", "x", 30 << 20);
    assert_eq!(refused(&text), SheetError::Damaged { part: SHEET.to_owned() });
    let tag = bomb(&members(), SHEET, "<worksheet a=\"", "x", 30 << 20);
    assert_eq!(refused(&tag), SheetError::Damaged { part: SHEET.to_owned() });
}

#[test]
fn declared_entities_are_refused_wherever_they_stand() {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>"#;
    for part in [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "_rels/.rels", "xl/_rels/workbook.xml.rels"] {
        let book = members().strings("").formats(&[]);
        let content = format!("{laughs}<worksheet>&b;</worksheet>");
        assert_eq!(refused(&with_part(&book, part, content.as_bytes())), SheetError::DeclaresEntities, "{part}");
    }
    let undeclared = worksheet("", &row(1, &["姓名", "手机"]).replace("姓名", "&file;"), "");
    assert_eq!(refused(&with_part(&members(), SHEET, undeclared.as_bytes())), SheetError::DeclaresEntities);
}

#[test]
fn bottomless_nesting_is_refused() {
    let deep = "<a>".repeat(100_000);
    assert_eq!(refused(&with_part(&members(), SHEET, deep.as_bytes())), SheetError::Damaged { part: SHEET.to_owned() });
}

#[test]
fn a_sheet_of_a_million_columns_is_refused() {
    let cells = "<c t=\"inlineStr\"><is><t>x</t></is></c>".repeat(1_000_000);
    let rows = row(1, &["姓名", "手机"]) + &format!("<row r=\"2\">{cells}</row>");
    assert_eq!(refused(&Book::of(&rows).build()), SheetError::Damaged { part: SHEET.to_owned() });
    let cells = "<c t=\"inlineStr\"><is><t>x</t></is></c>".repeat(300);
    let rows = row(1, &["姓名", "手机"]) + &format!("<row r=\"2\">{cells}</row>");
    assert_eq!(refused(&Book::of(&rows).build()), SheetError::TooManyColumns { limit: 256 });
    // Cells that are only coloured are no content.
    let styled = row(1, &["姓名", "手机"]) + &format!("<row r=\"2\">{}</row>", "<c s=\"1\"/>".repeat(16_384));
    assert!(Sheet::open(&Book::of(&styled).build()).is_ok());
}

#[test]
fn a_sheet_of_too_many_rows_is_refused() {
    let rows: String = (0..200_100).map(|_| "<row><c><v>1</v></c></row>").collect();
    assert_eq!(refused(&Book::of(&(row(1, &["姓名", "手机"]) + &rows)).build()), SheetError::TooManyRows { limit: 200_000 });
    let text = format!("姓名,手机\n{}", "甲,1\n".repeat(200_001));
    assert_eq!(refused(text.as_bytes()), SheetError::TooManyRows { limit: 200_000 });
}

#[test]
fn a_cell_that_is_too_long_is_an_error_of_that_cell() {
    for bytes in [
        Book::of(&(row(1, &["姓名", "手机"]) + &row(2, &[&"x".repeat(30_000), "1"]))).build(),
        format!("姓名,手机\n{},1\n", "x".repeat(30_000)).into_bytes(),
    ] {
        let reading = read(&bytes).unwrap();
        let cell = &reading.rows[0].cells[0];
        assert_eq!((cell.text.len(), &cell.fault), (4_000, &Some(lifecycle::sheets::CellFault::TooLong)));
    }
}

#[test]
fn rows_that_run_backwards_and_strings_that_are_not_there_are_damage() {
    let damaged = SheetError::Damaged { part: SHEET.to_owned() };
    for rows in [
        row(2, &["姓名", "手机"]) + &row(2, &["a"]),
        row(2, &["姓名", "手机"]) + &row(1, &["a"]),
        row(0, &["姓名"]),
        row(4_000_000_000, &["姓名"]),
        "<row r=\"x\"/>".to_owned(),
        "<row><c r=\"ZZZ1\"/></row>".to_owned(),
        "<row><c r=\"1\"/></row>".to_owned(),
        "<row><c t=\"s\"><v>7</v></c></row>".to_owned(),
        "<row><c></row>".to_owned(),
        "<row><c><v>1".to_owned(),
    ] {
        assert_eq!(refused(&Book::of(&rows).build()), damaged, "{rows}");
    }
}

#[test]
fn a_damaged_zip_is_an_error_and_no_wrong_value() {
    let intact = members().build();
    assert!(Sheet::open(&intact).is_ok());
    for length in (4..intact.len()).step_by(7) {
        assert!(Sheet::open(&intact[..length]).is_err());
    }
    // A stored part whose bytes were changed fails its checksum.
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members().parts() {
        writer.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    let mut changed = writer.finish().unwrap().into_inner();
    let at = changed.windows(3).position(|window| window == "甲".as_bytes()).unwrap();
    changed[at..at + 3].copy_from_slice("乙".as_bytes());
    assert_eq!(refused(&changed), SheetError::Damaged { part: SHEET.to_owned() });
}

#[test]
fn a_zip_that_claims_millions_of_parts_is_refused() {
    let mut bytes = members().build();
    let end = bytes.len() - 22;
    bytes[end + 10..end + 12].copy_from_slice(&60_000_u16.to_le_bytes());
    assert_eq!(refused(&bytes), SheetError::ExpandsTooFar);
}

#[test]
fn many_sheets_on_the_same_bytes_share_one_bound() {
    let sheet = format!("<worksheet>{}</worksheet>", format!("<!--{}-->", "x".repeat(1 << 19)).repeat(60));
    let sheets: String = (0..100).map(|n| format!("<sheet name=\"s{n}\" r:id=\"r0\"/>")).collect();
    let workbook = format!("<workbook xmlns:r=\"r\"><sheets>{sheets}</sheets></workbook>");
    let book = Book::default().raw_sheet("s", "visible", &sheet);
    assert_eq!(refused(&with_part(&book, "xl/workbook.xml", workbook.as_bytes())), SheetError::ExpandsTooFar);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(姓名|手机|,|;|\t|\"|'|\r|\n|=|sep=|[a-z]|\\PC){0,60}") {
        let _ = read(format!("姓名,手机,部门\n{text}").as_bytes());
        let _ = read(text.as_bytes());
    }

    #[test]
    fn no_change_to_a_workbook_makes_the_reader_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = members().build();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes);
    }

    #[test]
    fn no_xml_makes_the_reader_panic(
        xml in "(<row r=\"[0-9]{0,3}\">|</row>|<c r=\"[A-Z]{0,4}[0-9]{0,3}\" s=\"[0-9]\" t=\"(s|str|n|b|e|d|inlineStr)\">|</c>|<v>|</v>|<f>|</f>|<is>|</is>|<t>|</t>|[0-9.eE+-]{0,5}|&amp;|&#[0-9]{1,7};|姓名|手机|_x[0-9a-f]{4}_){0,60}",
        format in "[yYmdhse0#\"\\\\;@%\\[\\]年 .]{0,12}",
    ) {
        let book = Book::of(&(row(1, &["姓名", "手机"]) + &xml)).formats(&[&format]).strings("<si><t>x</t></si>");
        let _ = read(&book.build());
    }

    #[test]
    fn no_number_makes_the_reader_panic(number in "[0-9eE+.-]{1,12}|inf|nan", format in "[ymdhs0.%\"]{0,6}") {
        let rows = row(1, &["姓名", "手机"]) + &format!("<row><c s=\"0\"><v>{number}</v></c></row>");
        prop_assert!(read(&Book::of(&rows).formats(&[&format]).build()).is_ok());
    }
}
