//! Slow, silent, flooding and rude clients: each is bounded, and others are not harmed.

use std::time::Duration;

use serve_smtp::{Kind, SmtpOptions};
use store::Store;
use testkit::test_each_engine;

use crate::office::{Office, options};
use crate::peer::Peer;

fn with(change: impl FnOnce(&mut SmtpOptions)) -> SmtpOptions {
    let mut options = options();
    change(&mut options);
    options
}

/// `MAIL`, `RCPT` and `DATA`, up to the 354.
async fn at_data(office: &Office) -> Peer {
    let mut peer = office.greeted(Kind::Mx).await;
    for command in ["MAIL FROM:<a@elsewhere.test>", "RCPT TO:<wang@example.test>", "DATA"] {
        let said = peer.command(command).await;
        assert!(said.starts_with(['2', '3']), "{said}");
    }
    peer
}

#[test_each_engine]
async fn who_says_nothing_is_let_go(store: Store) {
    let office = Office::open_with(store, with(|options| options.limits.command_timeout = Duration::from_millis(100))).await;
    let mut silent = office.connect(Kind::Mx).await;
    assert!(silent.reply().await.starts_with("220 "));
    assert_eq!(silent.closed().await, ["421 4.4.2 Nothing came for too long"]);

    let mut half = office.connect(Kind::Mx).await;
    half.reply().await;
    half.send(b"EHL").await;
    assert_eq!(half.closed().await, ["421 4.4.2 Nothing came for too long"]);
}

#[test_each_engine]
async fn who_drips_a_command_has_no_more_time_than_others(store: Store) {
    let office = Office::open_with(store, with(|options| options.limits.command_timeout = Duration::from_millis(200))).await;
    let mut peer = office.connect(Kind::Mx).await;
    peer.reply().await;
    // As long as the server reads; each byte comes well within the time for a whole command.
    while peer.try_send(b"x").await {
        if let Ok(said) = tokio::time::timeout(Duration::from_millis(20), peer.line()).await {
            assert_eq!(said.as_deref(), Some("421 4.4.2 Nothing came for too long"));
            return;
        }
    }
    panic!("the server says why it closes");
}

#[test_each_engine]
async fn a_message_that_stops_or_drips_is_given_up(store: Store) {
    let office = Office::open_with(
        store,
        with(|options| {
            options.limits.data_timeout = Duration::from_millis(150);
            options.limits.message_timeout = Duration::from_millis(400);
        }),
    )
    .await;
    let mut stopped = at_data(&office).await;
    stopped.send(b"Subject: half a mess").await;
    assert_eq!(stopped.closed().await, ["421 4.4.2 Nothing came for too long"]);

    let mut dripping = at_data(&office).await;
    while dripping.try_send(b"x").await {
        if let Ok(said) = tokio::time::timeout(Duration::from_millis(20), dripping.line()).await {
            assert_eq!(said.as_deref(), Some("421 4.4.2 Nothing came for too long"));
            break;
        }
    }
    assert_eq!(office.inbox("wang").await.len(), 0);
}

#[test_each_engine]
async fn who_talks_before_the_greeting_is_not_talked_to(store: Store) {
    let office = Office::open_with(
        store,
        with(|options| {
            options.trusted.clear();
            options.limits.greeting_pause = Duration::from_secs(60);
        }),
    )
    .await;
    let mut peer = office.connect(Kind::Mx).await;
    peer.send(b"EHLO client.test\r\n").await;
    let said = peer.closed().await;
    assert!(said[0].starts_with("554 5.5.1 ") && said.len() == 1, "{said:?}");
}

#[test_each_engine]
async fn one_address_has_only_its_share_of_the_connections_and_lmtp_is_for_the_trusted(store: Store) {
    let office = Office::open_with(
        store,
        with(|options| {
            options.trusted.clear();
            options.limits.greeting_pause = Duration::ZERO;
            options.limits.connections_per_address = 2;
        }),
    )
    .await;
    let first = office.greeted(Kind::Mx).await;
    let _second = office.greeted(Kind::Mx).await;
    assert_eq!(office.connect(Kind::Mx).await.closed().await, ["421 4.7.0 Too many connections; come again later"]);
    let mut lmtp = Peer::connect(office.address(Kind::Lmtp)).await;
    assert_eq!(lmtp.closed().await, ["502 5.5.1 Not available here"]);
    drop(first);
    // The place is free as soon as the server has seen that the client went.
    loop {
        let mut peer = office.connect(Kind::Mx).await;
        if peer.reply().await.starts_with("220 ") {
            break;
        }
    }
}

#[test_each_engine]
async fn mistakes_and_idle_talk_have_an_end(store: Store) {
    let office = Office::open_with(
        store,
        with(|options| {
            options.limits.bad_commands = 3;
            options.limits.commands_between_messages = 10;
            options.limits.refused_recipients = 4;
            options.limits.refused_recipients_at_once = 2;
        }),
    )
    .await;
    let mut wrong = office.greeted(Kind::Mx).await;
    wrong.send(b"A\r\nB\r\nC\r\nD\r\n").await;
    assert_eq!(wrong.closed().await.last().unwrap(), "421 4.7.0 Too many mistakes");

    let mut idle = office.greeted(Kind::Mx).await;
    for _ in 0..9 {
        assert!(idle.command("NOOP").await.starts_with("250 "));
    }
    assert!(idle.command("NOOP").await.starts_with("421 4.7.0 "));

    let mut busy = office.greeted(Kind::Mx).await;
    for _ in 0..10 {
        assert!(
            busy.deliver("a@elsewhere.test", &["wang@example.test"], "x\r\n").await.starts_with("250 "),
            "whoever sends mail may go on"
        );
    }

    let many = ["wang@example.test"; 20];
    assert!(busy.deliver("a@elsewhere.test", &many, "x\r\n").await.starts_with("250 "), "recipients are no idle talk");
    busy.command("MAIL FROM:<a@elsewhere.test>").await;
    for recipient in many {
        assert!(busy.command(&format!("RCPT TO:<{recipient}>")).await.starts_with("250 "));
    }
    assert!(busy.command("RSET").await.starts_with("250 "));
    assert!(busy.command("NOOP").await.starts_with("421 4.7.0 "), "unless nothing is sent to them");

    let mut guessing = office.greeted(Kind::Mx).await;
    guessing.command("MAIL FROM:<a@elsewhere.test>").await;
    for name in ["a", "b", "c"] {
        assert!(guessing.command(&format!("RCPT TO:<{name}@example.test>")).await.starts_with("550 5.1.1"));
    }
    guessing.send(b"RCPT TO:<d@example.test>\r\n").await;
    let said = guessing.closed().await;
    assert!(said[0].starts_with("550 5.1.1") && said[1].starts_with("421 4.7.0"), "{said:?}");
}

#[test_each_engine]
async fn what_is_too_large_is_read_to_its_end_and_refused_and_too_much_at_once_is_put_off(store: Store) {
    let office = Office::open_with(
        store,
        with(|options| {
            options.limits.message_bytes = 100_000;
            options.limits.memory_bytes = 300_000;
            options.limits.recipients = 2;
        }),
    )
    .await;
    let mut peer = office.greeted(Kind::Mx).await;
    let line = format!("{}\r\n", "x".repeat(998));
    let said = peer.deliver("a@elsewhere.test", &["wang@example.test"], &line.repeat(101)).await;
    assert!(said.starts_with("552 5.3.4"), "{said}");
    let said = peer.deliver("a@elsewhere.test", &["wang@example.test"], &line.repeat(99)).await;
    assert!(said.starts_with("250 "), "{said}");

    // Others hold all the memory there is for messages.
    let mut hoarders = Vec::new();
    for _ in 0..20 {
        let mut hoarder = office.greeted(Kind::Mx).await;
        hoarder.command("MAIL FROM:<a@elsewhere.test>").await;
        hoarder.command("RCPT TO:<wang@example.test>").await;
        if hoarder.command("DATA").await.starts_with("452 4.3.1") {
            break;
        }
        hoarders.push(hoarder);
    }
    assert!((1..20).contains(&hoarders.len()), "{}", hoarders.len());
    peer.command("MAIL FROM:<a@elsewhere.test>").await;
    peer.command("RCPT TO:<wang@example.test>").await;
    peer.command("RCPT TO:<chen@example.test>").await;
    assert!(peer.command("RCPT TO:<li.na@example.test>").await.starts_with("452 4.5.3"));
    assert!(peer.command("DATA").await.starts_with("452 4.3.1"));
    drop(hoarders);
    // It comes free as soon as the server has seen that they went.
    while !peer.deliver_or_refused("wang@example.test").await.starts_with("250 ") {}
    assert_eq!(office.inbox("wang").await.len(), 2);
}

#[test_each_engine]
async fn silent_and_flooding_neighbours_do_not_keep_others_from_their_mail(store: Store) {
    let office = Office::open(store).await;
    let mut neighbours = Vec::new();
    for number in 0..100 {
        let mut peer = office.connect(Kind::Mx).await;
        if number % 2 == 0 {
            // Answers are never read, commands never end.
            peer.send("NOOP\r\n".repeat(500).as_bytes()).await;
            peer.send(&[b'x'; 5000]).await;
        }
        neighbours.push(peer);
    }
    let mut peer = office.greeted(Kind::Mx).await;
    assert!(peer.deliver("a@elsewhere.test", &["wang@example.test"], "Subject: x\r\n\r\n").await.starts_with("250 "));
    assert_eq!(office.inbox("wang").await.len(), 1);
    drop(neighbours);
}

#[test_each_engine]
async fn a_server_that_stops_says_so_and_forgets_no_message_it_has_taken(store: Store) {
    let mut office = Office::open(store).await;
    let mut waiting = office.greeted(Kind::Mx).await;
    let mut sending = at_data(&office).await;
    sending.send(b"Subject: half").await;
    office.begin_to_stop();
    assert_eq!(waiting.closed().await, ["421 4.3.2 The server is stopping; come again in a moment"]);
    assert_eq!(sending.closed().await, ["421 4.3.2 The server is stopping; come again in a moment"]);
    office.stopped().await;
    assert_eq!(office.inbox("wang").await.len(), 0);
}
