use directory::audit::{self, AuditFilter, Flaw, VerifyReport};
use directory::members::{self, MemberPatch};
use kernel::{Cursor, MemberId, OrgId, PageRequest};
use store::{Params, Store, params};

use crate::world::{Failed, World};

fn seal(world: &World) -> usize {
    let store = world.store.clone();
    world.write(move |ctx, tx| audit::seal_pending(tx, ctx.org, store.keys(), ctx.now)).unwrap()
}

fn verify(world: &World) -> VerifyReport {
    let store = world.store.clone();
    world.read(move |ctx, tx| audit::verify(tx, ctx.org, store.keys())).unwrap()
}

/// What somebody with the database but without the keys could do.
fn tamper(world: &World, sql: &'static str, more: fn(OrgId) -> Params) {
    world
        .write(move |ctx, tx| {
            let affected = tx.execute(sql, more(ctx.org))?;
            assert!(affected.count() > 0);
            Ok::<_, Failed>(())
        })
        .unwrap();
}

fn none(org: OrgId) -> Params {
    params![org]
}

fn sealed_world(store: Store) -> World {
    let world = World::new(store);
    for name in ["王丽", "李安", "张伟"] {
        world.member(name, &[]);
        seal(&world);
    }
    assert!(verify(&world).holds());
    world
}

#[testkit::test_each_engine]
fn a_change_is_told_with_before_and_after(store: Store) {
    let world = World::new(store);
    let id = world.member("王丽", &[]);
    let patch = MemberPatch { name: Some("王大丽".to_owned()), ..MemberPatch::default() };
    world.write(move |ctx, tx| members::update(ctx, tx, id, &patch)).unwrap();
    let page = world.read(|ctx, tx| audit::list(ctx, tx, &AuditFilter::default(), &PageRequest::first(1))).unwrap();
    let event = &page.items[0];
    assert_eq!((event.action.as_str(), event.actor_kind.as_str(), event.actor_name.as_str()), ("member.changed", "operator", "tester"));
    assert_eq!((event.target_id.as_deref(), event.target_name.as_str()), (Some(id.to_string().as_str()), "王大丽"));
    assert_eq!(event.before.as_ref().unwrap(), &serde_json::json!({ "name": "王丽" }));
    assert_eq!(event.after.as_ref().unwrap(), &serde_json::json!({ "name": "王大丽" }));
}

#[testkit::test_each_engine]
fn events_are_listed_newest_first_and_filtered(store: Store) {
    let world = World::new(store);
    let ids: Vec<MemberId> = ["甲", "乙", "丙"].iter().map(|name| world.member(name, &[])).collect();
    let list = |filter: AuditFilter| {
        let mut names = Vec::new();
        let mut after = None;
        loop {
            let (filter, request) = (filter.clone(), PageRequest::new(after.take(), 2));
            let page = world.read(move |ctx, tx| audit::list(ctx, tx, &filter, &request)).unwrap();
            names.extend(page.items.into_iter().map(|event| event.target_name));
            match page.next {
                Some(next) => after = Cursor::decode(&next),
                None => return names,
            }
        }
    };
    let action = |action: &str| AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    assert_eq!(list(action("member.added")), ["丙", "乙", "甲"]);
    assert_eq!(list(action("member.")), ["丙", "乙", "甲"]);
    assert_eq!(list(action("domain.")), ["example.test"]);
    let of_one = AuditFilter { target_kind: Some("member".to_owned()), target_id: Some(ids[1].raw()), ..AuditFilter::default() };
    assert_eq!(list(of_one), ["乙"]);
    assert!(list(AuditFilter { to: Some(testkit::TEST_NOW), ..AuditFilter::default() }).is_empty());
    assert_eq!(list(AuditFilter { from: Some(testkit::TEST_NOW), ..AuditFilter::default() }).len(), 5);
}

#[testkit::test_each_engine]
fn sealing_leaves_no_tail_and_the_chain_holds(store: Store) {
    let world = World::new(store);
    world.member("王丽", &[]);
    let before = verify(&world);
    assert_eq!((before.sealed, before.unsealed, before.holds()), (0, 3, true));
    assert_eq!(seal(&world), 3);
    assert_eq!(seal(&world), 0);
    world.member("李安", &[]);
    let after = verify(&world);
    assert_eq!((after.sealed, after.unsealed, after.checkpoints, after.holds()), (3, 1, 1, true));
    let unsealed = world.read(audit_tail).unwrap();
    assert_eq!(unsealed.len(), 1);
}

fn audit_tail(_: &kernel::Ctx, tx: &mut store::Tx) -> Result<Vec<kernel::OrgId>, store::StoreError> {
    audit::organisations_with_unsealed(tx)
}

#[testkit::test_each_engine]
fn a_changed_event_is_found(store: Store) {
    let world = sealed_world(store);
    tamper(&world, "UPDATE audit_event SET target_name = 'x' WHERE org_id = $1 AND seal_number = 2", none);
    let bad = verify(&world).first_bad.unwrap();
    assert_eq!((bad.seal_number, bad.flaw), (2, Flaw::SealBroken));
}

#[testkit::test_each_engine]
fn a_deleted_event_is_found(store: Store) {
    let world = sealed_world(store);
    tamper(&world, "DELETE FROM audit_event WHERE org_id = $1 AND seal_number = 3", none);
    let bad = verify(&world).first_bad.unwrap();
    assert_eq!((bad.seal_number, bad.flaw), (3, Flaw::EventsMissing));
}

#[testkit::test_each_engine]
fn a_deleted_end_is_found_even_after_more_was_sealed(store: Store) {
    let world = sealed_world(store);
    tamper(&world, "DELETE FROM audit_event WHERE org_id = $1 AND seal_number = 5", none);
    assert_eq!(verify(&world).first_bad.unwrap().flaw, Flaw::EndMissing);
    world.member("赵云", &[]);
    assert_eq!(seal(&world), 1);
    let bad = verify(&world).first_bad.unwrap();
    assert_eq!((bad.seal_number, bad.flaw), (5, Flaw::EventsMissing));
}

#[testkit::test_each_engine]
fn exchanged_events_are_found(store: Store) {
    let world = sealed_world(store);
    tamper(&world, "UPDATE audit_event SET seal_number = 100 WHERE org_id = $1 AND seal_number = 2", none);
    tamper(&world, "UPDATE audit_event SET seal_number = 2 WHERE org_id = $1 AND seal_number = 3", none);
    tamper(&world, "UPDATE audit_event SET seal_number = 3 WHERE org_id = $1 AND seal_number = 100", none);
    let bad = verify(&world).first_bad.unwrap();
    assert_eq!((bad.seal_number, bad.flaw), (2, Flaw::SealBroken));
}

#[testkit::test_each_engine]
fn an_event_put_in_without_the_key_is_found(store: Store) {
    let world = sealed_world(store);
    tamper(
        &world,
        "INSERT INTO audit_event (org_id, id, at, actor_kind, actor_name, action, target_kind, target_name, request_id, seal_number, seal)
         SELECT org_id, id + 1, at, actor_kind, actor_name, 'member.recycled', target_kind, target_name, request_id, 6, $2
         FROM audit_event WHERE org_id = $1 AND seal_number = 5",
        |org| params![org, vec![1u8; 33]],
    );
    let bad = verify(&world).first_bad.unwrap();
    assert_eq!((bad.seal_number, bad.flaw), (6, Flaw::SealBroken));
}

#[testkit::test_each_engine]
fn a_forged_checkpoint_is_found(store: Store) {
    let world = sealed_world(store);
    tamper(&world, "UPDATE audit_checkpoint SET signed_at = signed_at + 1 WHERE org_id = $1 AND seal_number = 5", none);
    assert_eq!(verify(&world).first_bad.unwrap().flaw, Flaw::CheckpointBroken);
    tamper(&world, "DELETE FROM audit_checkpoint WHERE org_id = $1 AND seal_number = 5", none);
    assert_eq!(verify(&world).first_bad.unwrap().flaw, Flaw::CheckpointBroken);
}

#[testkit::test_each_engine]
fn each_organisation_has_a_chain_of_its_own(store: Store) {
    let world = sealed_world(store.clone());
    let other = World::named(store, "clinic", "clinic.test");
    seal(&other);
    tamper(&other, "UPDATE audit_event SET action = 'x' WHERE org_id = $1 AND seal_number = 1", none);
    assert!(verify(&world).holds());
    assert!(!verify(&other).holds());
}
