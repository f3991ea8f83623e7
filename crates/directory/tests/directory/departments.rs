use directory::departments::{self, AddError, MoveError, NewDepartment, RemoveError};
use kernel::{DepartmentId, Fault};
use store::Store;

use crate::world::{Failed, World};

fn names(world: &World) -> Vec<String> {
    let tree = world.read(departments::tree).unwrap();
    tree.into_iter().map(|node| node.name).collect()
}

fn move_to(world: &World, id: DepartmentId, parent: DepartmentId, before: Option<DepartmentId>) -> Result<(), MoveError> {
    world.write(move |ctx, tx| departments::move_to(ctx, tx, id, parent, before))
}

#[testkit::test_each_engine]
fn siblings_have_different_names_and_identifiers_however_they_are_written(store: Store) {
    let world = World::new(store);
    world.department(world.root, "ICU", None);
    let root = world.root;
    let add = |name: &'static str, identifier: Option<&'static str>| {
        let identifier = identifier.map(str::to_owned);
        world.write(move |ctx, tx| {
            let new = NewDepartment { parent_id: root, name: name.to_owned(), identifier: identifier.clone(), member_limit: None };
            departments::add(ctx, tx, &new)
        })
    };
    assert!(matches!(add("ｉｃｕ ", None).unwrap_err(), AddError::NameTaken { .. }));
    assert!(matches!(add("Intensive care", Some("ICU")).unwrap_err(), AddError::IdentifierTaken { .. }));
    assert_eq!(add("a/b", None).unwrap_err().fields()[0].code, "value_invalid");
    assert_eq!(add("  ", None).unwrap_err().fields()[0].code, "value_missing");
}

#[testkit::test_each_engine]
fn identifiers_are_made_from_pinyin_and_numbered(store: Store) {
    let world = World::new(store);
    for name in ["内科", "男科", "年科", "★"] {
        world.department(world.root, name, None);
    }
    let tree = world.read(departments::tree).unwrap();
    let identifiers: Vec<&str> = tree.iter().skip(1).map(|node| node.identifier.as_str()).collect();
    assert_eq!(identifiers, ["nk", "nk2", "nk3", "d"]);
}

#[testkit::test_each_engine]
fn a_department_cannot_be_moved_below_itself(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    let heart = world.department(medicine, "心血管内科", None);
    for below in [medicine, heart] {
        assert!(matches!(move_to(&world, medicine, below, None).unwrap_err(), MoveError::BelowItself));
    }
    assert!(matches!(move_to(&world, world.root, medicine, None).unwrap_err(), MoveError::IsRoot));
}

#[testkit::test_each_engine]
fn departments_keep_the_order_they_are_put_in(store: Store) {
    let world = World::new(store);
    let [a, b, c] = ["甲", "乙", "丙"].map(|name| world.department(world.root, name, None));
    move_to(&world, c, world.root, Some(a)).unwrap();
    assert_eq!(names(&world)[1..], ["丙", "甲", "乙"]);
    move_to(&world, c, world.root, None).unwrap();
    move_to(&world, b, a, None).unwrap();
    world.department(world.root, "丁", None);
    assert_eq!(names(&world)[1..], ["甲", "乙", "丙", "丁"]);
    let tree = world.read(departments::tree).unwrap();
    assert_eq!(tree[2].parent_id, Some(a));
}

#[testkit::test_each_engine]
fn a_department_goes_where_no_sibling_has_its_name(store: Store) {
    let world = World::new(store);
    let east = world.department(world.root, "东院区", None);
    world.department(east, "内科", None);
    let medicine = world.department(world.root, "内科", None);
    assert!(matches!(move_to(&world, medicine, east, None).unwrap_err(), MoveError::NameTaken { .. }));
}

#[testkit::test_each_engine]
fn the_tree_is_a_hundred_deep_at_most(store: Store) {
    let world = World::new(store);
    let path: Vec<String> = (1..=100).map(|level| format!("层{level}")).collect();
    let deepest = world.write(move |ctx, tx| departments::ensure_path(ctx, tx, &path)).unwrap();
    let add = world.write(move |ctx, tx| {
        departments::add(ctx, tx, &NewDepartment { parent_id: deepest, name: "x".to_owned(), identifier: None, member_limit: None })
    });
    assert!(matches!(add.unwrap_err(), AddError::TooDeep { limit: 100 }));
    let top = world.department(world.root, "上", None);
    world.department(top, "下", None);
    let org = world.org();
    let nearly = world.read(move |_, tx| departments::find_path(tx, org, &["层1", "层2"])).unwrap().unwrap();
    assert!(matches!(move_to(&world, nearly, top, None), Ok(())));
    let above = world.department(world.root, "更上", None);
    let under = world.department(above, "中", None);
    assert!(matches!(move_to(&world, top, under, None).unwrap_err(), MoveError::TooDeep { .. }));
}

#[testkit::test_each_engine]
fn paths_lead_to_departments_and_back(store: Store) {
    let world = World::new(store);
    let path = ["总院", "内科", "心血管内科"].map(str::to_owned).to_vec();
    let made = world
        .write({
            let path = path.clone();
            move |ctx, tx| departments::ensure_path(ctx, tx, &path)
        })
        .unwrap();
    let again = world
        .write({
            let path = path.clone();
            move |ctx, tx| departments::ensure_path(ctx, tx, &path)
        })
        .unwrap();
    assert_eq!(made, again);
    world
        .read(move |ctx, tx| {
            assert_eq!(departments::path_of(tx, ctx.org, made)?, path);
            assert_eq!(departments::all_paths(tx, ctx.org)?[&made], path);
            // By identifier as well.
            assert_eq!(departments::find_path(tx, ctx.org, &["zy", "NK", "xxgnk"])?, Some(made));
            assert_eq!(departments::find_path(tx, ctx.org, &["总院", "外科"])?, None);
            Ok::<_, Failed>(())
        })
        .unwrap();
}

#[testkit::test_each_engine]
fn only_an_empty_department_is_removed(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    let heart = world.department(medicine, "心血管内科", None);
    world.member("王丽", &[heart]);
    let remove = |id| world.write(move |ctx, tx| departments::remove(ctx, tx, id));
    assert!(matches!(remove(medicine).unwrap_err(), RemoveError::NotEmpty { departments: 1, members: 1 }));
    assert!(matches!(remove(world.root).unwrap_err(), RemoveError::IsRoot));
    let empty = world.department(medicine, "空", None);
    remove(empty).unwrap();
    assert!(matches!(remove(empty).unwrap_err(), RemoveError::NotFound(_)));
}

#[testkit::test_each_engine]
fn the_tree_counts_a_member_of_several_departments_once(store: Store) {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    let heart = world.department(medicine, "心血管内科", None);
    let surgery = world.department(world.root, "外科", None);
    let leader = world.member("王丽", &[heart, medicine, surgery]);
    world.member("李安", &[heart]);
    let pending = directory::members::NewMember {
        name: "未来".to_owned(),
        departments: vec![directory::members::Placement::main(heart)],
        ..Default::default()
    };
    world.add(pending).unwrap();
    world.write(move |ctx, tx| departments::set_leaders(ctx, tx, heart, &[leader, leader])).unwrap();
    let tree = world.read(departments::tree).unwrap();
    let counts: Vec<_> =
        tree.iter().map(|node| (node.name.as_str(), node.member_count, node.subtree_count, node.not_activated_count)).collect();
    assert_eq!(counts, [("市医院集团", 0, 3, 1), ("内科", 1, 3, 1), ("心血管内科", 3, 3, 1), ("外科", 1, 1, 0)]);
    assert_eq!(tree[2].leaders.len(), 1);
}
