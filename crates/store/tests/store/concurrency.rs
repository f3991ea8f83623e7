use kernel::MailAccountId;
use store::{Store, StoreError, installation, params};
use testkit::{TEST_NOW, TEST_ORG, in_parallel, test_each_engine};

const WRITERS: usize = 16;

#[test_each_engine]
fn sixteen_writers_lose_no_increment(store: Store) {
    store.write_blocking(|tx| installation::set(tx, "counter", "0")).unwrap();
    let counting = store.clone();
    in_parallel(WRITERS, move |_| {
        for _ in 0..10 {
            // Read, think, write: what a snapshot alone would lose.
            counting
                .write_blocking(|tx| {
                    let count: i64 = installation::get(tx, "counter")?.unwrap().parse().unwrap();
                    installation::set(tx, "counter", &(count + 1).to_string())
                })
                .unwrap();
        }
    });
    assert_eq!(store.read_blocking(|tx| installation::get(tx, "counter")).unwrap().as_deref(), Some("160"));
}

#[test_each_engine]
fn of_sixteen_who_want_the_same_name_one_gets_it(store: Store) {
    let taking = store.clone();
    for round in 0..5 {
        let store = taking.clone();
        let won = in_parallel(WRITERS, move |writer| {
            let name = format!("seat {round}");
            store
                .write_blocking(move |tx| {
                    let sql = "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
                    Ok::<_, StoreError>(tx.execute(sql, params![name, writer.to_string()])?.is_one())
                })
                .unwrap()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
    }
    assert_eq!(store.read_blocking(|tx| tx.query_one("SELECT COUNT(*) FROM installation", params![], |row| row.get::<i64>(0))).unwrap(), 5);
}

#[test_each_engine]
fn a_limit_that_is_counted_first_holds_against_sixteen(store: Store) {
    let admitting = store.clone();
    let admitted = in_parallel(WRITERS, move |writer| {
        admitting
            .write_blocking(move |tx| {
                // Write skew: each sees room, and each adds another row.
                let count: i64 = tx.query_one("SELECT COUNT(*) FROM installation", params![], |row| row.get(0))?;
                if count >= 3 {
                    return Ok(false);
                }
                installation::set(tx, &format!("guest {writer}"), "")?;
                Ok::<_, StoreError>(true)
            })
            .unwrap()
    });
    assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 3);
}

#[test_each_engine]
fn writes_to_one_mail_account_take_turns(store: Store) {
    let account = MailAccountId::from_raw(77);
    store
        .write_blocking(move |tx| {
            tx.execute(
                "INSERT INTO mail_account (id, org_id, change_number, used_bytes, message_count, created_at) VALUES ($1, $2, 0, 0, 0, $3)",
                params![account, TEST_ORG, TEST_NOW],
            )?
            .expect_one()
        })
        .unwrap();
    let delivering = store.clone();
    in_parallel(WRITERS, move |_| {
        for _ in 0..10 {
            delivering
                .write_account_blocking(account, move |tx| {
                    let read = "SELECT change_number FROM mail_account WHERE id = $1";
                    let number: i64 = tx.query_one(read, params![account], |row| row.get(0))?;
                    tx.execute("UPDATE mail_account SET change_number = $2 WHERE id = $1", params![account, number + 1])?.expect_one()
                })
                .unwrap();
        }
    });
    let number = store.read_blocking(move |tx| {
        tx.query_one("SELECT change_number FROM mail_account WHERE id = $1", params![account], |row| row.get::<i64>(0))
    });
    assert_eq!(number.unwrap(), 160);
}
