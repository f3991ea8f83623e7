use kernel::Fault;
use mail::delivery::{self, Accepted, Into, LocalRecipient};
use mail::entries::{self, Expunge};
use mail::heads::MailError;
use mail::mailboxes::Role;
use mail::maildrop::{self, KnownBy, LEASE_SECS, Lock, MaildropError, UniqueIdError};
use mail::{FlagBits, MailboxId, MessageId, UidSet};
use store::{Store, StoreError, params};
use testkit::test_each_engine;

use crate::entries::uids;
use crate::world::{Letter, Person, World, letter, world};

/// What a letter of the world is sent with: its size, and the end that its last line has not.
const SENT_BYTES: u64 = 1002;

impl World {
    fn set_unique_id(&self, person: &Person, message: MessageId, unique_id: &str) -> Result<(), UniqueIdError> {
        let (person, unique_id) = (person.clone(), unique_id.to_owned());
        self.store
            .write_account_blocking(person.account, move |tx| maildrop::set_unique_id(&person.ctx, tx, person.account, message, &unique_id))
    }

    /// Uid, size and unique id.
    fn listed(&self, person: &Person, mailbox: MailboxId) -> Vec<(u32, u64, Option<String>)> {
        let person = person.clone();
        let listed = self.store.read_blocking(move |tx| {
            let mut listed = Vec::new();
            maildrop::for_each_listed(&person.ctx, tx, person.account, mailbox, 1..=u32::MAX, 1000, |found| {
                listed.push((found.uid, found.size_bytes, found.unique_id.map(str::to_owned)));
            })?;
            Ok::<_, MailError>(listed)
        });
        listed.unwrap()
    }

    fn lock(&self, lock: &Lock, person: &Person, after_secs: i64) -> bool {
        let (lock, mut ctx) = (lock.clone(), person.ctx.clone());
        ctx.now = ctx.now.plus_secs(after_secs);
        self.store.write_account_blocking(lock.account, move |tx| maildrop::lock(&ctx, tx, &lock)).unwrap()
    }

    fn keep(&self, locks: &[Lock], after_secs: i64) -> Vec<Lock> {
        let (locks, now) = (locks.to_vec(), self.ctx.now.plus_secs(after_secs));
        self.store.write_blocking(move |tx| maildrop::keep(tx, &locks, now)).unwrap()
    }

    fn unlock(&self, lock: &Lock) {
        let lock = lock.clone();
        self.store.write_blocking(move |tx| maildrop::unlock(tx, &lock)).unwrap();
    }

    fn remembered(&self) -> i64 {
        self.store.read_blocking(|tx| tx.query_one("SELECT COUNT(*) FROM maildrop_message", params![], |row| row.get(0))).unwrap()
    }
}

fn lock_of(person: &Person, holder: &str) -> Lock {
    Lock { account: person.account, holder: holder.into() }
}

#[test_each_engine]
async fn a_unique_id_from_elsewhere_stays_with_its_message_until_that_is_gone(store: Store) {
    let world = world(&store);
    let [inbox, archive] = [Role::Inbox, Role::Archive].map(|role| world.mailbox(&world.li, role).id);
    let li = &world.li;
    let added = world.fill(li, inbox, 2).await;
    world.set_unique_id(li, added[1].message, "000000024a1b").unwrap();
    world.set_unique_id(li, added[1].message, "000000024a1b").unwrap();
    let id = Some("000000024a1b".to_owned());
    assert_eq!(world.listed(li, inbox), [(1, SENT_BYTES, None), (2, SENT_BYTES, id.clone())]);

    // Out and back again it has another uid, and is the same message to programs.
    entries::move_all(&world.store, &li.ctx, li.account, inbox, &uids("2"), archive).await.unwrap();
    entries::move_all(&world.store, &li.ctx, li.account, archive, &UidSet::all(), inbox).await.unwrap();
    assert_eq!(world.listed(li, inbox)[1], (3, SENT_BYTES, id));
    // A copy is another message.
    entries::copy_all(&world.store, &li.ctx, li.account, inbox, &uids("3"), inbox).await.unwrap();
    assert_eq!(world.listed(li, inbox)[2], (4, SENT_BYTES, None));

    world.expunge(li, inbox, Expunge::Exactly(uids("3")));
    world.set_unique_id(li, added[0].message, "000000024a1b").unwrap();
    world.expunge(li, inbox, Expunge::All);
    assert_eq!(world.remembered(), 0);
}

#[test_each_engine]
async fn unique_ids_are_unique_and_fit_the_protocol(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox);
    let li = &world.li;
    let added = world.fill(li, inbox.id, 2).await;
    for wrong in ["", "with space", "中文", "tab\t", "\u{7f}", &"x".repeat(71)] {
        assert!(matches!(world.set_unique_id(li, added[0].message, wrong), Err(UniqueIdError::Invalid)), "{wrong:?}");
    }
    let longest = "~".repeat(70);
    world.set_unique_id(li, added[0].message, &longest).unwrap();
    assert!(matches!(world.set_unique_id(li, added[1].message, &longest), Err(UniqueIdError::Taken)));
    // One that another message may have from us.
    let derived = maildrop::derived_unique_id(inbox.uid_validity, 77);
    assert!(matches!(world.set_unique_id(li, added[1].message, &derived), Err(UniqueIdError::Taken)));
    // Another account's ids are another matter, and its messages are not there.
    let of_wang = world.append(&world.wang, world.mailbox(&world.wang, Role::Inbox).id, &letter(1), &[]).await;
    world.set_unique_id(&world.wang, of_wang.message, &longest).unwrap();
    let foreign = world.set_unique_id(li, MessageId::from_raw(999), "x");
    assert!(matches!(foreign, Err(UniqueIdError::Mail(MailError::MessageNotFound(_)))));
    let (ctx, account) = (world.wang.ctx.clone(), li.account);
    let refused = world.store.write_blocking(move |tx| maildrop::set_unique_id(&ctx, tx, account, added[1].message, "x"));
    assert!(matches!(refused, Err(UniqueIdError::Mail(MailError::AccountNotFound))));
}

#[test_each_engine]
async fn unique_ids_of_a_whole_maildrop_find_their_messages_by_message_id(store: Store) {
    let world = world(&store);
    let li = &world.li;
    let [inbox, archive] = [Role::Inbox, Role::Archive].map(|role| world.mailbox(&world.li, role).id);
    let letter = |id: &str| Letter { id: id.to_owned(), ..letter(1) };
    // More than one page, the same id twice, and one that is elsewhere.
    for number in 0..600 {
        world.append(li, inbox, &letter(&format!("{number}@old.test")), &[]).await;
    }
    world.append(li, inbox, &letter("7@old.test"), &[]).await;
    world.append(li, archive, &letter("archived@old.test"), &[]).await;
    let known = |message_id: &str, unique_id: &str| KnownBy { message_id: message_id.to_owned(), unique_id: unique_id.to_owned() };
    let mut list: Vec<KnownBy> = (0..600).map(|number| known(&format!("{number}@old.test"), &format!("old-{number}"))).collect();
    list.extend([known("7@old.test", "old-7-again"), known("7@old.test", "a third time"), known("archived@old.test", "old-archived")]);
    for _ in 0..2 {
        let brought = maildrop::bring_unique_ids(&world.store, &li.ctx, li.account, &list).await.unwrap();
        let refused: Vec<_> = brought.refused.iter().map(|(at, error)| (*at, error.code())).collect();
        assert_eq!((brought.given, refused), (601, vec![(601, "unique_id_without_message"), (602, "unique_id_without_message")]));
        let ids: Vec<_> = world.listed(li, inbox).into_iter().map(|(_, _, id)| id.unwrap()).collect();
        assert_eq!((ids.len(), &*ids[7], &*ids[599], &*ids[600]), (601, "old-7", "old-599", "old-7-again"));
    }

    // What one of them may not have does not keep the others from theirs.
    let some = [known("1@old.test", "two words"), known("2@old.test", "old-1"), known("3@old.test", "new-3")];
    let brought = maildrop::bring_unique_ids(&world.store, &li.ctx, li.account, &some).await.unwrap();
    let refused: Vec<_> = brought.refused.iter().map(|(at, error)| (*at, error.code())).collect();
    assert_eq!((brought.given, refused), (1, vec![(0, "unique_id_invalid"), (1, "unique_id_taken")]));
    let foreign = maildrop::bring_unique_ids(&world.store, &world.wang.ctx, li.account, &some).await;
    assert!(matches!(foreign, Err(MailError::AccountNotFound)));
}

#[test_each_engine]
async fn sizes_as_they_are_sent_come_with_deliveries_fan_outs_and_copies(store: Store) {
    let world = world(&store);
    let recipients = [&world.li, &world.wang].map(|person| LocalRecipient {
        account: person.account,
        address: "x@example.test".into(),
        into: Into::Role(Role::Inbox),
        flags: FlagBits::NONE,
        note: None,
    });
    let message = letter(1).stage(&world).await;
    let accepted = delivery::accept(&world.store, &world.ctx, recipients.to_vec(), message, "sender@example.test").await.unwrap();
    let Accepted::FanOut(ingress) = accepted else { panic!("two recipients are fanned out to") };
    delivery::run_fan_out(&world.store, &world.ctx, ingress).await.unwrap();
    for person in [&world.li, &world.wang] {
        let inbox = world.mailbox(person, Role::Inbox).id;
        let (head, listed) = (world.head(person), world.listed(person, inbox));
        assert_eq!(listed, [(1, head.used_bytes + 2, None)]);
        entries::copy_all(&world.store, &person.ctx, person.account, inbox, &UidSet::all(), inbox).await.unwrap();
        assert_eq!(world.listed(person, inbox)[1].1, head.used_bytes + 2);
    }
}

#[test_each_engine]
async fn a_lock_is_one_holders_until_it_is_given_back_or_its_lease_ends(store: Store) {
    let world = world(&store);
    let (here, there) = (lock_of(&world.li, "here"), lock_of(&world.li, "there"));
    assert!(world.lock(&here, &world.li, 0));
    assert!(!world.lock(&there, &world.li, LEASE_SECS - 1));
    assert!(world.lock(&lock_of(&world.wang, "there"), &world.wang, 0), "another account's is another lock");
    assert_eq!(world.keep(std::slice::from_ref(&here), 30), []);
    assert!(!world.lock(&there, &world.li, LEASE_SECS), "it was renewed");
    assert!(world.lock(&there, &world.li, LEASE_SECS + 30));
    // Who has lost it hears so, and gives away nothing.
    assert_eq!(world.keep(&[here.clone(), lock_of(&world.wang, "there")], 95), std::slice::from_ref(&here));
    world.unlock(&here);
    assert!(!world.lock(&here, &world.li, 100));
    world.unlock(&there);
    assert!(world.lock(&here, &world.li, 100));
}

#[test_each_engine]
async fn only_the_holder_of_the_lock_removes(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let li = &world.li;
    world.fill(li, inbox, 3).await;
    let (here, there) = (lock_of(li, "here"), lock_of(li, "there"));
    assert!(world.lock(&here, li, 0));
    let remove = |lock: &Lock, which: &'static str, limit: usize| {
        let (ctx, lock) = (li.ctx.clone(), lock.clone());
        world.store.write_account_blocking(li.account, move |tx| maildrop::expunge(&ctx, tx, &lock, inbox, &uids(which), limit))
    };
    assert!(matches!(remove(&there, "1", 10), Err(MaildropError::LockLost)));
    let some = remove(&here, "1,2,77", 1).unwrap();
    assert_eq!((some.uids, some.next), (vec![1], Some(2)));
    assert_eq!(remove(&here, "2", 10).unwrap().uids, [2]);
    assert_eq!(world.listed(li, inbox).len(), 1);
}

#[test_each_engine]
async fn an_account_that_goes_leaves_nothing_behind(store: Store) {
    let world = world(&store);
    assert!(world.lock(&lock_of(&world.li, "here"), &world.li, 0));
    let (org, account) = (world.ctx.org, world.li.account);
    let left = world.store.write_blocking(move |tx| {
        assert_eq!(mail::mail_accounts::remove_empty(tx, org, &[account])?, 1);
        tx.query_one("SELECT COUNT(*) FROM maildrop_lock", params![], |row| row.get::<i64>(0))
    });
    assert_eq!(left.map_err(|error: StoreError| error.to_string()), Ok(0));
}
