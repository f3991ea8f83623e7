use directory::clashes::ClashField;
use directory::members::{self, Batch, InsertError, MemberPatch, NewMember, Placement, UpdateError};
use directory::service_classes;
use kernel::{Fault, MemberId, Realm};
use store::Store;

use crate::world::{Failed, World};

fn full(name: &str) -> NewMember {
    NewMember {
        name: name.to_owned(),
        mobile: Some("+8613907034118".parse().unwrap()),
        employee_number: Some("H45513".to_owned()),
        address: Some("wangli@example.test".parse().unwrap()),
        ..NewMember::default()
    }
}

fn clash(error: InsertError) -> directory::clashes::Clash {
    match error {
        InsertError::Clash(clash) => clash,
        other => panic!("no clash: {other:?}"),
    }
}

#[testkit::test_each_engine]
fn a_member_is_read_as_it_was_made(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    let placement = Placement { position: Some(" 主任医师 ".to_owned()), ..Placement::main(medicine) };
    let id = world.add(NewMember { departments: vec![placement], ..full(" 王丽 ") }).unwrap();
    let member = world.get(id);
    assert_eq!((member.profile.name.as_str(), member.profile.account_name.as_str()), ("王丽", "wangli"));
    assert_eq!(member.address.unwrap().to_string(), "wangli@example.test");
    assert_eq!(member.departments[0].position.as_deref(), Some("主任医师"));
    assert_eq!(member.departments[0].department_name, "内科");
    assert_eq!(member.state, members::MemberState::Pending);
}

#[testkit::test_each_engine]
fn each_value_that_only_one_may_have_is_named_when_it_clashes(store: Store) {
    let world = World::new(store);
    let first = world.add(full("王丽")).unwrap();
    let free = NewMember { name: "李安".to_owned(), account_name: Some("lian".to_owned()), ..NewMember::default() };
    let cases = [
        (ClashField::AccountName, NewMember { account_name: Some("WangLi".to_owned()), ..free.clone() }),
        (ClashField::Mobile, NewMember { mobile: full("").mobile, ..free.clone() }),
        (ClashField::EmployeeNumber, NewMember { employee_number: Some("Ｈ45513".to_owned()), ..free.clone() }),
        (ClashField::Address, NewMember { address: full("").address, ..free.clone() }),
    ];
    for (field, new) in cases {
        let clash = clash(world.add(new).unwrap_err());
        assert_eq!(clash.field, field);
        assert_eq!(clash.code(), format!("{field}_taken"));
        let holder = clash.holder.expect("the operator may see members");
        assert_eq!((holder.member_id, holder.masked_name.as_str(), holder.department.as_str()), (first, "王*", "市医院集团"));
    }
}

#[testkit::test_each_engine]
fn a_row_that_fails_leaves_nothing_and_the_next_goes_on(store: Store) {
    let world = World::new(store);
    world.add(full("王丽")).unwrap();
    let second = world
        .write(|ctx, tx| {
            let mut batch = Batch::begin(ctx, tx)?;
            let same_address = NewMember {
                account_name: Some("lian".to_owned()),
                address: full("").address,
                name: "李安".to_owned(),
                ..NewMember::default()
            };
            assert!(batch.insert(ctx, tx, &same_address).is_err());
            let right = NewMember { address: None, ..same_address };
            let inserted = batch.insert(ctx, tx, &right)?;
            batch.finish(ctx, tx)?;
            Ok::<_, Failed>(inserted)
        })
        .unwrap();
    assert_eq!(world.get(second).profile.account_name, "lian");
    let count = world.read(|ctx, tx| directory::departments::members_in_organisation(tx, ctx.org)).unwrap();
    assert_eq!(count, 2);
}

#[testkit::test_each_engine]
fn without_an_address_the_account_name_is_the_name_in_pinyin(store: Store) {
    let world = World::new(store);
    let names: Vec<String> = (0..3).map(|_| world.get(world.member("曾丽", &[])).profile.account_name).collect();
    assert_eq!(names, ["zengli", "zengli2", "zengli3"]);
    assert_eq!(world.get(world.member("★", &[])).profile.account_name, "member");
}

#[testkit::test_each_engine]
fn fields_that_cannot_be_kept_are_all_told_at_once(store: Store) {
    let world = World::new(store);
    let new = NewMember {
        name: " ".to_owned(),
        account_name: Some("a@b".to_owned()),
        remarks: Some("x".repeat(2001)),
        alternate_address: Some("nowhere".to_owned()),
        ..NewMember::default()
    };
    let error = world.add(new).unwrap_err();
    let told: Vec<_> = error.fields().into_iter().map(|fault| (fault.field, fault.code)).collect();
    let expected = [
        ("name", "value_missing"),
        ("account_name", "account_name_invalid"),
        ("alternate_address", "address_invalid"),
        ("remarks", "value_too_long"),
    ];
    assert_eq!(told, expected.map(|(field, code)| (field.to_owned(), code)));
}

#[testkit::test_each_engine]
fn an_address_in_a_foreign_domain_is_refused(store: Store) {
    let world = World::new(store);
    let new = NewMember { address: Some("a@elsewhere.test".parse().unwrap()), ..full("王丽") };
    assert_eq!(world.add(new).unwrap_err().code(), "domain_not_usable_by_organisation");
}

#[testkit::test_each_engine]
fn a_change_keeps_what_it_does_not_name(store: Store) {
    let world = World::new(store);
    let id = world.add(full("王丽")).unwrap();
    let patch = MemberPatch { nickname: Some(Some("小丽".to_owned())), mobile: Some(None), ..MemberPatch::default() };
    let changed = |patch: MemberPatch| world.write(move |ctx, tx| members::update(ctx, tx, id, &patch));
    assert!(changed(patch.clone()).unwrap());
    assert!(!changed(patch).unwrap());
    let member = world.get(id);
    assert_eq!((member.profile.nickname.as_deref(), member.profile.mobile), (Some("小丽"), None));
    assert_eq!(member.profile.employee_number.as_deref(), Some("H45513"));
    assert_eq!(member.version, 2);
}

#[testkit::test_each_engine]
fn a_change_to_a_value_another_has_is_refused(store: Store) {
    let world = World::new(store);
    world.add(full("王丽")).unwrap();
    let second = world.member("李安", &[]);
    let patch = MemberPatch { mobile: Some(full("").mobile), ..MemberPatch::default() };
    let error = world.write(move |ctx, tx| members::update(ctx, tx, second, &patch)).unwrap_err();
    assert!(matches!(error, UpdateError::Clash(clash) if clash.field == ClashField::Mobile));
}

#[testkit::test_each_engine]
fn members_change_only_what_is_theirs(store: Store) {
    let world = World::new(store);
    let id = world.member("王丽", &[]);
    let own = world.as_member(id, Realm::Account);
    let nickname = MemberPatch { nickname: Some(Some("小丽".to_owned())), ..MemberPatch::default() };
    assert!(
        own.write({
            let patch = nickname.clone();
            move |ctx, tx| members::update_own(ctx, tx, id, &patch)
        })
        .unwrap()
    );
    let name = MemberPatch { name: Some("王大丽".to_owned()), ..nickname.clone() };
    assert_eq!(own.write(move |ctx, tx| members::update_own(ctx, tx, id, &name)).unwrap_err().code(), "forbidden");
    let other = world.member("李安", &[]);
    assert_eq!(own.write(move |ctx, tx| members::update_own(ctx, tx, other, &nickname)).unwrap_err().code(), "not_found");
}

#[testkit::test_each_engine]
fn each_member_has_one_main_department(store: Store) {
    let world = World::new(store);
    let [a, b] = ["甲", "乙"].map(|name| world.department(world.root, name, None));
    let id = world.member("王丽", &[a, b]);
    let set = |placements: Vec<Placement>| world.write(move |ctx, tx| members::set_departments(ctx, tx, id, &placements));
    assert_eq!(set(vec![Placement::main(a), Placement::main(b)]).unwrap_err().fields()[0].code, "several_main_departments");
    set(vec![Placement { is_main: false, ..Placement::main(a) }, Placement::main(b)]).unwrap();
    let places: Vec<_> = world.get(id).departments.into_iter().map(|place| (place.department_id, place.is_main)).collect();
    assert_eq!(places, [(b, true), (a, false)]);
    set(vec![]).unwrap();
    assert_eq!(world.get(id).departments[0].department_id, world.root);
    let nowhere = kernel::DepartmentId::from_raw(7);
    assert_eq!(set(vec![Placement::main(nowhere)]).unwrap_err().code(), "department_not_found");
}

#[testkit::test_each_engine]
fn many_are_found_by_what_is_known_of_them(store: Store) {
    let world = World::new(store);
    let id = world.add(full("王丽")).unwrap();
    world
        .read(move |ctx, tx| {
            let many: Vec<String> = (0..1200).map(|number| format!("x{number}")).chain(["wangli".to_owned()]).collect();
            let many: Vec<&str> = many.iter().map(String::as_str).collect();
            assert_eq!(members::find_many_by_account_name(tx, ctx.org, &many)?, [("wangli".to_owned(), id)]);
            assert_eq!(members::find_many_by_mobile(tx, ctx.org, &["+8613907034118"])?[0].1, id);
            assert_eq!(members::find_many_by_employee_number(tx, ctx.org, &["H45513"])?[0].1, id);
            let address: kernel::EmailAddress = "wangli@example.test".parse().unwrap();
            assert_eq!(members::find_many_by_address(tx, ctx.org, std::slice::from_ref(&address))?, [(address, Some(id))]);
            assert_eq!(members::find_many_by_id(tx, ctx.org, &[id, MemberId::from_raw(9)])?, [id]);
            assert_eq!(members::find_by_account_name(tx, ctx.org, " ＷangLi")?, Some(id));
            Ok::<_, Failed>(())
        })
        .unwrap();
}

#[testkit::test_each_engine]
fn one_organisation_never_finds_anothers_members(store: Store) {
    let world = World::new(store.clone());
    let other = World::named(store, "clinic", "clinic.test");
    let id = world.add(full("王丽")).unwrap();
    assert!(other.read(move |ctx, tx| members::get(ctx, tx, id)).is_err());
    assert_eq!(other.read(move |ctx, tx| members::find_many_by_mobile(tx, ctx.org, &["+8613907034118"])).unwrap(), []);
    // The same mobile in another organisation is nobody's business.
    let same = NewMember { address: None, ..full("王丽") };
    other.add(same).unwrap();
}

#[testkit::test_each_engine]
fn a_service_class_in_use_is_not_removed(store: Store) {
    let world = World::new(store);
    let class = world
        .write(|ctx, tx| {
            let new = service_classes::NewServiceClass { name: "公务员".to_owned(), mail_quota_bytes: None, drive_quota_bytes: Some(1) };
            service_classes::add(ctx, tx, &new)
        })
        .unwrap();
    world.add(NewMember { service_class_id: Some(class), ..full("王丽") }).unwrap();
    assert_eq!(world.write(move |ctx, tx| service_classes::remove(ctx, tx, class)).unwrap_err().code(), "service_class_in_use");
    let patch = service_classes::ServiceClassPatch { make_default: true, ..Default::default() };
    world.write(move |ctx, tx| service_classes::update(ctx, tx, class, &patch)).unwrap();
    let classes = world.read(service_classes::list).unwrap();
    let shown: Vec<_> = classes.iter().map(|row| (row.class.name.as_str(), row.class.is_default, row.member_count)).collect();
    assert_eq!(shown, [("公务员", true, 1), ("标准", false, 0)]);
}
