//! Fills an inbox of a stopped server with very many messages, by the operation that delivers what comes in.
//!
//!     mail_fill DATA_DIRECTORY SQL ORGANISATION ADDRESS COUNT
//!
//! SQL is `sqlite:PATH`, below the data directory, or `postgres://…`. Messages differ in their rows; their bytes are of a few blobs, so that a million
//! of them take the room of their rows.

#![allow(clippy::expect_used, reason = "a benchmark that cannot go on should stop")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use directory::{members, organisations};
use kernel::{Actor, Clock, Ctx, MailAccountId, Timestamp};
use mail::delivery::{self, DeliverError, Delivery, Into};
use mail::mailboxes::Role;
use mail::messages::NewMessage;
use mail::{FlagBits, Flags, mime};
use store::{KeyRing, SqlLocation, Store, StoreError, StoreOptions};
use testkit::{TEST_NOW, TestClock};

const BLOBS: u64 = 64;
const MESSAGES_A_TRANSACTION: u64 = 200;
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
    for from in (0..count).step_by(MESSAGES_A_TRANSACTION as usize) {
        let deliveries: Vec<Delivery> = (from..(from + MESSAGES_A_TRANSACTION).min(count)).map(|number| message(&blobs, number)).collect();
        let ctx = ctx.clone();
        store
            .write_account(account, move |tx| {
                deliveries.iter().try_for_each(|delivery| delivery::deliver(&ctx, tx, account, delivery).map(|_| ()))
            })
            .await
            .map_err(|error: DeliverError| format!("{error:?}"))
            .expect("deliveries");
    }
    store.refresh_statistics().expect("statistics");
    println!("{count} messages in {:.0} s", began.elapsed().as_secs_f64());
}

fn open(data: &Path, sql: &str) -> Store {
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new(TEST_NOW));
    let sql = match sql.strip_prefix("sqlite:") {
        Some(path) => SqlLocation::Sqlite(data.join(path)),
        None => SqlLocation::Postgres(sql.to_owned()),
    };
    let keys = Arc::new(KeyRing::open(&data.join("master.key")).expect("the master key"));
    Store::open(StoreOptions { sql, readers: 2, clock, packs: data.join("packs"), keys }).expect("a store that opens")
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
    TEST_NOW.plus_secs(number as i64 * 60 - if number.is_multiple_of(50) { 100_000 } else { 0 })
}
