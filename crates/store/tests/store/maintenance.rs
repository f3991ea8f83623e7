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

/// Ten thousand accounts hold a row each, and one holds most: what is asked of it by keys is found by keys, however often it was asked of the others.
#[test_each_engine]
fn plans_fit_the_account_that_holds_most(store: Store) {
    if store.engine() == Engine::Sqlite {
        return;
    }
    let large = 20_000;
    let fill = move |tx: &mut Tx| {
        tx.execute(
            "INSERT INTO thread_reference (account_id, reference_hash, thread_id)
             SELECT number, 1, 1 FROM generate_series(1, 10000) number UNION ALL SELECT 0, number, 1 FROM generate_series(1, $1) number",
            params![large],
        )
        .map(|done| done.any())
    };
    store.write_blocking(fill).unwrap();
    store.refresh_statistics();
    let sql = format!("SELECT thread_id FROM thread_reference WHERE account_id = $1 AND reference_hash IN {}", store::in_list(2, 8));
    let rows_read = store.read_blocking(move |tx| {
        for account in (0..20).rev() {
            let found: Vec<i64> = tx.query_all(&sql, params![account, 1, 2, 3, 4, 5, 6, 7, 8], |row| row.get(0))?;
            assert_eq!(found.len(), if account == 0 { 8 } else { 1 });
        }
        let sql = "SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'thread_reference'";
        tx.query_one(sql, params![], |row| row.get::<i64>(0))
    });
    let rows_read = rows_read.unwrap();
    assert!(rows_read < 100, "{rows_read} rows were read to find 27");
}

#[test_each_engine]
fn a_database_of_an_earlier_release_gets_such_plans_when_it_is_opened(test_store: &TestStore) {
    if test_store.store().engine() == Engine::Sqlite {
        return;
    }
    let of_before = |tx: &mut Tx| {
        let rows =
            "INSERT INTO thread_reference (account_id, reference_hash, thread_id) SELECT number, 1, 1 FROM generate_series(1, 1000) number";
        let statements = ["ALTER TABLE thread_reference ALTER COLUMN account_id RESET (n_distinct)", rows, "ANALYZE thread_reference"];
        statements.iter().try_for_each(|sql| tx.execute(sql, params![]).map(|done| done.any()))
    };
    test_store.store().write_blocking(of_before).unwrap();
    let opened = Store::open(test_store.options()).unwrap();
    let sql = "SELECT COUNT(*) FROM pg_stats WHERE tablename = 'thread_reference' AND attname = 'account_id' AND n_distinct > -0.01";
    assert_eq!(opened.read_blocking(|tx| tx.query_one(sql, params![], |row| row.get::<i64>(0))).unwrap(), 1);
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
