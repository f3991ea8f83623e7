use mail::mailboxes::Role;
use mail::messages;
use mail::threads::MAX_MESSAGES;
use store::{Store, StoreError, params};
use testkit::test_each_engine;

use crate::world::{letter, world};

#[test_each_engine]
async fn messages_that_share_a_reference_and_a_subject_are_one_thread(store: Store) {
    let world = world(&store);
    let [inbox, sent] = [Role::Inbox, Role::Sent].map(|role| world.mailbox(&world.li, role).id);
    let question = letter(1);
    let first = world.append(&world.li, inbox, &question, &[]).await;
    let answer = letter(2).reply_to(&question);
    let second = world.append(&world.li, sent, &answer, &["\\Seen"]).await;
    let third = world.append(&world.li, inbox, &letter(3).reply_to(&answer), &[]).await;
    assert_eq!((second.thread, third.thread), (first.thread, first.thread));
    assert_eq!(first.thread.raw(), first.message.raw());
    let mut other_subject = letter(4).reply_to(&question);
    other_subject.subject = "Something else".into();
    assert_ne!(world.append(&world.li, inbox, &other_subject, &[]).await.thread, first.thread);
    let mailbox = world.mailbox_of(&world.li, inbox);
    assert_eq!((mailbox.total, mailbox.total_threads, mailbox.unread_threads), (3, 2, 2));

    let thread = first.thread;
    let li = world.li.clone();
    let listed = world.store.read_blocking(move |tx| messages::messages_of_threads(&li.ctx, tx, li.account, &[thread])).unwrap();
    assert_eq!(listed, [(thread, vec![first.message, second.message, third.message])]);
    world.verify().await;
}

#[test_each_engine]
async fn a_reply_that_comes_before_what_it_answers_is_in_one_thread_with_it(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let question = letter(1);
    let answer = world.append(&world.li, inbox, &letter(2).reply_to(&question), &[]).await;
    assert_eq!(world.append(&world.li, inbox, &question, &[]).await.thread, answer.thread);
    world.verify().await;
}

#[test_each_engine]
async fn a_thread_that_was_emptied_is_not_brought_back(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let question = letter(1);
    let first = world.append(&world.li, inbox, &question, &[]).await;
    world.expunge(&world.li, inbox, mail::entries::Expunge::All);
    let answer = world.append(&world.li, inbox, &letter(2).reply_to(&question), &[]).await;
    assert_ne!(answer.thread, first.thread);
    assert_eq!(world.append(&world.li, inbox, &letter(3).reply_to(&question), &[]).await.thread, answer.thread);
    world.verify().await;
}

#[test_each_engine]
async fn a_thread_that_is_full_is_followed_by_another(store: Store) {
    let world = world(&store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    let question = letter(1);
    let first = world.append(&world.li, inbox, &question, &[]).await;
    // As if it had grown to the limit; the rows are taken away again before the end.
    let account = world.li.account;
    let grown = move |tx: &mut store::Tx| {
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1000 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2)
             INSERT INTO mailbox_entry SELECT account_id, mailbox_id, i, message_id, thread_id, flags, keywords, received_at, size_bytes, change_number, saved_at
               FROM mailbox_entry CROSS JOIN n WHERE account_id = $1",
            params![account, 1000 + MAX_MESSAGES],
        )?
        .any();
        Ok::<_, StoreError>(())
    };
    world.store.write_blocking(grown).unwrap();
    let next = world.append(&world.li, inbox, &letter(2).reply_to(&question), &[]).await;
    assert_ne!(next.thread, first.thread);
    let after = world.append(&world.li, inbox, &letter(3).reply_to(&question), &[]).await;
    assert_eq!(after.thread, next.thread, "the reference leads to the new one from now on");
    let shrunk = move |tx: &mut store::Tx| {
        tx.execute("DELETE FROM mailbox_entry WHERE account_id = $1 AND uid >= 1000", params![account])?.any();
        Ok::<_, StoreError>(())
    };
    world.store.write_blocking(shrunk).unwrap();
    world.verify().await;
}
