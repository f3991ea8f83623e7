//! Rude, slow and flooding clients: each costs a bounded amount, and the others notice nothing.

use std::time::Duration;

use serve_pop3::{DoorLimits, Pop3Options};
use store::Store;

use crate::office::{Office, options};
use crate::peer::Peer;

#[testkit::test_each_engine]
async fn who_does_not_sign_in_has_to_go_without_a_word(store: Store) {
    let office = Office::open_with(store, Pop3Options { sign_in_timeout: Duration::from_millis(50), ..options() }).await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    assert_eq!(peer.line().await, None);
    // Nor does a letter now and then help.
    let mut slow = Peer::connect(&office).await;
    slow.line().await.unwrap();
    slow.send("CAP").await;
    assert_eq!(slow.line().await, None);
}

#[testkit::test_each_engine]
async fn who_is_silent_for_too_long_is_logged_out_and_nothing_is_deleted(store: Store) {
    let office = Office::open_with(store, Pop3Options { idle_timeout: Duration::from_millis(300), ..options() }).await;
    let user = office.newcomer().await;
    office.append(&user, b"Subject: x\r\n\r\n").await;
    let mut peer = Peer::signed_in(&office, &user).await;
    assert!(peer.ask("DELE 1").await.starts_with("+OK"));
    // RFC 1939 §3: no response, and no update.
    assert_eq!(peer.line().await, None);
    assert_eq!(office.uids(&user).await, [1]);
    Peer::signed_in(&office, &user).await;
}

#[testkit::test_each_engine]
async fn a_line_that_never_ends_is_given_up(store: Store) {
    let office = Office::open_with(store, Pop3Options { read_timeout: Duration::from_millis(50), ..options() }).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.send("RETR 1").await;
    assert_eq!(peer.line().await, None);
}

#[testkit::test_each_engine]
async fn a_long_line_is_refused_and_the_next_command_is_obeyed(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    assert_eq!(peer.ask(&format!("USER {}", "y".repeat(100_000))).await, "-ERR The line is too long");
    assert!(peer.sign_in(&user).await.starts_with("+OK"));
}

#[testkit::test_each_engine]
async fn a_line_without_end_closes_the_connection(store: Store) {
    let office = Office::open(store).await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    let noise = vec![b'x'; 2 << 20];
    // The server may close before it has read all of it.
    let _ = peer.try_send(&noise).await;
    let told = String::from_utf8(peer.rest().await).unwrap();
    assert!(told.len() < 200, "{told}");
}

#[testkit::test_each_engine]
async fn nonsense_without_end_closes_the_connection(store: Store) {
    let office = Office::open(store).await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    peer.send("GET / HTTP/1.1\r\n".repeat(100)).await;
    let told = String::from_utf8(peer.rest().await).unwrap();
    assert_eq!(told.matches("-ERR There is no such command").count(), 20, "{told}");
    assert!(told.contains("-ERR Too many commands without sense"));
}

#[testkit::test_each_engine]
async fn connections_beyond_the_limit_are_told_so(store: Store) {
    let office = Office::open_with(store, Pop3Options { door: DoorLimits { max_connections: 2, ..options().door }, ..options() }).await;
    let (mut one, mut two) = (Peer::connect(&office).await, Peer::connect(&office).await);
    one.line().await.unwrap();
    two.line().await.unwrap();
    let mut three = Peer::connect(&office).await;
    assert!(three.line().await.unwrap().starts_with("-ERR [SYS/TEMP]"));
    assert_eq!(three.line().await, None);
    two.quit().await;
    // The place is free once the session is gone, which the client may learn a moment earlier.
    loop {
        let mut next = Peer::connect(&office).await;
        if next.line().await.is_some_and(|line| line.starts_with("+OK")) {
            break;
        }
    }
}

#[testkit::test_each_engine]
async fn who_takes_no_answer_is_dropped_and_frees_the_maildrop(store: Store) {
    let office = Office::open_with(
        store,
        Pop3Options { door: DoorLimits { write_timeout: Duration::from_millis(200), ..options().door }, ..options() },
    )
    .await;
    let user = office.newcomer().await;
    let large = format!("Subject: large\r\n\r\n{}", "A long line of text, again and again.\r\n".repeat(50_000));
    office.append(&user, large.as_bytes()).await;
    let mut slow = Peer::signed_in(&office, &user).await;
    slow.send("RETR 1\r\n".repeat(40)).await;
    let mut next = Peer::connect(&office).await;
    next.line().await.unwrap();
    while !next.sign_in(&user).await.starts_with("+OK") {}
    let taken = slow.rest().await.len();
    assert!(taken < 40 * large.len(), "{taken}");
}
