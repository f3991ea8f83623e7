//! What is pushed, and that it is pushed once.

use kernel::Clock;
use lifecycle::push_subscriptions;
use serde_json::json;
use store::Store;
use testkit::test_each_engine;
use tokio::sync::watch;

use crate::scene::{CONTACT, Scene};
use crate::service::HOST;

#[test_each_engine]
async fn a_verification_is_encrypted_for_the_client_and_signed_by_the_server(store: Store) {
    let mut scene = Scene::new(store).await;
    let id = scene.subscribe_at(&scene.service.url(), None).await;
    assert_eq!(scene.push().await, 1);
    let received = scene.service.taken().unwrap();
    let object = received.object();
    assert_eq!((&object["@type"], &object["pushSubscriptionId"]), (&json!("PushVerification"), &json!(id)));
    assert!(object["verificationCode"].as_str().unwrap().len() >= 32);
    assert_eq!(received.line, "POST /push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV HTTP/1.1");
    let header = |name: &str| received.headers[name].as_str();
    assert_eq!((header("host"), header("content-type")), (format!("{HOST}:{}", scene.service.port).as_str(), "application/json"));
    assert_eq!((header("ttl").parse::<u32>().is_ok(), header("urgency")), (true, "normal"));
    let (claims, key) = received.claims();
    let own = push_subscriptions::server_key(&scene.app.store, &*scene.app.source.rng).await.unwrap();
    assert_eq!(key, own.public(), "the key that the session object names");
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(format!("https://{HOST}:{}", scene.service.port)), &json!(CONTACT)));
    let lives = claims["exp"].as_i64().unwrap() - scene.clock.now().as_secs();
    assert!((1..=24 * 3600).contains(&lives), "{lives}");
    // Sent once; nothing follows until the client has shown the code.
    scene.receive().await;
    scene.clock.advance_secs(3600);
    assert_eq!((scene.push().await, scene.service.taken().is_none()), (0, true));
}

#[test_each_engine]
async fn changes_are_told_together_and_only_once(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.subscribed(None).await;
    assert_eq!(scene.push().await, 0, "nothing has changed");
    for _ in 0..3 {
        scene.receive().await;
    }
    assert_eq!(scene.push().await, 1);
    let received = scene.service.taken().unwrap();
    let object = received.object();
    assert_eq!(object["@type"], "StateChange");
    let changed = object["changed"][scene.account.to_string()].as_object().unwrap();
    assert_eq!(changed.keys().collect::<Vec<_>>(), ["Email", "EmailDelivery", "Mailbox", "Quota", "Thread"]);
    assert_eq!(received.headers["urgency"], "normal");
    // What comes right afterwards waits a moment for more.
    scene.receive().await;
    assert_eq!(scene.push().await, 0);
    scene.receive().await;
    scene.clock.advance_secs(10);
    assert_eq!((scene.push().await, scene.service.taken().is_some()), (1, true));
    scene.clock.advance_secs(3600);
    assert_eq!(scene.push().await, 0);
}

#[test_each_engine]
async fn only_types_that_are_wanted_are_told(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.subscribed(Some(&["Identity", "Unheard"])).await;
    scene.receive().await;
    assert_eq!((scene.push().await, scene.service.taken().is_none()), (0, true));
    let (ctx, account) = (scene.ctx(), scene.account);
    let changing = scene.app.store.write_account(account, move |tx| mail::email_identities::bring_up_to_date(&ctx, tx, account));
    changing.await.unwrap();
    assert_eq!(scene.push().await, 1);
    let received = scene.service.taken().unwrap();
    let object = received.object();
    let changed = object["changed"][scene.account.to_string()].as_object().unwrap();
    assert_eq!(changed.keys().collect::<Vec<_>>(), ["Identity"]);
    assert_eq!(received.headers["urgency"], "low");
}

#[test_each_engine]
async fn of_several_nodes_one_pushes_and_another_goes_on_when_it_dies(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.subscribed(None).await;
    scene.receive().await;
    let nodes = [scene.web_push(), scene.web_push(), scene.web_push()];
    let pushed = futures_util::future::join_all(nodes.iter().map(|node| node.run_until_idle())).await;
    assert_eq!(pushed.into_iter().map(Result::unwrap).sum::<usize>(), 1);
    assert!(scene.service.taken().is_some() && scene.service.taken().is_none());
    // A node takes one and is seen no more.
    scene.receive().await;
    scene.clock.advance_secs(60);
    let candidates = push_subscriptions::sweep(&scene.app.store).await.unwrap();
    assert!(push_subscriptions::claim(&scene.app, candidates[0]).await.unwrap().is_some());
    assert_eq!(scene.push().await, 0, "it may be at it still");
    scene.clock.advance_secs(push_subscriptions::LEASE_SECS);
    assert_eq!((scene.push().await, scene.service.taken().is_some()), (1, true));
}

#[test_each_engine]
async fn the_loop_hears_of_subscriptions_changes_and_ends(store: Store) {
    let mut scene = Scene::new(store).await;
    // Nothing but notices leads to anything here.
    scene.options.look_every = std::time::Duration::from_secs(24 * 3600);
    let web_push = scene.web_push();
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(async move { web_push.run(stopping).await });
    let id = scene.subscribe_at(&scene.service.url(), None).await;
    let verification = scene.next_push().await;
    scene.verify(id, &verification["verificationCode"]).await;
    for _ in 0..2 {
        scene.receive().await;
        assert_eq!(scene.next_push().await["@type"], "StateChange");
    }
    // The subscription goes with its session, and at once.
    let session = scene.session.clone();
    scene.app.store.write(move |tx| identity::sessions::sign_out(tx, &session)).await.unwrap();
    while scene.rows().await > 0 {
        tokio::task::yield_now().await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
}
