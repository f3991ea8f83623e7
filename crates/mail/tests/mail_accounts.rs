//! Mail accounts before there is mail: who holds them, and how full they are.

use directory::members::{self, MemberPatch, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use directory::service_classes::{self, ServiceClassPatch};
use kernel::{Actor, Ctx, Fault, FaultKind, MailAccountId, MemberId, OrgId};
use mail::mail_accounts::{self, UsageError};
use store::{Store, StoreError, params};
use testkit::test_each_engine;

testkit::mail_is_sound_after_each_test!();

const GIB: i64 = 1 << 30;

/// The operator in a new organisation with one member, who has a mail account.
fn organisation(store: &Store) -> (Ctx, MemberId) {
    let ctx = testkit::ctx(OrgId::from_raw(0));
    let made = store.write_blocking(move |tx| {
        let new = NewOrganisation {
            code: "example".into(),
            name: "Example".into(),
            time_zone: organisations::DEFAULT_TIME_ZONE.into(),
            language: Language::En,
        };
        let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).expect("a new organisation"));
        let member = members::insert(&ctx, tx, &NewMember { name: "Li Na".into(), ..NewMember::default() }).expect("a new member");
        let account = mail_accounts::open(&ctx, tx, member)?;
        members::set_mail_account(tx, ctx.org, member, Some(account))?;
        Ok::<_, StoreError>((ctx, member))
    });
    made.expect("an organisation")
}

#[test_each_engine]
fn usage_tells_the_room_of_the_class_and_the_extra_together(store: Store) {
    let (ctx, member) = organisation(&store);
    let usage = |ctx: &Ctx| {
        let ctx = ctx.clone();
        store.read_blocking(move |tx| mail_accounts::usage(&ctx, tx, member))
    };
    let set_class_quota = |quota: Option<i64>| {
        let ctx = ctx.clone();
        store.write_blocking(move |tx| {
            let class = service_classes::default_class(tx, ctx.org)?.id;
            let patch = ServiceClassPatch { mail_quota_bytes: Some(quota), ..ServiceClassPatch::default() };
            service_classes::update(&ctx, tx, class, &patch).expect("a changed class");
            let patch = MemberPatch { extra_mail_quota_bytes: Some(GIB), ..MemberPatch::default() };
            members::update(&ctx, tx, member, &patch).expect("a changed member");
            Ok::<_, StoreError>(())
        })
    };
    set_class_quota(Some(2 * GIB)).unwrap();
    assert_eq!(usage(&ctx).unwrap().quota_bytes, Some(3 * GIB as u64));
    set_class_quota(None).unwrap();
    assert_eq!(usage(&ctx).unwrap().quota_bytes, None, "without a limit the extra means nothing");

    let refused = usage(&ctx.acted_by(Actor::Nobody)).unwrap_err();
    assert_eq!(refused.kind(), FaultKind::Unauthenticated);
}

#[test_each_engine]
fn only_accounts_that_never_held_mail_are_removed(store: Store) {
    let (ctx, member) = organisation(&store);
    let org = ctx.org;
    let (kept, removed) = store
        .write_blocking(move |tx| {
            let kept = mail_accounts::find_of_member(tx, org, member)?.expect("its account").id;
            tx.execute("UPDATE mail_account SET message_count = 1 WHERE id = $1", params![kept])?.expect_one()?;
            let empty: [MailAccountId; 2] = [ctx.new_id(), ctx.new_id()];
            mail_accounts::open_many(&ctx, tx, &[(empty[0], MemberId::from_raw(7)), (empty[1], MemberId::from_raw(8))])?;
            let removed = mail_accounts::remove_empty(tx, org, &[kept, empty[0]])?;
            mail_accounts::let_go(tx, org, kept)?;
            Ok::<_, StoreError>((kept, removed))
        })
        .unwrap();
    assert_eq!(removed, 1);
    store
        .read_blocking(move |tx| {
            assert_eq!(mail_accounts::find(tx, org, kept)?.expect("the mail stays").member_id, None);
            assert_eq!(mail_accounts::find(tx, OrgId::from_raw(99), kept)?, None, "another organisation cannot see it");
            assert_eq!(mail_accounts::count(tx, org)?, 2);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test_each_engine]
fn a_member_without_a_mail_account_has_no_usage(store: Store) {
    let (ctx, _) = organisation(&store);
    let nobody = MemberId::from_raw(5);
    let usage = store.read_blocking(move |tx| mail_accounts::usage(&ctx, tx, nobody));
    assert!(matches!(usage, Err(UsageError::NotFound)));
}
