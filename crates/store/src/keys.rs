//! The master key, and what is derived from it: keyed hashes, sealed values, signatures.
//!
//! The master key lives in a file beside the data and never in SQL; whoever holds only one of the two can read no sealed value. Every stored
//! hash, seal and signature begins with a tag that names its algorithm, so that others (SM3, SM4, SM2) can come beside these.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier};
use kernel::Rng;
use zeroize::Zeroizing;

/// Names the first and as yet only set of algorithms: BLAKE3, XChaCha20-Poly1305, Ed25519.
pub const ALGORITHM_TAG: u8 = 1;

const FILE_HEADER: &str = "yanshu-master-key-1 ";
const NONCE_BYTES: usize = 24;
const SIGNATURE_BYTES: usize = 64;

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key file {0} cannot be read or written")]
    File(PathBuf, #[source] io::Error),
    #[error("the key file {0} can be read by other users of this machine; run: chmod 600 {0}")]
    TooOpen(PathBuf),
    #[error("the key file {0} is not one of this program's; put back the one that belongs to the data")]
    NotAKey(PathBuf),
    #[error("the sealed value was made with another key or has been changed")]
    Unsealable,
}

/// Everything derived from one master key. Cheap operations; nothing here blocks except opening.
pub struct KeyRing {
    master: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Reads the key file, or makes it with a new key when there is none. A new file is on disk before this returns, readable by its owner only.
    pub fn open_or_create(path: &Path, rng: &dyn Rng) -> Result<Self, KeyError> {
        match Self::open(path) {
            Err(KeyError::File(_, error)) if error.kind() == io::ErrorKind::NotFound => Self::create(path, rng),
            opened => opened,
        }
    }

    /// Reads the key file; it must exist.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File(path.to_owned(), error);
        let mode = fs::metadata(path).map_err(failed)?.mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::TooOpen(path.to_owned()));
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        let master =
            text.strip_prefix(FILE_HEADER).map(str::trim_end).and_then(from_hex).ok_or_else(|| KeyError::NotAKey(path.to_owned()))?;
        Ok(Self { master: Zeroizing::new(master) })
    }

    fn create(path: &Path, rng: &dyn Rng) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File(path.to_owned(), error);
        let ring = Self::from_master(rng.bytes());
        let text = Zeroizing::new(format!("{FILE_HEADER}{}\n", to_hex(ring.master.as_slice())));
        let partial = path.with_extension("partial");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        // A link, unlike a rename, never replaces a key that another process made in the meantime.
        let linked = fs::hard_link(&partial, path);
        fs::remove_file(&partial).map_err(failed)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Self::open(path),
            other => other.map_err(failed)?,
        }
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(ring)
    }

    /// A key ring of a known master key, for tests and for restoring from a key bundle.
    pub fn from_master(master: [u8; 32]) -> Self {
        Self { master: Zeroizing::new(master) }
    }

    /// A key for one purpose. Keys of two purposes tell nothing of each other.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut hasher = blake3::Hasher::new_keyed(&self.master);
        hasher.update(b"yanshu/derive/1/");
        hasher.update(purpose.as_bytes());
        Zeroizing::new(*hasher.finalize().as_bytes())
    }

    /// A keyed hash of several values, unambiguous about where one ends and the next begins.
    pub fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.derive(purpose));
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }

    /// Encrypts `plain` so that only this key ring, the same purpose and the same `context` open it.
    pub fn seal(&self, purpose: &str, context: &[u8], plain: &[u8], rng: &dyn Rng) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = rng.bytes();
        let sealed = self
            .cipher(purpose)
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: context })
            .expect("a message in memory is below the cipher's limit of 256 GiB");
        [&[ALGORITHM_TAG], nonce.as_slice(), &sealed].concat()
    }

    /// Reverses [`seal`](Self::seal).
    pub fn unseal(&self, purpose: &str, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let body = sealed.strip_prefix(&[ALGORITHM_TAG]).ok_or(KeyError::Unsealable)?;
        let (nonce, body) = body.split_at_checked(NONCE_BYTES).ok_or(KeyError::Unsealable)?;
        let plain = self.cipher(purpose).decrypt(XNonce::from_slice(nonce), Payload { msg: body, aad: context });
        plain.map(Zeroizing::new).map_err(|_| KeyError::Unsealable)
    }

    /// Signs `message`; anyone with [`public_key`](Self::public_key) can check it.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> Vec<u8> {
        let signature = self.signing_key(purpose).sign(message);
        [&[ALGORITHM_TAG], signature.to_bytes().as_slice()].concat()
    }

    /// Whether `signature` was made by [`sign`](Self::sign) over this message.
    pub fn verify(&self, purpose: &str, message: &[u8], signature: &[u8]) -> bool {
        let bytes: Option<[u8; SIGNATURE_BYTES]> = signature.strip_prefix(&[ALGORITHM_TAG]).and_then(|bytes| bytes.try_into().ok());
        bytes.is_some_and(|bytes| self.signing_key(purpose).verifying_key().verify(message, &Signature::from_bytes(&bytes)).is_ok())
    }

    pub fn public_key(&self, purpose: &str) -> [u8; 32] {
        self.signing_key(purpose).verifying_key().to_bytes()
    }

    /// Tells key rings apart without revealing anything; stored with the data so that a wrong key file is noticed at start.
    pub fn fingerprint(&self) -> String {
        to_hex(&self.derive("fingerprint")[..8])
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.derive(purpose).as_slice().into())
    }

    fn signing_key(&self, purpose: &str) -> SigningKey {
        SigningKey::from_bytes(&self.derive(purpose))
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn rng() -> Counting {
        Counting(std::sync::atomic::AtomicU8::new(3))
    }

    #[test]
    fn a_key_file_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = KeyRing::open_or_create(&path, &rng()).unwrap();
        let read = KeyRing::open_or_create(&path, &rng()).unwrap();
        assert_eq!(made.fingerprint(), read.fingerprint());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_that_others_can_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        KeyRing::open_or_create(&path, &rng()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(KeyRing::open(&path), Err(KeyError::TooOpen(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "hello").unwrap();
        assert!(matches!(KeyRing::open(&path), Err(KeyError::NotAKey(_))));
    }

    #[test]
    fn a_sealed_value_opens_only_with_its_key_purpose_and_context() {
        let keys = KeyRing::from_master([7; 32]);
        let sealed = keys.seal("uploads", b"imp_1", b"secret", &rng());
        assert_eq!(keys.unseal("uploads", b"imp_1", &sealed).unwrap().as_slice(), b"secret");
        assert!(keys.unseal("uploads", b"imp_2", &sealed).is_err());
        assert!(keys.unseal("totp", b"imp_1", &sealed).is_err());
        assert!(KeyRing::from_master([8; 32]).unseal("uploads", b"imp_1", &sealed).is_err());
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(keys.unseal("uploads", b"imp_1", &changed).is_err());
            assert!(keys.unseal("uploads", b"imp_1", &sealed[..index]).is_err());
        }
    }

    #[test]
    fn a_keyed_hash_knows_where_its_parts_end() {
        let keys = KeyRing::from_master([7; 32]);
        assert_ne!(keys.keyed_hash("a", &[b"ab", b"c"]), keys.keyed_hash("a", &[b"a", b"bc"]));
        assert_ne!(keys.keyed_hash("a", &[b"x"]), keys.keyed_hash("b", &[b"x"]));
    }

    #[test]
    fn a_signature_holds_for_its_message_only() {
        let keys = KeyRing::from_master([7; 32]);
        let signature = keys.sign("audit", b"checkpoint 1");
        assert!(keys.verify("audit", b"checkpoint 1", &signature));
        assert!(!keys.verify("audit", b"checkpoint 2", &signature));
        assert!(!keys.verify("other", b"checkpoint 1", &signature));
        assert!(!keys.verify("audit", b"checkpoint 1", b""));
    }
}
