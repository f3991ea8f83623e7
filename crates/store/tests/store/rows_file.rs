use std::fs;
use std::sync::Arc;

use store::{LoadError, OpenError, SqlLocation, Store, StoreError, installation, load_rows, params};
use testkit::stores::{TestStore, options};
use testkit::{TEST_NOW, TEST_ORG, TestClock, test_each_engine};

/// A bit of everything: numbers, truth, text that needs care, bytes, NULL.
fn fill(store: &Store) {
    store
        .write_blocking(|tx| {
            installation::set(tx, "colour", "blau\n\"blue\" \\ 蓝\u{1f}")?;
            for number in 0..3000 {
                installation::set(tx, &format!("row {number}"), "x")?;
            }
            tx.execute(
                "INSERT INTO blob (org_id, blob_id, pack_id, pack_offset, stored_bytes, size_bytes, created_at, marked_at)
                 VALUES ($1, $2, 1, 0, 10, 10, $3, $4)",
                params![TEST_ORG, vec![0u8, 1, 254, 255], i64::MIN, None::<i64>],
            )?
            .expect_one()?;
            tx.execute(
                "INSERT INTO domain (org_id, id, name, is_default, verification_token, assumed, created_at)
                 VALUES ($1, 5, 'example.test', $2, 't', $3, 0)",
                params![TEST_ORG, true, false],
            )?
            .expect_one()
        })
        .unwrap();
}

type Everything = (Option<String>, i64, (Vec<u8>, i64, Option<i64>), (bool, bool));

fn everything(store: &Store) -> Everything {
    store
        .read_blocking(|tx| {
            Ok::<_, StoreError>((
                installation::get(tx, "colour")?,
                tx.query_one("SELECT COUNT(*) FROM installation", params![], |row| row.get(0))?,
                tx.query_one("SELECT blob_id, created_at, marked_at FROM blob", params![], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?,
                tx.query_one("SELECT is_default, assumed FROM domain", params![], |row| Ok((row.get(0)?, row.get(1)?)))?,
            ))
        })
        .unwrap()
}

fn open(location: SqlLocation, folder: &std::path::Path) -> Result<Store, OpenError> {
    Store::open(options(location, folder, Arc::new(TestClock::default())))
}

#[test_each_engine]
fn rows_written_by_either_engine_are_read_by_both(test_store: &TestStore) {
    let store = test_store.store();
    fill(store);
    let file = test_store.folder().join("rows.zst");
    let dumped = store.backup_sql_to(&file).unwrap();
    assert!(dumped.rows >= 3003 && dumped.tables > 10);

    let folder = tempfile::tempdir().unwrap();
    let location = SqlLocation::Sqlite(folder.path().join("restored.db"));
    let loaded = load_rows(&location, &mut fs::File::open(&file).unwrap(), TEST_NOW).unwrap();
    assert_eq!((loaded.rows, loaded.schema), (dumped.rows, dumped.schema));
    assert_eq!(everything(&open(location, folder.path()).unwrap()), everything(store));

    if let Some(mut target) = TestStore::on_postgres() {
        let emptied = target.store().write_blocking(|tx| {
            tx.execute("DROP SCHEMA public CASCADE", params![])?.any();
            tx.execute("CREATE SCHEMA public", params![])
        });
        emptied.unwrap().any();
        target.close();
        load_rows(&target.location(), &mut fs::File::open(&file).unwrap(), TEST_NOW).unwrap();
        assert_eq!(everything(target.reopen()), everything(store));
    }
}

#[test_each_engine]
fn a_database_that_holds_something_is_not_loaded_over(test_store: &TestStore) {
    let mut rows = Vec::new();
    test_store.store().dump_rows(&mut rows).unwrap();
    let loaded = match test_store.location() {
        // Whoever has it open has it locked.
        SqlLocation::Sqlite(path) => {
            let copy = path.with_extension("copy");
            test_store.store().copy_sqlite_to(&copy).unwrap();
            load_rows(&SqlLocation::Sqlite(copy), &mut &rows[..], TEST_NOW)
        }
        postgres => load_rows(&postgres, &mut &rows[..], TEST_NOW),
    };
    assert!(matches!(loaded, Err(LoadError::NotEmpty)), "{loaded:?}");
}

#[test]
fn a_file_that_was_cut_or_changed_leaves_nothing_that_opens() {
    let test_store = TestStore::on_sqlite();
    fill(test_store.store());
    let mut rows = Vec::new();
    test_store.store().dump_rows(&mut rows).unwrap();
    let folder = tempfile::tempdir().unwrap();

    // Once it is unpacked, one changed letter is only noticed by the hash at the end.
    let text = String::from_utf8(zstd::decode_all(&rows[..]).unwrap()).unwrap();
    let changed = zstd::encode_all(text.replace("blau", "grau").as_bytes(), 1).unwrap();
    let one_row_less = zstd::encode_all(text.replacen("[\"row 7\",\"x\"]\n", "", 1).as_bytes(), 1).unwrap();
    let cut = zstd::encode_all(&text.as_bytes()[..text.len() / 2], 1).unwrap();
    for (number, damaged) in [changed, one_row_less, cut].into_iter().enumerate() {
        let location = SqlLocation::Sqlite(folder.path().join(format!("{number}.db")));
        let loaded = load_rows(&location, &mut &damaged[..], TEST_NOW);
        assert!(matches!(loaded, Err(LoadError::Damaged(_))), "{number}: {loaded:?}");
        assert!(matches!(open(location, folder.path()), Err(OpenError::UnfinishedLoad)));
    }
    let location = SqlLocation::Sqlite(folder.path().join("other.db"));
    assert!(matches!(load_rows(&location, &mut &b"no such file"[..], TEST_NOW), Err(LoadError::Format)));
}
