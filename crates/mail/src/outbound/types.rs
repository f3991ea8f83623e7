//! What is in the queue.

use kernel::{MailAccountId, OrgId, SubmissionId, Timestamp};
use serde::{Deserialize, Serialize};
use store::BlobId;

use crate::submission::{EnvelopeAddress, NewRecipient, Notify, Return, ReversePath};

/// Words that are stored as they are written in the API.
macro_rules! stored_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|own| own.as_str() == word)
            }
        }

        impl store::ToParam for $name {
            fn to_param(&self) -> store::Value {
                store::ToParam::to_param(&self.as_str())
            }

            fn null() -> store::Value {
                store::Value::Text(None)
            }
        }

        impl store::FromColumn for $name {
            const NAME: &'static str = stringify!($name);

            fn from_column(column: store::Column<'_>) -> Option<Self> {
                match column {
                    store::Column::Text(text) => Self::from_word(text),
                    _ => None,
                }
            }
        }
    };
}

stored_words! {
    /// What a next hop must be able to take.
    Content {
        SevenBit = "7bit",
        /// 8BITMIME (RFC 6152)
        EightBit = "8bit",
        /// SMTPUTF8 (RFC 6531)
        Utf8 = "utf8",
    }
}

stored_words! {
    /// How it stands with a recipient.
    RecipientState {
        /// Waits for its time, or is being sent.
        Queued = "queued",
        /// The next hop has taken it over.
        Delivered = "delivered",
        /// Refused for good.
        Failed = "failed",
        /// Given up after days of trying.
        Expired = "expired",
        /// Taken out by an administrator or operator.
        Removed = "removed",
    }
}

/// What a next hop answered, or why none could be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The host that answered; `None` when it came to none.
    pub host: Option<String>,
    /// The reply code of a host.
    pub code: Option<u16>,
    /// RFC 3463; told by the host, or by us where the host told none.
    pub status: String,
    /// At most [`Answer::MAX_TEXT`] characters, without control characters.
    pub text: String,
}

impl Answer {
    pub const MAX_TEXT: usize = 500;

    /// What we found ourselves, without any host's word.
    pub fn own(status: &str, text: impl Into<String>) -> Self {
        Self { host: None, code: None, status: status.to_owned(), text: clean(&text.into()) }
    }

    /// What a host answered. Without an enhanced status of its own it gets the general one of its class.
    pub fn of_host(host: impl Into<String>, code: u16, status: Option<String>, text: &str) -> Self {
        let status = status.unwrap_or_else(|| format!("{}.0.0", code / 100));
        Self { host: Some(host.into()), code: Some(code), status, text: clean(text) }
    }

    pub fn at_host(self, host: impl Into<String>) -> Self {
        Self { host: Some(host.into()), ..self }
    }
}

fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(Answer::MAX_TEXT).collect()
}

/// What became of a recipient in one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The next hop has it. `promises_notice`: it has taken over the duty to tell of success (RFC 3461 §5.2.1).
    Delivered {
        answer: Answer,
        promises_notice: bool,
    },
    /// To be tried again.
    Deferred(Answer),
    Failed(Answer),
}

/// A message as it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage {
    pub org: OrgId,
    pub id: SubmissionId,
    pub account: Option<MailAccountId>,
    pub reverse_path: ReversePath,
    pub blob_id: BlobId,
    pub prefix: Vec<u8>,
    pub size_bytes: u64,
    pub content: Content,
    pub ret: Return,
    pub envelope_id: Option<String>,
    /// When it was handed in, or was to leave at the earliest.
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// A message that comes into the queue.
#[derive(Debug, Clone)]
pub(crate) struct NewQueued {
    pub org: OrgId,
    pub id: SubmissionId,
    pub account: Option<MailAccountId>,
    pub reverse_path: ReversePath,
    pub prefix: Vec<u8>,
    pub size_bytes: u64,
    pub content: Content,
    pub ret: Return,
    pub envelope_id: Option<String>,
    pub due_at: Timestamp,
    pub recipients: Vec<NewRecipient>,
}

/// One of its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRecipient {
    pub number: i64,
    pub address: EnvelopeAddress,
    pub domain: String,
    pub notify: Notify,
    pub original: Option<String>,
    pub state: RecipientState,
    pub due_at: Timestamp,
    /// Whether a worker has it.
    pub is_leased: bool,
    pub attempts: i64,
    pub delay_told_at: Option<Timestamp>,
    pub answer: Option<Answer>,
    pub answered_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// A message with those of its recipients that one worker has leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub message: QueueMessage,
    pub recipients: Vec<QueueRecipient>,
}

/// How often it is tried, and when it is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    /// Seconds before the second try, the third and so on; the last holds for all that follow.
    pub delays_secs: Vec<i64>,
    pub give_up_after_secs: i64,
    /// When the sender is told that it takes long.
    pub tell_delay_after_secs: i64,
}

impl Default for RetrySchedule {
    fn default() -> Self {
        let minutes = [1, 5, 15, 30, 60, 120, 240];
        Self {
            delays_secs: minutes.iter().map(|minutes| minutes * 60).collect(),
            // RFC 5321 §4.5.4.1 asks for four to five days.
            give_up_after_secs: 5 * 24 * 3600,
            tell_delay_after_secs: 4 * 3600,
        }
    }
}

impl RetrySchedule {
    /// When a message is given up.
    pub fn end(&self, created_at: Timestamp) -> Timestamp {
        created_at.plus_secs(self.give_up_after_secs)
    }

    /// When to try again after `attempts` tries: up to a fifth later than planned, so that what failed together does not come back together, and never
    /// after the end.
    pub fn next(&self, attempts: i64, now: Timestamp, end: Timestamp, rng: &dyn kernel::Rng) -> Timestamp {
        let place = usize::try_from(attempts - 1).unwrap_or(0).min(self.delays_secs.len().saturating_sub(1));
        let delay = self.delays_secs.get(place).copied().unwrap_or(3600).max(1);
        let share = i64::from(u16::from_le_bytes(rng.bytes::<2>()));
        let at = now.plus_secs(delay + delay * share / (5 * i64::from(u16::MAX)));
        at.min(end.max(now.plus_secs(1)))
    }
}

pub(crate) fn notify_bits(notify: Notify) -> i64 {
    i64::from(notify.success) | i64::from(notify.failure) << 1 | i64::from(notify.delay) << 2
}

pub(crate) fn notify_of(bits: i64) -> Notify {
    Notify { success: bits & 1 != 0, failure: bits & 2 != 0, delay: bits & 4 != 0 }
}

impl Return {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Headers => "headers",
        }
    }
}
