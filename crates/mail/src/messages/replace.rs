//! A message in the place of another: IMAP's REPLACE (RFC 8508).

use kernel::{Ctx, MailAccountId};
use store::{StoreError, Tx};

use super::{Added, AppendError, NewMessage, append};
use crate::entries::{self, EntryError, Expunge};
use crate::{Flags, MailboxId, UidSet};

/// A message could not be replaced; then both mailboxes are as they were.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    #[error("the message that was to be replaced is gone")]
    Gone,
    #[error(transparent)]
    Entry(#[from] EntryError),
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error("could not replace the message")]
    Store(#[from] StoreError),
}
kernel::faults! { ReplaceError:
    ReplaceError::Gone => NotFound "message_not_found",
    ReplaceError::Entry(inner) => inner,
    ReplaceError::Append(inner) => inner,
    ReplaceError::Store(inner) => inner,
}

/// Takes an entry out of its mailbox and puts another message into `to`, which may be the same. Nobody ever sees both or neither, and what the old one
/// took counts as room for the new one.
pub fn replace(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    (from, uid): (MailboxId, u32),
    to: MailboxId,
    message: &NewMessage,
    flags: &Flags,
) -> Result<Added, ReplaceError> {
    let uids: UidSet = std::iter::once(uid).collect();
    let gone = entries::expunge(ctx, tx, account, from, &Expunge::Exactly(uids), 1)?;
    if gone.uids.is_empty() {
        return Err(ReplaceError::Gone);
    }
    append(ctx, tx, account, &[to], message, flags)?.pop().ok_or(ReplaceError::Gone)
}
