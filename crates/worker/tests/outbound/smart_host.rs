//! All mail through one server.

use mail::outbound::RecipientState;
use store::Store;
use tempfile::TempDir;
use testkit::test_each_engine;
use worker::outbound::{Credentials, Security, SmartHost};
use zeroize::Zeroizing;

use crate::peer::{Act, Offer};
use crate::scene::{Destination, Scene};
use crate::tls::acceptor;

const HOST: &str = "relay.test";

/// A relay that its certificate vouches for. The folder holds the certificate.
async fn relay(scene: &mut Scene, security: Security, capabilities: &'static [&'static str]) -> (Destination, TempDir) {
    let (tls, certificate) = acceptor(HOST);
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("relay.pem");
    std::fs::write(&ca_file, certificate).unwrap();
    let tls_from_the_start = security == Security::Tls;
    let there = scene.destination(vec![Offer { tls: Some(tls), capabilities, tls_from_the_start, ..Offer::default() }]).await;
    scene.dns.address(HOST, &[there.peer().address]);
    // A smart host may be anywhere: it was configured.
    scene.options.allowed_networks = Vec::new();
    scene.options.smart_host = Some(SmartHost {
        host: HOST.to_owned(),
        port: there.peer().port,
        security,
        credentials: Some(Credentials { user_name: "yanshu".to_owned(), password: Zeroizing::new("geheim".to_owned()) }),
        ca_file: Some(ca_file),
    });
    (there, folder)
}

#[test_each_engine]
async fn all_mail_goes_through_the_smart_host_signed_in_and_encrypted(store: Store) {
    let mut scene = Scene::new(store).await;
    for (security, capabilities, signs_in) in [
        (Security::Tls, &["PIPELINING", "AUTH PLAIN LOGIN"][..], "AUTH PLAIN AHlhbnNodQBnZWhlaW0="),
        (Security::StartTls, &["PIPELINING", "AUTH LOGIN"], "AUTH LOGIN"),
    ] {
        let (there, _folder) = relay(&mut scene, security, capabilities).await;
        let id = scene.submit(&["a@one.test", "b@two.test", "c@one.test"]).await;
        scene.send().await;
        assert!(scene.shown(id).await.recipients.iter().all(|recipient| recipient.state == RecipientState::Delivered));
        let taken = there.peer().taken();
        assert_eq!((taken.len(), taken[0].to.len()), (1, 3), "one message, whatever the domains");
        assert!(taken[0].encrypted);
        assert!(there.peer().commands().iter().any(|command| command == signs_in), "{:?}", there.peer().commands());
    }
}

#[test_each_engine]
async fn a_smart_host_that_does_not_prove_who_it_is_gets_neither_password_nor_mail(store: Store) {
    let mut scene = Scene::new(store).await;
    for security in [Security::Tls, Security::StartTls] {
        let (there, folder) = relay(&mut scene, security, &["AUTH PLAIN"]).await;
        std::fs::write(folder.path().join("relay.pem"), acceptor(HOST).1).unwrap();
        let id = scene.submit(&["a@one.test"]).await;
        scene.send().await;
        assert_eq!((scene.state(id).await, scene.status(id).await.as_str()), (RecipientState::Queued, "4.7.5"));
        assert!(!there.peer().commands().iter().any(|command| command.starts_with("AUTH") || command.starts_with("MAIL")));
    }
    // Without STARTTLS there is no going on either, and no password in the clear.
    for security in [Security::StartTls, Security::None] {
        let (there, _folder) = relay(&mut scene, security, &["AUTH PLAIN"]).await;
        there.peer().says("EHLO", "250-relay.test\r\n250 AUTH PLAIN");
        let id = scene.submit(&["a@one.test"]).await;
        scene.send().await;
        assert_eq!((scene.state(id).await, scene.status(id).await.as_str()), (RecipientState::Queued, "4.7.5"));
        assert!(!there.peer().commands().iter().any(|command| command.starts_with("AUTH") || command.starts_with("MAIL")));
    }
}

#[test_each_engine]
async fn mail_waits_while_the_smart_host_does_not_let_us_in(store: Store) {
    let mut scene = Scene::new(store).await;
    let (there, _folder) = relay(&mut scene, Security::Tls, &["AUTH PLAIN"]).await;
    there.peer().once("AUTH", Act::Say("535 5.7.8 wrong password"));
    let id = scene.submit(&["a@one.test"]).await;
    scene.send().await;
    let waiting = scene.recipient(id).await;
    assert_eq!((waiting.state, waiting.answer.unwrap().text.as_str()), (RecipientState::Queued, "wrong password"));
    scene.clock.set(waiting.due_at);
    scene.send().await;
    assert_eq!(scene.state(id).await, RecipientState::Delivered);
}

#[test_each_engine]
async fn a_smart_host_that_cannot_be_found_is_no_reason_to_bounce(store: Store) {
    let mut scene = Scene::new(store).await;
    let (_there, _folder) = relay(&mut scene, Security::Tls, &["AUTH PLAIN"]).await;
    scene.dns.address(HOST, &[]);
    let id = scene.submit(&["a@one.test"]).await;
    scene.send().await;
    assert_eq!((scene.state(id).await, scene.status(id).await.as_str()), (RecipientState::Queued, "4.4.3"));
}
