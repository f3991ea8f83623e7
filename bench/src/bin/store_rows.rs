//! How many rows a second the store makes durable, in transactions like those of mail delivery: lock and update the head of one of many mail
//! accounts, add a message with its pre-rendered parts, add its entry in a mailbox.
//!
//!     cargo run --release -p bench --bin store_rows [SECONDS] [SUBMITTERS]
//!
//! SQLite writes to a temporary folder (set TMPDIR to choose the disk). PostgreSQL takes part when YANSHU_TEST_POSTGRES names a server,
//! which `tests/with-postgres.sh` does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bench::waits::Waits;
use kernel::MailAccountId;
use store::{Affected, Engine, Store, StoreError, Tx, params};
use testkit::stores::{POSTGRES_VARIABLE, TestStore};
use testkit::{TEST_NOW, TEST_ORG};

const ACCOUNTS: i64 = 1000;
/// Message, entry and head.
const ROWS_IN_A_DELIVERY: usize = 3;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let seconds = arguments.next().unwrap_or(10);
    let submitters = arguments.next().unwrap_or(256);

    measure(TestStore::on_sqlite(), seconds, submitters).await;
    match TestStore::on_postgres() {
        // More than connections would only wait.
        Some(store) => measure(store, seconds, submitters.min(32)).await,
        None => println!("PostgreSQL: skipped, because {POSTGRES_VARIABLE} is not set"),
    }
}

async fn measure(test_store: TestStore, seconds: u64, submitters: u64) {
    let store = test_store.store().clone();
    store.write_bulk(prepare).await.expect("an empty database takes tables");
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicI64::new(0));
    let started = Instant::now();
    let running: Vec<_> = (0..submitters).map(|_| tokio::spawn(submit(store.clone(), Arc::clone(&stop), Arc::clone(&next)))).collect();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    stop.store(true, Ordering::Relaxed);
    let mut waits = Vec::new();
    for task in running {
        waits.append(&mut task.await.expect("a submitter does not panic"));
    }
    let elapsed = started.elapsed().as_secs_f64();
    let waits = Waits::new(waits);
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let deliveries = waits.count() as f64 / elapsed;
    println!(
        "{engine}: {deliveries:.0} deliveries/s, {:.0} rows/s; {submitters} submitters; wait {waits}",
        deliveries * ROWS_IN_A_DELIVERY as f64,
    );
}

fn prepare(tx: &mut Tx) -> Result<(), StoreError> {
    let bytes = if tx.engine() == Engine::Sqlite { "BLOB" } else { "BYTEA" };
    let tables = [
        format!(
            "CREATE TABLE bench_message (account_id BIGINT NOT NULL, id BIGINT NOT NULL, blob_id {bytes} NOT NULL, size_bytes BIGINT NOT NULL,
                 received_at BIGINT NOT NULL, thread_id BIGINT NOT NULL, envelope TEXT NOT NULL, body_structure TEXT NOT NULL, preview TEXT NOT NULL,
                 PRIMARY KEY (account_id, id))"
        ),
        "CREATE TABLE bench_entry (account_id BIGINT NOT NULL, mailbox_id BIGINT NOT NULL, uid BIGINT NOT NULL, message_id BIGINT NOT NULL,
             flags BIGINT NOT NULL, change_number BIGINT NOT NULL, PRIMARY KEY (account_id, mailbox_id, uid))"
            .to_owned(),
    ];
    for table in tables {
        tx.execute(&table, params![]).map(Affected::any)?;
    }
    for account in 1..=ACCOUNTS {
        tx.execute(
            "INSERT INTO mail_account (id, org_id, change_number, used_bytes, message_count, created_at) VALUES ($1, $2, 0, 0, 0, $3)",
            params![account, TEST_ORG, TEST_NOW],
        )?
        .expect_one()?;
    }
    Ok(())
}

async fn submit(store: Store, stop: Arc<AtomicBool>, next: Arc<AtomicI64>) -> Vec<Duration> {
    let mut waits = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let message = next.fetch_add(1, Ordering::Relaxed);
        let account = MailAccountId::from_raw(message % ACCOUNTS + 1);
        let begun = Instant::now();
        store.write_account(account, move |tx| deliver(tx, account, message)).await.expect("a delivery succeeds");
        waits.push(begun.elapsed());
    }
    waits
}

fn deliver(tx: &mut Tx, account: MailAccountId, message: i64) -> Result<(), StoreError> {
    let change: i64 = tx.query_one(
        "UPDATE mail_account SET change_number = change_number + 1, used_bytes = used_bytes + $2, message_count = message_count + 1
          WHERE id = $1 RETURNING change_number",
        params![account, 4096],
        |row| row.get(0),
    )?;
    let mut blob_id = [7u8; 33];
    blob_id[..8].copy_from_slice(&message.to_le_bytes());
    tx.execute(
        "INSERT INTO bench_message (account_id, id, blob_id, size_bytes, received_at, thread_id, envelope, body_structure, preview)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![account, message, blob_id, 4096, TEST_NOW, message, ENVELOPE, BODY_STRUCTURE, PREVIEW],
    )?
    .expect_one()?;
    tx.execute(
        "INSERT INTO bench_entry (account_id, mailbox_id, uid, message_id, flags, change_number) VALUES ($1, $2, $3, $4, $5, $6)",
        params![account, 1, change, message, 0, change],
    )?
    .expect_one()
}

const ENVELOPE: &str = "(\"Mon, 2 Mar 2026 09:00:00 +0800\" \"=?utf-8?B?5ZGo5LyaIG5vdGVzIGZvciBNb25kYXk=?=\" ((\"Wang Li\" NIL \"wangli\" \"example.test\")) \
    ((\"Wang Li\" NIL \"wangli\" \"example.test\")) ((\"Wang Li\" NIL \"wangli\" \"example.test\")) ((NIL NIL \"team\" \"example.test\")) NIL NIL NIL \
    \"<8a1f0c52-0b9f-4d0f-9f6f@example.test>\")";
const BODY_STRUCTURE: &str = "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"QUOTED-PRINTABLE\" 1204 31 NIL NIL NIL NIL)\
    (\"TEXT\" \"HTML\" (\"CHARSET\" \"utf-8\") NIL NIL \"QUOTED-PRINTABLE\" 2310 58 NIL NIL NIL NIL) \"ALTERNATIVE\" (\"BOUNDARY\" \"b1\") NIL NIL NIL)";
const PREVIEW: &str = "大家好，周一例会的要点如下：一、上周工作小结；二、本周安排；三、其他事项。请各部门在周三之前把材料发给我，谢谢。";
