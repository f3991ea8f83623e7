//! Taking a message on: in one transaction it is in the ingress of everybody here and in the queue for everybody else.

use std::sync::Arc;

use kernel::{Ctx, MailAccountId, SubmissionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobError, Store, StoreError};

use super::{EnvelopeAddress, ReversePath};

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
    /// `ESMTPSA`, `ESMTPA`, `HTTP` … (RFC 3848).
    pub with: &'static str,
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
    /// Not to leave before then.
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
    #[error("could not keep the message")]
    Blob(#[from] BlobError),
    #[error("could not take the message on")]
    Store(#[from] StoreError),
}
kernel::faults! { SubmitError:
    SubmitError::NoRecipients => Invalid "recipients_missing",
    SubmitError::TooManyRecipients { limit } => LimitReached "too_many_recipients" { limit },
    SubmitError::Blob(inner) => inner,
    SubmitError::Store(inner) => inner,
}

/// Takes a message on in the organisation of `ctx`. With `Ok` every recipient's outcome is on disk; with an error nothing is.
///
/// Recipients of other organisations of this installation are delivered to locally as well.
pub async fn submit(store: &Store, ctx: &Ctx, new: NewSubmission) -> Result<Submitted, SubmitError> {
    if new.recipients.is_empty() {
        return Err(SubmitError::NoRecipients);
    }
    if new.recipients.len() > MAX_RECIPIENTS {
        return Err(SubmitError::TooManyRecipients { limit: MAX_RECIPIENTS });
    }
    let _ = (store, ctx);
    Err(SubmitError::Store(StoreError::Unsupported("sending is not built yet")))
}
