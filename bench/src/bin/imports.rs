//! How long planning and applying a large workbook takes on each engine, and how much memory the process has had at its peak.
//!
//!     cargo run --release -p bench --bin imports [ROWS]
//!
//! The workbook is made first; it is imported by a process of its own, so that making it does not count. PostgreSQL takes part when
//! YANSHU_TEST_POSTGRES names a server, which `tests/with-postgres.sh` does.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use directory::domains;
use directory::organisations::{self, Language, NewOrganisation};
use kernel::{Actor, Clock, Ctx, OrgId, Rng};
use lifecycle::imports::{self, APPLY_JOB, ImportState, NewImport, Options, PLAN_JOB};
use lifecycle::jobs::JobApp;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use store::{Engine, StoreError, jobs};
use testkit::SeededRng;
use testkit::stores::{POSTGRES_VARIABLE, TestStore};

const HEADINGS: [&str; 11] =
    ["序号", "姓名*", "性别", "手机号码*", "邮箱前缀", "所属部门*", "职务", "工号", "入职日期", "公司电话", "备注"];
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉红建国";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [import, engine, path] = &arguments[..]
        && import == "import"
    {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        return runtime.block_on(measure(engine, Path::new(path)));
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
    let (surnames, given): (Vec<char>, Vec<char>) = (SURNAMES.chars().collect(), GIVEN.chars().collect());
    for row in 1..=rows {
        let at = row as usize;
        let name: String = [surnames[at % surnames.len()], given[at / 7 % given.len()], given[at / 191 % given.len()]].iter().collect();
        sheet.write_number(row, 0, row)?;
        sheet.write_string(row, 1, name)?;
        sheet.write_string(row, 2, if row % 2 == 0 { "男" } else { "女" })?;
        sheet.write_number(row, 3, 13_900_000_000_u64 as f64 + f64::from(row))?;
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
    let store = test_store.store().clone();
    assert_eq!(store.engine() == Engine::Sqlite, engine == "SQLite");
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
    let clock = Arc::clone(&test_store.clock) as Arc<dyn Clock>;
    let app = JobApp { store, clock, rng, ids: testkit::ids() };
    let org = begin(&app).await.expect("a new organisation");
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
    let now = app.clock.now();
    let job = app.store.write(move |tx| jobs::claim(tx, "bench", now, 3600, &[kind])).await;
    let job = job.expect("the store answers").expect("the job waits");
    let result = match kind {
        PLAN_JOB => imports::run_plan(app, &job).await,
        _ => imports::run_apply(app, &job).await,
    };
    let result = result.expect("the job succeeds");
    app.store.write(move |tx| jobs::finish(tx, &job.lease(), now, &result)).await.expect("the job ends");
}

async fn begin(app: &JobApp) -> Result<OrgId, StoreError> {
    let ctx = operator(app, OrgId::from_raw(0));
    app.store
        .write(move |tx| {
            let new = NewOrganisation {
                code: "bench".to_owned(),
                name: "康宁集团".to_owned(),
                time_zone: organisations::DEFAULT_TIME_ZONE.to_owned(),
                language: Language::ZhCn,
            };
            let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).expect("a new organisation"));
            domains::add_assumed(&ctx, tx, &"example.test".parse().expect("a domain")).expect("a new domain");
            Ok(ctx.org)
        })
        .await
}

fn operator(app: &JobApp, org: OrgId) -> Ctx {
    app.ctx(org, Actor::Operator { name: "bench".to_owned() }, "bench")
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).map_or(0, |kib| kib >> 10)
}
