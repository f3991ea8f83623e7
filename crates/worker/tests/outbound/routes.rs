//! Where mail for a domain goes.

use std::net::IpAddr;

use mail::outbound::RecipientState;
use store::Store;
use testkit::test_each_engine;
use worker::outbound::DnsError;

use crate::peer::{Act, Offer};
use crate::scene::{OWN_NAME, Scene};

/// Sends to the domain and tells how it stands: state, status.
async fn sent_to(scene: &Scene, domain: &str) -> (RecipientState, String) {
    let id = scene.submit(&[format!("you@{domain}")]).await;
    scene.send().await;
    (scene.state(id).await, scene.status(id).await)
}

#[test_each_engine]
async fn a_domain_without_mx_records_is_its_own_mail_server(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    scene.dns.mx("bare.test", &[]);
    scene.dns.address("bare.test", &[there.peer().address]);
    assert_eq!(sent_to(&scene, "bare.test").await.0, RecipientState::Delivered);
}

#[test_each_engine]
async fn what_dns_says_for_good_is_told_at_once_and_the_rest_waits(store: Store) {
    let scene = Scene::new(store).await;
    scene.dns.mx("null.test", &[(0, "")]);
    scene.dns.mx_fails("silent.test", DnsError::Unavailable("SERVFAIL".to_owned()));
    scene.dns.mx("nowhere.test", &[(10, "mx.nowhere.test")]);
    scene.dns.mx("dark.test", &[(10, "mx.dark.test")]);
    scene.dns.address_fails("mx.dark.test", DnsError::Unavailable("timeout".to_owned()));
    for (domain, state, status) in [
        ("missing.test", RecipientState::Failed, "5.1.2"),
        ("null.test", RecipientState::Failed, "5.1.10"),
        ("nowhere.test", RecipientState::Failed, "5.4.4"),
        ("silent.test", RecipientState::Queued, "4.4.3"),
        ("dark.test", RecipientState::Queued, "4.4.3"),
    ] {
        assert_eq!(sent_to(&scene, domain).await, (state, status.to_owned()), "{domain}");
    }
}

#[test_each_engine]
async fn mail_is_never_sent_to_this_server_itself(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.destination(vec![Offer { name: OWN_NAME, ..Offer::default() }, Offer::default()]).await;
    let own: IpAddr = there.peers[0].address;
    // By its name.
    scene.dns.mx("named.test", &[(10, OWN_NAME)]);
    scene.dns.address(OWN_NAME, &[own]);
    assert_eq!(sent_to(&scene, "named.test").await, (RecipientState::Failed, "5.4.6".to_owned()));
    // By what the server on the other side calls itself.
    scene.dns.mx("disguised.test", &[(10, "mx.disguised.test")]);
    scene.dns.address("mx.disguised.test", &[own]);
    assert_eq!(sent_to(&scene, "disguised.test").await, (RecipientState::Failed, "5.4.6".to_owned()));
    // By its address.
    scene.options.own_addresses = vec![own];
    assert_eq!(sent_to(&scene, "disguised.test").await, (RecipientState::Failed, "5.4.6".to_owned()));
    assert_eq!(sent_to(&scene, &format!("[{own}]")).await, (RecipientState::Failed, "5.4.6".to_owned()));
    // RFC 5321 §5.1: better hosts are still good, equal and worse ones are not.
    scene.dns.mx("better.test", &[(5, "good.test"), (10, OWN_NAME)]);
    scene.dns.mx("worse.test", &[(10, OWN_NAME), (10, "good.test"), (20, "good.test")]);
    scene.dns.address("good.test", &[there.peers[1].address]);
    assert_eq!(sent_to(&scene, "better.test").await.0, RecipientState::Delivered);
    assert_eq!(sent_to(&scene, "worse.test").await, (RecipientState::Failed, "5.4.6".to_owned()));
    assert!(there.peers[0].taken().is_empty());
}

#[test_each_engine]
async fn addresses_that_are_not_public_are_not_connected_to(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    scene.options.allowed_networks = Vec::new();
    assert_eq!(sent_to(&scene, &there.domain).await, (RecipientState::Failed, "5.4.4".to_owned()));
    assert_eq!(sent_to(&scene, &format!("[{}]", there.peer().address)).await, (RecipientState::Failed, "5.4.4".to_owned()));
    scene.dns.mx("metadata.test", &[(10, "mx.metadata.test")]);
    scene.dns.address("mx.metadata.test", &["169.254.169.254".parse().unwrap(), "::ffff:127.0.0.2".parse().unwrap()]);
    assert_eq!(sent_to(&scene, "metadata.test").await, (RecipientState::Failed, "5.4.4".to_owned()));
    assert_eq!(there.peer().connections(), 0);
}

#[test_each_engine]
async fn hosts_are_asked_in_the_order_of_their_preference_and_equal_ones_share(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.destination((0..3).map(|_| Offer::default()).collect()).await;
    scene.dns.mx(&there.domain, &[(30, "mx2.peer1.test"), (10, "mx1.peer1.test"), (10, "mx0.peer1.test")]);
    for _ in 0..12 {
        assert_eq!(sent_to(&scene, &there.domain).await.0, RecipientState::Delivered);
    }
    let counts: Vec<usize> = there.peers.iter().map(|peer| peer.taken().len()).collect();
    assert!(counts[0] > 0 && counts[1] > 0 && counts[2] == 0, "{counts:?}");
    there.peers[0].does("<greeting>", Act::Close);
    there.peers[1].does("<greeting>", Act::Close);
    assert_eq!(sent_to(&scene, &there.domain).await.0, RecipientState::Delivered);
    assert_eq!(there.peers[2].taken().len(), 1);
}

#[test_each_engine]
async fn every_address_of_a_host_is_tried(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    // Nothing listens at the first.
    scene.dns.address("mx0.peer1.test", &["127.0.0.77".parse().unwrap(), there.peer().address]);
    assert_eq!(sent_to(&scene, &there.domain).await.0, RecipientState::Delivered);
}
