//! A small organisation with mail, and a POP3 server before it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use derive_more::Deref;
use mail::entries::{self, Expunge};
use mail::heads::MailError;
use mail::mailboxes::{self, Role};
use mail::maildrop::{self, UniqueIdError};
use mail::messages::{self, Added, NewMessage};
use mail::{Flags, MailboxId, MessageId, UidSet};
use serve_pop3::{Pop3, Pop3Options, Pop3Parts, Security};
use store::Store;
use testkit::TestClock;
use testkit_mail::tls::{self, Certificate};
pub use testkit_mail::{Colleague, PASSWORD};
use testkit_mail::{People, Serving};
use tokio::net::TcpListener;

/// One server; its address is what [`crate::peer::Peer`] connects to.
#[derive(Deref)]
pub struct Node {
    #[deref(forward)]
    people: Arc<People>,
    pub address: SocketAddr,
    pub tls_address: SocketAddr,
    pub certificate: Certificate,
    serving: Serving,
}

#[derive(Deref)]
pub struct Office {
    pub clock: Arc<TestClock>,
    #[deref]
    node: Node,
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
        let people = Arc::new(People::settle(store).await);
        let clock = Arc::new(TestClock::default());
        let node = Node::start(people, &clock, options).await;
        Self { clock, node }
    }

    /// Another server on the same store.
    pub async fn another_node(&self, options: Pop3Options) -> Node {
        Node::start(Arc::clone(&self.node.people), &self.clock, options).await
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
    async fn start(people: Arc<People>, clock: &Arc<TestClock>, options: Pop3Options) -> Self {
        let (certificate, tls) = tls::server();
        let mut serving = Serving::default();
        let pop3 = Pop3::new(Pop3Parts {
            store: people.store.clone(),
            hasher: Arc::clone(&people.hasher),
            source: testkit::source(clock, Arc::clone(&people.rng)),
            tls: Some(tls),
            stopping: serving.stopping(),
            options,
        });
        let mut addresses = Vec::new();
        for security in [Security::StartTls, Security::Implicit] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            let pop3 = pop3.clone();
            serving.add(async move { pop3.serve(listener, security).await });
        }
        Self { people, address: addresses[0], tls_address: addresses[1], certificate, serving }
    }

    /// Stops the server and waits until its sessions have said goodbye.
    pub async fn stop(mut self) {
        self.serving.stop().await;
    }

    /// Ends the server and its sessions where they are, as a power cut would.
    pub async fn crash(self) {
        self.serving.crash().await;
    }
}
