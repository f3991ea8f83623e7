//! Signing in by SCRAM: the program proves that it knows a client password, and never says it.
//!
//! All client passwords of an identity share one salt, which follows from the identity, because the exchange names the account before it is known which
//! of them the program has; each is tried. A name that nobody has gets a salt that follows from the name, and as much work.

use kernel::{Ctx, IdentityId};
use store::{KeyRing, Store};

use super::{Credential, Protocol, ProtocolSession, ProtocolSignInError, TOUCH_SECS, finish, login_of};
use crate::client_passwords::{self, MAX_PER_MEMBER};
use crate::scram::{Proof, SALT_BYTES, Verifier};
use crate::sign_in::{Account, find_account, normalised, tell_throttling};
use crate::throttle::{self, Attempt};

const PURPOSE: &str = "scram-salt";

/// The salt that is told for a name, whoever has it or not.
pub async fn scram_salt(store: &Store, ctx: &Ctx, login: &str) -> Result<Vec<u8>, ProtocolSignInError> {
    let (login, keys_of, now) = (login_of(login), store.clone(), ctx.now);
    store
        .read(move |tx| {
            let account = find_account(tx, &login, now)?;
            let identity = account.and_then(|account| account.identity).map(|identity| identity.id);
            Ok(match identity {
                Some(identity) => salt_of(keys_of.keys(), identity).to_vec(),
                None => salt(keys_of.keys(), b"name", normalised(&login).as_bytes()).to_vec(),
            })
        })
        .await
}

/// Of all client passwords of an identity.
pub(crate) fn salt_of(keys: &KeyRing, identity: IdentityId) -> [u8; SALT_BYTES] {
    salt(keys, b"identity", &identity.raw().to_le_bytes())
}

fn salt(keys: &KeyRing, kind: &[u8], of: &[u8]) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    salt.copy_from_slice(&keys.keyed_hash(PURPOSE, &[kind, of])[..SALT_BYTES]);
    salt
}

/// Signs a program in that has proven to know a client password; answers also what proves the server to it. `None` stands for a proof that could not
/// be one, which is counted as a wrong password.
pub async fn sign_in_by_proof(
    store: &Store,
    ctx: &Ctx,
    login: &str,
    proof: Option<Proof>,
    protocol: Protocol,
) -> Result<(ProtocolSession, String), ProtocolSignInError> {
    let login = login_of(login);
    let attempt = Attempt::SignIn { account: normalised(&login), ip: ctx.ip };
    let (keys_of, now, asked) = (store.clone(), ctx.now, attempt.clone());
    let (account, proven) = store
        .read(move |tx| {
            let account = find_account(tx, &login, now)?;
            let known = match account.as_ref().and_then(|account| Some((account.org.id, account.identity.as_ref()?.id))) {
                Some((org, identity)) => client_passwords::repo::list_with_verifiers(tx, org, identity)?,
                None => Vec::new(),
            };
            let proven = proof.as_ref().and_then(|proof| tried(proof, known, protocol, now));
            if proven.is_none() {
                throttle::must_wait(tx, keys_of.keys(), &asked, now)?;
            }
            Ok::<_, ProtocolSignInError>((account, proven))
        })
        .await?;
    let (Some(account), Some(proven)) = (&account, proven) else {
        return Err(refused(store, ctx, account.as_ref(), attempt).await);
    };
    let session = finish(store, ctx, account, protocol, Credential::Client(proven.id), proven.touch).await?;
    Ok((session, proven.answer))
}

struct Proven {
    id: kernel::ClientPasswordId,
    touch: bool,
    answer: String,
}

/// Tries as many as anybody may have, however many there are.
fn tried(
    proof: &Proof,
    known: Vec<(client_passwords::ClientPassword, String)>,
    protocol: Protocol,
    now: kernel::Timestamp,
) -> Option<Proven> {
    let nobody = Verifier::of_nobody();
    let mut proven = None;
    let missing = MAX_PER_MEMBER.saturating_sub(known.len());
    for (password, stored) in known {
        let verifier = Verifier::from_stored(&stored).unwrap_or_else(|| nobody.clone());
        let opens = password.protocols.contains(&protocol) && password.expires_at.is_none_or(|end| end > now);
        if proof.proves(&verifier) && opens {
            let touch = password.last_used_at.is_none_or(|last| now.secs_since(last) > TOUCH_SECS);
            proven = Some(Proven { id: password.id, touch, answer: proof.answer(&verifier) });
        }
    }
    for _ in 0..missing {
        std::hint::black_box(proof.proves(&nobody));
    }
    proven
}

/// Counted as any wrong password is.
async fn refused(store: &Store, ctx: &Ctx, account: Option<&Account>, attempt: Attempt) -> ProtocolSignInError {
    let (keys_of, now) = (store.clone(), ctx.now);
    match store.write(move |tx| throttle::admit(tx, keys_of.keys(), &attempt, now)).await {
        Ok(admitted) => {
            tell_throttling(store, ctx, account, &admitted);
            ProtocolSignInError::Wrong
        }
        Err(error) => error.into(),
    }
}
