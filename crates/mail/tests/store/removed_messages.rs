use kernel::{PageRequest, Timestamp};
use mail::changes::{State, message_changes};
use mail::entries::{self, Expunge};
use mail::heads::MailError;
use mail::mailboxes::{self, RemoveMail, Role};
use mail::messages::{Added, find_messages};
use mail::removed_messages::{self, RemovedMessage, Restored};
use mail::{MailboxId, MessageId, UidSet};
use store::{Store, params};
use testkit::test_each_engine;

use crate::world::{Person, World, letter, world};

impl World {
    /// At a moment of the test's choice; answers the message.
    async fn remove_entry_at(&self, person: &Person, entry: &Added, now: Timestamp) -> MessageId {
        let (person, mailbox, uid) = (person.clone(), entry.mailbox, entry.uid);
        let ctx = kernel::Ctx { now, ..person.ctx.clone() };
        let gone = self.store.write_account(person.account, move |tx| {
            let which = Expunge::Exactly([uid..=uid].into_iter().collect());
            entries::expunge(&ctx, tx, person.account, mailbox, &which, 10)
        });
        assert_eq!(gone.await.expect("an expunge").uids, [uid]);
        entry.message
    }

    async fn remove_entry(&self, person: &Person, entry: &Added) -> MessageId {
        self.remove_entry_at(person, entry, person.ctx.now).await
    }

    fn removed(&self, person: &Person) -> Vec<RemovedMessage> {
        let (mut all, mut page) = (Vec::new(), PageRequest::first(2));
        loop {
            let (asked, person) = (page.clone(), person.clone());
            let list = move |tx: &mut store::Tx| removed_messages::list(&person.ctx, tx, person.account, &asked);
            let found = self.store.read_blocking(list).expect("a list");
            all.extend(found.items);
            let Some(next) = found.next else { return all };
            page = PageRequest::new(kernel::Cursor::decode(&next), 2);
        }
    }

    fn removed_ids(&self, person: &Person) -> Vec<MessageId> {
        self.removed(person).into_iter().map(|message| message.id).collect()
    }

    async fn restore(&self, person: &Person, ids: &[MessageId]) -> Restored {
        removed_messages::restore(&self.store, &person.ctx, person.account, ids).await.expect("messages are brought back")
    }

    /// Where a message is, with its flags.
    fn places(&self, person: &Person, message: MessageId) -> Vec<(MailboxId, Vec<String>)> {
        let person = person.clone();
        let find = move |tx: &mut store::Tx| entries::entries_of_messages(&person.ctx, tx, person.account, &[message]);
        let found = self.store.read_blocking(find).expect("entries");
        found.into_iter().map(|entry| (entry.mailbox, entry.flags.imap_names().map(str::to_owned).collect())).collect()
    }
}

#[test_each_engine]
async fn what_was_expunged_is_gone_for_everybody_and_can_be_brought_back_as_it_was(store: Store) {
    let world = world(&store);
    let archive = world.mailbox(&world.li, Role::Archive).id;
    let kept = world.append(&world.li, archive, &letter(1), &[]).await;
    let reply = letter(2).reply_to(&letter(1)).sized(4000);
    let entry = world.append(&world.li, archive, &reply, &["\\Seen", "\\Deleted", "Work"]).await;
    assert_eq!(entry.thread, kept.thread);
    let before = world.head(&world.li);

    let old = world.remove_entry(&world.li, &entry).await;
    let head = world.head(&world.li);
    assert_eq!((head.message_count, head.used_bytes), (1, before.used_bytes - 4000));
    let (person, since) = (world.li.clone(), State::of(before.change_number));
    let (found, changes) = store
        .read_blocking(move |tx| {
            let found = find_messages(&person.ctx, tx, person.account, &[old])?;
            Ok::<_, mail::changes::ChangesError>((found, message_changes(&person.ctx, tx, person.account, since, Some(10))?))
        })
        .expect("a look");
    assert!(found.is_empty(), "no protocol finds it");
    assert_eq!((changes.created, changes.destroyed), (vec![], vec![old]));
    let [shown] = &world.removed(&world.li)[..] else { panic!("one message") };
    assert_eq!((shown.id, shown.mailbox, shown.size_bytes), (old, Some(archive), 4000));
    assert_eq!((shown.removed_at, shown.received_at), (world.li.ctx.now, reply.received_at));
    assert_eq!(shown.summary.subject, "Letter 1");

    let restored = world.restore(&world.li, &[old, MessageId::from_raw(999)]).await;
    let [(was, new)] = restored.restored[..] else { panic!("{restored:?}") };
    assert_eq!((was, restored.not_found, restored.without_room), (old, vec![MessageId::from_raw(999)], vec![]));
    assert_ne!(new, old, "clients were told that the old one is gone for ever");
    assert_eq!(world.places(&world.li, new), [(archive, vec!["\\Seen".to_owned(), "Work".to_owned()])]);
    let person = world.li.clone();
    let found = store.read_blocking(move |tx| find_messages(&person.ctx, tx, person.account, &[new])).expect("a look");
    assert_eq!((found[0].size_bytes, found[0].received_at, found[0].thread), (4000, reply.received_at, kept.thread));
    let octets = mail::messages::read(&store, world.ctx.org, &found[0].blob_id, &found[0].prefix).await.expect("its octets");
    assert_eq!(octets.len(), 4000);
    assert_eq!(world.head(&world.li).used_bytes, before.used_bytes);
    assert!(world.removed(&world.li).is_empty());
    world.verify().await;
}

#[test_each_engine]
async fn what_is_in_another_mailbox_is_not_removed(store: Store) {
    let world = world(&store);
    let (inbox, archive) = (world.mailbox(&world.li, Role::Inbox).id, world.mailbox(&world.li, Role::Archive).id);
    let entry = world.append(&world.li, inbox, &letter(1), &[]).await;
    let person = world.li.clone();
    let copy = move |tx: &mut store::Tx| entries::copy(&person.ctx, tx, person.account, inbox, &UidSet::all(), archive, 10);
    store.write_account(world.li.account, copy).await.expect("a copy");
    world.remove_entry(&world.li, &entry).await;
    assert!(world.removed(&world.li).is_empty());
    // A move onto a message that is there already makes a second one, and the first has not been removed by anybody.
    let again = world.append(&world.li, inbox, &letter(2), &[]).await;
    for limit in [10, 20] {
        let person = world.li.clone();
        let work = move |tx: &mut store::Tx| {
            entries::copy(&person.ctx, tx, person.account, inbox, &UidSet::all(), archive, limit)?;
            Ok::<_, entries::EntryError>(())
        };
        store.write_account(world.li.account, work).await.expect("a copy");
    }
    let person = world.li.clone();
    let moved = move |tx: &mut store::Tx| entries::move_to(&person.ctx, tx, person.account, inbox, &UidSet::all(), archive, 10);
    store.write_account(world.li.account, moved).await.expect("a move");
    assert_ne!(world.places(&world.li, again.message), []);
    assert!(world.removed(&world.li).is_empty());
}

#[test_each_engine]
async fn from_the_trash_and_from_a_mailbox_that_is_gone_it_comes_back_to_inbox(store: Store) {
    let world = world(&store);
    let (inbox, trash) = (world.mailbox(&world.li, Role::Inbox).id, world.mailbox(&world.li, Role::Trash).id);
    let thrown = world.append(&world.li, trash, &letter(1), &["\\Seen"]).await;
    let thrown = world.remove_entry(&world.li, &thrown).await;
    let person = world.li.clone();
    let create = move |tx: &mut store::Tx| {
        let new = mailboxes::NewMailbox { parent: None, name: "项目".into(), role: None, subscribed: true, sort_order: 0 };
        mailboxes::create(&person.ctx, tx, person.account, &new)
    };
    let project = store.write_account(world.li.account, create).await.expect("a mailbox");
    let dropped = world.append(&world.li, project, &letter(2), &[]).await.message;
    let person = world.li.clone();
    let remove = move |tx: &mut store::Tx| mailboxes::remove(&person.ctx, tx, person.account, project, RemoveMail::Expunge);
    store.write_account(world.li.account, remove).await.expect("a removal");
    assert_eq!(world.removed(&world.li).iter().find(|message| message.id == dropped).expect("listed").mailbox, None);

    let restored = world.restore(&world.li, &[thrown, dropped]).await;
    assert_eq!(restored.restored.len(), 2);
    for (_, new) in restored.restored {
        assert_eq!(world.places(&world.li, new)[0].0, inbox);
    }
}

#[test_each_engine]
async fn a_draft_that_its_next_version_replaces_is_not_kept_and_one_that_was_thrown_away_is(store: Store) {
    let world = world(&store);
    let (drafts, trash) = (world.mailbox(&world.li, Role::Drafts).id, world.mailbox(&world.li, Role::Trash).id);
    let version = world.append(&world.li, drafts, &letter(1), &["\\Draft", "\\Seen"]).await;
    world.remove_entry(&world.li, &version).await;
    let sent_by_mistake = world.append(&world.li, drafts, &letter(2), &["\\Seen"]).await;
    let sent_by_mistake = world.remove_entry(&world.li, &sent_by_mistake).await;
    let thrown = world.append(&world.li, trash, &letter(3), &["\\Draft", "\\Seen"]).await;
    let thrown = world.remove_entry(&world.li, &thrown).await;
    let mut kept = world.removed_ids(&world.li);
    kept.sort();
    assert_eq!(kept, [sent_by_mistake, thrown]);
}

#[test_each_engine]
async fn without_room_it_stays_recoverable(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let first = world.append(&world.li, inbox, &letter(1).sized(3000), &[]).await;
    let second = world.append(&world.li, inbox, &letter(2).sized(3000), &[]).await;
    let ids = [world.remove_entry(&world.li, &first).await, world.remove_entry(&world.li, &second).await];
    world.set_quota(&world.li, Some(5000));
    let restored = world.restore(&world.li, &ids).await;
    assert_eq!((restored.restored.len(), restored.without_room), (1, vec![ids[1]]));
    assert_eq!(world.removed_ids(&world.li), [ids[1]]);
}

#[test_each_engine]
async fn whoever_asks_at_once_gets_it_once(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let entry = world.append(&world.li, inbox, &letter(1), &[]).await;
    let old = world.remove_entry(&world.li, &entry).await;
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.restore(&world.li, &[old]).await })
        })
        .collect();
    let mut restored = 0;
    for asked in asked {
        restored += asked.await.expect("an answer").restored.len();
    }
    assert_eq!((restored, world.mailbox_of(&world.li, inbox).total), (1, 1));
}

#[test_each_engine]
async fn it_is_nobody_elses(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let entry = world.append(&world.li, inbox, &letter(1), &[]).await;
    let old = world.remove_entry(&world.li, &entry).await;
    let (other, account) = (world.wang.ctx.clone(), world.li.account);
    let restored = removed_messages::restore(&store, &other, account, &[old]).await;
    assert!(matches!(restored, Err(removed_messages::RestoreError::Mail(MailError::AccountNotFound))));
    let seen = store.read_blocking(move |tx| removed_messages::list(&other, tx, account, &PageRequest::first(10)));
    assert!(matches!(seen, Err(MailError::AccountNotFound)));
    assert_eq!(world.restore(&world.wang, &[old]).await.not_found, [old]);
}

#[test_each_engine]
async fn what_is_past_its_time_goes_for_good_and_so_does_what_its_owner_wants_gone(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let mut ids = Vec::new();
    for (entry, day) in world.fill(&world.li, inbox, 4).await.iter().zip(0..) {
        ids.push(world.remove_entry_at(&world.li, entry, testkit::TEST_NOW.plus_secs(day * 86_400)).await);
    }
    assert_eq!(world.removed_ids(&world.li), [ids[3], ids[2], ids[1], ids[0]], "the last first");
    assert_eq!(removed_messages::sweep(&store, testkit::TEST_NOW.plus_secs(2 * 86_400), store::Tempo::FULL).await.expect("a sweep"), 2);
    assert_eq!(world.removed_ids(&world.li), [ids[3], ids[2]]);
    let (person, unwanted) = (world.li.clone(), [ids[0], ids[3]]);
    let forget = move |tx: &mut store::Tx| removed_messages::forget(&person.ctx, tx, person.account, &unwanted);
    assert_eq!(store.write_account(world.li.account, forget).await.expect("forgotten"), [ids[3]]);
    assert_eq!(world.restore(&world.li, &ids).await.not_found, [ids[0], ids[1], ids[3]]);
    let account = world.li.account;
    let rows = move |tx: &mut store::Tx| {
        tx.query_one("SELECT COUNT(*) FROM message WHERE account_id = $1", params![account], |row| row.get::<i64>(0))
    };
    assert_eq!(store.read_blocking(rows).expect("a count"), 1, "the one that was brought back");
}

#[test_each_engine]
async fn all_of_a_time_is_brought_back_and_nothing_else(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let entries = world.fill(&world.li, inbox, 50).await;
    for (number, entry) in entries.iter().enumerate() {
        // Five in each hour.
        world.remove_entry_at(&world.li, entry, testkit::TEST_NOW.plus_secs(number as i64 / 5 * 3600)).await;
    }
    let (from, until) = (testkit::TEST_NOW.plus_secs(3600), testkit::TEST_NOW.plus_secs(9 * 3600));
    let (mut restored, mut progress) = (Vec::new(), removed_messages::Progress::from(from));
    while let Some((some, further)) =
        removed_messages::restore_more(&store, &world.ctx, world.li.account, progress, until).await.expect("brought back")
    {
        restored.push(some.restored.len());
        progress = further;
    }
    assert_eq!(restored, [20, 20]);
    assert_eq!(world.mailbox_of(&world.li, inbox).total, 40);
    assert_eq!(world.removed(&world.li).len(), 10);
}

#[test_each_engine]
async fn who_adds_and_removes_again_and_again_does_not_fill_the_disk(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.set_quota(&world.li, Some(64 << 20));
    let mut ids = Vec::new();
    for number in 0..4 {
        let entry = world.append(&world.li, inbox, &letter(number).sized(20 << 20), &[]).await;
        ids.push(world.remove_entry(&world.li, &entry).await);
    }
    let mut kept = world.removed_ids(&world.li);
    kept.sort();
    assert_eq!(kept, ids[1..], "the oldest had to go");
}
