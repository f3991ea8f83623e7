//! An organisation comes into being with its first owner.

use std::sync::Arc;

use directory::administrators::{self, Role};
use directory::members::{self, MemberState};
use directory::organisations::Language;
use directory::{domains, organisations};
use identity::passwords::{Cost, Hasher, Password};
use identity::sessions::{self, Stage};
use identity::setup_link;
use identity::sign_in::{self, Login, SignInRequest};
use kernel::{Actor, Ctx, Fault, FaultKind, OrgId, Realm, Rng};
use lifecycle::setup::{self, OwnerSignedIn, SetUp, SetUpDone, SetUpError};
use mail::mail_accounts;
use store::{Store, StoreError};
use testkit::{SeededRng, test_each_engine};

testkit::mail_is_sound_after_each_test!();

const PASSWORD: &str = "Wild-Goose-Carries-7";

fn form() -> SetUp {
    SetUp {
        organisation_code: "Yiyuan".into(),
        organisation_name: "第一医院".into(),
        domain: "Hospital.test".into(),
        administrator_name: "王丽".into(),
        mail_prefix: "Wang.Li".into(),
        account_name: None,
        language: Language::ZhCn,
        time_zone: None,
        assume_verified: false,
    }
}

/// One machine, and somebody before it.
struct Machine {
    store: Store,
    hasher: Arc<Hasher>,
    rng: Arc<dyn Rng>,
}

impl Machine {
    fn new(store: Store) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(3));
        Self { store, hasher: Hasher::new(Cost::LEAST, 4, Arc::clone(&rng)), rng }
    }

    fn operator(&self) -> Ctx {
        Ctx { rng: Arc::clone(&self.rng), ..testkit::ctx(OrgId::from_raw(0)) }
    }

    async fn by_command(&self, form: SetUp) -> Result<SetUpDone, SetUpError> {
        setup::set_up_as_operator(&self.store, &self.hasher, &self.operator(), form, &password(PASSWORD)).await
    }

    async fn by_link(&self, token: &str, form: SetUp, text: &str) -> Result<OwnerSignedIn, SetUpError> {
        let ctx = self.operator().acted_by(Actor::Nobody);
        setup::set_up_by_link(&self.store, &self.hasher, &ctx, token, form, &password(text), Some("Firefox".into())).await
    }

    fn link(&self) -> Option<String> {
        let (store, rng) = (self.store.clone(), Arc::clone(&self.rng));
        let link = self.store.write_blocking(move |tx| setup_link::renew(tx, store.keys(), &*rng));
        link.expect("a link").map(|token| token.to_string())
    }

    fn organisations(&self) -> usize {
        self.store.read_blocking(organisations::list).expect("a list").len()
    }
}

fn password(text: &str) -> Password {
    Password::new(text).expect("short enough")
}

/// Where and how a form was refused.
fn refusal(error: SetUpError) -> (FaultKind, Vec<(String, &'static str)>) {
    (error.kind(), error.fields().into_iter().map(|fault| (fault.field, fault.code)).collect())
}

#[test_each_engine]
async fn the_owner_can_sign_in_everywhere_at_once(store: Store) {
    let machine = Machine::new(store.clone());
    let done = machine.by_command(SetUp { assume_verified: true, ..form() }).await.unwrap();
    assert_eq!(done.address.to_string(), "wang.li@hospital.test");

    let (org, owner) = (done.org, done.member_id);
    let ctx = machine.operator().in_org(org);
    store
        .read_blocking(move |tx| {
            let member = members::find(tx, org, owner, ctx.now)?.expect("the owner");
            assert_eq!((member.state, member.profile.account_name.as_str()), (MemberState::Active, "wang.li"));
            assert_eq!(administrators::role_of(tx, org, owner)?, Some(Role::Owner));
            let account = mail_accounts::find_of_member(tx, org, owner)?.expect("a mailbox");
            assert_eq!(Some(account.id), member.mail_account_id);
            assert_eq!(mail_accounts::find(tx, org, account.id)?, Some(account));
            assert!(domains::default_of(tx, org)?.expect("its domain").is_usable());
            assert_eq!(organisations::get(tx, org)?.time_zone, "Asia/Shanghai");
            Ok::<_, StoreError>(())
        })
        .unwrap();

    for realm in [Realm::Account, Realm::Console] {
        let request = SignInRequest {
            login: Login::Account { organisation_code: "yiyuan".into(), account_name: "wang.li".into() },
            password: password(PASSWORD),
            realm,
            remember: false,
            user_agent: None,
            device_cookie: None,
        };
        let signed_in = sign_in::sign_in(&store, &machine.hasher, &machine.operator(), request).await.unwrap();
        assert_eq!((signed_in.session.stage, signed_in.session.member_id), (Stage::Full, owner));
    }
}

#[test_each_engine]
async fn a_code_or_domain_that_exists_is_refused_on_its_field_and_nothing_is_made(store: Store) {
    let machine = Machine::new(store.clone());
    machine.by_command(form()).await.unwrap();
    let taken_code = machine.by_command(SetUp { domain: "other.test".into(), ..form() }).await.unwrap_err();
    assert_eq!(refusal(taken_code), (FaultKind::Conflict, vec![("organisation_code".into(), "organisation_code_taken")]));
    let taken_domain = machine.by_command(SetUp { organisation_code: "other".into(), ..form() }).await.unwrap_err();
    assert_eq!(refusal(taken_domain), (FaultKind::Conflict, vec![("domain".into(), "domain_taken")]));
    assert_eq!(machine.organisations(), 1);
    let second = SetUp { organisation_code: "other".into(), domain: "other.test".into(), ..form() };
    machine.by_command(second).await.unwrap();
    assert_eq!(machine.organisations(), 2, "an installation holds several");
}

#[test_each_engine]
async fn what_is_wrong_with_the_form_is_told_on_the_field_people_see(store: Store) {
    let machine = Machine::new(store.clone());
    for (wrong, field, code) in [
        (SetUp { organisation_code: "第一".into(), ..form() }, "organisation_code", "organisation_code_invalid"),
        (SetUp { organisation_name: " ".into(), ..form() }, "organisation_name", "value_missing"),
        (SetUp { domain: "localhost".into(), ..form() }, "domain", "domain_invalid"),
        (SetUp { mail_prefix: "王丽".into(), ..form() }, "mail_prefix", "mail_prefix_invalid"),
        (SetUp { administrator_name: String::new(), ..form() }, "administrator_name", "value_missing"),
        (SetUp { account_name: Some("a b".into()), ..form() }, "account_name", "account_name_invalid"),
        (SetUp { time_zone: Some("Mars/Olympus".into()), ..form() }, "time_zone", "time_zone_unknown"),
    ] {
        let refused = machine.by_command(wrong).await.unwrap_err();
        assert_eq!(refusal(refused), (FaultKind::Invalid, vec![(field.to_owned(), code)]));
    }
    assert_eq!(machine.organisations(), 0);
}

#[test_each_engine]
async fn the_link_sets_up_one_organisation_and_signs_its_owner_in(store: Store) {
    let machine = Machine::new(store.clone());
    let first = machine.link().unwrap();
    let token = machine.link().unwrap();
    for dead in [first.as_str(), "", "guess"] {
        assert!(matches!(machine.by_link(dead, form(), PASSWORD).await, Err(SetUpError::LinkInvalid)));
    }
    let weak = machine.by_link(&token, form(), "Yiyuan-Goose-2024").await.err().unwrap();
    assert_eq!(refusal(weak), (FaultKind::Invalid, vec![("password".into(), "password_contains_personal")]));

    // A page cannot ask for what only the command may.
    let owner = machine.by_link(&token, SetUp { assume_verified: true, ..form() }, PASSWORD).await.unwrap();
    let (org, now, cookie) = (owner.done.org, machine.operator().now, owner.opened.token.to_string());
    let domain = store.read_blocking(move |tx| domains::default_of(tx, org)).unwrap().expect("its domain");
    assert!(!domain.is_usable());
    let session = store.read_blocking(move |tx| sessions::find_by_token(tx, &cookie, Realm::Console, now)).unwrap();
    assert_eq!(session, Some(owner.opened.session));

    let again = SetUp { organisation_code: "other".into(), domain: "other.test".into(), ..form() };
    assert!(matches!(machine.by_link(&token, again, PASSWORD).await, Err(SetUpError::LinkInvalid)));
    assert_eq!(machine.link(), None, "later starts print no link");
}

#[test_each_engine]
async fn of_sixteen_who_use_the_link_at_once_one_sets_up(store: Store) {
    let machine = Arc::new(Machine::new(store));
    let token = machine.link().unwrap();
    let mut pages = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (machine, token) = (Arc::clone(&machine), token.clone());
        let form = SetUp { organisation_code: format!("org{number}"), domain: format!("org{number}.test"), ..form() };
        pages.spawn(async move { machine.by_link(&token, form, PASSWORD).await.is_ok() });
    }
    assert_eq!(pages.join_all().await.into_iter().filter(|made| *made).count(), 1);
    assert_eq!(machine.organisations(), 1);
}

#[test_each_engine]
fn members_and_strangers_cannot_set_up_organisations(store: Store) {
    let machine = Machine::new(store.clone());
    let hash = machine.hasher.hash_blocking(&password(PASSWORD));
    let ctx = machine.operator().acted_by(Actor::Nobody);
    let refused = store.write_blocking(move |tx| setup::set_up_organisation(&ctx, tx, &form(), &hash)).unwrap_err();
    assert_eq!(refused.kind(), FaultKind::Unauthenticated);
}
