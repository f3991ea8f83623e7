//! EmailSubmissions: messages handed in to be sent, and how it stands with them (RFC 8621 §7).

mod envelope;
pub mod query;
pub mod set;

pub use envelope::extensions;

use std::collections::HashMap;

use kernel::{EmailSubmissionId, OrgId};
use mail::email_submissions::{self, EmailSubmission, SentAddress, SentOutcome, UndoStatus};
use mail::outbound::{self, Answer, QueueRecipient, RecipientState};
use serde_json::{Map, Value, json};
use store::Tx;

use super::emails::wire::utc;
use super::error::MethodError;
use super::limits::MAX_OBJECTS_IN_GET;
use super::standard::{Changed, ChangesArguments, GetArguments, got, reduce};
use super::work::{Work, arguments};

const PROPERTIES: &[&str] =
    &["id", "identityId", "emailId", "threadId", "envelope", "sendAt", "undoStatus", "deliveryStatus", "dsnBlobIds", "mdnBlobIds"];

pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let mut args: GetArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let chosen = args.chosen(PROPERTIES)?;
    let asked = args.wanted()?;
    let ids: Option<Vec<EmailSubmissionId>> = asked.as_ref().map(|asked| asked.iter().filter_map(|id| work.id(id)?.parse().ok()).collect());
    let with_status = chosen.as_ref().is_none_or(|chosen| chosen.contains("deliveryStatus"));
    let org = work.caller.ctx.org;
    let (state, found) = work
        .read(move |ctx, tx| {
            let (state, found) = email_submissions::list(ctx, tx, account, ids.as_deref())?;
            if found.len() > MAX_OBJECTS_IN_GET {
                return Err(MethodError::RequestTooLarge);
            }
            let mut described = Vec::with_capacity(found.len());
            for submission in found {
                let status = if with_status { status_of(tx, org, &submission)? } else { Value::Null };
                described.push((submission.id.to_string(), describe(&submission, status)));
            }
            Ok((state, described))
        })
        .await?;
    let (mut list, mut not_found) = (Vec::new(), Vec::new());
    match asked {
        None => list.extend(found.into_iter().map(|(_, submission)| submission)),
        Some(asked) => {
            let mut found: HashMap<String, Value> = found.into_iter().collect();
            for id in asked {
                match work.id(&id).and_then(|id| found.remove(id)) {
                    Some(submission) => list.push(submission),
                    None => not_found.push(id),
                }
            }
        }
    }
    let list = list.into_iter().map(|submission| reduce(submission, chosen.as_ref())).collect();
    Ok(got(&args.account_id, state, list, not_found))
}

fn describe(submission: &EmailSubmission, status: Value) -> Value {
    let address = |address: &SentAddress| json!({ "email": address.email, "parameters": address.parameters });
    json!({
        "id": submission.id,
        "identityId": submission.identity,
        "emailId": submission.message,
        "threadId": submission.thread,
        "envelope": {
            "mailFrom": address(&submission.envelope.mail_from),
            "rcptTo": submission.envelope.rcpt_to.iter().map(address).collect::<Vec<_>>(),
        },
        "sendAt": utc(submission.sent_at),
        "undoStatus": submission.undo_status.as_str(),
        "deliveryStatus": status,
        "dsnBlobIds": [],
        "mdnBlobIds": [],
    })
}

/// `DeliveryStatus` of each recipient, from what was known at once and what the queue knows.
fn status_of(tx: &mut Tx, org: OrgId, submission: &EmailSubmission) -> Result<Value, MethodError> {
    let waits = submission.envelope.rcpt_to.iter().any(|recipient| recipient.outcome == Some(SentOutcome::Queued));
    let queued = if waits { outbound::status_of(tx, org, submission.queued_as)? } else { None };
    let queued: HashMap<String, QueueRecipient> = queued
        .map(|shown| shown.recipients.into_iter().map(|recipient| (recipient.address.to_string(), recipient)).collect())
        .unwrap_or_default();
    let status = submission.envelope.rcpt_to.iter().map(|recipient| {
        let (delivered, reply) = match (recipient.outcome, queued.get(&recipient.email)) {
            _ if submission.undo_status == UndoStatus::Canceled => ("no", "250 2.0.0 Taken back by its sender".to_owned()),
            (Some(SentOutcome::Held), _) => ("queued", "250 2.0.0 Held until its time".to_owned()),
            (Some(SentOutcome::Local), _) => ("yes", "250 2.1.5 In the mailbox".to_owned()),
            (Some(SentOutcome::Bounced), _) => ("no", "550 5.0.0 Not sent; a notice tells why".to_owned()),
            (_, Some(recipient)) => (word_of(recipient.state), reply_of(recipient.answer.as_ref())),
            // The queue has forgotten it.
            (_, None) => ("unknown", "250 2.0.0 Accepted".to_owned()),
        };
        (recipient.email.clone(), json!({ "smtpReply": reply, "delivered": delivered, "displayed": "unknown" }))
    });
    Ok(Value::Object(status.collect()))
}

fn word_of(state: RecipientState) -> &'static str {
    match state {
        RecipientState::Queued => "queued",
        RecipientState::Delivered => "yes",
        RecipientState::Failed | RecipientState::Expired | RecipientState::Removed => "no",
    }
}

fn reply_of(answer: Option<&Answer>) -> String {
    let Some(answer) = answer else { return "250 2.0.0 In the queue".to_owned() };
    let class = answer.status.chars().next().and_then(|class| class.to_digit(10)).unwrap_or(4);
    let code = answer.code.map_or(class * 100 + 50, u32::from);
    format!("{code} {} {}", answer.status, answer.text)
}

pub async fn changes(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: ChangesArguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    let (since, max) = (args.since()?.change_number, args.max());
    let found = work.read(move |ctx, tx| Ok::<_, MethodError>(email_submissions::changes(ctx, tx, account, since, max)?)).await?;
    Ok(Changed::of_history(found.ok_or(MethodError::CannotCalculateChanges)?).answer(&args.account_id, &args.since_state))
}
