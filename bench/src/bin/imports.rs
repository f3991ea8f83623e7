//! How long planning and applying a large workbook takes on each engine, and how much memory the process has had at its peak.
//!
//!     cargo run --release -p bench --bin imports [ROWS]
//!     cargo run --release -p bench --bin imports write ROWS FILE
//!
//! The second form only makes a workbook.
//!
//! The workbook is made first; it is imported by a process of its own, so that making it does not count. PostgreSQL takes part when
//! YANSHU_TEST_POSTGRES names a server, which `tests/with-postgres.sh` does.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use bench::memory::peak_mib;
use bench::population::{self, operator};
use lifecycle::imports::{self, APPLY_JOB, ImportState, NewImport, Options, PLAN_JOB};
use lifecycle::jobs::JobApp;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use store::{Engine, jobs};
use testkit::stores::{POSTGRES_VARIABLE, TestStore};

const HEADINGS: [&str; 11] =
    ["序号", "姓名*", "性别", "手机号码*", "邮箱前缀", "所属部门*", "职务", "工号", "入职日期", "公司电话", "备注"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [import, engine, path] = &arguments[..]
        && import == "import"
    {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        return runtime.block_on(measure(engine, Path::new(path)));
    }
    if let [write_only, rows, path] = &arguments[..]
        && write_only == "write"
    {
        return write(Path::new(path), rows.parse().expect("a number of rows")).expect("a workbook is written");
    }
    let rows = arguments.first().map_or(100_000, |rows| rows.parse().expect("a number of rows"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("members.xlsx");
    write(&path, rows).expect("a workbook is written");
    let program = std::env::current_exe().expect("this program");
    for engine in ["SQLite", "PostgreSQL"] {
        let status = Command::new(&program).arg("import").arg(engine).arg(&path).status().expect("a second process");
        assert!(status.success());
    }
}

fn write(path: &Path, rows: u32) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy/m/d");
    let sheet = workbook.add_worksheet_with_constant_memory();
    for (column, heading) in HEADINGS.iter().enumerate() {
        sheet.write_string(0, column as u16, *heading)?;
    }
    for row in 1..=rows {
        sheet.write_number(row, 0, row)?;
        sheet.write_string(row, 1, population::name(row))?;
        sheet.write_string(row, 2, if row % 2 == 0 { "男" } else { "女" })?;
        sheet.write_number(row, 3, 13_900_000_000_f64 + f64::from(row))?;
        sheet.write_string(row, 4, format!("member{row}"))?;
        sheet.write_string(row, 5, format!("总院/第{}科/第{}组", row % 40, row % 400))?;
        sheet.write_string(row, 6, "主任医师")?;
        sheet.write_string(row, 7, format!("H{row:06}"))?;
        sheet.write_number_with_format(row, 8, 40_000 + row % 5000, &day)?;
        sheet.write_string(row, 9, format!("010-{:08}", 55_500_000 + row))?;
    }
    workbook.save(path)
}

async fn measure(engine: &str, path: &Path) {
    let test_store = match engine {
        "SQLite" => TestStore::on_sqlite(),
        _ => match TestStore::on_postgres() {
            Some(test_store) => test_store,
            None => return println!("PostgreSQL: skipped, because {POSTGRES_VARIABLE} is not set"),
        },
    };
    let app = population::app(&test_store);
    assert_eq!(app.store.engine() == Engine::Sqlite, engine == "SQLite");
    let org = population::organisation(&app).await.expect("a new organisation");
    let ctx = operator(&app, org);

    let bytes: Arc<[u8]> = std::fs::read(path).expect("the workbook").into();
    let size_kib = bytes.len() >> 10;
    let new = NewImport { file_name: "members.xlsx".to_owned(), bytes, options: Options::default() };
    let began = Instant::now();
    let id = imports::upload(&app.store, &ctx, new).await.expect("an operator may import").id;
    run(&app, PLAN_JOB).await;
    let planned = began.elapsed();
    println!("{engine}: {size_kib} KiB planned in {:.1} s; {} MiB at most", planned.as_secs_f64(), peak_mib());

    let starting = ctx.clone();
    app.store.write(move |tx| imports::apply_import(&starting, tx, id)).await.expect("the plan can be applied");
    run(&app, APPLY_JOB).await;
    let import = app.store.read(move |tx| imports::get_import(&ctx, tx, id)).await.expect("the import");
    assert_eq!((import.state, import.rows_failed, import.summary.error), (ImportState::Applied, 0, 0));
    println!(
        "{engine}: {} rows planned and applied in {:.1} s; {} MiB at most",
        import.rows_applied,
        began.elapsed().as_secs_f64(),
        peak_mib()
    );
}

async fn run(app: &JobApp, kind: &'static str) {
    let now = app.source.now();
    let job = app.store.write(move |tx| jobs::claim(tx, "bench", now, 3600, &[kind])).await;
    let job = job.expect("the store answers").expect("the job waits");
    let result = match kind {
        PLAN_JOB => imports::run_plan(app, &job).await,
        _ => imports::run_apply(app, &job).await,
    };
    let result = result.expect("the job succeeds");
    app.store.write(move |tx| jobs::finish(tx, &job.lease(), now, &result)).await.expect("the job ends");
}
