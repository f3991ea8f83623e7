//! Who may receive what, by address and by state.

use directory::addresses;
use directory::administrators::{self, Role};
use directory::domains;
use directory::members::{self, MemberPatch, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use directory::service_classes::{self, ServiceClassPatch};
use kernel::{Ctx, MailAccountId, MemberId, OrgId};
use mail::mail_accounts;
use mail::reception::{self, Receiver, Recipient, RecipientRefused};
use store::{Store, StoreError, params};
use testkit::test_each_engine;

testkit::mail_is_sound_after_each_test!();

/// An organisation with the domain `example.test` (usable) and `waiting.test` (not verified); `li.na` is an owner, `wang` a member with the alias
/// `wang.wei`.
struct World {
    ctx: Ctx,
    li: MemberId,
    wang: MemberId,
}

fn world(store: &Store) -> World {
    let ctx = testkit::ctx(OrgId::from_raw(0));
    let made = store.write_blocking(move |tx| {
        let new = NewOrganisation {
            code: "example".into(),
            name: "Example".into(),
            time_zone: organisations::DEFAULT_TIME_ZONE.into(),
            language: Language::En,
        };
        let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).expect("a new organisation"));
        domains::add_assumed(&ctx, tx, &"example.test".parse().expect("a domain")).expect("a usable domain");
        domains::add(&ctx, tx, &"waiting.test".parse().expect("a domain")).expect("a domain that waits");
        let mut member = |name: &str, address: &str| {
            let new = NewMember {
                name: name.into(),
                address: Some(address.parse().expect("an address")),
                activated: true,
                ..NewMember::default()
            };
            let id = members::insert(&ctx, tx, &new).expect("a new member");
            let account = mail_accounts::open(&ctx, tx, id)?;
            members::set_mail_account(tx, ctx.org, id, Some(account))?;
            Ok::<_, StoreError>(id)
        };
        let (li, wang) = (member("Li Na", "li.na@example.test")?, member("Wang Wei", "wang@example.test")?);
        member("Nobody Yet", "someone@waiting.test")?;
        administrators::grant(&ctx, tx, li, Role::Owner).expect("an owner");
        addresses::add_alias(&ctx, tx, wang, &"wang.wei@example.test".parse().expect("an address")).expect("an alias");
        Ok::<_, StoreError>(World { ctx, li, wang })
    });
    made.expect("a world")
}

fn check(store: &Store, address: &str, size: u64) -> Result<Recipient, RecipientRefused> {
    let address = address.parse().expect("an address of an envelope");
    store.read_blocking(move |tx| reception::check_recipient(tx, &address, size))
}

fn reached(store: &Store, address: &str) -> Result<Vec<MemberId>, RecipientRefused> {
    check(store, address, 0).map(|found| found.receivers.iter().map(|receiver| receiver.member).collect())
}

#[test_each_engine]
fn an_address_reaches_its_member_however_it_is_written(store: Store) {
    let world = world(&store);
    for written in [
        "wang@example.test",
        "WANG@Example.TEST",
        "wang+reports@example.test",
        "wang+@example.test",
        "\"wang\"@example.test",
        "\"wang+a\"@example.test",
        "wang.wei@example.test",
        "wang.wei+x+y@example.test",
    ] {
        assert_eq!(reached(&store, written).unwrap(), [world.wang], "{written}");
    }
    assert_eq!(check(&store, "wang@example.test", 0).unwrap().org, world.ctx.org);
}

#[test_each_engine]
fn what_is_not_ours_is_never_passed_on_whatever_it_looks_like(store: Store) {
    world(&store);
    for foreign in [
        "wang@elsewhere.test",
        "wang@sub.example.test",
        "wang@test.example",
        "wang%example.test@elsewhere.test",
        "wang@[127.0.0.1]",
        "wang@[IPv6:::1]",
        "\"wang@example.test\"@elsewhere.test",
        "someone@waiting.test",
    ] {
        assert!(matches!(reached(&store, foreign), Err(RecipientRefused::DomainNotOurs)), "{foreign}");
    }
    for unknown in [
        "nobody@example.test",
        "wang%elsewhere.test@example.test",
        "elsewhere.test!wang@example.test",
        "\"wang@elsewhere.test\"@example.test",
        "\"wang wei\"@example.test",
        "+wang@example.test",
        "王伟@example.test",
        "*@example.test",
    ] {
        assert!(matches!(reached(&store, unknown), Err(RecipientRefused::Unknown)), "{unknown}");
    }
}

#[test_each_engine]
fn every_state_but_the_recycle_bin_receives(store: Store) {
    let World { ctx, wang, .. } = world(&store);
    type Change = fn(&Ctx, &mut store::Tx, MemberId);
    let states: [(&str, Change); 3] = [
        ("suspended", |ctx, tx, id| members::suspend(ctx, tx, id).expect("suspended")),
        ("locked", |ctx, tx, id| members::lock(ctx, tx, id).expect("locked")),
        ("expired", |ctx, tx, id| {
            let profile = MemberPatch { expires_on: Some(Some("2020-01-01".parse().expect("a day"))), ..MemberPatch::default() };
            members::update(ctx, tx, id, &profile).expect("expired");
        }),
    ];
    for (state, change) in states {
        let ctx = ctx.clone();
        store
            .write_blocking(move |tx| {
                change(&ctx, tx, wang);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert_eq!(reached(&store, "wang@example.test").unwrap(), [wang], "{state}");
    }
    store.write_blocking(move |tx| members::recycle(&ctx, tx, wang).map(drop).map_err(|_| StoreError::aborted())).unwrap();
    for address in ["wang@example.test", "wang.wei@example.test", "wang+x@example.test"] {
        assert!(matches!(reached(&store, address), Err(RecipientRefused::Recycled)), "{address}");
    }
}

#[test_each_engine]
fn postmaster_and_abuse_reach_the_owners_unless_somebody_was_given_them(store: Store) {
    let World { ctx, li, wang } = world(&store);
    for address in ["postmaster@example.test", "Abuse@example.test", "postmaster+x@example.test"] {
        assert_eq!(reached(&store, address).unwrap(), [li], "{address}");
    }
    for host in ["mx.example.test", "example.test", "mail.elsewhere.test", "localhost"] {
        let found = store.read_blocking(move |tx| reception::postmaster_address(tx, host)).unwrap();
        assert_eq!(found.expect("a domain").as_str(), "postmaster@example.test", "{host}");
    }
    store
        .write_blocking(move |tx| {
            addresses::add_alias(&ctx, tx, wang, &"abuse@example.test".parse().expect("an address")).expect("an alias");
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(reached(&store, "abuse@example.test").unwrap(), [wang]);
}

#[test_each_engine]
fn a_full_mailbox_takes_no_more_and_one_that_a_message_would_overflow_does_not_take_that_message(store: Store) {
    let World { ctx, wang, .. } = world(&store);
    store
        .write_blocking(move |tx| {
            let class = service_classes::default_class(tx, ctx.org)?.id;
            let patch = ServiceClassPatch { mail_quota_bytes: Some(Some(1000)), ..ServiceClassPatch::default() };
            service_classes::update(&ctx, tx, class, &patch).expect("a changed class");
            tx.execute("UPDATE mail_account SET used_bytes = 900 WHERE org_id = $1 AND member_id = $2", params![ctx.org, wang])?
                .expect_one()
        })
        .unwrap();
    assert!(check(&store, "wang@example.test", 0).is_ok() && check(&store, "wang@example.test", 100).is_ok());
    assert!(matches!(check(&store, "wang@example.test", 101), Err(RecipientRefused::MailboxFull)));
    assert!(check(&store, "li.na@example.test", 101).is_ok());
    let is_one_full = |size: u64| {
        let recipients = ["li.na@example.test", "wang@example.test"].map(|address| check(&store, address, 0).unwrap());
        let nobody_since = Recipient {
            receivers: vec![Receiver { account: MailAccountId::from_raw(1), ..recipients[0].receivers[0] }],
            ..recipients[0].clone()
        };
        // As mail to the owners does, which goes to those with room.
        let both = Recipient { receivers: recipients.iter().flat_map(|one| one.receivers.clone()).collect(), ..recipients[0].clone() };
        let others = [both, nobody_since];
        store
            .read_blocking(move |tx| {
                let apart = reception::is_one_full(tx, &recipients, size)?;
                Ok::<_, StoreError>((apart, reception::is_one_full(tx, &others, size)?))
            })
            .unwrap()
    };
    assert_eq!((is_one_full(100), is_one_full(101), is_one_full(1001)), ((false, false), (true, false), (true, true)));
    let fill = |tx: &mut store::Tx| tx.execute("UPDATE mail_account SET used_bytes = 1000", params![]).map(store::Affected::any);
    store.write_blocking(fill).unwrap();
    for address in ["wang@example.test", "postmaster@example.test"] {
        assert!(matches!(check(&store, address, 0), Err(RecipientRefused::MailboxFull)), "{address}");
    }
}
