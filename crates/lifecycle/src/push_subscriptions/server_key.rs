//! The key by which push services know this server (VAPID, RFC 8292): one for the installation, made at first need and kept sealed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Rng, Timestamp};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use store::{KeyError, Store, StoreError, installation};

use super::Address;
use super::encryption::random_key;

const FACT: &str = "web_push_key";
const PURPOSE: &str = "web-push";
/// RFC 8292 §2 lets a token live a day; clocks differ.
const TOKEN_SECS: i64 = 12 * 3600;

/// Signs for this installation. Not `Debug`: it holds the secret.
#[derive(Clone)]
pub struct ServerKey {
    signing: SigningKey,
    public: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ServerKeyError {
    #[error("the stored key of pushes cannot be opened")]
    Sealed(#[from] KeyError),
    #[error("the stored key of pushes does not read as one")]
    Unreadable,
    #[error("the key of pushes could not be read or written")]
    Store(#[from] StoreError),
}
kernel::faults! { ServerKeyError:
    ServerKeyError::Sealed(_) => Internal "internal_error",
    ServerKeyError::Unreadable => Internal "internal_error",
    ServerKeyError::Store(inner) => inner,
}

/// The installation's key. The first to ask makes it for all.
pub async fn server_key(store: &Store, rng: &dyn Rng) -> Result<ServerKey, ServerKeyError> {
    let kept = match store.read(|tx| installation::get(tx, FACT)).await? {
        Some(kept) => kept,
        None => {
            let sealed = URL_SAFE_NO_PAD.encode(store.keys().seal(PURPOSE, &[], &random_key(rng).to_bytes(), rng));
            store.write(move |tx| installation::get_or_set(tx, FACT, &sealed)).await?
        }
    };
    let sealed = URL_SAFE_NO_PAD.decode(kept).map_err(|_| ServerKeyError::Unreadable)?;
    let secret = store.keys().unseal(PURPOSE, &[], &sealed)?;
    let signing = SigningKey::from_slice(&secret).map_err(|_| ServerKeyError::Unreadable)?;
    let public = URL_SAFE_NO_PAD.encode(signing.verifying_key().to_encoded_point(false).as_bytes());
    Ok(ServerKey { signing, public })
}

impl ServerKey {
    /// The public half as RFC 8292 §3.2 and RFC 9749 write it: an uncompressed point in URL-safe base64.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The value of `Authorization` for a push to `address` (RFC 8292 §3). `contact` is whom the push service writes to when something is wrong.
    pub fn authorization(&self, address: &Address, contact: &str, now: Timestamp) -> String {
        let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({ "aud": address.origin(), "exp": now.plus_secs(TOKEN_SECS).as_secs(), "sub": contact });
        let signed = format!("{}.{}", encode(json!({ "typ": "JWT", "alg": "ES256" })), encode(claims));
        let signature: Signature = self.signing.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public)
    }
}
