use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members::{self, AccountKind, MemberState};
use directory::organisations;
use identity::identities::{self, Credential};
use kernel::{Ctx, MemberId, Timestamp};
use serde_json::json;
use store::{KeyRing, StoreError, Tx};
use zeroize::Zeroizing;

use super::create::initial_password;

/// A new initial password, told here and never again.
pub struct Reset {
    pub initial_password: Zeroizing<String>,
    pub expires_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the member is in the recycle bin")]
    InRecycleBin,
    /// The identity belongs to the person; the organisation can only revoke and invite again.
    #[error("the password of a personal account is not the organisation's to reset")]
    PersonalAccount,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not reset the password")]
    Store(#[from] StoreError),
}
kernel::faults! { ResetPasswordError:
    ResetPasswordError::NotFound(_) => NotFound "member_not_found",
    ResetPasswordError::InRecycleBin => Conflict "member_in_recycle_bin",
    ResetPasswordError::PersonalAccount => Conflict "personal_account",
    ResetPasswordError::Denied(inner) => inner,
    ResetPasswordError::Store(inner) => inner,
}

/// Gives a member an initial password in place of the one it has. Never for somebody with more rights than the actor.
///
/// A reset is started because a password was forgotten or has leaked. So the old one stops at once and every session ends, rather than only when a new one is
/// chosen; the initial one opens nothing but the page that chooses it.
pub fn reset_password(ctx: &Ctx, tx: &mut Tx, keys: &KeyRing, id: MemberId) -> Result<Reset, ResetPasswordError> {
    authorize(ctx, tx, Permission::ResetPasswords, Target::Member(id))?;
    let member = members::find(tx, ctx.org, id, ctx.now)?.ok_or(ResetPasswordError::NotFound(id))?;
    if member.state == MemberState::Recycled {
        return Err(ResetPasswordError::InRecycleBin);
    }
    if member.account_kind == AccountKind::Personal {
        return Err(ResetPasswordError::PersonalAccount);
    }
    let settings = organisations::settings(tx, ctx.org)?;
    let (password, initial) = initial_password(ctx, keys, &settings, None);
    let expires_at = initial.expires_at;
    match member.identity_id {
        Some(identity) => identities::reset_to_initial(tx, identity, &initial)?,
        None => {
            let identity = identities::add_enterprise(ctx, tx, &Credential::Initial(initial))?;
            members::set_identity(tx, ctx.org, id, identity)?;
        }
    }
    let event = AuditEvent::new("member.password_reset", AuditTarget::member(id, member.profile.name));
    audit::record(ctx, tx, event.with_after(json!({ "initial_password_expires_at": expires_at })))?;
    Ok(Reset { initial_password: password, expires_at })
}
