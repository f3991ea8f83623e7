//! A member makes a client password for one of its programs.

use std::sync::Arc;

use directory::access::Denied;
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members;
use kernel::{Actor, Ctx, Fault, FaultKind, FieldFault, IdentityId, MemberId, Params, Timestamp};
use serde_json::json;
use store::{KeyRing, Store, StoreError, Tx};
use zeroize::Zeroizing;

use super::{ClientPassword, MAX_PER_MEMBER, NAME_MAX_CHARS, Secret, own, repo};
use crate::passwords::{Busy, Hasher, Password};
use crate::protocols::Protocol;
use crate::sign_in::{ChangePasswordError, CurrentPasswordWrong, prove_own_password};
use crate::throttle::ThrottleError;

#[derive(Debug, Clone)]
pub struct NewClientPassword {
    pub name: String,
    /// At least one; each once.
    pub protocols: Vec<Protocol>,
    pub expires_at: Option<Timestamp>,
    /// The member's own: a stolen session or an unattended screen does not make lasting ways in.
    pub current_password: Password,
}

pub struct Created {
    pub client_password: ClientPassword,
    /// Told once; stored nowhere.
    pub password: Zeroizing<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("a client password needs a name of at most {NAME_MAX_CHARS} characters")]
    BadName,
    #[error("a client password needs a protocol")]
    NoProtocol,
    #[error("a client password cannot end in the past")]
    EndsInThePast,
    #[error("there are {MAX_PER_MEMBER} client passwords already")]
    TooMany,
    #[error(transparent)]
    Wrong(#[from] CurrentPasswordWrong),
    #[error(transparent)]
    Throttled(#[from] ThrottleError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("could not make the client password")]
    Store(#[from] StoreError),
}

impl From<ChangePasswordError> for CreateError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Wrong(inner) => inner.into(),
            ChangePasswordError::Throttled(inner) => inner.into(),
            ChangePasswordError::Denied(inner) => inner.into(),
            ChangePasswordError::Busy(inner) => inner.into(),
            ChangePasswordError::Store(inner) => inner.into(),
            // Proving the password changes none, so no rule of a new one can be in the way.
            ChangePasswordError::Policy(_) | ChangePasswordError::ChangedMeanwhile => Denied::Unauthenticated.into(),
        }
    }
}

impl Fault for CreateError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(inner) => inner.kind(),
            Self::BadName | Self::NoProtocol | Self::EndsInThePast => FaultKind::Invalid,
            Self::TooMany => FaultKind::LimitReached,
            Self::Wrong(inner) => inner.kind(),
            Self::Throttled(inner) => inner.kind(),
            Self::Busy(inner) => inner.kind(),
            Self::Store(inner) => inner.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(inner) => inner.code(),
            Self::BadName => "client_password_name",
            Self::NoProtocol => "client_password_protocols",
            Self::EndsInThePast => "client_password_expiry",
            Self::TooMany => "too_many_client_passwords",
            Self::Wrong(inner) => inner.code(),
            Self::Throttled(inner) => inner.code(),
            Self::Busy(inner) => inner.code(),
            Self::Store(inner) => inner.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Denied(inner) => inner.params(),
            Self::BadName => [("max", NAME_MAX_CHARS.to_string())].into_iter().collect(),
            Self::TooMany => [("limit", MAX_PER_MEMBER.to_string())].into_iter().collect(),
            Self::Throttled(inner) => inner.params(),
            _ => Params::new(),
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let field = match self {
            Self::BadName => "name",
            Self::NoProtocol => "protocols",
            Self::EndsInThePast => "expires_at",
            Self::Wrong(inner) => return inner.fields(),
            _ => return Vec::new(),
        };
        vec![FieldFault { field: field.to_owned(), code: self.code(), params: self.params() }]
    }
}
kernel::codes! {
    Invalid "client_password_name",
    Invalid "client_password_protocols",
    Invalid "client_password_expiry",
    LimitReached "too_many_client_passwords",
}

/// Makes one for the actor's own mail, after its own password was proven again.
pub async fn create(store: &Store, hasher: &Arc<Hasher>, ctx: &Ctx, new: NewClientPassword) -> Result<Created, CreateError> {
    let client_password = checked(ctx, &new.name, new.protocols, new.expires_at)?;
    prove_own_password(store, hasher, ctx, new.current_password).await?;
    let secret = Secret::generate(&*ctx.rng);
    let password = secret.shown();
    let (ctx, keys_of) = (ctx.clone(), store.clone());
    let kept = client_password.clone();
    store
        .write(move |tx| {
            let whose = own(&ctx, tx)?;
            insert(&ctx, tx, keys_of.keys(), whose, &kept, &secret)
        })
        .await?;
    Ok(Created { client_password, password })
}

/// Makes one for any member, at the machine itself: for accounts of programs, and for trying things out. Only operators may; the log tells.
pub fn create_as_operator(
    ctx: &Ctx,
    tx: &mut Tx,
    keys: &KeyRing,
    member: MemberId,
    name: &str,
    protocols: Vec<Protocol>,
) -> Result<Created, CreateError> {
    if !matches!(ctx.actor, Actor::Operator { .. }) {
        return Err(Denied::Forbidden.into());
    }
    let client_password = checked(ctx, name, protocols, None)?;
    let identity = members::find(tx, ctx.org, member, ctx.now)?.and_then(|member| member.identity_id).ok_or(Denied::NotFound)?;
    let secret = Secret::generate(&*ctx.rng);
    insert(ctx, tx, keys, (member, identity), &client_password, &secret)?;
    Ok(Created { client_password, password: secret.shown() })
}

fn checked(ctx: &Ctx, name: &str, mut protocols: Vec<Protocol>, expires_at: Option<Timestamp>) -> Result<ClientPassword, CreateError> {
    let name = kernel::normalise(name);
    if name.is_empty() || name.chars().count() > NAME_MAX_CHARS || name.chars().any(char::is_control) {
        return Err(CreateError::BadName);
    }
    if expires_at.is_some_and(|end| end <= ctx.now) {
        return Err(CreateError::EndsInThePast);
    }
    protocols.sort_unstable();
    protocols.dedup();
    if protocols.is_empty() {
        return Err(CreateError::NoProtocol);
    }
    let (last_used_at, last_used_ip, last_used_protocol) = (None, None, None);
    Ok(ClientPassword {
        id: ctx.new_id(),
        name,
        protocols,
        created_at: ctx.now,
        expires_at,
        last_used_at,
        last_used_ip,
        last_used_protocol,
    })
}

fn insert(
    ctx: &Ctx,
    tx: &mut Tx,
    keys: &KeyRing,
    (member, identity): (MemberId, IdentityId),
    client_password: &ClientPassword,
    secret: &Secret,
) -> Result<(), CreateError> {
    if repo::count(tx, ctx.org, identity)? >= MAX_PER_MEMBER {
        return Err(CreateError::TooMany);
    }
    let row = repo::NewRow {
        org: ctx.org,
        identity,
        member,
        password: client_password,
        secret_hash: secret.hash(keys, identity),
        scram_verifier: secret.scram_verifier(keys, identity),
    };
    repo::insert(tx, &row)?;
    let target = AuditTarget::member(member, members::name_of_present(tx, ctx.org, member)?.unwrap_or_default());
    let after = json!({ "name": client_password.name, "protocols": client_password.protocols, "expires_at": client_password.expires_at });
    Ok(audit::record(ctx, tx, AuditEvent::new("client_password.created", target).with_after(after))?)
}
