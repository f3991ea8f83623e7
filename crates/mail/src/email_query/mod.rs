//! Which messages an account holds that fit a filter, in the order in which they were received: JMAP's queries, without those that look into texts.
//!
//! Filters speak of messages, not of entries: a message is in every mailbox that has an entry of it, has a keyword when any entry has it, and `$seen`
//! when all have. A filter that names one mailbox and nothing about text is answered from that mailbox's index by time, a page at a time.

mod repo;
mod sql;

use kernel::{Ctx, MailAccountId, Timestamp};
use store::Tx;

pub use crate::messages::Order;
pub use repo::SortFields;

use crate::heads::{self, MailError};
use crate::{FlagBits, FlagError, Flags, MailboxId, MessageId, ThreadId};

/// What messages have to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them; of none, everything.
    And(Vec<Filter>),
    /// Any of them; of none, nothing.
    Or(Vec<Filter>),
    Not(Box<Filter>),
    InMailbox(MailboxId),
    /// In at least one mailbox that is not among these.
    OutsideOf(Vec<MailboxId>),
    ReceivedBefore(Timestamp),
    ReceivedFrom(Timestamp),
    /// At least so many bytes.
    NotSmaller(u64),
    Smaller(u64),
    Keyword(Keyword),
    /// Some message of its thread has the keyword.
    SomeInThread(Keyword),
    /// Every message of its thread has the keyword.
    AllInThread(Keyword),
    HasAttachment,
}

impl Filter {
    pub const EVERYTHING: Self = Self::And(Vec::new());

    /// The mailbox in which everything lies that can fit.
    pub fn mailbox(&self) -> Option<MailboxId> {
        match self {
            Self::InMailbox(id) => Some(*id),
            Self::And(filters) => filters.iter().find_map(Self::mailbox),
            _ => None,
        }
    }

    /// Whether what becomes of one message decides about others of its thread.
    pub fn looks_at_threads(&self) -> bool {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().any(Self::looks_at_threads),
            Self::Not(filter) => filter.looks_at_threads(),
            Self::SomeInThread(_) | Self::AllInThread(_) => true,
            _ => false,
        }
    }

    /// Whether it asks for one mailbox and for nothing else.
    pub fn is_whole_mailbox(&self) -> Option<MailboxId> {
        match self {
            Self::InMailbox(id) => Some(*id),
            Self::And(filters) => match &filters[..] {
                [only] => only.is_whole_mailbox(),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A keyword as rows hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyword {
    Bit(FlagBits),
    /// In lower case.
    Word(String),
}

impl Keyword {
    /// From JMAP's word for it.
    pub fn new(name: &str) -> Result<Self, FlagError> {
        let flags = Flags::from_keywords([name])?;
        Ok(match flags.keywords.into_iter().next() {
            Some(word) => Self::Word(word.to_ascii_lowercase()),
            None => Self::Bit(flags.bits),
        })
    }
}

/// A message that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    pub message: MessageId,
    pub thread: ThreadId,
    pub received_at: Timestamp,
}

/// `limit` messages that fit, after the first `offset` of them.
pub fn page(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    filter: &Filter,
    order: Order,
    offset: u64,
    limit: u64,
) -> Result<Vec<Match>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::matches(tx, account, filter, order, offset, limit)?)
}

/// Every message that fits.
pub fn all(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, filter: &Filter, order: Order) -> Result<Vec<Match>, MailError> {
    page(ctx, tx, account, filter, order, 0, i64::MAX as u64)
}

/// How many messages fit, or how many threads have one that does.
pub fn count(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, filter: &Filter, threads: bool) -> Result<u64, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::count(tx, account, filter, threads)?)
}

/// What lists can be sorted by besides the time they were received; messages that do not exist are left out.
pub fn sort_fields(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    messages: &[MessageId],
    with_summary: bool,
) -> Result<Vec<SortFields>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::sort_fields(tx, account, messages, with_summary)?)
}

/// The messages that share a thread with any of `messages`, among them those that went after the change `since`; themselves included.
pub fn in_same_threads(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    messages: &[MessageId],
    since: i64,
) -> Result<Vec<MessageId>, MailError> {
    heads::open(ctx, tx, account)?;
    let threads = repo::threads_of(tx, account, messages, since)?;
    let found = crate::messages::messages_of_threads(ctx, tx, account, &threads)?;
    Ok(found.into_iter().flat_map(|(_, messages)| messages).collect())
}
