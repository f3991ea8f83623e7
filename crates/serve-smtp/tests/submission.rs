//! Members send: from their own addresses, to colleagues at once and to others by the queue.

use directory::members;
use kernel::{Actor, PageRequest};
use mail::outbound::{self, QueueFilter};
use mail::submission::Notify;
use serve_smtp::Kind;
use store::{Store, StoreError};
use testkit::test_each_engine;

use crate::office::{Office, options};

const MESSAGE: &str =
    "From: Li Na <li.na@example.test>\r\nTo: wang@example.test\r\nBcc: chen@example.test\r\nSubject: Plan\r\n\r\nText\r\n";

async fn queued(office: &Office) -> Vec<outbound::Shown> {
    let ctx = office.ctx_of("li.na").acted_by(Actor::System { task: "test" });
    let found = office.store.read(move |tx| {
        let page = outbound::list(&ctx, tx, &QueueFilter::default(), &PageRequest::first(50)).expect("the queue");
        let shown = page.items.into_iter().map(|listed| outbound::show(&ctx, tx, listed.message.id).expect("a message"));
        Ok::<_, StoreError>(shown.collect())
    });
    found.await.unwrap()
}

#[test_each_engine]
async fn colleagues_have_it_at_once_and_others_get_it_by_the_queue(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.signed_in("li.na").await;
    let to = ["wang@example.test", "chen@example.test", "zhao@other.test", "b@elsewhere.test", "c@elsewhere.test"];
    let said = peer.deliver("li.na@example.test", &to, MESSAGE).await;
    assert!(said.starts_with("250 2.0.0 Taken as "), "{said}");
    for name in ["wang", "chen", "zhao"] {
        let mail = office.inbox(name).await;
        assert_eq!(mail.len(), 1, "{name}");
        assert!(mail[0].contains("Return-Path: <li.na@example.test>\r\n"), "{}", mail[0]);
        assert!(
            mail[0].contains("with ESMTPSA") && mail[0].contains("\r\nMessage-ID: <") && mail[0].contains("\r\nDate: Mon, 02 Mar 2026"),
            "{}",
            mail[0]
        );
        assert!(!mail[0].contains("Bcc") && !mail[0].contains("127.0.0.1") && !mail[0].contains("client.test"), "{}", mail[0]);
        assert!(mail[0].ends_with("Subject: Plan\r\n\r\nText\r\n"), "{}", mail[0]);
    }
    let [message] = &queued(&office).await[..] else { panic!("one message") };
    let addresses: Vec<&str> = message.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
    assert_eq!(addresses, ["b@elsewhere.test", "c@elsewhere.test"]);
    assert_eq!(message.message.reverse_path.as_str(), "li.na@example.test");
}

#[test_each_engine]
async fn what_the_sender_wants_to_hear_goes_into_the_queue(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.signed_in("li.na").await;
    for command in [
        "MAIL FROM:<li.na@example.test> RET=FULL ENVID=QQ+2B1",
        "RCPT TO:<b@elsewhere.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2B@elsewhere.test",
        "RCPT TO:<c@elsewhere.test> NOTIFY=NEVER",
        "RCPT TO:<Postmaster>",
        "DATA",
    ] {
        let said = peer.command(command).await;
        assert!(said.starts_with(['2', '3']), "{command}: {said}");
    }
    peer.send(MESSAGE.as_bytes()).await;
    peer.send(b".\r\n").await;
    assert!(peer.reply().await.starts_with("250 "));
    let [message] = &queued(&office).await[..] else { panic!("one message") };
    assert_eq!(message.message.envelope_id.as_deref(), Some("QQ+2B1"));
    assert_eq!(message.recipients[0].notify, Notify { success: true, failure: false, delay: true });
    assert_eq!(message.recipients[0].original.as_deref(), Some("rfc822;b+2B@elsewhere.test"));
    assert_eq!(message.recipients[1].notify, Notify::NEVER);
    assert_eq!(office.inbox("li.na").await.len(), 1, "the owner is postmaster");
}

#[test_each_engine]
async fn nobody_writes_in_the_name_of_another(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.signed_in("wang").await;
    let envelope = peer.command("MAIL FROM:<li.na@example.test>").await;
    assert!(envelope.starts_with("550 5.7.1 Li.na@example.test is not an address of this member"), "{envelope}");
    for (message, expected) in [
        (MESSAGE, "550 5.7.1 Li.na@example.test is not an address of this member"),
        ("From: wang@example.test\r\nSender: li.na@example.test\r\n\r\n", "550 5.7.1 Li.na@example.test is"),
        ("From: wang@example.test, li.na@example.test\r\n\r\n", "550 5.7.1 Li.na@example.test is"),
        ("From: wang@example.test\r\nFrom: li.na@example.test\r\n\r\n", "501 5.5.4 The message has more than one From"),
        ("Subject: x\r\n\r\n", "501 5.5.4 The message has no From with an address"),
        ("\r\nFrom: wang@example.test\r\n", "501 5.5.4 The message has no From"),
        ("", "501 5.5.4 The message has no From"),
    ] {
        let said = peer.deliver("wang@example.test", &["b@elsewhere.test"], message).await;
        assert!(said.starts_with(expected), "{message:?}: {said}");
    }
    // Every own address will do, tags included.
    for own in ["wang@example.test", "Wang.Wei+x@Example.test"] {
        let said = peer.deliver(own, &["chen@example.test"], &format!("From: <{own}>\r\n\r\n")).await;
        assert!(said.starts_with("250 "), "{own}: {said}");
    }
    assert_eq!((office.inbox("chen").await.len(), queued(&office).await.len()), (2, 0));
}

#[test_each_engine]
async fn a_member_sends_its_share_in_an_hour_and_no_more(store: Store) {
    let mut options = options();
    options.limits.messages_per_hour = 2;
    options.limits.recipients_per_hour = 3;
    let office = Office::open_with(store, options).await;
    let mut peer = office.signed_in("li.na").await;
    let own = "From: li.na@example.test\r\n\r\n";
    assert!(peer.deliver("li.na@example.test", &["wang@example.test", "chen@example.test"], own).await.starts_with("250 "));
    assert!(peer.deliver("li.na@example.test", &["wang@example.test", "chen@example.test"], own).await.starts_with("450 4.7.1 "));
    assert!(peer.deliver("li.na@example.test", &["wang@example.test"], own).await.starts_with("250 "));
    assert!(peer.deliver("li.na@example.test", &["wang@example.test"], own).await.starts_with("450 4.7.1 "));
    office.clock.advance_secs(3600);
    assert!(peer.deliver("li.na@example.test", &["wang@example.test"], own).await.starts_with("250 "));
}

#[test_each_engine]
async fn a_sign_in_that_does_not_hold_any_more_ends_the_session(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.signed_in("chen").await;
    let (ctx, chen) = (office.ctx_of("chen"), office.member("chen"));
    office.write(move |tx| members::suspend(&ctx, tx, chen).map_err(|_| StoreError::aborted())).await;
    let said = peer.command("MAIL FROM:<chen@example.test>").await;
    assert!(said.starts_with("421 4.7.0 "), "{said}");
    assert!(peer.closed().await.is_empty());
}

#[test_each_engine]
async fn a_message_of_a_store_that_fails_is_not_taken(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.signed_in("li.na").await;
    let rename = |from: &'static str, to: &'static str| {
        move |tx: &mut store::Tx| tx.execute(&format!("ALTER TABLE {from} RENAME TO {to}"), store::params![]).map(store::Affected::any)
    };
    office.write(rename("queue_recipient", "queue_away")).await;
    let to = ["wang@example.test", "b@elsewhere.test"];
    assert!(peer.deliver("li.na@example.test", &to, MESSAGE).await.starts_with("451 4.3.0 "));
    office.write(rename("queue_away", "queue_recipient")).await;
    assert_eq!((office.inbox("wang").await.len(), queued(&office).await.len()), (0, 0), "all or nothing");
    assert!(peer.deliver("li.na@example.test", &to, MESSAGE).await.starts_with("250 "));
    assert_eq!((office.inbox("wang").await.len(), queued(&office).await.len()), (1, 1));
}

#[test_each_engine]
async fn submission_in_the_clear_says_so_in_the_trace(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Submission).await;
    let said = peer.command(&format!("AUTH PLAIN {}", crate::office::plain("li.na@example.test", crate::office::PASSWORD))).await;
    assert!(said.starts_with("235 "), "{said}");
    assert!(peer.deliver("li.na@example.test", &["wang@example.test"], MESSAGE).await.starts_with("250 "));
    assert!(office.inbox("wang").await[0].contains("with ESMTPA "));
}
