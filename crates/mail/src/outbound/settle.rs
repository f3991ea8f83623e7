//! What became of recipients, and who is told of it: one transaction.

use std::sync::Arc;

use kernel::{Ctx, Fault, FaultKind, OrgId, SubmissionId};
use store::{BlobError, Notice, Store, StoreError};

use super::notices::{self, About};
use super::operate::{self, QueueError};
use super::{
    Action, Answer, Claimed, LocalCopy, Outcome, QueueMessage, QueueRecipient, RecipientState, Reported, RetrySchedule, TOPIC, repo,
};

#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// Another worker has taken recipients over, which are its to tell of.
    #[error("the lease on message {0} was lost")]
    LeaseLost(SubmissionId),
    #[error("could not keep a notice")]
    Blob(#[from] BlobError),
    #[error("could not settle the message")]
    Store(#[from] StoreError),
}
kernel::faults! { SettleError:
    SettleError::LeaseLost(_) => Conflict "queue_lease_lost",
    SettleError::Blob(inner) => inner,
    SettleError::Store(inner) => inner,
}

/// How many recipients went which way; for log and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub delivered: u32,
    pub deferred: u32,
    pub failed: u32,
    pub notices: u32,
}

/// What is written of one recipient.
struct Verdict {
    number: i64,
    state: RecipientState,
    due_at: kernel::Timestamp,
    answer: Answer,
    delay_told: bool,
}

/// Writes what became of recipients of a claimed message, with the notices that follow from it. `original` is the message's blob; `by` the public name of
/// this server. When the lease was lost meanwhile, deliveries are still noted and everything else is left to whoever has it now.
#[allow(clippy::too_many_arguments, reason = "what a settlement is made of")]
pub async fn settle(
    store: &Store,
    ctx: &Ctx,
    owner: &str,
    schedule: &RetrySchedule,
    by: &str,
    claimed: &Claimed,
    outcomes: &[(i64, Outcome)],
    original: &[u8],
) -> Result<Settled, SettleError> {
    let ctx = ctx.in_org(claimed.message.org);
    match settle_all(store, &ctx, owner, schedule, by, claimed, outcomes, original).await {
        Err(SettleError::LeaseLost(_)) => {
            let delivered: Vec<_> = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Delivered { .. })).cloned().collect();
            settle_all(store, &ctx, owner, schedule, by, claimed, &delivered, original).await
        }
        settled => settled,
    }
}

/// With the notices; and without them when they are what cannot be written, for what the next hop has must not be sent to it again.
#[allow(clippy::too_many_arguments, reason = "what a settlement is made of")]
async fn settle_all(
    store: &Store,
    ctx: &Ctx,
    owner: &str,
    schedule: &RetrySchedule,
    by: &str,
    claimed: &Claimed,
    outcomes: &[(i64, Outcome)],
    original: &[u8],
) -> Result<Settled, SettleError> {
    let message = &claimed.message;
    let (mut verdicts, mut told, mut settled) = (Vec::new(), Told::default(), Settled::default());
    for (number, outcome) in outcomes {
        let Some(recipient) = claimed.recipients.iter().find(|recipient| recipient.number == *number) else { continue };
        let verdict = judge(ctx, schedule, message, recipient, outcome, &mut told);
        match verdict.state {
            RecipientState::Delivered => settled.delivered += 1,
            RecipientState::Queued => settled.deferred += 1,
            _ => settled.failed += 1,
        }
        verdicts.push(verdict);
    }
    if verdicts.is_empty() {
        return Ok(settled);
    }
    let notices = notices::stage(store, ctx, by, &about(message), told.into_actions(), original).await?;
    settled.notices = u32::try_from(notices.len()).unwrap_or(u32::MAX);
    let (verdicts, org, id) = (Arc::new(verdicts), message.org, message.id);
    match write(store, ctx, owner, org, id, Arc::clone(&verdicts), notices).await {
        Err(error) if error.kind() == FaultKind::Internal => {
            tracing::error!(queue.id = %id, error = &error as &dyn std::error::Error, "A notice about message {id} could not be written");
            settled.notices = 0;
            write(store, ctx, owner, org, id, verdicts, Vec::new()).await?;
        }
        written => written?,
    }
    Ok(settled)
}

async fn write(
    store: &Store,
    ctx: &Ctx,
    owner: &str,
    org: OrgId,
    id: SubmissionId,
    verdicts: Arc<Vec<Verdict>>,
    notices: Vec<LocalCopy>,
) -> Result<(), SettleError> {
    let (ctx, owner) = (ctx.clone(), owner.to_owned());
    let written = store.write(move |tx| {
        for verdict in verdicts.iter() {
            let row = repo::Settled {
                number: verdict.number,
                state: verdict.state,
                due_at: verdict.due_at,
                answer: &verdict.answer,
                delay_told: verdict.delay_told,
            };
            let was_ours = repo::settle(tx, &owner, org, id, &row, ctx.now)?;
            // One that was removed meanwhile, or delivered by another, is as settled as can be.
            if !was_ours && verdict.state != RecipientState::Delivered {
                return Err(SettleError::LeaseLost(id));
            }
        }
        for notice in &notices {
            notice.deliver(&ctx, tx)?;
        }
        repo::finish_if_done(tx, org, id, ctx.now)?;
        tx.publish(Notice::Changed { org, topic: TOPIC });
        Ok(())
    });
    written.await
}

/// Who is told what.
#[derive(Default)]
struct Told {
    failed: Vec<Reported>,
    delayed: Vec<Reported>,
    relayed: Vec<Reported>,
}

impl Told {
    fn into_actions(self) -> Vec<(Action, Vec<Reported>)> {
        vec![(Action::Failed, self.failed), (Action::Delayed, self.delayed), (Action::Relayed, self.relayed)]
    }
}

fn judge(
    ctx: &Ctx,
    schedule: &RetrySchedule,
    message: &QueueMessage,
    recipient: &QueueRecipient,
    outcome: &Outcome,
    told: &mut Told,
) -> Verdict {
    let reported = |answer: &Answer| Reported {
        address: recipient.address.clone(),
        original: recipient.original.clone(),
        answer: answer.clone(),
        retried_until: None,
    };
    let verdict =
        |state, answer: &Answer| Verdict { number: recipient.number, state, due_at: ctx.now, answer: answer.clone(), delay_told: false };
    let end = schedule.end(message.created_at);
    match outcome {
        Outcome::Delivered { answer, promises_notice } => {
            if recipient.notify.success && !promises_notice {
                told.relayed.push(reported(answer));
            }
            verdict(RecipientState::Delivered, answer)
        }
        Outcome::Failed(answer) => {
            if recipient.notify.failure {
                told.failed.push(reported(answer));
            }
            verdict(RecipientState::Failed, answer)
        }
        Outcome::Deferred(answer) if ctx.now >= end => {
            if recipient.notify.failure {
                // RFC 3463 §3.5: the time ran out; what the host said last stands beside it.
                told.failed.push(reported(&Answer { status: "4.4.7".to_owned(), ..answer.clone() }));
            }
            verdict(RecipientState::Expired, answer)
        }
        Outcome::Deferred(answer) => {
            let is_late = ctx.now.secs_since(message.created_at) >= schedule.tell_delay_after_secs;
            let delay_told = is_late && recipient.notify.delay && recipient.delay_told_at.is_none();
            if delay_told {
                told.delayed.push(Reported { retried_until: Some(end), ..reported(answer) });
            }
            let due_at = schedule.next(recipient.attempts, ctx.now, end, &*ctx.rng);
            Verdict { due_at, delay_told, ..verdict(RecipientState::Queued, answer) }
        }
    }
}

fn about(message: &QueueMessage) -> About<'_> {
    About {
        org: message.org,
        account: message.account,
        reverse_path: &message.reverse_path,
        envelope_id: message.envelope_id.as_deref(),
        ret: message.ret,
        arrived_at: message.created_at,
    }
}

/// As [`operate::remove`], and the sender is told which recipients do not get the message. `by` is the public name of this server.
pub async fn remove_with_notice(store: &Store, ctx: &Ctx, by: &str, id: SubmissionId) -> Result<Vec<QueueRecipient>, RemoveError> {
    let asking = ctx.clone();
    let shown = store.read(move |tx| operate::show(&asking, tx, id)).await?;
    let answer = Answer::own("5.7.0", "removed from the queue by an administrator");
    let waiting = shown.recipients.iter().filter(|recipient| recipient.state == RecipientState::Queued && recipient.notify.failure);
    let reported: Vec<_> = waiting
        .map(|recipient| Reported {
            address: recipient.address.clone(),
            original: recipient.original.clone(),
            answer: answer.clone(),
            retried_until: None,
        })
        .collect();
    let original = store.blobs().get(ctx.org, &shown.message.blob_id).await?;
    let notices: Vec<LocalCopy> =
        notices::stage(store, ctx, by, &about(&shown.message), vec![(Action::Failed, reported)], &original).await?;
    let ctx = ctx.clone();
    let removed = store.write(move |tx| {
        let removed = operate::remove(&ctx, tx, id)?;
        for notice in &notices {
            notice.deliver(&ctx, tx)?;
        }
        Ok::<_, RemoveError>(removed)
    });
    removed.await
}

/// A message could not be taken out of the queue.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("could not keep the notice")]
    Blob(#[from] BlobError),
    #[error("could not use the queue")]
    Store(#[from] StoreError),
}
kernel::faults! { RemoveError:
    RemoveError::Queue(inner) => inner,
    RemoveError::Blob(inner) => inner,
    RemoveError::Store(inner) => inner,
}
