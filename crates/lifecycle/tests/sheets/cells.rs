//! Cells become values, or errors that say what is wrong.

use lifecycle::sheets::{Cell, Column, ColumnKey, ReadRow, read_row};

use super::build::rules;

fn read(cells: &[(ColumnKey, &str)]) -> ReadRow {
    let column = |(index, (key, _)): (usize, &(ColumnKey, &str))| Column {
        index,
        heading: String::new(),
        key: Some(*key),
        hidden: false,
        error_texts: false,
    };
    let columns: Vec<_> = cells.iter().enumerate().map(column).collect();
    let cells: Vec<Cell> = cells.iter().map(|(_, text)| (*text).into()).collect();
    let rules = lifecycle::sheets::CellRules { name_required: false, mobile_required: false, department_required: false, ..rules() };
    read_row(&columns, &cells, &rules)
}

/// The one value of a cell as text, or the code of its error.
fn value(key: ColumnKey, text: &str) -> Result<String, String> {
    let row = read(&[(key, text)]);
    match row.errors.first() {
        Some(error) => Err(error.code.to_string()),
        None => Ok(row.values.texts().into_values().next().unwrap_or_default()),
    }
}

fn is(key: ColumnKey, text: &str, expected: &str) {
    assert_eq!(value(key, text).as_deref(), Ok(expected), "{text}");
}

fn fails(key: ColumnKey, text: &str, code: &str) {
    assert_eq!(value(key, text).unwrap_err(), code, "{text}");
}

#[test]
fn names_are_normalised_and_stay_on_one_line() {
    is(ColumnKey::Name, " 上官鹏\u{3000}", "上官鹏");
    is(ColumnKey::Name, "\u{feff}ＡＢ", "AB");
    fails(ColumnKey::Name, "王\n丽", "text_not_plain");
    fails(ColumnKey::Name, "a\u{202e}b", "text_not_plain");
    fails(ColumnKey::Name, &"王".repeat(129), "text_too_long");
}

#[test]
fn genders_are_told_plainly_or_not_at_all() {
    for (text, gender) in [("男", "male"), ("M", "male"), ("Male", "male"), ("女", "female"), ("ｆ", "female"), ("FEMALE", "female")] {
        is(ColumnKey::Gender, text, gender);
    }
    for text in ["?", "1", "2", "不详"] {
        fails(ColumnKey::Gender, text, "gender_unknown");
    }
}

#[test]
fn mobiles_are_read_however_a_program_spoilt_them() {
    for text in
        ["１３９０７０３４１１８", "13907034118.0", "1.3907034118E10", "1.3907034118E+10", "\u{202d}139 0703 4118\u{202c}", "'13907034118"]
    {
        is(ColumnKey::Mobile, text, "+8613907034118");
    }
    for text in ["1.3907E+10", "1.390703E10", "1E+10"] {
        fails(ColumnKey::Mobile, text, "number_lossy");
    }
    fails(ColumnKey::Mobile, "一三八", "mobile_invalid");
}

#[test]
fn employee_numbers_keep_their_zeros() {
    is(ColumnKey::EmployeeNumber, "00776", "00776");
    fails(ColumnKey::EmployeeNumber, "4.40301E+17", "number_lossy");
    fails(ColumnKey::EmployeeNumber, &"9".repeat(33), "text_too_long");
    is(ColumnKey::EmployeeNumber, "E10", "E10");
    is(ColumnKey::EmployeeNumber, "8E10", "8E10");
    is(ColumnKey::EmployeeNumber, "1.2345678E+7", "12345678");
}

#[test]
fn mail_is_a_prefix_or_an_address_in_a_domain_of_the_organisation() {
    is(ColumnKey::MailPrefix, "HANZIJIE", "hanzijie");
    is(ColumnKey::MailPrefix, "Li.Ming@Example.test", "li.ming@example.test");
    is(ColumnKey::Address, "liming", "liming");
    fails(ColumnKey::MailPrefix, "li ming", "address_invalid");
    fails(ColumnKey::MailPrefix, "王芳", "address_invalid");
    fails(ColumnKey::Address, "a@elsewhere.test", "address_domain_not_usable");
}

#[test]
fn a_prefix_and_an_address_must_agree() {
    let row = read(&[(ColumnKey::MailPrefix, "wangli"), (ColumnKey::Address, "wangli@example.test")]);
    assert_eq!(row.values.mail.unwrap().domain.unwrap().as_str(), "example.test");
    let row = read(&[(ColumnKey::MailPrefix, "wangli"), (ColumnKey::Address, "lili@example.test")]);
    assert_eq!(row.errors[0].code, "address_differs_from_prefix");
}

#[test]
fn a_birthday_lies_in_the_past() {
    is(ColumnKey::Birthday, "1990年1月2日", "1990-01-02");
    fails(ColumnKey::Birthday, "2026-01-15", "date_in_future");
    is(ColumnKey::ExpiresOn, "9999-12-31", "9999-12-31");
}

#[test]
fn other_columns_have_their_rules() {
    is(ColumnKey::VisibleInDirectory, "是", "true");
    is(ColumnKey::VisibleInDirectory, "No", "false");
    fails(ColumnKey::VisibleInDirectory, "也许", "boolean_unknown");
    is(ColumnKey::OfficePhone, "010-82586142 转 8012", "010-82586142 转 8012");
    is(ColumnKey::OfficePhone, "内线八", "内线八");
    is(ColumnKey::AlternateAddress, "Wang.Li@Mail.Example", "Wang.Li@Mail.Example");
    fails(ColumnKey::AlternateAddress, "wang li@mail.example", "alternate_address_invalid");
    fails(ColumnKey::MemberId, "dpt_0000000000001", "member_id_invalid");
    is(ColumnKey::Remarks, "一\r\n二", "一\n二");
    is(ColumnKey::AccountName, "WangLi", "wangli");
    fails(ColumnKey::AccountName, "wang@li", "account_name_invalid");
}

#[test]
fn an_initial_password_is_neither_changed_nor_shown() {
    let row = read(&[(ColumnKey::InitialPassword, " Ｐass word1 ")]);
    let password = row.values.initial_password.clone().unwrap();
    assert_eq!(password.expose(), "Ｐass word1");
    assert!(!format!("{:?}", row.values).contains("ass word"));
    assert!(row.values.texts().is_empty());
}

#[test]
fn all_errors_of_a_row_are_told_in_the_order_of_its_columns() {
    let row = read_row(&[], &[], &rules());
    assert_eq!(
        row.errors.iter().map(|error| error.code.as_ref()).collect::<Vec<_>>(),
        ["name_missing", "mobile_missing", "department_missing"]
    );
    let row = read(&[(ColumnKey::JoinDate, "x"), (ColumnKey::Gender, "x"), (ColumnKey::Mobile, "x")]);
    assert_eq!(
        row.errors.iter().map(|error| error.column).collect::<Vec<_>>(),
        [ColumnKey::JoinDate, ColumnKey::Gender, ColumnKey::Mobile]
    );
}

#[test]
fn a_cell_is_kept_as_json_with_what_is_wrong_with_it() {
    let plain: Cell = "王丽".into();
    assert_eq!(serde_json::to_string(&plain).unwrap(), "\"王丽\"");
    let faulty =
        Cell { text: "#N/A".to_owned(), formula: true, fault: Some(lifecycle::sheets::CellFault::ErrorValue { value: "#N/A".to_owned() }) };
    let json = serde_json::to_string(&faulty).unwrap();
    assert_eq!(serde_json::from_str::<Cell>(&json).unwrap(), faulty);
}
