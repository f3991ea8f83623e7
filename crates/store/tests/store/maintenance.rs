use store::{Engine, Store, StoreError, Tx, check_sqlite_file, installation, params};
use testkit::stores::TestStore;
use testkit::test_each_engine;

#[test_each_engine]
fn a_sound_database_has_nothing_to_tell(store: Store) {
    store.write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    assert_eq!(store.check_database().unwrap(), Vec::<String>::new());
    assert!(store.schema_version().unwrap() >= 7);
    assert!(store.database_bytes().unwrap() > 4096);
    store.check_writable().unwrap();
    let told = store.check_durability().unwrap();
    match store.engine() {
        Engine::Sqlite => assert_eq!(told, Vec::<String>::new()),
        // The server beside the tests may have been told not to sync, which has to be noticed.
        Engine::Postgres => {
            let fsync = store.read_blocking(|tx| {
                tx.query_one("SELECT setting FROM pg_settings WHERE name = 'fsync'", params![], |row| row.get::<String>(0))
            });
            assert_eq!(told, if fsync.unwrap() == "off" { vec!["fsync = off".to_owned()] } else { vec![] });
        }
    }
}

#[test_each_engine]
fn the_planner_learns_how_large_tables_have_become(store: Store) {
    let mut known = 0;
    for rows in [300, 3000] {
        let fill = move |tx: &mut Tx| (0..rows).try_for_each(|number| installation::set(tx, &format!("fact {number}"), "known"));
        store.write_blocking(fill).unwrap();
        store.refresh_statistics();
        if store.engine() == Engine::Postgres {
            known = rows_known_of_installation(&store);
            assert!(known >= rows, "{known}");
        }
    }
    store.refresh_statistics();
    if store.engine() == Engine::Postgres {
        assert_eq!(rows_known_of_installation(&store), known, "what has not grown is as it was");
    }
}

/// A look that cannot be had now takes nothing from whoever asked for it.
#[test_each_engine]
fn a_table_that_is_being_looked_at_is_left_alone(store: Store) {
    if store.engine() == Engine::Sqlite {
        return;
    }
    let fill = |tx: &mut Tx| (0..300).try_for_each(|number| installation::set(tx, &format!("fact {number}"), "known"));
    store.write_blocking(fill).unwrap();
    let before = rows_known_of_installation(&store);
    let other = store.clone();
    store
        .write_blocking(move |tx| {
            tx.execute("LOCK TABLE installation IN SHARE UPDATE EXCLUSIVE MODE", params![])?.any();
            other.refresh_statistics();
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(rows_known_of_installation(&store), before);
}

/// On PostgreSQL; below 0 where it never looked.
fn rows_known_of_installation(store: &Store) -> i64 {
    let sql = "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = CAST('installation' AS regclass)";
    store.read_blocking(|tx| tx.query_one(sql, params![], |row| row.get(0))).unwrap()
}

#[test_each_engine]
fn a_copy_of_the_file_is_a_database_of_its_own(test_store: &TestStore) {
    let store = test_store.store();
    store.write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    let path = test_store.folder().join("copy.db");
    match store.engine() {
        Engine::Sqlite => {
            store.copy_sqlite_to(&path).unwrap();
            assert_eq!(check_sqlite_file(&path).unwrap(), Vec::<String>::new());
            assert!(matches!(store.copy_sqlite_to(&path), Err(StoreError::File(_))), "an existing file is never overwritten");
        }
        Engine::Postgres => assert!(matches!(store.copy_sqlite_to(&path), Err(StoreError::Unsupported(_)))),
    }
}
