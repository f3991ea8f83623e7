//! Every invariant, with sixteen who write at once.

use directory::addresses;
use directory::administrators::{self, Role};
use directory::departments::{self, NewDepartment};
use directory::members::{self, NewMember, Placement};
use directory::organisations::{self, Language, NewOrganisation};
use directory::{audit, domains};
use kernel::{DepartmentId, MemberId};
use store::Store;

use crate::world::{Failed, World};

const WRITERS: usize = 16;

/// Runs `work` on sixteen threads at once and gives the codes of those that failed; `ok` for the others.
fn outcomes(world: &World, work: impl Fn(&World, usize) -> Result<(), Failed> + Send + Sync + 'static) -> Vec<&'static str> {
    let world = world.clone();
    let outcomes = testkit::in_parallel(WRITERS, move |number| match work(&world, number) {
        Ok(()) => "ok",
        Err(failed) => failed.1,
    });
    assert!(!outcomes.iter().any(|code| code.starts_with("store_") || *code == "internal_error"), "{outcomes:?}");
    outcomes
}

fn count(outcomes: &[&'static str], code: &str) -> usize {
    outcomes.iter().filter(|outcome| **outcome == code).count()
}

fn person(number: usize) -> NewMember {
    NewMember { name: format!("员工{number}"), account_name: Some(format!("e{number}")), ..NewMember::default() }
}

/// What the database says, whatever the operations have answered.
fn number(world: &World, sql: &'static str) -> i64 {
    world.read(move |ctx, tx| tx.query_one(sql, store::params![ctx.org], |row| row.get(0))).unwrap()
}

#[testkit::test_each_engine]
fn a_limit_is_never_exceeded_by_new_members(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", Some(5));
    let children: Vec<DepartmentId> = (0..4).map(|number| world.department(medicine, &format!("科{number}"), None)).collect();
    let done = outcomes(&world, move |world, number| {
        let departments = vec![Placement::main(children[number % 4])];
        world.add(NewMember { departments, ..person(number) })?;
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "department_full")), (5, 11));
    assert_eq!(number(&world, "SELECT COUNT(DISTINCT member_id) FROM department_member WHERE org_id = $1"), 5);
}

#[testkit::test_each_engine]
fn a_limit_is_never_exceeded_by_members_and_departments_that_move(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", Some(5));
    let outside: Vec<MemberId> = (0..WRITERS).map(|number| world.member(&format!("外{number}"), &[])).collect();
    let units: Vec<DepartmentId> = (0..WRITERS / 2)
        .map(|number| {
            let unit = world.department(world.root, &format!("组{number}"), None);
            world.member(&format!("内{number}"), &[unit]);
            world.member(&format!("他{number}"), &[unit]);
            unit
        })
        .collect();
    outcomes(&world, move |world, number| {
        if number % 2 == 0 {
            let unit = units[number / 2];
            world.write(move |ctx, tx| departments::move_to(ctx, tx, unit, medicine, None))?;
        } else {
            let member = outside[number];
            world.write(move |ctx, tx| members::move_to(ctx, tx, member, medicine))?;
        }
        Ok(())
    });
    let tree = world.read(departments::tree).unwrap();
    let medicine = tree.iter().find(|node| node.id == medicine).unwrap();
    assert!((4..=5).contains(&medicine.subtree_count), "{}", medicine.subtree_count);
}

#[testkit::test_each_engine]
fn a_limit_is_never_exceeded_by_members_who_come_back(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    let ids: Vec<MemberId> = (0..WRITERS).map(|number| world.member(&format!("员工{number}"), &[medicine])).collect();
    for id in ids.clone() {
        world.write(move |ctx, tx| members::recycle(ctx, tx, id)).unwrap();
    }
    world.write(move |ctx, tx| departments::set_limit(ctx, tx, medicine, Some(3))).unwrap();
    let done = outcomes(&world, move |world, number| {
        let id = ids[number];
        world.write(move |ctx, tx| members::restore(ctx, tx, id))?;
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "department_full")), (3, 13));
}

#[testkit::test_each_engine]
fn one_owner_who_can_act_stays(store: Store) {
    let world = World::new(store);
    let owners: Vec<MemberId> = (0..WRITERS).map(|number| world.administrator(&format!("主{number}"), Role::Owner)).collect();
    let done = outcomes(&world, move |world, number| {
        let owner = owners[number];
        match number % 4 {
            0 => world.write(move |ctx, tx| administrators::revoke(ctx, tx, owner))?,
            1 => world.write(move |ctx, tx| members::suspend(ctx, tx, owner))?,
            2 => world.write(move |ctx, tx| members::recycle(ctx, tx, owner))?,
            _ => {
                let expires_on = Some(Some("2030-01-01".parse().unwrap()));
                let patch = members::MemberPatch { expires_on, ..Default::default() };
                world.write(move |ctx, tx| members::update(ctx, tx, owner, &patch))?;
            }
        }
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "last_owner")), (15, 1));
}

#[testkit::test_each_engine]
fn departments_that_move_below_each_other_make_no_cycle(store: Store) {
    let world = World::new(store);
    let ring: Vec<DepartmentId> = (0..WRITERS).map(|number| world.department(world.root, &format!("部{number}"), None)).collect();
    let done = outcomes(&world, move |world, number| {
        let (id, parent) = (ring[number], ring[(number + 1) % WRITERS]);
        world.write(move |ctx, tx| departments::move_to(ctx, tx, id, parent, None))?;
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "department_below_itself")), (15, 1));
    let tree = world.read(departments::tree).unwrap();
    assert_eq!(tree.len(), WRITERS + 1, "a cycle would hang off the tree");
}

#[testkit::test_each_engine]
fn siblings_never_share_a_name(store: Store) {
    let world = World::new(store);
    let root = world.root;
    let done = outcomes(&world, move |world, number| {
        let name = if number % 2 == 0 { "ICU" } else { "icu" }.to_owned();
        let new = NewDepartment { parent_id: root, name, identifier: None, member_limit: None };
        world.write(move |ctx, tx| departments::add(ctx, tx, &new))?;
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "department_name_taken")), (1, 15));
}

#[testkit::test_each_engine]
fn siblings_never_share_an_identifier(store: Store) {
    let world = World::new(store);
    let root = world.root;
    // All of them have the initials nk by default.
    let done = outcomes(&world, move |world, number| {
        let name = format!("内科{}", "★".repeat(number));
        let new = NewDepartment { parent_id: root, name, identifier: None, member_limit: None };
        world.write(move |ctx, tx| departments::add(ctx, tx, &new))?;
        Ok(())
    });
    assert_eq!(count(&done, "ok"), WRITERS);
    assert_eq!(number(&world, "SELECT COUNT(DISTINCT identifier) FROM department WHERE org_id = $1 AND parent_id <> 0"), 16);
}

#[testkit::test_each_engine]
fn account_names_mobiles_and_employee_numbers_are_had_by_one(store: Store) {
    let world = World::new(store);
    let done = outcomes(&world, |world, number| {
        let new = match number % 3 {
            0 => NewMember { account_name: Some("same".to_owned()), ..person(number) },
            1 => NewMember { mobile: Some("+8613907034118".parse().unwrap()), ..person(number) },
            _ => NewMember { employee_number: Some("H1".to_owned()), ..person(number) },
        };
        world.add(new)?;
        Ok(())
    });
    assert_eq!(count(&done, "ok"), 3);
    assert_eq!((count(&done, "account_name_taken"), count(&done, "mobile_taken"), count(&done, "employee_number_taken")), (5, 4, 4));
}

#[testkit::test_each_engine]
fn a_mobile_that_many_change_to_is_had_by_one(store: Store) {
    let world = World::new(store);
    let ids: Vec<MemberId> = (0..WRITERS).map(|number| world.add(person(number)).unwrap()).collect();
    let done = outcomes(&world, move |world, number| {
        let id = ids[number];
        let patch = members::MemberPatch { mobile: Some(Some("+8613907034118".parse().unwrap())), ..Default::default() };
        world.write(move |ctx, tx| members::update(ctx, tx, id, &patch))?;
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "mobile_taken")), (1, 15));
}

#[testkit::test_each_engine]
fn an_address_is_had_by_one(store: Store) {
    let world = World::new(store);
    let ids: Vec<MemberId> = (0..WRITERS).map(|number| world.add(person(number)).unwrap()).collect();
    let done = outcomes(&world, move |world, number| {
        let address: kernel::EmailAddress = "wl@example.test".parse().unwrap();
        let id = ids[number];
        if number % 2 == 0 {
            world.write(move |ctx, tx| addresses::add_alias(ctx, tx, id, &address))?;
        } else {
            world.add(NewMember { address: Some(address), ..person(100 + number) })?;
        }
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "address_taken")), (1, 15));
}

#[testkit::test_each_engine]
fn a_member_has_one_main_department_whoever_moves_it(store: Store) {
    let world = World::new(store);
    let places: Vec<DepartmentId> = (0..WRITERS).map(|number| world.department(world.root, &format!("部{number}"), None)).collect();
    let id = world.member("王丽", &[]);
    let done = outcomes(&world, move |world, number| {
        let (here, beside) = (places[number], places[(number + 1) % WRITERS]);
        if number % 2 == 0 {
            world.write(move |ctx, tx| members::move_to(ctx, tx, id, here))?;
        } else {
            let placements = [Placement::main(here), Placement { is_main: false, ..Placement::main(beside) }];
            world.write(move |ctx, tx| members::set_departments(ctx, tx, id, &placements))?;
        }
        Ok(())
    });
    assert_eq!(count(&done, "ok"), WRITERS);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM department_member WHERE org_id = $1 AND is_main"), 1);
}

#[testkit::test_each_engine]
fn an_organisation_code_is_had_by_one(store: Store) {
    let world = World::new(store);
    let done = outcomes(&world, |world, _| {
        let new = NewOrganisation { code: "same".to_owned(), name: "A".to_owned(), time_zone: "UTC".to_owned(), language: Language::En };
        world.write(move |ctx, tx| organisations::add(ctx, tx, &new))?;
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "organisation_code_taken")), (1, 15));
}

#[testkit::test_each_engine]
fn a_domain_is_had_by_one(store: Store) {
    let world = World::new(store.clone());
    let other = World::named(store, "clinic", "clinic.test");
    let done = outcomes(&world, move |world, number| {
        let world = if number % 2 == 0 { world } else { &other };
        world.write(|ctx, tx| domains::add(ctx, tx, &"same.test".parse().unwrap()))?;
        Ok(())
    });
    assert_eq!((count(&done, "ok"), count(&done, "domain_taken")), (1, 15));
}

#[testkit::test_each_engine]
fn sealers_that_meet_make_one_chain(store: Store) {
    let world = World::new(store);
    let done = outcomes(&world, |world, number| {
        for round in 0..3 {
            if number % 2 == 0 {
                world.add(person(number * 10 + round))?;
            }
            let store = world.store.clone();
            world.write(move |ctx, tx| audit::seal_pending(tx, ctx.org, store.keys(), ctx.now))?;
        }
        Ok(())
    });
    assert_eq!(count(&done, "ok"), WRITERS);
    let store = world.store.clone();
    let report = world.read(move |ctx, tx| audit::verify(tx, ctx.org, store.keys())).unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.sealed + report.unsealed, 26);
}
