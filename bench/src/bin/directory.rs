//! How long the console waits for its tables of members and its tree of departments, on each engine.
//!
//!     cargo run --release -p bench --bin directory [MEMBERS] [DEPARTMENTS]
//!
//! Timed is what a request does between reading it and writing the answer: the operation in a transaction of its own. PostgreSQL takes part
//! when YANSHU_TEST_POSTGRES names a server, which `tests/with-postgres.sh` does.

use std::time::Instant;

use bench::population::{app, operator, populated};
use bench::waits::Waits;
use directory::departments;
use directory::members::{self, MemberFilter, MemberSort};
use kernel::{Cursor, DepartmentId, OrgId, PageRequest};
use lifecycle::jobs::JobApp;
use store::{Engine, StoreError};
use testkit::stores::{POSTGRES_VARIABLE, TestStore};

const RUNS: usize = 100;
const ROWS_ON_A_PAGE: u32 = 50;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let members = arguments.next().unwrap_or(100_000);
    let departments = arguments.next().unwrap_or(5_000);
    measure(TestStore::on_sqlite(), members, departments).await;
    match TestStore::on_postgres() {
        Some(store) => measure(store, members, departments).await,
        None => println!("PostgreSQL: skipped, because {POSTGRES_VARIABLE} is not set"),
    }
}

async fn measure(test_store: TestStore, members: u32, departments: u32) {
    let app = app(&test_store);
    let engine = match app.store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let began = Instant::now();
    let org = populated(&app, members, departments).await.expect("the store takes members");
    println!("{engine}: {members} members in {departments} departments made in {:.1} s", began.elapsed().as_secs_f64());

    let (root, hospital, group) = places(&app, org).await.expect("a tree of three levels");
    let all = MemberFilter::default();
    let within = |department| MemberFilter { department_id: Some(department), include_subdepartments: true, ..MemberFilter::default() };
    let search = |text: &str| MemberFilter { search: Some(text.to_owned()), ..MemberFilter::default() };
    let first_pages = [
        ("everybody", all.clone()),
        ("everybody, by choosing the root", within(root)),
        ("a hospital with all below it", within(hospital)),
        ("a group", within(group)),
        ("search \"wangwei\"", search("wangwei")),
        ("search \"王\"", search("王")),
        ("search a whole mobile", search("13900050000")),
        ("search what nobody has", search("zzzzzz")),
    ];
    for (name, filter) in first_pages {
        let found = first_page(&app, org, &filter).await.expect("a page");
        let waits = Waits::of(RUNS, async || {
            first_page(&app, org, &filter).await.expect("a page");
        })
        .await;
        println!("{engine}: first page with total, {name} ({found}): {waits}");
    }
    let deep = deep_cursor(&app, org).await.expect("many pages");
    let waits = Waits::of(RUNS, async || {
        let page = PageRequest::new(Some(deep.clone()), ROWS_ON_A_PAGE);
        list(&app, org, &all, page).await.expect("a page");
    })
    .await;
    println!("{engine}: a page far down: {waits}");
    let waits = Waits::of(RUNS, async || {
        let ctx = operator(&app, org);
        app.store.read(move |tx| Ok::<_, StoreError>(departments::tree(&ctx, tx).expect("an operator may look"))).await.expect("the tree");
    })
    .await;
    println!("{engine}: the tree of departments with its counts: {waits}");
    let waits = Waits::of(RUNS, async || {
        let ctx = operator(&app, org);
        let counted = app.store.read(move |tx| Ok::<_, StoreError>(members::count_by_state(&ctx, tx).expect("an operator may look")));
        counted.await.expect("counts");
    })
    .await;
    println!("{engine}: members by state, for the overview: {waits}");
}

async fn first_page(app: &JobApp, org: OrgId, filter: &MemberFilter) -> Result<i64, StoreError> {
    let (ctx, filter) = (operator(app, org), filter.clone());
    let page = PageRequest::first(ROWS_ON_A_PAGE);
    app.store
        .read(move |tx| {
            members::list(&ctx, tx, &filter, &page, MemberSort::default()).expect("an operator may look");
            Ok(members::count(&ctx, tx, &filter).expect("an operator may look"))
        })
        .await
}

async fn list(app: &JobApp, org: OrgId, filter: &MemberFilter, page: PageRequest) -> Result<Option<String>, StoreError> {
    let (ctx, filter) = (operator(app, org), filter.clone());
    let listed = app.store.read(move |tx| {
        Ok::<_, StoreError>(members::list(&ctx, tx, &filter, &page, MemberSort::default()).expect("an operator may look").next)
    });
    listed.await
}

/// Where the page after a hundred large ones begins.
async fn deep_cursor(app: &JobApp, org: OrgId) -> Option<Cursor> {
    let mut after = None;
    for _ in 0..100 {
        let page = PageRequest::new(after.clone(), PageRequest::MAX_LIMIT);
        match list(app, org, &MemberFilter::default(), page).await.expect("a page") {
            Some(next) => after = Cursor::decode(&next),
            None => break,
        }
    }
    after
}

async fn places(app: &JobApp, org: OrgId) -> Result<(DepartmentId, DepartmentId, DepartmentId), StoreError> {
    app.store
        .read(move |tx| {
            let find = |tx: &mut store::Tx, path: &[&str]| Ok::<_, StoreError>(departments::find_path(tx, org, path)?.expect("was made"));
            Ok((departments::root(tx, org)?.id, find(tx, &["第1医院"])?, find(tx, &["第1医院", "1科", "1组"])?))
        })
        .await
}
