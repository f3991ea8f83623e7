//! SCRAM-SHA-256 as a server reads and writes it: RFC 5802, RFC 7677. Texts and arithmetic; who the name is, and what is stored, is for
//! [`crate::protocols`] to find.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// RFC 7677 asks for 4096 at least; with 120 bits of chance more buys nothing.
pub(crate) const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).expect("not zero");
pub(crate) const SALT_BYTES: usize = 16;
/// Of each message; names have 320 at most, and what else stands in them is short.
const MAX_BYTES: usize = 2048;

type Sha256 = [u8; digest::SHA256_OUTPUT_LEN];

/// How the client wants the exchange bound to its channel. RFC 5802 §6
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelBinding {
    /// `n`: it does not know how.
    Unsupported,
    /// `y`: it does, and believes that the server does not.
    NotOffered,
    /// `p=…`: by what this type says.
    Of(String),
}

/// `client-first-message`. RFC 5802 §7
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFirst {
    pub binding: ChannelBinding,
    /// For whom to act, when that is said.
    pub authorization: Option<String>,
    pub name: String,
    /// `gs2-header`, as it was sent.
    header: String,
    /// `client-first-message-bare`, as it was sent.
    bare: String,
    nonce: String,
}

impl ClientFirst {
    /// `None` for what is no such message, or asks for an extension that is not known.
    pub fn read(message: &[u8]) -> Option<Self> {
        let text = text(message)?;
        let (flag, rest) = text.split_once(',')?;
        let (authorization, bare) = rest.split_once(',')?;
        let binding = match flag {
            "n" => ChannelBinding::Unsupported,
            "y" => ChannelBinding::NotOffered,
            _ => ChannelBinding::Of(flag.strip_prefix("p=").filter(|name| !name.is_empty())?.to_owned()),
        };
        let authorization = match authorization {
            "" => None,
            named => Some(name(named.strip_prefix("a=")?)?),
        };
        // A mandatory extension, `m=`, would stand before the name: RFC 5802 §5.1.
        let mut attributes = bare.split(',');
        let name = name(attributes.next()?.strip_prefix("n=")?)?;
        let nonce = attributes.next()?.strip_prefix("r=").filter(|nonce| is_nonce(nonce))?.to_owned();
        let header = text[..text.len() - bare.len()].to_owned();
        Some(Self { binding, authorization, name, header, bare: bare.to_owned(), nonce })
    }

    /// Answers it: what is to be sent, and what the next message is held against. `chance` is the server's part of the nonce.
    pub fn answer(&self, salt: &[u8], chance: &[u8]) -> ServerFirst {
        let nonce = format!("{}{}", self.nonce, STANDARD.encode(chance));
        let message = format!("r={nonce},s={},i={ITERATIONS}", STANDARD.encode(salt));
        ServerFirst { message, nonce }
    }
}

/// `server-first-message`.
#[derive(Debug, Clone)]
pub struct ServerFirst {
    pub message: String,
    nonce: String,
}

/// What the client has proven, if it has; to be held against what is stored.
#[derive(Debug, Clone)]
pub struct Proof {
    auth_message: String,
    proof: Sha256,
}

impl Proof {
    /// From `client-final-message`; `bound_to` are the octets of the channel binding that the client chose, or none. `None` when it is no such message, or
    /// speaks of another exchange or another channel.
    pub fn read(first: &ClientFirst, answered: &ServerFirst, message: &[u8], bound_to: &[u8]) -> Option<Self> {
        let text = text(message)?;
        let (without_proof, proof) = text.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let bound = STANDARD.decode(attributes.next()?.strip_prefix("c=")?).ok()?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        let expected = [first.header.as_bytes(), bound_to].concat();
        if nonce != answered.nonce || !bool::from(bound.ct_eq(&expected)) || attributes.any(|attribute| attribute.starts_with("m=")) {
            return None;
        }
        let proof = STANDARD.decode(proof).ok()?.try_into().ok()?;
        Some(Self { auth_message: format!("{},{},{without_proof}", first.bare, answered.message), proof })
    }

    /// Whether it proves knowledge of the password behind the verifier.
    pub(crate) fn proves(&self, verifier: &Verifier) -> bool {
        let signature = sign(&verifier.stored_key, self.auth_message.as_bytes());
        let client_key: Vec<u8> = signature.iter().zip(self.proof).map(|(left, right)| left ^ right).collect();
        digest::digest(&digest::SHA256, &client_key).as_ref().ct_eq(&verifier.stored_key).into()
    }

    /// `server-final-message`: the server knows the password's verifier, too.
    pub(crate) fn answer(&self, verifier: &Verifier) -> String {
        format!("v={}", STANDARD.encode(sign(&verifier.server_key, self.auth_message.as_bytes())))
    }
}

/// What is kept of a password.
#[derive(Clone)]
pub(crate) struct Verifier {
    pub(crate) salt: Vec<u8>,
    stored_key: Sha256,
    server_key: Sha256,
}

impl Verifier {
    pub(crate) fn of(password: &str, salt: &[u8]) -> Self {
        let mut salted = Zeroizing::new([0; digest::SHA256_OUTPUT_LEN]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt, password.as_bytes(), &mut *salted);
        let client_key = Zeroizing::new(sign(&*salted, b"Client Key"));
        let mut stored_key = Sha256::default();
        stored_key.copy_from_slice(digest::digest(&digest::SHA256, &*client_key).as_ref());
        Self { salt: salt.to_vec(), stored_key, server_key: sign(&*salted, b"Server Key") }
    }

    /// One that nothing proves; to be held against where there is none, so that this takes as long.
    pub(crate) fn of_nobody() -> Self {
        Self { salt: Vec::new(), stored_key: Sha256::default(), server_key: Sha256::default() }
    }

    /// `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`. RFC 5803 §2
    pub(crate) fn stored(&self) -> String {
        let [salt, stored_key, server_key] = [&self.salt[..], &self.stored_key, &self.server_key].map(|octets| STANDARD.encode(octets));
        format!("SCRAM-SHA-256${ITERATIONS}:{salt}${stored_key}:{server_key}")
    }

    /// `None` for one of another kind.
    pub(crate) fn from_stored(stored: &str) -> Option<Self> {
        let rest = stored.strip_prefix("SCRAM-SHA-256$")?.strip_prefix(&format!("{ITERATIONS}:"))?;
        let (salt, keys) = rest.split_once('$')?;
        let (stored_key, server_key) = keys.split_once(':')?;
        let key = |text: &str| -> Option<Sha256> { STANDARD.decode(text).ok()?.try_into().ok() };
        Some(Self { salt: STANDARD.decode(salt).ok()?, stored_key: key(stored_key)?, server_key: key(server_key)? })
    }
}

fn sign(key: &[u8], text: &[u8]) -> Sha256 {
    let mut signature = Sha256::default();
    signature.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref());
    signature
}

fn text(message: &[u8]) -> Option<&str> {
    (message.len() <= MAX_BYTES).then(|| std::str::from_utf8(message).ok()).flatten().filter(|text| !text.contains('\0'))
}

fn is_nonce(nonce: &str) -> bool {
    !nonce.is_empty() && nonce.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// `saslname`: RFC 5802 §5.1 writes a comma as `=2C` and an equals sign as `=3D`, and nothing else with one.
fn name(written: &str) -> Option<String> {
    let mut parts = written.split('=');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (character, rest) = match (part.strip_prefix("2C"), part.strip_prefix("3D")) {
            (Some(rest), _) => (',', rest),
            (_, Some(rest)) => ('=', rest),
            _ => return None,
        };
        name.push(character);
        name.push_str(rest);
    }
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677 §3.
    #[test]
    fn the_example_of_the_rfc_signs_in() {
        let first = ClientFirst::read(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO").unwrap();
        assert_eq!((first.name.as_str(), &first.binding), ("user", &ChannelBinding::Unsupported));
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let message = format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        let answered = ServerFirst { message, nonce: nonce.into() };
        let last = format!("c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let proof = Proof::read(&first, &answered, last.as_bytes(), b"").unwrap();
        let verifier = Verifier::of("pencil", &STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap());
        let verifier = Verifier::from_stored(&verifier.stored()).unwrap();
        assert!(proof.proves(&verifier));
        assert_eq!(proof.answer(&verifier), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert!(!proof.proves(&Verifier::of("pencils", &verifier.salt)) && !proof.proves(&Verifier::of_nobody()));
        assert!(Proof::read(&first, &answered, last.as_bytes(), b"another channel").is_none());
        assert!(Proof::read(&first, &answered, last.replace("k0,", "k1,").as_bytes(), b"").is_none());
        assert!(Proof::read(&first, &answered, last.replace("c=biws", "c=eSws").as_bytes(), b"").is_none(), "the flag was another");
    }

    #[test]
    fn names_are_written_with_their_commas_apart() {
        let first = ClientFirst::read(b"p=tls-exporter,a=bo=2Css,n=a=3Db=2Cc,r=x,e=1").unwrap();
        assert_eq!((first.name.as_str(), first.authorization.as_deref()), ("a=b,c", Some("bo,ss")));
        assert_eq!(first.binding, ChannelBinding::Of("tls-exporter".into()));
        assert_eq!(first.header, "p=tls-exporter,a=bo=2Css,");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let long = format!("n,,n={},r=x", "a".repeat(3000));
        for wrong in [
            "",
            "n",
            "n,,",
            "n,,n=user",
            "n,,n=,r=x",
            "n,,n=us=er,r=x",
            "n,,m=1,n=user,r=x",
            "z,,n=user,r=x",
            "p=,,n=user,r=x",
            "n,b=x,n=user,r=x",
            "n,,n=user,r=",
            "n,,r=x,n=user",
            "n,,n=us\0er,r=x",
            "n,,n=user,r=a b",
            &long,
        ] {
            assert_eq!(ClientFirst::read(wrong.as_bytes()), None, "{wrong}");
        }
        let first = ClientFirst::read(b"n,,n=user,r=x").unwrap();
        let answered = first.answer(b"salt", b"chance");
        for wrong in ["", "c=biws", "c=biws,r=x", "c=biws,p=", &format!("c=biws,r={},p=AAAA", answered.nonce)] {
            assert!(Proof::read(&first, &answered, wrong.as_bytes(), b"").is_none(), "{wrong}");
        }
    }
}
