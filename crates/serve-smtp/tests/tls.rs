//! What is only done under TLS.

use serve_smtp::Kind;
use store::Store;
use testkit::test_each_engine;

use crate::office::{Office, PASSWORD, options, plain};

#[test_each_engine]
async fn passwords_are_only_taken_under_tls_unless_the_operator_says_otherwise(store: Store) {
    let mut options = options();
    options.plain_auth_from_loopback = false;
    let office = Office::open_with(store, options).await;
    let mut peer = office.connect(Kind::Submission).await;
    peer.reply().await;
    let extensions = peer.command("EHLO client.test").await;
    assert!(!extensions.contains("AUTH") && extensions.contains("STARTTLS"), "{extensions}");
    let password = plain("li.na@example.test", PASSWORD);
    assert!(peer.command(&format!("AUTH PLAIN {password}")).await.starts_with("538 5.7.11"));
    assert!(peer.command("MAIL FROM:<li.na@example.test>").await.starts_with("530 5.7.0 Say STARTTLS first"));

    assert!(peer.command("STARTTLS").await.starts_with("220 "));
    let mut peer = peer.secured(&office.certificate).await;
    assert!(peer.command("EHLO client.test").await.contains("AUTH PLAIN LOGIN"));
    assert!(peer.command(&format!("AUTH PLAIN {password}")).await.starts_with("235 "));
    assert!(peer.command("MAIL FROM:<li.na@example.test>").await.starts_with("250 "));
}

#[test_each_engine]
async fn what_was_sent_in_the_clear_behind_starttls_spoils_the_handshake_and_is_never_obeyed(store: Store) {
    let office = Office::open(store).await;
    let mut peer = office.greeted(Kind::Mx).await;
    assert!(peer.command("STARTTLS").await.starts_with("220 "));
    // Comes behind the answer, in the place of the handshake.
    peer.send(b"MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<li.na@example.test>\r\n").await;
    let raw = peer.rest().await;
    assert!(!raw.windows(4).any(|window| window == b"250 "), "{raw:?}");
    // And the listener has not suffered.
    office.greeted(Kind::Mx).await;
}

#[test_each_engine]
async fn a_client_that_never_shakes_hands_is_let_go(store: Store) {
    let mut options = options();
    options.limits.tls_timeout = std::time::Duration::from_millis(50);
    let office = Office::open_with(store, options).await;
    let mut peer = crate::peer::Peer::connect(office.address(Kind::Submissions)).await;
    assert!(peer.closed().await.is_empty());
}
