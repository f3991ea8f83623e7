//! EmailSubmission/set (RFC 8621 §7.5): sends, at once or later, takes back what has not left, and tells the client what it would have told SMTP.

use std::sync::Arc;

use kernel::{EmailIdentityId, EmailSubmissionId, MailAccountId};
use mail::email_submissions::{self, EmailSubmission, SentEnvelope, UndoStatus};
use mail::messages::{self, StoredMessage};
use mail::reception::RecipientRefused;
use mail::submission::{
    self, Destination, EnvelopeAddress, Missing, NewSubmission, ReversePath, SenderHeaders, SenderRefused, Submitted, Trace,
    find_destination,
};
use serde_json::{Map, Value, json};

use crate::jmap::blobs::on_a_thread;
use crate::jmap::emails;
use crate::jmap::emails::wire::utc;
use crate::jmap::error::{MethodError, SetError};
use crate::jmap::identities;
use crate::jmap::limits::MAX_OBJECTS_IN_SET;
use crate::jmap::standard::{Outcome, SetArguments};
use crate::jmap::work::{IfInState, Work, arguments};

use super::envelope::{Prepared, derived_envelope, envelope_of, invalid_recipients};

/// What the client wants done with the emails once they are sent.
#[derive(Default)]
struct OnSuccess {
    update: Map<String, Value>,
    destroy: Vec<String>,
}

impl OnSuccess {
    fn take(args: &mut Map<String, Value>) -> Result<Self, MethodError> {
        let wrong = |name: &str| MethodError::invalid_arguments(format!("{name:?} is not of the expected form"));
        let update = match args.remove("onSuccessUpdateEmail") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(update)) => update,
            Some(_) => return Err(wrong("onSuccessUpdateEmail")),
        };
        let destroy = match args.remove("onSuccessDestroyEmail") {
            None | Some(Value::Null) => Vec::new(),
            Some(list) => serde_json::from_value(list).map_err(|_| wrong("onSuccessDestroyEmail"))?,
        };
        if update.len() > MAX_OBJECTS_IN_SET || destroy.len() > MAX_OBJECTS_IN_SET {
            return Err(MethodError::RequestTooLarge);
        }
        Ok(Self { update, destroy })
    }
}

pub async fn set(work: &mut Work<'_>, mut args: Map<String, Value>) -> Result<Value, MethodError> {
    let on_success = OnSuccess::take(&mut args)?;
    let args: SetArguments = arguments(args)?;
    args.refuse_too_many()?;
    let account = work.account(&args.account_id)?;
    let old_state = work.state(account).await?;
    IfInState::read(args.if_in_state.as_deref())?.check(old_state)?;
    let mut outcome = Outcome::default();
    // The emails of submissions that were made or forgotten, by what the client calls them.
    let mut done: Vec<(String, String)> = Vec::new();
    for (creation, value) in args.create.unwrap_or_default() {
        let result = create(work, account, value).await;
        let result = result.map(|submission| {
            let id = submission.id.to_string();
            work.created.insert(creation.clone(), id.clone());
            done.push((format!("#{creation}"), submission.message.to_string()));
            json!({ "id": id, "threadId": submission.thread, "sendAt": utc(submission.sent_at), "undoStatus": submission.undo_status.as_str() })
        });
        outcome.creation(&creation, result);
    }
    for (id, patch) in args.update.unwrap_or_default() {
        let result = update(work, account, &id, &patch).await;
        let result = result.map(|submission| {
            done.push((id.clone(), submission.message.to_string()));
            Value::Null
        });
        outcome.update(&id, result);
    }
    for id in args.destroy.unwrap_or_default() {
        match destroy(work, account, &id).await {
            Ok(submission) => {
                done.push((id.clone(), submission.message.to_string()));
                outcome.destruction(&id, Ok(()));
            }
            Err(error) => outcome.destruction(&id, Err(error)),
        }
    }
    let new_state = work.state(account).await?;
    let answer = outcome.answer(&args.account_id, old_state, new_state);
    change_emails(work, &args.account_id, &done, on_success).await;
    Ok(answer)
}

/// RFC 8621 §7.5: one implicit Email/set, whose answer comes after this one's.
async fn change_emails(work: &mut Work<'_>, account_id: &str, done: &[(String, String)], on_success: OnSuccess) {
    let email_of = |submission: &str| done.iter().find(|(name, _)| name == submission).map(|(_, email)| email.clone());
    let update: Map<String, Value> =
        on_success.update.into_iter().filter_map(|(submission, patch)| Some((email_of(&submission)?, patch))).collect();
    let destroy: Vec<String> = on_success.destroy.iter().filter_map(|submission| email_of(submission)).collect();
    if update.is_empty() && destroy.is_empty() {
        return;
    }
    let mut args = Map::new();
    args.insert("accountId".to_owned(), json!(account_id));
    args.insert("update".to_owned(), Value::Object(update));
    args.insert("destroy".to_owned(), json!(destroy));
    let answer = emails::set::set(work, args).await;
    work.more.push(match answer {
        Ok(body) => ("Email/set", body),
        Err(error) => ("error", error.into_json()),
    });
}

/// What a client asks for.
struct Wanted {
    identity: EmailIdentityId,
    message: mail::MessageId,
    envelope: Option<SentEnvelope>,
}

impl Wanted {
    fn read(work: &Work<'_>, value: &Value) -> Result<Self, SetError> {
        let Value::Object(object) = value else { return Err(SetError::invalid_properties([], "a submission is an object")) };
        let unknown: Vec<&str> =
            object.keys().map(String::as_str).filter(|name| !["identityId", "emailId", "envelope"].contains(name)).collect();
        if !unknown.is_empty() {
            return Err(SetError::invalid_properties(unknown, "the server sets these"));
        }
        let id = |name: &str| object.get(name).and_then(Value::as_str).and_then(|id| work.id(id));
        let identity = id("identityId").and_then(|id| id.parse().ok());
        let message = id("emailId").and_then(|id| id.parse().ok());
        let envelope = match object.get("envelope") {
            None | Some(Value::Null) => None,
            Some(envelope) => Some(
                envelope_of(envelope).ok_or_else(|| SetError::invalid_property("envelope", "the envelope is not of the expected form"))?,
            ),
        };
        Ok(Self {
            identity: identity.ok_or_else(|| SetError::invalid_property("identityId", "there is no such identity"))?,
            message: message.ok_or_else(|| SetError::invalid_property("emailId", "there is no such email"))?,
            envelope,
        })
    }
}

async fn create(work: &Work<'_>, account: MailAccountId, value: Value) -> Result<EmailSubmission, SetError> {
    let wanted = Wanted::read(work, &value)?;
    let (_, known) = identities::current(work, account).await.map_err(SetError::of_method)?;
    if !known.iter().any(|identity| identity.id == wanted.identity) {
        return Err(SetError::invalid_property("identityId", "there is no such identity"));
    }
    let message_id = wanted.message;
    let found = work.read(move |ctx, tx| Ok::<_, SetError>(messages::find_messages(ctx, tx, account, &[message_id])?)).await?;
    let stored = found.into_iter().next().ok_or_else(|| SetError::invalid_property("emailId", "there is no such email"))?;
    let org = work.caller.ctx.org;
    let bytes = messages::read(&work.app.store, org, &stored.blob_id, &stored.prefix).await.map_err(SetError::of)?;
    let (bytes, envelope) = on_a_thread(move || {
        let derived = derived_envelope(&bytes);
        (with_crlf(bytes), derived)
    })
    .await
    .map_err(SetError::of_method)?;
    let envelope = match wanted.envelope {
        Some(envelope) => envelope,
        None => envelope?,
    };
    let prepared = Prepared::of(envelope, work.ctx().now)?;
    let headers = SenderHeaders::read(&bytes).map_err(sender_failure)?;
    check(work, account, &prepared, headers, stored.size_bytes).await?;
    send(work, account, wanted.identity, &stored, bytes, prepared).await
}

/// Asks everything that would make the message come back.
async fn check(
    work: &Work<'_>,
    account: MailAccountId,
    prepared: &Prepared,
    headers: SenderHeaders,
    size_bytes: u64,
) -> Result<(), SetError> {
    let from = prepared.from.clone();
    let recipients: Vec<EnvelopeAddress> = prepared.recipients.iter().map(|recipient| recipient.address.clone()).collect();
    let refused = work
        .read(move |ctx, tx| {
            match submission::check_envelope_sender(tx, ctx.org, account, &from, ctx.now) {
                Err(error @ SenderRefused::NotOwn { .. }) => {
                    return Err(SetError::typed("forbiddenMailFrom", error));
                }
                other => other.map_err(sender_failure)?,
            }
            submission::check_sender(tx, ctx.org, account, &from, &headers, ctx.now).map_err(sender_failure)?;
            let mut refused = Vec::new();
            for address in &recipients {
                match find_destination(tx, ctx.org, address, size_bytes) {
                    Ok(Destination::Here(_) | Destination::Elsewhere) => {}
                    Err(RecipientRefused::Store(error)) => return Err(error.into()),
                    Err(error) if is_for_good(&error) => refused.push(address.to_string()),
                    // A full mailbox may have room tomorrow; the sender is told by a notice.
                    Err(_) => {}
                }
            }
            Ok(refused)
        })
        .await?;
    if refused.is_empty() { Ok(()) } else { Err(invalid_recipients(refused)) }
}

fn is_for_good(error: &RecipientRefused) -> bool {
    kernel::Fault::kind(error) == kernel::FaultKind::NotFound
}

/// RFC 8621 §7.5
fn sender_failure(error: SenderRefused) -> SetError {
    match error {
        SenderRefused::MayNotSend { .. } => SetError::typed("forbiddenToSend", error),
        SenderRefused::NotOwn { .. } => SetError::typed("forbiddenFrom", error),
        SenderRefused::FromMissing => SetError::typed("invalidEmail", error).with("properties", json!(["from"])),
        SenderRefused::HeaderRepeated { header } => {
            SetError::typed("invalidEmail", error).with("properties", json!([header.to_ascii_lowercase()]))
        }
        SenderRefused::Store(error) => error.into(),
    }
}

async fn send(
    work: &Work<'_>,
    account: MailAccountId,
    identity: EmailIdentityId,
    stored: &StoredMessage,
    bytes: Vec<u8>,
    prepared: Prepared,
) -> Result<EmailSubmission, SetError> {
    let ctx = work.ctx();
    let host = &work.app.options.mail_host;
    let domain = match &prepared.from {
        ReversePath::Address(address) => address.domain().to_owned(),
        ReversePath::Null => host.clone(),
    };
    let Prepared { envelope, from, recipients, envelope_id, ret, not_before } = prepared;
    let smtp_utf8 = recipients.iter().any(|recipient| recipient.address.needs_utf8());
    let new = NewSubmission {
        account: Some(account),
        from,
        recipients,
        message: submission::prepare(bytes, &Missing::of(&ctx, &domain)),
        envelope_id,
        ret,
        smtp_utf8,
        not_before,
        trace: Trace { by: Arc::from(host.as_str()), with: "HTTP" },
    };
    let (id, message, thread) = (ctx.new_id(), stored.id, stored.thread);
    let (sent_at, undo_status) = match not_before {
        Some(at) => (at, UndoStatus::Pending),
        None => (ctx.now, UndoStatus::Final),
    };
    let submission = move |sent: &Submitted| EmailSubmission {
        id,
        identity,
        message,
        thread,
        envelope: envelope.clone().with_outcomes(&sent.outcomes),
        queued_as: sent.id,
        sent_at,
        undo_status,
    };
    let (noting, recorded) = (ctx.clone(), submission.clone());
    let sent = submission::submit_with(&work.app.store, &ctx, new, move |tx, sent| {
        Ok(email_submissions::record(&noting, tx, account, &recorded(sent))?)
    });
    Ok(submission(&sent.await.map_err(SetError::of)?))
}

/// Lines end with CRLF on the wire, whatever an import brought.
fn with_crlf(bytes: Vec<u8>) -> Vec<u8> {
    let bare = bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    if !bare {
        return bytes;
    }
    let mut written = Vec::with_capacity(bytes.len() + bytes.len() / 40);
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\r' => {
                rest.next_if_eq(&b'\n');
                written.extend_from_slice(b"\r\n");
            }
            b'\n' => written.extend_from_slice(b"\r\n"),
            other => written.push(other),
        }
    }
    written
}

async fn find(work: &Work<'_>, account: MailAccountId, id: &str) -> Result<EmailSubmission, SetError> {
    let id: EmailSubmissionId = work.id(id).and_then(|id| id.parse().ok()).ok_or_else(SetError::not_found)?;
    let (_, found) = work.read(move |ctx, tx| Ok::<_, SetError>(email_submissions::list(ctx, tx, account, Some(&[id]))?)).await?;
    found.into_iter().next().ok_or_else(SetError::not_found)
}

/// Only `undoStatus` can be changed, and only of what is held: to `canceled`.
async fn update(work: &Work<'_>, account: MailAccountId, id: &str, patch: &Value) -> Result<EmailSubmission, SetError> {
    let submission = find(work, account, id).await?;
    let Value::Object(patch) = patch else { return Err(SetError::invalid_patch("a patch is an object")) };
    let others: Vec<&str> = patch.keys().map(String::as_str).filter(|name| *name != "undoStatus").collect();
    if !others.is_empty() {
        return Err(SetError::invalid_properties(others, "only the undo status can be changed"));
    }
    let Some(wanted) = patch.get("undoStatus") else { return Ok(submission) };
    if *wanted == json!("canceled") && submission.undo_status != UndoStatus::Canceled {
        let id = submission.id;
        let canceled = work.write(account, move |ctx, tx| match email_submissions::cancel(ctx, tx, account, id)? {
            true => Ok(()),
            // Nothing is kept of what was begun.
            false => Err(SetError::new("cannotUnsend").because("the message has left")),
        });
        canceled.await?;
    } else if *wanted != json!(submission.undo_status.as_str()) {
        return Err(SetError::invalid_property("undoStatus", "an undo status is changed to \"canceled\""));
    }
    Ok(submission)
}

async fn destroy(work: &Work<'_>, account: MailAccountId, id: &str) -> Result<EmailSubmission, SetError> {
    let submission = find(work, account, id).await?;
    let id = submission.id;
    let removed = work.write(account, move |ctx, tx| Ok::<_, SetError>(email_submissions::remove(ctx, tx, account, id)?)).await?;
    if removed { Ok(submission) } else { Err(SetError::not_found()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_smtp_wants_them() {
        assert_eq!(with_crlf(b"a\nb\rc\r\nd".to_vec()), b"a\r\nb\r\nc\r\nd");
        let whole = b"a\r\nb\r\n".to_vec();
        let address = whole.as_ptr();
        let same = with_crlf(whole);
        assert_eq!(same.as_ptr(), address, "nothing was copied");
    }
}
