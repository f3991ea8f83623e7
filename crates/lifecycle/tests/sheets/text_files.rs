//! CSV files in the encodings and forms that programs save them in.

use encoding_rs::GB18030;
use lifecycle::sheets::{Format, SheetError, escape_csv_text, unescape_csv_text};
use proptest::prelude::*;

use super::build::{Reading, read};

const TEXT: &str = "姓名,手机号码,部门\r\n王丽,13907034118,总院/内科\r\n";

fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn encoding_of(bytes: &[u8]) -> String {
    let reading = read(bytes).unwrap();
    assert_eq!(reading.layout.format, Format::Csv);
    assert_eq!(reading.texts(), [(2, vec!["王丽", "13907034118", "总院/内科"])]);
    reading.layout.encoding.unwrap()
}

fn csv(text: &str) -> Reading {
    read(text.as_bytes()).unwrap()
}

#[test]
fn every_encoding_is_told_from_the_others() {
    assert_eq!(encoding_of(TEXT.as_bytes()), "UTF-8");
    assert_eq!(encoding_of(format!("\u{feff}{TEXT}").as_bytes()), "UTF-8");
    assert_eq!(encoding_of(&GB18030.encode(TEXT).0), "GB18030");
    for mark in [true, false] {
        assert_eq!(encoding_of(&utf16(TEXT, false, mark)), "UTF-16LE");
        assert_eq!(encoding_of(&utf16(TEXT, true, mark)), "UTF-16BE");
    }
}

#[test]
fn rare_characters_survive_in_gb_18030() {
    let (bytes, _, _) = GB18030.encode("姓名,手机\n㐂𠮷,1\n");
    assert_eq!(read(&bytes).unwrap().texts(), [(2, vec!["㐂𠮷", "1"])]);
}

#[test]
fn bytes_of_no_encoding_are_an_error_that_names_its_line() {
    let mut broken = GB18030.encode("姓名,手机\n王丽,1\n李").0.into_owned();
    broken.extend(b"\xff\xff,2\n");
    assert_eq!(read(&broken).unwrap_err(), SheetError::EncodingUnknown { line: 3 });
    let marked = b"\xef\xbb\xbf\xe5\xa7\x93\xe5\x90\x8d,a\n\xb0\xb1,b\n";
    assert_eq!(read(marked).unwrap_err(), SheetError::EncodingUnknown { line: 2 });
}

#[test]
fn damaged_utf_8_is_not_taken_for_gb_18030() {
    let mut bytes = TEXT.as_bytes().to_vec();
    bytes.truncate(bytes.len() - 3);
    assert_eq!(read(&bytes).unwrap_err(), SheetError::EncodingUnknown { line: 2 });
}

#[test]
fn the_delimiter_is_the_one_that_parts_the_headings() {
    for delimiter in [",", ";", "\t"] {
        let reading = csv(&format!("姓名{delimiter}\"备注,;\t\"{delimiter}手机{delimiter}部门\n甲{delimiter}x{delimiter}1{delimiter}A\n"));
        assert_eq!(reading.layout.delimiter.unwrap().to_string(), delimiter);
        assert_eq!(reading.texts(), [(2, vec!["甲", "x", "1", "A"])]);
    }
    let stated = csv("sep=;\r\n姓名;手机\r\n甲;1\r\n");
    assert_eq!((stated.layout.heading_row, stated.texts()), (1, vec![(2, vec!["甲", "1"])]));
}

#[test]
fn rows_are_numbered_as_spreadsheet_programs_number_them() {
    let reading = csv("人员表\n\n姓名,手机\n甲,\"1\n2\"\n\n乙,3\r丙,4");
    assert_eq!(reading.layout.heading_row, 3);
    assert_eq!(reading.texts(), [(4, vec!["甲", "1\n2"]), (6, vec!["乙", "3"]), (7, vec!["丙", "4"])]);
}

#[test]
fn quotation_marks_are_read_as_spreadsheet_programs_read_them() {
    let reading = csv("姓名,手机,备注\n\"王\"\"丽\"\"\",1,5\" 管\n\"a\"b,2,\"\"\n");
    assert_eq!(reading.texts(), [(2, vec!["王\"丽\"", "1", "5\" 管"]), (3, vec!["ab", "2", ""])]);
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_an_error_that_names_its_line() {
    let error = read("姓名,手机\n\"甲\n\",1\n\"乙,2\n丙,3\n".as_bytes()).unwrap_err();
    assert_eq!(error, SheetError::QuoteOpen { line: 4 });
}

#[test]
fn marks_against_computing_are_taken_off_again() {
    let reading = csv("姓名,手机,备注\n'=甲,'+8613907034118,=\"007\"\n'乙,''@x,-\n");
    assert_eq!(reading.texts(), [(2, vec!["=甲", "+8613907034118", "007"]), (3, vec!["'乙", "'@x", "-"])]);
}

#[test]
fn too_many_columns_in_a_text_file_are_an_error() {
    let wide = format!("姓名,手机\n甲,1{}x\n", ",".repeat(300));
    assert_eq!(read(wide.as_bytes()).unwrap_err(), SheetError::TooManyColumns { limit: 256 });
    let only_commas = format!("姓名,手机\n甲,1{}\n", ",".repeat(300));
    assert_eq!(csv(&only_commas).rows.len(), 1);
}

proptest! {
    #[test]
    fn text_that_is_escaped_comes_back_as_it_was(text in "['=+@\t\r\n＝＋－＠-]{0,4}.{0,5}") {
        let escaped = escape_csv_text(&text);
        prop_assert!(!escaped.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']));
        prop_assert_eq!(unescape_csv_text(&escaped), text.as_str());
    }
}
