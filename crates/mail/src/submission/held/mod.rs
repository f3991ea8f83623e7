//! 定时发送: messages that are to leave later (RFC 4865), and may be taken back until then.
//!
//! What is held is a row and a blob: nobody here has the message, and the queue knows nothing of it. [`release_due`] sends what is due as if it were handed
//! in at that moment: the sender must still be allowed to send, and recipients are looked up anew. Releasing and taking back both begin with removing
//! the row, in the transaction that does the rest, so that exactly one of them happens.

mod release;
mod repo;

use kernel::{Ctx, MailAccountId, OrgId, SubmissionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Notice, Store, StoreError, Tx};

use super::submit::{NewRecipient, NewSubmission, Notify, Outcome, Return, SubmitError, Submitted, Trace};

pub use release::release_due;

/// How far ahead a message may be handed in: a year.
pub const MAX_DELAY_SECS: i64 = 366 * 24 * 3600;
/// How many messages of one account may wait at a time.
pub const MAX_HELD: u64 = 1000;
/// The topic of [`Notice::Changed`] when a message was held, so that whoever releases knows of its moment.
pub const TOPIC: &str = "held";

/// The column that keeps the blobs of what is held.
pub(crate) const REFERENCE: store::Reference =
    store::Reference { table: "held_submission", column: "blob_id", recorded_at: Some("blob_at") };

/// Everything of a submission but its bytes, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Envelope {
    from: String,
    recipients: Vec<Recipient>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    envelope_id: Option<String>,
    ret: Return,
    smtp_utf8: bool,
    by: String,
    with: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Recipient {
    address: String,
    notify: Notify,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original: Option<String>,
}

impl Envelope {
    fn of(new: &NewSubmission) -> Self {
        let recipients = new.recipients.iter().map(|recipient| Recipient {
            address: recipient.address.to_string(),
            notify: recipient.notify,
            original: recipient.original.clone(),
        });
        Self {
            from: new.from.as_str().to_owned(),
            recipients: recipients.collect(),
            envelope_id: new.envelope_id.clone(),
            ret: new.ret,
            smtp_utf8: new.smtp_utf8,
            by: new.trace.by.to_string(),
            with: new.trace.with.to_owned(),
        }
    }

    /// The submission as it was handed in; `None` when the row does not read as one.
    fn submission(&self, account: MailAccountId, message: Vec<u8>) -> Option<NewSubmission> {
        let recipients = self
            .recipients
            .iter()
            .map(|kept| Some(NewRecipient { address: kept.address.parse().ok()?, notify: kept.notify, original: kept.original.clone() }));
        Some(NewSubmission {
            account: Some(account),
            from: self.from.parse().ok()?,
            recipients: recipients.collect::<Option<_>>()?,
            message,
            envelope_id: self.envelope_id.clone(),
            ret: self.ret,
            smtp_utf8: self.smtp_utf8,
            not_before: None,
            trace: Trace { by: self.by.as_str().into(), with: Trace::WITH.into_iter().find(|with| *with == self.with).unwrap_or("ESMTP") },
        })
    }
}

/// Keeps a message until `until`. With `Ok` it is on disk; `also` writes in the same transaction.
pub(super) async fn hold(
    store: &Store,
    ctx: &Ctx,
    new: NewSubmission,
    until: Timestamp,
    mut also: impl FnMut(&mut Tx, &Submitted) -> Result<(), SubmitError> + Send + 'static,
) -> Result<Submitted, SubmitError> {
    let account = new.account.ok_or(StoreError::Unsupported("what the system sends by itself is not held"))?;
    if until > ctx.now.plus_secs(MAX_DELAY_SECS) {
        return Err(SubmitError::TooFarAhead { limit_secs: MAX_DELAY_SECS });
    }
    let id: SubmissionId = ctx.new_id();
    let submitted = Submitted { id, outcomes: vec![Outcome::Held; new.recipients.len()] };
    let envelope = Envelope::of(&new);
    let staged = store.blobs().stage(ctx.org, new.message).await?;
    let (ctx, answer) = (ctx.clone(), submitted.clone());
    let committed = store.write(move |tx| {
        if repo::count(tx, account)? >= MAX_HELD {
            return Err(SubmitError::TooManyHeld { limit: MAX_HELD });
        }
        let blob_at = staged.record_at(tx, ctx.now)?;
        repo::insert(
            tx,
            &repo::New { org: ctx.org, id, account, release_at: until, blob_id: staged.id(), blob_at, envelope: &envelope },
            ctx.now,
        )?;
        tx.publish(Notice::Changed { org: ctx.org, topic: TOPIC });
        also(tx, &submitted)
    });
    committed.await?;
    Ok(answer)
}

/// Takes a held message back, in a transaction of the caller's, who has asked whether it is theirs. `false` when it is not held any more: it was released,
/// or taken back before.
pub(crate) fn take_back(tx: &mut Tx, org: OrgId, account: MailAccountId, id: SubmissionId) -> Result<bool, StoreError> {
    repo::take(tx, org, account, id)
}

/// When the next message is to be released.
pub fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    repo::next_due(tx)
}
