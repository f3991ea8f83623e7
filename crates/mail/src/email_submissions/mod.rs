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
use crate::submission::{Outcome, held};
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
    /// Kept until its moment.
    Held,
}

impl From<&Outcome> for SentOutcome {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Local => Self::Local,
            Outcome::Queued => Self::Queued,
            Outcome::Bounced { .. } => Self::Bounced,
            Outcome::Held => Self::Held,
        }
    }
}

impl SentEnvelope {
    /// With what became of each recipient.
    pub fn with_outcomes(mut self, outcomes: &[Outcome]) -> Self {
        for (recipient, outcome) in self.rcpt_to.iter_mut().zip(outcomes) {
            recipient.outcome = Some(outcome.into());
        }
        self
    }
}

/// Whether it can be taken back (RFC 8621 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoStatus {
    /// It is held.
    Pending,
    /// It has left, or was refused.
    Final,
    /// It was taken back before it left.
    Canceled,
}

impl UndoStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Final => "final",
            Self::Canceled => "canceled",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "pending" => Self::Pending,
            "canceled" => Self::Canceled,
            _ => Self::Final,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct EmailSubmission {
    pub id: EmailSubmissionId,
    pub identity: EmailIdentityId,
    pub message: MessageId,
    pub thread: ThreadId,
    pub envelope: SentEnvelope,
    pub queued_as: SubmissionId,
    /// When it left, or is to leave.
    pub sent_at: Timestamp,
    pub undo_status: UndoStatus,
}

/// How many rows an account keeps; the oldest go first, but none that is held. A client that comes back much later sees them as destroyed.
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

/// Takes a message back that is held. `false` when it has left, or was taken back before; then nothing has changed.
pub fn cancel(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: EmailSubmissionId) -> Result<bool, MailError> {
    let head = heads::open(ctx, tx, account)?;
    // The head is locked before the row of what is held, as by who releases it.
    let change = heads::begin_change(tx, &head)?;
    let Some(found) = repo::find_many(tx, account, &[id])?.pop() else { return Ok(false) };
    if found.undo_status != UndoStatus::Pending || !held::take_back(tx, head.org, account, found.queued_as)? {
        return Ok(false);
    }
    repo::settle(tx, account, id, UndoStatus::Canceled, &found.envelope, change)?;
    Ok(true)
}

/// Notes that a held message has left; nothing when its client has forgotten it.
pub(crate) fn released(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    queued_as: SubmissionId,
    outcomes: &[Outcome],
) -> Result<(), MailError> {
    settle(ctx, tx, account, queued_as, |envelope| envelope.with_outcomes(outcomes))
}

/// Notes that a held message went to nobody, because it could not leave when its moment came.
pub(crate) fn given_up(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, queued_as: SubmissionId) -> Result<(), MailError> {
    settle(ctx, tx, account, queued_as, |mut envelope| {
        for recipient in &mut envelope.rcpt_to {
            recipient.outcome = Some(SentOutcome::Bounced);
        }
        envelope
    })
}

fn settle(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    queued_as: SubmissionId,
    outcome: impl FnOnce(SentEnvelope) -> SentEnvelope,
) -> Result<(), MailError> {
    let head = heads::open(ctx, tx, account)?;
    let change = heads::begin_change(tx, &head)?;
    if let Some(found) = repo::find_held(tx, account, queued_as)? {
        repo::settle(tx, account, found.id, UndoStatus::Final, &outcome(found.envelope), change)?;
    }
    Ok(())
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
