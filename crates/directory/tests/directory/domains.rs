use directory::domains::{self, dns_records, verification_value};
use directory::members::NewMember;
use kernel::{DomainId, DomainName, Fault};
use store::Store;

use crate::world::{Failed, World};

fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn add(world: &World, text: &'static str) -> Result<DomainId, domains::AddError> {
    world.write(move |ctx, tx| domains::add(ctx, tx, &name(text)))
}

#[testkit::test_each_engine]
fn a_domain_belongs_to_one_organisation_however_it_is_written(store: Store) {
    let world = World::new(store.clone());
    let other = World::named(store, "clinic", "clinic.test");
    assert_eq!(add(&other, "Example.TEST.").unwrap_err().code(), "domain_taken");
    assert_eq!(add(&world, "example.test").unwrap_err().code(), "domain_taken");
}

#[testkit::test_each_engine]
fn mail_flows_through_a_domain_once_its_record_was_found(store: Store) {
    let world = World::new(store);
    let id = add(&world, "second.test").unwrap();
    let domain = world.read(move |ctx, tx| domains::get(ctx, tx, id)).unwrap();
    let records = dns_records(&domain, "mail.example.test");
    assert_eq!(
        records.iter().map(|record| (record.kind.as_str(), record.name.as_str())).collect::<Vec<_>>(),
        [("TXT", "_yanshu.second.test"), ("MX", "second.test"), ("TXT", "second.test")]
    );
    let check = |values: Vec<String>| world.write(move |ctx, tx| domains::check_result(ctx, tx, id, &values)).unwrap();
    assert!(!check(vec!["v=spf1 -all".to_owned()]).is_usable());
    assert!(check(vec!["other".to_owned(), verification_value(&domain)]).is_usable());
    // A record that is tidied away stops no mail.
    assert!(check(vec![]).is_usable());
}

#[testkit::test_each_engine]
fn a_domain_takes_its_owners_addresses_before_it_is_verified_and_others_after(store: Store) {
    let platform = World::new(store.clone());
    let unit = World::named(store, "clinic", "clinic.test");
    let id = add(&platform, "second.test").unwrap();
    let to = unit.org();
    platform.write(move |ctx, tx| domains::grant(ctx, tx, id, to)).unwrap();
    let usable = |world: &World| {
        let domains = world.read(|ctx, tx| domains::usable_by(tx, ctx.org)).unwrap();
        domains.into_iter().map(|domain| domain.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(usable(&platform), ["example.test", "second.test"]);
    assert_eq!(usable(&unit), ["clinic.test"]);
    platform.write(move |ctx, tx| domains::assume(ctx, tx, id)).unwrap();
    assert_eq!(usable(&unit), ["clinic.test", "second.test"]);
}

#[testkit::test_each_engine]
fn there_is_one_default_domain(store: Store) {
    let world = World::new(store);
    let second = add(&world, "second.test").unwrap();
    let make = || world.write(move |ctx, tx| domains::set_default(ctx, tx, second));
    assert_eq!(make().unwrap_err().code(), "domain_not_usable");
    world.write(move |ctx, tx| domains::assume(ctx, tx, second)).unwrap();
    make().unwrap();
    let listed = world.read(domains::list).unwrap();
    assert_eq!(
        listed.iter().map(|domain| (domain.name.as_str(), domain.is_default)).collect::<Vec<_>>(),
        [("second.test", true), ("example.test", false)]
    );
    world.write(move |ctx, tx| domains::remove(ctx, tx, second)).unwrap();
    assert_eq!(world.read(|ctx, tx| domains::default_of(tx, ctx.org)).unwrap().unwrap().name.as_str(), "example.test");
}

#[testkit::test_each_engine]
fn a_domain_with_addresses_is_not_removed(store: Store) {
    let world = World::new(store);
    let id = world.read(|ctx, tx| domains::default_of(tx, ctx.org)).unwrap().unwrap().id;
    world.add(NewMember { name: "王丽".to_owned(), address: Some("wl@example.test".parse().unwrap()), ..NewMember::default() }).unwrap();
    assert_eq!(world.write(move |ctx, tx| domains::remove(ctx, tx, id)).unwrap_err().code(), "domain_in_use");
}

#[testkit::test_each_engine]
fn a_granted_domain_is_used_by_the_other_organisation_too(store: Store) {
    let platform = World::new(store.clone());
    let unit = World::named(store, "clinic", "clinic.test");
    let id = platform.read(|ctx, tx| domains::default_of(tx, ctx.org)).unwrap().unwrap().id;
    let with = |text: &str| NewMember { name: "王丽".to_owned(), address: Some(text.parse().unwrap()), ..NewMember::default() };
    assert_eq!(unit.add(with("wl@example.test")).unwrap_err().code(), "domain_not_usable_by_organisation");
    let to = unit.org();
    platform.write(move |ctx, tx| domains::grant(ctx, tx, id, to)).unwrap();
    unit.add(with("wl@example.test")).unwrap();
    // The platform learns that the address is taken, and not by whom.
    let error = platform.add(with("wl@example.test")).unwrap_err();
    assert_eq!((error.code(), error.params().get("holder")), ("address_taken", None));
    platform.write(move |ctx, tx| domains::revoke_grant(ctx, tx, id, to)).unwrap();
    assert_eq!(unit.add(with("second@example.test")).unwrap_err().code(), "domain_not_usable_by_organisation");
    let owner = platform.org();
    let found = unit.read(move |_, tx| Ok::<_, Failed>(domains::find_by_name(tx, &name("example.test"))?)).unwrap().unwrap();
    assert_eq!(found.owner, owner);
}
