//! How long reading a large sheet of members takes, cells into values included, and how much memory at its peak.
//!
//!     cargo run --release -p bench --bin sheets [ROWS]
//!
//! The sheet is made by the same library that many programs use, with days as styled numbers; it is read by a process of its own, so that
//! making it does not count.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use bench::memory::peak_mib;
use kernel::CountryCode;
use lifecycle::sheets::{CellRules, Sheet, SheetError, read_row};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

const HEADINGS: [&str; 11] =
    ["序号", "姓名*", "性别", "手机号码*", "邮箱前缀", "所属部门*", "职务", "工号", "入职日期", "公司电话", "备注"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [read, path] = &arguments[..]
        && read == "read"
    {
        return measure(Path::new(path));
    }
    let rows = arguments.first().map_or(100_000, |rows| rows.parse().expect("a number of rows"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = std::env::current_exe().expect("this program");
    for shared_strings in [true, false] {
        let path = folder.path().join("members.xlsx");
        write(&path, rows, shared_strings).expect("a sheet is written");
        print!("{rows} rows, strings {}: ", if shared_strings { "shared" } else { "in the cells" });
        use std::io::Write;
        std::io::stdout().flush().expect("standard output");
        let status = Command::new(&program).arg("read").arg(&path).status().expect("a second process");
        assert!(status.success());
    }
}

fn write(path: &Path, rows: u32, shared_strings: bool) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy/m/d");
    let sheet = if shared_strings { workbook.add_worksheet() } else { workbook.add_worksheet_with_constant_memory() };
    for (column, heading) in HEADINGS.iter().enumerate() {
        sheet.write_string(0, column as u16, *heading)?;
    }
    for row in 1..=rows {
        sheet.write_number(row, 0, row)?;
        sheet.write_string(row, 1, format!("成员{row}"))?;
        sheet.write_string(row, 2, if row.is_multiple_of(2) { "男" } else { "女" })?;
        sheet.write_number(row, 3, 13_900_000_000.0 + f64::from(row))?;
        sheet.write_string(row, 4, format!("member{row}"))?;
        sheet.write_string(row, 5, format!("总院/第{}科/第{}组", row % 40, row % 400))?;
        sheet.write_string(row, 6, "主任医师")?;
        sheet.write_string(row, 7, format!("H{row:06}"))?;
        sheet.write_number_with_format(row, 8, 40_000 + row % 5000, &day)?;
        sheet.write_string(row, 9, format!("010-{:08}", 55_500_000 + row))?;
    }
    workbook.save(path)
}

fn measure(path: &Path) {
    let began = Instant::now();
    let bytes = std::fs::read(path).expect("the sheet that was written");
    let sheet = Sheet::open(&bytes).expect("a sheet of members");
    let opened = began.elapsed();
    let rules = CellRules {
        default_country: CountryCode::CHINA,
        domains: vec!["example.test".parse().expect("a domain")],
        today: "2026-03-02".parse().expect("a day"),
        name_required: true,
        mobile_required: true,
        department_required: true,
    };
    let mut wrong = 0;
    let totals = sheet.for_each_row(|row| {
        wrong += usize::from(!read_row(&sheet.layout().columns, &row.cells, &rules).errors.is_empty());
        Ok::<_, SheetError>(ControlFlow::Continue(()))
    });
    println!(
        "{:.1} MiB; looked over in {:.2} s, {} rows ({wrong} wrong) read in {:.2} s; {} MiB at most",
        bytes.len() as f64 / f64::from(1 << 20),
        opened.as_secs_f64(),
        totals.expect("rows that can be read").rows,
        (began.elapsed() - opened).as_secs_f64(),
        peak_mib()
    );
}
