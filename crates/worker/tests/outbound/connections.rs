//! How many connections there are, and what goes over each.

use std::sync::Arc;

use mail::outbound::RecipientState;
use store::Store;
use testkit::test_each_engine;
use tokio::sync::watch;

use crate::peer::Act;
use crate::scene::Scene;

#[test_each_engine]
async fn several_messages_go_over_one_connection(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    for number in 0..8 {
        scene.submit(&[there.address(&format!("you{number}"))]).await;
    }
    assert_eq!(scene.send().await, 8);
    assert_eq!((there.peer().taken().len(), there.peer().connections()), (8, 1));
    scene.options.messages_per_connection = 2;
    for number in 0..4 {
        scene.submit(&[there.address(&format!("you{number}"))]).await;
    }
    assert_eq!(scene.send().await, 4);
    assert_eq!((there.peer().taken().len(), there.peer().connections()), (12, 3));
}

#[test_each_engine]
async fn a_connection_that_was_closed_meanwhile_is_opened_again(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    for number in 0..3 {
        scene.submit(&[there.address(&format!("you{number}"))]).await;
    }
    // After its first message the server hangs up, as servers with limits of their own do.
    there.peer().once("<message>", Act::Say("250 2.0.0 taken\r\n421 4.7.0 enough"));
    scene.send().await;
    assert_eq!((there.peer().taken().len(), there.peer().connections()), (2, 2));
}

#[test_each_engine]
async fn a_destination_gets_no_more_connections_than_it_is_given(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.options.connections_per_destination = 2;
    let there = scene.polite().await;
    let gate = there.peer().holds_messages();
    for number in 0..45 {
        scene.submit(&[there.address(&format!("you{number}"))]).await;
    }
    let outbound = scene.outbound();
    let sending = tokio::spawn(async move { outbound.run_until_idle().await.unwrap() });
    there.peer().until(|peer| peer.commands().iter().filter(|command| *command == "<message held>").count() >= 2).await;
    gate.add_permits(45);
    assert_eq!(sending.await.unwrap(), 45);
    assert_eq!((there.peer().taken().len(), there.peer().most_connections()), (45, 2));
}

#[test_each_engine]
async fn a_destination_that_does_not_answer_holds_up_no_other(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.options.connections = 1;
    let dead = scene.polite().await;
    dead.peer().does("<greeting>", Act::Close);
    let mut waiting = Vec::new();
    for number in 0..150 {
        waiting.push(scene.submit(&[dead.address(&format!("you{number}"))]).await);
    }
    let id = scene.submit(&["you@missing.test"]).await;
    scene.send().await;
    assert_eq!(scene.state(id).await, RecipientState::Failed, "the other destination had its turn");
    assert_eq!(dead.peer().connections(), 1, "and the dead one was asked once for all that was claimed with it");
    for id in waiting {
        assert_eq!(scene.state(id).await, RecipientState::Queued);
    }
}

#[test_each_engine]
async fn two_servers_never_send_the_same_message(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let mut ids = Vec::new();
    for number in 0..60 {
        ids.push(scene.submit(&[there.address(&format!("you{number}")), there.address(&format!("me{number}"))]).await);
    }
    let (one, two) = (scene.outbound_of("node 0"), scene.outbound_of("node 1"));
    let (one, two) = tokio::join!(
        tokio::spawn(async move { one.run_until_idle().await.unwrap() }),
        tokio::spawn(async move { two.run_until_idle().await.unwrap() })
    );
    one.unwrap();
    two.unwrap();
    // What one had claimed when the other found nothing is sent by now, or due at once.
    scene.send().await;
    for id in ids {
        assert!(scene.shown(id).await.recipients.iter().all(|recipient| recipient.state == RecipientState::Delivered));
    }
    let mut arrived: Vec<String> = there.peer().taken().into_iter().flat_map(|taken| taken.to).collect();
    arrived.sort();
    let count = arrived.len();
    arrived.dedup();
    assert_eq!((arrived.len(), count), (120, 120));
}

#[test_each_engine]
async fn the_server_sends_what_is_handed_in_and_stops_in_order(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let gate = there.peer().holds_messages();
    let (stop, stopping) = watch::channel(false);
    let outbound = Arc::new(scene.outbound());
    let running = {
        let outbound = Arc::clone(&outbound);
        tokio::spawn(async move { outbound.run(stopping).await })
    };
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(scene.submit(&[there.address(&format!("you{number}"))]).await);
    }
    there.peer().until(|peer| peer.commands().iter().any(|command| command == "<message held>")).await;
    stop.send(true).unwrap();
    gate.add_permits(100);
    running.await.unwrap();
    // What was under way was ended and noted, and the rest is nobody's.
    let mut delivered = 0;
    for id in ids {
        let recipient = scene.recipient(id).await;
        assert!(!recipient.is_leased);
        delivered += usize::from(recipient.state == RecipientState::Delivered);
    }
    assert!(delivered > 0);
    assert_eq!(there.peer().taken().len(), delivered);
}
