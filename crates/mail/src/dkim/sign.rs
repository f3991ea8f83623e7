//! Signing a message.

use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{Canonicalization, DkimSigner};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};

use crate::submission::header_fields;

use super::{Algorithm, DkimError, SigningKey};

/// Signed whether there or not, so that none can be added on the way (RFC 6376 §5.4, §8.15).
const SEALED: [&str; 12] = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// Signed when there; lists and forwarders may add theirs. Received and Return-Path are not: they change on the way.
const SIGNED: [&str; 5] = ["Sender", "Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"];

/// The signatures of a message as header fields, each ended by CRLF, to stand in front of it. A message that has no header field to sign has none.
pub fn sign(message: &[u8], keys: &[SigningKey]) -> Result<Vec<u8>, DkimError> {
    let mut fields = Vec::new();
    for key in keys {
        match key.algorithm {
            Algorithm::Rsa => {
                let der = PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(key.private_key.as_slice()));
                let opened = RsaKey::<Sha256>::from_key_der(der).map_err(crypto)?;
                append(message, key, opened, &mut fields)?;
            }
            Algorithm::Ed25519 => {
                let opened = Ed25519Key::from_pkcs8_maybe_unchecked_der(&key.private_key).map_err(crypto)?;
                append(message, key, opened, &mut fields)?;
            }
        }
    }
    Ok(fields)
}

fn append(
    message: &[u8],
    key: &SigningKey,
    opened: impl mail_auth::common::crypto::SigningKey,
    fields: &mut Vec<u8>,
) -> Result<(), DkimError> {
    let signer = DkimSigner::from_key(opened)
        .domain(key.domain.as_str())
        .selector(key.selector.as_str())
        .headers(fields_to_sign(message))
        .header_canonicalization(Canonicalization::Relaxed)
        .body_canonicalization(Canonicalization::Relaxed);
    match signer.sign(message) {
        Ok(signature) => {
            signature.write_header(fields);
            Ok(())
        }
        Err(mail_auth::Error::NoHeadersFound) => Ok(()),
        Err(error) => Err(crypto(error)),
    }
}

/// The library signs each field as often as it is there, and one that is named once more also against being added.
fn fields_to_sign(message: &[u8]) -> Vec<&'static str> {
    let present: Vec<&[u8]> = header_fields(message).map(|field| &message[field.name]).collect();
    let is_present = |name: &str| present.iter().any(|own| own.eq_ignore_ascii_case(name.as_bytes()));
    let twice = SEALED.into_iter().filter(|name| is_present(name));
    SEALED.into_iter().chain(twice).chain(SIGNED.into_iter().filter(|name| is_present(name))).collect()
}

fn crypto(error: mail_auth::Error) -> DkimError {
    DkimError::Crypto(error.to_string())
}
