use directory::administrators::{self, Role};
use directory::members::{self, MemberPatch, MemberState, NewMember};
use directory::organisations::{self, OrganisationPatch};
use kernel::{Fault, MemberId, Realm, Timestamp};
use store::Store;

use crate::world::World;

fn state(world: &World, id: MemberId) -> MemberState {
    world.read(move |ctx, tx| members::state_of(tx, ctx.org, id, ctx.now)).unwrap().unwrap()
}

#[testkit::test_each_engine]
fn the_first_state_that_fits_is_the_state(store: Store) {
    let world = World::new(store);
    let new = NewMember { name: "王丽".to_owned(), expires_on: Some("2026-03-01".parse().unwrap()), ..NewMember::default() };
    let id = world.add(new).unwrap();
    assert_eq!(state(&world, id), MemberState::Expired);
    world.write(move |ctx, tx| members::lock(ctx, tx, id)).unwrap();
    assert_eq!(state(&world, id), MemberState::Locked);
    world.write(move |ctx, tx| members::suspend(ctx, tx, id)).unwrap();
    assert_eq!(state(&world, id), MemberState::Suspended);
    world.write(move |ctx, tx| members::recycle(ctx, tx, id)).unwrap();
    assert_eq!(state(&world, id), MemberState::Recycled);
    world.write(move |ctx, tx| members::restore(ctx, tx, id)).unwrap();
    world.write(move |ctx, tx| members::resume(ctx, tx, id)).unwrap();
    world.write(move |ctx, tx| members::unlock(ctx, tx, id)).unwrap();
    let no_expiry = MemberPatch { expires_on: Some(None), ..MemberPatch::default() };
    world.write(move |ctx, tx| members::update(ctx, tx, id, &no_expiry)).unwrap();
    assert_eq!(state(&world, id), MemberState::Pending);
    world.write(move |ctx, tx| members::activate(ctx, tx, id)).unwrap();
    assert_eq!(state(&world, id), MemberState::Active);
}

#[testkit::test_each_engine]
fn a_member_expires_when_the_day_has_ended_where_the_organisation_is(store: Store) {
    let world = World::new(store);
    let expires_on = Some("2026-03-02".parse().unwrap());
    let id = world.add(NewMember { name: "王丽".to_owned(), activated: true, expires_on, ..NewMember::default() }).unwrap();
    let at = |moment: &str| -> MemberState {
        let now: Timestamp = serde_json::from_value(moment.into()).unwrap();
        world.read(move |ctx, tx| members::state_of(tx, ctx.org, id, now)).unwrap().unwrap()
    };
    assert_eq!(at("2026-03-02T15:59:59Z"), MemberState::Active);
    assert_eq!(at("2026-03-02T16:00:00Z"), MemberState::Expired);
    let patch = OrganisationPatch { time_zone: Some("Europe/London".to_owned()), ..OrganisationPatch::default() };
    world.write(move |ctx, tx| organisations::update(ctx, tx, &patch)).unwrap();
    assert_eq!(at("2026-03-02T16:00:00Z"), MemberState::Active);
    assert_eq!(at("2026-03-03T00:00:00Z"), MemberState::Expired);
}

#[testkit::test_each_engine]
fn the_last_owner_stays_able_to_act(store: Store) {
    let world = World::new(store);
    let owner = world.administrator("王丽", Role::Owner);
    let expiry = MemberPatch { expires_on: Some(Some("2027-01-01".parse().unwrap())), ..MemberPatch::default() };
    let refused = |world: &World| {
        let expiry = expiry.clone();
        [
            world.write(move |ctx, tx| members::suspend(ctx, tx, owner)).map_err(|error| error.code()),
            world.write(move |ctx, tx| members::lock(ctx, tx, owner)).map_err(|error| error.code()),
            world.write(move |ctx, tx| members::recycle(ctx, tx, owner)).map_err(|error| error.code()),
            world.write(move |ctx, tx| members::update(ctx, tx, owner, &expiry)).map(drop).map_err(|error| error.code()),
            world.write(move |ctx, tx| administrators::grant(ctx, tx, owner, Role::OrgAdmin)).map_err(|error| error.code()),
            world.write(move |ctx, tx| administrators::revoke(ctx, tx, owner)).map_err(|error| error.code()),
        ]
    };
    assert_eq!(refused(&world), [Err("last_owner"); 6]);
    // One who is locked out, or will be one day, cannot stand in.
    let locked = world.administrator("李安", Role::Owner);
    world.write(move |ctx, tx| members::lock(ctx, tx, locked)).unwrap();
    let expiring = world.administrator("张伟", Role::Owner);
    let until = expiry.clone();
    world.write(move |ctx, tx| members::update(ctx, tx, expiring, &until)).unwrap();
    assert_eq!(refused(&world), [Err("last_owner"); 6]);
    world.write(move |ctx, tx| members::unlock(ctx, tx, locked)).unwrap();
    world.write(move |ctx, tx| administrators::revoke(ctx, tx, owner)).unwrap();
}

#[testkit::test_each_engine]
fn nobody_shuts_themselves_out(store: Store) {
    let world = World::new(store);
    world.administrator("李安", Role::Owner);
    let owner = world.administrator("王丽", Role::Owner);
    let own = world.as_member(owner, Realm::Console);
    let refused = [
        own.write(move |ctx, tx| members::suspend(ctx, tx, owner)).map_err(|error| error.code()),
        own.write(move |ctx, tx| members::lock(ctx, tx, owner)).map_err(|error| error.code()),
        own.write(move |ctx, tx| members::recycle(ctx, tx, owner)).map_err(|error| error.code()),
    ];
    assert_eq!(refused, [Err("own_account_protected"); 3]);
    assert_eq!(state(&world, owner), MemberState::Active);
}

#[testkit::test_each_engine]
fn nothing_is_changed_in_the_recycle_bin(store: Store) {
    let world = World::new(store);
    let id = world.member("王丽", &[]);
    world.write(move |ctx, tx| members::recycle(ctx, tx, id)).unwrap();
    let patch = MemberPatch { name: Some("李".to_owned()), ..MemberPatch::default() };
    assert_eq!(world.write(move |ctx, tx| members::suspend(ctx, tx, id)).unwrap_err().code(), "member_in_recycle_bin");
    assert_eq!(world.write(move |ctx, tx| members::update(ctx, tx, id, &patch)).unwrap_err().code(), "member_in_recycle_bin");
    assert_eq!(world.write(move |ctx, tx| members::set_departments(ctx, tx, id, &[])).unwrap_err().code(), "member_in_recycle_bin");
}
