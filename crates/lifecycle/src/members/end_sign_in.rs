//! Operations of the directory after which a member may no longer sign in: its sessions end with them, and stay ended when it comes back.

use directory::members::{self, StateError};
use identity::identities;
use kernel::{Ctx, MemberId};
use store::{StoreError, Tx};

/// 停用; see [`members::suspend`].
pub fn suspend(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    members::suspend(ctx, tx, id)?;
    Ok(end_sessions(ctx, tx, id)?)
}

/// 锁定; see [`members::lock`].
pub fn lock(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    members::lock(ctx, tx, id)?;
    Ok(end_sessions(ctx, tx, id)?)
}

/// Moves a member to the recycle bin; see [`members::recycle`]. Mail account and identity wait there with it.
pub fn recycle(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StateError> {
    members::recycle(ctx, tx, id)?;
    Ok(end_sessions(ctx, tx, id)?)
}

fn end_sessions(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), StoreError> {
    let member = members::find(tx, ctx.org, id, ctx.now)?;
    match member.and_then(|member| member.identity_id) {
        Some(identity) => identities::end_sessions(tx, identity),
        None => Ok(()),
    }
}
