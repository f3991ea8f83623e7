//! What a push service must not read: message encryption for Web Push (RFC 8291), which is `aes128gcm` (RFC 8188) with keys from the client's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Rng;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const POINT_BYTES: usize = 65;
const AUTH_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
/// RFC 8291 §4: all of a message is one record of at most so many bytes.
const RECORD_BYTES: u32 = 4096;
/// What of a record is not text: the header, the delimiter and the tag.
const OVERHEAD_BYTES: usize = SALT_BYTES + 4 + 1 + POINT_BYTES + 1 + 16;
/// The longest text that can be sent.
const MAX_PLAIN_BYTES: usize = RECORD_BYTES as usize - OVERHEAD_BYTES;

/// The keys of the client that is to read what is pushed (RFC 8620 §7.2).
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "EncodedKeys", into = "EncodedKeys")]
pub struct ClientKeys {
    public: PublicKey,
    auth: Zeroizing<[u8; AUTH_BYTES]>,
}

// Whoever knows the secret could write messages that the client takes for ours.
impl std::fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientKeys").finish_non_exhaustive()
    }
}

/// As clients write them.
#[derive(Serialize, Deserialize)]
struct EncodedKeys {
    p256dh: String,
    auth: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keys are not a P-256 public key and 16 octets, each in URL-safe base64")]
pub struct KeysError;

impl ClientKeys {
    /// Both in URL-safe base64, as browsers hand them out.
    pub fn read(p256dh: &str, auth: &str) -> Result<Self, KeysError> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| KeysError);
        let point = decode(p256dh)?;
        if point.len() != POINT_BYTES {
            return Err(KeysError);
        }
        // Also refuses what lies beside the curve, by which a secret could be found out.
        let public = PublicKey::from_sec1_bytes(&point).map_err(|_| KeysError)?;
        let auth = <[u8; AUTH_BYTES]>::try_from(decode(auth)?).map_err(|_| KeysError)?;
        Ok(Self { public, auth: Zeroizing::new(auth) })
    }
}

impl TryFrom<EncodedKeys> for ClientKeys {
    type Error = KeysError;

    fn try_from(keys: EncodedKeys) -> Result<Self, KeysError> {
        Self::read(&keys.p256dh, &keys.auth)
    }
}

impl From<ClientKeys> for EncodedKeys {
    fn from(keys: ClientKeys) -> Self {
        Self { p256dh: URL_SAFE_NO_PAD.encode(point(&keys.public)), auth: URL_SAFE_NO_PAD.encode(keys.auth.as_slice()) }
    }
}

fn point(key: &PublicKey) -> Vec<u8> {
    key.to_encoded_point(false).as_bytes().to_vec()
}

/// Draws until what was drawn is a key, which it nearly always is at once.
pub(super) fn random_key(rng: &dyn Rng) -> SecretKey {
    loop {
        let drawn = Zeroizing::new(rng.bytes::<32>());
        if let Ok(key) = SecretKey::from_slice(drawn.as_slice()) {
            return key;
        }
    }
}

/// The body of a request with `Content-Encoding: aes128gcm`; `None` when the text is longer than a push can be.
pub fn encrypt(keys: &ClientKeys, plain: &[u8], rng: &dyn Rng) -> Option<Vec<u8>> {
    encrypt_with(keys, plain, &random_key(rng), rng.bytes())
}

fn encrypt_with(keys: &ClientKeys, plain: &[u8], own: &SecretKey, salt: [u8; SALT_BYTES]) -> Option<Vec<u8>> {
    if plain.len() > MAX_PLAIN_BYTES {
        return None;
    }
    let own_point = point(&own.public_key());
    let shared = diffie_hellman(own.to_nonzero_scalar(), keys.public.as_affine());
    // RFC 8291 §3.3 and §3.4
    let info = [b"WebPush: info\0".as_slice(), &point(&keys.public), &own_point].concat();
    let input = derive::<32>(keys.auth.as_slice(), shared.raw_secret_bytes(), &info);
    let key = derive::<16>(&salt, input.as_slice(), b"Content-Encoding: aes128gcm\0");
    let nonce = derive::<12>(&salt, input.as_slice(), b"Content-Encoding: nonce\0");
    // RFC 8188 §2: the delimiter of the last record; this one is the only one.
    let mut record = [plain, &[2]].concat();
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.as_slice()).expect("the key has 16 bytes"));
    sealing
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut record)
        .expect("a record is below the cipher's limit");
    let id_length = u8::try_from(own_point.len()).expect("a point has 65 bytes");
    Some([salt.as_slice(), &RECORD_BYTES.to_be_bytes(), &[id_length], &own_point, &record].concat())
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], input: &[u8], info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut derived = Zeroizing::new([0; N]);
    Salt::new(HKDF_SHA256, salt)
        .extract(input)
        .expand(&[info], Length(N))
        .and_then(|material| material.fill(derived.as_mut_slice()))
        .expect("so few bytes can always be derived");
    derived
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    fn decode(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291 §5 and appendix A.
    #[test]
    fn the_example_of_the_rfc_comes_out_byte_for_byte() {
        let own = SecretKey::from_slice(&decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt = decode("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let keys = ClientKeys::read(P256DH, AUTH).unwrap();
        let body = encrypt_with(&keys, b"When I grow up, I want to be a watermelon", &own, salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_\
                        yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }

    #[test]
    fn a_message_fills_a_record_and_no_more() {
        let keys = ClientKeys::read(P256DH, AUTH).unwrap();
        let rng = testkit::SeededRng::new(1);
        assert_eq!(encrypt(&keys, &[b'x'; MAX_PLAIN_BYTES], &rng).unwrap().len(), RECORD_BYTES as usize);
        assert!(encrypt(&keys, &[b'x'; MAX_PLAIN_BYTES + 1], &rng).is_none());
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        assert!(ClientKeys::read(&format!("{P256DH}="), &format!("{AUTH}==")).is_ok());
        let beside_the_curve = URL_SAFE_NO_PAD.encode([&[4; 1][..], &[1; 64]].concat());
        let compressed = URL_SAFE_NO_PAD.encode([&[2; 1][..], &decode(P256DH)[1..33]].concat());
        for wrong in ["", "x", "!", &P256DH[1..], &beside_the_curve, &compressed] {
            assert!(ClientKeys::read(wrong, AUTH).is_err(), "{wrong}");
        }
        for wrong in ["", "x", &AUTH[2..], &format!("{AUTH}AAAA")] {
            assert!(ClientKeys::read(P256DH, wrong).is_err(), "{wrong}");
        }
    }
}
