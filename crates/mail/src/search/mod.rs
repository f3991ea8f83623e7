//! Finding messages by what they are and what they say: IMAP's SEARCH, and the texts of JMAP's filters.
//!
//! A search goes through the entries of a mailbox or an account in chunks, each read in a transaction of its own. SQL leaves out what it can tell is no
//! match, the row decides what it can (flags, dates, and addresses and subjects by the summary), and only messages that are still undecided have their
//! bytes read, a few at a time. So a search holds no transaction long, takes little memory however large the mailbox, and ends when its future is
//! dropped. Nothing is indexed here.
//!
//! Texts match as substrings once both sides are folded ([`fold`]): case, width and composed forms make no difference, nor does how lines were broken.

mod evaluate;
mod fold;
mod repo;
mod snippet;

use std::sync::Arc;

use kernel::{Ctx, Date, MailAccountId, Timestamp};
use store::{BlobError, Store, StoreError};
use tokio::task::JoinSet;

pub use fold::fold;
pub use snippet::{Snippet, snippet};

use crate::heads::{self, MailError};
use crate::{FlagBits, MailboxId, MessageId, ThreadId, UidSet, mailboxes, messages};
use evaluate::Plan;
use repo::Candidate;

/// What messages have to be. `And` of nothing is everything, `Or` of nothing is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    All,
    And(Vec<Search>),
    Or(Vec<Search>),
    Not(Box<Search>),
    /// Name and address, as for the three below.
    From(String),
    To(String),
    Cc(String),
    Bcc(String),
    Subject(String),
    /// Texts of all parts, and file names.
    Body(String),
    /// The header or the body.
    Text(String),
    /// A field of this name that holds the text; an empty text asks for the field alone.
    Header(String, String),
    /// Whether all of these bits are set.
    Flag(FlagBits, bool),
    /// A keyword that has no bit.
    Keyword(String, bool),
    /// More bytes than this.
    Larger(u64),
    /// Fewer bytes than this.
    Smaller(u64),
    ReceivedBefore(Timestamp),
    /// At that moment or later.
    ReceivedSince(Timestamp),
    /// By the time they entered their mailbox. RFC 8514
    SavedBefore(Timestamp),
    SavedSince(Timestamp),
    /// By the day that the Date field names, whatever its hour and zone; a message without one is neither before nor since.
    SentBefore(Date),
    SentSince(Date),
    Uid(UidSet),
    /// Changed by the change of this number or a later one: IMAP's MODSEQ.
    ChangedSince(i64),
    InMailbox(MailboxId),
    Message(MessageId),
    Thread(ThreadId),
    HasAttachment,
}

/// Where is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Mailbox(MailboxId),
    /// All mailboxes; a message that is in several is found once for each.
    Account,
}

/// An entry that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub mailbox: MailboxId,
    pub uid: u32,
    pub message: MessageId,
    pub thread: ThreadId,
    pub received_at: Timestamp,
    pub change_number: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("the search has more than {MAX_TERMS} conditions or is nested deeper than {MAX_DEPTH} levels")]
    TooComplex,
    #[error("could not read a message")]
    Blob(#[from] BlobError),
    #[error("could not search")]
    Store(#[from] StoreError),
}
kernel::faults! { SearchError:
    SearchError::Mail(inner) => inner,
    SearchError::TooComplex => Invalid "search_too_complex",
    SearchError::Blob(inner) => inner,
    SearchError::Store(inner) => inner,
}

/// Conditions of one search, and levels of them; protocols allow less.
const MAX_TERMS: usize = 2_000;
const MAX_DEPTH: usize = 100;
/// Entries that one transaction reads.
const CHUNK: u64 = 1_000;
/// Messages whose bytes are in memory at once.
const READERS: usize = 4;

/// The entries that fit, by mailbox and uid. Changes that are made meanwhile are seen or not, entry by entry.
pub async fn search(store: &Store, ctx: &Ctx, account: MailAccountId, scope: Scope, search: &Search) -> Result<Vec<Hit>, SearchError> {
    if !evaluate::is_bounded(search, MAX_TERMS, MAX_DEPTH) {
        return Err(SearchError::TooComplex);
    }
    let plan = Arc::new(Plan::new(search));
    let mut hits = Vec::new();
    let mut after = None;
    loop {
        let (own_ctx, chunk_plan, from) = (ctx.clone(), Arc::clone(&plan), after);
        let chunk = store
            .read(move |tx| {
                heads::open(&own_ctx, tx, account)?;
                if let Scope::Mailbox(mailbox) = scope {
                    mailboxes::get(&own_ctx, tx, account, mailbox)?;
                }
                Ok::<_, SearchError>(repo::candidates(tx, account, scope, &chunk_plan, from, CHUNK)?)
            })
            .await?;
        hits.extend(chunk.hits);
        look_inside(store, ctx, &plan, chunk.undecided, &mut hits).await?;
        match chunk.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    hits.sort_unstable_by_key(|hit| (hit.mailbox, hit.uid));
    Ok(hits)
}

/// Reads the bytes of messages that rows could not decide about.
async fn look_inside(
    store: &Store,
    ctx: &Ctx,
    plan: &Arc<Plan>,
    undecided: Vec<Candidate>,
    hits: &mut Vec<Hit>,
) -> Result<(), SearchError> {
    let mut waiting = undecided.into_iter();
    // Dropped with this future, and then no more of them is begun.
    let mut reading: JoinSet<Result<Option<Hit>, SearchError>> = JoinSet::new();
    loop {
        while reading.len() < READERS
            && let Some(candidate) = waiting.next()
        {
            let (store, org, plan) = (store.clone(), ctx.org, Arc::clone(plan));
            reading.spawn(async move {
                let bytes = match messages::read(&store, org, &candidate.blob_id, &candidate.prefix).await {
                    Ok(bytes) => bytes,
                    // Destroyed since its row was read.
                    Err(BlobError::NotFound) => return Ok(None),
                    Err(error) => return Err(error.into()),
                };
                let found = tokio::task::spawn_blocking(move || plan.decide(&candidate.facts, &bytes).then_some(candidate.facts.hit)).await;
                // A reader that panicked would be a defect of ours; the message counts as no match.
                Ok(found.unwrap_or_default())
            });
        }
        match reading.join_next().await {
            Some(Ok(found)) => hits.extend(found?),
            Some(Err(_)) => {}
            None => return Ok(()),
        }
    }
}
