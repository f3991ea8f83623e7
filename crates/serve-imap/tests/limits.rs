//! Rude, slow and flooding clients: each costs a bounded amount, and the others notice nothing.

use std::time::Duration;

use serve_imap::{DoorLimits, ImapOptions};
use store::{Store, params};

use crate::office::{Office, PASSWORD, options};
use crate::peer::Peer;
use crate::transcript::message;

#[testkit::test_each_engine]
async fn who_does_not_sign_in_has_to_go(store: Store) {
    let office = Office::open_with(store, ImapOptions { sign_in_timeout: Duration::from_millis(50), ..options() }).await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    assert!(peer.line().await.unwrap().starts_with("* BYE"));
    assert_eq!(peer.line().await, None);
}

#[testkit::test_each_engine]
async fn who_is_silent_for_too_long_is_logged_out(store: Store) {
    let office = Office::open_with(store, ImapOptions { idle_timeout: Duration::from_millis(50), ..options() }).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    assert!(peer.line().await.unwrap().starts_with("* BYE"));
    let mut idle = Peer::signed_in(&office, &user).await;
    idle.send("i IDLE\r\n").await;
    idle.line().await.unwrap();
    assert!(idle.line().await.unwrap().starts_with("* BYE"));
}

#[testkit::test_each_engine]
async fn a_command_that_never_ends_is_given_up(store: Store) {
    let office = Office::open_with(store, ImapOptions { read_timeout: Duration::from_millis(50), ..options() }).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.send("a FETCH 1").await;
    assert!(peer.line().await.unwrap().starts_with("* BYE"));
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.send("a APPEND INBOX {1000+}\r\nSubject").await;
    assert!(peer.line().await.unwrap().starts_with("* BYE"));
}

#[testkit::test_each_engine]
async fn a_line_without_end_is_refused_and_the_next_command_is_obeyed(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    peer.send(format!("a LOGIN {} x\r\n", "y".repeat(100_000))).await;
    assert!(peer.line().await.unwrap().starts_with("a BAD [TOOBIG]"));
    assert!(peer.ask(&format!("LOGIN {} {PASSWORD}", user.login)).await[0].starts_with("t OK"));
    peer.ask("SELECT INBOX").await;
    let many: Vec<String> = (1..=40_000).map(|uid| (uid * 2).to_string()).collect();
    let answer = peer.ask(&format!("UID FETCH {} FLAGS", many.join(","))).await;
    assert!(answer[0].starts_with("t OK"), "a set of some ten thousands is no abuse: {answer:?}");
}

#[testkit::test_each_engine]
async fn a_message_that_nobody_may_send_is_not_read(store: Store) {
    let office = Office::open(store).await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    peer.send("a APPEND INBOX {2000000+}\r\n").await;
    assert!(peer.line().await.unwrap().starts_with("* BYE [TOOBIG]"));

    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    peer.send("a APPEND INBOX {99999999999+}\r\n").await;
    assert!(peer.line().await.unwrap().starts_with("* BYE [TOOBIG]"));
}

#[testkit::test_each_engine]
async fn nonsense_without_end_closes_the_connection(store: Store) {
    let office = Office::open(store).await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    peer.send("GET / HTTP/1.1\r\n".repeat(100)).await;
    let told = String::from_utf8(peer.rest().await).unwrap();
    assert_eq!(told.matches(" BAD ").count(), 20, "{told}");
    assert!(told.contains("* BYE [CLIENTBUG]"));
}

#[testkit::test_each_engine]
async fn an_account_has_a_bounded_number_of_sessions(store: Store) {
    let office = Office::open_with(store, ImapOptions { max_sessions_per_account: 2, ..options() }).await;
    let user = office.newcomer().await;
    let _one = Peer::signed_in(&office, &user).await;
    let mut two = Peer::signed_in(&office, &user).await;
    let mut three = Peer::connect(&office).await;
    three.line().await.unwrap();
    let login = format!("LOGIN {} {PASSWORD}", user.login);
    assert!(three.ask(&login).await[0].starts_with("t NO [LIMIT]"));
    two.ask("LOGOUT").await;
    two.rest().await;
    // The place is free once the session is gone, which the client may learn a moment earlier.
    for _ in 0..100 {
        if three.ask(&login).await[0].starts_with("t OK") {
            return;
        }
    }
    panic!("the place was never free again");
}

#[testkit::test_each_engine]
async fn a_listener_has_a_bounded_number_of_connections(store: Store) {
    let office = Office::open_with(store, ImapOptions { door: DoorLimits { max_connections: 1, ..options().door }, ..options() }).await;
    let mut one = Peer::connect(&office).await;
    one.line().await.unwrap();
    let mut two = Peer::connect(&office).await;
    assert!(two.line().await.unwrap().starts_with("* BYE [UNAVAILABLE]"));
    assert_eq!(two.line().await, None);
    assert!(one.ask("NOOP").await[0].starts_with("t OK"));
}

#[testkit::test_each_engine]
async fn who_takes_no_answer_is_dropped_and_holds_up_nobody(store: Store) {
    let office = Office::open_with(
        store,
        ImapOptions {
            door: DoorLimits { write_timeout: Duration::from_millis(200), ..options().door },
            max_sessions_per_account: 2,
            ..options()
        },
    )
    .await;
    let user = office.newcomer().await;
    let mut slow = Peer::signed_in(&office, &user).await;
    let mut large = message("gray.eml");
    large.extend_from_slice("A long line of text, again and again.\r\n".repeat(50_000).as_bytes());
    slow.append("INBOX", &large).await;
    slow.ask("SELECT INBOX").await;
    for number in 0..40 {
        slow.send(format!("f{number} FETCH 1 BODY.PEEK[]\r\n")).await;
    }
    let mut other = Peer::signed_in(&office, &user).await;
    assert!(other.ask("NOOP").await[0].starts_with("t OK"));
    // The account's third session finds a place when the server has given up the first.
    let mut third = Peer::connect(&office).await;
    third.line().await.unwrap();
    let login = format!("LOGIN {} {PASSWORD}", user.login);
    while !third.ask(&login).await[0].starts_with("t OK") {}
    let taken = slow.rest().await.len();
    assert!(taken < 40 * large.len(), "{taken}");
}

#[testkit::test_each_engine]
async fn without_room_a_message_is_refused_and_the_session_lives_on(store: Store) {
    let office = Office::open(store.clone()).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    let org = office.org;
    store
        .write(move |tx| {
            tx.execute("UPDATE service_class SET mail_quota_bytes = 1000 WHERE org_id = $1", params![org])?.any();
            Ok::<_, store::StoreError>(())
        })
        .await
        .unwrap();
    assert!(peer.append("INBOX", &message("gray.eml")).await[0].starts_with("t OK"));
    peer.send("a APPEND INBOX {5000}\r\n").await;
    assert!(peer.line().await.unwrap().starts_with("a NO [OVERQUOTA]"));
    let quota = peer.ask("GETQUOTA \"\"").await;
    assert_eq!(quota[0], "* QUOTA \"\" (STORAGE 1 0)", "{quota:?}");
    assert!(peer.append("INBOX", &message("gray.eml")).await[0].starts_with("t OK"));
    assert!(peer.append("INBOX", &message("gray.eml")).await[0].starts_with("t NO [OVERQUOTA]"));
    peer.ask("SELECT INBOX").await;
    let again = peer.ask("COPY 1:2 INBOX").await;
    assert!(again.last().unwrap().starts_with("t NO [OVERQUOTA]"), "{again:?}");
    assert!(peer.ask("NOOP").await[0].starts_with("t OK"));
}

#[testkit::test_each_engine]
async fn a_mailbox_that_goes_between_two_messages_takes_no_more_and_is_asked_about_again(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let (mut peer, mut other) = (Peer::signed_in(&office, &user).await, Peer::signed_in(&office, &user).await);
    peer.ask("CREATE Copies").await;
    assert!(peer.append("Copies", &message("gray.eml")).await[0].starts_with("t OK"));
    assert!(other.ask("DELETE Copies").await[0].starts_with("t OK"));
    assert!(peer.append("Copies", &message("gray.eml")).await[0].starts_with("t NO [TRYCREATE]"));
    peer.send("a APPEND Copies {5}\r\n").await;
    assert!(peer.line().await.unwrap().starts_with("a NO [TRYCREATE]"));
    assert!(peer.append("INBOX", &message("gray.eml")).await[0].starts_with("t OK"));
}

#[testkit::test_each_engine]
async fn thousands_of_messages_come_in_order_and_whole(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    // Copies onto copies: 1, 2, 4 … 4096.
    peer.append("INBOX", &message("gray.eml")).await;
    peer.ask("SELECT INBOX").await;
    for _ in 0..12 {
        let copied = peer.ask("COPY 1:* INBOX").await;
        assert!(copied.last().unwrap().starts_with("t OK"), "{copied:?}");
    }
    let fetched = peer.ask("FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE)").await;
    assert_eq!(fetched.len(), 4097);
    for (index, line) in fetched[..4096].iter().enumerate() {
        assert!(line.starts_with(&format!("* {} FETCH (UID {} FLAGS (\\Recent) ENVELOPE (", index + 1, index + 1)), "{line}");
    }
    // Every other one, and those that lie close together.
    let odd: Vec<String> = (0..2048).map(|index| (index * 2 + 1).to_string()).collect();
    let fetched = peer.ask(&format!("FETCH {} (UID RFC822.SIZE)", odd.join(","))).await;
    assert_eq!(fetched.len(), 2049);
    assert!(fetched[2047].starts_with("* 4095 FETCH (UID 4095 RFC822.SIZE"));

    let stored = peer.ask("STORE 1:* +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(stored.len(), 1, "{stored:?}");
    let gone = peer.ask("EXPUNGE").await;
    assert_eq!((gone.len(), gone[0].as_str(), gone[4096].as_str()), (4098, "* 4096 EXPUNGE", "* 0 RECENT"));
    assert_eq!(peer.ask("STATUS INBOX (MESSAGES SIZE)").await[0], "* STATUS INBOX (MESSAGES 0 SIZE 0)");
}

#[testkit::test_each_engine]
async fn who_would_be_told_too_much_at_once_is_told_that_and_then_nothing_more(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut other = Peer::signed_in(&office, &user).await;
    other.send((0..=1_000).map(|number| format!("c CREATE Old/{number}\r\n")).collect::<String>()).await;
    for _ in 0..=1_000 {
        let created = other.line().await.unwrap();
        assert!(created.starts_with("c OK"), "{created}");
    }
    let mut peer = Peer::signed_in(&office, &user).await;
    // Each by its name: those below a mailbox that is watched itself are not told one by one.
    let group = |numbers: std::ops::RangeInclusive<u32>| {
        let names: Vec<String> = numbers.map(|number| format!("Old/{number}")).collect();
        format!("(MAILBOXES ({}) (MailboxName))", names.join(" "))
    };
    assert!(peer.ask(&format!("NOTIFY SET {} {}", group(0..=500), group(501..=1_000))).await[0].starts_with("t OK"));
    assert!(other.ask("RENAME Old New").await[0].starts_with("t OK"));
    assert!(peer.line().await.unwrap().starts_with("* OK [NOTIFICATIONOVERFLOW]"));
    assert!(other.ask("CREATE Old/7").await[0].starts_with("t OK"));
    assert_eq!(peer.ask("NOOP").await.len(), 1, "RFC 5465 §5.8: as after NOTIFY NONE");
}
