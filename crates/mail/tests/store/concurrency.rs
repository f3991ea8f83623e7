use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mail::delivery::{self, DeliverError};
use mail::entries::{self, EntryError, Expunge, FlagChange};
use mail::heads::MailError;
use mail::mailboxes::Role;
use mail::{Flags, UidSet};
use store::Store;
use testkit::{in_parallel, test_each_engine};

use crate::world::{letter, world};

#[test_each_engine]
async fn sixteen_writers_never_pass_the_quota(store: Store) {
    let world = world(&store);
    let room = 37;
    world.set_quota(&world.li, Some(room * 1000 + 999));
    let mut letters = Vec::new();
    for number in 0..16 * 5 {
        letters.push(world.delivery(&letter(number)).await);
    }
    let (copied, letters) = (world.clone(), Arc::new(letters));
    let taken: usize = in_parallel(16, move |thread| {
        let mut taken = 0;
        for round in 0..5 {
            let (ctx, delivery, account) = (copied.ctx.clone(), letters[thread * 5 + round].clone(), copied.li.account);
            match copied.store.write_account_blocking(account, move |tx| delivery::deliver(&ctx, tx, account, &delivery)) {
                Ok(_) => taken += 1,
                Err(DeliverError::OverQuota { used_bytes, quota_bytes }) => assert!(used_bytes <= quota_bytes),
                Err(error) => panic!("{error:?}"),
            }
        }
        taken
    })
    .into_iter()
    .sum();
    assert_eq!(taken as i64, room);
    let head = world.head(&world.li);
    assert_eq!((head.used_bytes as i64, head.message_count as i64), (room * 1000, room));
    world.verify().await;
}

/// A session that follows a mailbox by what changed since it last looked must know what is in it, whatever others do.
fn follow(world: &crate::world::World, mailbox: mail::MailboxId, done: &AtomicBool) -> BTreeMap<u32, Flags> {
    let mut known: BTreeMap<u32, Flags> = BTreeMap::new();
    let mut since = 0;
    loop {
        let last_look = done.load(Ordering::Acquire);
        let li = world.li.clone();
        let news = world.store.read_blocking(move |tx| entries::entries_since(&li.ctx, tx, li.account, mailbox, since)).unwrap();
        assert!(news.change_number >= since, "change numbers never go back");
        for row in news.changed {
            assert!(row.change_number > since && row.change_number <= news.change_number);
            known.insert(row.uid, row.flags);
        }
        for uid in news.expunged {
            known.remove(&uid);
        }
        since = news.change_number;
        if last_look {
            return known;
        }
    }
}

#[test_each_engine]
async fn deliveries_flags_copies_moves_and_expunges_at_once_leave_everything_fitting(store: Store) {
    let world = world(&store);
    let [inbox, archive] = [Role::Inbox, Role::Archive].map(|role| world.mailbox(&world.li, role).id);
    let mut letters = Vec::new();
    for number in 0..16 * 6 {
        let sent = if number % 3 == 0 { letter(number) } else { letter(number).reply_to(&letter(number - number % 3)) };
        letters.push(world.delivery(&sent).await);
    }
    let done = Arc::new(AtomicBool::new(false));
    let (watching, stop) = (world.clone(), Arc::clone(&done));
    let follower = std::thread::spawn(move || (follow(&watching, inbox, &stop), follow(&watching, archive, &stop)));
    let (copied, letters) = (world.clone(), Arc::new(letters));
    in_parallel(16, move |thread| {
        for round in 0..6 {
            let (store, li, account) = (&copied.store, copied.li.ctx.clone(), copied.li.account);
            let (ctx, delivery) = (copied.ctx.clone(), letters[thread * 6 + round].clone());
            let added = store.write_account_blocking(account, move |tx| delivery::deliver(&ctx, tx, account, &delivery)).unwrap();
            let set: UidSet = [added.uid.saturating_sub(5).max(1)..=added.uid + 3].into_iter().collect();
            let done: Result<(), EntryError> = match (thread + round) % 6 {
                0 => store.write_account_blocking(account, move |tx| {
                    let seen = Flags::from_imap_names(["\\Seen", "x"])?;
                    entries::change_flags(&li, tx, account, inbox, &set, FlagChange::Add, &seen, None, 100).map(|_| ())
                }),
                1 => store.write_account_blocking(account, move |tx| {
                    let seen = Flags::from_imap_names(["\\Seen"])?;
                    entries::change_flags(&li, tx, account, archive, &set, FlagChange::Remove, &seen, None, 100).map(|_| ())
                }),
                2 => {
                    store.write_account_blocking(account, move |tx| entries::copy(&li, tx, account, inbox, &set, archive, 100).map(|_| ()))
                }
                3 => store
                    .write_account_blocking(account, move |tx| entries::move_to(&li, tx, account, inbox, &set, archive, 100).map(|_| ())),
                4 => store.write_account_blocking(account, move |tx| {
                    entries::expunge(&li, tx, account, archive, &Expunge::Exactly(set.clone()), 100).map(|_| ())
                }),
                _ => store.write_account_blocking(account, move |tx| {
                    let mailboxes = [inbox, archive];
                    match entries::set_mailboxes(&li, tx, account, added.message, &mailboxes) {
                        // Somebody else has removed it meanwhile.
                        Err(EntryError::Mail(MailError::MessageNotFound(_))) => Ok(()),
                        other => other,
                    }
                }),
            };
            done.unwrap();
        }
    });
    done.store(true, Ordering::Release);
    let (seen_inbox, seen_archive) = follower.join().unwrap();
    for (mailbox, seen) in [(inbox, seen_inbox), (archive, seen_archive)] {
        let there: BTreeMap<u32, Flags> = world.entries(&world.li, mailbox).into_iter().map(|row| (row.uid, row.flags)).collect();
        assert_eq!(seen, there);
    }
    world.verify().await;
}
