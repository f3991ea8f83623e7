//! Mail that arrives. For one account it is delivered at once; for several it is accepted in one row, which a job fans out to them.
//!
//! Accepted means on disk: both answer after the commit. Exactly once: a recipient's row goes in the transaction that delivers to it.

mod accept;
mod fan_out;
mod repo;

use std::collections::HashMap;

use kernel::{Ctx, MailAccountId};
use store::{Reference, StoreError, Tx};

pub use accept::{Accepted, LocalRecipient, accept, accept_in};
pub use fan_out::{FAN_OUT_JOB, FannedOut, Refused, forget_refused, ingress_of, run_fan_out};

use crate::heads::{self, Head, MailError};
use crate::mailboxes::{self, Role};
use crate::messages::{self, Added, AppendError, Incoming, MAX_PREFIX_BYTES, NewEntryAt, NewMessage};
use crate::threads;
use crate::{Flags, MailboxId};

/// For the sweep of blobs.
pub const REFERENCE: Reference = Reference { table: "ingress", column: "blob_id", recorded_at: Some("blob_at") };

/// Where in the account a message goes. A mailbox that is gone is INBOX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    Role(Role),
    Mailbox(MailboxId),
}

/// A message for one account. What stands in its prefix is all that is put in front of it.
#[derive(Clone)]
pub struct Delivery {
    pub message: NewMessage,
    pub into: Into,
    pub flags: Flags,
}

pub type DeliverError = AppendError;

/// Delivers within a transaction of the account ([`store::Store::write_account`]). The account's standard mailboxes are made if it has none.
pub fn deliver(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, delivery: &Delivery) -> Result<Added, DeliverError> {
    deliver_with_prefix(ctx, tx, account, delivery, &delivery.message.prefix)
}

fn deliver_with_prefix(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, delivery: &Delivery, prefix: &[u8]) -> Result<Added, DeliverError> {
    let message = &delivery.message;
    if prefix.len() > MAX_PREFIX_BYTES {
        return Err(DeliverError::PrefixTooLong);
    }
    let (head, mailbox) = open_places(ctx, tx, &[(account, delivery.into)])?.pop().ok_or(MailError::AccountNotFound)?;
    messages::refuse_without_room(&head, prefix.len() as u64 + message.rendered.size_bytes)?;
    let mailbox = made_place(ctx, tx, &head, delivery.into, mailbox)?;
    let hashes = threads::reference_hashes(&message.rendered);
    let summary = message.summary_json();
    let blob_at = message.blob.record_at(tx, ctx.now)?;
    let incoming = Incoming::of(message, prefix, (blob_at, ctx.now), &summary, &hashes);
    let added = messages::add_opened(tx, &head, &incoming, &[NewEntryAt { mailbox, flags: &delivery.flags }])?;
    only(added)
}

fn only(added: Vec<Added>) -> Result<Added, DeliverError> {
    added.into_iter().next().ok_or(DeliverError::NoMailbox)
}

impl Into {
    /// The role of the mailbox that it comes to, unless one was named that is there.
    fn role(self) -> Role {
        match self {
            Self::Role(role) => role,
            Self::Mailbox(_) => Role::Inbox,
        }
    }
}

/// The accounts that are there, in no order, each with its mailbox if that is there already.
fn open_places(ctx: &Ctx, tx: &mut Tx, wanted: &[(MailAccountId, Into)]) -> Result<Vec<(Head, Option<MailboxId>)>, StoreError> {
    let mut by_role: HashMap<Role, Vec<MailAccountId>> = HashMap::new();
    let mut named = HashMap::new();
    for (account, into) in wanted {
        by_role.entry(into.role()).or_default().push(*account);
        if let Into::Mailbox(id) = into {
            named.insert(*account, *id);
        }
    }
    let mut opened = Vec::with_capacity(wanted.len());
    for (role, accounts) in by_role {
        opened.append(&mut heads::open_with_role(ctx, tx, &accounts, role.as_str())?);
    }
    for (head, mailbox) in &mut opened {
        if let Some(id) = named.get(&head.account)
            && mailboxes::repo::exists(tx, head.account, *id)?
        {
            *mailbox = Some(*id);
        }
    }
    Ok(opened)
}

/// The mailbox, made if it was not there.
fn made_place(ctx: &Ctx, tx: &mut Tx, head: &Head, into: Into, found: Option<MailboxId>) -> Result<MailboxId, StoreError> {
    found.map_or_else(|| mailboxes::made_for_role(ctx, tx, head, into.role()), Ok)
}

/// The header lines of one recipient: to whom it was delivered, then those of the message.
fn prefix_for(address: &str, prefix: &[u8]) -> Vec<u8> {
    let mut own = Vec::with_capacity(prefix.len() + address.len() + 16);
    own.extend_from_slice(b"Delivered-To: ");
    own.extend(address.bytes().filter(|byte| !byte.is_ascii_control()));
    own.extend_from_slice(b"\r\n");
    own.extend_from_slice(prefix);
    own
}
