//! From the socket to the mailbox, and what is promised on the way.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use mail::mailboxes::Role;
use serve_smtp::Kind;
use store::{Engine, Store, StoreError, params};
use testkit::test_each_engine;

use crate::office::Office;

const MESSAGE: &str = "From: Bo <b@elsewhere.test>\r\nTo: wang@example.test\r\nSubject: Hello\r\n\r\nText\r\n";

#[test_each_engine]
async fn a_message_lies_in_the_mailbox_as_it_was_sent_behind_the_lines_of_its_delivery(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    assert!(peer.deliver("b@elsewhere.test", &["Wang@example.test"], MESSAGE).await.starts_with("250 2.0.0 Taken as "));
    let [message] = &office.inbox("wang").await[..] else { panic!("one message") };
    let (prefix, sent) = message.split_at(message.find("From: Bo").unwrap());
    assert_eq!(sent, MESSAGE);
    let lines: Vec<&str> = prefix.split("\r\n").collect();
    assert_eq!(
        lines[..4],
        [
            "Delivered-To: Wang@example.test",
            "Return-Path: <b@elsewhere.test>",
            "Received: from client.test ([127.0.0.1])",
            "\tby mx.example.test with ESMTP",
        ]
    );
    assert!(lines[4].starts_with("\tid ") && lines[4].len() > 20, "{prefix}");
    assert_eq!(lines[5..], ["\tfor <Wang@example.test>;", "\tMon, 02 Mar 2026 01:00:00 +0000", ""]);
}

#[test_each_engine]
async fn several_recipients_of_several_organisations_get_it_once_each_and_nobody_is_named_to_the_others(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    let to = [
        "wang@example.test",
        "wang.wei@example.test",
        "wang+x@example.test",
        "chen@example.test",
        "zhao@other.test",
        "postmaster@example.test",
    ];
    assert!(peer.deliver("b@elsewhere.test", &to, MESSAGE).await.starts_with("250 "));
    for (name, address) in
        [("wang", "wang@example.test"), ("chen", "chen@example.test"), ("zhao", "zhao@other.test"), ("li.na", "postmaster@example.test")]
    {
        let mail = office.inbox(name).await;
        assert_eq!(mail.len(), 1, "{name}");
        assert!(mail[0].starts_with(&format!("Delivered-To: {address}\r\n")), "{}", mail[0]);
        assert!(mail[0].ends_with(MESSAGE) && !mail[0].contains("\tfor <"), "{}", mail[0]);
    }
}

#[test_each_engine]
async fn bytes_beyond_ascii_are_kept_as_they_are(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    for command in ["MAIL FROM:<李娜@单位.中国> SMTPUTF8 BODY=8BITMIME", "RCPT TO:<wang@example.test>", "DATA"] {
        assert!(peer.command(command).await.starts_with(['2', '3']));
    }
    let message = "From: 李娜 <李娜@单位.中国>\r\nSubject: 你好 🪿\r\n\r\n正文\r\n";
    peer.send(message.as_bytes()).await;
    peer.send(b".\r\n").await;
    assert!(peer.reply().await.starts_with("250 "));
    let mail = office.inbox("wang").await;
    assert!(mail[0].ends_with(message) && mail[0].contains("Return-Path: <李娜@xn--nqq01h.xn--fiqs8s>\r\n"), "{}", mail[0]);
    assert!(mail[0].contains("with UTF8SMTP"));
}

/// The row that every delivery to the account changes is held by somebody else: on SQLite the one writer, on PostgreSQL the row itself.
#[test_each_engine]
async fn nothing_is_answered_before_it_is_committed(store: Store) {
    let office = Office::open(store.clone()).await;
    let account = office.account("wang");
    let (held, holding) = tokio::sync::oneshot::channel();
    let (release, released) = mpsc::channel::<()>();
    let (mut held, released) = (Some(held), Mutex::new(released));
    let holder = tokio::task::spawn_blocking(move || {
        store.write_blocking(move |tx| {
            tx.execute("UPDATE mail_account SET used_bytes = used_bytes WHERE id = $1", params![account])?.expect_one()?;
            if let Some(held) = held.take() {
                held.send(()).unwrap();
            }
            let _ = released.lock().unwrap().recv();
            Ok::<_, StoreError>(())
        })
    });
    holding.await.unwrap();
    let mut peer = office.greeted(Kind::Mx).await;
    for command in ["MAIL FROM:<b@elsewhere.test>", "RCPT TO:<wang@example.test>", "DATA"] {
        assert!(peer.command(command).await.starts_with(['2', '3']));
    }
    peer.send(MESSAGE.as_bytes()).await;
    peer.send(b".\r\n").await;
    let early = tokio::time::timeout(Duration::from_millis(200), peer.reply()).await;
    assert!(early.is_err(), "{early:?}");
    release.send(()).unwrap();
    holder.await.unwrap().unwrap();
    assert!(peer.reply().await.starts_with("250 "));
    assert_eq!(office.inbox("wang").await.len(), 1);
}

#[test_each_engine]
async fn a_store_that_fails_costs_nobody_a_message_and_recovers_by_itself(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    let mut lmtp = office.greeted(Kind::Lmtp).await;
    office.write(|tx| tx.execute("ALTER TABLE message RENAME TO message_away", params![]).map(store::Affected::any)).await;
    assert!(peer.deliver("b@elsewhere.test", &["wang@example.test"], MESSAGE).await.starts_with("451 4.3.0 "));
    assert!(lmtp.deliver("b@elsewhere.test", &["wang@example.test"], MESSAGE).await.starts_with("451 4.3.0 "));
    office.write(|tx| tx.execute("ALTER TABLE address RENAME TO address_away", params![]).map(store::Affected::any)).await;
    peer.command("MAIL FROM:<b@elsewhere.test>").await;
    assert!(peer.command("RCPT TO:<chen@example.test>").await.starts_with("451 4.3.0 "), "not 550: who knows whether it exists");
    peer.command("RSET").await;
    office.write(|tx| tx.execute("ALTER TABLE address_away RENAME TO address", params![]).map(store::Affected::any)).await;
    office.write(|tx| tx.execute("ALTER TABLE message_away RENAME TO message", params![]).map(store::Affected::any)).await;
    assert!(peer.deliver("b@elsewhere.test", &["wang@example.test"], MESSAGE).await.starts_with("250 "));
    assert_eq!(office.inbox("wang").await.len(), 1, "what was refused is not there");
}

#[test_each_engine]
async fn a_full_disk_is_told_as_one_and_recovers_by_itself(store: Store) {
    if store.engine() == Engine::Postgres {
        // Its server's disk is not ours to fill.
        return;
    }
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    // A message that needs more pages than are left.
    let large = format!("Subject: {}\r\n\r\nText\r\n", "x".repeat(200_000));
    let pages = |most: i64| {
        move |tx: &mut store::Tx| {
            let used: i64 = tx.query_one("PRAGMA page_count", params![], |row| row.get(0))?;
            let most = if most == 0 { used } else { most };
            tx.query_one(&format!("PRAGMA max_page_count = {most}"), params![], |_| Ok(()))
        }
    };
    office.write(pages(0)).await;
    let said = peer.deliver("b@elsewhere.test", &["wang@example.test"], &large).await;
    assert!(said.starts_with("452 4.3.1 "), "{said}");
    office.write(pages(1_000_000)).await;
    assert!(peer.deliver("b@elsewhere.test", &["wang@example.test"], &large).await.starts_with("250 "));
    assert_eq!(office.inbox("wang").await.len(), 1);
}

#[test_each_engine]
async fn a_mailbox_that_filled_up_behind_rcpt_is_full_behind_data(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    office.set_room(1).await;
    assert!(peer.deliver("b@elsewhere.test", &["full@example.test"], MESSAGE).await.starts_with("452 4.2.2 "));
    assert_eq!(office.inbox("full").await.len(), 0);
    assert_eq!(office.mail("full", Role::Junk).await.len(), 0);
}

#[test_each_engine]
async fn of_several_mailboxes_one_without_room_is_told_before_the_message_is_taken(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    office.set_room(1).await;
    assert!(peer.deliver("b@elsewhere.test", &["wang@example.test", "full@example.test"], MESSAGE).await.starts_with("452 4.2.2 "));
    assert_eq!(office.inbox("wang").await.len(), 0, "its sender will try again for both");
}

#[test_each_engine]
async fn a_server_in_front_may_come_over_a_socket_of_the_file_system(store: Store) {
    let office = Office::open(store).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lmtp");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let smtp = office.smtp.clone();
    tokio::spawn(async move { smtp.serve_unix(listener, Kind::Lmtp).await });
    let mut peer = crate::peer::Peer::over(tokio::net::UnixStream::connect(&path).await.unwrap());
    assert_eq!(peer.reply().await, "220 mx.example.test LMTP");
    assert!(peer.command("LHLO front.test").await.starts_with("250"));
    assert!(peer.deliver("b@elsewhere.test", &["wang@example.test"], MESSAGE).await.starts_with("250 "));
    assert!(office.inbox("wang").await[0].contains("Received: from front.test (local socket)\r\n\tby mx.example.test with LMTP\r\n"));
}
