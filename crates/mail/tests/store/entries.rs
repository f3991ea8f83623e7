use kernel::Ctx;
use mail::entries::{self, EntryError, EntryRow, Expunge, FlagChange, FlagsChanged};
use mail::heads::MailError;
use mail::mailboxes::Role;
use mail::messages::{self, AppendError};
use mail::{FlagBits, Flags, MailboxId, MessageId, UidSet};
use store::Store;
use testkit::test_each_engine;

use crate::world::{Person, World, letter, world};

pub fn uids(text: &str) -> UidSet {
    text.split(',')
        .map(|range| match range.split_once(':') {
            Some((first, last)) => first.parse().unwrap()..=last.parse().unwrap(),
            None => range.parse().unwrap()..=range.parse().unwrap(),
        })
        .collect()
}

pub fn flags(names: &[&str]) -> Flags {
    Flags::from_imap_names(names.iter().copied()).unwrap()
}

impl World {
    pub fn entries(&self, person: &Person, mailbox: MailboxId) -> Vec<EntryRow> {
        let person = person.clone();
        let rows = self.store.read_blocking(move |tx| {
            let mut rows = Vec::new();
            entries::for_each_entry(&person.ctx, tx, person.account, mailbox, 1..=u32::MAX, None, None, |row| rows.push(row))?;
            Ok::<_, MailError>(rows)
        });
        rows.unwrap()
    }

    pub fn store_flags(
        &self,
        person: &Person,
        mailbox: MailboxId,
        set: &str,
        how: FlagChange,
        names: &[&str],
        unchanged_since: Option<i64>,
    ) -> Result<FlagsChanged, EntryError> {
        let (person, set, flags) = (person.clone(), uids(set), flags(names));
        self.store.write_account_blocking(person.account, move |tx| {
            entries::change_flags(&person.ctx, tx, person.account, mailbox, &set, how, &flags, unchanged_since, 1000)
        })
    }

    pub fn expunge(&self, person: &Person, mailbox: MailboxId, which: Expunge) -> entries::Expunged {
        let person = person.clone();
        let done = self
            .store
            .write_account_blocking(person.account, move |tx| entries::expunge(&person.ctx, tx, person.account, mailbox, &which, 1000));
        done.unwrap()
    }
}

#[test_each_engine]
async fn a_copy_and_a_moved_message_are_saved_when_that_was_done(store: Store) {
    let world = world(&store);
    let (inbox, archive) = (world.mailbox(&world.li, Role::Inbox).id, world.mailbox(&world.li, Role::Archive).id);
    let now = world.li.ctx.now;
    let old = letter(1).at(now.plus_secs(-86_400));
    world.append(&world.li, inbox, &old, &[]).await;
    world.append(&world.li, inbox, &letter(2).at(now), &[]).await;
    let later = |secs: i64| Ctx { now: now.plus_secs(secs), ..world.li.ctx.clone() };
    let (account, copied_at, moved_at) = (world.li.account, later(60), later(3600));
    let put = move |tx: &mut store::Tx| {
        entries::copy(&copied_at, tx, account, inbox, &uids("1"), archive, 10)?;
        // The message is there already, so that it becomes a second one.
        entries::move_to(&moved_at, tx, account, inbox, &uids("1:2"), archive, 10)
    };
    world.store.write_account_blocking(account, put).unwrap();
    let times: Vec<_> = world.entries(&world.li, archive).iter().map(|row| (row.received_at, row.saved_at)).collect();
    let (yesterday, in_an_hour) = (now.plus_secs(-86_400), now.plus_secs(3600));
    assert_eq!(times, [(yesterday, now.plus_secs(60)), (now, in_an_hour), (yesterday, in_an_hour)]);
    world.verify().await;
}

fn uids_of(rows: &[EntryRow]) -> Vec<u32> {
    rows.iter().map(|row| row.uid).collect()
}

#[test_each_engine]
async fn an_appended_message_reads_back_as_it_was_sent(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let sent = letter(1).sized(5000);
    let mut message = sent.stage(&world).await;
    message.prefix = b"Return-Path: <a@example.test>\r\n".to_vec().into();
    let (li, new) = (world.li.clone(), message.clone());
    let archive = world.mailbox(&world.li, Role::Archive).id;
    let added = world
        .store
        .write_account_blocking(li.account, move |tx| {
            messages::append(&li.ctx, tx, li.account, &[inbox, archive, inbox], &new, &flags(&["\\Seen", "work"]))
        })
        .unwrap();
    assert_eq!(added.len(), 2, "the same mailbox twice is once");
    let id = added[0].message;
    let li = world.li.clone();
    let stored =
        world.store.read_blocking(move |tx| messages::find_messages(&li.ctx, tx, li.account, &[id, MessageId::from_raw(99)])).unwrap();
    assert_eq!(stored.len(), 1);
    let whole = messages::read(&world.store, world.ctx.org, &stored[0].blob_id, &stored[0].prefix).await.unwrap();
    assert!(whole.starts_with(b"Return-Path: <a@example.test>\r\nSubject: Letter 1\r\n"));
    assert_eq!(whole.len() as u64, stored[0].size_bytes);
    assert_eq!(stored[0].summary.subject, "Letter 1");
    let head = world.head(&world.li);
    assert_eq!((head.message_count, head.used_bytes), (1, stored[0].size_bytes), "a message in two mailboxes counts once");
    let rows = world.entries(&world.li, inbox);
    assert_eq!(rows[0].flags, flags(&["\\Seen", "work"]));
    let li = world.li.clone();
    let held = world.store.read_blocking(move |tx| entries::entries_of_messages(&li.ctx, tx, li.account, &[id])).unwrap();
    assert_eq!(held.iter().map(|entry| entry.mailbox).collect::<Vec<_>>(), [inbox, archive]);
    world.verify().await;
}

#[test_each_engine]
async fn what_cannot_be_appended_leaves_nothing(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let nowhere = world.try_append(&world.li, MailboxId::from_raw(999), &letter(1), &[]).await;
    assert!(matches!(nowhere, Err(AppendError::Mail(MailError::MailboxNotFound(_)))));
    let message = letter(1).stage(&world).await;
    let li = world.li.clone();
    let new = message.clone();
    let none = world.store.write_account_blocking(li.account, move |tx| messages::append(&li.ctx, tx, li.account, &[], &new, &Flags::NONE));
    assert!(matches!(none, Err(AppendError::NoMailbox)));
    let (li, mut long) = (world.li.clone(), message.clone());
    long.prefix = vec![b'x'; messages::MAX_PREFIX_BYTES + 1].into();
    let long =
        world.store.write_account_blocking(li.account, move |tx| messages::append(&li.ctx, tx, li.account, &[inbox], &long, &Flags::NONE));
    assert!(matches!(long, Err(AppendError::PrefixTooLong)));
    let (wang, li) = (world.wang.clone(), world.li.account);
    let foreign = world.store.write_account_blocking(li, move |tx| messages::append(&wang.ctx, tx, li, &[inbox], &message, &Flags::NONE));
    assert!(matches!(foreign, Err(AppendError::Mail(MailError::AccountNotFound))));
    world.set_quota(&world.li, Some(1500));
    world.append(&world.li, inbox, &letter(2), &[]).await;
    let full = world.try_append(&world.li, inbox, &letter(3), &[]).await;
    assert!(matches!(full, Err(AppendError::OverQuota { used_bytes: 1000, quota_bytes: 1500 })));
    world.append(&world.li, inbox, &letter(3).sized(500), &[]).await;
    world.set_quota(&world.li, None);
    world.append(&world.li, inbox, &letter(4), &[]).await;
    assert_eq!(world.head(&world.li).message_count, 3);
    world.verify().await;
}

#[test_each_engine]
async fn flags_are_added_removed_and_replaced(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 20).await;
    let before = world.head(&world.li).change_number;
    let done = world.store_flags(&world.li, inbox, "3:12,15,19,400:500", FlagChange::Add, &["\\Seen", "Work"], None).unwrap();
    assert_eq!(uids_of(&done.changed), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 19]);
    assert_eq!((done.change_number, done.next), (before + 1, None));
    assert!(done.changed.iter().all(|row| row.flags == flags(&["\\Seen", "Work"]) && row.change_number == before + 1));
    let mailbox = world.mailbox_of(&world.li, inbox);
    assert_eq!((mailbox.unseen, mailbox.unread, mailbox.unread_threads, mailbox.change_number), (8, 8, 8, before + 1));

    let again = world.store_flags(&world.li, inbox, "2:4", FlagChange::Add, &["\\Seen", "WORK"], None).unwrap();
    assert_eq!((uids_of(&again.changed), uids_of(&again.unchanged)), (vec![2], vec![3, 4]));
    let nothing = world.store_flags(&world.li, inbox, "3", FlagChange::Add, &["\\Seen"], None).unwrap();
    assert_eq!((nothing.changed.len(), nothing.change_number), (0, again.change_number), "what changes nothing takes no number");

    let replaced = world.store_flags(&world.li, inbox, "1:4", FlagChange::Replace, &["\\Flagged", "work"], None).unwrap();
    assert_eq!(uids_of(&replaced.changed), [1, 2, 3, 4]);
    assert_eq!(world.entries(&world.li, inbox)[2].flags, flags(&["\\Flagged", "Work"]), "the first spelling is kept");
    let removed = world.store_flags(&world.li, inbox, "1:20", FlagChange::Remove, &["WORK", "\\Seen", "\\Flagged"], None).unwrap();
    assert_eq!(removed.changed.len(), 14);
    assert!(world.entries(&world.li, inbox).iter().all(|row| row.flags.is_empty()));
    assert_eq!(world.mailbox_of(&world.li, inbox).unseen, 20);
    world.verify().await;
}

#[test_each_engine]
async fn what_changed_meanwhile_is_left_alone_and_told(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 5).await;
    let since = world.head(&world.li).change_number;
    world.store_flags(&world.li, inbox, "2,4", FlagChange::Add, &["\\Answered"], None).unwrap();
    let done = world.store_flags(&world.li, inbox, "1:5", FlagChange::Add, &["\\Seen"], Some(since)).unwrap();
    assert_eq!((uids_of(&done.changed), done.conflicting), (vec![1, 3, 5], vec![2, 4]));
    let too_many: Vec<String> = (0..100).map(|number| format!("k{number}")).collect();
    let names: Vec<&str> = too_many.iter().map(String::as_str).collect();
    world.store_flags(&world.li, inbox, "1", FlagChange::Add, &names, None).unwrap();
    let refused = world.store_flags(&world.li, inbox, "1:2", FlagChange::Add, &["one-more"], None);
    assert!(matches!(refused, Err(EntryError::Flag(mail::FlagError::TooMany))));
    let missing = world.store_flags(&world.li, MailboxId::from_raw(12345), "1", FlagChange::Add, &["\\Seen"], None);
    assert!(matches!(missing, Err(EntryError::Mail(MailError::MailboxNotFound(_)))));
    world.verify().await;
}

#[test_each_engine]
async fn a_copy_keeps_the_message_and_a_second_one_in_the_same_mailbox_makes_another(store: Store) {
    let world = world(&store);
    let (inbox, archive) = (world.mailbox(&world.li, Role::Inbox).id, world.mailbox(&world.li, Role::Archive).id);
    world.fill(&world.li, inbox, 12).await;
    world.store_flags(&world.li, inbox, "2", FlagChange::Add, &["\\Flagged", "x"], None).unwrap();
    let li = &world.li;
    let copied = entries::copy_all(&world.store, &li.ctx, li.account, inbox, &uids("2,5:12,77"), archive).await.unwrap();
    assert_eq!(copied.pairs, [(2, 1), (5, 2), (6, 3), (7, 4), (8, 5), (9, 6), (10, 7), (11, 8), (12, 9)]);
    let (from, to) = (world.entries(li, inbox), world.entries(li, archive));
    assert_eq!((to[0].message, &to[0].flags), (from[1].message, &flags(&["\\Flagged", "x"])));
    assert_eq!((world.head(li).message_count, world.head(li).used_bytes), (12, 12_000));

    let again = entries::copy_all(&world.store, &li.ctx, li.account, inbox, &uids("1:2"), archive).await.unwrap();
    assert_eq!(again.pairs, [(1, 10), (2, 11)]);
    let to = world.entries(li, archive);
    assert_eq!(to[9].message, from[0].message);
    assert_ne!(to[10].message, from[1].message);
    assert_eq!(to[10].thread, from[1].thread);
    assert_eq!((world.head(li).message_count, world.head(li).used_bytes), (13, 13_000), "a message of its own takes room");

    world.set_quota(li, Some(13_500));
    let full = entries::copy_all(&world.store, &li.ctx, li.account, inbox, &uids("1:3"), archive).await;
    assert!(matches!(full, Err(EntryError::OverQuota { .. })));
    assert_eq!(world.entries(li, archive).len(), 11, "all or nothing");
    world.set_quota(li, None);
    let itself = entries::copy_all(&world.store, &li.ctx, li.account, archive, &uids("1:*".replace('*', "4294967295").as_str()), archive)
        .await
        .unwrap();
    assert_eq!(itself.pairs.len(), 11, "a copy into itself meets what was there and not what it makes");
    world.verify().await;
}

#[test_each_engine]
async fn a_move_keeps_the_message_and_leaves_a_tombstone(store: Store) {
    let world = world(&store);
    let (inbox, trash) = (world.mailbox(&world.li, Role::Inbox).id, world.mailbox(&world.li, Role::Trash).id);
    world.fill(&world.li, inbox, 10).await;
    let li = &world.li;
    let messages: Vec<MessageId> = world.entries(li, inbox).iter().map(|row| row.message).collect();
    let since = world.head(li).change_number;
    let moved = entries::move_all(&world.store, &li.ctx, li.account, inbox, &uids("2:4,9"), trash).await.unwrap();
    assert_eq!(moved.pairs, [(2, 1), (3, 2), (4, 3), (9, 4)]);
    assert_eq!(moved.change_number, since + 1, "gone here and come there under one number");
    assert_eq!(
        world.entries(li, trash).iter().map(|row| row.message).collect::<Vec<_>>(),
        [messages[1], messages[2], messages[3], messages[8]]
    );
    let asking = li.clone();
    let seen = world.store.read_blocking(move |tx| entries::entries_since(&asking.ctx, tx, asking.account, inbox, since)).unwrap();
    assert_eq!((seen.expunged, seen.changed.len(), seen.change_number), (vec![2, 3, 4, 9], 0, since + 1));

    // One that is in the target already.
    entries::copy_all(&world.store, &li.ctx, li.account, inbox, &uids("1"), trash).await.unwrap();
    entries::move_all(&world.store, &li.ctx, li.account, inbox, &uids("1"), trash).await.unwrap();
    let inside = world.entries(li, trash);
    assert_eq!(inside.len(), 6);
    assert_ne!(inside[4].message, inside[5].message);
    let itself = entries::move_all(&world.store, &li.ctx, li.account, trash, &uids("1:6"), trash).await.unwrap();
    assert_eq!(itself.pairs, [(1, 7), (2, 8), (3, 9), (4, 10), (5, 11), (6, 12)]);
    assert_eq!(world.head(li).message_count, 11);
    world.verify().await;
}

#[test_each_engine]
async fn an_expunge_takes_what_is_deleted_and_the_message_goes_with_its_last_entry(store: Store) {
    let world = world(&store);
    let (inbox, archive) = (world.mailbox(&world.li, Role::Inbox).id, world.mailbox(&world.li, Role::Archive).id);
    let li = &world.li;
    world.fill(li, inbox, 10).await;
    entries::copy_all(&world.store, &li.ctx, li.account, inbox, &uids("1:2"), archive).await.unwrap();
    world.store_flags(li, inbox, "1:4,7", FlagChange::Add, &["\\Deleted"], None).unwrap();
    let among = world.expunge(li, inbox, Expunge::DeletedAmong(uids("3:9")));
    assert_eq!(among.uids, [3, 4, 7]);
    let rest = world.expunge(li, inbox, Expunge::Deleted);
    assert_eq!(rest.uids, [1, 2]);
    assert_eq!(world.head(li).message_count, 7, "two of them are in the archive, too");
    let nothing = world.expunge(li, inbox, Expunge::Deleted);
    assert_eq!((nothing.uids.len(), nothing.change_number), (0, rest.change_number));
    assert_eq!(world.expunge(li, inbox, Expunge::Exactly(uids("5,6,400"))).uids, [5, 6]);
    let mailbox = world.mailbox_of(li, inbox);
    assert_eq!((mailbox.total, mailbox.uid_next, mailbox.total_threads, mailbox.size_bytes), (3, 11, 3, 3000));
    let added = world.append(li, inbox, &letter(50), &[]).await;
    assert_eq!(added.uid, 11, "uids only grow");
    entries::expunge_all(&world.store, &li.ctx, li.account, inbox, &Expunge::All).await.unwrap();
    assert_eq!((world.mailbox_of(li, inbox).total, world.head(li).message_count, world.head(li).used_bytes), (0, 2, 2000));
    world.verify().await;
}

#[test_each_engine]
async fn work_on_many_goes_in_chunks_and_says_where_to_go_on(store: Store) {
    let world = world(&store);
    let (inbox, archive) = (world.mailbox(&world.li, Role::Inbox).id, world.mailbox(&world.li, Role::Archive).id);
    world.fill(&world.li, inbox, 30).await;
    let li = world.li.clone();
    let chunk = |set: UidSet| {
        let li = li.clone();
        let seen = Flags::of_bits(FlagBits::SEEN);
        world.store.write_account_blocking(li.account, move |tx| {
            entries::change_flags(&li.ctx, tx, li.account, inbox, &set, FlagChange::Add, &seen, None, 7)
        })
    };
    let mut set = uids("1:3,5,7,9,11,13,15:28,100");
    let (mut changed, mut chunks) = (Vec::new(), 0);
    loop {
        let done = chunk(set.clone()).unwrap();
        assert!(done.changed.len() <= 7);
        changed.extend(uids_of(&done.changed));
        chunks += 1;
        match done.next {
            Some(next) => set = set.starting_at(next),
            None => break,
        }
    }
    assert_eq!(changed, [1, 2, 3, 5, 7, 9, 11, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28]);
    assert!(chunks >= 4);
    let mut told = 0;
    let all = UidSet::all();
    let flagged = Flags::of_bits(FlagBits::FLAGGED);
    entries::change_flags_all(&world.store, &li.ctx, li.account, inbox, &all, FlagChange::Add, &flagged, None, |done| {
        told += done.changed.len()
    })
    .await
    .unwrap();
    assert_eq!(told, 30);
    let moved = entries::move_all(&world.store, &li.ctx, li.account, inbox, &all, archive).await.unwrap();
    assert_eq!(moved.pairs.len(), 30);
    let gone = entries::expunge_all(&world.store, &li.ctx, li.account, archive, &Expunge::All).await.unwrap();
    assert_eq!(gone.uids.len(), 30);
    world.verify().await;
}

#[test_each_engine]
async fn a_message_is_put_into_mailboxes_and_marked_as_a_whole(store: Store) {
    let world = world(&store);
    let [inbox, archive, trash] = [Role::Inbox, Role::Archive, Role::Trash].map(|role| world.mailbox(&world.li, role).id);
    let li = world.li.clone();
    let first = world.append(&li, inbox, &letter(1), &["\\Flagged", "\\Deleted"]).await.message;
    let second = world.append(&li, inbox, &letter(2), &["\\Seen"]).await.message;
    let put = |message: MessageId, mailboxes: Vec<MailboxId>| {
        let li = li.clone();
        world.store.write_account_blocking(li.account, move |tx| entries::set_mailboxes(&li.ctx, tx, li.account, message, &mailboxes))
    };
    put(first, vec![archive, trash, archive]).unwrap();
    assert_eq!(uids_of(&world.entries(&li, inbox)), [2]);
    assert_eq!(world.entries(&li, archive)[0].flags, flags(&["\\Flagged"]));
    assert!(matches!(put(first, vec![]), Err(EntryError::NoMailbox)));
    assert!(matches!(put(first, vec![MailboxId::from_raw(777)]), Err(EntryError::Mail(MailError::MailboxNotFound(_)))));
    assert!(matches!(put(MessageId::from_raw(777), vec![inbox]), Err(EntryError::Mail(MailError::MessageNotFound(_)))));

    world.store_flags(&li, archive, "1", FlagChange::Add, &["\\Deleted"], None).unwrap();
    let marking = li.clone();
    let unknown = MessageId::from_raw(777);
    let marked = world.store.write_account_blocking(li.account, move |tx| {
        let keywords = Flags::from_keywords(["$seen", "plan"]).unwrap();
        entries::change_keywords(&marking.ctx, tx, marking.account, &[first, unknown, second], FlagChange::Replace, &keywords)
    });
    assert_eq!(marked.unwrap(), [first, second]);
    assert_eq!(world.entries(&li, archive)[0].flags, flags(&["\\Seen", "\\Deleted", "plan"]));
    assert_eq!(world.entries(&li, trash)[0].flags, flags(&["\\Seen", "plan"]));
    let removing = li.clone();
    let gone = world
        .store
        .write_account_blocking(li.account, move |tx| entries::destroy(&removing.ctx, tx, removing.account, &[first, unknown]))
        .unwrap();
    assert_eq!((gone.destroyed, gone.not_found), (vec![first], vec![unknown]));
    assert_eq!(world.head(&li).message_count, 1);
    world.verify().await;
}

#[test_each_engine]
async fn envelopes_of_many_come_in_one_go(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 6).await;
    let since = world.head(&world.li).change_number;
    world.store_flags(&world.li, inbox, "3,5", FlagChange::Add, &["\\Seen"], None).unwrap();
    let list = |changed_since: Option<i64>, limit: Option<u64>| {
        let li = world.li.clone();
        let mut shown = Vec::new();
        world
            .store
            .read_blocking(move |tx| {
                entries::for_each_rendered(&li.ctx, tx, li.account, inbox, 2..=6, changed_since, limit, |row| {
                    shown.push((row.entry.uid, String::from_utf8(row.envelope.to_vec()).unwrap()));
                })?;
                Ok::<_, MailError>(std::mem::take(&mut shown))
            })
            .unwrap()
    };
    let envelope = |number: usize| String::from_utf8(letter(number).envelope()).unwrap();
    assert_eq!(list(None, Some(2)), [(2, envelope(2)), (3, envelope(3))]);
    assert_eq!(list(Some(since), None).iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), [3, 5]);
    let wang = world.wang.clone();
    let foreign = world.li.account;
    let refused = world.store.read_blocking(move |tx| entries::entries_since(&wang.ctx, tx, foreign, inbox, 0));
    assert!(matches!(refused, Err(MailError::AccountNotFound)));
}
