use directory::access::{self, Permission, Target};
use directory::administrators::{self, Role};
use directory::members::{self, MemberFilter};
use directory::{audit, departments, domains, organisations, service_classes};
use kernel::{Actor, Fault, PageRequest, Realm};
use store::Store;

use crate::world::{Failed, World};

fn answer(world: &World, permission: Permission, target: Target) -> Result<(), &'static str> {
    world.read(move |ctx, tx| access::authorize(ctx, tx, permission, target)).map_err(|denied| denied.code())
}

#[testkit::test_each_engine]
fn owners_may_everything_and_administrators_nearly(store: Store) {
    let world = World::new(store);
    let owner = world.as_member(world.administrator("王丽", Role::Owner), Realm::Console);
    let administrator = world.as_member(world.administrator("李安", Role::OrgAdmin), Realm::Console);
    for permission in Permission::ALL {
        if permission == Permission::UseOwnAccount {
            continue;
        }
        assert_eq!(answer(&owner, permission, Target::Organisation), Ok(()), "{permission:?}");
        let expected = if permission == Permission::ManageAdministrators { Err("forbidden") } else { Ok(()) };
        assert_eq!(answer(&administrator, permission, Target::Organisation), expected, "{permission:?}");
    }
}

#[testkit::test_each_engine]
fn an_administrator_does_not_act_on_owners(store: Store) {
    let world = World::new(store);
    let owner = world.administrator("王丽", Role::Owner);
    let second = world.administrator("赵云", Role::Owner);
    let administrator = world.as_member(world.administrator("李安", Role::OrgAdmin), Realm::Console);
    for permission in [Permission::ManageMembers, Permission::ResetPasswords] {
        assert_eq!(answer(&administrator, permission, Target::Member(owner)), Err("forbidden"));
        assert_eq!(answer(&world.as_member(second, Realm::Console), permission, Target::Member(owner)), Ok(()));
    }
    assert_eq!(answer(&administrator, Permission::ViewMembers, Target::Member(owner)), Ok(()));
    assert_eq!(administrator.write(move |ctx, tx| members::recycle(ctx, tx, owner)).unwrap_err().code(), "forbidden");
}

#[testkit::test_each_engine]
fn the_webmail_opens_no_console(store: Store) {
    let world = World::new(store);
    let owner = world.administrator("王丽", Role::Owner);
    let webmail = world.as_member(owner, Realm::Account);
    assert_eq!(answer(&webmail, Permission::ViewMembers, Target::Organisation), Err("forbidden"));
    assert_eq!(answer(&webmail, Permission::UseOwnAccount, Target::Own(owner)), Ok(()));
}

#[testkit::test_each_engine]
fn who_cannot_sign_in_may_nothing(store: Store) {
    let world = World::new(store);
    world.administrator("王丽", Role::Owner);
    let owner = world.administrator("赵云", Role::Owner);
    let console = world.as_member(owner, Realm::Console);
    for change in [members::suspend, members::lock] {
        world.write(move |ctx, tx| change(ctx, tx, owner)).unwrap();
        assert_eq!(answer(&console, Permission::ViewMembers, Target::Organisation), Err("not_signed_in"));
        assert_eq!(answer(&console, Permission::UseOwnAccount, Target::Own(owner)), Err("not_signed_in"));
        world.write(move |ctx, tx| members::resume(ctx, tx, owner).and_then(|()| members::unlock(ctx, tx, owner))).unwrap();
    }
    let pending = world.add(members::NewMember { name: "未来".to_owned(), ..Default::default() }).unwrap();
    world.write(move |ctx, tx| administrators::grant(ctx, tx, pending, Role::OrgAdmin)).unwrap();
    let pending_console = world.as_member(pending, Realm::Console);
    assert_eq!(answer(&pending_console, Permission::UseOwnAccount, Target::Own(pending)), Ok(()));
    assert_eq!(answer(&pending_console, Permission::ViewMembers, Target::Organisation), Err("not_signed_in"));
    world.write(move |ctx, tx| members::recycle(ctx, tx, owner)).unwrap();
    assert_eq!(answer(&console, Permission::ViewMembers, Target::Organisation), Err("not_signed_in"));
}

/// Every operation, as the world's actor; each answers with its code.
fn try_everything(world: &World, member: kernel::MemberId) -> Vec<(&'static str, Result<(), &'static str>)> {
    let department = world.root;
    macro_rules! attempts {
        ($($name:literal: |$ctx:ident, $tx:ident| $operation:expr;)*) => {
            vec![$(($name, world.write(move |$ctx, $tx| $operation.map(drop).map_err(Failed::from)).map_err(|failed| failed.1)),)*]
        };
    }
    let address: kernel::EmailAddress = "x@example.test".parse().unwrap();
    let (address_2, address_3) = (address.clone(), address.clone());
    attempts! {
        "organisations::update": |ctx, tx| organisations::update(ctx, tx, &Default::default());
        "organisations::add": |ctx, tx| organisations::add(ctx, tx, &organisations::NewOrganisation {
            code: "new".to_owned(), name: "New".to_owned(), time_zone: "UTC".to_owned(), language: organisations::Language::En });
        "domains::add": |ctx, tx| domains::add(ctx, tx, &"new.test".parse().unwrap());
        "domains::add_assumed": |ctx, tx| domains::add_assumed(ctx, tx, &"new.test".parse().unwrap());
        "domains::list": |ctx, tx| domains::list(ctx, tx);
        "domains::remove": |ctx, tx| domains::remove(ctx, tx, kernel::DomainId::from_raw(1));
        "domains::set_default": |ctx, tx| domains::set_default(ctx, tx, kernel::DomainId::from_raw(1));
        "domains::check_result": |ctx, tx| domains::check_result(ctx, tx, kernel::DomainId::from_raw(1), &[]);
        "domains::grant": |ctx, tx| domains::grant(ctx, tx, kernel::DomainId::from_raw(1), ctx.org);
        "departments::add": |ctx, tx| departments::add(ctx, tx, &departments::NewDepartment {
            parent_id: department, name: "x".to_owned(), identifier: None, member_limit: None });
        "departments::rename": |ctx, tx| departments::rename(ctx, tx, department, "y");
        "departments::set_identifier": |ctx, tx| departments::set_identifier(ctx, tx, department, "y");
        "departments::set_limit": |ctx, tx| departments::set_limit(ctx, tx, department, None);
        "departments::set_leaders": |ctx, tx| departments::set_leaders(ctx, tx, department, &[]);
        "departments::move_to": |ctx, tx| departments::move_to(ctx, tx, department, department, None);
        "departments::remove": |ctx, tx| departments::remove(ctx, tx, department);
        "departments::tree": |ctx, tx| departments::tree(ctx, tx);
        "members::insert": |ctx, tx| members::insert(ctx, tx, &members::NewMember { name: "x".to_owned(), ..Default::default() });
        "members::get": |ctx, tx| members::get(ctx, tx, member);
        "members::list": |ctx, tx| members::list(ctx, tx, &MemberFilter::default(), &PageRequest::first(1), Default::default());
        "members::count": |ctx, tx| members::count(ctx, tx, &MemberFilter::default());
        "members::count_by_state": |ctx, tx| members::count_by_state(ctx, tx);
        "members::update": |ctx, tx| members::update(ctx, tx, member, &Default::default());
        "members::update_own": |ctx, tx| members::update_own(ctx, tx, member, &Default::default());
        "members::set_departments": |ctx, tx| members::set_departments(ctx, tx, member, &[]);
        "members::move_to": |ctx, tx| members::move_to(ctx, tx, member, department);
        "members::reorder": |ctx, tx| members::reorder(ctx, tx, member, None);
        "members::suspend": |ctx, tx| members::suspend(ctx, tx, member);
        "members::resume": |ctx, tx| members::resume(ctx, tx, member);
        "members::lock": |ctx, tx| members::lock(ctx, tx, member);
        "members::unlock": |ctx, tx| members::unlock(ctx, tx, member);
        "members::recycle": |ctx, tx| members::recycle(ctx, tx, member);
        "members::restore": |ctx, tx| members::restore(ctx, tx, member);
        "members::purge": |ctx, tx| members::purge(ctx, tx, member);
        "addresses::add_alias": |ctx, tx| directory::addresses::add_alias(ctx, tx, member, &address);
        "addresses::remove_alias": |ctx, tx| directory::addresses::remove_alias(ctx, tx, member, &address_2);
        "addresses::set_primary": |ctx, tx| directory::addresses::set_primary(ctx, tx, member, &address_3);
        "service_classes::add": |ctx, tx| service_classes::add(ctx, tx, &service_classes::NewServiceClass {
            name: "x".to_owned(), mail_quota_bytes: None, drive_quota_bytes: None });
        "service_classes::update": |ctx, tx| service_classes::update(ctx, tx, kernel::ServiceClassId::from_raw(1), &Default::default());
        "service_classes::remove": |ctx, tx| service_classes::remove(ctx, tx, kernel::ServiceClassId::from_raw(1));
        "service_classes::list": |ctx, tx| service_classes::list(ctx, tx);
        "administrators::grant": |ctx, tx| administrators::grant(ctx, tx, member, Role::Owner);
        "administrators::revoke": |ctx, tx| administrators::revoke(ctx, tx, member);
        "administrators::list": |ctx, tx| administrators::list(ctx, tx);
        "audit::list": |ctx, tx| audit::list(ctx, tx, &Default::default(), &PageRequest::first(1));
    }
}

#[testkit::test_each_engine]
fn nobody_and_ordinary_members_are_refused_everything(store: Store) {
    let world = World::new(store);
    let target = world.member("王丽", &[]);
    let ordinary = world.member("李安", &[]);
    let nobody = World { ctx: world.ctx.acted_by(Actor::Nobody), ..world.clone() };
    for (name, outcome) in try_everything(&nobody, target) {
        assert_eq!(outcome, Err("not_signed_in"), "{name}");
    }
    for realm in [Realm::Account, Realm::Console] {
        for (name, outcome) in try_everything(&world.as_member(ordinary, realm), target) {
            assert!(matches!(outcome, Err("forbidden" | "not_found")), "{name}: {outcome:?}");
        }
    }
}

#[testkit::test_each_engine]
fn an_administrator_of_another_organisation_is_nobody_here(store: Store) {
    let world = World::new(store.clone());
    let target = world.member("王丽", &[]);
    let other = World::named(store, "clinic", "clinic.test");
    let foreign = other.administrator("李安", Role::Owner);
    for (name, outcome) in try_everything(&world.as_member(foreign, Realm::Console), target) {
        // What only the operator may is refused to every member alike.
        let operators = matches!(name, "organisations::add" | "domains::add_assumed" | "domains::grant");
        assert_eq!(outcome, Err(if operators { "forbidden" } else { "not_signed_in" }), "{name}");
    }
}
