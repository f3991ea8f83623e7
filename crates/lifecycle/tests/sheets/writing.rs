//! What we write, we read again; and other readers read it too.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use kernel::Timestamp;
use lifecycle::sheets::{Cell, ColumnKey, Format, Language, Table, WrongRows, template};

use super::build::read;

const NOW: Timestamp = Timestamp::from_micros(1_772_413_200_000_000);
const FORMATS: [Format; 2] = [Format::Xlsx, Format::Csv];

fn awkward() -> Vec<[&'static str; 3]> {
    vec![
        ["=1+1", "+8613907034118", "a,b;c\td"],
        ["'=x", "@y", "say \"so\"\r\nor not"],
        ["''-z", "007", "'plain'"],
        ["王丽", "1.5E10", "_x000D_ & <b>"],
    ]
}

fn table(format: Format) -> Vec<u8> {
    let mut table = Table::new(format, "成员", &["姓名", "手机号码", "备注"], NOW).unwrap();
    for row in awkward() {
        table.row(&row).unwrap();
    }
    table.finish().unwrap()
}

#[test]
fn every_text_survives_being_written_and_read() {
    for format in FORMATS {
        let reading = read(&table(format)).unwrap();
        let texts: Vec<Vec<&str>> = reading.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect();
        assert_eq!(texts, awkward(), "{format:?}");
        assert!(reading.rows.iter().flat_map(|row| &row.cells).all(|cell| !cell.formula && cell.fault.is_none()));
    }
}

#[test]
fn all_cells_of_a_workbook_are_text_to_other_readers_too() {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(table(Format::Xlsx))).unwrap();
    let range = workbook.worksheet_range("成员").unwrap();
    assert!(range.used_cells().all(|(_, _, cell)| matches!(cell, Data::String(_))));
    assert_eq!(range.get((1, 1)), Some(&Data::String("+8613907034118".to_owned())));
}

#[test]
fn no_cell_of_a_text_file_is_computed() {
    let bytes = table(Format::Csv);
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap()).unwrap();
    assert!(text.ends_with("\r\n"));
    assert!(!text.split(['\n', ',']).any(|cell| cell.trim_start_matches('"').starts_with(['=', '+', '@'])));
}

#[test]
fn the_same_table_is_the_same_bytes() {
    for format in FORMATS {
        assert_eq!(table(format), table(format));
    }
}

#[test]
fn the_template_is_understood_and_its_example_is_no_member() {
    for format in FORMATS {
        for language in [Language::Chinese, Language::English] {
            let file = template(format, language, NOW).unwrap();
            let reading = read(&file.bytes).unwrap();
            assert_eq!((reading.rows.len(), reading.totals.examples), (0, 1));
            assert!(reading.layout.columns.iter().all(|column| column.key.is_some()));
            assert!(reading.layout.has(ColumnKey::Department));
        }
    }
}

#[test]
fn wrong_rows_can_be_mended_and_uploaded_again_and_again() {
    let mut bytes = "姓名,手机,星座\n甲,x,双子座\n".as_bytes().to_vec();
    for format in [Format::Xlsx, Format::Csv, Format::Xlsx] {
        let reading = read(&bytes).unwrap();
        let mut wrong = WrongRows::new(format, &reading.layout.columns, Language::Chinese, NOW).unwrap();
        wrong.row(&reading.rows[0].cells, "手机号码：不是有效的手机号码").unwrap();
        bytes = wrong.finish().unwrap();
    }
    let reading = read(&bytes).unwrap();
    assert_eq!(reading.texts(), [(2, vec!["甲", "x", "双子座", "手机号码：不是有效的手机号码"])]);
    let flags: Vec<_> = reading.layout.columns.iter().map(|column| column.error_texts).collect();
    assert_eq!(flags, [false, false, false, true]);
    assert_eq!(reading.layout.unknown_headings().collect::<Vec<_>>(), ["星座"]);
}

#[test]
fn a_row_whose_only_words_are_an_old_error_is_blank() {
    let bytes = "姓名,手机,错误说明\n,,请填写姓名\n甲,1,\n".as_bytes();
    let reading = read(bytes).unwrap();
    assert_eq!(reading.rows.len(), 1);
    assert_eq!(reading.rows[0].cells[0], Cell::from("甲"));
}
