//! Who may send as whom, and where what is handed in goes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use directory::addresses;
use directory::domains;
use directory::members::{self, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use kernel::{Actor, Ctx, DomainName, EmailAddress, Fault, MailAccountId, MemberId, OrgId, SubmissionId, Timestamp};
use mail::delivery::{FAN_OUT_JOB, ingress_of, run_fan_out};
use mail::mail_accounts;
use mail::outbound::{self, RecipientState};
use mail::submission::{
    MAX_RECIPIENTS, NewRecipient, NewSubmission, Outcome, Return, ReversePath, SenderHeaders, SenderRefused, SubmitError, Trace,
    check_envelope_sender, check_sender, held, submit,
};
use store::{Store, StoreError, jobs};
use testkit::test_each_engine;

testkit::mail_is_sound_after_each_test!();

struct Office {
    store: Store,
    ctx: Ctx,
    member: MemberId,
    account: MailAccountId,
}

impl Office {
    /// An organisation with a usable domain, one that only waits for its record, and a member with an address in each.
    async fn open(store: &Store, code: &'static str) -> Self {
        let nobody = testkit::ctx(OrgId::from_raw(0));
        let made = store.write(move |tx| {
            let new = NewOrganisation {
                code: code.into(),
                name: code.into(),
                time_zone: organisations::DEFAULT_TIME_ZONE.into(),
                language: Language::En,
            };
            let ctx = nobody.in_org(organisations::add(&nobody, tx, &new).unwrap());
            let domain = |name: &str| -> DomainName { format!("{code}{name}.test").parse().unwrap() };
            domains::add_assumed(&ctx, tx, &domain("")).unwrap();
            domains::add(&ctx, tx, &domain("-claimed")).unwrap();
            let address = |text: &str| -> EmailAddress { format!("{text}.test").parse().unwrap() };
            let new = NewMember {
                name: "Li Na".into(),
                address: Some(address(&format!("li.na@{code}"))),
                activated: true,
                ..NewMember::default()
            };
            let member = members::insert(&ctx, tx, &new).unwrap();
            let account = mail_accounts::open(&ctx, tx, member)?;
            members::set_mail_account(tx, ctx.org, member, Some(account))?;
            for alias in [format!("sales@{code}"), format!("li.na@{code}-claimed")] {
                addresses::add_alias(&ctx, tx, member, &address(&alias)).unwrap();
            }
            Ok::<_, StoreError>((ctx, member, account))
        });
        let (ctx, member, account) = made.await.unwrap();
        Self { store: store.clone(), ctx, member, account }
    }

    /// What is said to a message of this envelope sender and these header fields: the code of the refusal.
    async fn refusal(&self, from: &str, header: &str) -> Option<&'static str> {
        let from: ReversePath = from.parse().unwrap();
        let headers = match SenderHeaders::read(format!("{header}\r\n\r\nHello\r\n").as_bytes()) {
            Ok(headers) => headers,
            Err(refused) => return Some(refused.code()),
        };
        let (org, account, now) = (self.ctx.org, self.account, self.ctx.now);
        let checked = self.store.read(move |tx| check_sender(tx, org, account, &from, &headers, now)).await;
        checked.err().map(|refused| refused.code())
    }

    /// A message of the member's own that is to leave later.
    fn held_until(&self, until: Timestamp, to: &[&str]) -> NewSubmission {
        NewSubmission { not_before: Some(until), message: b"From: li.na@one.test\r\n\r\nHello\r\n".to_vec(), ..self.new_submission(to) }
    }

    fn ctx_at(&self, now: Timestamp) -> Ctx {
        Ctx { actor: Actor::System { task: "test" }, now, ..self.ctx.clone() }
    }

    /// Hands out what waits, and answers how many messages the member has.
    async fn arrived(&self, store: &Store) -> u64 {
        let far = self.ctx.now.plus_secs(10 * held::MAX_DELAY_SECS);
        while let Some(job) = store.write::<_, StoreError, _>(move |tx| jobs::claim(tx, "test/1", far, 60, &[FAN_OUT_JOB])).await.unwrap() {
            run_fan_out(store, &testkit::ctx(job.org), ingress_of(&job.payload).unwrap()).await.unwrap();
            store.write(move |tx| jobs::finish(tx, &job.lease(), far, &serde_json::Value::Null)).await.unwrap();
        }
        let (org, account) = (self.ctx.org, self.account);
        store.read(move |tx| Ok::<_, StoreError>(mail_accounts::find(tx, org, account)?.unwrap().message_count)).await.unwrap()
    }

    /// How many recipients of a message are in the queue.
    async fn queued(&self, store: &Store, id: SubmissionId) -> usize {
        let org = self.ctx.org;
        store.read(move |tx| outbound::status_of(tx, org, id)).await.unwrap().map_or(0, |shown| shown.recipients.len())
    }

    fn new_submission(&self, to: &[&str]) -> NewSubmission {
        NewSubmission {
            account: Some(self.account),
            from: "li.na@one.test".parse().unwrap(),
            recipients: to.iter().map(|to| NewRecipient::new(to.parse().unwrap())).collect(),
            // Nobody's here, so that no keys have to be made.
            message: b"From: a@elsewhere.test\r\n\r\nHello\r\n".to_vec(),
            envelope_id: None,
            ret: Return::Headers,
            smtp_utf8: false,
            not_before: None,
            trace: Trace { by: "mail.one.test".into(), with: "ESMTPSA" },
        }
    }
}

#[test_each_engine]
async fn members_send_from_their_own_addresses_and_from_no_other(store: Store) {
    let office = Office::open(&store, "one").await;
    for (from, header, expected) in [
        ("li.na@one.test", "From: Li Na <li.na@one.test>", None),
        ("Li.Na+lists@ONE.test", "from:Sales <SALES+x@one.test>\r\nSender: li.na@one.test", None),
        // Receipts are nobody's (RFC 8098 §3).
        ("", "From: li.na@one.test", None),
        ("", "From: boss@one.test", Some("sender_not_own")),
        ("boss@one.test", "From: li.na@one.test", Some("sender_not_own")),
        ("li.na@two.test", "From: li.na@one.test", Some("sender_not_own")),
        ("li.na@one.test", "From: boss@one.test", Some("sender_not_own")),
        ("li.na@one.test", "From: \"li.na@one.test\" <boss@one.test>", Some("sender_not_own")),
        ("li.na@one.test", "From: li.na@one.test, boss@one.test", Some("sender_not_own")),
        ("li.na@one.test", "From: li.na@one.test\r\nSender: boss@one.test", Some("sender_not_own")),
        ("li.na@one.test", "From: us: boss@one.test;", Some("sender_not_own")),
        ("li.na@one.test", "From: us:;", Some("from_missing")),
        ("li.na@one.test", "From:", Some("from_missing")),
        ("li.na@one.test", "Subject: no author", Some("from_missing")),
        ("li.na@one.test", "From: li.na@one.test\r\nFrom: boss@one.test", Some("header_repeated")),
        ("li.na@one.test", "From: li.na@one.test\r\nSender: li.na@one.test\r\nsender: boss@one.test", Some("header_repeated")),
        // Whether a domain is proven is asked only of mail that leaves.
        ("li.na@one-claimed.test", "From: li.na@one-claimed.test", None),
    ] {
        assert_eq!(office.refusal(from, header).await, expected, "{from} {header}");
    }
}

#[test_each_engine]
async fn only_active_members_send(store: Store) {
    let office = Office::open(&store, "one").await;
    let (ctx, member, account) = (office.ctx.clone(), office.member, office.account);
    store.write(move |tx| members::suspend(&ctx, tx, member)).await.unwrap();
    assert_eq!(office.refusal("li.na@one.test", "From: li.na@one.test").await, Some("member_may_not_send"));
    let (org, now, from) = (office.ctx.org, office.ctx.now, "li.na@one.test".parse::<ReversePath>().unwrap());
    let checked = store.read(move |tx| check_envelope_sender(tx, org, account, &from, now)).await;
    assert!(matches!(checked, Err(SenderRefused::MayNotSend { state: "suspended" })));
    let unheld = MailAccountId::from_raw(5);
    let checked = store.read(move |tx| check_envelope_sender(tx, org, unheld, &ReversePath::Null, now)).await;
    assert!(matches!(checked, Err(SenderRefused::MayNotSend { state: "unheld" })));
}

#[test_each_engine]
async fn mail_to_another_organisation_of_the_installation_stays_here(store: Store) {
    let (one, two) = (Office::open(&store, "one").await, Office::open(&store, "two").await);
    let new = one.new_submission(&["li.na@two.test", "sales@two.test", "li.na@one.test", "you@elsewhere.test"]);
    let done = submit(&store, &one.ctx, new).await.unwrap();
    assert_eq!(done.outcomes, [Outcome::Local, Outcome::Local, Outcome::Local, Outcome::Queued]);
    // Each organisation has its own ingress, and its own blob.
    for _ in 0..2 {
        let now = one.ctx.now;
        let job = store.write::<_, StoreError, _>(move |tx| jobs::claim(tx, "test/1", now, 60, &[FAN_OUT_JOB])).await.unwrap().unwrap();
        let ctx = testkit::ctx(job.org);
        assert_eq!(run_fan_out(&store, &ctx, ingress_of(&job.payload).unwrap()).await.unwrap().delivered, 1);
    }
    for office in [&one, &two] {
        let (org, account) = (office.ctx.org, office.account);
        let count = store.read(move |tx| Ok::<_, StoreError>(mail_accounts::find(tx, org, account)?.unwrap().message_count)).await.unwrap();
        assert_eq!(count, 1, "and under two names only once");
    }
    let org = one.ctx.org;
    let shown = store.read(move |tx| outbound::status_of(tx, org, done.id)).await.unwrap().unwrap();
    assert_eq!((shown.recipients.len(), shown.recipients[0].state), (1, RecipientState::Queued));
    let org = two.ctx.org;
    assert_eq!(store.read(move |tx| outbound::status_of(tx, org, done.id)).await.unwrap(), None, "the other knows nothing of it");
}

#[test_each_engine]
async fn a_domain_that_is_only_claimed_catches_nobodys_mail(store: Store) {
    let (one, _two) = (Office::open(&store, "one").await, Office::open(&store, "two").await);
    let done = submit(&store, &one.ctx, one.new_submission(&["li.na@two-claimed.test"])).await.unwrap();
    assert_eq!(done.outcomes, [Outcome::Queued]);
}

#[test_each_engine]
async fn a_domain_that_waits_for_its_record_serves_its_own_organisation_and_no_mail_leaves_from_it(store: Store) {
    let one = Office::open(&store, "one").await;
    let inside = submit(&store, &one.ctx, one.new_submission(&["li.na@one-claimed.test"])).await.unwrap();
    assert_eq!(inside.outcomes, [Outcome::Local]);
    let from_claimed = |to: &str| NewSubmission { from: "li.na@one-claimed.test".parse().unwrap(), ..one.new_submission(&[to]) };
    assert_eq!(submit(&store, &one.ctx, from_claimed("li.na@one.test")).await.unwrap().outcomes, [Outcome::Local]);
    let refused = submit(&store, &one.ctx, from_claimed("you@elsewhere.test")).await.unwrap_err();
    assert_eq!(refused.code(), "sender_domain_not_verified");
    let written =
        NewSubmission { message: b"From: li.na@one-claimed.test\r\n\r\nHello\r\n".to_vec(), ..one.new_submission(&["you@elsewhere.test"]) };
    assert_eq!(submit(&store, &one.ctx, written).await.unwrap_err().code(), "sender_domain_not_verified");
}

#[test_each_engine]
async fn what_cannot_be_taken_on_leaves_nothing(store: Store) {
    let one = Office::open(&store, "one").await;
    let none = submit(&store, &one.ctx, one.new_submission(&[])).await;
    assert!(matches!(none, Err(SubmitError::NoRecipients)));
    let mut many = one.new_submission(&["you@elsewhere.test"]);
    many.recipients = vec![many.recipients[0].clone(); MAX_RECIPIENTS + 1];
    assert!(matches!(submit(&store, &one.ctx, many).await, Err(SubmitError::TooManyRecipients { .. })));
    let mut most = one.new_submission(&[]);
    most.recipients = (0..MAX_RECIPIENTS).map(|number| NewRecipient::new(format!("you{number}@elsewhere.test").parse().unwrap())).collect();
    let done = submit(&store, &one.ctx, most).await.unwrap();
    let org = one.ctx.org;
    let shown = store.read(move |tx| outbound::status_of(tx, org, done.id)).await.unwrap().unwrap();
    assert_eq!(shown.recipients.len(), MAX_RECIPIENTS);
}

#[test_each_engine]
async fn a_message_for_later_is_nobodys_until_its_moment_and_then_everybodys(store: Store) {
    let one = Office::open(&store, "one").await;
    let later = one.ctx.now.plus_secs(3600);
    let done = submit(&store, &one.ctx, one.held_until(later, &["sales@one.test", "you@elsewhere.test"])).await.unwrap();
    assert_eq!(done.outcomes, [Outcome::Held, Outcome::Held]);
    let just_before = one.ctx_at(later.plus_secs(-1));
    assert_eq!(held::release_due(&store, &just_before, "mail.one.test").await.unwrap(), 0);
    assert_eq!((one.arrived(&store).await, one.queued(&store, done.id).await), (0, 0));
    assert_eq!(store.read(held::next_due).await.unwrap(), Some(later));
    assert!(mail::verify::verify(&store, None).await.unwrap().problems.is_empty());
    let then = one.ctx_at(later);
    assert_eq!(held::release_due(&store, &then, "mail.one.test").await.unwrap(), 1);
    assert_eq!(held::release_due(&store, &then, "mail.one.test").await.unwrap(), 0, "and once");
    assert_eq!((one.arrived(&store).await, one.queued(&store, done.id).await), (1, 1));
    assert_eq!(store.read(held::next_due).await.unwrap(), None);
}

#[test_each_engine]
async fn a_sender_who_may_not_send_any_more_is_told_that_the_message_did_not_leave(store: Store) {
    let one = Office::open(&store, "one").await;
    let later = one.ctx.now.plus_secs(60);
    let done = submit(&store, &one.ctx, one.held_until(later, &["you@elsewhere.test"])).await.unwrap();
    let (ctx, member) = (one.ctx.clone(), one.member);
    store.write(move |tx| members::suspend(&ctx, tx, member)).await.unwrap();
    assert_eq!(held::release_due(&store, &one.ctx_at(later), "mail.one.test").await.unwrap(), 0);
    assert_eq!((one.arrived(&store).await, one.queued(&store, done.id).await), (1, 0), "the notice is all that arrives");
}

#[test_each_engine]
async fn what_is_held_has_an_end_and_a_bound(store: Store) {
    let one = Office::open(&store, "one").await;
    let too_late = one.ctx.now.plus_secs(held::MAX_DELAY_SECS + 1);
    let refused = submit(&store, &one.ctx, one.held_until(too_late, &["you@elsewhere.test"])).await.unwrap_err();
    assert_eq!(refused.code(), "send_too_far_ahead");
    let mut nobodys = one.held_until(one.ctx.now.plus_secs(60), &["you@elsewhere.test"]);
    nobodys.account = None;
    assert!(submit(&store, &one.ctx, nobodys).await.is_err());
    let last = one.ctx.now.plus_secs(held::MAX_DELAY_SECS);
    // Several at once share a commit.
    for _ in 0..held::MAX_HELD / 50 {
        let mut several = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let (store, ctx, new) = (store.clone(), one.ctx.clone(), one.held_until(last, &["you@elsewhere.test"]));
            several.spawn(async move { submit(&store, &ctx, new).await.unwrap() });
        }
        several.join_all().await;
    }
    let refused = submit(&store, &one.ctx, one.held_until(last, &["you@elsewhere.test"])).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_held");
}
