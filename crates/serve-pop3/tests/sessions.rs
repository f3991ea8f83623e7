//! Sessions from their beginning to their end: TLS, revocations, stopping, and others who use the same account.

use std::time::Duration;

use identity::client_passwords;
use identity::protocols::Protocol;
use serve_pop3::Pop3Options;
use store::{Notice, Store};

use crate::office::{Colleague, Office, PASSWORD, options};
use crate::peer::Peer;
use crate::transcript::message;

#[testkit::test_each_engine]
async fn tls_from_the_first_byte_takes_a_password_and_offers_no_second_tls(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    office.append(&user, &message("lines.eml")).await;
    let mut peer = Peer::connect_tls(&office).await;
    assert!(peer.line().await.unwrap().starts_with("+OK"));
    let capabilities = peer.list("CAPA").await;
    assert!(capabilities.contains(&"SASL PLAIN".to_owned()) && !capabilities.contains(&"STLS".to_owned()), "{capabilities:?}");
    assert!(peer.ask("STLS").await.starts_with("-ERR TLS is on already"));
    assert!(peer.sign_in(&user).await.starts_with("+OK"));
    assert_eq!(peer.list("RETR 1").await[3..], ["one", "two", "", "four"]);
}

#[testkit::test_each_engine]
async fn what_was_said_before_stls_is_forgotten(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    // Somebody in between has put words before STLS and behind it; none of them may count under TLS.
    peer.ask("LANG zh").await;
    peer.ask(&format!("USER {}", user.login)).await;
    peer.send("STLS\r\nUSER nobody\r\nQUIT\r\n").await;
    assert!(peer.line().await.unwrap().starts_with("+OK"));
    let mut peer = peer.start_tls(&office).await;
    assert_eq!(peer.ask(&format!("PASS {PASSWORD}")).await, "-ERR Say USER first");
    assert!(!peer.list("CAPA").await.contains(&"STLS".to_owned()));
    assert!(peer.sign_in(&user).await.starts_with("+OK"));
}

async fn suspend(office: &Office, user: &Colleague) {
    let (ctx, member) = (office.ctx(), user.member);
    office.store.write(move |tx| lifecycle::members::suspend(&ctx, tx, member)).await.unwrap();
}

#[testkit::test_each_engine]
async fn a_sign_in_that_is_revoked_ends_its_session_at_once_and_deletes_nothing(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    office.append(&user, &message("first.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.ask("DELE 1").await;
    suspend(&office, &user).await;
    assert!(peer.line().await.unwrap().starts_with("-ERR [AUTH]"));
    assert_eq!(peer.line().await, None);
    assert_eq!(office.uids(&user).await, [1]);

    let mut again = Peer::connect(&office).await;
    again.line().await.unwrap();
    assert!(again.sign_in(&user).await.starts_with("-ERR [SYS/PERM]"));
}

#[testkit::test_each_engine]
async fn a_doubt_that_proves_unfounded_ends_nothing(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    store.bus().publish(Notice::SessionsRevoked { identity: user.identity });
    assert!(peer.ask("NOOP").await.starts_with("+OK"));
}

#[testkit::test_each_engine]
async fn a_revocation_on_another_node_is_found_by_looking(store: Store) {
    let office = Office::open_with(store.clone(), Pop3Options { check_every: Duration::from_millis(20), ..options() }).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    let member = user.member;
    // Without the notice, as if another node had published it.
    store
        .write(move |tx| tx.execute("UPDATE member SET suspended_at = 1 WHERE id = $1", store::params![member])?.expect_one())
        .await
        .unwrap();
    assert!(peer.line().await.unwrap().starts_with("-ERR [AUTH]"));
}

#[testkit::test_each_engine]
async fn a_client_password_opens_what_it_was_made_for(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    for (protocol, answer) in [(Protocol::Pop3, "+OK"), (Protocol::Imap, "-ERR [AUTH]")] {
        let (ctx, keys_of, member) = (office.ctx(), store.clone(), user.member);
        let made = store
            .write(move |tx| client_passwords::create_as_operator(&ctx, tx, keys_of.keys(), member, protocol.as_str(), vec![protocol]));
        let made = made.await.unwrap();
        let mut peer = Peer::connect(&office).await;
        peer.line().await.unwrap();
        peer.ask(&format!("USER {}", user.login)).await;
        let told = peer.ask(&format!("PASS {}", made.password.as_str())).await;
        assert!(told.starts_with(answer), "{protocol:?}: {told}");
        if answer == "+OK" {
            peer.quit().await;
        }
    }
}

#[testkit::test_each_engine]
async fn when_the_server_stops_everybody_is_told_and_nothing_is_deleted(store: Store) {
    let office = Office::open(store).await;
    let stopping = office.another_node(options()).await;
    let user = office.newcomer().await;
    office.append(&user, &message("first.eml")).await;
    let mut unknown = Peer::connect(&stopping).await;
    unknown.line().await.unwrap();
    let mut half_way = Peer::connect(&stopping).await;
    half_way.line().await.unwrap();
    half_way.send("NOO").await;
    let mut waiting = Peer::signed_in(&stopping, &user).await;
    waiting.ask("DELE 1").await;
    stopping.stop().await;
    for peer in [&mut unknown, &mut half_way, &mut waiting] {
        assert!(peer.line().await.unwrap().starts_with("-ERR [SYS/TEMP]"));
        assert_eq!(peer.line().await, None);
    }
    assert_eq!(office.uids(&user).await, [1]);
    // The maildrop was given back, so the next node has it at once.
    Peer::signed_in(&office, &user).await;
}

#[testkit::test_each_engine]
async fn what_one_session_leaves_has_the_same_unique_ids_in_the_next(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    for _ in 0..5 {
        office.append(&user, &message("first.eml")).await;
    }
    let mut peer = Peer::signed_in(&office, &user).await;
    let ids = |lines: Vec<String>| lines.iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect::<Vec<_>>();
    let before = ids(peer.list("UIDL").await);
    peer.ask("DELE 2").await;
    peer.ask("DELE 4").await;
    peer.quit().await;
    office.append(&user, &message("second.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    let after = ids(peer.list("UIDL").await);
    assert_eq!(after[..3], [&before[0], &before[2], &before[4]].map(Clone::clone));
    assert!(after.len() == 4 && !before.contains(&after[3]));
}
