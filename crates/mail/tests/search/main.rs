//! Searches over stored mail, on both engines.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

mod indexed;

use std::sync::Arc;

use directory::members::{self, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use kernel::{Actor, Ctx, IdentityId, MailAccountId, OrgId, Realm, SessionId, Timestamp};
use mail::mailboxes::{self, Role};
use mail::messages::{self, NewMessage};
use mail::search::{Scope, Search, SearchError, search};
use mail::{FlagBits, Flags, MailboxId, UidSet, mail_accounts, mime};
use store::{Store, StoreError};
use testkit::test_each_engine;

testkit::mail_is_sound_after_each_test!();

struct World {
    store: Store,
    ctx: Ctx,
    account: MailAccountId,
    inbox: MailboxId,
    archive: MailboxId,
}

fn world(store: &Store) -> World {
    let ctx = testkit::ctx(OrgId::from_raw(0)).acted_by(Actor::System { task: "test" });
    let (ctx, account) = store
        .write_blocking(move |tx| {
            let new = NewOrganisation {
                code: "example".into(),
                name: "Example".into(),
                time_zone: organisations::DEFAULT_TIME_ZONE.into(),
                language: Language::En,
            };
            let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).expect("a new organisation"));
            let new = NewMember { name: "Li Na".into(), activated: true, ..NewMember::default() };
            let member = members::insert(&ctx, tx, &new).expect("a member");
            let account = mail_accounts::open(&ctx, tx, member)?;
            members::set_mail_account(tx, ctx.org, member, Some(account))?;
            let actor = Actor::Member {
                member_id: member,
                identity_id: IdentityId::from_raw(1),
                session_id: SessionId::from_raw(1),
                realm: Realm::Account,
            };
            Ok::<_, StoreError>((ctx.acted_by(actor), account))
        })
        .unwrap();
    let own = ctx.clone();
    store.write_account_blocking(account, move |tx| mailboxes::ensure(&own, tx, account)).unwrap();
    let own = ctx.clone();
    let role = |role| {
        let own = own.clone();
        store.read_blocking(move |tx| mailboxes::find_role(&own, tx, account, role)).unwrap().unwrap().id
    };
    World { store: store.clone(), inbox: role(Role::Inbox), archive: role(Role::Archive), ctx, account }
}

fn at(minutes: i64) -> Timestamp {
    testkit::TEST_NOW.plus_secs(minutes * 60)
}

impl World {
    /// Received as many minutes after the beginning as its uid says.
    async fn put(&self, mailbox: MailboxId, message: &[u8], flags: &[&str], minute: i64) {
        let blob = self.store.blobs().stage(self.ctx.org, message.to_vec()).await.unwrap();
        let message = NewMessage {
            blob: Arc::new(blob),
            prefix: Arc::from(&b"Received: by mx.example.cn\r\n"[..]),
            rendered: Arc::new(mime::render(message)),
            received_at: at(minute),
        };
        let flags = Flags::from_imap_names(flags.iter().copied()).unwrap();
        let (ctx, account) = (self.ctx.clone(), self.account);
        self.store.write_account(account, move |tx| messages::append(&ctx, tx, account, &[mailbox], &message, &flags)).await.unwrap();
    }

    async fn sample(&self, name: &str) {
        let path = format!("{}/../../tests/samples/mail/{name}", env!("CARGO_MANIFEST_DIR"));
        self.put(self.inbox, &std::fs::read(path).unwrap(), &[], 1).await;
    }

    /// Everything fits together.
    async fn verify(&self) {
        let verified = mail::verify::verify(&self.store, None).await.unwrap();
        assert_eq!(verified.problems, []);
    }

    /// Uids in the inbox.
    async fn find(&self, what: Search) -> Vec<u32> {
        let hits = search(&self.store, &self.ctx, self.account, Scope::Mailbox(self.inbox), &what).await.unwrap();
        hits.iter().map(|hit| hit.uid).collect()
    }
}

fn text(text: &str) -> Search {
    Search::Text(text.to_owned())
}

fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future);
}

#[test_each_engine]
fn chinese_is_found_in_every_character_set(store: Store) {
    let world = world(&store);
    run(async {
        let names = [
            "plain-gbk.eml",
            "plain-gb18030.eml",
            "hz.eml",
            "big5.eml",
            "iso-2022-jp.eml",
            "raw-gbk-header.eml",
            "raw-utf8-header.eml",
            "utf-16.eml",
            "split-words.eml",
            "chinese-attachments.eml",
            "forwarded-message.eml",
        ];
        for name in names {
            world.sample(name).await;
        }
        for (what, uids) in [
            (text("三楼会议室"), &[1][..]),
            // Over the break of a line in the mail.
            (Search::Body("请准时 参加".to_owned()), &[1]),
            (Search::Body("㐂".to_owned()), &[2]),
            (Search::Subject("𠮷".to_owned()), &[2]),
            (Search::Body("世界".to_owned()), &[3]),
            // Traditional and simplified forms are one.
            (Search::Body("三樓".to_owned()), &[1, 4]),
            (text("会議は明日".to_owned().as_str()), &[5]),
            (Search::Subject("没有编码".to_owned()), &[6, 7]),
            (Search::From("赵六".to_owned()), &[6]),
            (Search::Body("你好，UTF-16".to_owned()), &[8]),
            (Search::Subject("拆到两个".to_owned()), &[9]),
            (Search::From("欧阳娜娜".to_owned()), &[9]),
            // The name of an attachment, and the text of one.
            (text("会议纪要"), &[10]),
            (Search::Body("附带的说明".to_owned()), &[10]),
            // The message within a message.
            (Search::Body("97 % FULL".to_owned()), &[11]),
            (Search::To("全体".to_owned()), &[1]),
            (Search::To("A@EXAMPLE".to_owned()), &[2, 3, 4, 5, 6, 7, 8, 9, 11]),
            (Search::Header("message-id".to_owned(), "<HZ@".to_owned()), &[3]),
            (Search::Header("message-id".to_owned(), "nowhere".to_owned()), &[]),
            (Search::Header("X-Nothing".to_owned(), String::new()), &[]),
            (Search::Header("Received".to_owned(), "mx.example.cn".to_owned()), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            (Search::Header("Subject".to_owned(), "ｕｔｆ".to_owned()), &[8]),
            (text("nowhere"), &[]),
            (Search::HasAttachment, &[10, 11]),
            (Search::And(vec![Search::HasAttachment, Search::Body("预算".to_owned())]), &[10]),
            (Search::And(vec![Search::Not(Box::new(Search::HasAttachment)), text("utf-16")]), &[8]),
        ] {
            let shown = format!("{what:?}");
            assert_eq!(world.find(what).await, uids, "{shown}");
        }
        world.verify().await;
    });
}

#[test_each_engine]
fn rows_are_found_by_what_they_are(store: Store) {
    let world = world(&store);
    run(async {
        for (minute, flags) in [(1, &["\\Seen"][..]), (2, &["\\Flagged", "Work"]), (3, &["\\Seen", "\\Flagged", "work", "later"]), (4, &[])]
        {
            let date = if minute == 4 { String::new() } else { format!("Date: Thu, {minute} Feb 2024 00:00:00 +0000\r\n") };
            world
                .put(world.inbox, format!("Subject: {minute}\r\n{date}\r\n{}", "x".repeat(minute * 100)).as_bytes(), flags, minute as i64)
                .await;
        }
        let day = |day: i8| kernel::Date::new(2024, 2, day).unwrap();
        let uids: UidSet = [2..=3, 9..=9].into_iter().collect();
        let not = |what: Search| Search::Not(Box::new(what));
        for (what, uids) in [
            (Search::All, &[1, 2, 3, 4][..]),
            (Search::Flag(FlagBits::SEEN, true), &[1, 3]),
            (Search::Flag(FlagBits::SEEN, false), &[2, 4]),
            (not(Search::Flag(FlagBits::SEEN, true)), &[2, 4]),
            (Search::Keyword("WORK".to_owned(), true), &[2, 3]),
            (Search::Keyword("wor".to_owned(), true), &[]),
            (Search::Keyword("later".to_owned(), false), &[1, 2, 4]),
            (Search::Larger(300), &[3, 4]),
            (Search::Smaller(300), &[1, 2]),
            (Search::ReceivedBefore(at(3)), &[1, 2]),
            (Search::ReceivedSince(at(3)), &[3, 4]),
            (Search::SentBefore(day(2)), &[1]),
            (Search::SentSince(day(2)), &[2, 3]),
            (not(Search::SentSince(day(2))), &[1, 4]),
            (Search::Uid(uids.clone()), &[2, 3]),
            (not(Search::Uid(uids)), &[1, 4]),
            (Search::Uid(UidSet::new()), &[]),
            (Search::And(vec![]), &[1, 2, 3, 4]),
            (Search::Or(vec![]), &[]),
            (Search::Or(vec![Search::Subject("1".to_owned()), Search::Flag(FlagBits::FLAGGED, true)]), &[1, 2, 3]),
            (
                Search::And(vec![
                    Search::Body("xx".to_owned()),
                    not(Search::Or(vec![Search::Body("nothing".to_owned()), Search::Subject("2".to_owned())])),
                ]),
                &[1, 3, 4],
            ),
            (Search::InMailbox(world.inbox), &[1, 2, 3, 4]),
            (Search::InMailbox(world.archive), &[]),
        ] {
            let shown = format!("{what:?}");
            assert_eq!(world.find(what).await, uids, "{shown}");
        }
        let hits = search(&world.store, &world.ctx, world.account, Scope::Mailbox(world.inbox), &Search::All).await.unwrap();
        let since = hits[2].change_number;
        assert_eq!(world.find(Search::ChangedSince(since)).await, [3, 4]);
        assert_eq!(world.find(Search::Message(hits[1].message)).await, [2]);
        assert_eq!(world.find(Search::Thread(hits[1].thread)).await, [2]);
        world.verify().await;
    });
}

#[test_each_engine]
fn an_account_is_searched_in_chunks_over_all_its_mailboxes(store: Store) {
    let world = world(&store);
    run(async {
        let (ctx, account) = (world.ctx.clone(), world.account);
        let message = b"Subject: one of many\r\n\r\nneedle\r\n";
        let blob = Arc::new(world.store.blobs().stage(ctx.org, message.to_vec()).await.unwrap());
        let rendered = Arc::new(mime::render(message));
        let (inbox, archive) = (world.inbox, world.archive);
        // More than one chunk.
        world
            .store
            .write_account(account, move |tx| {
                for minute in 0..1_100 {
                    let message =
                        NewMessage { blob: blob.clone(), prefix: Arc::from(&b""[..]), rendered: rendered.clone(), received_at: at(minute) };
                    let mailbox = if minute % 2 == 0 { inbox } else { archive };
                    messages::append(&ctx, tx, account, &[mailbox], &message, &Flags::NONE).expect("room for it");
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        for what in [Search::All, Search::Body("NEEDLE".to_owned())] {
            let hits = search(&world.store, &world.ctx, world.account, Scope::Account, &what).await.unwrap();
            assert_eq!(hits.len(), 1_100);
            assert!(hits.is_sorted_by_key(|hit| (hit.mailbox, hit.uid)));
            assert_eq!(hits.iter().filter(|hit| hit.mailbox == world.archive).count(), 550);
        }
        world.verify().await;
    });
}

#[test_each_engine]
fn nobody_searches_in_mail_of_others_or_without_bounds(store: Store) {
    let world = world(&store);
    run(async {
        let nobody = world.ctx.clone().acted_by(Actor::Nobody);
        let refused = search(&world.store, &nobody, world.account, Scope::Account, &Search::All).await;
        assert!(matches!(refused, Err(SearchError::Mail(mail::heads::MailError::AccountNotFound))));
        let missing = search(&world.store, &world.ctx, world.account, Scope::Mailbox(MailboxId::from_raw(999)), &Search::All).await;
        assert!(matches!(missing, Err(SearchError::Mail(mail::heads::MailError::MailboxNotFound(_)))));
        let deep = (0..200).fold(Search::All, |inner, _| Search::Not(Box::new(inner)));
        let refused = search(&world.store, &world.ctx, world.account, Scope::Account, &deep).await;
        assert!(matches!(refused, Err(SearchError::TooComplex)));
        let wide = Search::And(vec![Search::All; 5_000]);
        let refused = search(&world.store, &world.ctx, world.account, Scope::Account, &wide).await;
        assert!(matches!(refused, Err(SearchError::TooComplex)));
    });
}
