//! Taking a message on: in one transaction it is in the ingress of everybody here and in the queue for everybody else.

use std::collections::HashMap;
use std::sync::Arc;

use directory::domains::{self, Domain};
use kernel::{Ctx, Fault, MailAccountId, OrgId, SubmissionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobError, Store, StoreError, Tx};

use super::{EnvelopeAddress, ReversePath, SenderHeaders, held, rfc_5322_date};
use crate::dkim::{self, DkimError};
use crate::heads::MailError;
use crate::outbound::{self, About, Action, Answer, Content, Here, LocalCopy, NewQueued, Reported, Wishes};
use crate::reception::{self, RecipientRefused};

/// How many recipients one message may have.
pub const MAX_RECIPIENTS: usize = 1000;

/// When a recipient's sender is told (RFC 3461 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify {
    pub success: bool,
    pub failure: bool,
    pub delay: bool,
}

impl Notify {
    /// `NOTIFY=NEVER`
    pub const NEVER: Self = Self { success: false, failure: false, delay: false };
}

impl Default for Notify {
    /// What holds when a client says nothing.
    fn default() -> Self {
        Self { success: false, failure: true, delay: true }
    }
}

/// How much of the message comes back with a notice of failure (RFC 3461 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Return {
    Full,
    /// What holds when a client says nothing: small, and nothing of the content goes round twice.
    #[default]
    Headers,
}

/// Somebody the message goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecipient {
    pub address: EnvelopeAddress,
    pub notify: Notify,
    /// `ORCPT` as it was given, still encoded: `rfc822;li.na@example.test`; at most 500 bytes.
    pub original: Option<String>,
}

impl NewRecipient {
    pub fn new(address: EnvelopeAddress) -> Self {
        Self { address, notify: Notify::default(), original: None }
    }
}

/// What the trace header says of how the message came here. Nothing of the client: its address is the member's own affair.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The public name of this server.
    pub by: Arc<str>,
    /// One of [`Trace::WITH`].
    pub with: &'static str,
}

impl Trace {
    /// How a member's message may have come here (RFC 3848, RFC 6531 §4.3).
    pub const WITH: [&'static str; 5] = ["HTTP", "ESMTPA", "ESMTPSA", "UTF8SMTPA", "UTF8SMTPSA"];
}

/// A message to send. The caller has asked [`check_sender`](super::check_sender) and [`prepare`](super::prepare)d the bytes.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// Whose message it is; notices about it go there. `None` for what the system sends by itself, about which nobody is told.
    pub account: Option<MailAccountId>,
    pub from: ReversePath,
    pub recipients: Vec<NewRecipient>,
    /// The message as it goes out, lines ended by CRLF.
    pub message: Vec<u8>,
    /// `ENVID` as it was given, still encoded; at most 100 bytes.
    pub envelope_id: Option<String>,
    pub ret: Return,
    /// The client has said `SMTPUTF8`: header fields may hold UTF-8.
    pub smtp_utf8: bool,
    /// Not to leave before then, not to anybody (RFC 4865): it is [`held`](super::held). Only a member's message is.
    pub not_before: Option<Timestamp>,
    pub trace: Trace,
}

/// What becomes of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// In the ingress of somebody here.
    Local,
    /// In the queue.
    Queued,
    /// Nobody here has the address, or it takes no mail at present; the sender is sent a notice. Callers that can still refuse ask before.
    Bounced { code: &'static str },
    /// Kept until its moment comes; what becomes of it then is not known yet.
    Held,
}

/// What was taken on, and is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    pub id: SubmissionId,
    /// In the order of the recipients.
    pub outcomes: Vec<Outcome>,
}

#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error("a message goes to at least one recipient")]
    NoRecipients,
    #[error("a message goes to at most {limit} recipients")]
    TooManyRecipients { limit: usize },
    #[error("nobody outside can tell yet that {domain} is the organisation's")]
    DomainNotVerified { domain: String },
    #[error("a message is held for at most {limit_secs} seconds")]
    TooFarAhead { limit_secs: i64 },
    #[error("at most {limit} messages of one account wait to be sent later")]
    TooManyHeld { limit: u64 },
    #[error("message {0} is not held any more")]
    NotHeld(SubmissionId),
    #[error("could not sign the message")]
    Dkim(#[from] DkimError),
    #[error("could not keep the message")]
    Blob(#[from] BlobError),
    #[error("could not note what was sent")]
    Mail(#[from] MailError),
    #[error("could not take the message on")]
    Store(#[from] StoreError),
}
kernel::faults! { SubmitError:
    SubmitError::NoRecipients => Invalid "recipients_missing",
    SubmitError::TooManyRecipients { limit } => LimitReached "too_many_recipients" { limit },
    SubmitError::DomainNotVerified { domain } => Forbidden "sender_domain_not_verified" { domain },
    SubmitError::TooFarAhead { limit_secs } => Invalid "send_too_far_ahead" { limit_secs },
    SubmitError::TooManyHeld { limit } => LimitReached "too_many_held" { limit },
    SubmitError::NotHeld(_) => Conflict "submission_not_held",
    SubmitError::Dkim(inner) => inner,
    SubmitError::Blob(inner) => inner,
    SubmitError::Mail(inner) => inner,
    SubmitError::Store(inner) => inner,
}

/// Where mail for an address goes.
#[derive(Debug)]
pub enum Destination {
    /// To people of this installation.
    Here(reception::Recipient),
    /// To another server.
    Elsewhere,
}

/// Where mail for a recipient of a submission of a member of `org` goes, or why nobody gets it: for `RCPT`, so that what can be refused is.
pub fn find_destination(tx: &mut Tx, org: OrgId, to: &EnvelopeAddress, size_bytes: u64) -> Result<Destination, RecipientRefused> {
    match reception::check_recipient_of_member(tx, org, to, size_bytes) {
        Ok(recipient) => Ok(Destination::Here(recipient)),
        Err(RecipientRefused::DomainNotOurs) => Ok(Destination::Elsewhere),
        Err(refused) => Err(refused),
    }
}

/// Takes a message on in the organisation of `ctx`. With `Ok` every recipient's outcome is on disk; with an error nothing is.
///
/// Recipients of other organisations of this installation are delivered to locally as well. Of an address that is named twice only the first counts.
pub async fn submit(store: &Store, ctx: &Ctx, new: NewSubmission) -> Result<Submitted, SubmitError> {
    submit_with(store, ctx, new, |_, _| Ok(())).await
}

/// As [`submit`]; `also` writes in the same transaction, so that a message is sent and noted as sent, or neither. It may run more than once.
pub async fn submit_with(
    store: &Store,
    ctx: &Ctx,
    new: NewSubmission,
    also: impl FnMut(&mut Tx, &Submitted) -> Result<(), SubmitError> + Send + 'static,
) -> Result<Submitted, SubmitError> {
    if new.recipients.is_empty() {
        return Err(SubmitError::NoRecipients);
    }
    if new.recipients.len() > MAX_RECIPIENTS {
        return Err(SubmitError::TooManyRecipients { limit: MAX_RECIPIENTS });
    }
    match new.not_before.filter(|until| *until > ctx.now) {
        Some(until) => {
            // Asked again when it leaves; a mistake is better told now.
            if !sort(store, ctx.org, &new).await?.elsewhere.is_empty() {
                require_verified_domains(store, &new).await?;
            }
            held::hold(store, ctx, new, until, also).await
        }
        None => submit_as(store, ctx, ctx.new_id(), new, also).await,
    }
}

/// Sends at once, under an id that was given before.
pub(super) async fn submit_as(
    store: &Store,
    ctx: &Ctx,
    id: SubmissionId,
    mut new: NewSubmission,
    mut also: impl FnMut(&mut Tx, &Submitted) -> Result<(), SubmitError> + Send + 'static,
) -> Result<Submitted, SubmitError> {
    let sorted = sort(store, ctx.org, &new).await?;
    if !sorted.elsewhere.is_empty() {
        require_verified_domains(store, &new).await?;
    }
    let signer = find_signer(store, ctx, &new.message).await?;
    let signatures = sign(store, ctx, &signer, &mut new.message).await?;
    let prefix = [signatures.as_slice(), trace_field(&new.trace, id, ctx.now).as_bytes()].concat();
    let notices = stage_notices(store, ctx, &new, &sorted).await?;
    let queued = to_queue(ctx, &new, id, &prefix, &sorted);
    let copies = stage_copies(store, ctx, &new, &sorted, &prefix).await?;
    let staged = match &queued {
        Some(_) => Some(store.blobs().stage(ctx.org, new.message).await?),
        None => None,
    };
    let (ctx, submitted) = (ctx.clone(), Submitted { id, outcomes: sorted.outcomes });
    let answer = submitted.clone();
    let committed = store.write(move |tx| {
        if let (Some(queued), Some(staged)) = (&queued, &staged) {
            outbound::enqueue(tx, queued, staged, ctx.now)?;
        }
        for copy in copies.iter().chain(&notices) {
            copy.deliver(&ctx, tx)?;
        }
        also(tx, &submitted)
    });
    committed.await?;
    Ok(answer)
}

/// Mail to others leaves only from domains that DNS has proven: anything else would be taken for forged, and might be.
async fn require_verified_domains(store: &Store, new: &NewSubmission) -> Result<(), SubmitError> {
    let headers = SenderHeaders::read(&new.message).ok();
    let written = headers.iter().flat_map(|headers| headers.from.iter().chain(&headers.sender)).filter_map(|written| written.parse().ok());
    let envelope = match &new.from {
        ReversePath::Null => None,
        ReversePath::Address(address) => Some(address.clone()),
    };
    let names: Vec<_> = written.chain(envelope).filter_map(|address: EnvelopeAddress| address.domain_name()).collect();
    let unproven = store.read(move |tx| {
        for name in &names {
            if domains::find_by_name(tx, name)?.is_some_and(|domain| !domain.is_usable()) {
                return Ok(Some(name.to_string()));
            }
        }
        Ok::<_, StoreError>(None)
    });
    unproven.await?.map_or(Ok(()), |domain| Err(SubmitError::DomainNotVerified { domain }))
}

/// The recipients by what becomes of them.
struct Sorted {
    outcomes: Vec<Outcome>,
    /// By organisation, each account once.
    here: Vec<(OrgId, Vec<Here>)>,
    /// Places among the recipients.
    elsewhere: Vec<usize>,
    /// With why nobody gets it.
    refused: Vec<(usize, &'static str)>,
    /// Of those here, who asked to be told of success.
    told_of_success: Vec<usize>,
}

async fn sort(store: &Store, org: OrgId, new: &NewSubmission) -> Result<Sorted, StoreError> {
    let addresses: Vec<EnvelopeAddress> = new.recipients.iter().map(|recipient| recipient.address.clone()).collect();
    let size_bytes = new.message.len() as u64;
    let found = store.read(move |tx| {
        let mut found = Vec::with_capacity(addresses.len());
        for address in &addresses {
            found.push(match find_destination(tx, org, address, size_bytes) {
                Ok(destination) => Ok(destination),
                Err(RecipientRefused::Store(error)) => return Err(error),
                Err(refused) => Err(refused.code()),
            });
        }
        Ok(found)
    });
    let mut sorted =
        Sorted { outcomes: Vec::new(), here: Vec::new(), elsewhere: Vec::new(), refused: Vec::new(), told_of_success: Vec::new() };
    let mut seen: HashMap<&EnvelopeAddress, usize> = HashMap::new();
    for (place, (recipient, found)) in new.recipients.iter().zip(found.await?).enumerate() {
        if let Some(first) = seen.get(&recipient.address) {
            sorted.outcomes.push(sorted.outcomes[*first].clone());
            continue;
        }
        seen.insert(&recipient.address, place);
        let outcome = match found {
            Ok(Destination::Here(here)) => {
                sorted.add_here(new.account.map(|account| (org, account)), new, recipient, &here);
                if recipient.notify.success {
                    sorted.told_of_success.push(place);
                }
                Outcome::Local
            }
            Ok(Destination::Elsewhere) => {
                sorted.elsewhere.push(place);
                Outcome::Queued
            }
            Err(code) => {
                sorted.refused.push((place, code));
                Outcome::Bounced { code }
            }
        };
        sorted.outcomes.push(outcome);
    }
    Ok(sorted)
}

impl Sorted {
    /// Somebody whom several recipients reach gets the message once, under the first.
    fn add_here(&mut self, sender: Option<(OrgId, MailAccountId)>, new: &NewSubmission, to: &NewRecipient, found: &reception::Recipient) {
        let place = self.here.iter().position(|(org, _)| *org == found.org).unwrap_or_else(|| {
            self.here.push((found.org, Vec::new()));
            self.here.len() - 1
        });
        let people = &mut self.here[place].1;
        let wishes = sender.map(|(org, sender)| Wishes {
            org,
            sender,
            notify: to.notify,
            original: to.original.clone(),
            envelope_id: new.envelope_id.clone(),
            ret: new.ret,
        });
        for receiver in &found.receivers {
            if people.iter().all(|here| here.account != receiver.account) {
                people.push(Here { account: receiver.account, address: to.address.clone(), wishes: wishes.clone() });
            }
        }
    }
}

/// The domain whose keys sign: that of the author, as DMARC wants it, if the organisation may use it.
async fn find_signer(store: &Store, ctx: &Ctx, message: &[u8]) -> Result<Option<Domain>, StoreError> {
    let Ok(headers) = SenderHeaders::read(message) else { return Ok(None) };
    let author = headers.from.first().and_then(|from| from.parse::<EnvelopeAddress>().ok());
    let Some(name) = author.and_then(|author| author.domain_name()) else { return Ok(None) };
    let org = ctx.org;
    store
        .read(move |tx| {
            let usable = domains::usable_by(tx, org)?;
            Ok(usable.into_iter().find(|domain| domain.name == name && domain.is_usable()))
        })
        .await
}

async fn sign(store: &Store, ctx: &Ctx, signer: &Option<Domain>, message: &mut Vec<u8>) -> Result<Vec<u8>, SubmitError> {
    let Some(domain) = signer else { return Ok(Vec::new()) };
    dkim::ensure(store, &ctx.rng, domain, ctx.now).await?;
    let (keys, domain) = (store.clone(), domain.clone());
    let keys = store.read(move |tx| dkim::signing_keys(tx, keys.keys(), &domain)).await?;
    let (bytes, signed) = outbound::off_the_loop(std::mem::take(message), move |bytes| dkim::sign(bytes, &keys)).await?;
    *message = bytes;
    Ok(signed?)
}

/// How the message came here, without a word of the client (RFC 5321 §4.4; RFC 6409 §8.1 lets it be left out).
fn trace_field(trace: &Trace, id: SubmissionId, now: Timestamp) -> String {
    format!("Received: by {} with {} id {id};\r\n\t{}\r\n", trace.by, trace.with, rfc_5322_date(now))
}

fn to_queue(ctx: &Ctx, new: &NewSubmission, id: SubmissionId, prefix: &[u8], sorted: &Sorted) -> Option<NewQueued> {
    if sorted.elsewhere.is_empty() {
        return None;
    }
    Some(NewQueued {
        org: ctx.org,
        id,
        account: new.account,
        reverse_path: new.from.clone(),
        prefix: prefix.to_vec(),
        size_bytes: (prefix.len() + new.message.len()) as u64,
        content: content_of(new),
        ret: new.ret,
        envelope_id: new.envelope_id.clone(),
        due_at: ctx.now,
        recipients: sorted.elsewhere.iter().map(|place| new.recipients[*place].clone()).collect(),
    })
}

/// What the next hop must be able to take. Bytes beyond ASCII in a header of somebody who has not said SMTPUTF8 are old programs' local encodings;
/// they travel as 8-bit content does, as they always have.
fn content_of(new: &NewSubmission) -> Content {
    let header_end = new.message.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(new.message.len());
    let header_is_utf8 = new.smtp_utf8 && !new.message[..header_end].is_ascii();
    if header_is_utf8 || new.from.address().is_some_and(EnvelopeAddress::needs_utf8) {
        Content::Utf8
    } else if new.message.is_ascii() {
        Content::SevenBit
    } else {
        Content::EightBit
    }
}

/// The copies for people here, each organisation's bytes in a blob of its own.
async fn stage_copies(store: &Store, ctx: &Ctx, new: &NewSubmission, sorted: &Sorted, prefix: &[u8]) -> Result<Vec<LocalCopy>, BlobError> {
    let mut copies = Vec::with_capacity(sorted.here.len());
    for (org, people) in &sorted.here {
        let staged = LocalCopy::stage(store, *org, prefix, new.message.clone(), new.from.clone(), people, ctx.now);
        copies.push(staged.await?);
    }
    Ok(copies)
}

/// What the sender is told at once: whom nobody here gets the message for, and who has it already.
async fn stage_notices(store: &Store, ctx: &Ctx, new: &NewSubmission, sorted: &Sorted) -> Result<Vec<LocalCopy>, BlobError> {
    let reported = |place: usize, answer: Answer| Reported {
        address: new.recipients[place].address.clone(),
        original: new.recipients[place].original.clone(),
        answer,
        retried_until: None,
    };
    let failed = sorted.refused.iter().filter(|(place, _)| new.recipients[*place].notify.failure);
    let failed = failed.map(|(place, code)| reported(*place, refusal(code))).collect();
    let delivered = sorted.told_of_success.iter().map(|place| reported(*place, Answer::own("2.1.5", "delivered"))).collect();
    let about = About {
        org: ctx.org,
        account: new.account,
        reverse_path: &new.from,
        envelope_id: new.envelope_id.as_deref(),
        ret: new.ret,
        arrived_at: ctx.now,
    };
    let told = vec![(Action::Failed, failed), (Action::Delivered, delivered)];
    outbound::stage_notices(store, ctx, &new.trace.by, &about, told, &new.message).await
}

/// RFC 3463 for what reception refuses.
fn refusal(code: &str) -> Answer {
    match code {
        "recipient_mailbox_full" => Answer::own("5.2.2", "the mailbox is full"),
        "recipient_gone" | "recipient_unknown" => Answer::own("5.1.1", "there is no such mailbox"),
        other => Answer::own("5.0.0", other),
    }
}
