use std::collections::BTreeSet;

use mail::mailboxes::Role;
use store::{Store, StoreError, params};
use testkit::test_each_engine;

use crate::world::{World, letter, world};

/// What is broken, by which statement, and which check must tell of it.
const DAMAGES: &[(&str, &str)] = &[
    ("UPDATE mail_account SET used_bytes = used_bytes + 1", "account_usage"),
    ("UPDATE mail_account SET message_count = message_count - 1 WHERE message_count > 0", "account_usage"),
    ("UPDATE mail_account SET next_number = 8", "number_given_again"),
    ("UPDATE mailbox SET total = total + 1 WHERE role = 'inbox'", "mailbox_counts"),
    ("UPDATE mailbox SET unseen = unseen + 1", "mailbox_counts"),
    ("UPDATE mailbox SET unread = unread + 1", "mailbox_counts"),
    ("UPDATE mailbox SET size_bytes = size_bytes - 1", "mailbox_counts"),
    ("UPDATE mailbox SET total_threads = total_threads + 1", "mailbox_threads"),
    ("UPDATE mailbox SET unread_threads = 9", "mailbox_threads"),
    ("UPDATE mailbox SET uid_next = 1", "mailbox_uids"),
    ("UPDATE mailbox SET uid_validity = 5", "mailbox_uids"),
    ("UPDATE mailbox SET change_number = 1", "mailbox_change_number"),
    ("UPDATE mailbox SET changed_change = 1000000", "mailbox_change_number"),
    ("UPDATE mailbox SET parent_id = 999 WHERE role = 'trash'", "mailbox_parent"),
    ("UPDATE mailbox SET parent_id = id WHERE role = 'trash'", "mailbox_parent"),
    ("UPDATE mailbox SET role = NULL", "inbox_missing"),
    ("DELETE FROM mailbox WHERE role = 'inbox'", "entry_without_mailbox"),
    ("UPDATE message SET size_bytes = size_bytes + 1", "entry_unlike_message"),
    ("UPDATE message SET received_at = 1", "entry_unlike_message"),
    ("DELETE FROM message WHERE id = (SELECT MIN(id) FROM message)", "entry_unlike_message"),
    ("INSERT INTO mailbox_entry SELECT account_id, mailbox_id, 77, message_id, thread_id, flags, keywords, received_at, size_bytes, change_number, saved_at
        FROM mailbox_entry WHERE uid = 1", "entry_twice_in_mailbox"),
    ("DELETE FROM mailbox_entry WHERE uid = 1", "message_in_no_mailbox"),
    ("UPDATE mailbox_entry SET change_number = 1000000 WHERE uid = 1", "change_number_ahead"),
    ("UPDATE mail_account SET change_number = 2", "change_number_ahead"),
    ("INSERT INTO entry_tombstone SELECT account_id, change_number, message_id, mailbox_id, uid, 1 FROM mailbox_entry WHERE uid = 2", "gone_and_there"),
    ("INSERT INTO message_tombstone SELECT account_id, created_change, id, thread_id, created_change, 1 FROM message", "gone_and_there"),
    ("DELETE FROM blob", "message_blob"),
    ("UPDATE blob SET size_bytes = 5", "message_blob"),
    ("UPDATE message SET blob_at = 5", "message_blob"),
    ("UPDATE message SET thread_id = id + 1", "message_thread"),
    ("UPDATE thread_reference SET thread_id = 99999", "message_thread"),
    ("INSERT INTO mailbox_metadata SELECT account_id, id + 1000000, '/private/comment', '/private/comment', NULL, 1 FROM mailbox", "metadata_of_nothing"),
    ("UPDATE maildrop_message SET message_id = message_id + 1000000", "maildrop_of_nothing"),
    ("INSERT INTO removed_message SELECT account_id, id, 1, 1, 0, NULL, size_bytes FROM message", "removed_and_there"),
    ("UPDATE mail_account SET removed_count = removed_count + 1", "account_usage"),
    ("DELETE FROM mail_account", "mailbox_without_account"),
    ("DELETE FROM ingress_recipient; DELETE FROM job", "ingress_for_nobody"),
    ("DELETE FROM ingress", "recipient_of_nothing"),
    ("UPDATE ingress SET blob_at = 5", "ingress_blob_missing"),
];

async fn filled(store: &Store) -> World {
    let world = world(store);
    let inbox = world.mailbox(&world.li, Role::Inbox).id;
    world.fill(&world.li, inbox, 3).await;
    let message = letter(9).stage(&world).await;
    let recipients = [&world.li, &world.wang].map(|person| mail::delivery::LocalRecipient {
        account: person.account,
        address: "x@example.test".into(),
        into: mail::delivery::Into::Role(Role::Inbox),
        flags: mail::FlagBits::NONE,
        note: None,
    });
    mail::delivery::accept(store, &world.ctx, recipients.to_vec(), message, "").await.expect("an accepted message");
    world.verify().await;
    world
}

#[test_each_engine]
async fn each_kind_of_damage_is_found(store: Store) {
    let world = filled(&store).await;
    for (statement, what) in DAMAGES {
        // The damage is looked at from within the transaction that does it, and taken back with it.
        let found = world.store.write_blocking(move |tx| -> Result<(), Found> {
            for statement in statement.split("; ") {
                tx.execute(statement, params![]).map_err(Found::Store)?.any();
            }
            let problems = mail::verify::verify_in(tx).map_err(Found::Store)?;
            Err(Found::Problems(problems.into_iter().map(|problem| problem.what).collect()))
        });
        match found {
            Err(Found::Problems(found)) => assert!(found.contains(what), "{what} was not found after {statement}, but {found:?}"),
            other => panic!("{statement}: {other:?}"),
        }
    }
    world.verify().await;
}

#[test_each_engine]
async fn a_fan_out_that_has_not_quite_ended_is_no_damage(store: Store) {
    let world = filled(&store).await;
    let reached = world
        .store
        .write_blocking(|tx| -> Result<(), StoreError> { tx.execute("DELETE FROM ingress_recipient", params![]).map(|done| done.any()) });
    reached.expect("everybody has the message");
    world.verify().await;
}

#[derive(Debug)]
enum Found {
    Problems(BTreeSet<&'static str>),
    Store(#[expect(dead_code, reason = "told by Debug")] StoreError),
}

impl From<StoreError> for Found {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
