//! How long the export of many members takes on each engine, and how much memory the process has had at its peak.
//!
//!     cargo run --release -p bench --bin exports [MEMBERS]
//!
//! PostgreSQL takes part when YANSHU_TEST_POSTGRES names a server, which `tests/with-postgres.sh` does.

use std::sync::Arc;
use std::time::Instant;

use directory::members::{Batch, Gender, NewMember, Placement};
use directory::organisations::{self, Language, NewOrganisation};
use directory::{departments, domains};
use kernel::{Actor, Clock, Ctx, DepartmentId, OrgId, Rng};
use lifecycle::exports::{self, EXPORT_JOB, NewExport};
use lifecycle::jobs::JobApp;
use lifecycle::sheets::Format;
use store::{Engine, Store, StoreError, jobs};
use testkit::SeededRng;
use testkit::stores::{POSTGRES_VARIABLE, TestStore};

const MEMBERS_PER_TRANSACTION: u32 = 200;
const DEPARTMENTS: u32 = 400;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let members = std::env::args().nth(1).map_or(100_000, |members| members.parse().expect("a number of members"));
    measure(TestStore::on_sqlite(), members).await;
    match TestStore::on_postgres() {
        Some(store) => measure(store, members).await,
        None => println!("PostgreSQL: skipped, because {POSTGRES_VARIABLE} is not set"),
    }
}

async fn measure(test_store: TestStore, members: u32) {
    let store = test_store.store().clone();
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
    let clock = Arc::clone(&test_store.clock) as Arc<dyn Clock>;
    let app = JobApp { store: store.clone(), clock, rng, ids: testkit::ids() };
    let org = fill(&app, members).await;
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    println!("{engine}: {} MiB at most after making {members} members", peak_mib());
    for format in [Format::Xlsx, Format::Csv] {
        let ctx = operator(&app, org);
        let new = NewExport { fields: Vec::new(), department_ids: Vec::new(), format, language: None };
        let began = Instant::now();
        let start = store.write(move |tx| exports::start(&ctx, tx, &new)).await;
        start.expect("an operator may export");
        let now = app.clock.now();
        let job = store.write(move |tx| jobs::claim(tx, "bench", now, 60, &[EXPORT_JOB])).await;
        let job = job.expect("the store answers").expect("the job waits");
        let result = exports::run_export(&app, &job).await.expect("the export succeeds");
        println!(
            "{engine}: {} rows to .{} in {:.2} s, {} KiB; {} MiB at most",
            result["rows"],
            format.extension(),
            began.elapsed().as_secs_f64(),
            result["size_bytes"].as_u64().unwrap_or(0) >> 10,
            peak_mib()
        );
    }
}

fn operator(app: &JobApp, org: OrgId) -> Ctx {
    app.ctx(org, Actor::Operator { name: "bench".to_owned() }, "bench")
}

async fn fill(app: &JobApp, members: u32) -> OrgId {
    let ctx = operator(app, OrgId::from_raw(0));
    let (org, places) = begin(&app.store, ctx).await.expect("a new organisation");
    let places: Arc<[DepartmentId]> = places.into();
    for first in (1..=members).step_by(MEMBERS_PER_TRANSACTION as usize) {
        let (ctx, places) = (operator(app, org), Arc::clone(&places));
        let last = members.min(first + MEMBERS_PER_TRANSACTION - 1);
        let insert = move |tx: &mut store::Tx| {
            let mut batch = Batch::begin(&ctx, tx).expect("an operator may add members");
            for number in first..=last {
                batch.insert(&ctx, tx, &member(number, &places)).expect("a member unlike the others");
            }
            Ok::<_, StoreError>(())
        };
        app.store.write_bulk(insert).await.expect("the store takes members");
    }
    org
}

async fn begin(store: &Store, ctx: Ctx) -> Result<(OrgId, Vec<DepartmentId>), StoreError> {
    store
        .write(move |tx| {
            let new = NewOrganisation {
                code: "bench".to_owned(),
                name: "康宁集团".to_owned(),
                time_zone: organisations::DEFAULT_TIME_ZONE.to_owned(),
                language: Language::ZhCn,
            };
            let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).expect("a new organisation"));
            domains::add_assumed(&ctx, tx, &"example.test".parse().expect("a domain")).expect("a new domain");
            let place = |number| vec![format!("第{}科", number % 20), format!("第{number}组")];
            let places = (0..DEPARTMENTS).map(|number| departments::ensure_path(&ctx, tx, &place(number)).expect("a department"));
            let places = places.collect();
            Ok((ctx.org, places))
        })
        .await
}

fn member(number: u32, places: &[DepartmentId]) -> NewMember {
    let place = |at: u32| Placement {
        department_id: places[(at as usize) % places.len()],
        is_main: at == number,
        position: Some("主任医师".to_owned()),
        rank: None,
    };
    let mut departments = vec![place(number)];
    // One in ten has a second department.
    departments.extend(number.is_multiple_of(10).then(|| place(number + 1)));
    NewMember {
        name: format!("成员{number}"),
        gender: Some(if number.is_multiple_of(2) { Gender::Male } else { Gender::Female }),
        mobile: format!("+86{}", 13_900_000_000_u64 + u64::from(number)).parse().ok(),
        employee_number: Some(format!("H{number:06}")),
        join_date: "2020-03-02".parse().ok(),
        office_phone: Some(format!("010-{:08}", 55_500_000 + number)),
        address: format!("member{number}@example.test").parse().ok(),
        departments,
        ..NewMember::default()
    }
}

/// The most memory this process has had, as Linux tells it; 0 elsewhere.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).map_or(0, |kib| kib >> 10)
}
