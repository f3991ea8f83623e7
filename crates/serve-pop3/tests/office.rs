//! A small organisation with mail, and a POP3 server before it.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use directory::domains;
use directory::members::{self, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use identity::identities::{self, Credential};
use identity::passwords::{Cost, Hasher, Password};
use kernel::{Clock, Ctx, EmailAddress, IdentityId, MailAccountId, MemberId, OrgId, Rng};
use mail::entries::{self, Expunge};
use mail::heads::MailError;
use mail::mailboxes::{self, Role};
use mail::maildrop::{self, UniqueIdError};
use mail::messages::{self, Added, NewMessage};
use mail::{Flags, MailboxId, MessageId, UidSet, mail_accounts};
use serve_pop3::{Pop3, Pop3Options, Pop3Parts, Security};
use store::{Store, StoreError};
use testkit::{SeededRng, TestClock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "Wild-Goose-Carries-7";

/// One server; its address is what [`crate::peer::Peer`] connects to.
pub struct Node {
    pub address: SocketAddr,
    pub tls_address: SocketAddr,
    pub certificate: rustls::pki_types::CertificateDer<'static>,
    stop: watch::Sender<bool>,
    serving: Vec<JoinHandle<std::io::Result<()>>>,
}

pub struct Office {
    pub store: Store,
    pub org: OrgId,
    pub clock: Arc<TestClock>,
    hasher: Arc<Hasher>,
    rng: Arc<dyn Rng>,
    newcomers: AtomicU32,
    node: Node,
}

impl Deref for Office {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}

#[derive(Debug, Clone)]
pub struct Colleague {
    pub login: String,
    pub member: MemberId,
    pub identity: IdentityId,
    pub account: MailAccountId,
}

/// Short delays, so that nobody waits in a test.
pub fn options() -> Pop3Options {
    Pop3Options { failed_sign_in_delay: Duration::from_millis(1), lock_patience: Duration::ZERO, ..Pop3Options::default() }
}

impl Office {
    pub async fn open(store: Store) -> Self {
        Self::open_with(store, options()).await
    }

    pub async fn open_with(store: Store, options: Pop3Options) -> Self {
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
        let clock = Arc::new(TestClock::default());
        let node = Node::start(&store, &hasher, &rng, &clock, options).await;
        Self { store, org, clock, hasher, rng, newcomers: AtomicU32::new(0), node }
    }

    /// Another server on the same store.
    pub async fn another_node(&self, options: Pop3Options) -> Node {
        Node::start(&self.store, &self.hasher, &self.rng, &self.clock, options).await
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

    /// Puts a message into somebody's INBOX.
    pub async fn append(&self, colleague: &Colleague, octets: &[u8]) -> Added {
        let (ctx, account) = (self.ctx(), colleague.account);
        let blob = self.store.blobs().stage(self.org, octets.to_vec()).await.unwrap();
        let rendered = mail::mime::render(octets);
        let message = NewMessage { blob: Arc::new(blob), prefix: Arc::from([]), rendered: Arc::new(rendered), received_at: ctx.now };
        let added = self.store.write_account(account, move |tx| {
            mailboxes::ensure(&ctx, tx, account).expect("standard mailboxes");
            let inbox = mailboxes::find_role(&ctx, tx, account, Role::Inbox).expect("an account").expect("INBOX");
            messages::append(&ctx, tx, account, &[inbox.id], &message, &Flags::NONE)
        });
        added.await.unwrap()[0]
    }

    /// As another program would, by IMAP.
    pub async fn remove(&self, colleague: &Colleague, uid: u32) {
        let (ctx, account, inbox) = (self.ctx(), colleague.account, self.inbox(colleague).await);
        let which = Expunge::Exactly([uid..=uid].into_iter().collect());
        entries::expunge_all(&self.store, &ctx, account, inbox, &which).await.unwrap();
    }

    async fn inbox(&self, colleague: &Colleague) -> MailboxId {
        let (ctx, account) = (self.ctx(), colleague.account);
        let found = self.store.read(move |tx| mailboxes::find_role(&ctx, tx, account, Role::Inbox)).await;
        found.unwrap().expect("INBOX").id
    }

    /// Copies everything in INBOX into INBOX.
    pub async fn double(&self, colleague: &Colleague) {
        let (ctx, account, inbox) = (self.ctx(), colleague.account, self.inbox(colleague).await);
        entries::copy_all(&self.store, &ctx, account, inbox, &UidSet::all(), inbox).await.unwrap();
    }

    /// The uids that are in somebody's INBOX.
    pub async fn uids(&self, colleague: &Colleague) -> Vec<u32> {
        let (ctx, account, inbox) = (self.ctx(), colleague.account, self.inbox(colleague).await);
        let found = self.store.read(move |tx| {
            let mut uids = Vec::new();
            entries::for_each_entry(&ctx, tx, account, inbox, 1..=u32::MAX, None, None, |row| uids.push(row.uid))?;
            Ok::<_, MailError>(uids)
        });
        found.await.unwrap()
    }

    pub async fn set_unique_id(&self, colleague: &Colleague, message: MessageId, unique_id: &str) -> Result<(), UniqueIdError> {
        let (ctx, account, unique_id) = (self.ctx(), colleague.account, unique_id.to_owned());
        self.store.write_account(account, move |tx| maildrop::set_unique_id(&ctx, tx, account, message, &unique_id)).await
    }

    pub async fn stop(self) {
        self.node.stop().await;
    }
}

impl Node {
    async fn start(store: &Store, hasher: &Arc<Hasher>, rng: &Arc<dyn Rng>, clock: &Arc<TestClock>, options: Pop3Options) -> Self {
        let (certificate, tls) = tls();
        let (stop, stopping) = watch::channel(false);
        let pop3 = Pop3::new(Pop3Parts {
            store: store.clone(),
            hasher: Arc::clone(hasher),
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            rng: Arc::clone(rng),
            ids: testkit::ids(),
            tls: Some(tls),
            stopping,
            options,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tls_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, tls_address) = (listener.local_addr().unwrap(), tls_listener.local_addr().unwrap());
        let (plain, implicit) = (pop3.clone(), pop3);
        let serving = vec![
            tokio::spawn(async move { plain.serve(listener, Security::StartTls).await }),
            tokio::spawn(async move { implicit.serve(tls_listener, Security::Implicit).await }),
        ];
        Self { address, tls_address, certificate, stop, serving }
    }

    /// Stops the server and waits until its sessions have said goodbye.
    pub async fn stop(self) {
        self.stop.send(true).unwrap();
        for serving in self.serving {
            tokio::time::timeout(Duration::from_secs(10), serving).await.expect("it stops in time").unwrap().unwrap();
        }
    }

    /// Ends the server and its sessions where they are, as a power cut would.
    pub async fn crash(self) {
        // A session that is in the middle of a step when its server ends takes a closed channel for a stop in good order.
        std::mem::forget(self.stop);
        for serving in self.serving {
            serving.abort();
            let _ = serving.await;
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
