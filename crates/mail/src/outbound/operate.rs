//! What administrators and operators see of the queue, and do with it.

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use kernel::{Ctx, Cursor, OrgId, Page, PageRequest, SubmissionId};
use serde_json::json;
use store::{Notice, StoreError, Tx};

use super::{QueueMessage, QueueRecipient, RecipientState, TOPIC, repo};

#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error("message {0} is not in the queue")]
    NotFound(SubmissionId),
    #[error("nobody waits for message {0} any more")]
    Finished(SubmissionId),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not use the queue")]
    Store(#[from] StoreError),
}
kernel::faults! { QueueError:
    QueueError::NotFound(_) => NotFound "queue_message_not_found",
    QueueError::Finished(_) => Conflict "queue_message_finished",
    QueueError::Denied(inner) => inner,
    QueueError::Store(inner) => inner,
}

/// Which messages a list is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Those of which every recipient is settled, or those of which not; both when `None`.
    pub finished: Option<bool>,
    /// Those with a recipient in this state.
    pub state: Option<RecipientState>,
    /// Those with a recipient in this domain.
    pub domain: Option<String>,
    /// The envelope's sender.
    pub sender: Option<String>,
}

/// A message in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub message: QueueMessage,
    /// How many of its recipients are in which state.
    pub counts: Vec<(RecipientState, i64)>,
    /// The recipient that is tried next, or when none waits the first.
    pub leading: Option<QueueRecipient>,
}

/// A message with all of its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub message: QueueMessage,
    pub recipients: Vec<QueueRecipient>,
}

/// The organisation's messages, newest first.
pub fn list(ctx: &Ctx, tx: &mut Tx, filter: &QueueFilter, page: &PageRequest) -> Result<Page<Listed>, QueueError> {
    authorize(ctx, tx, Permission::ManageQueue, Target::Organisation)?;
    let before: i64 = page.after.as_ref().and_then(|cursor| cursor.part(0)).unwrap_or(i64::MAX);
    let sql = repo::ListFilter {
        finished: filter.finished,
        recipient_state: filter.state,
        domain: filter.domain.as_deref(),
        sender: filter.sender.as_deref(),
    };
    let messages = repo::list(tx, ctx.org, &sql, before, i64::from(page.limit()) + 1)?;
    let page = Page::from_surplus(messages, page, |message| Cursor::new([message.id.raw().to_string()]));
    let ids: Vec<SubmissionId> = page.items.iter().map(|message| message.id).collect();
    let counts = repo::counts(tx, ctx.org, &ids)?;
    let mut leading = repo::leading(tx, ctx.org, &ids)?;
    Ok(page.map(|message| Listed {
        counts: counts.iter().filter(|(id, ..)| *id == message.id).map(|(_, state, count)| (*state, *count)).collect(),
        leading: leading.iter().position(|(id, _)| *id == message.id).map(|place| leading.swap_remove(place).1),
        message,
    }))
}

/// How many of the organisation's messages wait.
pub fn count(ctx: &Ctx, tx: &mut Tx) -> Result<u64, QueueError> {
    authorize(ctx, tx, Permission::ManageQueue, Target::Organisation)?;
    Ok(repo::count_open(tx, ctx.org)?)
}

pub fn show(ctx: &Ctx, tx: &mut Tx, id: SubmissionId) -> Result<Shown, QueueError> {
    authorize(ctx, tx, Permission::ManageQueue, Target::Organisation)?;
    find(tx, ctx.org, id)
}

/// How it stands with a message, for who has handed it in; `None` once it is cleared away. Authorises nothing.
pub fn status_of(tx: &mut Tx, org: OrgId, id: SubmissionId) -> Result<Option<Shown>, StoreError> {
    let Some(message) = repo::find_message(tx, org, id)? else { return Ok(None) };
    Ok(Some(Shown { recipients: repo::recipients(tx, org, id)?, message }))
}

fn find(tx: &mut Tx, org: OrgId, id: SubmissionId) -> Result<Shown, QueueError> {
    status_of(tx, org, id)?.ok_or(QueueError::NotFound(id))
}

/// Has the waiting recipients tried at once; answers how many. One that is being sent is left alone.
pub fn retry_now(ctx: &Ctx, tx: &mut Tx, id: SubmissionId) -> Result<u64, QueueError> {
    authorize(ctx, tx, Permission::ManageQueue, Target::Organisation)?;
    let shown = find(tx, ctx.org, id)?;
    if shown.message.finished_at.is_some() {
        return Err(QueueError::Finished(id));
    }
    let made = repo::make_due(tx, ctx.org, id, ctx.now)?;
    let event = AuditEvent::new("queue_message.retried", target(&shown.message));
    audit::record(ctx, tx, event.with_after(json!({ "recipients": made })))?;
    tx.publish(Notice::Changed { org: ctx.org, topic: TOPIC });
    Ok(made)
}

/// Takes the waiting recipients out of the queue for good, without a word to the sender; answers them as they stood. To tell the sender, the caller
/// uses [`settle::remove_with_notice`](super::remove_with_notice). A recipient that is being sent at this moment may still get the message.
pub fn remove(ctx: &Ctx, tx: &mut Tx, id: SubmissionId) -> Result<Vec<QueueRecipient>, QueueError> {
    authorize(ctx, tx, Permission::ManageQueue, Target::Organisation)?;
    let shown = find(tx, ctx.org, id)?;
    let taken = repo::remove_waiting(tx, ctx.org, id, ctx.now)?;
    if taken.is_empty() {
        return Err(QueueError::Finished(id));
    }
    repo::finish_if_done(tx, ctx.org, id, ctx.now)?;
    let event = AuditEvent::new("queue_message.removed", target(&shown.message));
    audit::record(ctx, tx, event.with_after(json!({ "recipients": taken.len() })))?;
    tx.publish(Notice::Changed { org: ctx.org, topic: TOPIC });
    Ok(shown.recipients.into_iter().filter(|recipient| taken.contains(&recipient.number)).collect())
}

/// Named by its id: subject and recipients are nobody's to read in a log.
fn target(message: &QueueMessage) -> AuditTarget {
    AuditTarget::new("queue_message", Some(message.id.raw()), message.id.to_string())
}
