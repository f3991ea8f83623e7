//! The sample files come out exactly as the files beside them say.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use lifecycle::sheets::{ColumnKey, read_row};
use serde_json::{Value, json};

use super::build::{read, rules};

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples").join(name)).unwrap()
}

/// What a plan for an empty organisation would say; of duplicates only that the first row wins, which is all that the samples need.
fn outcomes(name: &str) -> BTreeMap<String, Value> {
    let reading = read(&sample(name)).unwrap();
    let mut seen = HashSet::new();
    let mut outcomes = BTreeMap::new();
    for row in &reading.rows {
        let read = read_row(&reading.layout.columns, &row.cells, &rules());
        let texts = read.values.texts();
        let mut errors: Vec<Value> = read.errors.iter().map(|error| json!({ "column": error.column, "code": error.code })).collect();
        for (key, code) in [
            (ColumnKey::Mobile, "mobile_duplicate_in_file"),
            (ColumnKey::MailPrefix, "address_duplicate_in_file"),
            (ColumnKey::EmployeeNumber, "employee_number_duplicate_in_file"),
        ] {
            if texts.get(&key).is_some_and(|text| !seen.insert((key, text.clone()))) {
                errors.push(json!({ "column": key, "code": code }));
            }
        }
        let outcome = if errors.is_empty() {
            json!({ "outcome": "create", "values": texts })
        } else {
            json!({ "outcome": "error", "errors": errors })
        };
        outcomes.insert(row.number.to_string(), outcome);
    }
    outcomes
}

fn comes_out_as_expected(name: &str) {
    let expected: Value = serde_json::from_slice(&sample(&format!("{name}.expected.json"))).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_value(expected["rows"].clone()).unwrap();
    let actual = outcomes(name);
    for (row, outcome) in &expected {
        assert_eq!(actual.get(row), Some(outcome), "row {row} of {name}");
    }
    assert_eq!(actual.len(), expected.len());
}

#[test]
fn the_workbook_of_the_hospital_comes_out_as_expected() {
    comes_out_as_expected("members-hospital.xlsx");
}

#[test]
fn the_gbk_file_of_the_hospital_comes_out_as_expected() {
    comes_out_as_expected("members-hospital-gbk.csv");
}

#[test]
fn the_english_file_of_the_hospital_comes_out_as_expected() {
    comes_out_as_expected("members-hospital-en.csv");
}

#[test]
fn the_layout_tells_what_was_found() {
    let workbook = read(&sample("members-hospital.xlsx")).unwrap().layout;
    assert_eq!((workbook.sheet.as_deref(), workbook.heading_row), (Some("人员信息"), 3));
    assert_eq!(workbook.other_sheets, ["填写说明"]);
    let keys: Vec<_> = workbook.columns.iter().filter_map(|column| column.key).map(ColumnKey::as_str).collect();
    assert_eq!(
        keys,
        [
            "number",
            "name",
            "gender",
            "mobile",
            "mail_prefix",
            "department",
            "position",
            "employee_number",
            "join_date",
            "office_phone",
            "remarks"
        ]
    );
    let text = read(&sample("members-hospital-gbk.csv")).unwrap().layout;
    assert_eq!((text.encoding, text.delimiter, text.heading_row), (Some("GB18030".to_owned()), Some(','), 1));
}
