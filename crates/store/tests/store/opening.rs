use std::sync::Arc;

use store::{Engine, OpenError, SqlLocation, Store, installation, params};
use testkit::stores::{TestStore, options};
use testkit::{TestClock, in_parallel, test_each_engine};

#[test_each_engine]
fn a_store_opens_again_on_what_it_left(first: &TestStore) {
    first.store().write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    if let SqlLocation::Postgres(_) = first.location() {
        // A second server on the same database is nothing unusual there.
        let second = Store::open(first.options()).unwrap();
        assert_eq!(second.read_blocking(|tx| installation::get(tx, "colour")).unwrap().as_deref(), Some("blue"));
    }
}

#[test]
fn a_closed_sqlite_store_opens_again_with_its_rows() {
    let mut test_store = TestStore::on_sqlite();
    test_store.store().write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    let store = test_store.reopen();
    assert_eq!(store.read_blocking(|tx| installation::get(tx, "colour")).unwrap().as_deref(), Some("blue"));
}

#[test]
fn a_database_file_is_opened_by_one_process_only() {
    let test_store = TestStore::on_sqlite();
    assert!(matches!(Store::open(test_store.options()), Err(OpenError::Locked { .. })));
}

#[test]
fn a_file_that_is_no_database_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yanshu.db");
    std::fs::write(&path, "These are not the rows you are looking for. ".repeat(200)).unwrap();
    let opened = Store::open(options(SqlLocation::Sqlite(path), folder.path(), Arc::new(TestClock::default())));
    assert!(matches!(opened, Err(OpenError::Corrupt(_))), "{:?}", opened.err());
}

#[test]
fn only_the_owner_can_read_the_database_file() {
    use std::os::unix::fs::PermissionsExt;
    let test_store = TestStore::on_sqlite();
    test_store.store().write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    for entry in std::fs::read_dir(test_store.folder()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("yanshu.db") {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let open = |address: &str| {
        Store::open(options(SqlLocation::Postgres(address.to_owned()), folder.path(), Arc::new(TestClock::default()))).err().unwrap()
    };
    // Port 1 of the loopback interface is nobody's.
    assert!(matches!(open("postgres://nobody@127.0.0.1:1/nothing"), OpenError::Unreachable(_)));
    assert!(matches!(open("postgres://nobody@127.0.0.1:1/nothing?sslmode=require"), OpenError::TlsUnsupported));
    assert!(matches!(open("not an address"), OpenError::Address(_)));
}

/// Changes the record of migrations and gives what opening says then.
/// A table of one row, which the engine has looked at.
fn one_fact(store: &Store) {
    let statements = [
        "CREATE TABLE fact (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
        "INSERT INTO fact (name, value) VALUES ('colour', 'blue')",
        "ANALYZE fact",
    ];
    store.write_blocking(move |tx| statements.iter().try_for_each(|sql| tx.execute(sql, params![]).map(|done| done.any()))).unwrap();
}

/// How the engine goes about a join, in its own words.
fn plan_of_a_join(store: &Store) -> String {
    let (explain, column) = match store.engine() {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        Engine::Postgres => ("EXPLAIN", 0),
    };
    let sql = format!("{explain} SELECT a.value, b.value FROM fact a LEFT JOIN fact b ON b.name = a.value WHERE a.name = $1");
    let plan = store.read_blocking(move |tx| tx.query_all(&sql, params!["colour"], |row| row.get::<String>(column)));
    plan.unwrap().join("\n")
}

#[test]
fn what_sqlite_has_noted_of_a_small_table_does_not_count_once_it_may_be_large() {
    let mut test_store = TestStore::on_sqlite();
    one_fact(test_store.store());
    let plan = plan_of_a_join(test_store.reopen());
    assert!(plan.contains("SEARCH a USING INDEX") && plan.contains("SEARCH b USING INDEX"), "{plan}");
}

#[test_each_engine]
fn on_postgresql_a_small_table_is_read_by_its_index_as_a_large_one_is(store: Store) {
    if store.engine() == Engine::Postgres {
        one_fact(&store);
        let plan = plan_of_a_join(&store);
        assert!(plan.contains("fact_pkey") && !plan.contains("Seq Scan"), "{plan}");
    }
}

fn reopened_after(test_store: &TestStore, sql: &'static str) -> OpenError {
    test_store.store().write_blocking(move |tx| tx.execute(sql, params![]).map(|affected| assert!(affected.count() > 0))).unwrap();
    // On SQLite the lock keeps a second store away, so the database is copied to where it is free.
    let folder = tempfile::tempdir().unwrap();
    let location = match test_store.location() {
        SqlLocation::Sqlite(_) => {
            let copy = folder.path().join("copy.db");
            test_store.store().copy_sqlite_to(&copy).unwrap();
            SqlLocation::Sqlite(copy)
        }
        postgres => postgres,
    };
    Store::open(options(location, folder.path(), Arc::new(TestClock::default()))).err().expect("it is refused")
}

#[test_each_engine]
fn a_schema_of_a_newer_release_is_refused(test_store: &TestStore) {
    let known = test_store.store().schema_version().unwrap();
    let refused =
        reopened_after(test_store, "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES (9999, 'later', 'x', 0)");
    assert!(matches!(refused, OpenError::NewerSchema { found: 9999, known: ours } if ours == known), "{refused:?}");
}

#[test_each_engine]
fn a_migration_that_had_another_text_is_refused(test_store: &TestStore) {
    let refused = reopened_after(test_store, "UPDATE schema_migration SET checksum = 'other' WHERE number = 2");
    assert!(matches!(refused, OpenError::ChangedHistory { number: 2, .. }), "{refused:?}");
}

#[test_each_engine]
fn a_gap_in_the_history_is_refused(test_store: &TestStore) {
    let refused = reopened_after(test_store, "DELETE FROM schema_migration WHERE number = 2");
    assert!(matches!(refused, OpenError::ChangedHistory { number: 3, .. }), "{refused:?}");
}

#[test_each_engine]
fn servers_that_start_at_once_migrate_once(test_store: &TestStore) {
    let SqlLocation::Postgres(_) = test_store.location() else { return };
    test_store
        .store()
        .write_blocking(|tx| {
            tx.execute("DROP SCHEMA public CASCADE", params![])?.any();
            tx.execute("CREATE SCHEMA public", params![])?.any();
            Ok::<_, store::StoreError>(())
        })
        .unwrap();
    let waiting: Vec<_> = (0..4).map(|_| std::sync::Mutex::new(Some(test_store.options()))).collect();
    let versions = in_parallel(4, move |number| {
        let options = waiting[number].lock().unwrap().take().unwrap();
        Store::open(options).unwrap().schema_version().unwrap()
    });
    assert!(versions.iter().all(|version| *version == versions[0]));
}
