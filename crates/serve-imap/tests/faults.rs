//! A store that fails or is full: commands are answered NO, nothing is half done, and the same session goes on when it is well again.

use store::{Engine, Store, StoreError, Tx, params};

use crate::office::Office;
use crate::peer::Peer;
use crate::transcript::message;

async fn change(store: &Store, sql: &'static str) {
    store.write(move |tx| tx.execute(sql, params![]).map(store::Affected::any)).await.unwrap();
}

fn last(answer: &[String]) -> &str {
    answer.last().map_or("", String::as_str)
}

#[testkit::test_each_engine]
async fn a_store_that_fails_is_told_as_no_and_recovers_by_itself(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    assert!(last(&peer.append("INBOX", &message("gray.eml")).await).starts_with("t OK"));
    assert!(last(&peer.ask("SELECT INBOX").await).starts_with("t OK"));
    change(&store, "ALTER TABLE message RENAME TO message_away").await;
    change(&store, "ALTER TABLE mailbox_entry RENAME TO mailbox_entry_away").await;
    for command in ["FETCH 1 ENVELOPE", "STORE 1 +FLAGS (\\Flagged)", "COPY 1 INBOX", "SEARCH SUBJECT meeting", "SELECT INBOX"] {
        let answer = peer.ask(command).await;
        assert!(last(&answer).starts_with("t NO ["), "{command}: {answer:?}");
        assert!(!answer.concat().contains("message_away"), "what went wrong inside is not the client's: {answer:?}");
    }
    let answer = peer.append("INBOX", &message("gray.eml")).await;
    assert!(last(&answer).starts_with("t NO ["), "{answer:?}");
    change(&store, "ALTER TABLE mailbox_entry_away RENAME TO mailbox_entry").await;
    change(&store, "ALTER TABLE message_away RENAME TO message").await;
    let selected = peer.ask("SELECT INBOX").await;
    assert!(selected.contains(&"* 1 EXISTS".to_owned()), "what was refused is not there: {selected:?}");
    let fetched = peer.ask("FETCH 1 (FLAGS BODY.PEEK[TEXT])").await;
    assert!(!fetched[0].contains("Flagged") && fetched[1] == "The meeting begins.", "{fetched:?}");
    assert!(last(&peer.append("INBOX", &message("gray.eml")).await).starts_with("t OK"));
}

#[testkit::test_each_engine]
async fn a_uid_that_was_told_is_never_passed_over_by_a_view_that_could_not_be_read(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.ask("SELECT INBOX").await;
    // APPEND does without it; what came and went cannot be looked up.
    change(&store, "ALTER TABLE entry_tombstone RENAME TO entry_tombstone_away").await;
    let answer = peer.append("INBOX", &message("gray.eml")).await;
    assert!(last(&answer).starts_with("t OK [APPENDUID") && !answer.concat().contains("EXISTS"), "{answer:?}");
    for command in ["UID STORE 1 +FLAGS (\\Flagged)", "UID COPY 1 Archive", "UID FETCH 1 FLAGS"] {
        let answer = peer.ask(command).await;
        assert!(last(&answer).starts_with("t NO ["), "an OK would say that it was done: {command}: {answer:?}");
    }
    assert!(last(&peer.ask("LIST \"\" *").await).starts_with("t OK"), "what needs no view goes on");
    change(&store, "ALTER TABLE entry_tombstone_away RENAME TO entry_tombstone").await;
    let answer = peer.ask("UID STORE 1 +FLAGS (\\Flagged)").await;
    assert!(answer.contains(&"* 1 EXISTS".to_owned()) && last(&answer).starts_with("t OK"), "{answer:?}");
    assert!(peer.ask("UID FETCH 1 FLAGS").await[0].contains("\\Flagged"));
}

#[testkit::test_each_engine]
async fn a_full_disk_is_told_as_no_and_what_is_there_can_be_read(store: Store) {
    if store.engine() == Engine::Postgres {
        // Its server's disk is not ours to fill.
        return;
    }
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.append("INBOX", &message("gray.eml")).await;
    peer.ask("SELECT INBOX").await;
    // A message whose rows need more pages than are left.
    let large = format!("Subject: {}\r\n\r\nText\r\n", "x".repeat(200_000));
    store.write(pages(None)).await.unwrap();
    let answer = peer.append("INBOX", large.as_bytes()).await;
    assert!(last(&answer).starts_with("t NO [UNAVAILABLE]"), "{answer:?}");
    assert_eq!(peer.ask("FETCH 1 BODY.PEEK[TEXT]").await[1], "The meeting begins.");
    store.write(pages(Some(1_000_000))).await.unwrap();
    let answer = peer.append("INBOX", large.as_bytes()).await;
    assert!(last(&answer).starts_with("t OK"), "{answer:?}");
}

/// Bounds the database to as many pages, or to those it has.
fn pages(most: Option<i64>) -> impl FnMut(&mut Tx) -> Result<(), StoreError> {
    move |tx| {
        let used: i64 = tx.query_one("PRAGMA page_count", params![], |row| row.get(0))?;
        tx.query_one(&format!("PRAGMA max_page_count = {}", most.unwrap_or(used)), params![], |_| Ok(()))
    }
}
