//! How long the export of many members takes on each engine, and how much memory the process has had at its peak.
//!
//!     cargo run --release -p bench --bin exports [MEMBERS]
//!
//! PostgreSQL takes part when YANSHU_TEST_POSTGRES names a server, which `tests/with-postgres.sh` does.

use std::time::Instant;

use bench::memory::peak_mib;
use bench::population::{app, operator, populated};
use lifecycle::exports::{self, EXPORT_JOB, NewExport};
use lifecycle::sheets::Format;
use store::{Engine, jobs};
use testkit::stores::{POSTGRES_VARIABLE, TestStore};

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
    let app = app(&test_store);
    let store = app.store.clone();
    let org = populated(&app, members, DEPARTMENTS).await.expect("the store takes members");
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
        let now = app.source.now();
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
