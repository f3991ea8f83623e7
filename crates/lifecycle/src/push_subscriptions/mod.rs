//! Push subscriptions (RFC 8620 §7.2): addresses of push services that are told, on behalf of a client, when something of its account changes.
//!
//! A subscription belongs to what it was made with, a session or a password, and is gone with it. Nothing but one verification is sent to its address
//! until the client has shown the code from it. The address and the keys are sealed, are told nobody, and go with the row.
//!
//! What is to be sent follows from the rows alone: the account's change number is higher than what was told. So nothing is lost when a server dies, and
//! [`due`] finds it on whichever node. [`claim`] gives one subscription to one node for a while, [`settle`] notes how it went. How a push travels is
//! the worker's business.

mod address;
mod delivery;
mod encryption;
mod repo;
mod server_key;

use directory::access::{Denied, Permission, Target, authorize};
use identity::credentials::Credential;
use kernel::{Actor, Ctx, IdentityId, MemberId, PushSubscriptionId, Timestamp};
use mail::mail_accounts;
use serde::{Deserialize, Serialize};
use store::{KeyError, KeyRing, Notice, StoreError, Tx};

pub use address::{Address, AddressError, Host};
pub use delivery::{
    Candidate, Claimed, Content, LEASE_SECS, MAX_FAILURES, Outcome, claim, clean, due, new_ones, remove_ended, settle, sweep,
};
pub use encryption::{ClientKeys, KeysError, encrypt};
pub use server_key::{ServerKey, ServerKeyError, server_key};

/// The topic of [`Notice::Changed`] when one was made: its verification is to be sent.
pub const TOPIC: &str = "push_subscriptions";

/// How many of one member there may be.
pub const MAX_PER_MEMBER: u64 = 50;
/// How many a member may make in an hour.
pub const MAX_MADE_PER_HOUR: u64 = 30;
/// How long one lives at most that was made with a password; RFC 8620 §7.2 asks for at least a week.
pub const MAX_LIFETIME_SECS: i64 = 7 * 24 * 3600;
/// After how long one is given up that nobody has verified.
const UNVERIFIED_SECS: i64 = 24 * 3600;
const MAX_DEVICE_CLIENT_ID_BYTES: usize = 255;
const MAX_TYPES: usize = 50;
const MAX_TYPE_BYTES: usize = 100;

/// As its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSubscription {
    pub id: PushSubscriptionId,
    pub device_client_id: String,
    /// `None` until the client has shown it.
    pub verification_code: Option<String>,
    pub expires_at: Option<Timestamp>,
    /// `None` for all.
    pub types: Option<Vec<String>>,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct NewPushSubscription {
    pub device_client_id: String,
    pub address: Address,
    pub keys: Option<ClientKeys>,
    pub expires_at: Option<Timestamp>,
    pub types: Option<Vec<String>>,
}

/// What a client wants changed.
#[derive(Debug, Clone, Default)]
pub struct PushSubscriptionPatch {
    /// What it has read in the verification.
    pub verification_code: Option<String>,
    pub expires_at: Option<Option<Timestamp>>,
    pub types: Option<Option<Vec<String>>>,
}

/// Where pushes go. Not `Debug`: whoever knows the address can push.
#[derive(Clone, Serialize, Deserialize)]
pub struct PushTarget {
    pub address: Address,
    pub keys: Option<ClientKeys>,
}

#[derive(Debug, thiserror::Error)]
pub enum PushSubscriptionError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the push subscription does not exist")]
    NotFound,
    #[error("a member has at most {limit} push subscriptions")]
    TooMany { limit: u64 },
    #[error("too many push subscriptions were made within an hour")]
    TooOften,
    #[error("{field} is too long")]
    TooLong { field: &'static str },
    #[error("the verification code is another")]
    WrongCode,
    #[error("the time has passed")]
    Past,
    #[error("a stored push subscription cannot be opened")]
    Sealed(#[from] KeyError),
    #[error("could not read or write the push subscription")]
    Store(#[from] StoreError),
}
kernel::faults! { PushSubscriptionError:
    PushSubscriptionError::Denied(inner) => inner,
    PushSubscriptionError::NotFound => NotFound "push_subscription_not_found",
    PushSubscriptionError::TooMany { limit } => LimitReached "push_subscriptions_full" { limit },
    PushSubscriptionError::TooOften => Throttled "push_subscriptions_too_often",
    PushSubscriptionError::TooLong { field } => Invalid "push_subscription_too_long" { field },
    PushSubscriptionError::WrongCode => Invalid "push_verification_code_wrong",
    PushSubscriptionError::Past => Invalid "push_subscription_past",
    PushSubscriptionError::Sealed(_) => Internal "internal_error",
    PushSubscriptionError::Store(inner) => inner,
}

/// Whose subscriptions the caller looks at: those of the member that were made with what it has signed in with.
struct Own<'a> {
    member: MemberId,
    identity: IdentityId,
    credential: &'a Credential,
}

fn own<'a>(ctx: &Ctx, tx: &mut Tx, credential: &'a Credential) -> Result<Own<'a>, Denied> {
    let Actor::Member { member_id, identity_id, .. } = ctx.actor else { return Err(Denied::Unauthenticated) };
    authorize(ctx, tx, Permission::UseOwnAccount, Target::Own(member_id))?;
    Ok(Own { member: member_id, identity: identity_id, credential })
}

/// Those that were made with `credential`, the oldest first.
pub fn list(ctx: &Ctx, tx: &mut Tx, credential: &Credential) -> Result<Vec<PushSubscription>, PushSubscriptionError> {
    let own = own(ctx, tx, credential)?;
    Ok(repo::list(tx, ctx.org, own.member, credential, ctx.now)?)
}

/// Makes one; its verification is sent as soon as this has committed.
pub fn create(
    ctx: &Ctx,
    tx: &mut Tx,
    keys: &KeyRing,
    credential: &Credential,
    new: &NewPushSubscription,
) -> Result<PushSubscription, PushSubscriptionError> {
    let own = own(ctx, tx, credential)?;
    if new.device_client_id.is_empty() || new.device_client_id.len() > MAX_DEVICE_CLIENT_ID_BYTES {
        return Err(PushSubscriptionError::TooLong { field: "deviceClientId" });
    }
    check_types(new.types.as_deref())?;
    let expires_at = bounded(ctx, own.credential, new.expires_at)?;
    if repo::count(tx, ctx.org, own.member)? >= MAX_PER_MEMBER {
        return Err(PushSubscriptionError::TooMany { limit: MAX_PER_MEMBER });
    }
    if repo::note_made(tx, ctx.org, own.member, ctx.now, ctx.now.plus_secs(-3600))? > MAX_MADE_PER_HOUR {
        return Err(PushSubscriptionError::TooOften);
    }
    let account = mail_accounts::find_of_member(tx, ctx.org, own.member)?;
    let id: PushSubscriptionId = ctx.new_id();
    let code: String = ctx.rng.bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
    let target = PushTarget { address: new.address.clone(), keys: new.keys.clone() };
    let target = serde_json::to_vec(&target).map_err(|_| StoreError::Unsupported("an address is text"))?;
    repo::insert(
        tx,
        &repo::Row {
            org: ctx.org,
            id,
            member: own.member,
            identity: own.identity,
            account: account.as_ref().map(|account| account.id),
            credential: own.credential.clone(),
            device_client_id: new.device_client_id.clone(),
            sealed_target: keys.seal(PURPOSE, &context(ctx.org, id), &target, &*ctx.rng),
            types: new.types.clone(),
            verification_code: code,
            stage: repo::Stage::New,
            expires_at,
            // What changes from now on is news, whenever the client shows the code.
            told: account.map_or(0, |account| account.change_number),
            failures: 0,
        },
        ctx.now,
    )?;
    tx.publish(Notice::Changed { org: ctx.org, topic: TOPIC });
    Ok(PushSubscription {
        id,
        device_client_id: new.device_client_id.clone(),
        verification_code: None,
        expires_at,
        types: new.types.clone(),
    })
}

/// Changes one; answers it as it is now.
pub fn update(
    ctx: &Ctx,
    tx: &mut Tx,
    credential: &Credential,
    id: PushSubscriptionId,
    patch: &PushSubscriptionPatch,
) -> Result<PushSubscription, PushSubscriptionError> {
    let own = own(ctx, tx, credential)?;
    let row = find_own(ctx, tx, &own, id)?;
    if let Some(code) = &patch.verification_code {
        // 128 bits of chance cannot be guessed, however long a comparison takes.
        if *code != row.verification_code {
            return Err(PushSubscriptionError::WrongCode);
        }
        repo::set_verified(tx, ctx.org, id)?;
        if let Some(account) = row.account {
            // Something may have changed since it was made.
            tx.publish(Notice::Mail { org: ctx.org, account, change_number: row.told });
        }
    }
    if let Some(expires_at) = patch.expires_at {
        let expires_at = bounded(ctx, own.credential, expires_at)?;
        repo::set_expires(tx, ctx.org, id, expires_at)?;
    }
    if let Some(types) = &patch.types {
        check_types(types.as_deref())?;
        repo::set_types(tx, ctx.org, id, types.as_deref())?;
    }
    find_own(ctx, tx, &own, id).map(repo::Row::into_shown)
}

/// Removes one, with its address and keys.
pub fn destroy(ctx: &Ctx, tx: &mut Tx, credential: &Credential, id: PushSubscriptionId) -> Result<(), PushSubscriptionError> {
    let own = own(ctx, tx, credential)?;
    find_own(ctx, tx, &own, id)?;
    repo::delete(tx, ctx.org, id)?;
    Ok(())
}

fn find_own(ctx: &Ctx, tx: &mut Tx, own: &Own<'_>, id: PushSubscriptionId) -> Result<repo::Row, PushSubscriptionError> {
    let found = repo::find(tx, ctx.org, id)?.filter(|row| {
        row.member == own.member && row.credential == *own.credential && row.expires_at.is_none_or(|expires_at| expires_at > ctx.now)
    });
    found.ok_or(PushSubscriptionError::NotFound)
}

/// RFC 8620 §7.2: what was made with a session ends with it and has no other bound; what was made with a password is renewed from time to time.
fn bounded(ctx: &Ctx, credential: &Credential, wanted: Option<Timestamp>) -> Result<Option<Timestamp>, PushSubscriptionError> {
    if wanted.is_some_and(|wanted| wanted <= ctx.now) {
        return Err(PushSubscriptionError::Past);
    }
    if credential.is_time_bounded() {
        return Ok(wanted);
    }
    let most = ctx.now.plus_secs(MAX_LIFETIME_SECS);
    Ok(Some(wanted.map_or(most, |wanted| wanted.min(most))))
}

fn check_types(types: Option<&[String]>) -> Result<(), PushSubscriptionError> {
    let too_long = |types: &[String]| types.len() > MAX_TYPES || types.iter().any(|name| name.len() > MAX_TYPE_BYTES);
    if types.is_some_and(too_long) { Err(PushSubscriptionError::TooLong { field: "types" }) } else { Ok(()) }
}

const PURPOSE: &str = "push-subscription";

fn context(org: kernel::OrgId, id: PushSubscriptionId) -> Vec<u8> {
    format!("{org}/{id}").into_bytes()
}
