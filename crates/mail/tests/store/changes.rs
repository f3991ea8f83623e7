use std::collections::{BTreeMap, BTreeSet};

use mail::changes::{self, Changes, ChangesError, State};
use mail::entries::{self, Expunge, FlagChange};
use mail::heads::MailError;
use mail::mailboxes::{self, MailboxPatch, NewMailbox, RemoveMail, Role};
use mail::{MailboxId, MessageId, ThreadId};
use store::{Store, Tempo};
use testkit::{TEST_NOW, test_each_engine};

use crate::entries::uids;
use crate::world::{Person, World, letter, world};

impl World {
    fn state(&self, person: &Person) -> State {
        State::of(self.head(person).change_number)
    }

    fn message_changes(&self, person: &Person, since: State, max: Option<usize>) -> Changes<MessageId> {
        let person = person.clone();
        self.store.read_blocking(move |tx| changes::message_changes(&person.ctx, tx, person.account, since, max)).unwrap()
    }

    fn thread_changes(&self, person: &Person, since: State, max: Option<usize>) -> Changes<ThreadId> {
        let person = person.clone();
        self.store.read_blocking(move |tx| changes::thread_changes(&person.ctx, tx, person.account, since, max)).unwrap()
    }

    fn mailbox_changes(&self, person: &Person, since: State, max: Option<usize>) -> Changes<MailboxId> {
        let person = person.clone();
        self.store.read_blocking(move |tx| changes::mailbox_changes(&person.ctx, tx, person.account, since, max)).unwrap()
    }
}

#[test_each_engine]
async fn what_came_changed_and_went_is_told_once_each(store: Store) {
    let world = world(&store);
    let [inbox, archive] = [Role::Inbox, Role::Archive].map(|role| world.mailbox(&world.li, role).id);
    let li = &world.li;
    let old = world.fill(li, inbox, 4).await;
    let since = world.state(li);
    let new = world.append(li, inbox, &letter(10), &[]).await;
    let short_lived = world.append(li, inbox, &letter(11), &[]).await;
    world.store_flags(li, inbox, &format!("1,{}", new.uid), FlagChange::Add, &["\\Seen"], None).unwrap();
    entries::move_all(&world.store, &li.ctx, li.account, inbox, &uids("2"), archive).await.unwrap();
    world.expunge(li, inbox, Expunge::Exactly(uids(&format!("3,{}", short_lived.uid))));
    let told = world.message_changes(li, since, None);
    assert_eq!((told.created, told.destroyed, told.has_more), (vec![new.message], vec![old[2].message], false));
    assert_eq!(told.updated, [old[0].message, old[1].message]);
    assert_eq!(told.new_state, world.state(li));

    let threads = world.thread_changes(li, since, None);
    assert_eq!((threads.created, threads.updated, threads.destroyed), (vec![new.thread], vec![], vec![old[2].thread]));
    let nothing = world.message_changes(li, told.new_state, None);
    assert_eq!((nothing.created.len(), nothing.updated.len(), nothing.destroyed.len()), (0, 0, 0));
    world.verify().await;
}

#[test_each_engine]
async fn a_thread_changes_when_its_messages_come_and_go_and_not_with_their_flags(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let li = &world.li;
    let question = letter(1);
    let first = world.append(li, inbox, &question, &[]).await;
    let since = world.state(li);
    world.store_flags(li, inbox, "1", FlagChange::Add, &["\\Seen"], None).unwrap();
    assert_eq!(world.thread_changes(li, since, None).updated, []);
    world.append(li, inbox, &letter(2).reply_to(&question), &[]).await;
    assert_eq!(world.thread_changes(li, since, None).updated, [first.thread]);
    let since = world.state(li);
    world.expunge(li, inbox, Expunge::Exactly(uids("1")));
    assert_eq!(world.thread_changes(li, since, None).updated, [first.thread]);
    world.expunge(li, inbox, Expunge::Exactly(uids("2")));
    let told = world.thread_changes(li, since, None);
    assert_eq!((told.updated, told.destroyed), (vec![], vec![first.thread]));
}

#[test_each_engine]
async fn long_answers_come_in_parts_that_skip_nothing(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let li = &world.li;
    let old = world.fill(li, inbox, 30).await;
    let since = world.state(li);
    let mut known: BTreeMap<MessageId, &str> = old.iter().map(|added| (added.message, "old")).collect();
    // Thirty rows under one number: the answer has to stop in the middle of it.
    world.store_flags(li, inbox, "1:30", FlagChange::Add, &["\\Seen"], None).unwrap();
    let created = world.append(li, inbox, &letter(40), &[]).await;
    world.expunge(li, inbox, Expunge::Exactly(uids("20:25")));
    let mut state = since;
    let mut parts = 0;
    loop {
        let told = world.message_changes(li, state, Some(7));
        assert!(told.created.len() + told.updated.len() + told.destroyed.len() <= 7);
        assert!(told.new_state > state || !told.has_more, "every part gets on");
        for id in told.created {
            assert_eq!(known.insert(id, "created"), None);
        }
        for id in told.updated {
            assert_eq!(known.insert(id, "updated"), Some("old"));
        }
        for id in told.destroyed {
            known.remove(&id).unwrap();
        }
        state = told.new_state.to_string().parse().unwrap();
        parts += 1;
        if parts == 2 {
            // A change while the client is in the middle: it is told again, in its new place.
            world.store_flags(li, inbox, "1", FlagChange::Add, &["\\Flagged"], None).unwrap();
            known.insert(old[0].message, "old");
        }
        if !told.has_more {
            break;
        }
    }
    assert!(parts > 4);
    assert_eq!(state, world.state(li));
    assert_eq!(known.remove(&created.message), Some("created"));
    assert_eq!(known.len(), 24);
    assert!(known.values().all(|what| *what == "updated"), "{known:?}");
    world.verify().await;
}

#[test_each_engine]
async fn mailboxes_tell_whether_only_their_counts_changed(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let li = world.li.clone();
    let since = world.state(&li);
    world.append(&li, inbox, &letter(1), &[]).await;
    let told = world.mailbox_changes(&li, since, None);
    assert_eq!((told.updated.clone(), told.only_counts), (vec![inbox], true));
    world.store_flags(&li, inbox, "1", FlagChange::Add, &["\\Flagged"], None).unwrap();
    assert_eq!(world.mailbox_changes(&li, told.new_state, None).updated, [], "a flag that is not counted");

    let making = li.clone();
    let made = world
        .store
        .write_account_blocking(li.account, move |tx| {
            mailboxes::create(&making.ctx, tx, making.account, &NewMailbox { name: "Work".into(), ..NewMailbox::default() })
        })
        .unwrap();
    let trash = world.mailbox(&li, Role::Trash).id;
    let changing = li.clone();
    world
        .store
        .write_account_blocking(li.account, move |tx| {
            let patch = MailboxPatch { name: Some("Bin".into()), ..MailboxPatch::default() };
            mailboxes::change(&changing.ctx, tx, changing.account, trash, &patch)?;
            mailboxes::change(&changing.ctx, tx, changing.account, made, &MailboxPatch { sort_order: Some(3), ..MailboxPatch::default() })
        })
        .unwrap();
    let archive = world.mailbox(&li, Role::Archive).id;
    let removing = li.clone();
    world
        .store
        .write_account_blocking(li.account, move |tx| mailboxes::remove(&removing.ctx, tx, removing.account, archive, RemoveMail::Refuse))
        .unwrap();
    let told = world.mailbox_changes(&li, since, None);
    assert_eq!((told.created, told.destroyed, told.only_counts), (vec![made], vec![archive], false));
    assert_eq!(told.updated.iter().collect::<BTreeSet<_>>(), [inbox, trash].iter().collect());
    let mut state = since;
    let mut seen = Vec::new();
    loop {
        let part = world.mailbox_changes(&li, state, Some(1));
        seen.extend(part.created.into_iter().chain(part.updated).chain(part.destroyed));
        state = part.new_state;
        if !part.has_more {
            break;
        }
    }
    // One that was made and changed later may be told twice: first as made, then as changed.
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), [inbox, trash, made, archive].into_iter().collect());
    world.verify().await;
}

#[test_each_engine]
async fn what_is_too_long_ago_cannot_be_told(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let li = world.li.clone();
    world.fill(&li, inbox, 5).await;
    let before = world.state(&li);
    world.expunge(&li, inbox, Expunge::Exactly(uids("1:3")));
    let after = world.state(&li);
    let asked = |since: State| {
        let li = li.clone();
        world.store.read_blocking(move |tx| changes::message_changes(&li.ctx, tx, li.account, since, None))
    };
    let day = 24 * 3600;
    let kept = changes::Kept::default();
    let forget = async |days: i64| changes::forget(&world.store, TEST_NOW.plus_secs(days * day), kept, Tempo::FULL).await.unwrap();
    forget(kept.days - 1).await;
    assert_eq!(asked(before).unwrap().destroyed.len(), 3);
    let forgotten = forget(kept.days + 1).await;
    assert_eq!((forgotten.accounts, forgotten.tombstones, forgotten.references), (1, 6, 3));
    assert!(matches!(asked(before), Err(ChangesError::CannotCalculate)));
    assert_eq!(asked(after).unwrap().destroyed, []);
    assert!(matches!(asked(State::of(after.change_number + 1)), Err(ChangesError::CannotCalculate)), "a state that was never given");
    let asking = li.clone();
    let since = world.store.read_blocking(move |tx| entries::entries_since(&asking.ctx, tx, asking.account, inbox, before.change_number));
    assert!(since.unwrap().is_incomplete);
    let wang = world.wang.clone();
    let foreign = world.store.read_blocking(move |tx| changes::mailbox_changes(&wang.ctx, tx, li.account, after, None));
    assert!(matches!(foreign, Err(ChangesError::Mail(MailError::AccountNotFound))));
    world.verify().await;
}

#[test_each_engine]
async fn of_very_many_changes_the_last_can_be_told(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let li = world.li.clone();
    world.fill(&li, inbox, 5).await;
    let mut states = vec![world.state(&li)];
    for uid in ["1", "2:3", "4"] {
        world.expunge(&li, inbox, Expunge::Exactly(uids(uid)));
        states.push(world.state(&li));
    }
    let gone_since = |since: State| {
        let li = li.clone();
        let changes = world.store.read_blocking(move |tx| changes::message_changes(&li.ctx, tx, li.account, since, None));
        changes.map(|changes| changes.destroyed.len()).map_err(|error| matches!(error, ChangesError::CannotCalculate))
    };
    let kept = |tombstones| changes::Kept { tombstones, ..changes::Kept::default() };
    let forgotten = changes::forget(&world.store, TEST_NOW, kept(4), Tempo::FULL).await.unwrap();
    assert_eq!((forgotten.accounts, gone_since(states[0])), (0, Ok(4)), "as many as may be kept");
    // The second change removed two: with the first, there is one too many, and half a change is not kept.
    changes::forget(&world.store, TEST_NOW, kept(2), Tempo::FULL).await.unwrap();
    assert_eq!((gone_since(states[0]), gone_since(states[1])), (Err(true), Err(true)));
    assert_eq!((gone_since(states[2]), gone_since(states[3])), (Ok(1), Ok(0)));
    world.verify().await;
}
