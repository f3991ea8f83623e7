//! Searches with the full-text index answer as those without it.

use std::sync::Arc;

use kernel::Rng;
use mail::search::index::{self, Status};
use mail::search::{Scope, Search, search};
use mail::{FlagBits, entries};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use store::{Store, StoreError, TextIndex, params};
use testkit::{SeededRng, test_each_engine};

use super::{World, run, text, world};

/// One for all, so that no generation comes twice.
fn rng() -> Arc<dyn Rng> {
    static RNG: std::sync::OnceLock<Arc<dyn Rng>> = std::sync::OnceLock::new();
    Arc::clone(RNG.get_or_init(|| Arc::new(SeededRng::default())))
}

impl World {
    async fn mail(&self, header: &str, body: &str) {
        let message = format!("{header}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n");
        self.put(self.inbox, message.as_bytes(), &[], 1).await;
    }

    async fn index(&self) -> u64 {
        index::catch_up(&self.store, &rng()).await.unwrap()
    }

    /// Uids in all mailboxes.
    async fn everywhere(&self, what: &Search) -> Vec<(i64, u32)> {
        let hits = search(&self.store, &self.ctx, self.account, Scope::Account, what).await.unwrap();
        hits.iter().map(|hit| (hit.mailbox.raw(), hit.uid)).collect()
    }

    fn status(&self) -> Status {
        index::status(&self.store).unwrap()
    }

    fn folder(&self) -> std::path::PathBuf {
        self.store.texts().folder().to_owned()
    }
}

/// Nothing can be read any more; done twice, it can again.
async fn hide_blobs(world: &World) {
    world.store.write(|tx| tx.execute("UPDATE blob SET org_id = -org_id", params![]).map(|affected| affected.any())).await.unwrap();
}

const WORDS: &[&str] = &[
    "budget",
    "Budgets",
    "report",
    "re",
    "port",
    "air",
    "airport",
    "ab12",
    "x9y8z7w6",
    "2026",
    "20260101",
    "13800138000",
    "年度",
    "年度总结",
    "年",
    "度报",
    "總結報告",
    "会议",
    "會議紀要",
    "哈哈哈哈",
    "café",
    "ＡＢＣ",
    "한국어",
    "テスト",
    "ไทย",
    "🙂",
    "a.b@c.example",
    "C++",
    "--",
    "(x)",
    "naïve",
    "abcdefghijklmnopqrstuvwxyz",
    "ab12cd34ef56",
    "é",
    "一",
    "李娜",
    "lina",
];

fn phrase(words: usize) -> impl Strategy<Value = String> {
    let separators = prop::sample::select(vec![" ", "", "\r\n", ", ", "-", "。", "  "]);
    prop::collection::vec((prop::sample::select(WORDS.to_vec()), separators), 1..=words)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, separator)| [word, separator]).collect())
}

/// A piece of a text as people might look for it, or something else.
fn needle() -> impl Strategy<Value = String> {
    prop_oneof![
        (phrase(3), 0usize..12, 1usize..10).prop_map(|(text, skip, take)| text.chars().skip(skip).take(take).collect()),
        phrase(2),
        "[a-z0-9]{1,5}",
        "[年度总结報告会議]{1,4}",
    ]
}

fn condition() -> impl Strategy<Value = Search> {
    let leaf = prop_oneof![
        4 => needle().prop_map(Search::Text),
        2 => needle().prop_map(Search::Body),
        2 => needle().prop_map(Search::Subject),
        1 => needle().prop_map(Search::From),
        1 => needle().prop_map(Search::To),
        1 => needle().prop_map(|text| Search::Header("X-Note".to_owned(), text)),
        1 => needle().prop_map(|text| Search::Header("Message-ID".to_owned(), text)),
        1 => Just(Search::HasAttachment),
        1 => Just(Search::Flag(FlagBits::SEEN, true)),
        1 => Just(Search::Larger(600)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Search::And),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Search::Or),
            inner.prop_map(|search| Search::Not(Box::new(search))),
        ]
    })
}

#[test_each_engine]
fn with_the_index_the_same_is_found_as_without(store: Store) {
    let world = world(&store);
    let mut runner = TestRunner::new_with_rng(Config::default(), proptest::test_runner::TestRng::deterministic_rng(Default::default()));
    let queries: Vec<Search> = (0..300).map(|_| condition().new_tree(&mut runner).unwrap().current()).collect();
    let mut pick = |strategy: &BoxedStrategy<String>| strategy.new_tree(&mut runner).unwrap().current();
    let (short, long) = (phrase(3).boxed(), phrase(20).boxed());
    run(async {
        for number in 0..60 {
            let from = ["李娜 <lina@example.cn>", "\"Bob, B.\" <bob@example.com>", "alice@example.org"][number % 3];
            let header = format!(
                "From: {from}\r\nTo: team@example.cn\r\nSubject: {}\r\nX-Note: {}\r\nMessage-ID: <{number}.ab12cd34@example.cn>",
                pick(&short).replace("\r\n", " "),
                pick(&short).replace("\r\n", " "),
            );
            let mailbox = if number % 4 == 0 { world.archive } else { world.inbox };
            let flags: &[&str] = if number % 2 == 0 { &["\\Seen"] } else { &[] };
            let message = format!("{header}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n", pick(&long));
            world.put(mailbox, message.as_bytes(), flags, 1).await;
        }
        let mut without = Vec::new();
        for query in &queries {
            without.push(world.everywhere(query).await);
        }
        assert!(without.iter().filter(|found| !found.is_empty()).count() > 100, "the queries ask for what there is");
        assert_eq!(world.index().await, 60);
        // Two more behind the index.
        world.mail("Subject: budget", "会议 airport").await;
        world.mail("Subject: report", "年度总结").await;
        for (query, without) in queries.iter().zip(without) {
            let with = world.everywhere(query).await;
            let indexed: Vec<_> = with.iter().copied().filter(|(mailbox, uid)| *mailbox != world.inbox.raw() || *uid <= 45).collect();
            assert_eq!(indexed, without, "{query:?}");
            // The last two are found as they would be without an index.
            set_generations_aside(&world).await;
            assert_eq!(world.everywhere(query).await, with, "{query:?}");
            set_generations_aside(&world).await;
        }
    });
}

/// The index is not found any more; done twice, it is found again.
async fn set_generations_aside(world: &World) {
    let sql = "UPDATE search_state SET generation = -generation";
    world.store.write(|tx| tx.execute(sql, params![]).map(|affected| affected.any())).await.unwrap();
}

#[test_each_engine]
fn words_are_decided_without_reading_a_message(store: Store) {
    let world = world(&store);
    run(async {
        world.mail("From: =?utf-8?B?5p2O5aic?= <n@example.cn>\r\nSubject: Airport", "年度總結報告，第二頁 budgets 20260101 x9y8").await;
        world.mail("From: bob@example.com\r\nSubject: Other", "nothing").await;
        assert_eq!(world.index().await, 2);
        hide_blobs(&world).await;
        for (needle, uids) in [
            ("airport", &[1][..]),
            ("port", &[1]),
            ("budget", &[1]),
            ("UDGE", &[1]),
            ("年度", &[1]),
            ("總", &[1]),
            ("总", &[1]),
            ("度总结", &[1]),
            ("年度总结报告", &[1]),
            ("年度报告", &[]),
            ("2026", &[1]),
            ("9y8", &[1]),
            ("zebra", &[]),
            ("李娜", &[1]),
            ("lina", &[1]),
            ("ln", &[1]),
            ("thing", &[2]),
            ("o", &[1, 2]),
        ] {
            assert_eq!(world.find(text(needle)).await, uids, "{needle}");
        }
        assert_eq!(world.find(Search::Not(Box::new(text("zebra")))).await, [1, 2]);
        assert_eq!(world.find(Search::Body("airport".to_owned())).await, [] as [u32; 0]);
        hide_blobs(&world).await;
    });
}

#[test_each_engine]
fn what_came_after_the_index_was_written_is_found_at_once(store: Store) {
    let world = world(&store);
    run(async {
        world.mail("Subject: one", "budget").await;
        world.index().await;
        world.mail("Subject: two", "budget 预算").await;
        assert_eq!(world.find(text("budget")).await, [1, 2]);
        assert_eq!(world.find(text("预算")).await, [2]);
        assert_eq!(world.find(Search::Not(Box::new(text("预算")))).await, [1]);
        assert_eq!((world.status().messages, world.status().waiting), (2, 1));
        assert_eq!(world.index().await, 1);
        assert_eq!(world.find(text("budget")).await, [1, 2]);
        assert_eq!((world.status().waiting, world.status().index.documents), (0, 2));
    });
}

#[test_each_engine]
fn a_crash_between_index_and_row_leaves_nothing_twice(store: Store) {
    let world = world(&store);
    run(async {
        world.mail("Subject: one", "budget").await;
        world.index().await;
        let account = world.account;
        let before = read_state(&world).await;
        world.mail("Subject: two", "budget").await;
        world.index().await;
        // As if the row had not been written any more.
        world
            .store
            .write(move |tx| {
                tx.execute(
                    "UPDATE search_state SET commits = $2, indexed_to = $3 WHERE account_id = $1",
                    params![account, before.0, before.1],
                )
                .map(|affected| affected.any())
            })
            .await
            .unwrap();
        assert_eq!(world.find(text("budget")).await, [1, 2]);
        assert_eq!(world.index().await, 1);
        assert_eq!(world.status().index.documents, 2);
        assert_eq!(world.find(text("budget")).await, [1, 2]);
    });
}

async fn read_state(world: &World) -> (i64, i64) {
    let account = world.account;
    let sql = "SELECT commits, indexed_to FROM search_state WHERE account_id = $1";
    world.store.read::<_, StoreError, _>(move |tx| tx.query_one(sql, params![account], |row| Ok((row.get(0)?, row.get(1)?)))).await.unwrap()
}

#[test_each_engine]
fn an_index_that_is_gone_old_or_damaged_answers_nothing_wrong_and_is_made_again(store: Store) {
    let world = world(&store);
    run(async {
        for number in 0..20 {
            world.mail(&format!("Subject: n{number}"), "budget 年度总结").await;
        }
        let all: Vec<u32> = (1..=20).collect();
        world.index().await;
        let shard = TextIndex::shard_of(world.account.raw());
        let generation = world.store.texts().stand(shard).unwrap().generation;

        // Gone.
        world.store.texts().close();
        std::fs::remove_dir_all(world.folder()).unwrap();
        assert_eq!(world.find(text("总结")).await, all);
        assert_eq!(world.index().await, 20);
        assert_ne!(world.store.texts().stand(shard).unwrap().generation, generation);

        // Thrown away while there is a search.
        let (found, ()) = tokio::join!(world.find(text("总结")), async { index::rebuild(&world.store).unwrap() });
        assert_eq!(found, all);
        assert_eq!(world.find(text("总结")).await, all);
        world.index().await;

        // An older copy of itself.
        let copy = world.folder().with_extension("copy");
        copy_folder(&world.folder(), &copy);
        world.mail("Subject: later", "budget").await;
        world.index().await;
        world.store.texts().close();
        std::fs::remove_dir_all(world.folder()).unwrap();
        std::fs::rename(&copy, world.folder()).unwrap();
        let all: Vec<u32> = (1..=21).collect();
        assert_eq!(world.find(text("budget")).await, all);
        assert_eq!(world.index().await, 21);
        assert_eq!(world.find(text("budget")).await, all);

        // Damaged in every file, one after the other, in two ways.
        for harm in [cut as fn(&std::path::Path), scribble] {
            for at in 0.. {
                world.store.texts().close();
                let Some(file) = files(&world.folder()).into_iter().nth(at) else { break };
                harm(&file);
                assert_eq!(world.find(text("budget")).await, all, "{}", file.display());
                world.index().await;
                assert_eq!(world.find(text("budget")).await, all, "{}", file.display());
                index::rebuild(&world.store).unwrap();
                world.index().await;
            }
        }
    });
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}

fn cut(file: &std::path::Path) {
    let bytes = std::fs::read(file).unwrap();
    std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
}

/// The end, which tells what the file is.
fn scribble(file: &std::path::Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let end = bytes.len().saturating_sub(20);
    bytes[end..].fill(0x5a);
    std::fs::write(file, &bytes).unwrap();
}

#[test_each_engine]
fn verify_names_what_is_damaged_and_finds_nothing_while_the_index_is_written(store: Store) {
    let world = world(&store);
    run(async {
        let (done, writing) = tokio::sync::oneshot::channel::<()>();
        let verifying = world.store.clone();
        let verified = tokio::task::spawn_blocking(move || {
            let (mut writing, mut rounds) = (writing, 0);
            while writing.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
                assert_eq!(verifying.texts().verify().unwrap(), [] as [String; 0]);
                rounds += 1;
            }
            rounds
        });
        // Each round is a commit; enough of them are merged.
        for number in 0..10 {
            world.mail(&format!("Subject: n{number}"), "budget 年度总结").await;
            world.index().await;
        }
        drop(done);
        assert!(verified.await.unwrap() > 0);

        world.store.texts().close();
        let terms = files(&world.folder()).into_iter().find(|file| file.extension().is_some_and(|extension| extension == "term")).unwrap();
        let mut bytes = std::fs::read(&terms).unwrap();
        bytes[0] ^= 1;
        std::fs::write(&terms, &bytes).unwrap();
        assert_eq!(world.store.texts().verify().unwrap(), [terms.display().to_string()]);
        index::rebuild(&world.store).unwrap();
        assert_eq!(world.store.texts().verify().unwrap(), [] as [String; 0]);
        world.index().await;
        assert_eq!(world.find(text("总结")).await.len(), 10);
    });
}

#[test_each_engine]
fn messages_that_went_leave_the_index_too(store: Store) {
    let world = world(&store);
    run(async {
        world.mail("Subject: one", "budget").await;
        world.mail("Subject: two", "budget").await;
        world.index().await;
        let (ctx, account, inbox) = (world.ctx.clone(), world.account, world.inbox);
        world.put(world.inbox, b"Subject: three\r\n\r\nbudget\r\n", &["\\Deleted"], 1).await;
        world.index().await;
        assert_eq!(world.status().index.documents, 3);
        world
            .store
            .write_account(account, move |tx| entries::expunge(&ctx, tx, account, inbox, &entries::Expunge::Deleted, 100))
            .await
            .unwrap();
        assert_eq!(world.find(text("budget")).await, [1, 2]);
        assert_eq!(world.index().await, 0);
        assert_eq!(world.status().index.documents, 2);
    });
}
