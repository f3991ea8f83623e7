use directory::organisations::{self, AddError, Language, NewOrganisation, OrganisationPatch, Settings};
use directory::{departments, service_classes};
use kernel::Fault;
use store::Store;

use crate::world::{Failed, World};

fn new(code: &str) -> NewOrganisation {
    NewOrganisation { code: code.to_owned(), name: "A".to_owned(), time_zone: "Asia/Shanghai".to_owned(), language: Language::En }
}

#[testkit::test_each_engine]
fn a_new_organisation_has_a_root_department_and_a_default_service_class(store: Store) {
    let world = World::new(store);
    let org = world.org();
    let (root, class) =
        world.read(move |_, tx| Ok::<_, Failed>((departments::root(tx, org)?, service_classes::default_class(tx, org)?))).unwrap();
    assert_eq!((root.name.as_str(), root.parent_id), ("市医院集团", None));
    assert_eq!(class.name, "标准");
}

#[testkit::test_each_engine]
fn an_organisation_code_is_compared_however_it_is_written(store: Store) {
    let world = World::new(store);
    let taken = world.write(|ctx, tx| organisations::add(ctx, tx, &new("ＨＯＳＰＩＴＡＬ"))).unwrap_err();
    assert!(matches!(taken, AddError::CodeTaken { .. }), "{taken:?}");
    let found = world.read(|_, tx| organisations::find_by_code(tx, " Hospital ")).unwrap().unwrap();
    assert_eq!(found.id, world.org());
    for wrong in ["", "a", "-ab", "a b", "医院", &"x".repeat(33)] {
        let wrong = new(wrong);
        let error = world.write(move |ctx, tx| organisations::add(ctx, tx, &wrong)).unwrap_err();
        assert_eq!(error.code(), "organisation_code_invalid");
    }
}

#[testkit::test_each_engine]
fn the_root_department_is_renamed_with_the_organisation(store: Store) {
    let world = World::new(store);
    let patch = OrganisationPatch {
        name: Some("第一医院".to_owned()),
        settings: Some(Settings { initial_password_days: 3, ..Settings::default() }),
        ..OrganisationPatch::default()
    };
    let changed = world.write(move |ctx, tx| organisations::update(ctx, tx, &patch)).unwrap();
    assert_eq!(changed.settings.initial_password_days, 3);
    let org = world.org();
    assert_eq!(world.read(move |_, tx| departments::root(tx, org)).unwrap().name, "第一医院");
}

#[testkit::test_each_engine]
fn settings_stay_within_their_bounds(store: Store) {
    let world = World::new(store);
    let mut settings = Settings::default();
    settings.password_policy.min_length = 1;
    let patch = OrganisationPatch { settings: Some(settings), ..OrganisationPatch::default() };
    let error = world.write(move |ctx, tx| organisations::update(ctx, tx, &patch)).unwrap_err();
    assert_eq!(error.fields()[0].field, "settings.password_policy.min_length");
}
