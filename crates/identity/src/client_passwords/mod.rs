//! 客户端专用密码: passwords for mail programs, made by the server, each for one program, ended one by one.
//!
//! A client password opens mail protocols and never a page, so a phone that is lost gives away mail and not the account. It has 120 bits of chance, so
//! it is kept by a keyed hash and costs no argon2id; beside it lies a SCRAM verifier, which cannot be made later, when the password is gone.

mod create;
pub(crate) mod repo;
mod secret;

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members;
use kernel::{Actor, ClientPasswordId, Ctx, IdentityId, MemberId, OrgId, Timestamp};
use serde_json::json;
use store::{Notice, StoreError, Tx};

use crate::protocols::Protocol;

pub use create::{CreateError, Created, NewClientPassword, create, create_as_operator};
pub(crate) use secret::Secret;

/// More than anybody has devices; what is more is forgotten ones.
pub const MAX_PER_MEMBER: usize = 50;
pub const NAME_MAX_CHARS: usize = 64;

/// One client password, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPassword {
    pub id: ClientPasswordId,
    /// What its owner calls it.
    pub name: String,
    pub protocols: Vec<Protocol>,
    pub created_at: Timestamp,
    /// `None`: until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// To within a few minutes.
    pub last_used_at: Option<Timestamp>,
    pub last_used_ip: Option<String>,
    pub last_used_protocol: Option<Protocol>,
}

#[derive(Debug, thiserror::Error)]
pub enum ClientPasswordError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the client password does not exist")]
    NotFound,
    #[error("could not read or change client passwords")]
    Store(#[from] StoreError),
}
kernel::faults! { ClientPasswordError:
    ClientPasswordError::Denied(inner) => inner,
    ClientPasswordError::NotFound => NotFound "client_password_not_found",
    ClientPasswordError::Store(inner) => inner,
}

/// The actor's own, the latest first; expired ones too, until they are revoked.
pub fn list(ctx: &Ctx, tx: &mut Tx) -> Result<Vec<ClientPassword>, ClientPasswordError> {
    let (_, identity) = own(ctx, tx)?;
    Ok(repo::list(tx, ctx.org, identity)?)
}

/// Ends one of the actor's own: programs that use it are signed out at once.
pub fn revoke(ctx: &Ctx, tx: &mut Tx, id: ClientPasswordId) -> Result<(), ClientPasswordError> {
    let (member, identity) = own(ctx, tx)?;
    let name = repo::delete(tx, ctx.org, identity, id)?.ok_or(ClientPasswordError::NotFound)?;
    tx.publish(Notice::SessionsRevoked { identity });
    let target = AuditTarget::member(member, members::name_of_present(tx, ctx.org, member)?.unwrap_or_default());
    audit::record(ctx, tx, AuditEvent::new("client_password.revoked", target).with_before(json!({ "name": name })))?;
    Ok(())
}

/// Ends all of an identity, with its password: for resets.
pub(crate) fn remove_all(tx: &mut Tx, identity: IdentityId) -> Result<(), StoreError> {
    repo::delete_all(tx, identity)
}

fn own(ctx: &Ctx, tx: &mut Tx) -> Result<(MemberId, IdentityId), Denied> {
    let Actor::Member { member_id, identity_id, .. } = ctx.actor else { return Err(Denied::Unauthenticated) };
    authorize(ctx, tx, Permission::UseOwnAccount, Target::Own(member_id))?;
    Ok((member_id, identity_id))
}

/// The client password of `identity` that was typed, when it is one for `protocol` and has not expired.
pub(crate) fn find_matching(
    tx: &mut Tx,
    org: OrgId,
    identity: IdentityId,
    secret_hash: &[u8],
    protocol: Protocol,
    now: Timestamp,
) -> Result<Option<ClientPassword>, StoreError> {
    let found = repo::find_by_hash(tx, org, identity, secret_hash)?;
    Ok(found.filter(|found| found.protocols.contains(&protocol) && found.expires_at.is_none_or(|end| end > now)))
}
