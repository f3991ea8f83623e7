//! What others find when they check who signed.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;

use directory::domains;
use mail::dkim;
use mail_auth::common::cache::NoCache;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt};
use store::Store;
use testkit::test_each_engine;

use crate::scene::{Scene, signed};

/// The TXT records there are; whatever is not here does not exist.
#[derive(Default)]
struct Zone(Mutex<HashMap<Box<str>, Txt>>);

impl ResolverCache<Box<str>, Txt> for Zone {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        self.0.lock().unwrap().get(name).cloned()
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}

type Nothing<K, V> = NoCache<K, RecordSet<V>>;
type NoAddresses<V> = Nothing<Box<str>, V>;
type Asking<'a> = Parameters<
    'a,
    &'a AuthenticatedMessage<'a>,
    Zone,
    NoAddresses<MX>,
    NoAddresses<Ipv4Addr>,
    NoAddresses<Ipv6Addr>,
    Nothing<IpAddr, Box<str>>,
>;

/// The algorithms with which the message is found to be signed as it should.
async fn verified(zone: &Zone, bytes: &[u8]) -> Vec<String> {
    let message = AuthenticatedMessage::parse(bytes).unwrap();
    let authenticator = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).unwrap();
    let parameters: Asking = Parameters::new(&message).with_txt_cache(zone);
    let outputs = authenticator.verify_dkim(parameters).await;
    let passed = outputs.iter().filter(|output| *output.result() == DkimResult::Pass);
    passed.map(|output| format!("{:?}", output.signature().unwrap().a)).collect()
}

/// What the domain's page tells its owner to publish.
async fn zone(scene: &Scene) -> Zone {
    let store = &scene.app.store;
    let domain = store.read(|tx| domains::find_by_name(tx, &"example.test".parse().unwrap())).await.unwrap().unwrap();
    let keys = dkim::ensure(store, &scene.app.source.rng, &domain, testkit::TEST_NOW).await.unwrap();
    let zone = Zone::default();
    for record in dkim::dns_records(&domain, &keys) {
        assert_eq!(record.kind, "TXT");
        let key = DomainKey::parse(record.value.as_bytes()).unwrap();
        zone.0.lock().unwrap().insert(format!("{}.", record.name).into(), key.into());
    }
    zone
}

#[test_each_engine]
async fn every_message_that_leaves_is_signed_for_its_authors_domain(store: Store) {
    let mut scene = Scene::new(store).await;
    let there = scene.polite().await;
    let message = signed();
    scene.hand_in(scene.new_submission(&[there.address("you")], message.as_str())).await;
    scene.send().await;
    let bytes = there.peer().taken().remove(0).bytes;
    let zone = zone(&scene).await;
    assert_eq!(zone.0.lock().unwrap().len(), 2);
    assert_eq!(verified(&zone, &bytes).await, ["RsaSha256", "Ed25519Sha256"]);
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(verified(&zone, text.replace("an end", "another end").as_bytes()).await, [""; 0]);
    let forged = text.replace(&message, &format!("From: boss@example.test\r\n{message}"));
    assert_eq!(verified(&zone, forged.as_bytes()).await, [""; 0], "no second author can be added");
    let listed = text.replace(&message, &format!("List-Id: <some.list>\r\nReceived: by list\r\n{message}"));
    assert_eq!(verified(&zone, listed.as_bytes()).await.len(), 2, "who passes it on may say so");
}

#[test_each_engine]
async fn keys_are_made_once_whoever_asks(store: Store) {
    let scene = Scene::new(store).await;
    let store = &scene.app.store;
    let domain = store.read(|tx| domains::find_by_name(tx, &"example.test".parse().unwrap())).await.unwrap().unwrap();
    assert_eq!(store.read(|tx| dkim::domains_without_keys(tx, 10)).await.unwrap(), std::slice::from_ref(&domain.name));
    let ask = || dkim::ensure(store, &scene.app.source.rng, &domain, testkit::TEST_NOW);
    let (one, two) = tokio::join!(ask(), ask());
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(store.read(|tx| dkim::domains_without_keys(tx, 10)).await.unwrap(), []);
    let records = dkim::dns_records(&domain, &ask().await.unwrap());
    assert_eq!(records[0].name, "ys202603r._domainkey.example.test");
    assert!(records[0].value.starts_with("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
    assert_eq!(records[1].name, "ys202603e._domainkey.example.test");
}
