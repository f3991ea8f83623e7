use std::collections::HashSet;

use kernel::{Ctx, IngressId, JobId, MailAccountId};
use store::jobs::{self, NewJob};
use store::{Store, StoreError, Tx};

use super::{DeliverError, Delivery, FAN_OUT_JOB, Into, deliver_with_prefix, prefix_for, repo};
use crate::messages::{Added, MAX_PREFIX_BYTES, NewMessage};
use crate::threads;
use crate::{FlagBits, Flags};

/// One of those a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalRecipient {
    pub account: MailAccountId,
    /// As the sender wrote it; stands in Delivered-To.
    pub address: String,
    pub into: Into,
    pub flags: FlagBits,
    /// The caller's own words about this recipient (such as its DSN parameters), given back when it is refused.
    pub note: Option<String>,
}

/// How a message was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the one account it was for.
    Delivered(Added),
    /// It is on its way to several.
    FanOut(IngressId),
}

/// Accepts a message for recipients of one organisation; it is on disk when this answers. For one account it is delivered at once and may be
/// refused for want of room; for several, those without room are told of later, by the job. An account that stands twice gets it once.
///
/// `return_path` is whom to tell of that; empty is nobody. Each recipient gets a Delivered-To line in front of the message's prefix.
pub async fn accept(
    store: &Store,
    ctx: &Ctx,
    mut recipients: Vec<LocalRecipient>,
    message: NewMessage,
    return_path: &str,
) -> Result<Accepted, DeliverError> {
    let mut known = HashSet::new();
    recipients.retain(|recipient| known.insert(recipient.account));
    let ctx = ctx.clone();
    if let [recipient] = recipients.as_slice() {
        let account = recipient.account;
        let prefix = prefix_for(&recipient.address, &message.prefix);
        let delivery = Delivery { message, into: recipient.into, flags: Flags::of_bits(recipient.flags) };
        let added = store.write_account(account, move |tx| deliver_with_prefix(&ctx, tx, account, &delivery, &prefix)).await?;
        return Ok(Accepted::Delivered(added));
    }
    let return_path = return_path.to_owned();
    let ingress = store.write(move |tx| accept_in(&ctx, tx, &recipients, &message, &return_path)).await?;
    Ok(Accepted::FanOut(ingress))
}

/// As [`accept`], for any number of recipients, within a transaction of the caller's ([`Store::write`]): for what accepts more in the same commit.
pub fn accept_in(
    ctx: &Ctx,
    tx: &mut Tx,
    recipients: &[LocalRecipient],
    message: &NewMessage,
    return_path: &str,
) -> Result<IngressId, DeliverError> {
    let longest = recipients.iter().map(|recipient| recipient.address.len()).max().ok_or(DeliverError::NoMailbox)?;
    if message.prefix.len() + longest + 16 > MAX_PREFIX_BYTES {
        return Err(DeliverError::PrefixTooLong);
    }
    let id: IngressId = ctx.new_id();
    let blob_at = message.blob.record_at(tx, ctx.now)?;
    let hashes = threads::reference_hashes(&message.rendered);
    repo::insert_ingress(tx, ctx, id, message, blob_at, return_path, &hashes)?;
    let mut known = HashSet::new();
    let recipients: Vec<&LocalRecipient> = recipients.iter().filter(|recipient| known.insert(recipient.account)).collect();
    repo::insert_recipients(tx, ctx.org, id, &recipients)?;
    push_job(ctx, tx, id)?;
    Ok(id)
}

fn push_job(ctx: &Ctx, tx: &mut Tx, id: IngressId) -> Result<JobId, StoreError> {
    let job = NewJob {
        org: ctx.org,
        id: ctx.new_id(),
        kind: FAN_OUT_JOB,
        payload: serde_json::json!({ "ingress": id }),
        listed: false,
        run_after: ctx.now,
        created_by: None,
        now: ctx.now,
    };
    jobs::push(tx, job)
}
