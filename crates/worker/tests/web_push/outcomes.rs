//! What the answers of push services lead to.

use lifecycle::push_subscriptions::MAX_FAILURES;
use store::Store;
use testkit::test_each_engine;

use crate::scene::Scene;

#[test_each_engine]
async fn a_push_service_that_knows_it_no_more_ends_a_subscription(store: Store) {
    let mut scene = Scene::new(store).await;
    for answer in ["404 Not Found\r\nContent-Length: 0", "410 Gone\r\nContent-Length: 0"] {
        scene.subscribed(None).await;
        scene.receive().await;
        scene.service.says(answer);
        assert_eq!((scene.push().await, scene.count().await), (1, 0), "{answer}");
        assert!(scene.service.taken().is_some());
    }
}

#[test_each_engine]
async fn a_push_service_that_asks_for_patience_gets_it(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.subscribed(None).await;
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        scene.receive().await;
        scene.service.says(&format!("{status}\r\nRetry-After: 7200\r\nContent-Length: 0"));
        assert_eq!((scene.push().await, scene.service.taken().is_some()), (1, true));
        scene.receive().await;
        scene.clock.advance_secs(7199);
        assert_eq!(scene.push().await, 0, "{status}");
        scene.clock.advance_secs(1);
        // All that happened meanwhile is one push.
        assert_eq!((scene.push().await, scene.service.taken().is_some()), (1, true), "{status}");
        scene.clock.advance_secs(3600);
        assert_eq!(scene.push().await, 0);
    }
}

#[test_each_engine]
async fn failures_are_tried_again_later_each_time_and_not_for_ever(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.subscribed(None).await;
    scene.receive().await;
    let mut pauses = Vec::new();
    for failure in 1..=MAX_FAILURES {
        // A redirect leads nowhere.
        let answer = if failure % 2 == 0 { "500 Oops" } else { "307 Temporary Redirect\r\nLocation: https://other.example.net/" };
        scene.service.says(&format!("{answer}\r\nContent-Length: 0"));
        let mut waited = 0;
        while scene.push().await == 0 {
            waited += 30;
            scene.clock.advance_secs(30);
        }
        assert!(scene.service.taken().is_some());
        pauses.push(waited);
    }
    assert_eq!(scene.count().await, 0, "given up");
    assert!(pauses[1] >= 30 && pauses[2] >= 60 && pauses[4] >= 240, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 2 * 3600) && pauses.iter().sum::<i64>() > 12 * 3600, "{pauses:?}");
}

#[test_each_engine]
async fn a_verification_that_nobody_takes_is_soon_given_up(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.subscribe_at(&scene.service.url(), None).await;
    let mut tried = 0;
    while scene.count().await > 0 {
        scene.service.says("400 Bad Request\r\nContent-Length: 0");
        tried += scene.push().await;
        scene.clock.advance_secs(600);
    }
    assert!((2..10).contains(&tried), "{tried}");
    assert!(scene.service.taken().is_some());
}

#[test_each_engine]
async fn of_an_answer_without_end_nothing_but_the_head_is_read(store: Store) {
    let mut scene = Scene::new(store).await;
    scene.subscribed(None).await;
    scene.receive().await;
    scene.service.says("201 Created\r\nTransfer-Encoding: chunked");
    assert_eq!((scene.push().await, scene.count().await), (1, 1));
    // And a head without end is no answer.
    scene.receive().await;
    scene.clock.advance_secs(60);
    scene.service.says(&format!("201 Created\r\nX: {}", "x".repeat(100_000)));
    assert_eq!(scene.push().await, 1);
    scene.clock.advance_secs(3600);
    assert_eq!(scene.push().await, 1, "it had failed");
}
