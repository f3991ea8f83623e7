//! Finding messages by what they are and what they say: IMAP's SEARCH, and the texts of JMAP's filters.
//!
//! The full-text [`index`] is asked first: about the messages it holds it tells which have a text, which have not, and about which it cannot tell. Then the
//! entries are gone through in chunks, each in a transaction of its own: those of the few messages that may fit, or all of the mailbox or account. SQL
//! leaves out what it can tell is no match, the row decides what it can (flags, dates, and addresses and subjects by the summary), and only messages that
//! are still undecided, and those that came after the index was written, have their bytes read, a few at a time. So a search sees what was delivered a
//! moment ago, holds no transaction long, takes little memory however large the mailbox, and ends when its future is dropped. Without the index it finds
//! the same, and takes longer.
//!
//! Texts match as substrings once both sides are folded ([`fold`]): case, width, composed forms and traditional characters make no difference, nor does how
//! lines were broken. People's names are found by their pinyin, too.

mod evaluate;
mod fold;
pub mod index;
mod known;
mod repo;
mod simplified;
mod snippet;
mod texts;
mod tokens;

use std::sync::Arc;

use kernel::{Ctx, Date, MailAccountId, Timestamp};
use roaring::RoaringTreemap;
use store::{BlobError, Store, StoreError, Tx};
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

/// Messages that are looked up one by one; of more, all entries are gone through.
const FEW: u64 = 5_000;

/// The entries that fit, by mailbox and uid. Changes that are made meanwhile are seen or not, entry by entry.
pub async fn search(store: &Store, ctx: &Ctx, account: MailAccountId, scope: Scope, search: &Search) -> Result<Vec<Hit>, SearchError> {
    if !evaluate::is_bounded(search, MAX_TERMS, MAX_DEPTH) {
        return Err(SearchError::TooComplex);
    }
    let mut plan = Plan::new(search);
    plan.known = index::ask(store, ctx, account, search).await?;
    let bounded = plan.bounded().filter(|bounded| bounded.len() <= FEW);
    let plan = Arc::new(plan);
    let looking = Looking { store, ctx, account, scope, plan: &plan };
    let mut hits = match bounded {
        Some(bounded) => looking.through_few(bounded).await?,
        None => looking.through_all().await?,
    };
    hits.sort_unstable_by_key(|hit| (hit.mailbox, hit.uid));
    Ok(hits)
}

struct Looking<'a> {
    store: &'a Store,
    ctx: &'a Ctx,
    account: MailAccountId,
    scope: Scope,
    plan: &'a Arc<Plan>,
}

impl Looking<'_> {
    async fn through_all(&self) -> Result<Vec<Hit>, SearchError> {
        let mut hits = Vec::new();
        let mut after = None;
        loop {
            let (account, scope, plan, from) = (self.account, self.scope, Arc::clone(self.plan), after);
            let chunk = self.read(move |tx| repo::candidates(tx, account, scope, &plan, from, CHUNK)).await?;
            hits.extend(chunk.hits);
            look_inside(self.store, self.ctx, self.plan, chunk.undecided, &mut hits).await?;
            match chunk.next {
                Some(next) => after = Some(next),
                None => return Ok(hits),
            }
        }
    }

    /// The messages that the index names, and those that it does not hold.
    async fn through_few(&self, named: RoaringTreemap) -> Result<Vec<Hit>, SearchError> {
        let mut last = self.plan.known.as_ref().map_or(0, known::Known::indexed_to);
        let named: Vec<MessageId> =
            named.iter().map(|number| MessageId::from_raw(number.cast_signed())).filter(|id| id.raw() <= last).collect();
        let mut hits = Vec::new();
        // At least once: the mailbox may not exist.
        for chunk in named.chunks(CHUNK as usize).chain(named.is_empty().then_some(&[][..])) {
            self.look_at(chunk.to_vec(), &mut hits).await?;
        }
        loop {
            let account = self.account;
            let newer = self.read(move |tx| repo::messages_after(tx, account, last, CHUNK)).await?;
            let Some(newest) = newer.last() else { return Ok(hits) };
            last = newest.raw();
            self.look_at(newer, &mut hits).await?;
        }
    }

    async fn look_at(&self, messages: Vec<MessageId>, hits: &mut Vec<Hit>) -> Result<(), SearchError> {
        let (account, scope, plan) = (self.account, self.scope, Arc::clone(self.plan));
        let chunk = self.read(move |tx| repo::candidates_of(tx, account, scope, &plan, &messages)).await?;
        hits.extend(chunk.hits);
        look_inside(self.store, self.ctx, self.plan, chunk.undecided, hits).await
    }

    /// Each time the account has to be the actor's still.
    async fn read<T: Send + 'static>(
        &self,
        mut f: impl FnMut(&mut Tx) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let (ctx, account, scope) = (self.ctx.clone(), self.account, self.scope);
        self.store
            .read(move |tx| {
                heads::open(&ctx, tx, account)?;
                if let Scope::Mailbox(mailbox) = scope {
                    mailboxes::get(&ctx, tx, account, mailbox)?;
                }
                Ok(f(tx)?)
            })
            .await
    }
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
