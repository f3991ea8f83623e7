//! Fills an empty inbox of a stopped server with very many messages: the first ones by the operation that delivers what comes in, all others as
//! copies of their rows with other numbers and times.
//!
//!     mail_fill DATA_DIRECTORY SQL ORGANISATION ADDRESS COUNT
//!
//! SQL is `sqlite:PATH`, below the data directory, or `postgres://…`. COUNT is a multiple of 2,000. The bytes of all of them are of a few blobs, so that
//! a million take the room of their rows.

#![allow(clippy::expect_used, reason = "a benchmark that cannot go on should stop")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use directory::{members, organisations};
use kernel::{Actor, Clock, Ctx, MailAccountId, Timestamp};
use mail::delivery::{self, DeliverError, Delivery, Into};
use mail::mailboxes::Role;
use mail::messages::NewMessage;
use mail::{FlagBits, Flags, MailboxId, mime};
use store::{KeyRing, SqlLocation, Store, StoreError, StoreOptions, Tx, params};
use testkit::{TEST_NOW, TestClock};

const BLOBS: u64 = 64;
const MESSAGES_A_TRANSACTION: u64 = 200;
/// So many are delivered, and then copied.
const BLOCK: u64 = 2_000;
const SECONDS_APART: i64 = 60;
/// Every third message begins a thread.
const THREAD: u64 = 3;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, sql, organisation, address, count] = arguments.as_slice() else { panic!("mail_fill DATA SQL ORGANISATION ADDRESS COUNT") };
    let count: u64 = count.parse().expect("a number");
    let began = Instant::now();
    let store = open(Path::new(data), sql);
    let (ctx, account) = find(&store, organisation, address).await;
    let blobs = stage(&store, &ctx).await;
    assert!(count > 0 && count.is_multiple_of(BLOCK), "a multiple of {BLOCK}");
    for from in (0..BLOCK).step_by(MESSAGES_A_TRANSACTION as usize) {
        let deliveries: Vec<Delivery> = (from..(from + MESSAGES_A_TRANSACTION).min(BLOCK)).map(|number| message(&blobs, number)).collect();
        let ctx = ctx.clone();
        store
            .write_account(account, move |tx| {
                deliveries.iter().try_for_each(|delivery| delivery::deliver(&ctx, tx, account, delivery).map(|_| ()))
            })
            .await
            .map_err(|error: DeliverError| format!("{error:?}"))
            .expect("deliveries");
    }
    for copy in 1..count / BLOCK {
        store.write_bulk(move |tx| lay_again(tx, account, copy)).await.expect("rows that fit");
    }
    store.write_bulk(move |tx| settle(tx, account, count)).await.expect("counts");
    store.refresh_statistics();
    println!("{count} messages in {:.0} s", began.elapsed().as_secs_f64());
}

/// The block once more, behind all that is there.
fn lay_again(tx: &mut Tx, account: MailAccountId, copy: u64) -> Result<(), StoreError> {
    let (first, first_change, inbox): (i64, i64, MailboxId) = tx.query_one(
        "SELECT message_id, change_number, mailbox_id FROM mailbox_entry WHERE account_id = $1 AND uid = 1",
        params![account],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let (last, last_change): (i64, i64) = tx.query_one(
        "SELECT message_id, change_number FROM mailbox_entry WHERE account_id = $1 AND mailbox_id = $2 AND uid = $3",
        params![account, inbox, BLOCK],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let copies = copy as i64;
    let (numbers, changes) = (copies * (last + 1 - first), copies * (last_change + 1 - first_change));
    let times = TEST_NOW.plus_secs(copies * BLOCK as i64 * SECONDS_APART).as_micros() - TEST_NOW.as_micros();
    tx.execute(
        "INSERT INTO message (account_id, id, thread_id, created_change, size_bytes, received_at, sent_at, has_attachment, blob_id, blob_at, prefix,
                envelope, body_structure, summary)
         SELECT account_id, id + $2, thread_id + $2, created_change + $3, size_bytes, received_at + $4, sent_at, has_attachment, blob_id, blob_at, prefix,
                envelope, body_structure, summary FROM message WHERE account_id = $1 AND id <= $5",
        params![account, numbers, changes, times, last],
    )?
    .any();
    tx.execute(
        "INSERT INTO mailbox_entry (account_id, mailbox_id, uid, message_id, thread_id, flags, received_at, size_bytes, change_number)
         SELECT account_id, mailbox_id, uid + $2, message_id + $3, thread_id + $3, flags, received_at + $4, size_bytes, change_number + $5
           FROM mailbox_entry WHERE account_id = $1 AND mailbox_id = $6 AND uid <= $7",
        params![account, copy * BLOCK, numbers, times, changes, inbox, BLOCK],
    )?
    .any();
    Ok(())
}

/// The counts, as the product would have kept them.
fn settle(tx: &mut Tx, account: MailAccountId, count: u64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE mailbox SET uid_next = $2 + 1, total = n.total, unseen = n.unread, unread = n.unread, size_bytes = n.bytes, total_threads = n.threads,
                unread_threads = n.unread_threads, change_number = n.change_number, counted_change = n.change_number
           FROM (SELECT COUNT(*) AS total, COUNT(CASE WHEN flags = 0 THEN 1 END) AS unread, CAST(SUM(size_bytes) AS BIGINT) AS bytes,
                        COUNT(DISTINCT thread_id) AS threads, COUNT(DISTINCT CASE WHEN flags = 0 THEN thread_id END) AS unread_threads,
                        MAX(change_number) AS change_number FROM mailbox_entry WHERE account_id = $1) n
          WHERE account_id = $1 AND role = 'inbox'",
        params![account, count],
    )?
    .expect_one()?;
    tx.execute(
        "UPDATE mail_account SET change_number = n.change_number, next_number = n.last_number + 1, message_count = n.total, used_bytes = n.bytes
           FROM (SELECT COUNT(*) AS total, CAST(SUM(size_bytes) AS BIGINT) AS bytes, MAX(message_id) AS last_number, MAX(change_number) AS change_number
                   FROM mailbox_entry WHERE account_id = $1) n
          WHERE id = $1",
        params![account],
    )?
    .expect_one()
}

fn open(data: &Path, sql: &str) -> Store {
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new(TEST_NOW));
    let sql = match sql.strip_prefix("sqlite:") {
        Some(path) => SqlLocation::Sqlite(data.join(path)),
        None => SqlLocation::Postgres(sql.to_owned()),
    };
    let keys = Arc::new(KeyRing::open(&data.join("master.key")).expect("the master key"));
    Store::open(StoreOptions { sql, readers: 2, clock, packs: data.join("packs"), index: data.join("index"), keys })
        .expect("a store that opens")
}

async fn find(store: &Store, organisation: &str, address: &str) -> (Ctx, MailAccountId) {
    let (code, address) = (organisation.to_owned(), address.parse().expect("an address"));
    let found = store.read(move |tx| {
        let org = organisations::find_by_code(tx, &code)?.expect("the organisation").id;
        let found = members::find_many_by_address(tx, org, std::slice::from_ref(&address))?;
        let member = found.first().and_then(|(_, member)| *member).expect("the member");
        Ok::<_, StoreError>((org, members::mail_account_of(tx, org, member)?.expect("a mail account")))
    });
    let (org, account) = found.await.expect("an account");
    (testkit::ctx_as(org, Actor::System { task: "bench" }), account)
}

struct Staged {
    blob: Arc<store::StagedBlob>,
    rendered: mime::Rendered,
}

async fn stage(store: &Store, ctx: &Ctx) -> Vec<Staged> {
    let mut staged = Vec::new();
    for number in 0..BLOBS {
        let text = format!(
            "From: Sender {number} <sender{number}@elsewhere.test>\r\nTo: User <user@bench.test>\r\nSubject: Notes for day {number}\r\n\
             Date: Sat, 21 Nov 2026 09:42:17 +0800\r\nMessage-ID: <{number}@elsewhere.test>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{}",
            "Some lines that a preview is made of, and more that it is not.\r\n".repeat(50)
        );
        let rendered = mime::render(text.as_bytes());
        let blob = store.blobs().stage(ctx.org, text.into_bytes()).await.expect("a disk with room");
        staged.push(Staged { blob: Arc::new(blob), rendered });
    }
    staged
}

fn message(blobs: &[Staged], number: u64) -> Delivery {
    let staged = &blobs[(number % BLOBS) as usize];
    let first = number - number % THREAD;
    let id = |number: u64| format!("{number}@bench.test");
    let mut rendered = staged.rendered.clone();
    rendered.message_id = Some(id(number));
    rendered.references = if number == first { Vec::new() } else { vec![id(first)] };
    rendered.base_subject = format!("notes {first}");
    Delivery {
        message: NewMessage {
            blob: Arc::clone(&staged.blob),
            prefix: Arc::from(&b"Delivered-To: user@bench.test\r\n"[..]),
            rendered: Arc::new(rendered),
            received_at: received_at(number),
        },
        into: Into::Role(Role::Inbox),
        flags: Flags::of_bits(if number.is_multiple_of(5) { FlagBits::NONE } else { FlagBits::SEEN }),
    }
}

/// A message a minute, with a few that came late.
fn received_at(number: u64) -> Timestamp {
    TEST_NOW.plus_secs(number as i64 * SECONDS_APART - if number.is_multiple_of(50) { 100_000 } else { 0 })
}
