//! Sessions from their beginning to their end: TLS, revocations, stopping, and others who use the same account.

use std::time::Duration;

use identity::sessions;
use kernel::{Actor, Realm, SessionId};
use serve_imap::ImapOptions;
use store::{Notice, Store, StoreError};

use crate::office::{Colleague, Office, PASSWORD, options};
use crate::peer::Peer;
use crate::transcript::message;

#[testkit::test_each_engine]
async fn tls_from_the_first_byte_takes_a_password_and_offers_no_second_tls(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut peer = Peer::connect_tls(&office).await;
    let greeting = peer.line().await.unwrap();
    assert!(greeting.contains("AUTH=PLAIN") && !greeting.contains("STARTTLS"), "{greeting}");
    assert!(peer.ask(&format!("LOGIN {} {PASSWORD}", user.login)).await[0].starts_with("t OK"));
    peer.append("INBOX", &message("gray.eml")).await;
    peer.ask("SELECT INBOX").await;
    let fetched = peer.ask("FETCH 1 BODY.PEEK[TEXT]").await;
    assert_eq!(fetched[1], "The meeting begins.");
}

#[testkit::test_each_engine]
async fn what_was_said_before_starttls_is_forgotten(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut peer = Peer::connect(&office).await;
    assert!(peer.line().await.unwrap().contains("STARTTLS"));
    // Somebody in between has put a command behind STARTTLS; it must not be obeyed under TLS.
    peer.send("a STARTTLS\r\nb CREATE Injected\r\n").await;
    assert!(peer.line().await.unwrap().starts_with("a OK"));
    let mut peer = peer.start_tls(&office).await;
    let answer = peer.ask("CAPABILITY").await;
    assert!(answer[0].starts_with("* CAPABILITY") && !answer[0].contains("STARTTLS"), "{answer:?}");
    assert!(peer.ask(&format!("LOGIN {} {PASSWORD}", user.login)).await[0].starts_with("t OK"));
    assert_eq!(peer.ask("STARTTLS").await.len(), 1);
}

#[testkit::test_each_engine]
async fn a_sign_in_that_is_revoked_ends_its_sessions_at_once(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut idle = Peer::signed_in(&office, &user).await;
    idle.send("i IDLE\r\n").await;
    assert!(idle.line().await.unwrap().starts_with('+'));
    let mut waiting = Peer::signed_in(&office, &user).await;

    suspend(&office, &user).await;
    assert!(idle.line().await.unwrap().starts_with("* BYE [EXPIRED]"));
    assert_eq!(idle.line().await, None);
    assert!(waiting.line().await.unwrap().starts_with("* BYE [EXPIRED]"));

    let mut again = Peer::connect(&office).await;
    again.line().await.unwrap();
    let refused = again.ask(&format!("LOGIN {} {PASSWORD}", user.login)).await;
    assert!(refused[0].starts_with("t NO [AUTHORIZATIONFAILED]"), "{refused:?}");
}

async fn suspend(office: &Office, user: &Colleague) {
    let (ctx, member) = (office.ctx(), user.member);
    office.store.write(move |tx| lifecycle::members::suspend(&ctx, tx, member)).await.unwrap();
}

#[testkit::test_each_engine]
async fn a_doubt_that_proves_unfounded_ends_nothing(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    store.bus().publish(Notice::SessionsRevoked { identity: user.identity });
    assert!(peer.ask("NOOP").await[0].starts_with("t OK"));
}

#[testkit::test_each_engine]
async fn a_long_search_says_that_it_goes_on(store: Store) {
    let office = Office::open_with(store, ImapOptions { progress_every: Duration::from_millis(1), ..options() }).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    for _ in 0..100 {
        peer.append("INBOX", &message("parts.eml")).await;
    }
    peer.ask("SELECT INBOX").await;
    let answer = peer.ask("SEARCH BODY nowhere").await;
    assert!(answer[0].starts_with("* OK [INPROGRESS (\"t\" NIL NIL)]"), "{answer:?}");
    assert_eq!(answer[answer.len() - 2], "* SEARCH");
    // A tag that would end the response code is left out.
    peer.send("t]2 SEARCH BODY nowhere\r\n").await;
    let answer = peer.answer("t]2").await;
    assert!(answer[0].starts_with("* OK [INPROGRESS (NIL NIL NIL)]"), "{answer:?}");
}

#[testkit::test_each_engine]
async fn a_lost_notice_only_delays(store: Store) {
    let office = Office::open_with(store.clone(), ImapOptions { check_every: Duration::from_millis(50), ..options() }).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.ask("SELECT INBOX").await;
    peer.send("i IDLE\r\n").await;
    peer.line().await.unwrap();
    // The bus forgets: what another node does is found out by looking.
    let ctx = office.ctx();
    let account = user.account;
    store
        .write_account(account, move |tx| {
            let head = mail::heads::open(&ctx, tx, account).expect("the account");
            tx.execute("UPDATE mail_account SET change_number = change_number + 1 WHERE id = $1", store::params![head.account])?.expect_one()?;
            let sql = "INSERT INTO mailbox_entry (account_id, mailbox_id, uid, message_id, thread_id, flags, received_at, size_bytes, change_number)
                       VALUES ($1, 1, 1, 99, 99, 0, 0, 1, $2)";
            tx.execute(sql, store::params![account, head.change_number + 1])?.expect_one()
        })
        .await
        .unwrap();
    assert_eq!(peer.line().await.unwrap(), "* 1 EXISTS");
    store
        .write(move |tx| tx.execute("DELETE FROM mailbox_entry WHERE account_id = $1", store::params![account])?.expect_one())
        .await
        .unwrap();
}

#[testkit::test_each_engine]
async fn when_the_server_stops_everybody_is_told(store: Store) {
    let mut office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut unknown = Peer::connect(&office).await;
    unknown.line().await.unwrap();
    let mut waiting = Peer::signed_in(&office, &user).await;
    let mut idle = Peer::signed_in(&office, &user).await;
    idle.send("i IDLE\r\n").await;
    idle.line().await.unwrap();
    let mut half_way = Peer::signed_in(&office, &user).await;
    half_way.send("a CREATE {4}\r\n").await;
    half_way.line().await.unwrap();

    office.stop().await;
    for peer in [&mut unknown, &mut waiting, &mut idle, &mut half_way] {
        assert!(peer.line().await.unwrap().starts_with("* BYE [UNAVAILABLE]"));
        assert_eq!(peer.line().await, None);
    }
}

#[testkit::test_each_engine]
async fn two_sessions_see_the_same_mailbox_change_in_any_order(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let (mut one, mut two) = (Peer::signed_in(&office, &user).await, Peer::signed_in(&office, &user).await);
    for _ in 0..20 {
        one.append("INBOX", &message("gray.eml")).await;
    }
    one.ask("SELECT INBOX").await;
    two.ask("SELECT INBOX").await;
    one.ask("STORE 3,7,11:15 +FLAGS.SILENT (\\Deleted)").await;
    two.ask("STORE 1:4 +FLAGS.SILENT (\\Flagged)").await;
    one.ask("EXPUNGE").await;
    two.append("INBOX", &message("gray.eml")).await;
    one.ask("NOOP").await;
    two.ask("NOOP").await;
    let (seen_by_one, seen_by_two) = (one.ask("FETCH 1:* (UID FLAGS)").await, two.ask("FETCH 1:* (UID FLAGS)").await);
    // But for what is recent, which is so for one of them alone.
    let without_recent =
        |seen: &[String]| seen.iter().map(|line| line.replace(" \\Recent", "").replace("\\Recent", "")).collect::<Vec<_>>();
    assert_eq!(without_recent(&seen_by_one), without_recent(&seen_by_two));
    assert_eq!(seen_by_one.iter().filter(|line| !seen_by_two.contains(line)).count(), 14);
    assert_eq!(seen_by_one.len(), 15);
}

#[testkit::test_each_engine]
async fn a_web_session_of_the_same_member_is_another_matter(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    let ctx = office.ctx().acted_by(Actor::Member {
        member_id: user.member,
        identity_id: user.identity,
        session_id: SessionId::from_raw(1),
        realm: Realm::Account,
    });
    let _ = store.write(move |tx| Ok::<_, StoreError>(sessions::revoke_others(&ctx, tx).is_ok())).await;
    assert!(peer.ask("NOOP").await[0].starts_with("t OK"));
}
