//! EmailSubmission/set (RFC 8621 §7.5): sends at once, and tells the client what it would have told SMTP.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::{EmailIdentityId, EmailSubmissionId, MailAccountId};
use mail::email_submissions::{self, EmailSubmission, SentAddress, SentEnvelope, SentOutcome};
use mail::messages::{self, StoredMessage};
use mail::mime;
use mail::reception::RecipientRefused;
use mail::submission::{
    self, Destination, EnvelopeAddress, MAX_RECIPIENTS, Missing, NewRecipient, NewSubmission, Notify, Outcome as Sent, Return, ReversePath,
    SenderHeaders, SenderRefused, Submitted, Trace, find_destination,
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
            json!({ "id": id, "threadId": submission.thread, "sendAt": utc(submission.sent_at), "undoStatus": "final" })
        });
        outcome.creation(&creation, result);
    }
    for (id, patch) in args.update.unwrap_or_default() {
        let result = update(work, account, &id, &patch).await;
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

fn envelope_of(value: &Value) -> Option<SentEnvelope> {
    let rcpt_to = value["rcptTo"].as_array().filter(|recipients| recipients.len() <= 10 * MAX_RECIPIENTS)?;
    Some(SentEnvelope { mail_from: address_of(&value["mailFrom"])?, rcpt_to: rcpt_to.iter().map(address_of).collect::<Option<_>>()? })
}

fn address_of(value: &Value) -> Option<SentAddress> {
    let email = value["email"].as_str().filter(|email| email.len() <= 1000 && !email.contains('\0'))?;
    let parameters = match &value["parameters"] {
        Value::Null => None,
        Value::Object(parameters) => {
            let fits = |(name, value): (&String, &Value)| {
                name.len() <= 50
                    && !name.contains('\0')
                    && (value.is_null() || value.as_str().is_some_and(|text| text.len() <= 500 && !text.contains('\0')))
            };
            (parameters.len() <= 20 && parameters.iter().all(fits)).then(|| Some(parameters.clone()))?
        }
        _ => return None,
    };
    Some(SentAddress { email: email.to_owned(), parameters, outcome: None })
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
    let prepared = Prepared::of(envelope)?;
    let headers = SenderHeaders::read(&bytes).map_err(sender_failure)?;
    check(work, account, &prepared, headers, stored.size_bytes).await?;
    send(work, account, wanted.identity, &stored, bytes, prepared).await
}

/// An envelope whose addresses can be sent to.
struct Prepared {
    envelope: SentEnvelope,
    from: ReversePath,
    recipients: Vec<NewRecipient>,
    envelope_id: Option<String>,
    ret: Return,
}

impl Prepared {
    fn of(mut envelope: SentEnvelope) -> Result<Self, SetError> {
        let from = match envelope.mail_from.email.as_str() {
            "" => ReversePath::Null,
            email => {
                let address: EnvelopeAddress = email.parse().map_err(|error| SetError::typed("forbiddenMailFrom", error))?;
                ReversePath::Address(address)
            }
        };
        if envelope.rcpt_to.is_empty() {
            return Err(SetError::new("noRecipients").because("the message goes to nobody"));
        }
        if envelope.rcpt_to.len() > MAX_RECIPIENTS {
            return Err(SetError::new("tooManyRecipients").with("maxRecipients", json!(MAX_RECIPIENTS)));
        }
        let (mut recipients, mut invalid) = (Vec::new(), Vec::new());
        for recipient in &mut envelope.rcpt_to {
            match recipient.email.parse::<EnvelopeAddress>() {
                Ok(address) => {
                    recipient.email = address.to_string();
                    recipients.push(with_parameters(address, recipient.parameters.as_ref()));
                }
                Err(_) => invalid.push(recipient.email.clone()),
            }
        }
        if !invalid.is_empty() {
            return Err(invalid_recipients(invalid));
        }
        let parameter = |name: &str| parameter(envelope.mail_from.parameters.as_ref(), name);
        let envelope_id = parameter("ENVID").filter(|id| id.len() <= 100);
        let ret = if parameter("RET").is_some_and(|ret| ret.eq_ignore_ascii_case("FULL")) { Return::Full } else { Return::Headers };
        Ok(Self { from, recipients, envelope_id, ret, envelope })
    }
}

fn invalid_recipients(invalid: Vec<String>) -> SetError {
    SetError::new("invalidRecipients").because("mail cannot be sent to some of the recipients").with("invalidRecipients", json!(invalid))
}

fn parameter(parameters: Option<&Map<String, Value>>, name: &str) -> Option<String> {
    let (_, value) = parameters?.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    value.as_str().map(str::to_owned)
}

/// RFC 3461 §4
fn with_parameters(address: EnvelopeAddress, parameters: Option<&Map<String, Value>>) -> NewRecipient {
    let mut recipient = NewRecipient::new(address);
    if let Some(notify) = parameter(parameters, "NOTIFY") {
        let asks = |word: &str| notify.split(',').any(|asked| asked.trim().eq_ignore_ascii_case(word));
        recipient.notify = Notify { success: asks("SUCCESS"), failure: asks("FAILURE"), delay: asks("DELAY") };
    }
    recipient.original = parameter(parameters, "ORCPT").filter(|original| original.len() <= 500 && original.is_ascii());
    recipient
}

/// RFC 8621 §7.5: from whom and to whom, as the header says.
fn derived_envelope(message: &[u8]) -> Result<SentEnvelope, SetError> {
    let parsed = mime::parse(message);
    let addresses = |name: &str| -> Vec<String> {
        let fields = parsed.headers().iter().filter(|field| field.is(name));
        fields
            .flat_map(|field| field.as_addresses())
            .map(|address| address.email.trim().to_owned())
            .filter(|email| !email.is_empty())
            .collect()
    };
    let invalid =
        |name: &str| SetError::new("invalidEmail").because("the message does not say who sends it").with("properties", json!([name]));
    let sender = match (&addresses("sender")[..], &addresses("from")[..]) {
        ([sender], _) => sender.clone(),
        ([], [from]) => from.clone(),
        ([], _) => return Err(invalid("from")),
        _ => return Err(invalid("sender")),
    };
    let mut seen = BTreeSet::new();
    let recipients = ["to", "cc", "bcc"].into_iter().flat_map(addresses).filter(|email| seen.insert(email.to_lowercase()));
    let address = |email: String| SentAddress { email, parameters: None, outcome: None };
    Ok(SentEnvelope { mail_from: address(sender), rcpt_to: recipients.map(address).collect() })
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
    let Prepared { envelope, from, recipients, envelope_id, ret } = prepared;
    let smtp_utf8 = recipients.iter().any(|recipient| recipient.address.needs_utf8());
    let new = NewSubmission {
        account: Some(account),
        from,
        recipients,
        message: submission::prepare(bytes, &Missing::of(&ctx, &domain)),
        envelope_id,
        ret,
        smtp_utf8,
        not_before: None,
        trace: Trace { by: Arc::from(host.as_str()), with: "HTTP" },
    };
    let (id, message, thread, sent_at) = (ctx.new_id(), stored.id, stored.thread, ctx.now);
    let submission = move |sent: &Submitted| EmailSubmission {
        id,
        identity,
        message,
        thread,
        envelope: with_outcomes(envelope.clone(), &sent.outcomes),
        queued_as: sent.id,
        sent_at,
    };
    let (noting, recorded) = (ctx.clone(), submission.clone());
    let sent = submission::submit_with(&work.app.store, &ctx, new, move |tx, sent| {
        Ok(email_submissions::record(&noting, tx, account, &recorded(sent))?)
    });
    Ok(submission(&sent.await.map_err(SetError::of)?))
}

fn with_outcomes(mut envelope: SentEnvelope, outcomes: &[Sent]) -> SentEnvelope {
    for (recipient, outcome) in envelope.rcpt_to.iter_mut().zip(outcomes) {
        recipient.outcome = Some(match outcome {
            Sent::Local => SentOutcome::Local,
            Sent::Queued => SentOutcome::Queued,
            Sent::Bounced { .. } => SentOutcome::Bounced,
        });
    }
    envelope
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

/// Only `undoStatus` could be changed, and it is final at once.
async fn update(work: &Work<'_>, account: MailAccountId, id: &str, patch: &Value) -> Result<Value, SetError> {
    find(work, account, id).await?;
    let Value::Object(patch) = patch else { return Err(SetError::invalid_patch("a patch is an object")) };
    let others: Vec<&str> = patch.keys().map(String::as_str).filter(|name| *name != "undoStatus").collect();
    if !others.is_empty() {
        return Err(SetError::invalid_properties(others, "only the undo status can be changed"));
    }
    match patch.get("undoStatus") {
        None => Ok(Value::Null),
        Some(status) if *status == json!("final") => Ok(Value::Null),
        Some(status) if *status == json!("canceled") => Err(SetError::new("cannotUnsend").because("the message was sent at once")),
        Some(_) => Err(SetError::invalid_property("undoStatus", "an undo status is \"canceled\"")),
    }
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
    fn an_envelope_is_derived_from_the_header() {
        let message = b"From: a@first.test\r\nTo: b@first.test, C <c@second.test>\r\nCc: B@first.test\r\nBcc: d@first.test\r\n\r\n";
        let envelope = derived_envelope(message).unwrap();
        assert_eq!(envelope.mail_from.email, "a@first.test");
        let recipients: Vec<&str> = envelope.rcpt_to.iter().map(|recipient| recipient.email.as_str()).collect();
        assert_eq!(recipients, ["b@first.test", "c@second.test", "d@first.test"]);
        let several = derived_envelope(b"From: a@first.test, b@first.test\r\nSender: b@first.test\r\n\r\n").unwrap();
        assert_eq!((several.mail_from.email.as_str(), several.rcpt_to.len()), ("b@first.test", 0));
        assert_eq!(derived_envelope(b"From: a@first.test, b@first.test\r\n\r\n").unwrap_err().kind(), "invalidEmail");
        assert_eq!(derived_envelope(b"Subject: x\r\n\r\n").unwrap_err().kind(), "invalidEmail");
    }

    #[test]
    fn lines_end_as_smtp_wants_them() {
        assert_eq!(with_crlf(b"a\nb\rc\r\nd".to_vec()), b"a\r\nb\r\nc\r\nd");
        let whole = b"a\r\nb\r\n".to_vec();
        let address = whole.as_ptr();
        let same = with_crlf(whole);
        assert_eq!(same.as_ptr(), address, "nothing was copied");
    }
}
