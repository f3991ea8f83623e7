//! A small organisation with mail, and an IMAP server before it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use derive_more::Deref;
use identity::client_passwords;
use identity::protocols::Protocol;
use serve_imap::{Imap, ImapOptions, ImapParts, Security};
use store::Store;
use testkit_mail::tls::{self, Certificate};
pub use testkit_mail::{Colleague, PASSWORD};
use testkit_mail::{People, Serving};
use tokio::net::TcpListener;

#[derive(Deref)]
pub struct Office {
    #[deref]
    people: People,
    pub address: SocketAddr,
    pub tls_address: SocketAddr,
    /// As to a client on another machine: loopback counts for nothing there.
    pub remote_address: SocketAddr,
    pub certificate: Certificate,
    serving: Serving,
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
        let people = People::settle(store).await;
        let (certificate, tls) = tls::server();
        let mut serving = Serving::default();
        let imap = |options: ImapOptions| {
            Imap::new(ImapParts {
                store: people.store.clone(),
                hasher: Arc::clone(&people.hasher),
                source: testkit::source(&Arc::default(), Arc::clone(&people.rng)),
                tls: Some(Arc::clone(&tls)),
                stopping: serving.stopping(),
                options,
            })
        };
        let (remote, imap) = (imap(ImapOptions { plain_from_loopback: false, ..options.clone() }), imap(options));
        let mut addresses = Vec::new();
        for (imap, security) in [(&imap, Security::StartTls), (&imap, Security::Implicit), (&remote, Security::StartTls)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            let imap = imap.clone();
            serving.add(async move { imap.serve(listener, security).await });
        }
        Self { people, address: addresses[0], tls_address: addresses[1], remote_address: addresses[2], certificate, serving }
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
        self.serving.stop().await;
    }
}
