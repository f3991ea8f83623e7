//! A member with mail, signed in, and a push service.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use directory::organisations::Language;
use identity::credentials::Credential;
use identity::passwords::{Cost, Hasher, Password};
use identity::sessions::{self, NewSession, Session, Stage};
use kernel::{Actor, Clock, Ctx, MailAccountId, OrgId, PushSubscriptionId, Realm, Rng};
use lifecycle::jobs::JobApp;
use lifecycle::push_subscriptions::{self, Address, ClientKeys, NewPushSubscription, PushSubscriptionPatch};
use lifecycle::setup::{SetUp, set_up_as_operator};
use mail::delivery::{self, Delivery, Into};
use mail::mailboxes::Role;
use mail::messages::NewMessage;
use mail::{Flags, mime};
use serde_json::Value;
use store::{Store, StoreError, Tx, params};
use tempfile::TempDir;
use testkit::{SeededRng, TestClock};
use worker::outbound::{Asked, DnsError, MailDns, Mx};
use worker::web_push::{WebPush, WebPushOptions, WebPushParts};

use crate::service::{AUTH, HOST, P256DH, Service};

pub const CONTACT: &str = "mailto:postmaster@mail.example.test";

/// Knows where the push service is, and nothing else.
struct Dns;

impl MailDns for Dns {
    fn mx<'a>(&'a self, _: &'a str) -> Asked<'a, Vec<Mx>> {
        Box::pin(async { Err(DnsError::NoSuchName) })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> Asked<'a, Vec<IpAddr>> {
        Box::pin(async move { if host == HOST { Ok(vec![IpAddr::from([127, 0, 0, 1])]) } else { Err(DnsError::NoSuchName) } })
    }
}

pub struct Scene {
    pub app: JobApp,
    pub clock: Arc<TestClock>,
    pub service: Service,
    pub options: WebPushOptions,
    pub org: OrgId,
    pub account: MailAccountId,
    pub session: Session,
    _folder: TempDir,
}

impl Scene {
    pub async fn new(store: Store) -> Self {
        let clock = Arc::new(TestClock::default());
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::default());
        let app = JobApp { store, source: testkit::source(&clock, Arc::clone(&rng)) };
        let new = SetUp {
            organisation_code: "example".to_owned(),
            organisation_name: "Example".to_owned(),
            domain: "example.test".to_owned(),
            administrator_name: "Li Na".to_owned(),
            mail_prefix: "li.na".to_owned(),
            account_name: None,
            language: Language::En,
            time_zone: None,
            assume_verified: true,
        };
        let hasher = Hasher::new(Cost::LEAST, 1, rng);
        let password = Password::new("Lotus-river-29").unwrap();
        let done = set_up_as_operator(&app.store, &hasher, &testkit::ctx(OrgId::from_raw(0)), new, &password).await.unwrap();
        let (org, member, identity_id, account, ctx) =
            (done.org, done.member_id, done.identity_id, done.mail_account_id, testkit::ctx(done.org));
        let keys_of = app.store.clone();
        let made = app.store.write(move |tx| {
            mail::mailboxes::ensure(&ctx, tx, account).unwrap();
            let new =
                NewSession { identity_id, member_id: member, realm: Realm::Account, stage: Stage::Full, user_agent: None, remember: true };
            Ok::<_, StoreError>(sessions::open(&ctx, tx, keys_of.keys(), new)?.session)
        });
        let session = made.await.unwrap();
        let service = Service::start().await;
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("service.pem");
        std::fs::write(&ca_file, &service.certificate).unwrap();
        let mut options = WebPushOptions::new(CONTACT);
        options.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
        options.ca_file = Some(ca_file);
        Self { app, clock, service, options, org, account, session, _folder: folder }
    }

    pub fn web_push(&self) -> WebPush {
        WebPush::new(WebPushParts { app: self.app.clone(), dns: Arc::new(Dns), options: self.options.clone() }).unwrap()
    }

    /// Sends what is due; answers how many pushes were tried.
    pub async fn push(&self) -> usize {
        self.web_push().run_until_idle().await.unwrap()
    }

    pub fn ctx(&self) -> Ctx {
        let actor = Actor::Member {
            member_id: self.session.member_id,
            identity_id: self.session.identity_id,
            session_id: self.session.id,
            realm: Realm::Account,
        };
        Ctx { now: self.clock.now(), ..testkit::ctx_as(self.org, actor) }
    }

    pub fn credential(&self) -> Credential {
        Credential::of_session(self.session.id)
    }

    /// A subscription at `url` for changes of `types`, its verification not yet sent.
    pub async fn subscribe_at(&self, url: &str, types: Option<&[&str]>) -> PushSubscriptionId {
        let new = NewPushSubscription {
            device_client_id: "phone".to_owned(),
            address: Address::try_from(url.to_owned()).unwrap(),
            keys: Some(ClientKeys::read(P256DH, AUTH).unwrap()),
            expires_at: None,
            types: types.map(|types| types.iter().map(|name| (*name).to_owned()).collect()),
        };
        let (ctx, credential, keys_of) = (self.ctx(), self.credential(), self.app.store.clone());
        let made = self.app.store.write(move |tx| push_subscriptions::create(&ctx, tx, keys_of.keys(), &credential, &new));
        made.await.unwrap().id
    }

    pub async fn verify(&self, id: PushSubscriptionId, code: &Value) {
        let patch =
            PushSubscriptionPatch { verification_code: Some(code.as_str().unwrap().to_owned()), ..PushSubscriptionPatch::default() };
        let (ctx, credential) = (self.ctx(), self.credential());
        self.app.store.write(move |tx| push_subscriptions::update(&ctx, tx, &credential, id, &patch)).await.unwrap();
    }

    /// A subscription that was verified, with nothing to be told.
    pub async fn subscribed(&mut self, types: Option<&[&str]>) -> PushSubscriptionId {
        let id = self.subscribe_at(&self.service.url(), types).await;
        assert_eq!(self.push().await, 1);
        let verification = self.service.next().await.object();
        self.verify(id, &verification["verificationCode"]).await;
        self.clock.advance_secs(60);
        id
    }

    pub async fn count(&self) -> usize {
        let (ctx, credential) = (self.ctx(), self.credential());
        self.app.store.read(move |tx| push_subscriptions::list(&ctx, tx, &credential)).await.unwrap().len()
    }

    /// The next push of a loop that is running; time passes until it comes.
    pub async fn next_push(&mut self) -> Value {
        loop {
            match tokio::time::timeout(Duration::from_millis(10), self.service.next()).await {
                Ok(received) => return received.object(),
                Err(_) => self.clock.advance_secs(1),
            }
        }
    }

    /// How many subscriptions there are, whoever may see them.
    pub async fn rows(&self) -> i64 {
        let counted = |tx: &mut Tx| tx.query_one("SELECT COUNT(*) FROM push_subscription", params![], |row| row.get(0));
        self.app.store.read::<_, StoreError, _>(counted).await.unwrap()
    }

    /// A message arrives.
    pub async fn receive(&self) {
        let bytes = b"From: a@elsewhere.test\r\nSubject: one\r\n\r\nText.\r\n".to_vec();
        let rendered = Arc::new(mime::render(&bytes));
        let blob = Arc::new(self.app.store.blobs().stage(self.org, bytes).await.unwrap());
        let message = NewMessage { blob, prefix: Arc::from([]), rendered, received_at: self.clock.now() };
        let delivery = Delivery { message, into: Into::Role(Role::Inbox), flags: Flags::NONE };
        let (ctx, account) = (Ctx { actor: Actor::System { task: "test" }, ..self.ctx() }, self.account);
        self.app.store.write_account(account, move |tx| delivery::deliver(&ctx, tx, account, &delivery)).await.unwrap();
    }
}
