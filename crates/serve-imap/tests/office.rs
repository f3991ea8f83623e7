//! A small organisation with mail, and an IMAP server before it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use directory::domains;
use directory::members::{self, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use identity::client_passwords;
use identity::identities::{self, Credential};
use identity::passwords::{Cost, Hasher, Password};
use identity::protocols::Protocol;
use kernel::{Ctx, EmailAddress, IdentityId, MailAccountId, MemberId, OrgId, Rng};
use mail::mail_accounts;
use serve_imap::{Imap, ImapOptions, ImapParts, Security};
use store::{Store, StoreError};
use testkit::{SeededRng, TestClock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "Wild-Goose-Carries-7";

pub struct Office {
    pub store: Store,
    pub org: OrgId,
    pub address: SocketAddr,
    pub tls_address: SocketAddr,
    /// As to a client on another machine: loopback counts for nothing there.
    pub remote_address: SocketAddr,
    pub certificate: rustls::pki_types::CertificateDer<'static>,
    hasher: Arc<Hasher>,
    rng: Arc<dyn Rng>,
    stop: watch::Sender<bool>,
    serving: Vec<JoinHandle<std::io::Result<()>>>,
    newcomers: AtomicU32,
}

#[derive(Debug, Clone)]
pub struct Colleague {
    pub login: String,
    pub member: MemberId,
    pub identity: IdentityId,
    pub account: MailAccountId,
}

/// Short delays, so that nobody waits in a test.
pub fn options() -> ImapOptions {
    ImapOptions {
        failed_sign_in_delay: Duration::from_millis(1),
        jmap_session_url: Some("https://mail.example.test/jmap/session".into()),
        ..ImapOptions::default()
    }
}

impl Office {
    pub async fn open(store: Store) -> Self {
        Self::open_with(store, options()).await
    }

    pub async fn open_with(store: Store, options: ImapOptions) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(11));
        let ctx = Ctx { rng: Arc::clone(&rng), ..testkit::ctx(OrgId::from_raw(0)) };
        let org = store.write(move |tx| {
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
        let org = org.await.unwrap();
        let hasher = Hasher::new(Cost::LEAST, 4, Arc::clone(&rng));
        let (certificate, tls) = tls();
        let (stop, stopping) = watch::channel(false);
        let imap = |options: ImapOptions| {
            Imap::new(ImapParts {
                store: store.clone(),
                hasher: Arc::clone(&hasher),
                clock: Arc::new(TestClock::default()),
                rng: Arc::clone(&rng),
                ids: testkit::ids(),
                tls: Some(Arc::clone(&tls)),
                stopping: stopping.clone(),
                options,
            })
        };
        let (remote, imap) = (imap(ImapOptions { plain_from_loopback: false, ..options.clone() }), imap(options));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tls_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let remote_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, tls_address) = (listener.local_addr().unwrap(), tls_listener.local_addr().unwrap());
        let remote_address = remote_listener.local_addr().unwrap();
        let (plain, implicit) = (imap.clone(), imap);
        let serving = vec![
            tokio::spawn(async move { plain.serve(listener, Security::StartTls).await }),
            tokio::spawn(async move { implicit.serve(tls_listener, Security::Implicit).await }),
            tokio::spawn(async move { remote.serve(remote_listener, Security::StartTls).await }),
        ];
        Self { store, org, address, tls_address, remote_address, certificate, hasher, rng, stop, serving, newcomers: AtomicU32::new(0) }
    }

    /// The operator in the organisation.
    pub fn ctx(&self) -> Ctx {
        Ctx { rng: Arc::clone(&self.rng), ..testkit::ctx(self.org) }
    }

    /// A member with a mail account and [`PASSWORD`].
    pub async fn newcomer(&self) -> Colleague {
        let number = self.newcomers.fetch_add(1, Ordering::Relaxed) + 1;
        let login = format!("li.na{number}@example.test");
        let (ctx, address) = (self.ctx(), login.parse::<EmailAddress>().unwrap());
        let credential = Credential::Chosen(self.hasher.hash_blocking(&Password::new(PASSWORD).unwrap()));
        let added = self.store.write(move |tx| {
            let identity = identities::add_enterprise(&ctx, tx, &credential)?;
            let new = NewMember {
                name: format!("Li Na {number}"),
                identity_id: Some(identity),
                activated: true,
                address: Some(address.clone()),
                ..NewMember::default()
            };
            let member = members::insert(&ctx, tx, &new).expect("a new member");
            let account = mail_accounts::open(&ctx, tx, member)?;
            members::set_mail_account(tx, ctx.org, member, Some(account))?;
            Ok::<_, StoreError>((member, identity, account))
        });
        let (member, identity, account) = added.await.unwrap();
        Colleague { login, member, identity, account }
    }

    /// A client password of a member.
    pub async fn client_password(&self, colleague: &Colleague, protocols: &[Protocol]) -> String {
        let (ctx, keys_of, member, protocols) = (self.ctx(), self.store.clone(), colleague.member, protocols.to_vec());
        let ctx = ctx.acted_by(kernel::Actor::Operator { name: "test".into() });
        let made =
            self.store.write(move |tx| client_passwords::create_as_operator(&ctx, tx, keys_of.keys(), member, "Phone", protocols.clone()));
        made.await.unwrap().password.to_string()
    }

    /// Stops the server and waits until its sessions have said goodbye.
    pub async fn stop(&mut self) {
        self.stop.send(true).unwrap();
        for serving in self.serving.drain(..) {
            tokio::time::timeout(Duration::from_secs(10), serving).await.expect("it stops in time").unwrap().unwrap();
        }
    }
}

fn tls() -> (rustls::pki_types::CertificateDer<'static>, Arc<rustls::ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let certificate = made.cert.der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    (certificate, Arc::new(config))
}
