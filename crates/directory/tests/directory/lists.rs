use directory::members::{self, AccountKind, Gender, MemberFilter, MemberRow, MemberSort, MemberState, NewMember, Placement, SortKey};
use kernel::{Cursor, DepartmentId, MemberId, PageRequest};
use store::Store;

use crate::world::World;

/// Pages of three until the end; the count must say the same.
fn all(world: &World, filter: MemberFilter, sort: MemberSort) -> Vec<MemberRow> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = {
            let (filter, request) = (filter.clone(), PageRequest::new(after.take(), 3));
            world.read(move |ctx, tx| members::list(ctx, tx, &filter, &request, sort)).unwrap()
        };
        rows.extend(page.items);
        match page.next {
            Some(next) => after = Some(Cursor::decode(&next).unwrap()),
            None => break,
        }
    }
    let count = world.read(move |ctx, tx| members::count(ctx, tx, &filter)).unwrap();
    assert_eq!(count, rows.len() as i64);
    rows
}

fn names(rows: Vec<MemberRow>) -> Vec<String> {
    rows.into_iter().map(|row| row.name).collect()
}

fn found(world: &World, filter: MemberFilter) -> Vec<String> {
    names(all(world, filter, MemberSort::default()))
}

struct Cast {
    world: World,
    medicine: DepartmentId,
    heart: DepartmentId,
}

fn cast(store: Store) -> Cast {
    let world = World::new(store);
    let medicine = world.department(world.root, "内科", None);
    let heart = world.department(medicine, "心血管内科", None);
    let at = |department: DepartmentId| vec![Placement { position: Some("医师".to_owned()), ..Placement::main(department) }];
    let people = [
        NewMember {
            name: "曾丽".to_owned(),
            mobile: Some("+8613907034118".parse().unwrap()),
            gender: Some(Gender::Female),
            address: Some("zengli@example.test".parse().unwrap()),
            departments: at(heart),
            activated: true,
            ..NewMember::default()
        },
        NewMember { name: "王磊".to_owned(), employee_number: Some("H2".to_owned()), departments: at(medicine), ..NewMember::default() },
        NewMember { name: "王丽".to_owned(), employee_number: Some("H1".to_owned()), ..NewMember::default() },
        NewMember { name: "安娜".to_owned(), account_kind: AccountKind::Personal, ..NewMember::default() },
        NewMember { name: "Zoe 100%".to_owned(), expires_on: Some("2026-01-01".parse().unwrap()), ..NewMember::default() },
    ];
    for person in people {
        world.add(person).unwrap();
    }
    Cast { world, medicine, heart }
}

#[testkit::test_each_engine]
fn every_order_is_paged_without_gap_or_repetition(store: Store) {
    let Cast { world, .. } = cast(store);
    let by_name = ["安娜", "王磊", "王丽", "曾丽", "Zoe 100%"];
    let orders = [
        (SortKey::Name, by_name),
        (SortKey::AccountName, ["安娜", "王磊", "王丽", "曾丽", "Zoe 100%"]),
        (SortKey::EmployeeNumber, ["曾丽", "安娜", "Zoe 100%", "王丽", "王磊"]),
        (SortKey::CreatedAt, ["曾丽", "王磊", "王丽", "安娜", "Zoe 100%"]),
        (SortKey::LastSignInAt, ["曾丽", "王磊", "王丽", "安娜", "Zoe 100%"]),
        (SortKey::Manual, ["曾丽", "王磊", "王丽", "安娜", "Zoe 100%"]),
    ];
    for (key, expected) in orders {
        assert_eq!(names(all(&world, MemberFilter::default(), MemberSort { key, descending: false })), expected, "{key}");
        let mut reversed = expected;
        reversed.reverse();
        assert_eq!(names(all(&world, MemberFilter::default(), MemberSort { key, descending: true })), reversed, "{key}");
    }
}

#[testkit::test_each_engine]
fn every_word_of_a_search_must_match_somewhere(store: Store) {
    let Cast { world, .. } = cast(store);
    let search = |text: &str| found(&world, MemberFilter { search: Some(text.to_owned()), ..MemberFilter::default() });
    assert_eq!(search("丽"), ["王丽", "曾丽"]);
    assert_eq!(search("zengli"), ["曾丽"]);
    assert_eq!(search("CENG li"), ["曾丽"]);
    assert_eq!(search("wl"), ["王磊", "王丽"]);
    assert_eq!(search("wang 丽"), ["王丽"]);
    assert_eq!(search("0703 zengli@example"), ["曾丽"]);
    assert_eq!(search("h1"), ["王丽"]);
    // What means something in LIKE is looked for as it is.
    assert_eq!(search("100%"), ["Zoe 100%"]);
    assert_eq!(search("_"), Vec::<String>::new());
    assert_eq!(search("%丽"), Vec::<String>::new());
    assert_eq!(search("  ").len(), 5);
    assert_eq!(search("wang\u{0}丽"), ["王丽"]);
    assert_eq!(search(&"q ".repeat(5000)), Vec::<String>::new());
}

#[testkit::test_each_engine]
fn filters_narrow_the_list(store: Store) {
    let Cast { world, medicine, heart } = cast(store);
    let any = MemberFilter::default;
    let department = |id, include_subdepartments| MemberFilter { department_id: Some(id), include_subdepartments, ..any() };
    assert_eq!(found(&world, department(medicine, false)), ["王磊"]);
    assert_eq!(found(&world, department(medicine, true)), ["王磊", "曾丽"]);
    assert_eq!(found(&world, department(heart, true)), ["曾丽"]);
    assert_eq!(found(&world, department(world.root, false)), ["安娜", "王丽", "Zoe 100%"]);
    assert_eq!(found(&world, department(world.root, true)).len(), 5);
    assert_eq!(found(&world, MemberFilter { state: Some(MemberState::Active), ..any() }), ["曾丽"]);
    assert_eq!(found(&world, MemberFilter { state: Some(MemberState::Expired), ..any() }), ["Zoe 100%"]);
    assert_eq!(found(&world, MemberFilter { account_kind: Some(AccountKind::Personal), ..any() }), ["安娜"]);
    assert_eq!(found(&world, MemberFilter { has_mobile: Some(true), ..any() }), ["曾丽"]);
    assert_eq!(found(&world, MemberFilter { expires_before: Some("2026-01-02".parse().unwrap()), ..any() }), ["Zoe 100%"]);
    assert_eq!(found(&world, MemberFilter { created_from: Some(testkit::TEST_NOW), ..any() }).len(), 5);
    assert_eq!(found(&world, MemberFilter { created_to: Some(testkit::TEST_NOW), ..any() }).len(), 0);
    // Gender, mobile, position and address are what the default settings ask for.
    assert_eq!(found(&world, MemberFilter { incomplete: true, ..any() }), ["安娜", "王磊", "王丽", "Zoe 100%"]);
    let combined = MemberFilter {
        search: Some("li".to_owned()),
        state: Some(MemberState::Active),
        has_mobile: Some(true),
        ..department(heart, false)
    };
    assert_eq!(found(&world, MemberFilter { incomplete: true, ..combined.clone() }), Vec::<String>::new());
    assert_eq!(found(&world, combined), ["曾丽"]);
}

#[testkit::test_each_engine]
fn a_row_shows_departments_and_address(store: Store) {
    let Cast { world, heart, .. } = cast(store);
    let rows = all(&world, MemberFilter { department_id: Some(heart), ..MemberFilter::default() }, MemberSort::default());
    assert_eq!(rows[0].departments[0].department_name, "心血管内科");
    assert_eq!(rows[0].address.as_ref().unwrap().to_string(), "zengli@example.test");
}

#[testkit::test_each_engine]
fn a_forged_cursor_is_refused(store: Store) {
    let Cast { world, .. } = cast(store);
    for parts in [vec![], vec!["x".to_owned()], vec!["x".to_owned(), "nobody".to_owned()]] {
        let request = PageRequest::new(Some(Cursor::new(parts)), 3);
        let sort = MemberSort { key: SortKey::CreatedAt, descending: false };
        let error = world.read(move |ctx, tx| members::list(ctx, tx, &MemberFilter::default(), &request, sort)).unwrap_err();
        assert!(matches!(error, members::ListError::CursorInvalid));
    }
}

#[testkit::test_each_engine]
fn members_are_put_in_an_order_by_hand(store: Store) {
    let Cast { world, .. } = cast(store);
    let manual = || all(&world, MemberFilter::default(), MemberSort { key: SortKey::Manual, descending: false });
    let ids: Vec<MemberId> = manual().into_iter().map(|row| row.id).collect();
    let put = |id: MemberId, before: Option<MemberId>| world.write(move |ctx, tx| members::reorder(ctx, tx, id, before)).unwrap();
    put(ids[4], Some(ids[0]));
    put(ids[0], None);
    for _ in 0..20 {
        put(ids[2], Some(ids[1]));
        put(ids[3], Some(ids[1]));
    }
    assert_eq!(manual().into_iter().map(|row| row.id).collect::<Vec<_>>(), [ids[4], ids[2], ids[3], ids[1], ids[0]]);
}

#[testkit::test_each_engine]
fn members_are_counted_by_state(store: Store) {
    let Cast { world, .. } = cast(store);
    let counts: Vec<_> = world.read(members::count_by_state).unwrap().into_iter().collect();
    assert_eq!(counts, [(MemberState::Expired, 1), (MemberState::Pending, 3), (MemberState::Active, 1)]);
}
