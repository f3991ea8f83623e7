use directory::departments::{self, ChangeError, MoveError};
use directory::members::{self, InsertError, NewMember, Placement};
use directory::organisations::{self, OrganisationPatch};
use kernel::{DepartmentId, Fault};
use store::Store;

use crate::world::{Failed, World};

fn placed(name: &str, departments: &[DepartmentId]) -> NewMember {
    let departments = departments.iter().map(|id| Placement { is_main: false, ..Placement::main(*id) }).collect();
    NewMember { name: name.to_owned(), departments, ..NewMember::default() }
}

#[testkit::test_each_engine]
fn a_full_department_takes_no_more_members(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", Some(2));
    let heart = world.department(medicine, "心血管内科", None);
    // In two departments below the limit a member counts once.
    world.member("王丽", &[heart, medicine]);
    world.member("李安", &[medicine]);
    let error = world.add(placed("多余", &[heart])).unwrap_err();
    assert_eq!((error.code(), error.params()["department"].as_str(), error.params()["limit"].as_str()), ("department_full", "内科", "2"));
    let outside = world.member("张伟", &[]);
    let joined = world.write(move |ctx, tx| members::move_to(ctx, tx, outside, heart));
    assert_eq!(joined.unwrap_err().code(), "department_full");
    let first = world.read(move |ctx, tx| departments::first_full(tx, ctx.org, heart, 1)).unwrap().unwrap();
    assert_eq!(first.id, medicine);
}

#[testkit::test_each_engine]
fn moving_within_a_full_department_is_no_joining(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", Some(1));
    let heart = world.department(medicine, "心血管内科", None);
    let lungs = world.department(medicine, "呼吸内科", None);
    let member = world.member("王丽", &[heart]);
    world.write(move |ctx, tx| members::move_to(ctx, tx, member, lungs)).unwrap();
    assert_eq!(world.get(member).departments[0].department_id, lungs);
}

#[testkit::test_each_engine]
fn a_department_moves_only_where_its_members_fit(store: Store) {
    let world = World::new(store);
    let east = world.department(world.root, "东院区", Some(2));
    let medicine = world.department(world.root, "内科", None);
    let shared = world.member("王丽", &[medicine, east]);
    world.member("李安", &[medicine]);
    let go = || world.write(move |ctx, tx| departments::move_to(ctx, tx, medicine, east, None));
    go().unwrap();
    let root = world.root;
    world.write(move |ctx, tx| departments::move_to(ctx, tx, medicine, root, None)).unwrap();
    world.member("张伟", &[medicine]);
    assert!(matches!(go().unwrap_err(), MoveError::DepartmentFull { limit: 2, .. }));
    assert_eq!(world.get(shared).departments.len(), 2);
}

#[testkit::test_each_engine]
fn a_limit_is_not_set_below_what_is_there(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    world.member("王丽", &[medicine]);
    let set = |limit| world.write(move |ctx, tx| departments::set_limit(ctx, tx, medicine, limit));
    assert!(matches!(set(Some(0)).unwrap_err(), ChangeError::LimitBelowCount { count: 1 }));
    set(Some(1)).unwrap();
    set(None).unwrap();
}

#[testkit::test_each_engine]
fn a_full_organisation_takes_no_more_members(store: Store) {
    let world = World::new(store);
    world.member("王丽", &[]);
    let limit = |limit: i64| {
        let patch = OrganisationPatch { member_limit: Some(Some(limit)), ..OrganisationPatch::default() };
        world.write(move |ctx, tx| organisations::update(ctx, tx, &patch))
    };
    assert_eq!(limit(0).unwrap_err().code(), "limit_below_count");
    limit(1).unwrap();
    assert_eq!(world.add(placed("李安", &[])).unwrap_err().code(), "organisation_full");
}

#[testkit::test_each_engine]
fn a_batch_counts_as_it_goes(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", Some(3));
    let added = world
        .write(move |ctx, tx| {
            let mut batch = members::Batch::begin(ctx, tx)?;
            let mut added = 0;
            for number in 0..5 {
                match batch.insert(ctx, tx, &placed(&format!("员工{number}"), &[medicine])) {
                    Ok(_) => added += 1,
                    Err(InsertError::Limit(_)) => {}
                    Err(other) => return Err(other.into()),
                }
            }
            batch.finish(ctx, tx)?;
            Ok::<_, Failed>(added)
        })
        .unwrap();
    assert_eq!(added, 3);
}
