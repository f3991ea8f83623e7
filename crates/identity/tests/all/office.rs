//! A small organisation whose members sign in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use directory::administrators::{self, Role};
use directory::domains;
use directory::members::{self, MemberPatch, MemberState, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use identity::identities::{self, Credential};
use identity::initial::InitialPassword;
use identity::passwords::{Cost, Hasher, Password};
use identity::sessions::{self, Session};
use identity::sign_in::{self, ChangePasswordError, ChoosePasswordError, Login, SignInError, SignInRequest, SignedIn};
use kernel::{Actor, Ctx, EmailAddress, IdentityId, MemberId, OrgId, Realm, Rng, Timestamp};
use store::{Store, StoreError, Tx, params};
use testkit::{SeededRng, TEST_NOW};

pub const CHOSEN: &str = "Wild-Goose-Carries-7";
pub const INITIAL: &str = "mK7q-Tw4x-9pHd";

/// What a member can sign in with.
pub enum Staff {
    Chosen(&'static str),
    Initial(&'static str),
    Nothing,
}

pub struct Office {
    pub store: Store,
    pub hasher: Arc<Hasher>,
    pub org: OrgId,
    /// When the next thing happens.
    pub now: Timestamp,
    rng: Arc<dyn Rng>,
    staff: Mutex<HashMap<String, (MemberId, IdentityId)>>,
}

/// One try to sign in.
pub struct Try {
    request: SignInRequest,
    ip: String,
}

impl Try {
    pub fn at_console(mut self) -> Self {
        self.request.realm = Realm::Console;
        self
    }

    pub fn remembered(mut self) -> Self {
        self.request.remember = true;
        self
    }

    pub fn from(mut self, ip: &str) -> Self {
        self.ip = ip.to_owned();
        self
    }

    pub fn on(mut self, device_cookie: &str) -> Self {
        self.request.device_cookie = Some(device_cookie.to_owned());
        self
    }
}

impl Office {
    /// The organisation `example` with the domain `example.test`, and nobody in it.
    pub fn open(store: Store) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
        let ctx = Ctx { rng: Arc::clone(&rng), ..testkit::ctx(OrgId::from_raw(0)) };
        let org = store.write_blocking(move |tx| {
            let new = NewOrganisation {
                code: "example".into(),
                name: "Example".into(),
                time_zone: organisations::DEFAULT_TIME_ZONE.into(),
                language: Language::En,
            };
            let org = organisations::add(&ctx, tx, &new).expect("a new organisation");
            domains::add_assumed(&ctx.in_org(org), tx, &"example.test".parse().unwrap()).expect("a new domain");
            Ok::<_, StoreError>(org)
        });
        let hasher = Hasher::new(Cost::LEAST, 4, Arc::clone(&rng));
        Self { store, hasher, org: org.unwrap(), now: TEST_NOW, rng, staff: Mutex::default() }
    }

    /// The operator in the organisation, now.
    pub fn ctx(&self) -> Ctx {
        Ctx { rng: Arc::clone(&self.rng), now: self.now, ..testkit::ctx(self.org) }
    }

    pub fn add(&self, name: &str, signs_in_with: Staff) {
        let (ctx, address) = (self.ctx(), format!("{name}@example.test").parse::<EmailAddress>().unwrap());
        let credential = match signs_in_with {
            Staff::Chosen(text) => Credential::Chosen(self.hasher.hash_blocking(&password(text))),
            Staff::Initial(text) => Credential::Initial(InitialPassword::new(self.store.keys(), &*ctx.rng, &password(text), self.now, 14)),
            Staff::Nothing => Credential::Nothing,
        };
        let (activated, name_of) = (matches!(credential, Credential::Chosen(_)), name.to_owned());
        let added = self.store.write_blocking(move |tx| {
            let identity = identities::add_enterprise(&ctx, tx, &credential)?;
            let new = NewMember {
                name: name_of.clone(),
                identity_id: Some(identity),
                activated,
                address: Some(address.clone()),
                ..NewMember::default()
            };
            let member = members::insert(&ctx, tx, &new).expect("a new member");
            Ok::<_, StoreError>((member, identity))
        });
        self.staff.lock().unwrap().insert(name.to_owned(), added.unwrap());
    }

    pub fn member(&self, name: &str) -> MemberId {
        self.staff.lock().unwrap()[name].0
    }

    pub fn identity(&self, name: &str) -> IdentityId {
        self.staff.lock().unwrap()[name].1
    }

    pub fn grant(&self, name: &str, role: Role) {
        self.directory(name, move |ctx, tx, id| administrators::grant(ctx, tx, id, role).map_err(|_| StoreError::aborted()));
    }

    /// Something the operator does to a member.
    pub fn directory(&self, name: &str, work: impl Fn(&Ctx, &mut Tx, MemberId) -> Result<(), StoreError> + Send + 'static) {
        let (ctx, id) = (self.ctx(), self.member(name));
        self.store.write_blocking(move |tx| work(&ctx, tx, id)).unwrap();
    }

    /// The member's account ended yesterday.
    pub fn expire(&self, name: &str) {
        let yesterday = self.now.date_in(&kernel::TimeZone::utc()).plus_days(-1);
        self.directory(name, move |ctx, tx, id| {
            let patch = MemberPatch { expires_on: Some(Some(yesterday)), ..MemberPatch::default() };
            members::update(ctx, tx, id, &patch).map(drop).map_err(|_| StoreError::aborted())
        });
    }

    pub fn state(&self, name: &str) -> MemberState {
        let (org, id, now) = (self.org, self.member(name), self.now);
        self.store.read_blocking(move |tx| members::state_of(tx, org, id, now)).unwrap().unwrap()
    }

    pub fn request(&self, login: Login, text: &str) -> Try {
        let request = SignInRequest {
            login,
            password: password(text),
            realm: Realm::Account,
            remember: false,
            user_agent: Some("Firefox".into()),
            device_cookie: None,
        };
        Try { request, ip: "192.0.2.7".to_owned() }
    }

    pub fn by_address(&self, name: &str, text: &str) -> Try {
        self.request(Login::Address(format!("{name}@example.test")), text)
    }

    pub async fn sign_in(&self, attempt: Try) -> Result<SignedIn, SignInError> {
        let ip = attempt.ip.parse().unwrap();
        let ctx = Ctx { org: kernel::NO_ORG, actor: Actor::Nobody, ip: Some(ip), ..self.ctx() };
        sign_in::sign_in(&self.store, &self.hasher, &ctx, attempt.request).await
    }

    pub async fn choose(&self, session: &Session, new: &str) -> Result<SignedIn, ChoosePasswordError> {
        sign_in::choose_first_password(&self.store, &self.hasher, &self.ctx(), session, password(new), None).await
    }

    pub async fn change(&self, session: &Session, current: &str, new: &str) -> Result<u64, ChangePasswordError> {
        let ctx = self.ctx().acted_by(session.actor().unwrap());
        sign_in::change_password(&self.store, &self.hasher, &ctx, password(current), password(new)).await
    }

    /// What a cookie opens now.
    pub fn session(&self, token: &str, realm: Realm) -> Option<Session> {
        let (token, now) = (token.to_owned(), self.now);
        self.store.read_blocking(move |tx| sessions::find_by_token(tx, &token, realm, now)).unwrap()
    }

    pub fn touch(&self, session: &Session) {
        let (ctx, session) = (self.ctx(), session.clone());
        self.store.write_blocking(move |tx| sessions::touch(&ctx, tx, &session)).unwrap();
    }

    /// How many events of this kind the log has.
    pub fn audited(&self, action: &'static str) -> i64 {
        let org = self.org;
        let counted = self.store.read_blocking(move |tx| -> Result<i64, StoreError> {
            tx.query_one("SELECT COUNT(*) FROM audit_event WHERE org_id = $1 AND action = $2", params![org, action], |row| row.get(0))
        });
        counted.unwrap()
    }
}

pub fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}
