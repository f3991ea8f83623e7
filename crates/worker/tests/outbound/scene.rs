//! An organisation whose member writes, a queue, and a DNS that knows what a test tells it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use directory::members::{self, NewMember};
use directory::organisations::{self, Language, NewOrganisation};
use directory::{addresses, domains};
use kernel::{Clock, Ctx, DomainName, EmailAddress, MailAccountId, OrgId, SubmissionId};
use lifecycle::jobs::JobApp;
use mail::mail_accounts;
use mail::outbound::{QueueRecipient, RecipientState, Shown, status_of};
use mail::submission::{EnvelopeAddress, NewRecipient, NewSubmission, Return, ReversePath, Submitted, Trace, submit};
use store::{Store, StoreError, params};
use testkit::{SeededRng, TestClock};
use worker::outbound::{Asked, DnsError, MailDns, Mx, Outbound, OutboundOptions, OutboundParts};

use crate::peer::{self, Offer, Peer};

/// What we call ourselves.
pub const OWN_NAME: &str = "mail.example.test";
pub const SENDER: &str = "li.na@example.test";

/// A DNS that knows what it was told, and of everything else that it does not exist.
#[derive(Default)]
pub struct ScriptedDns {
    mx: Mutex<HashMap<String, Result<Vec<Mx>, DnsError>>>,
    addresses: Mutex<HashMap<String, Result<Vec<IpAddr>, DnsError>>>,
}

impl ScriptedDns {
    pub fn mx(&self, domain: &str, hosts: &[(u16, &str)]) {
        let records = hosts.iter().map(|(preference, host)| Mx { preference: *preference, host: (*host).to_owned() }).collect();
        self.mx.lock().unwrap().insert(domain.to_owned(), Ok(records));
    }

    pub fn mx_fails(&self, domain: &str, error: DnsError) {
        self.mx.lock().unwrap().insert(domain.to_owned(), Err(error));
    }

    pub fn address(&self, host: &str, addresses: &[IpAddr]) {
        self.addresses.lock().unwrap().insert(host.to_owned(), Ok(addresses.to_vec()));
    }

    pub fn address_fails(&self, host: &str, error: DnsError) {
        self.addresses.lock().unwrap().insert(host.to_owned(), Err(error));
    }
}

struct Shared(Arc<ScriptedDns>);

impl MailDns for Shared {
    fn mx<'a>(&'a self, domain: &'a str) -> Asked<'a, Vec<Mx>> {
        let answer = self.0.mx.lock().unwrap().get(domain).cloned().unwrap_or(Err(DnsError::NoSuchName));
        Box::pin(async move { answer })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> Asked<'a, Vec<IpAddr>> {
        let answer = self.0.addresses.lock().unwrap().get(host).cloned().unwrap_or(Err(DnsError::NoSuchName));
        Box::pin(async move { answer })
    }
}

pub struct Scene {
    pub app: JobApp,
    pub clock: Arc<TestClock>,
    pub dns: Arc<ScriptedDns>,
    pub org: OrgId,
    pub account: MailAccountId,
    pub options: OutboundOptions,
    destinations: usize,
}

/// A domain of others, and the servers its MX records name, best first.
pub struct Destination {
    pub domain: String,
    pub peers: Vec<Peer>,
}

impl Destination {
    pub fn peer(&self) -> &Peer {
        &self.peers[0]
    }

    pub fn address(&self, local_part: &str) -> String {
        format!("{local_part}@{}", self.domain)
    }
}

impl Scene {
    pub async fn new(store: Store) -> Self {
        let clock = Arc::new(TestClock::default());
        let app = JobApp { store, source: testkit::source(&clock, Arc::new(SeededRng::default())) };
        let ctx = testkit::ctx(OrgId::from_raw(0));
        let made = app.store.write(move |tx| {
            let new = NewOrganisation {
                code: "example".into(),
                name: "Example".into(),
                time_zone: organisations::DEFAULT_TIME_ZONE.into(),
                language: Language::En,
            };
            let ctx = ctx.in_org(organisations::add(&ctx, tx, &new).unwrap());
            let domain: DomainName = "example.test".parse().unwrap();
            domains::add_assumed(&ctx, tx, &domain).unwrap();
            let address: EmailAddress = SENDER.parse().unwrap();
            let new = NewMember { name: "Li Na".into(), address: Some(address), activated: true, ..NewMember::default() };
            let member = members::insert(&ctx, tx, &new).unwrap();
            let account = mail_accounts::open(&ctx, tx, member)?;
            members::set_mail_account(tx, ctx.org, member, Some(account))?;
            let alias: EmailAddress = "sales@example.test".parse().unwrap();
            addresses::add_alias(&ctx, tx, member, &alias).unwrap();
            Ok::<_, StoreError>((ctx.org, account))
        });
        let (org, account) = made.await.unwrap();
        let mut options = OutboundOptions::new(OWN_NAME);
        options.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
        options.look_every = Duration::from_millis(50);
        Self { app, clock, dns: Arc::default(), org, account, options, destinations: 0 }
    }

    /// A new domain with a server for each offer, which all mail from now on goes to the port of.
    pub async fn destination(&mut self, offers: Vec<Offer>) -> Destination {
        self.destinations += 1;
        let domain = format!("peer{}.test", self.destinations);
        let peers = peer::start(offers).await;
        let hosts: Vec<String> = (0..peers.len()).map(|number| format!("mx{number}.{domain}")).collect();
        for (host, peer) in hosts.iter().zip(&peers) {
            self.dns.address(host, &[peer.address]);
            self.options.port = peer.port;
        }
        let records: Vec<(u16, &str)> = hosts.iter().enumerate().map(|(number, host)| (10 * number as u16, host.as_str())).collect();
        self.dns.mx(&domain, &records);
        Destination { domain, peers }
    }

    /// A new domain with one polite server.
    pub async fn polite(&mut self) -> Destination {
        self.destination(vec![Offer::default()]).await
    }

    pub fn outbound_of(&self, node: &str) -> Outbound {
        let parts = OutboundParts {
            app: self.app.clone(),
            dns: Arc::new(Shared(Arc::clone(&self.dns))),
            options: self.options.clone(),
            node: node.to_owned(),
            process: "1".to_owned(),
        };
        Outbound::new(parts).unwrap()
    }

    pub fn outbound(&self) -> Outbound {
        self.outbound_of("node 0")
    }

    /// Sends what is due; answers how many messages were tried.
    pub async fn send(&self) -> usize {
        self.outbound().run_until_idle().await.unwrap()
    }

    /// A store that fails at whatever needs the table.
    pub async fn rename_table(&self, from: &str, to: &str) {
        let statement = format!("ALTER TABLE {from} RENAME TO {to}");
        self.app.store.write(move |tx| tx.execute(&statement, params![]).map(store::Affected::any)).await.unwrap();
    }

    pub fn ctx(&self) -> Ctx {
        Ctx { now: self.clock.now(), ..testkit::ctx(self.org) }
    }

    pub fn new_submission(&self, to: &[impl AsRef<str>], message: impl Into<Vec<u8>>) -> NewSubmission {
        NewSubmission {
            account: Some(self.account),
            from: ReversePath::Address(SENDER.parse().unwrap()),
            recipients: to.iter().map(|to| NewRecipient::new(to.as_ref().parse::<EnvelopeAddress>().unwrap())).collect(),
            message: message.into(),
            envelope_id: None,
            ret: Return::default(),
            smtp_utf8: false,
            not_before: None,
            trace: Trace { by: OWN_NAME.into(), with: "ESMTPSA" },
        }
    }

    pub async fn hand_in(&self, new: NewSubmission) -> Submitted {
        submit(&self.app.store, &self.ctx(), new).await.unwrap()
    }

    /// Hands a small message in.
    pub async fn submit(&self, to: &[impl AsRef<str>]) -> SubmissionId {
        self.hand_in(self.new_submission(to, MESSAGE)).await.id
    }

    pub async fn shown(&self, id: SubmissionId) -> Shown {
        let org = self.org;
        self.app.store.read(move |tx| status_of(tx, org, id)).await.unwrap().unwrap()
    }

    pub async fn recipient(&self, id: SubmissionId) -> QueueRecipient {
        self.shown(id).await.recipients.into_iter().next().unwrap()
    }

    pub async fn state(&self, id: SubmissionId) -> RecipientState {
        self.recipient(id).await.state
    }

    /// Why it was answered as it was: the enhanced status.
    pub async fn status(&self, id: SubmissionId) -> String {
        self.recipient(id).await.answer.unwrap().status
    }
}

/// From nobody of ours, so that no keys have to be made, which takes longer than most tests.
pub const MESSAGE: &str = "From: Li Na <li.na@unsigned.test>\r\nTo: you@peer.test\r\nSubject: Hello\r\nDate: Mon, 02 Mar 2026 01:00:00 +0000\r\n\
    Message-ID: <one@example.test>\r\n\r\n.A line with a dot\r\n..two\r\nand an end\r\n";

/// From a domain of ours.
pub fn signed() -> String {
    MESSAGE.replace("unsigned.test", "example.test")
}
