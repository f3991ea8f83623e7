//! What workbooks have beyond plain cells.

use lifecycle::sheets::{CellFault, ColumnKey, EXAMPLE_MARK, Format, SheetError, read_row};
use rust_xlsxwriter::{Format as CellFormat, Formula, Workbook};

use super::build::{Book, Reading, read, row, rules, worksheet};

const HEADINGS: &[&str] = &["姓名", "手机号码", "部门", "入职日期"];

fn headed(rows: &str) -> String {
    row(1, HEADINGS) + rows
}

fn book(rows: &str) -> Reading {
    read(&Book::of(&headed(rows)).build()).unwrap()
}

fn cells(reading: &Reading) -> Vec<&str> {
    reading.rows[0].cells.iter().map(|cell| cell.text.as_str()).collect()
}

#[test]
fn shared_and_rich_strings_are_text_without_their_reading_aids() {
    let strings = "<si><t>王</t></si><si><r><rPr><b/></rPr><t>欧</t></r><r><t xml:space=\"preserve\">阳 </t></r><rPh sb=\"0\" eb=\"1\"><t>ou</t></rPh></si>";
    let rows = headed(r#"<row r="2"><c r="A2" t="s"><v>1</v></c><c r="C2" t="s"><v>0</v></c></row>"#);
    let reading = read(&Book::of(&rows).strings(strings).build()).unwrap();
    assert_eq!(cells(&reading), ["欧阳 ", "", "王", ""]);
}

#[test]
fn phone_numbers_stored_as_numbers_are_phone_numbers() {
    let reading = book(r#"<row r="2"><c r="A2"><v>13907034118</v></c><c r="B2"><v>1.3907034118E10</v></c></row>"#);
    assert_eq!(cells(&reading)[..2], ["13907034118", "13907034118"]);
}

#[test]
fn a_number_with_lost_digits_is_an_error_of_its_cell() {
    let reading = book(r#"<row r="2"><c r="A2"><v>110101199003077758</v></c></row>"#);
    assert_eq!(reading.rows[0].cells[0].fault, Some(CellFault::NumberLossy));
    let read = read_row(&reading.layout.columns, &reading.rows[0].cells, &rules());
    assert_eq!((read.errors[0].column, read.errors[0].code.as_ref()), (ColumnKey::Name, "number_lossy"));
}

#[test]
fn days_are_read_by_the_style_of_their_cell() {
    let codes = ["General", "yyyy\"年\"m\"月\"d\"日\"", "yyyy/m/d h:mm", "\"H\"00000"];
    let rows = headed(
        r#"<row r="2"><c r="A2" s="3"><v>776</v></c><c r="B2" s="0"><v>43892</v></c><c r="C2" s="2"><v>43892.5</v></c><c r="D2" s="1"><v>43892</v></c></row>"#,
    );
    let reading = read(&Book::of(&rows).formats(&codes).build()).unwrap();
    assert_eq!(cells(&reading), ["H00776", "43892", "2020-03-02 12:00:00", "2020-03-02"]);
    let old_macintosh = read(&Book::of(&rows).formats(&codes).properties(r#"date1904="1""#).build()).unwrap();
    assert_eq!(cells(&old_macintosh)[3], "2024-03-03");
}

#[test]
fn formulas_give_their_value_and_say_that_they_are_formulas() {
    let reading = book(
        r#"<row r="2"><c r="A2" t="str"><f>B2&amp;"x"</f><v>王丽</v></c><c r="B2"><f>1+1</f><v>2</v></c><c r="C2"><f>1+1</f></c><c r="D2" t="str"><f>""</f><v></v></c></row>"#,
    );
    let [name, mobile, department, join_date] = &reading.rows[0].cells[..] else { panic!("four cells") };
    assert_eq!((name.text.as_str(), name.formula, &name.fault), ("王丽", true, &None));
    assert_eq!((mobile.text.as_str(), mobile.formula), ("2", true));
    assert_eq!((department.text.as_str(), &department.fault), ("=1+1", &Some(CellFault::FormulaWithoutValue)));
    assert!(join_date.is_blank() && join_date.formula);
    let read = read_row(&reading.layout.columns, &reading.rows[0].cells, &rules());
    assert_eq!(read.formulas, [ColumnKey::Name, ColumnKey::Mobile, ColumnKey::Department]);
    assert!(read.errors.iter().any(|error| error.column == ColumnKey::Department && error.code == "formula_without_value"));
}

#[test]
fn errors_and_booleans_are_what_they_show() {
    let reading = book(
        r#"<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="b"><v>1</v></c><c r="D2" t="d"><v>2020-03-02T00:00:00</v></c></row>"#,
    );
    assert_eq!(reading.rows[0].cells[0].fault, Some(CellFault::ErrorValue { value: "#N/A".to_owned() }));
    assert_eq!(reading.rows[0].cells[1].text, "TRUE");
    let read = read_row(&reading.layout.columns, &reading.rows[0].cells, &rules());
    assert_eq!(read.values.join_date.unwrap().to_string(), "2020-03-02");
    assert_eq!(read.errors[0].code, "cell_error_value");
}

#[test]
fn a_merged_department_is_the_department_of_all_its_rows() {
    let rows = headed(
        &(row(2, &["甲", "1", "内科"])
            + &row(3, &["乙", "2", ""])
            + &row(4, &["", "", ""])
            + &row(5, &["丙", "3", ""])
            + &row(6, &["丁", "4", ""])),
    );
    let xml = worksheet("", &rows, r#"<mergeCells><mergeCell ref="C2:C5"/><mergeCell ref="A6:B6"/></mergeCells>"#);
    let reading = read(&Book::default().raw_sheet("s", "visible", &xml).build()).unwrap();
    let departments: Vec<_> = reading.rows.iter().map(|row| (row.number, row.cells[2].text.as_str())).collect();
    assert_eq!(departments, [(2, "内科"), (3, "内科"), (5, "内科"), (6, "")]);
    assert_eq!(reading.layout.merged_ranges, 1);
}

#[test]
fn headings_on_two_levels_are_read_from_the_lower_one() {
    let rows = row(1, &["姓名", "联系方式一览", "", "部门"])
        + &row(2, &["", "手机", "邮箱", ""])
        + &row(3, &["王丽", "13907034118", "wangli", "内科"]);
    let xml = worksheet("", &rows, r#"<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/><mergeCell ref="D1:D2"/></mergeCells>"#);
    let reading = read(&Book::default().raw_sheet("s", "visible", &xml).build()).unwrap();
    assert_eq!(reading.layout.heading_row, 2);
    let keys: Vec<_> = reading.layout.columns.iter().map(|column| column.key.unwrap()).collect();
    assert_eq!(keys, [ColumnKey::Name, ColumnKey::Mobile, ColumnKey::Address, ColumnKey::Department]);
    assert_eq!(reading.rows.len(), 1);
}

#[test]
fn hidden_rows_and_columns_are_read_and_told() {
    let rows = headed(&(row(2, &["甲", "1", "内科"]) + &row(3, &["乙", "2", "内科"]).replace("<row ", "<row hidden=\"1\" ")));
    let xml = worksheet(r#"<cols><col min="2" max="2" hidden="1"/></cols>"#, &rows, "");
    let reading = read(&Book::default().raw_sheet("s", "visible", &xml).build()).unwrap();
    assert_eq!((reading.layout.rows, reading.layout.hidden_rows, reading.totals.hidden), (2, 1, 1));
    assert_eq!(reading.rows.iter().map(|row| row.hidden).collect::<Vec<_>>(), [false, true]);
    assert_eq!(reading.layout.columns.iter().map(|column| column.hidden).collect::<Vec<_>>(), [false, true, false, false]);
}

#[test]
fn a_visible_sheet_is_chosen_before_a_hidden_one() {
    let sheet = |name: &str| worksheet("", &headed(&row(2, &[name])), "");
    let both = Book::default().raw_sheet("old", "hidden", &sheet("甲")).raw_sheet("new", "visible", &sheet("乙"));
    let reading = read(&both.build()).unwrap();
    assert_eq!((reading.layout.sheet.as_deref(), reading.layout.sheet_hidden), (Some("new"), false));
    assert_eq!(reading.layout.other_sheets, ["old"]);
    let only_hidden = Book::default().sheet("notes", &row(1, &["说明"])).raw_sheet("old", "veryHidden", &sheet("甲"));
    let reading = read(&only_hidden.build()).unwrap();
    assert_eq!((reading.layout.sheet.as_deref(), reading.layout.sheet_hidden), (Some("old"), true));
}

#[test]
fn rows_and_cells_without_references_follow_one_another() {
    let rows = "<row><c t=\"inlineStr\"><is><t>姓名</t></is></c><c t=\"inlineStr\"><is><t>手机</t></is></c></row><row/><row><c t=\"inlineStr\"><is><t>甲</t></is></c><c><v>5</v></c></row>";
    let reading = read(&Book::of(rows).build()).unwrap();
    assert_eq!(reading.texts(), [(3, vec!["甲", "5"])]);
}

#[test]
fn prefixed_elements_are_the_same_elements() {
    let xml = worksheet("", &headed(&row(2, &["甲"])), "");
    let prefixed = xml.replace("</", "\u{1}").replace('<', "<x:").replace('\u{1}', "</x:");
    let reading = read(&Book::default().raw_sheet("s", "visible", &prefixed).build()).unwrap();
    assert_eq!(cells(&reading)[0], "甲");
}

#[test]
fn blank_rows_and_the_example_of_a_template_are_no_rows() {
    let rows = row(1, &["序号", "姓名", "手机"])
        + &row(2, &[EXAMPLE_MARK, "王丽", "13907034118"])
        + &row(3, &["1", "\u{3000}", ""])
        + &row(7, &["2", "甲", "1"]);
    let reading = read(&Book::of(&rows).build()).unwrap();
    assert_eq!(reading.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [7]);
    assert_eq!((reading.totals.rows, reading.totals.examples), (1, 1));
}

#[test]
fn the_same_column_twice_is_an_error_that_names_both() {
    let error = read(&Book::of(&row(1, &["姓名", "手机", "部门", "手机号码"])).build()).unwrap_err();
    let expected = SheetError::HeadingTwice { column: "mobile", first: "B (手机)".to_owned(), second: "D (手机号码)".to_owned() };
    assert_eq!(error, expected);
}

#[test]
fn unknown_columns_are_listed_and_not_read() {
    let reading = read(&Book::of(&(row(1, &["姓名", "星座", "手机"]) + &row(2, &["甲", "双子座", "1"]))).build()).unwrap();
    assert_eq!(reading.layout.unknown_headings().collect::<Vec<_>>(), ["星座"]);
}

#[test]
fn a_sheet_without_headings_says_what_was_looked_for() {
    let error = read(&Book::of(&row(1, &["a", "b"])).build()).unwrap_err();
    assert!(matches!(&error, SheetError::HeadingsNotFound { .. }));
    assert!(error.to_string().contains("姓名"));
    let too_low = row(51, HEADINGS);
    assert!(matches!(read(&Book::of(&too_low).build()), Err(SheetError::HeadingsNotFound { .. })));
}

#[test]
fn what_other_programs_write_is_read() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, heading) in HEADINGS.iter().enumerate() {
        sheet.write_string(0, column as u16, *heading).unwrap();
    }
    sheet.write_string(1, 0, "王丽").unwrap();
    sheet.write_number(1, 1, 13_907_034_118.0).unwrap();
    sheet.write_formula(1, 2, Formula::new("=\"内\"&\"科\"").set_result("内科")).unwrap();
    sheet.write_number_with_format(1, 3, 43_892, &CellFormat::new().set_num_format_index(31)).unwrap();
    let reading = read(&workbook.save_to_buffer().unwrap()).unwrap();
    assert_eq!(reading.layout.format, Format::Xlsx);
    assert_eq!(cells(&reading), ["王丽", "13907034118", "内科", "2020-03-02"]);
}
