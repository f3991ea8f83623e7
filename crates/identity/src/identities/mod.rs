//! Who signs in: the credentials behind a member of an enterprise account.
//!
//! These are the parts that operations are made of. They ask nobody's permission: [`sign_in`](crate::sign_in) and the operations in `lifecycle`
//! that call them have asked, or are about to prove a password.

pub(crate) mod repo;

use kernel::{Ctx, IdentityId, Timestamp};
use store::{KeyRing, Notice, StoreError, Tx};

use crate::client_passwords;
use crate::initial::{self, InitialPassword};
use crate::passwords::{Password, PasswordHash};
use crate::sessions;

pub use repo::{count, find};

/// What a new identity can sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Opens the page that chooses a password.
    Initial(InitialPassword),
    /// A chosen password, good everywhere at once.
    Chosen(PasswordHash),
    /// Nothing yet; an administrator has to start a reset.
    Nothing,
}

/// The credentials of somebody who signs in.
#[derive(Debug, Clone)]
pub struct Identity {
    pub id: IdentityId,
    /// The stored form of the chosen password; never leaves the crate in an answer.
    pub(crate) password_hash: Option<String>,
    pub password_changed_at: Option<Timestamp>,
    pub(crate) initial: Option<InitialPassword>,
    /// The chosen password still counts, but the next sign-in has to choose another.
    pub must_change_password: bool,
    /// Newest first, without the current one.
    pub(crate) former_password_hashes: Vec<String>,
    pub session_epoch: i64,
}

impl Identity {
    pub fn has_chosen_password(&self) -> bool {
        self.password_hash.is_some()
    }

    /// Whether `password` is the initial one that is waiting, expired or not.
    pub fn initial_password_is(&self, keys: &KeyRing, password: &Password) -> bool {
        self.initial.as_ref().is_some_and(|waiting| initial::verify(keys, &waiting.hash, password))
    }

    /// When the initial password that is waiting stops working.
    pub fn initial_password_expires_at(&self) -> Option<Timestamp> {
        self.initial.as_ref().map(|initial| initial.expires_at)
    }
}

/// An identity that belongs to the organisation.
pub fn add_enterprise(ctx: &Ctx, tx: &mut Tx, credential: &Credential) -> Result<IdentityId, StoreError> {
    let id = ctx.new_id();
    repo::insert_many(tx, Some(ctx.org), &[(id, credential)], ctx.now)?;
    Ok(id)
}

/// As [`add_enterprise`] for many members at once, a fraction of the cost for each. The ids come from [`Ctx::new_id`], so that the members can name
/// their identities before these are written, in the same transaction.
pub fn add_enterprise_many(ctx: &Ctx, tx: &mut Tx, identities: &[(IdentityId, Credential)]) -> Result<(), StoreError> {
    let rows: Vec<(IdentityId, &Credential)> = identities.iter().map(|(id, credential)| (*id, credential)).collect();
    repo::insert_many(tx, Some(ctx.org), &rows, ctx.now)
}

/// Takes away every credential but `initial`, client passwords too, and ends every session: whoever knew the old password is out at once.
pub fn reset_to_initial(tx: &mut Tx, id: IdentityId, initial: &InitialPassword) -> Result<(), StoreError> {
    let Some(identity) = repo::find_for_update(tx, id)? else { return Err(StoreError::RowCount { expected: "one identity", found: 0 }) };
    // The forgotten or leaked password may not be chosen again.
    let mut former = identity.former_password_hashes;
    former.splice(0..0, identity.password_hash);
    repo::set_initial(tx, id, initial, &former)?;
    client_passwords::remove_all(tx, id)?;
    end_sessions(tx, id)
}

/// Ends every session of the identity, for members who may no longer sign in.
pub fn end_sessions(tx: &mut Tx, id: IdentityId) -> Result<(), StoreError> {
    repo::advance_epoch(tx, id)?;
    sessions::repo::delete_all(tx, id)?;
    tx.publish(Notice::SessionsRevoked { identity: id });
    Ok(())
}

/// Removes identities that never signed in, when the members they were made for are taken back.
pub fn remove_many(tx: &mut Tx, ids: &[IdentityId]) -> Result<(), StoreError> {
    for id in ids {
        if sessions::repo::delete_all(tx, *id)? > 0 {
            tx.publish(Notice::SessionsRevoked { identity: *id });
        }
        client_passwords::remove_all(tx, *id)?;
    }
    repo::delete_many(tx, ids)
}

/// Puts a newly chosen password in place of the old or initial one; `keep` former ones are remembered.
///
/// `false` when the password was changed by someone else since `seen` was loaded; nothing is changed then.
pub(crate) fn set_chosen(ctx: &Ctx, tx: &mut Tx, seen: &Identity, new: &PasswordHash, keep: usize) -> Result<bool, StoreError> {
    let Some(current) = repo::find_for_update(tx, seen.id)? else { return Ok(false) };
    if current.password_hash != seen.password_hash || current.initial != seen.initial {
        return Ok(false);
    }
    let mut former = current.former_password_hashes;
    former.splice(0..0, current.password_hash);
    former.truncate(keep);
    repo::set_chosen(tx, seen.id, new, &former, ctx.now)?;
    Ok(true)
}
