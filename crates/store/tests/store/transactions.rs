use store::{Affected, Engine, Notice, Store, StoreError, in_list, installation, params};
use testkit::{TEST_ORG, test_each_engine};

fn colour(store: &Store) -> Option<String> {
    store.read_blocking(|tx| installation::get(tx, "colour")).unwrap()
}

#[test_each_engine]
fn what_is_committed_is_seen_by_the_next_reader(store: Store) {
    store.write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    assert_eq!(colour(&store).as_deref(), Some("blue"));
}

#[test_each_engine]
fn an_unfinished_change_is_never_seen(store: Store) {
    let failed = store.write_blocking(|tx| {
        installation::set(tx, "colour", "blue")?;
        Err::<(), _>(StoreError::aborted())
    });
    assert!(matches!(failed, Err(StoreError::Aborted)));
    assert_eq!(colour(&store), None);
}

#[test_each_engine]
async fn the_async_forms_do_the_same(store: Store) {
    store.write(|tx| installation::set(tx, "colour", "blue")).await.unwrap();
    store.write_bulk(|tx| installation::set(tx, "shape", "round")).await.unwrap();
    assert_eq!(store.read(|tx| installation::get(tx, "shape")).await.unwrap().as_deref(), Some("round"));
}

#[test_each_engine]
fn a_failed_statement_poisons_its_transaction(store: Store) {
    let swallowed = store.write_blocking(|tx| {
        installation::set(tx, "colour", "blue")?;
        let failed = tx.execute("INSERT INTO installation (name, value) VALUES ($1, $2)", params!["colour", "red"]);
        assert!(matches!(failed, Err(StoreError::Statement { .. })), "{failed:?}");
        assert!(matches!(installation::get(tx, "colour"), Err(StoreError::Poisoned)));
        // A closure that looks away cannot commit either.
        Ok::<_, StoreError>(())
    });
    assert!(matches!(swallowed, Err(StoreError::Poisoned)));
    assert_eq!(colour(&store), None);
}

#[test_each_engine]
fn the_next_transaction_does_not_know_of_a_poisoned_one(store: Store) {
    for wrong in ["SELECT nothing FROM nowhere", "INSERT INTO installation (name) VALUES ('x')", "no SQL at all"] {
        assert!(store.write_blocking(move |tx| tx.execute(wrong, params![])).is_err());
        assert!(store.read_blocking(move |tx| tx.query_opt(wrong, params![], |_| Ok(()))).is_err());
        store.write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
        assert_eq!(colour(&store).as_deref(), Some("blue"));
    }
}

#[test_each_engine]
fn a_clash_is_found_without_failing(store: Store) {
    let insert = |store: &Store, value: &'static str| -> Affected {
        store
            .write_blocking(move |tx| {
                tx.execute("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", params!["colour", value])
            })
            .unwrap()
    };
    assert_eq!(insert(&store, "blue").count(), 1);
    assert_eq!(insert(&store, "red").count(), 0);
    assert_eq!(colour(&store).as_deref(), Some("blue"));
}

#[test_each_engine]
fn a_closure_that_panics_takes_only_itself_down(store: Store) {
    let panicked = store.write_blocking(|tx| {
        installation::set(tx, "colour", "blue")?;
        if tx.engine() == Engine::Sqlite || tx.engine() == Engine::Postgres {
            panic!("a defect in a closure, as this test wants it");
        }
        Ok::<_, StoreError>(())
    });
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    assert_eq!(colour(&store), None);
    let panicked: Result<(), StoreError> = store.read_blocking(|_| panic!("a defect in a reading closure, as this test wants it"));
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    store.write_blocking(|tx| installation::set(tx, "colour", "green")).unwrap();
    assert_eq!(colour(&store).as_deref(), Some("green"));
}

#[test_each_engine]
fn a_reader_cannot_write(store: Store) {
    assert!(store.read_blocking(|tx| installation::set(tx, "colour", "blue")).is_err());
    assert_eq!(colour(&store), None);
}

#[test_each_engine]
fn a_reader_sees_one_moment_however_long_it_looks(store: Store) {
    store.write_blocking(|tx| installation::set(tx, "colour", "blue")).unwrap();
    let writer = store.clone();
    let (before, after) = store
        .read_blocking(move |tx| {
            let before = installation::get(tx, "colour")?;
            writer.write_blocking(|tx| installation::set(tx, "colour", "red"))?;
            Ok::<_, StoreError>((before, installation::get(tx, "colour")?))
        })
        .unwrap();
    assert_eq!((before.as_deref(), after.as_deref()), (Some("blue"), Some("blue")));
    assert_eq!(colour(&store).as_deref(), Some("red"));
}

#[test_each_engine]
fn notices_go_out_after_the_commit_and_only_then(store: Store) {
    let mut news = store.bus().subscribe();
    let notice = Notice::Changed { org: TEST_ORG, topic: "members" };
    let (kept, given_up) = (notice.clone(), notice.clone());
    let _ = store.write_blocking(move |tx| {
        tx.publish(given_up.clone());
        Err::<(), _>(StoreError::aborted())
    });
    assert!(news.try_recv().is_err());
    store
        .write_blocking(move |tx| {
            tx.publish(kept.clone());
            tx.publish(kept.clone());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    // Whoever was answered finds the notice on the bus, once.
    assert_eq!(news.try_recv().unwrap(), notice);
    assert!(news.try_recv().is_err());
}

#[test_each_engine]
fn values_come_back_as_they_went_in(store: Store) {
    store
        .write_blocking(|tx| {
            let create = match tx.engine() {
                Engine::Sqlite => "CREATE TABLE sample (number BIGINT, truth BOOLEAN, word TEXT, raw BLOB)",
                Engine::Postgres => "CREATE TABLE sample (number BIGINT, truth BOOLEAN, word TEXT, raw BYTEA)",
            };
            tx.execute(create, params![])?.any();
            let insert = "INSERT INTO sample (number, truth, word, raw) VALUES ($1, $2, $3, $4)";
            tx.execute(insert, params![i64::MIN, true, "王 $1 '\"", vec![0u8, 255]])?.expect_one()?;
            tx.execute(insert, params![None::<i64>, None::<bool>, None::<&str>, None::<Vec<u8>>])?.expect_one()
        })
        .unwrap();
    type Sample = (Option<i64>, Option<bool>, Option<String>, Option<Vec<u8>>);
    let rows: Vec<Sample> = store
        .read_blocking(|tx| {
            tx.query_all("SELECT number, truth, word, raw FROM sample ORDER BY number NULLS LAST", params![], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
        })
        .unwrap();
    assert_eq!(rows, [(Some(i64::MIN), Some(true), Some("王 $1 '\"".to_owned()), Some(vec![0, 255])), (None, None, None, None)]);
}

#[test_each_engine]
fn placeholders_are_numbered_and_may_repeat(store: Store) {
    let answer: (String, i64, bool) = store
        .read_blocking(|tx| {
            tx.query_one("SELECT $2 || $1 || $2, $3 + 1, $4 IS NULL", params!["b", "a", 41, None::<i64>], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
        })
        .unwrap();
    assert_eq!(answer, ("aba".to_owned(), 42, true));
}

#[test_each_engine]
fn a_wrong_number_of_parameters_is_an_error_and_no_panic(store: Store) {
    for params in [params![], params![1, 2]] {
        let failed = store.read_blocking(move |tx| tx.query_one("SELECT $1 + 1", params.clone(), |row| row.get::<i64>(0)));
        assert!(matches!(failed, Err(StoreError::Statement { .. })), "{failed:?}");
    }
}

#[test_each_engine]
fn the_same_statement_takes_other_types(store: Store) {
    for _ in 0..2 {
        let number = store.read_blocking(|tx| tx.query_one("SELECT $1", params![7], |row| row.get::<i64>(0))).unwrap();
        let word = store.read_blocking(|tx| tx.query_one("SELECT $1", params!["seven"], |row| row.get::<String>(0))).unwrap();
        assert_eq!((number, word.as_str()), (7, "seven"));
    }
}

#[test_each_engine]
fn text_is_ordered_by_its_bytes(store: Store) {
    let names = ["a", "B", "ä", "Z", "_", "王"];
    store.write_blocking(move |tx| names.iter().try_for_each(|name| installation::set(tx, name, ""))).unwrap();
    let ordered: Vec<String> = store
        .read_blocking(move |tx| {
            let mut params = params![];
            params.extend(names);
            let sql = format!("SELECT name FROM installation WHERE name IN {} ORDER BY name", in_list(1, names.len()));
            tx.query_all(&sql, params, |row| row.get(0))
        })
        .unwrap();
    assert_eq!(ordered, ["B", "Z", "_", "a", "ä", "王"]);
}

#[test_each_engine]
fn one_row_means_one_row(store: Store) {
    let two = "SELECT 1 UNION ALL SELECT 2";
    let none = "SELECT name FROM installation WHERE name = 'x'";
    store
        .read_blocking(move |tx| {
            assert!(matches!(tx.query_one(two, params![], |row| row.get::<i64>(0)), Err(StoreError::RowCount { .. })));
            assert!(matches!(tx.query_opt(two, params![], |row| row.get::<i64>(0)), Err(StoreError::RowCount { .. })));
            assert!(matches!(tx.query_one(none, params![], |row| row.get::<String>(0)), Err(StoreError::RowCount { found: 0, .. })));
            // These are not failures of a statement, so the transaction goes on.
            assert_eq!(tx.query_opt(none, params![], |row| row.get::<String>(0))?, None);
            assert!(matches!(tx.query_one("SELECT 'x'", params![], |row| row.get::<i64>(0)), Err(StoreError::Column { .. })));
            tx.query_all(two, params![], |row| row.get::<i64>(0)).map(|rows| assert_eq!(rows, [1, 2]))
        })
        .unwrap();
}

#[test_each_engine]
fn a_long_answer_is_read_row_by_row(store: Store) {
    let sum = store
        .read_blocking(|tx| {
            let mut sum = 0;
            tx.for_each(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n",
                params![],
                |row| {
                    sum += row.get::<i64>(0)?;
                    Ok(())
                },
            )?;
            Ok::<_, StoreError>(sum)
        })
        .unwrap();
    assert_eq!(sum, 50_005_000);
}

#[test_each_engine]
fn text_with_a_nul_is_refused_on_both(store: Store) {
    assert!(matches!(store.write_blocking(|tx| installation::set(tx, "colour", "bl\0ue")), Err(StoreError::Statement { .. })));
    assert_eq!(colour(&store), None);
}

#[test_each_engine]
fn like_knows_capitals_on_both(store: Store) {
    let like = |pattern: &'static str| {
        store.read_blocking(move |tx| tx.query_one("SELECT 'wang' LIKE $1", params![pattern], |row| row.get::<bool>(0))).unwrap()
    };
    assert!(like("wa%"));
    assert!(!like("WA%"));
}
