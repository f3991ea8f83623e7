use std::sync::Arc;

use store::{OpenError, SqlLocation, Store, installation, params};
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
