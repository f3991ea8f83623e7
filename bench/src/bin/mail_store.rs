//! What the store of mail costs with a large account: bytes on disk for each message, the first page, lists of all, changes of a hundred thousand;
//! and how many deliveries a second twenty callers get done, blobs and all.
//!
//!     cargo run --release -p bench --bin mail_store [MESSAGES] [SECONDS]
//!
//! SQLite writes to a temporary folder (set TMPDIR to choose the disk). PostgreSQL takes part when YANSHU_TEST_POSTGRES names a server,
//! which `tests/with-postgres.sh` does. What the processor did is told beside the time that passed: other programs do not disturb it.

use std::ops::AsyncFnOnce;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bench::waits::Waits;
use kernel::{Actor, Ctx, MailAccountId, MemberId, Rng, Timestamp};
use mail::delivery::{self, Delivery, Into, LocalRecipient};
use mail::entries::{self, Expunge, FlagChange};
use mail::heads::MailError;
use mail::mailboxes::{self, Role};
use mail::messages::{self, NewMessage, Order, Position, QueryError};
use mail::mime::{Address, Rendered, Summary};
use mail::{FlagBits, Flags, MailboxId, UidSet, changes};
use store::{Engine, Store, StoreError, Tx, params};
use testkit::stores::{POSTGRES_VARIABLE, TestStore};
use testkit::{SeededRng, TEST_NOW, TEST_ORG};

const CHANGED: u32 = 100_000;
const CALLERS: u64 = 20;
const MAILING: usize = 10_000;
const ROWS_A_STATEMENT: u64 = 200;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let messages: u64 = arguments.next().unwrap_or(1_000_000);
    let seconds = arguments.next().unwrap_or(10);
    measure(TestStore::on_sqlite(), messages, seconds).await;
    match TestStore::on_postgres() {
        Some(store) => measure(store, messages, seconds).await,
        None => println!("PostgreSQL: skipped, because {POSTGRES_VARIABLE} is not set"),
    }
}

struct Bench {
    store: Store,
    ctx: Ctx,
    account: MailAccountId,
    inbox: MailboxId,
    archive: MailboxId,
}

async fn measure(test_store: TestStore, count: u64, seconds: u64) {
    let store = test_store.store().clone();
    println!("\n{:?}, an account of {count} messages", store.engine());
    let ctx = testkit::ctx_as(TEST_ORG, Actor::System { task: "bench" });
    let account: MailAccountId = ctx.new_id();
    open_accounts(&store, &ctx, vec![account]).await;
    let mailbox_of = |role: Role| {
        let (store, ctx) = (store.clone(), ctx.clone());
        async move {
            let found = store.read(move |tx| mailboxes::find_role(&ctx, tx, account, role)).await;
            found.expect("a readable account").expect("a standard mailbox").id
        }
    };
    let (inbox, archive) = (mailbox_of(Role::Inbox).await, mailbox_of(Role::Archive).await);
    let bench = Bench { store: store.clone(), ctx, account, inbox, archive };
    bench.timed("rows filled in, without the product's rules", async || bench.fill(count).await).await;
    bench.print_sizes(&test_store, count).await;
    bench.read(count).await;
    bench.write((count / 2).min(u64::from(CHANGED)) as u32).await;
    bench
        .timed("verified", async || {
            let verified = mail::verify::verify(&bench.store, None).await.expect("checks that run");
            assert_eq!(verified.problems, []);
        })
        .await;
    bench.deliver(seconds).await;
    bench.mail_everybody().await;
}

async fn open_accounts(store: &Store, ctx: &Ctx, accounts: Vec<MailAccountId>) {
    for chunk in accounts.chunks(200) {
        let (ctx, chunk) = (ctx.clone(), chunk.to_vec());
        store
            .write_bulk(move |tx| {
                let rows: Vec<_> = chunk.iter().map(|account| (*account, MemberId::from_raw(account.raw()))).collect();
                mail::mail_accounts::open_many(&ctx, tx, &rows)?;
                for account in &chunk {
                    mailboxes::ensure(&ctx, tx, *account)?;
                }
                Ok::<_, MailError>(())
            })
            .await
            .expect("new accounts");
    }
}

impl Bench {
    async fn timed<T>(&self, what: &str, work: impl AsyncFnOnce() -> T) -> T {
        let (began, cpu) = (Instant::now(), cpu_time());
        let done = work().await;
        println!("  {what}: {:.0} ms, processor {:.0} ms", millis(began.elapsed()), millis(cpu_time().saturating_sub(cpu)));
        done
    }

    async fn repeated(&self, what: &str, runs: usize, run: impl AsyncFnMut()) {
        let cpu = cpu_time();
        let waits = Waits::of(runs, run).await;
        let each = millis(cpu_time().saturating_sub(cpu)) / runs as f64;
        println!("  {what}: {waits}; processor {each:.1} ms each");
    }

    /// A mailbox as years of mail leave it: every third message begins a thread, four of five are read.
    async fn fill(&self, count: u64) {
        let (account, inbox) = (self.account, self.inbox);
        let mut next = 0;
        while next < count {
            let from = next;
            let to = (from + 4 * ROWS_A_STATEMENT).min(count);
            self.store
                .write_bulk(move |tx| {
                    for start in (from..to).step_by(ROWS_A_STATEMENT as usize) {
                        fill_some(tx, account, inbox, start, (start + ROWS_A_STATEMENT).min(to))?;
                    }
                    Ok::<_, StoreError>(())
                })
                .await
                .expect("rows that fit");
            next = to;
        }
        self.store.write_bulk(move |tx| settle(tx, account, inbox, count)).await.expect("counts");
        if self.store.engine() == Engine::Postgres {
            // What its own housekeeping would have done by the time an account is so large.
            self.store.write_bulk(|tx| tx.execute("ANALYZE", params![]).map(store::Affected::any)).await.expect("statistics");
        }
    }

    async fn print_sizes(&self, test_store: &TestStore, count: u64) {
        let rows: Vec<(String, i64)> = match self.store.engine() {
            Engine::Sqlite => {
                let file = test_store.folder().join("yanshu.db");
                let bytes = std::fs::metadata(file).map_or(0, |file| file.len());
                println!("  file: {:.0} bytes a message", bytes as f64 / count as f64);
                let sizes = self.store.read(|tx| {
                    tx.query_all("SELECT name, CAST(SUM(pgsize) AS BIGINT) FROM dbstat GROUP BY name", params![], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                });
                sizes.await.unwrap_or_default()
            }
            Engine::Postgres => {
                let sizes = self.store.read(|tx| {
                    tx.query_all(
                        "SELECT CAST(c.relname AS TEXT), pg_relation_size(c.oid) + COALESCE(pg_relation_size(c.reltoastrelid), 0) FROM pg_class c
                           JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'i')",
                        params![],
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )
                });
                sizes.await.expect("the catalog")
            }
        };
        let mut rows: Vec<_> = rows.into_iter().filter(|(_, bytes)| *bytes as u64 > count).collect();
        rows.sort_by_key(|(_, bytes)| -bytes);
        let total: i64 = rows.iter().map(|(_, bytes)| bytes).sum();
        let told: Vec<String> = rows.iter().map(|(name, bytes)| format!("{name} {:.0}", *bytes as f64 / count as f64)).collect();
        println!("  bytes a message: {:.0} ({})", total as f64 / count as f64, told.join(", "));
    }

    async fn query(&self, collapse: bool, position: Position) -> usize {
        let (ctx, account, inbox) = (self.ctx.clone(), self.account, self.inbox);
        let page = self.store.read(move |tx| -> Result<_, QueryError> {
            let page = messages::query_mailbox(&ctx, tx, account, inbox, Order::NewestFirst, collapse, position, 50)?;
            let rows = messages::find_messages(&ctx, tx, account, &page.messages)?;
            entries::entries_of_messages(&ctx, tx, account, &page.messages)?;
            Ok(rows.len())
        });
        page.await.expect("a page")
    }

    async fn read(&self, count: u64) {
        for (what, collapse, position, runs) in [
            ("first page of 50 with its messages", false, Position::At(0), 300),
            ("first page of 50 threads with their messages", true, Position::At(0), 300),
            ("page in the middle", false, Position::At(count as i64 / 2), 10),
            ("page in the middle of the threads", true, Position::At(count as i64 / 6), 10),
        ] {
            self.repeated(what, runs, async || assert_eq!(self.query(collapse, position).await, 50)).await;
        }
        let (account, inbox) = (self.account, self.inbox);
        self.timed("flags of all listed", async || {
            let ctx = self.ctx.clone();
            let listed = self.store.read(move |tx| {
                let mut rows = 0_u64;
                entries::for_each_entry(&ctx, tx, account, inbox, 1..=u32::MAX, None, None, |_| rows += 1)?;
                Ok::<_, MailError>(rows)
            });
            assert_eq!(listed.await.expect("a list"), count);
        })
        .await;
        self.timed("envelope and structure of 100,000 read", async || {
            let ctx = self.ctx.clone();
            let listed = self.store.read(move |tx| {
                let mut bytes = 0;
                entries::for_each_rendered(&ctx, tx, account, inbox, 1..=CHANGED, None, None, |row| {
                    bytes += row.envelope.len() + row.body_structure.len();
                })?;
                Ok::<_, MailError>(bytes)
            });
            assert!(listed.await.expect("a list") > 0);
        })
        .await;
    }

    async fn write(&self, changed: u32) {
        let (store, ctx, account) = (&self.store, &self.ctx, self.account);
        let these: UidSet = std::iter::once(1..=changed).collect();
        let since = changes::State::of(self.head().await);
        let mut longest = Duration::ZERO;
        let mut last = Instant::now();
        let answered = Flags::of_bits(FlagBits::ANSWERED | FlagBits::SEEN);
        self.timed(&format!("{changed} flagged"), async || {
            let done = entries::change_flags_all(store, ctx, account, self.inbox, &these, FlagChange::Add, &answered, None, |_| {
                longest = longest.max(last.elapsed());
                last = Instant::now();
            });
            done.await.expect("flags");
        })
        .await;
        println!("    longest chunk {:.0} ms", millis(longest));
        self.repeated("what of 500 changed", 20, async || {
            let ctx = ctx.clone();
            let told = store.read(move |tx| changes::message_changes(&ctx, tx, account, since, Some(500))).await.expect("changes");
            assert_eq!(told.updated.len(), 500);
        })
        .await;
        self.timed(&format!("{changed} marked with a keyword"), async || {
            let flags = Flags::from_imap_names(["work"]).expect("a keyword");
            let done = entries::change_flags_all(store, ctx, account, self.inbox, &these, FlagChange::Add, &flags, None, |_| {});
            done.await.expect("flags");
        })
        .await;
        self.timed(&format!("{changed} copied"), async || {
            entries::copy_all(store, ctx, account, self.inbox, &these, self.archive).await.expect("a copy")
        })
        .await;
        let copies: UidSet = std::iter::once(1..=changed / 2).collect();
        self.timed(&format!("{} expunged that are elsewhere, too", changed / 2), async || {
            entries::expunge_all(store, ctx, account, self.archive, &Expunge::Exactly(copies)).await.expect("an expunge")
        })
        .await;
        let moved: UidSet = std::iter::once(changed + 1..=2 * changed).collect();
        self.timed(&format!("{changed} moved"), async || {
            entries::move_all(store, ctx, account, self.inbox, &moved, self.archive).await.expect("a move")
        })
        .await;
        let gone: UidSet = std::iter::once(changed / 2 + 1..=u32::MAX).collect();
        self.timed(&format!("{changed} expunged for good, and {} that are elsewhere", changed / 2), async || {
            let done = entries::expunge_all(store, ctx, account, self.archive, &Expunge::Exactly(gone)).await;
            assert_eq!(done.expect("an expunge").uids.len() as u32, changed + changed / 2);
        })
        .await;
    }

    async fn head(&self) -> i64 {
        let (ctx, account) = (self.ctx.clone(), self.account);
        self.store.read(move |tx| mail::heads::open(&ctx, tx, account)).await.expect("a head").change_number
    }

    /// Twenty callers, each with an account of its own, one message of 4 KiB after the other, staged and delivered.
    async fn deliver(&self, seconds: u64) {
        let accounts: Vec<MailAccountId> = (0..CALLERS).map(|_| self.ctx.new_id()).collect();
        open_accounts(&self.store, &self.ctx, accounts.clone()).await;
        let mut noise = vec![0; 1 << 20];
        SeededRng::new(7).fill(&mut noise);
        let (noise, next): (Arc<[u8]>, _) = (noise.into(), Arc::new(AtomicU64::new(0)));
        let (began, cpu) = (Instant::now(), cpu_time());
        let callers: Vec<_> = accounts
            .into_iter()
            .map(|account| {
                let (store, ctx, noise, next) = (self.store.clone(), self.ctx.clone(), Arc::clone(&noise), Arc::clone(&next));
                tokio::spawn(async move {
                    let mut waits = Vec::new();
                    while began.elapsed() < Duration::from_secs(seconds) {
                        let handed_in = Instant::now();
                        let message = new_message(&store, &noise, next.fetch_add(1, Ordering::Relaxed), 4096).await;
                        let delivery = Delivery { message, into: Into::Role(Role::Inbox), flags: Flags::NONE };
                        let ctx = ctx.clone();
                        let delivered = store.write_account(account, move |tx| delivery::deliver(&ctx, tx, account, &delivery));
                        delivered.await.expect("a delivery");
                        waits.push(handed_in.elapsed());
                    }
                    waits
                })
            })
            .collect();
        let mut waits = Vec::new();
        for caller in callers {
            waits.append(&mut caller.await.expect("a caller does not panic"));
        }
        let (waits, elapsed, cpu) = (Waits::new(waits), began.elapsed(), cpu_time().saturating_sub(cpu));
        let each = millis(cpu) * 1000.0 / waits.count() as f64;
        println!(
            "  deliveries of 4 KiB, {CALLERS} callers: {:.0} a second, processor {each:.0} µs each in this process; wait {waits}",
            waits.count() as f64 / elapsed.as_secs_f64()
        );
    }

    async fn mail_everybody(&self) {
        let accounts: Vec<MailAccountId> = (0..MAILING).map(|_| self.ctx.new_id()).collect();
        open_accounts(&self.store, &self.ctx, accounts.clone()).await;
        let recipients = accounts
            .into_iter()
            .map(|account| LocalRecipient {
                account,
                address: format!("{account}@example.test"),
                into: Into::Role(Role::Inbox),
                flags: FlagBits::NONE,
                note: None,
            })
            .collect();
        let message = new_message(&self.store, &[9; 8192], 0, 4096).await;
        let accepted = self
            .timed(&format!("a mailing to {MAILING} accepted"), async || {
                delivery::accept(&self.store, &self.ctx, recipients, message, "").await.expect("an accepted message")
            })
            .await;
        let delivery::Accepted::FanOut(ingress) = accepted else { panic!("there are many recipients") };
        self.timed("and fanned out", async || {
            let done = delivery::run_fan_out(&self.store, &self.ctx, ingress).await.expect("a fan-out");
            assert_eq!(done.delivered as usize, MAILING);
        })
        .await;
    }
}

async fn new_message(store: &Store, noise: &[u8], number: u64, size: usize) -> NewMessage {
    let start = number as usize * 64 % (noise.len() - size);
    let mut bytes = noise[start..start + size].to_vec();
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    let blob = store.blobs().stage(TEST_ORG, bytes).await.expect("a disk with room");
    let rendered = Rendered {
        size_bytes: size as u64,
        more_bytes: 0,
        envelope: ENVELOPE.as_bytes().to_vec(),
        body_structure: BODY_STRUCTURE.as_bytes().to_vec(),
        summary: summary(),
        message_id: Some(format!("{number}.8a1f0c52@example.test")),
        references: Vec::new(),
        base_subject: "会议 notes for Monday".into(),
        sent_at: Some(TEST_NOW),
        has_attachment: false,
    };
    NewMessage { blob: Arc::new(blob), prefix: Arc::from(PREFIX.as_bytes()), rendered: Arc::new(rendered), received_at: TEST_NOW }
}

fn received_at(number: u64) -> Timestamp {
    // A message a minute, with a few that came late.
    TEST_NOW.plus_secs(number as i64 * 60 - if number.is_multiple_of(50) { 100_000 } else { 0 })
}

/// Mailboxes have the first numbers.
const FIRST_MESSAGE: u64 = 100;

fn fill_some(tx: &mut Tx, account: MailAccountId, inbox: MailboxId, from: u64, to: u64) -> Result<(), StoreError> {
    let summary = serde_json_of(&summary());
    let mut params_blob = params![TEST_ORG, 4096];
    let mut blobs = String::from("INSERT INTO blob (org_id, blob_id, pack_id, pack_offset, stored_bytes, size_bytes, created_at) VALUES ");
    let mut params_message =
        params![account, 4096 + PREFIX.len(), PREFIX.as_bytes(), ENVELOPE.as_bytes(), BODY_STRUCTURE.as_bytes(), summary, false];
    let mut rows = String::from(
        "INSERT INTO message (account_id, id, thread_id, created_change, size_bytes, received_at, sent_at, has_attachment, blob_id, blob_at, prefix,
                envelope, body_structure, summary) VALUES ",
    );
    let mut params_entry = params![account, inbox, 4096 + PREFIX.len()];
    let mut entries = String::from(
        "INSERT INTO mailbox_entry (account_id, mailbox_id, uid, message_id, thread_id, flags, received_at, size_bytes, change_number) VALUES ",
    );
    let mut params_reference = params![account];
    let mut references = String::from("INSERT INTO thread_reference (account_id, reference_hash, thread_id) VALUES ");
    for number in from..to {
        let comma = if number == from { "" } else { "," };
        let mut seed = [0; 40];
        SeededRng::new(number).fill(&mut seed);
        let mut blob_id = [1; 33];
        blob_id[1..].copy_from_slice(&seed[..32]);
        let reference = i64::from_le_bytes(seed[32..].try_into().expect("eight bytes"));
        let (message, thread) = (FIRST_MESSAGE + number, FIRST_MESSAGE + number - number % 3);
        let (at, change) = (TEST_NOW.plus_secs(number as i64), 100 + number);
        let (blob, offset) = (params_blob.push(blob_id), params_blob.push(number * 2000));
        let created = params_blob.push(at);
        blobs.push_str(&format!("{comma}($1,${blob},1,${offset},2000,$2,${created})"));
        let (id, in_thread, made) = (params_message.push(message), params_message.push(thread), params_message.push(change));
        let (received, blob, blob_at) = (params_message.push(received_at(number)), params_message.push(blob_id), params_message.push(at));
        rows.push_str(&format!("{comma}($1,${id},${in_thread},${made},$2,${received},${received},$7,${blob},${blob_at},$3,$4,$5,$6)"));
        let (uid, id, in_thread) = (params_entry.push(number + 1), params_entry.push(message), params_entry.push(thread));
        let (flags, received, made) =
            (params_entry.push(i64::from(number % 5 != 0)), params_entry.push(received_at(number)), params_entry.push(change));
        entries.push_str(&format!("{comma}($1,$2,${uid},${id},${in_thread},${flags},${received},$3,${made})"));
        let (hash, in_thread) = (params_reference.push(reference), params_reference.push(thread));
        references.push_str(&format!("{comma}($1,${hash},${in_thread})"));
    }
    for (sql, params) in [(blobs, params_blob), (rows, params_message), (entries, params_entry), (references, params_reference)] {
        tx.execute(&sql, params)?.any();
    }
    Ok(())
}

/// The counts, as the product would have kept them.
fn settle(tx: &mut Tx, account: MailAccountId, inbox: MailboxId, count: u64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE mailbox SET uid_next = $3 + 1, total = n.total, unseen = n.unread, unread = n.unread, size_bytes = n.bytes, total_threads = n.threads,
                unread_threads = n.unread_threads, change_number = n.change_number, counted_change = n.change_number
           FROM (SELECT COUNT(*) AS total, COUNT(CASE WHEN flags = 0 THEN 1 END) AS unread, CAST(SUM(size_bytes) AS BIGINT) AS bytes,
                        COUNT(DISTINCT thread_id) AS threads, COUNT(DISTINCT CASE WHEN flags = 0 THEN thread_id END) AS unread_threads,
                        MAX(change_number) AS change_number FROM mailbox_entry WHERE account_id = $1) n
          WHERE account_id = $1 AND id = $2",
        params![account, inbox, count],
    )?
    .expect_one()?;
    tx.execute(
        "UPDATE mail_account SET change_number = $2, next_number = $3, message_count = $4, used_bytes = $5 WHERE id = $1",
        params![account, 100 + count, FIRST_MESSAGE + count, count, count * (4096 + PREFIX.len() as u64)],
    )?
    .expect_one()
}

fn serde_json_of(summary: &Summary) -> String {
    let of = |who: &[Address]| {
        who.iter().map(|one| format!("{{\"n\":\"{}\",\"e\":\"{}\"}}", one.name.as_deref().unwrap_or(""), one.email)).collect::<Vec<_>>()
    };
    format!(
        "{{\"f\":[{}],\"t\":[{}],\"u\":\"{}\",\"p\":\"{}\"}}",
        of(&summary.from).join(","),
        of(&summary.to).join(","),
        summary.subject,
        summary.preview
    )
}

fn summary() -> Summary {
    let who = |name: &str, email: &str| vec![Address { name: Some(name.into()), email: email.into() }];
    Summary {
        from: who("王丽", "wangli@example.test"),
        to: who("团队", "team@example.test"),
        subject: "会议 notes for Monday".into(),
        preview: PREVIEW.into(),
        ..Summary::default()
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Of all threads of this process.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

const PREFIX: &str = "Return-Path: <wangli@example.test>\r\nReceived: from mail.example.test (mail.example.test [192.0.2.7])\r\n\
    \tby mx.example.org with ESMTPS id 01j9z3k8v0c1z for <team@example.org>;\r\n\tMon, 02 Mar 2026 09:00:00 +0800\r\n\
    Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.test; dkim=pass header.d=example.test; dmarc=pass\r\n";
const ENVELOPE: &str = "(\"Mon, 2 Mar 2026 09:00:00 +0800\" \"=?utf-8?B?5ZGo5LyaIG5vdGVzIGZvciBNb25kYXk=?=\" ((\"Wang Li\" NIL \"wangli\" \"example.test\")) \
    ((\"Wang Li\" NIL \"wangli\" \"example.test\")) ((\"Wang Li\" NIL \"wangli\" \"example.test\")) ((NIL NIL \"team\" \"example.test\")) NIL NIL NIL \
    \"<8a1f0c52-0b9f-4d0f-9f6f@example.test>\")";
const BODY_STRUCTURE: &str = "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"QUOTED-PRINTABLE\" 1204 31 NIL NIL NIL NIL)\
    (\"TEXT\" \"HTML\" (\"CHARSET\" \"utf-8\") NIL NIL \"QUOTED-PRINTABLE\" 2310 58 NIL NIL NIL NIL) \"ALTERNATIVE\" (\"BOUNDARY\" \"b1\") NIL NIL NIL)";
const PREVIEW: &str = "大家好，周一例会的要点如下：一、上周工作小结；二、本周安排；三、其他事项。请各部门在周三之前把材料发给我，谢谢。";
