//! Where the server does not let itself be sent.

use std::sync::atomic::Ordering;

use store::Store;
use testkit::test_each_engine;

use crate::scene::Scene;

#[test_each_engine]
async fn addresses_that_are_not_public_are_not_connected_to(store: Store) {
    let mut scene = Scene::new(store).await;
    // By name, which resolves to this machine, and by number in several dresses.
    scene.options.allowed_networks = Vec::new();
    let port = scene.service.port;
    for url in [
        scene.service.url(),
        format!("https://127.0.0.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://unknown.example.net:{port}/"),
    ] {
        scene.subscribe_at(&url, None).await;
    }
    assert_eq!(scene.push().await, 5);
    assert_eq!(scene.service.connections.load(Ordering::SeqCst), 0);
    assert_eq!(scene.count().await, 5, "they may have other addresses later");
    // With the network allowed it is reached, by number too.
    scene.options.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
    scene.clock.advance_secs(60);
    assert_eq!(scene.push().await, 5);
    assert!(scene.service.taken().is_some() && scene.service.taken().is_some());
}

#[test_each_engine]
async fn nothing_is_said_to_a_host_that_does_not_prove_who_it_is(store: Store) {
    let mut scene = Scene::new(store).await;
    let other = rcgen::generate_simple_self_signed(vec![crate::service::HOST.to_owned()]).unwrap();
    std::fs::write(scene.options.ca_file.as_ref().unwrap(), other.cert.pem()).unwrap();
    scene.subscribe_at(&scene.service.url(), None).await;
    assert_eq!(scene.push().await, 1);
    assert!(scene.service.connections.load(Ordering::SeqCst) > 0 && scene.service.taken().is_none());
}
