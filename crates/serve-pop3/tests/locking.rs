//! The maildrop belongs to one session at a time, on whichever node, and comes free however the session ends.

use std::time::Duration;

use mail::maildrop::LEASE_SECS;
use serve_pop3::Pop3Options;
use store::{Store, params};

use crate::office::{Office, options};
use crate::peer::Peer;
use crate::transcript::message;

/// So often that a test need not wait.
fn watchful() -> Pop3Options {
    Pop3Options { check_every: Duration::from_millis(20), ..options() }
}

#[testkit::test_each_engine]
async fn two_nodes_do_not_give_one_maildrop_to_two_sessions(store: Store) {
    let office = Office::open(store).await;
    let other_node = office.another_node(options()).await;
    let user = office.newcomer().await;
    let mut here = Peer::signed_in(&office, &user).await;
    let mut there = Peer::connect(&other_node).await;
    there.line().await.unwrap();
    assert!(there.sign_in(&user).await.starts_with("-ERR [IN-USE]"));
    assert!(here.ask("NOOP").await.starts_with("+OK"));
    here.quit().await;
    assert!(there.sign_in(&user).await.starts_with("+OK"));
}

#[testkit::test_each_engine]
async fn of_many_who_sign_in_at_once_one_gets_the_maildrop(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    // From now on the password is remembered, and so many attempts at once are no reason to throttle.
    Peer::signed_in(&office, &user).await.quit().await;
    let mut peers = Vec::new();
    for _ in 0..8 {
        let mut peer = Peer::connect(&office).await;
        peer.line().await.unwrap();
        peer.ask(&format!("USER {}", user.login)).await;
        peers.push(peer);
    }
    for peer in &mut peers {
        peer.send(format!("PASS {}\r\n", crate::office::PASSWORD)).await;
    }
    let mut answers = Vec::new();
    for peer in &mut peers {
        answers.push(peer.line().await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| answer.starts_with("+OK")).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.starts_with("-ERR [IN-USE]")).count(), 7, "{answers:?}");
}

#[testkit::test_each_engine]
async fn a_sign_in_waits_a_little_for_the_session_before(store: Store) {
    let office = Office::open_with(store, Pop3Options { lock_patience: Duration::from_secs(20), ..options() }).await;
    let user = office.newcomer().await;
    let first = Peer::signed_in(&office, &user).await;
    let mut second = Peer::connect(&office).await;
    second.line().await.unwrap();
    second.ask(&format!("USER {}", user.login)).await;
    second.send(format!("PASS {}\r\n", crate::office::PASSWORD)).await;
    first.quit().await;
    assert!(second.line().await.unwrap().starts_with("+OK"));
}

#[testkit::test_each_engine]
async fn a_connection_that_breaks_deletes_nothing_and_frees_the_maildrop(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    office.append(&user, &message("first.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    assert!(peer.ask("DELE 1").await.starts_with("+OK"));
    drop(peer);
    // The server learns of it a moment later.
    let mut next = Peer::connect(&office).await;
    next.line().await.unwrap();
    while !next.sign_in(&user).await.starts_with("+OK") {}
    assert_eq!(next.ask("STAT").await, "+OK 1 120");
    assert_eq!(office.uids(&user).await, [1]);
}

#[testkit::test_each_engine]
async fn a_node_that_dies_keeps_the_maildrop_until_the_lease_ends_and_no_longer(store: Store) {
    let office = Office::open(store).await;
    let dying = office.another_node(options()).await;
    let user = office.newcomer().await;
    office.append(&user, &message("first.eml")).await;
    let mut peer = Peer::signed_in(&dying, &user).await;
    assert!(peer.ask("DELE 1").await.starts_with("+OK"));
    dying.crash().await;
    assert_eq!(peer.line().await, None);

    let mut next = Peer::connect(&office).await;
    next.line().await.unwrap();
    office.clock.advance_secs(LEASE_SECS - 1);
    assert!(next.sign_in(&user).await.starts_with("-ERR [IN-USE]"));
    office.clock.advance_secs(1);
    assert_eq!(next.sign_in(&user).await, "+OK 1 messages, 120 octets");
}

#[testkit::test_each_engine]
async fn a_lease_is_renewed_as_long_as_the_session_lives(store: Store) {
    let office = Office::open_with(store.clone(), watchful()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    let account = user.account;
    let lease = async || {
        let sql = "SELECT lease_until FROM maildrop_lock WHERE account_id = $1";
        store.read(move |tx| tx.query_one(sql, params![account], |row| row.get::<i64>(0))).await.unwrap()
    };
    for _ in 0..3 {
        let before = lease().await;
        office.clock.advance_secs(LEASE_SECS / 2);
        while lease().await == before {}
    }
    let mut other = Peer::connect(&office).await;
    other.line().await.unwrap();
    assert!(other.sign_in(&user).await.starts_with("-ERR [IN-USE]"));
    assert!(peer.ask("NOOP").await.starts_with("+OK"));
}

#[testkit::test_each_engine]
async fn a_session_that_lost_its_maildrop_unnoticed_deletes_nothing(store: Store) {
    let office = Office::open(store).await;
    // A node that does not come to renewing anything.
    let stuck = office.another_node(Pop3Options { check_every: Duration::from_secs(3600), ..options() }).await;
    let user = office.newcomer().await;
    office.append(&user, &message("first.eml")).await;
    let mut late = Peer::signed_in(&stuck, &user).await;
    assert!(late.ask("DELE 1").await.starts_with("+OK"));
    office.clock.advance_secs(LEASE_SECS);
    let mut owner = Peer::signed_in(&office, &user).await;

    assert!(late.quit().await.starts_with("-ERR [IN-USE]"));
    assert_eq!(office.uids(&user).await, [1]);
    // And it has not given away what is not its own.
    let mut third = Peer::connect(&office).await;
    third.line().await.unwrap();
    assert!(third.sign_in(&user).await.starts_with("-ERR [IN-USE]"));
    assert!(owner.ask("DELE 1").await.starts_with("+OK"));
    assert!(owner.quit().await.starts_with("+OK"));
    assert!(office.uids(&user).await.is_empty());
}

#[testkit::test_each_engine]
async fn a_session_that_lost_its_maildrop_is_told_so_and_ends(store: Store) {
    let office = Office::open_with(store.clone(), watchful()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    let account = user.account;
    let sql = "UPDATE maildrop_lock SET holder = 'another node' WHERE account_id = $1";
    store.write(move |tx| tx.execute(sql, params![account])?.expect_one()).await.unwrap();
    assert!(peer.line().await.unwrap().starts_with("-ERR [IN-USE]"));
    assert_eq!(peer.line().await, None);
}

#[testkit::test_each_engine]
async fn a_lease_that_ended_is_still_good_while_nobody_else_wants_it(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    office.append(&user, &message("first.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.ask("DELE 1").await;
    office.clock.advance_secs(LEASE_SECS * 5);
    assert!(peer.quit().await.starts_with("+OK"));
    assert!(office.uids(&user).await.is_empty());
}
