use directory::addresses;
use directory::clashes::ClashField;
use directory::departments;
use directory::members::{self, MemberFilter, MemberState, NewMember, Placement, RECYCLE_DAYS};
use kernel::{DepartmentId, Fault, MemberId, PageRequest};
use store::Store;

use crate::world::{Failed, World};

fn wang(departments: &[DepartmentId]) -> NewMember {
    NewMember {
        name: "王丽".to_owned(),
        mobile: Some("+8613907034118".parse().unwrap()),
        employee_number: Some("H1".to_owned()),
        address: Some("wangli@example.test".parse().unwrap()),
        departments: departments.iter().map(|id| Placement::main(*id)).collect(),
        activated: true,
        ..NewMember::default()
    }
}

fn recycle(world: &World, id: MemberId) {
    world.write(move |ctx, tx| members::recycle(ctx, tx, id)).unwrap();
}

#[testkit::test_each_engine]
fn a_member_comes_back_as_it_was(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", Some(1));
    let id = world.add(wang(&[medicine])).unwrap();
    let alias: kernel::EmailAddress = "wl@example.test".parse().unwrap();
    world
        .write({
            let alias = alias.clone();
            move |ctx, tx| addresses::add_alias(ctx, tx, id, &alias)
        })
        .unwrap();
    world.write(move |ctx, tx| departments::set_leaders(ctx, tx, medicine, &[id])).unwrap();
    let before = world.get(id);
    recycle(&world, id);
    let in_bin = world.get(id);
    assert_eq!((in_bin.state, in_bin.departments.len(), in_bin.address), (MemberState::Recycled, 0, None));
    let restored = world.write(move |ctx, tx| members::restore(ctx, tx, id)).unwrap();
    assert_eq!(restored.lost, []);
    let after = world.get(id);
    assert_eq!((&after.departments, &after.address, &after.aliases), (&before.departments, &before.address, &vec![alias]));
    assert_eq!(after.state, MemberState::Active);
    assert_eq!(world.read(move |ctx, tx| departments::led_by(tx, ctx.org, id)).unwrap(), [medicine]);
}

#[testkit::test_each_engine]
fn what_a_removed_member_had_is_free_but_its_address(store: Store) {
    let world = World::new(store);
    let id = world.add(wang(&[])).unwrap();
    recycle(&world, id);
    let taken = world.add(wang(&[])).unwrap_err();
    assert_eq!(taken.code(), "address_held");
    let second = world.add(NewMember { address: None, account_name: Some("wangli".to_owned()), ..wang(&[]) }).unwrap();
    let restored = world.write(move |ctx, tx| members::restore(ctx, tx, id)).unwrap();
    assert_eq!(restored.lost, [ClashField::AccountName, ClashField::Mobile, ClashField::EmployeeNumber]);
    assert_eq!(restored.account_name, "wangli2");
    let back = world.get(id);
    assert_eq!((back.profile.mobile, back.profile.employee_number), (None, None));
    assert_eq!(back.address.unwrap().to_string(), "wangli@example.test");
    assert!(world.get(second).profile.mobile.is_some());
}

#[testkit::test_each_engine]
fn a_member_does_not_come_back_into_a_full_department(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", Some(1));
    let id = world.add(wang(&[medicine])).unwrap();
    recycle(&world, id);
    world.member("李安", &[medicine]);
    assert_eq!(world.write(move |ctx, tx| members::restore(ctx, tx, id)).unwrap_err().code(), "department_full");
}

#[testkit::test_each_engine]
fn a_member_whose_department_is_gone_comes_back_to_the_root(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    let id = world.add(wang(&[medicine])).unwrap();
    recycle(&world, id);
    world.write(move |ctx, tx| departments::remove(ctx, tx, medicine)).unwrap();
    world.write(move |ctx, tx| members::restore(ctx, tx, id)).unwrap();
    let places: Vec<_> = world.get(id).departments.into_iter().map(|place| (place.department_id, place.is_main)).collect();
    assert_eq!(places, [(world.root, true)]);
}

#[testkit::test_each_engine]
fn the_recycle_bin_is_listed_only_when_asked_for(store: Store) {
    let world = World::new(store);
    let id = world.add(wang(&[])).unwrap();
    recycle(&world, id);
    let found = |state| {
        let filter = MemberFilter { state, search: Some("wangli".to_owned()), ..MemberFilter::default() };
        world.read(move |ctx, tx| members::list(ctx, tx, &filter, &PageRequest::first(10), Default::default())).unwrap().items.len()
    };
    assert_eq!((found(None), found(Some(MemberState::Recycled)), found(Some(MemberState::Active))), (0, 1, 0));
}

#[testkit::test_each_engine]
fn after_thirty_days_a_member_is_gone_and_its_address_still_held(store: Store) {
    let world = World::new(store);
    let id = world.add(wang(&[])).unwrap();
    recycle(&world, id);
    let due = |days: i64| world.read(move |ctx, tx| members::due_for_purge(tx, ctx.org, ctx.now.plus_secs(days * 86_400 + 1), 10)).unwrap();
    assert_eq!((due(RECYCLE_DAYS - 1), due(RECYCLE_DAYS)), (vec![], vec![id]));
    world.write(move |ctx, tx| members::purge(ctx, tx, id)).unwrap();
    assert!(world.read(move |ctx, tx| members::find(tx, ctx.org, id, ctx.now)).unwrap().is_none());
    assert_eq!(world.add(wang(&[])).unwrap_err().code(), "address_held");
    let held = world.read(|_, tx| Ok::<_, Failed>(addresses::find(tx, &"wangli@example.test".parse().unwrap())?)).unwrap().unwrap();
    assert_eq!((held.kind, held.member_id), (addresses::AddressKind::Held, None));
}

#[testkit::test_each_engine]
fn a_long_account_name_that_is_taken_is_cut_to_make_room_for_its_number(store: Store) {
    let world = World::new(store);
    let long = "w".repeat(64);
    let named = || NewMember { account_name: Some(long.clone()), ..NewMember { name: "王丽".to_owned(), ..NewMember::default() } };
    let id = world.add(named()).unwrap();
    recycle(&world, id);
    world.add(named()).unwrap();
    let restored = world.write(move |ctx, tx| members::restore(ctx, tx, id)).unwrap();
    assert_eq!(restored.account_name, format!("{}2", "w".repeat(56)));
    let patch = members::MemberPatch { nickname: Some(Some("小王".to_owned())), ..members::MemberPatch::default() };
    assert!(world.write(move |ctx, tx| members::update(ctx, tx, id, &patch)).unwrap());
}
