//! Encryption between servers.

use std::sync::Arc;
use std::time::Duration;

use mail::outbound::RecipientState;
use store::Store;
use testkit::test_each_engine;
use tokio_rustls::TlsAcceptor;
use worker::outbound::TlsPolicy;

use crate::peer::{Act, EVERYTHING, Offer};
use crate::scene::Scene;

/// An acceptor with a certificate of its own making, and the certificate as PEM.
pub fn acceptor(name: &str) -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}

fn encrypting() -> Offer {
    Offer { tls: Some(acceptor("another.name.test").0), ..Offer::default() }
}

#[test_each_engine]
async fn mail_is_encrypted_when_it_is_offered_whoever_the_other_side_is(store: Store) {
    let mut scene = Scene::new(store).await;
    for policy in [TlsPolicy::Opportunistic, TlsPolicy::Required] {
        scene.options.tls = policy;
        let there = scene.destination(vec![encrypting()]).await;
        let id = scene.submit(&[there.address("you")]).await;
        scene.send().await;
        assert_eq!(scene.state(id).await, RecipientState::Delivered);
        assert!(there.peer().taken()[0].encrypted);
        assert_eq!(there.peer().commands().iter().filter(|command| command.starts_with("EHLO")).count(), 2);
    }
}

#[test_each_engine]
async fn where_encryption_fails_mail_goes_in_the_clear_unless_it_must_not(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.options.time_limits.tls = Duration::from_millis(200);
    // Says that it goes on, and then talks SMTP; hangs up; says something before TLS begins; says nothing.
    for act in ["220 2.0.0 go", "220 2.0.0 go\r\n250 injected", "454 4.7.0 not now"] {
        for policy in [TlsPolicy::Opportunistic, TlsPolicy::Required] {
            scene.options.tls = policy;
            let offer: &'static [&'static str] = &["STARTTLS", "PIPELINING"];
            let there = scene.destination(vec![Offer { capabilities: offer, ..Offer::default() }]).await;
            there.peer().says("STARTTLS", act);
            let id = scene.submit(&[there.address("you")]).await;
            scene.send().await;
            let recipient = scene.recipient(id).await;
            match policy {
                TlsPolicy::Required => assert_eq!(recipient.answer.unwrap().status, "4.7.5", "{act}"),
                _ => assert_eq!(recipient.state, RecipientState::Delivered, "{act} {:?}", recipient.answer),
            }
        }
    }
}

#[test_each_engine]
async fn an_operator_can_switch_encryption_off_or_insist_on_it(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.options.tls = TlsPolicy::Never;
    let there = scene.destination(vec![encrypting()]).await;
    let id = scene.submit(&[there.address("you")]).await;
    scene.send().await;
    assert_eq!(scene.state(id).await, RecipientState::Delivered);
    assert!(!there.peer().taken()[0].encrypted);
    scene.options.tls = TlsPolicy::Required;
    let there = scene.destination(vec![Offer { capabilities: EVERYTHING, ..Offer::default() }]).await;
    there.peer().does("MAIL", Act::Close);
    let id = scene.submit(&[there.address("you")]).await;
    scene.send().await;
    assert_eq!((scene.state(id).await, scene.status(id).await.as_str()), (RecipientState::Queued, "4.7.5"));
}
