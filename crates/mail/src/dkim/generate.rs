//! Making keys. The library that signs cannot make RSA keys; this one does nothing else with them.

use kernel::Rng;
use mail_auth::common::crypto::Ed25519Key;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::EncodePublicKey;
use zeroize::Zeroizing;

use super::{Algorithm, DkimError};

const RSA_BITS: usize = 2048;

/// PKCS #8 of an Ed25519 key without its public half, up to the secret (RFC 8410 §7).
const ED25519_PKCS8_HEAD: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

pub(super) struct KeyPair {
    /// PKCS #1 of an RSA key, PKCS #8 of an Ed25519 key.
    pub private_key: Zeroizing<Vec<u8>>,
    pub public_key: Vec<u8>,
}

/// Makes a key; an RSA key takes a few tenths of a second of one core.
pub(super) fn generate(algorithm: Algorithm, rng: &dyn Rng) -> Result<KeyPair, DkimError> {
    let failed = |error: &dyn std::fmt::Display| DkimError::Crypto(error.to_string());
    match algorithm {
        Algorithm::Rsa => {
            let private = RsaPrivateKey::new(&mut Chance(rng), RSA_BITS).map_err(|error| failed(&error))?;
            let document = private.to_pkcs1_der().map_err(|error| failed(&error))?;
            // RFC 6376 §3.6.1 asks for the SubjectPublicKeyInfo, as everybody publishes it.
            let public = private.to_public_key().to_public_key_der().map_err(|error| failed(&error))?;
            Ok(KeyPair { private_key: Zeroizing::new(document.as_bytes().to_vec()), public_key: public.as_bytes().to_vec() })
        }
        Algorithm::Ed25519 => {
            let secret = Zeroizing::new(rng.bytes::<32>());
            let mut document = Zeroizing::new(ED25519_PKCS8_HEAD.to_vec());
            document.extend_from_slice(secret.as_slice());
            let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(&document).map_err(|error| failed(&error))?;
            Ok(KeyPair { public_key: key.public_key(), private_key: document })
        }
    }
}

/// Our source of chance, as the library wants it.
struct Chance<'a>(&'a dyn Rng);

impl rsa::rand_core::RngCore for Chance<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.0.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.0.bytes())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

// The trait of the server's chance says that it is fit for secrets.
impl rsa::rand_core::CryptoRng for Chance<'_> {}
