//! Two small organisations with mail, and SMTP listeners of every kind before them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use directory::administrators::{self, Role as AdminRole};
use directory::members::{self, MemberPatch};
use directory::service_classes::{self, NewServiceClass};
use directory::{addresses, domains};
use identity::identities::Credential;
use identity::passwords::Password;
use kernel::{Actor, Ctx, MailAccountId, MemberId, OrgId, Rng};
use mail::delivery::{FAN_OUT_JOB, ingress_of, run_fan_out};
use mail::mailboxes::{self, Role};
use serve_smtp::{Kind, Smtp, SmtpOptions, SmtpParts};
use store::{Store, StoreError, Tx, jobs, params};
use testkit::{SeededRng, TestClock};
pub use testkit_mail::PASSWORD;
use testkit_mail::tls::{self, Certificate};
use testkit_mail::{Colleague, Serving, add_member, add_organisation, hasher};
use tokio::net::TcpListener;

use crate::peer::Peer;

/// `example.test` with `li.na` (owner), `wang` (also `wang.wei`), `chen`, `full` (its mailbox is full), `quiet` (suspended) and `gone` (in the recycle
/// bin); `other.test` with `zhao`; and `waiting.test`, which nobody has verified.
pub struct Office {
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub smtp: Smtp,
    pub certificate: Certificate,
    addresses: HashMap<Kind, SocketAddr>,
    members: Members,
    serving: Serving,
}

/// Short times, so that nobody waits in a test.
pub fn options() -> SmtpOptions {
    let mut options = SmtpOptions::new("mx.example.test");
    options.plain_auth_from_loopback = true;
    options.limits.tarpit = Duration::from_millis(1);
    options
}

impl Office {
    pub async fn open(store: Store) -> Self {
        Self::open_with(store, options()).await
    }

    pub async fn open_with(store: Store, options: SmtpOptions) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(11));
        let hasher = hasher(&rng);
        let ctx = Ctx { rng: Arc::clone(&rng), ..testkit::ctx(OrgId::from_raw(0)) };
        let credential = Credential::Chosen(hasher.hash_blocking(&Password::new(PASSWORD).unwrap()));
        let members = store.write(move |tx| furnish(&ctx, tx, &credential)).await.unwrap();
        let (certificate, tls) = tls::server();
        let serving = Serving::default();
        let clock = Arc::new(TestClock::default());
        let smtp = Smtp::new(SmtpParts {
            store: store.clone(),
            hasher,
            source: testkit::source(&clock, rng),
            tls: Some(tls),
            stopping: serving.stopping(),
            options,
        });
        let mut office = Self { store, clock, smtp, certificate, addresses: HashMap::new(), members, serving };
        for kind in [Kind::Mx, Kind::Submission, Kind::Submissions, Kind::Lmtp] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            office.addresses.insert(kind, listener.local_addr().unwrap());
            let smtp = office.smtp.clone();
            office.serving.add(async move { smtp.serve(listener, kind).await });
        }
        office
    }

    pub fn address(&self, kind: Kind) -> SocketAddr {
        self.addresses[&kind]
    }

    /// A new connection, before the greeting; under TLS where the listener wants that.
    pub async fn connect(&self, kind: Kind) -> Peer {
        let peer = Peer::connect(self.address(kind)).await;
        if kind == Kind::Submissions { peer.secured(&self.certificate).await } else { peer }
    }

    /// A new connection that has been greeted and has said EHLO (LHLO).
    pub async fn greeted(&self, kind: Kind) -> Peer {
        let mut peer = self.connect(kind).await;
        assert!(peer.reply().await.starts_with("220 "));
        let hello = if kind == Kind::Lmtp { "LHLO client.test" } else { "EHLO client.test" };
        let extensions = peer.command(hello).await;
        assert!(extensions.starts_with("250"), "{extensions}");
        peer
    }

    /// A new connection on which `name` has signed in.
    pub async fn signed_in(&self, name: &str) -> Peer {
        let mut peer = self.greeted(Kind::Submissions).await;
        let said = peer.command(&format!("AUTH PLAIN {}", plain(&format!("{name}@example.test"), PASSWORD))).await;
        assert!(said.starts_with("235 "), "{said}");
        peer
    }

    pub fn account(&self, name: &str) -> MailAccountId {
        self.members[name].1.account
    }

    pub fn member(&self, name: &str) -> MemberId {
        self.members[name].1.member
    }

    pub fn ctx_of(&self, name: &str) -> Ctx {
        testkit::ctx(self.members[name].0)
    }

    /// Gives `full` room for so many bytes.
    pub async fn set_room(&self, bytes: i64) {
        let change = "UPDATE service_class SET mail_quota_bytes = $1 WHERE name = 'Small'";
        self.write(move |tx| tx.execute(change, params![bytes])?.expect_one()).await;
    }

    /// What lies in a mailbox, as clients read it, in the order in which it came.
    pub async fn mail(&self, name: &str, role: Role) -> Vec<String> {
        self.fan_out().await;
        let verified = mail::verify::verify(&self.store, None).await.unwrap();
        assert!(verified.problems.is_empty(), "{:?}", verified.problems);
        let (ctx, account) = (self.ctx_of(name), self.account(name));
        let org = ctx.org;
        let found = self.store.read(move |tx| {
            let Some(mailbox) = mailboxes::find_role(&ctx, tx, account, role).unwrap() else { return Ok(Vec::new()) };
            tx.query_all(
                "SELECT m.blob_id, m.prefix FROM mailbox_entry e JOIN message m ON m.account_id = e.account_id AND m.id = e.message_id
                 WHERE e.account_id = $1 AND e.mailbox_id = $2 ORDER BY e.uid",
                params![account, mailbox.id],
                |row| Ok((row.get::<store::BlobId>(0)?, row.get::<Vec<u8>>(1)?)),
            )
        });
        let mut texts = Vec::new();
        for (blob, prefix) in found.await.unwrap() {
            texts.push(String::from_utf8(mail::messages::read(&self.store, org, &blob, &prefix).await.unwrap()).unwrap());
        }
        texts
    }

    pub async fn inbox(&self, name: &str) -> Vec<String> {
        self.mail(name, Role::Inbox).await
    }

    /// Does what the worker does with messages for several.
    pub async fn fan_out(&self) {
        loop {
            let now = testkit::TEST_NOW;
            let claimed = self.store.write(move |tx| jobs::claim(tx, "test/1", now, 60, &[FAN_OUT_JOB])).await.unwrap();
            let Some(job) = claimed else { return };
            let ctx = testkit::ctx_as(job.org, Actor::System { task: "mail.fan_out" });
            run_fan_out(&self.store, &ctx, ingress_of(&job.payload).unwrap()).await.unwrap();
            let lease = job.lease();
            self.store.write(move |tx| jobs::finish(tx, &lease, now, &serde_json::Value::Null)).await.unwrap();
        }
    }

    pub async fn write<F: FnMut(&mut Tx) -> Result<(), StoreError> + Send + 'static>(&self, work: F) {
        self.store.write(work).await.unwrap();
    }

    pub fn begin_to_stop(&self) {
        self.serving.begin_to_stop();
    }

    /// Waits until the listeners have ended.
    pub async fn stopped(&mut self) {
        self.serving.stopped().await;
    }
}

/// The answer to PLAIN.
pub fn plain(name: &str, password: &str) -> String {
    BASE64.encode(format!("\0{name}\0{password}"))
}

type Members = HashMap<String, (OrgId, Colleague)>;

fn furnish(ctx: &Ctx, tx: &mut Tx, credential: &Credential) -> Result<Members, StoreError> {
    let mut people = Members::new();
    let mut orgs = Vec::new();
    for (code, domain, names) in [
        ("example", "example.test", &["li.na", "wang", "chen", "full", "quiet", "gone", "auth"][..]),
        ("other", "other.test", &["zhao"][..]),
    ] {
        let ctx = add_organisation(ctx, tx, code, domain);
        orgs.push(ctx.org);
        for name in names {
            let colleague = add_member(&ctx, tx, name, &format!("{name}@{domain}"), credential)?;
            people.insert((*name).to_owned(), (ctx.org, colleague));
        }
        let owner = people[names[0]].1.member;
        administrators::grant(&ctx, tx, owner, AdminRole::Owner).expect("an owner");
    }
    let ctx = &ctx.in_org(orgs[0]);
    domains::add(ctx, tx, &"waiting.test".parse().unwrap()).expect("a domain that waits");
    addresses::add_alias(ctx, tx, people["wang"].1.member, &"wang.wei@example.test".parse().unwrap()).expect("an alias");
    members::suspend(ctx, tx, people["quiet"].1.member).expect("suspended");
    members::recycle(ctx, tx, people["gone"].1.member).expect("recycled");
    let small = NewServiceClass { name: "Small".into(), mail_quota_bytes: Some(0), drive_quota_bytes: None };
    let small = service_classes::add(ctx, tx, &small).expect("a class");
    let patch = MemberPatch { service_class_id: Some(small), ..MemberPatch::default() };
    members::update(ctx, tx, people["full"].1.member, &patch).expect("a small mailbox");
    Ok(people)
}
