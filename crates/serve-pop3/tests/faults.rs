//! A store that fails or is full: commands are answered -ERR with a code that says it will pass, nothing is half done, and the session goes on.

use store::{Engine, Store, StoreError, Tx, params};

use crate::office::Office;
use crate::peer::Peer;
use crate::transcript::message;

async fn change(store: &Store, sql: &'static str) {
    store.write(move |tx| tx.execute(sql, params![]).map(store::Affected::any)).await.unwrap();
}

#[testkit::test_each_engine]
async fn a_store_that_fails_is_told_as_an_error_and_recovers_by_itself(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    office.append(&user, &message("lines.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    change(&store, "ALTER TABLE mailbox_entry RENAME TO mailbox_entry_away").await;
    for command in ["RETR 1", "TOP 1 0"] {
        let answer = peer.ask(command).await;
        assert!(answer.starts_with("-ERR [SYS/"), "{command}: {answer}");
        assert!(!answer.contains("mailbox_entry"), "what went wrong inside is not the client's: {answer}");
    }
    let mut other = Peer::connect(&office).await;
    other.line().await.unwrap();
    change(&store, "ALTER TABLE mailbox_entry_away RENAME TO mailbox_entry").await;
    assert_eq!(peer.list("RETR 1").await.len(), 7);
    peer.quit().await;

    // A sign-in that fails half-way gives the maildrop back.
    change(&store, "ALTER TABLE mailbox_entry RENAME TO mailbox_entry_away").await;
    assert!(other.sign_in(&user).await.starts_with("-ERR [SYS/"));
    change(&store, "ALTER TABLE mailbox_entry_away RENAME TO mailbox_entry").await;
    assert!(other.sign_in(&user).await.starts_with("+OK 1 "));
}

#[testkit::test_each_engine]
async fn a_deletion_that_fails_is_told_and_deletes_nothing(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    office.append(&user, &message("lines.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.ask("DELE 1").await;
    change(&store, "ALTER TABLE message_tombstone RENAME TO message_tombstone_away").await;
    assert!(peer.quit().await.starts_with("-ERR [SYS/"));
    change(&store, "ALTER TABLE message_tombstone_away RENAME TO message_tombstone").await;
    assert_eq!(office.uids(&user).await, [1]);
    let mut again = Peer::signed_in(&office, &user).await;
    again.ask("DELE 1").await;
    assert!(again.quit().await.starts_with("+OK"));
    assert!(office.uids(&user).await.is_empty());
}

#[testkit::test_each_engine]
async fn on_a_full_disk_a_session_goes_on_reading(store: Store) {
    if store.engine() == Engine::Postgres {
        // Its server's disk is not ours to fill.
        return;
    }
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    office.append(&user, &message("lines.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    store.write(pages(None)).await.unwrap();
    assert_eq!(peer.list("RETR 1").await.len(), 7);
    assert_eq!(peer.ask("STAT").await, "+OK 1 45");
    store.write(pages(Some(1_000_000))).await.unwrap();
}

/// Bounds the database to as many pages, or to those it has.
fn pages(most: Option<i64>) -> impl FnMut(&mut Tx) -> Result<(), StoreError> {
    move |tx| {
        let used: i64 = tx.query_one("PRAGMA page_count", params![], |row| row.get(0))?;
        tx.query_one(&format!("PRAGMA max_page_count = {}", most.unwrap_or(used)), params![], |_| Ok(()))
    }
}

#[testkit::test_each_engine]
async fn while_a_sign_in_cannot_be_checked_nothing_is_done(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    office.append(&user, &message("lines.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    change(&store, "ALTER TABLE identity RENAME TO identity_away").await;
    store.bus().publish(store::Notice::SessionsRevoked { identity: user.identity });
    // The notice goes through another task; until it is there, the session knows no doubt.
    while !peer.ask("STAT").await.starts_with("-ERR [SYS/") {}
    change(&store, "ALTER TABLE identity_away RENAME TO identity").await;
    assert_eq!(peer.ask("STAT").await, "+OK 1 45");
}
