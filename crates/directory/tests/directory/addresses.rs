use directory::addresses;
use directory::members::{self, MemberFilter, NewMember};
use kernel::{EmailAddress, Fault, PageRequest};
use store::Store;

use crate::world::World;

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

#[testkit::test_each_engine]
fn no_two_things_share_an_address(store: Store) {
    let world = World::new(store);
    let first =
        world.add(NewMember { name: "王丽".to_owned(), address: Some(address("wl@example.test")), ..NewMember::default() }).unwrap();
    let second = world.member("李安", &[]);
    let give = |member, text: &'static str| world.write(move |ctx, tx| addresses::add_alias(ctx, tx, member, &address(text)));
    assert_eq!(give(second, "WL@example.test").unwrap_err().code(), "address_taken");
    assert_eq!(give(first, "wl@example.test").unwrap_err().code(), "address_taken");
    assert_eq!(give(second, "la@other.test").unwrap_err().code(), "domain_not_usable_by_organisation");
    give(second, "la@example.test").unwrap();
    assert_eq!(world.get(second).aliases, [address("la@example.test")]);
}

#[testkit::test_each_engine]
fn a_former_primary_address_stays_as_an_alias(store: Store) {
    let world = World::new(store);
    let id = world.add(NewMember { name: "王丽".to_owned(), address: Some(address("old@example.test")), ..NewMember::default() }).unwrap();
    let make = |text: &'static str| world.write(move |ctx, tx| addresses::set_primary(ctx, tx, id, &address(text))).unwrap();
    make("new@example.test");
    let member = world.get(id);
    assert_eq!((member.address.unwrap(), member.aliases), (address("new@example.test"), vec![address("old@example.test")]));
    make("old@example.test");
    assert_eq!(world.get(id).address.unwrap(), address("old@example.test"));
    let remove = |text: &'static str| world.write(move |ctx, tx| addresses::remove_alias(ctx, tx, id, &address(text)));
    assert_eq!(remove("old@example.test").unwrap_err().code(), "address_is_primary");
    remove("new@example.test").unwrap();
    assert_eq!(remove("new@example.test").unwrap_err().code(), "address_not_found");
}

#[testkit::test_each_engine]
fn a_member_is_found_by_every_address(store: Store) {
    let world = World::new(store);
    let id = world.member("王丽", &[]);
    world.write(move |ctx, tx| addresses::add_alias(ctx, tx, id, &address("peony@example.test"))).unwrap();
    let search = |text: &str| {
        let filter = MemberFilter { search: Some(text.to_owned()), ..MemberFilter::default() };
        world.read(move |ctx, tx| members::list(ctx, tx, &filter, &PageRequest::first(5), Default::default())).unwrap().items.len()
    };
    assert_eq!(search("peony"), 1);
    world.write(move |ctx, tx| addresses::remove_alias(ctx, tx, id, &address("peony@example.test"))).unwrap();
    assert_eq!(search("peony"), 0);
    let found = world.read(|_, tx| addresses::find_many(tx, &[address("peony@example.test")])).unwrap();
    assert!(found.is_empty());
}
