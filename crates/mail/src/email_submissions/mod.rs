//! What clients have handed in to be sent, kept for them: which message, as whom, to whom, and where to ask how it stands.
//!
//! The sending itself is [`submission`](crate::submission)'s; a row here says that it was done, and is written in its transaction.

mod repo;

use kernel::{Ctx, EmailIdentityId, EmailSubmissionId, MailAccountId, SubmissionId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Tx;

use crate::email_identities::{Changed, changed_since};
use crate::heads::{self, MailError};
use crate::{MessageId, ThreadId};

/// The envelope a message was sent with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentEnvelope {
    pub mail_from: SentAddress,
    pub rcpt_to: Vec<SentAddress>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentAddress {
    pub email: String,
    /// Parameters of MAIL or RCPT as the client gave them.
    pub parameters: Option<Map<String, Value>>,
    /// What became of a recipient at once; `None` for the sender.
    pub outcome: Option<SentOutcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentOutcome {
    /// In a mailbox of this installation, or about to be.
    Local,
    /// In the queue, which knows more.
    Queued,
    /// Refused at once.
    Bounced,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EmailSubmission {
    pub id: EmailSubmissionId,
    pub identity: EmailIdentityId,
    pub message: MessageId,
    pub thread: ThreadId,
    pub envelope: SentEnvelope,
    pub queued_as: SubmissionId,
    pub sent_at: Timestamp,
}

/// How many rows an account keeps; the oldest go first. A client that comes back much later sees them as destroyed.
pub const MAX_KEPT: u64 = 10_000;

/// Notes that a message was sent.
pub fn record(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, sent: &EmailSubmission) -> Result<(), MailError> {
    let head = heads::open(ctx, tx, account)?;
    let change = heads::begin_change(tx, &head)?;
    for surplus in repo::oldest_beyond(tx, account, MAX_KEPT - 1)? {
        repo::delete(tx, account, surplus, change)?;
    }
    repo::insert(tx, account, sent, change)?;
    Ok(())
}

/// The change number of the account and those of the submissions that exist; `None` for all, the newest first.
pub fn list(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    ids: Option<&[EmailSubmissionId]>,
) -> Result<(i64, Vec<EmailSubmission>), MailError> {
    let head = heads::open(ctx, tx, account)?;
    let mut found = Vec::new();
    match ids {
        None => found = repo::list(tx, account)?,
        Some(ids) => {
            for chunk in ids.chunks(store::IN_LIST_MAX) {
                found.extend(repo::find_many(tx, account, chunk)?);
            }
        }
    }
    Ok((head.change_number, found))
}

/// Forgets a submission; what was sent stays sent. `false` when there was none.
pub fn remove(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: EmailSubmissionId) -> Result<bool, MailError> {
    let head = heads::open(ctx, tx, account)?;
    if repo::find_many(tx, account, &[id])?.is_empty() {
        return Ok(false);
    }
    let change = heads::begin_change(tx, &head)?;
    repo::delete(tx, account, id, change)?;
    Ok(true)
}

/// What came and went since; `None` when that cannot be told.
pub fn changes(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    since: i64,
    max: usize,
) -> Result<Option<Changed<EmailSubmissionId>>, MailError> {
    let head = heads::open(ctx, tx, account)?;
    let touched = repo::touched_since(tx, account, since)?;
    Ok(changed_since(touched, since, head.change_number, max))
}
