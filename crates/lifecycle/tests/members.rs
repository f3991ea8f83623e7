//! Members with everything that belongs to them, and what ends when they may no longer sign in.

use std::sync::Arc;

use directory::administrators::{self, Role};
use directory::members::{self as directory_members, Batch, MemberState, NewMember};
use directory::organisations::Language;
use identity::identities::{self, Credential};
use identity::initial::InitialPassword;
use identity::passwords::{Cost, Hasher, Password, check_policy};
use identity::sessions::{self, Session, Stage};
use identity::sign_in::{self, Login, SignInError, SignInRequest, SignedIn};
use kernel::{Actor, Ctx, Fault, FaultKind, MemberId, OrgId, Realm, Rng};
use lifecycle::jobs::JobApp;
use lifecycle::members::{self, Bulk, CreateMember, CreateMemberError, Created, Reset, ResetPasswordError, purge_due};
use lifecycle::setup::{self, SetUp, SetUpDone};
use mail::mail_accounts;
use store::{Notice, Store, StoreError};
use testkit::{SeededRng, in_parallel, test_each_engine};

testkit::mail_is_sound_after_each_test!();

const OWNERS: &str = "Wild-Goose-Carries-7";
const CHOSEN: &str = "Quiet-Crane-42-Flies";

/// A hospital with an owner.
struct Hospital {
    store: Store,
    hasher: Arc<Hasher>,
    rng: Arc<dyn Rng>,
    owner: SetUpDone,
}

impl Hospital {
    fn open(store: Store) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(3));
        let hasher = Hasher::new(Cost::LEAST, 4, Arc::clone(&rng));
        let ctx = Ctx { rng: Arc::clone(&rng), ..testkit::ctx(OrgId::from_raw(0)) };
        let hash = hasher.hash_blocking(&password(OWNERS));
        let form = SetUp {
            organisation_code: "yiyuan".into(),
            organisation_name: "第一医院".into(),
            domain: "hospital.test".into(),
            administrator_name: "赵敏".into(),
            mail_prefix: "zhao.min".into(),
            account_name: None,
            language: Language::ZhCn,
            time_zone: None,
            assume_verified: true,
        };
        let owner = store.write_blocking(move |tx| setup::set_up_organisation(&ctx, tx, &form, &hash)).expect("an organisation");
        Self { store, hasher, rng, owner }
    }

    fn operator(&self) -> Ctx {
        Ctx { rng: Arc::clone(&self.rng), ..testkit::ctx(self.owner.org) }
    }

    /// A member acting in the console.
    fn acting(&self, session: &Session) -> Ctx {
        self.operator().acted_by(session.actor().expect("a full session"))
    }

    fn create(&self, ctx: &Ctx, new: CreateMember) -> Result<Created, CreateMemberError> {
        let (ctx, keys_of) = (ctx.clone(), self.store.clone());
        self.store.write_blocking(move |tx| members::create_member(&ctx, tx, keys_of.keys(), &new))
    }

    fn reset(&self, ctx: &Ctx, id: MemberId) -> Result<Reset, ResetPasswordError> {
        let (ctx, keys_of) = (ctx.clone(), self.store.clone());
        self.store.write_blocking(move |tx| members::reset_password(&ctx, tx, keys_of.keys(), id))
    }

    async fn sign_in(&self, name: &str, text: &str, realm: Realm) -> Result<SignedIn, SignInError> {
        let request = SignInRequest {
            login: Login::Address(format!("{name}@hospital.test")),
            password: password(text),
            realm,
            remember: false,
            user_agent: None,
            device_cookie: None,
        };
        sign_in::sign_in(&self.store, &self.hasher, &self.operator().acted_by(Actor::Nobody), request).await
    }

    async fn choose(&self, waiting: &SignedIn, text: &str) -> SignedIn {
        let ctx = self.operator();
        let chosen = sign_in::choose_first_password(&self.store, &self.hasher, &ctx, &waiting.session, password(text), None);
        chosen.await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// A member who has chosen a password, signed in.
    async fn colleague(&self, name: &str) -> SignedIn {
        let created = self.create(&self.operator(), newcomer(name)).expect("a new member");
        let waiting = self.sign_in(name, &created.initial_password, Realm::Account).await.unwrap_or_else(|error| panic!("{error}"));
        self.choose(&waiting, CHOSEN).await
    }

    fn grant(&self, id: MemberId, role: Role) {
        let ctx = self.operator();
        self.store.write_blocking(move |tx| administrators::grant(&ctx, tx, id, role)).expect("a new administrator");
    }

    fn is_open(&self, signed_in: &SignedIn) -> bool {
        let (token, realm, now) = (signed_in.token.to_string(), signed_in.session.realm, self.operator().now);
        self.store.read_blocking(move |tx| sessions::find_by_token(tx, &token, realm, now)).expect("an answer").is_some()
    }
}

fn password(text: &str) -> Password {
    Password::new(text).expect("short enough")
}

fn newcomer(name: &str) -> CreateMember {
    let address = format!("{name}@hospital.test").parse().expect("an address");
    let member = NewMember { name: format!("员工 {name}"), address: Some(address), ..NewMember::default() };
    CreateMember { member, initial_password: None, with_mail_account: true }
}

#[test_each_engine]
async fn a_new_member_comes_with_identity_mailbox_and_a_password_that_only_opens_the_first_page(store: Store) {
    let hospital = Hospital::open(store.clone());
    let created = hospital.create(&hospital.operator(), newcomer("wang.li")).unwrap();
    let (org, id, now) = (hospital.owner.org, created.member_id, hospital.operator().now);
    let (identity, account) = (created.identity_id, created.mail_account_id);
    store
        .read_blocking(move |tx| {
            let member = directory_members::find(tx, org, id, now)?.expect("the member");
            assert_eq!((member.state, member.identity_id, member.mail_account_id), (MemberState::Pending, Some(identity), account));
            assert_eq!(mail_accounts::find_of_member(tx, org, id)?.map(|found| found.id), account);
            let policy = directory::organisations::settings(tx, org)?.password_policy;
            let rules = check_policy(&policy, &Default::default(), &password(&created.initial_password));
            assert!(rules.iter().all(|rule| rule.met), "what the system hands out keeps to the policy");
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let text = hospital.create(&hospital.operator(), newcomer("li.na")).unwrap().initial_password;
    assert_eq!(hospital.sign_in("li.na", &text, Realm::Account).await.unwrap().session.stage, Stage::ChoosePassword);
}

#[test_each_engine]
async fn a_given_initial_password_works_and_a_member_may_go_without_mailbox(store: Store) {
    let hospital = Hospital::open(store);
    let given = CreateMember { initial_password: Some(password("888888")), with_mail_account: false, ..newcomer("wang.li") };
    let created = hospital.create(&hospital.operator(), given).unwrap();
    assert_eq!((created.initial_password.as_str(), created.mail_account_id), ("888888", None));
    assert_eq!(hospital.sign_in("wang.li", "888888", Realm::Account).await.unwrap().session.stage, Stage::ChoosePassword);

    let short = CreateMember { initial_password: Some(password("12345")), ..newcomer("li.na") };
    let refused = hospital.create(&hospital.operator(), short).err().unwrap();
    assert_eq!((refused.code(), refused.fields()[0].field.as_str()), ("initial_password_too_short", "initial_password"));
}

#[test_each_engine]
async fn only_administrators_create_members_and_reset_passwords(store: Store) {
    let hospital = Hospital::open(store);
    let colleague = hospital.colleague("wang.li").await;
    let other = hospital.colleague("li.na").await.session.member_id;
    let ctx = hospital.acting(&colleague.session);
    let refused = hospital.create(&ctx, newcomer("zhang.wei")).err().unwrap();
    assert_eq!(refused.kind(), FaultKind::Forbidden);
    let refused = hospital.reset(&ctx, other).err().unwrap();
    assert_eq!(refused.kind(), FaultKind::NotFound, "colleagues are not for members to find in the console");
}

#[test_each_engine]
async fn a_reset_stops_the_old_password_and_every_session_at_once(store: Store) {
    let hospital = Hospital::open(store.clone());
    let member = hospital.colleague("wang.li").await;
    let owner = hospital.sign_in("zhao.min", OWNERS, Realm::Console).await.unwrap();
    let mut news = store.bus().subscribe();
    let reset = hospital.reset(&hospital.acting(&owner.session), member.session.member_id).unwrap();
    let told = Notice::SessionsRevoked { identity: member.session.identity_id };
    while news.recv().await.unwrap() != told {}
    assert!(!hospital.is_open(&member));
    assert!(matches!(hospital.sign_in("wang.li", CHOSEN, Realm::Account).await, Err(SignInError::Wrong)));

    let waiting = hospital.sign_in("wang.li", &reset.initial_password, Realm::Account).await.unwrap();
    assert_eq!(waiting.session.stage, Stage::ChoosePassword);
    let ctx = hospital.operator();
    let leaked = sign_in::choose_first_password(&store, &hospital.hasher, &ctx, &waiting.session, password(CHOSEN), None);
    assert_eq!(leaked.await.err().unwrap().fields()[0].code, "password_used_before", "the leaked password does not come back");
    hospital.choose(&waiting, "Silent-Heron-5-Waits").await;
    assert!(hospital.sign_in("wang.li", "Silent-Heron-5-Waits", Realm::Account).await.is_ok());
}

#[test_each_engine]
async fn nobody_resets_the_password_of_somebody_with_more_rights(store: Store) {
    let hospital = Hospital::open(store);
    let deputy = hospital.colleague("deputy").await.session.member_id;
    let member = hospital.colleague("wang.li").await.session.member_id;
    hospital.grant(deputy, Role::OrgAdmin);
    let session = hospital.sign_in("deputy", CHOSEN, Realm::Console).await.unwrap().session;
    let ctx = hospital.acting(&session);
    assert_eq!(hospital.reset(&ctx, hospital.owner.member_id).err().unwrap().kind(), FaultKind::Forbidden);
    assert!(hospital.reset(&ctx, member).is_ok());
    assert!(hospital.sign_in("zhao.min", OWNERS, Realm::Console).await.is_ok());
}

#[test_each_engine]
async fn a_member_who_may_no_longer_sign_in_is_out_and_stays_out_of_its_old_sessions(store: Store) {
    let hospital = Hospital::open(store.clone());
    let ctx = hospital.operator();

    let member = hospital.colleague("wang.li").await;
    let id = member.session.member_id;
    let acting = ctx.clone();
    store.write_blocking(move |tx| members::suspend(&acting, tx, id)).unwrap();
    assert!(!hospital.is_open(&member));
    let acting = ctx.clone();
    store.write_blocking(move |tx| directory_members::resume(&acting, tx, id)).unwrap();
    assert!(!hospital.is_open(&member), "coming back opens no old session");
    let again = hospital.sign_in("wang.li", CHOSEN, Realm::Account).await.unwrap();

    let acting = ctx.clone();
    store.write_blocking(move |tx| members::lock(&acting, tx, id)).unwrap();
    assert!(!hospital.is_open(&again));
    let acting = ctx.clone();
    store.write_blocking(move |tx| directory_members::unlock(&acting, tx, id)).unwrap();
    let again = hospital.sign_in("wang.li", CHOSEN, Realm::Account).await.unwrap();

    let acting = ctx.clone();
    store.write_blocking(move |tx| members::recycle(&acting, tx, id)).unwrap();
    assert!(!hospital.is_open(&again));
    assert!(matches!(hospital.sign_in("wang.li", CHOSEN, Realm::Account).await, Err(SignInError::Recycled)));
    store.write_blocking(move |tx| directory_members::restore(&ctx, tx, id)).unwrap();
    assert!(hospital.sign_in("wang.li", CHOSEN, Realm::Account).await.is_ok());
}

#[test_each_engine]
async fn a_sign_in_and_a_suspension_at_once_leave_no_open_session(store: Store) {
    let hospital = Arc::new(Hospital::open(store.clone()));
    let id = hospital.colleague("wang.li").await.session.member_id;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let hospital = Arc::clone(&hospital);
        tries.spawn(async move { hospital.sign_in("wang.li", CHOSEN, Realm::Account).await.ok() });
    }
    let ctx = hospital.operator();
    store.write(move |tx| members::suspend(&ctx, tx, id)).await.unwrap();
    for signed_in in tries.join_all().await.into_iter().flatten() {
        assert!(!hospital.is_open(&signed_in));
    }
}

#[test_each_engine]
async fn a_sign_in_and_a_reset_at_once_leave_nothing_the_old_password_opened(store: Store) {
    let hospital = Arc::new(Hospital::open(store));
    let id = hospital.colleague("wang.li").await.session.member_id;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let hospital = Arc::clone(&hospital);
        tries.spawn(async move { hospital.sign_in("wang.li", CHOSEN, Realm::Account).await.ok() });
    }
    let resetting = Arc::clone(&hospital);
    tokio::task::spawn_blocking(move || resetting.reset(&resetting.operator(), id).map(drop)).await.unwrap().unwrap();
    for signed_in in tries.join_all().await.into_iter().flatten() {
        assert!(!hospital.is_open(&signed_in));
    }
}

#[test_each_engine]
async fn members_made_in_bulk_sign_in_like_others_and_a_refused_row_leaves_nothing(store: Store) {
    let hospital = Hospital::open(store.clone());
    let (ctx, keys_of, org) = (hospital.operator(), store.clone(), hospital.owner.org);
    let made = store.write_bulk_blocking(move |tx| {
        let mut batch = Batch::begin(&ctx, tx).map_err(|_| StoreError::aborted())?;
        let mut bulk = Bulk::default();
        let mut made = 0;
        for number in 0..250 {
            // Every tenth takes the address of the one before.
            let name = format!("staff{}", if number % 10 == 9 { number - 1 } else { number });
            let initial = InitialPassword::new(keys_of.keys(), &*ctx.rng, &password(&format!("first-{number}")), ctx.now, 30);
            let inserted = bulk.insert(&ctx, tx, &mut batch, newcomer(&name).member, Credential::Initial(initial), number % 2 == 0);
            made += u64::from(inserted.is_ok());
        }
        bulk.finish(&ctx, tx, batch)?;
        Ok::<_, StoreError>(made)
    });
    assert_eq!(made.unwrap(), 225);
    let counts = store.read_blocking(move |tx| Ok::<_, StoreError>((identities::count(tx, org)?, mail_accounts::count(tx, org)?)));
    // The owner has one of each.
    assert_eq!(counts.unwrap(), (226, 126));
    assert_eq!(hospital.sign_in("staff248", "first-248", Realm::Account).await.unwrap().session.stage, Stage::ChoosePassword);
}

#[test_each_engine]
fn sixteen_administrators_creating_one_name_make_one_member_with_one_identity(store: Store) {
    let hospital = Arc::new(Hospital::open(store.clone()));
    let creating = Arc::clone(&hospital);
    let made = in_parallel(16, move |_| creating.create(&creating.operator(), newcomer("wang.li")).is_ok());
    assert_eq!(made.into_iter().filter(|made| *made).count(), 1);
    let org = hospital.owner.org;
    let counts = store.read_blocking(move |tx| Ok::<_, StoreError>((identities::count(tx, org)?, mail_accounts::count(tx, org)?)));
    assert_eq!(counts.unwrap(), (2, 2));
}

#[test_each_engine]
fn sixteen_resets_at_once_leave_the_last_one_told(store: Store) {
    let hospital = Arc::new(Hospital::open(store.clone()));
    let created = hospital.create(&hospital.operator(), newcomer("wang.li")).unwrap();
    let (resetting, id) = (Arc::clone(&hospital), created.member_id);
    let told = in_parallel(16, move |_| resetting.reset(&resetting.operator(), id).map(|reset| reset.initial_password.to_string()).ok());
    let told: Vec<String> = told.into_iter().flatten().collect();
    assert!(!told.is_empty());
    let identity = created.identity_id;
    let found = store.read_blocking(move |tx| identities::find(tx, identity)).unwrap().unwrap();
    assert_eq!(told.iter().filter(|text| found.initial_password_is(store.keys(), &password(text))).count(), 1);
}

#[test_each_engine]
async fn after_its_days_in_the_recycle_bin_a_member_is_gone_with_what_it_signed_in_with_but_not_its_mail(store: Store) {
    let hospital = Hospital::open(store.clone());
    let (ctx, org) = (hospital.operator(), hospital.owner.org);
    let empty = hospital.create(&ctx, newcomer("wang.li")).unwrap();
    let with_mail = hospital.create(&ctx, newcomer("li.na")).unwrap();
    let (account, acting) = (with_mail.mail_account_id.unwrap(), ctx.clone());
    store
        .write_blocking(move |tx| {
            tx.execute("UPDATE mail_account SET message_count = 1 WHERE id = $1", store::params![account])?.expect_one()?;
            for id in [empty.member_id, with_mail.member_id] {
                members::recycle(&acting, tx, id).map_err(|_| StoreError::aborted())?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();

    let clock = Arc::new(testkit::TestClock::default());
    let app = JobApp { store: store.clone(), source: testkit::source(&clock, Arc::clone(&hospital.rng)) };
    clock.advance_secs(30 * 24 * 3600 - 1);
    assert_eq!(purge_due(&app).await.unwrap(), 0);
    clock.advance_secs(2);
    assert_eq!(purge_due(&app).await.unwrap(), 2);
    assert_eq!(purge_due(&app).await.unwrap(), 0);
    let left = store.read_blocking(move |tx| {
        assert_eq!(mail_accounts::find(tx, org, account)?.expect("the mail is kept").member_id, None);
        Ok::<_, StoreError>((identities::count(tx, org)?, mail_accounts::count(tx, org)?))
    });
    assert_eq!(left.unwrap(), (1, 2));
    assert_eq!(hospital.create(&ctx, newcomer("wang.li")).err().unwrap().code(), "address_held", "its address is given to nobody");
}
