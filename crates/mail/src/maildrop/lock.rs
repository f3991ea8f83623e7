use std::collections::HashSet;
use std::sync::Arc;

use kernel::{Ctx, MailAccountId, Timestamp};
use store::{StoreError, Tx};

use super::repo;
use crate::entries::{self, EntryError, Expunge, Expunged};
use crate::heads::{self, MailError};
use crate::{MailboxId, UidSet};

/// For how long a maildrop stays locked when nobody says anything more. Nodes' clocks may differ by less than the time between two renewals.
pub const LEASE_SECS: i64 = 60;

/// Which maildrop, and who holds it: a text that no other session has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lock {
    pub account: MailAccountId,
    pub holder: Arc<str>,
}

#[derive(Debug, thiserror::Error)]
pub enum MaildropError {
    /// The lease ended, and somebody else has the maildrop or has had it.
    #[error("the maildrop is no longer locked for this session")]
    LockLost,
    #[error(transparent)]
    Entries(#[from] EntryError),
    #[error("could not use the maildrop")]
    Store(#[from] StoreError),
}
kernel::faults! { MaildropError:
    MaildropError::LockLost => Conflict "maildrop_lock_lost",
    MaildropError::Entries(inner) => inner,
    MaildropError::Store(inner) => inner,
}

/// Takes the maildrop for [`LEASE_SECS`]; false when another session has it.
pub fn lock(ctx: &Ctx, tx: &mut Tx, lock: &Lock) -> Result<bool, MailError> {
    heads::open(ctx, tx, lock.account)?;
    Ok(repo::take(tx, lock, ctx.now, ctx.now.plus_secs(LEASE_SECS))?)
}

/// Renews leases; answers the locks that are lost. For the server, which asks nobody's permission.
pub fn keep(tx: &mut Tx, locks: &[Lock], now: Timestamp) -> Result<Vec<Lock>, StoreError> {
    let kept: HashSet<MailAccountId> = repo::renew(tx, locks, now.plus_secs(LEASE_SECS))?.into_iter().collect();
    Ok(locks.iter().filter(|lock| !kept.contains(&lock.account)).cloned().collect())
}

/// Gives the maildrop back. One that was lost stays with whoever has it.
pub fn unlock(tx: &mut Tx, lock: &Lock) -> Result<(), StoreError> {
    repo::release(tx, lock)
}

/// Removes messages by uid, at most `limit`, while the maildrop is locked by this session, and renews its lease.
pub fn expunge(ctx: &Ctx, tx: &mut Tx, lock: &Lock, mailbox: MailboxId, uids: &UidSet, limit: usize) -> Result<Expunged, MaildropError> {
    let kept = repo::renew(tx, std::slice::from_ref(lock), ctx.now.plus_secs(LEASE_SECS))?;
    if kept.is_empty() {
        return Err(MaildropError::LockLost);
    }
    Ok(entries::expunge(ctx, tx, lock.account, mailbox, &Expunge::Exactly(uids.clone()), limit)?)
}
