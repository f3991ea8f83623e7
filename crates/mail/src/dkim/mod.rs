//! DKIM (RFC 6376, RFC 8463): the keys of each domain, and signatures made with them.
//!
//! A domain has an RSA key of 2048 bits and an Ed25519 key. They are made on first need, by [`ensure`]: when an administrator looks at the domain, when a
//! message from it is signed, or by the outbound worker a moment after the domain was added. Making an RSA key takes longer than a transaction may, so it is
//! made outside of one, and whoever commits first has made it for all. Private keys are sealed by the installation's key ring and leave it only to sign.

mod generate;
mod repo;
mod sign;

use directory::domains::{DnsRecord, Domain};
use kernel::{DomainId, OrgId, Rng, Timestamp};
use serde::{Deserialize, Serialize};
use store::{KeyError, KeyRing, Store, StoreError, Tx};
use zeroize::Zeroizing;

use generate::generate;
pub use repo::{domains_without_keys, remove_orphans};
pub use sign::sign;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    Rsa,
    Ed25519,
}

impl Algorithm {
    pub const ALL: [Self; 2] = [Self::Rsa, Self::Ed25519];

    /// As in `k=` of the DNS record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A key without its secret half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub selector: String,
    pub algorithm: Algorithm,
    /// As in `p=` of the DNS record, before base64.
    pub public_key: Vec<u8>,
    pub created_at: Timestamp,
}

/// A key that signs. Not `Debug`: it holds the secret.
pub struct SigningKey {
    pub domain: String,
    pub selector: String,
    pub algorithm: Algorithm,
    private_key: Zeroizing<Vec<u8>>,
}

/// A key could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum DkimError {
    #[error("a signing key could not be made or used: {0}")]
    Crypto(String),
    #[error("a stored signing key cannot be opened")]
    Sealed(#[from] KeyError),
    #[error("the keys could not be read or written")]
    Store(#[from] StoreError),
}
kernel::faults! { DkimError:
    DkimError::Crypto(_) => Internal "internal_error",
    DkimError::Sealed(_) => Internal "internal_error",
    DkimError::Store(inner) => inner,
}

/// The keys a domain signs with, as they are.
pub fn keys_of(tx: &mut Tx, org: OrgId, domain: DomainId) -> Result<Vec<PublicKey>, StoreError> {
    repo::list(tx, org, domain)
}

/// Makes the keys that a domain lacks and answers all it signs with. Most calls only read.
pub async fn ensure(store: &Store, rng: &std::sync::Arc<dyn Rng>, domain: &Domain, now: Timestamp) -> Result<Vec<PublicKey>, DkimError> {
    let (org, id) = (domain.owner, domain.id);
    let have = store.read(move |tx| keys_of(tx, org, id)).await?;
    let missing: Vec<Algorithm> =
        Algorithm::ALL.into_iter().filter(|algorithm| have.iter().all(|key| key.algorithm != *algorithm)).collect();
    if missing.is_empty() {
        return Ok(have);
    }
    let chance = std::sync::Arc::clone(rng);
    let making = tokio::task::spawn_blocking(move || {
        missing.into_iter().map(|algorithm| Ok((algorithm, generate(algorithm, &*chance)?))).collect::<Result<Vec<_>, DkimError>>()
    });
    let made = making.await.map_err(|_| DkimError::Crypto("the task was stopped".to_owned()))??;
    let mut rows = Vec::new();
    for (algorithm, pair) in made {
        let selector = selector(algorithm, now);
        let sealed = store.keys().seal(PURPOSE, &context(org, id, &selector), &pair.private_key, &**rng);
        rows.push((algorithm, selector, sealed, pair.public_key));
    }
    let kept = store.write(move |tx| {
        for (algorithm, selector, sealed, public_key) in &rows {
            // Somebody else may have been quicker; that key holds.
            repo::insert(tx, org, id, *algorithm, selector, sealed, public_key, now)?;
        }
        keys_of(tx, org, id)
    });
    Ok(kept.await?)
}

/// The keys to sign messages from a domain with, secrets included.
pub(crate) fn signing_keys(tx: &mut Tx, keys: &KeyRing, domain: &Domain) -> Result<Vec<SigningKey>, DkimError> {
    let mut opened = Vec::new();
    for (selector, algorithm, sealed) in repo::list_sealed(tx, domain.owner, domain.id)? {
        let private_key = keys.unseal(PURPOSE, &context(domain.owner, domain.id, &selector), &sealed)?;
        opened.push(SigningKey { domain: domain.name.to_string(), selector, algorithm, private_key });
    }
    Ok(opened)
}

/// The records that let others check the signatures.
pub fn dns_records(domain: &Domain, keys: &[PublicKey]) -> Vec<DnsRecord> {
    keys.iter()
        .map(|key| DnsRecord {
            kind: "TXT".to_owned(),
            name: format!("{}._domainkey.{}", key.selector, domain.name),
            value: record_value(key),
            priority: None,
        })
        .collect()
}

/// `v=DKIM1; k=rsa; p=…`   (RFC 6376 §3.6.1)
pub fn record_value(key: &PublicKey) -> String {
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(&key.public_key);
    format!("v=DKIM1; k={}; p={encoded}", key.algorithm.as_str())
}

const PURPOSE: &str = "dkim";

fn context(org: OrgId, domain: DomainId, selector: &str) -> Vec<u8> {
    format!("{org}/{domain}/{selector}").into_bytes()
}

/// Tells when the key was made, so that the next one has another name.
fn selector(algorithm: Algorithm, now: Timestamp) -> String {
    let letter = match algorithm {
        Algorithm::Rsa => 'r',
        Algorithm::Ed25519 => 'e',
    };
    format!("ys{}{letter}", now.jiff().strftime("%Y%m"))
}
