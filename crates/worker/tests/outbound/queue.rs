//! Leases, and what is left by who has died.

use kernel::Clock;
use mail::outbound::{self, RecipientState};
use store::{Store, StoreError};
use testkit::test_each_engine;

use crate::scene::Scene;

async fn claim(scene: &Scene, owner: &'static str) -> usize {
    let now = scene.clock.now();
    let claimed = scene.app.store.write(move |tx| outbound::claim(tx, owner, None, now, 120, 100)).await.unwrap();
    claimed.iter().map(|claimed| claimed.recipients.len()).sum()
}

#[test_each_engine]
async fn what_a_dead_server_had_goes_on_when_its_lease_runs_out(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let id = scene.submit(&[there.address("you")]).await;
    assert_eq!(claim(&scene, "node 7/1/0").await, 1);
    assert!(scene.recipient(id).await.is_leased);
    assert_eq!(scene.send().await, 0, "it is another's");
    scene.clock.advance_secs(121);
    assert_eq!(scene.send().await, 1);
    assert_eq!(scene.state(id).await, RecipientState::Delivered);
}

#[test_each_engine]
async fn a_server_that_starts_takes_over_what_its_own_node_left(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    scene.submit(&[there.address("you")]).await;
    claim(&scene, "node 1/99/0").await;
    let now = scene.clock.now();
    let freed = |node: &'static str| scene.app.store.write::<_, StoreError, _>(move |tx| outbound::give_back_of_node(tx, node, now));
    assert_eq!(freed("node 0").await.unwrap(), 0);
    assert_eq!(freed("node 1").await.unwrap(), 1);
    assert_eq!(scene.send().await, 1);
}

#[test_each_engine]
async fn a_lost_lease_settles_nothing_but_deliveries(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let id = scene.submit(&[there.address("a"), there.address("b")]).await;
    let now = scene.clock.now();
    let claimed = scene.app.store.write(move |tx| outbound::claim(tx, "node 1/1/0", None, now, 120, 100)).await.unwrap();
    scene.clock.advance_secs(200);
    assert_eq!(claim(&scene, "node 2/1/0").await, 2);
    let answer = outbound::Answer::own("4.0.0", "x");
    let outcomes =
        [(0, outbound::Outcome::Delivered { answer: answer.clone(), promises_notice: true }), (1, outbound::Outcome::Failed(answer))];
    let schedule = outbound::RetrySchedule::default();
    let ctx = scene.ctx();
    let settled = outbound::settle(&scene.app.store, &ctx, "node 1/1/0", &schedule, "mail.example.test", &claimed[0], &outcomes, b"x");
    assert_eq!(settled.await.unwrap().delivered, 1);
    let shown = scene.shown(id).await;
    assert_eq!(shown.recipients[0].state, RecipientState::Delivered, "the next hop has it, whoever says so");
    assert!(shown.recipients[1].is_leased, "this is the other's to tell");
}

#[test_each_engine]
async fn what_is_finished_is_cleared_away_after_days(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let done = scene.submit(&[there.address("you")]).await;
    scene.send().await;
    let waiting = scene.submit(&["you@silent.test"]).await;
    scene.dns.mx_fails("silent.test", worker::outbound::DnsError::Unavailable("x".to_owned()));
    let later = scene.clock.now().plus_secs(4 * 24 * 3600);
    let removed = scene.app.store.write(move |tx| outbound::remove_finished(tx, later, 100)).await.unwrap();
    assert_eq!(removed, 1);
    let org = scene.org;
    let shown = scene.app.store.read(move |tx| outbound::status_of(tx, org, done)).await.unwrap();
    assert_eq!(shown, None);
    assert_eq!(scene.state(waiting).await, RecipientState::Queued);
}
