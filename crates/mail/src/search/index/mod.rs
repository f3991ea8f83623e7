//! The full-text index of mail: derived from messages, behind them by a few, and never in the way of a delivery.
//!
//! A [`Round`] looks for accounts that have messages the index does not hold, reads these in the order of their numbers, and commits them to the index in
//! batches; only then a row says how far the account is indexed. A crash in between leaves documents that no row vouches for; the next round removes them
//! before it writes others. Searches ask the index about messages up to that number and look at the rest themselves. `docs/designs/search.md` tells
//! what can go wrong.

mod build;
mod repo;
mod round;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::{Ctx, MailAccountId};
use store::{BlobError, Stand, Store, StoreError, TextIndex, TextIndexError, TextIndexSize};

pub use round::{Round, index_round};

use super::evaluate::Plan;
use super::known::Known;
use super::{Search, SearchError};
use crate::heads;

#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error(transparent)]
    Index(#[from] TextIndexError),
    #[error("could not read a message")]
    Blob(#[from] BlobError),
    #[error("could not index mail")]
    Store(#[from] StoreError),
    #[error("the thread that indexes mail ended before its work did")]
    Interrupted,
}

/// Indexes all there is. For commands and tests; the server goes by [`index_round`].
pub async fn catch_up(store: &Store, rng: &Arc<dyn kernel::Rng>) -> Result<u64, IndexError> {
    let mut messages = 0;
    loop {
        let round = index_round(store, rng, 1, &Arc::default()).await?;
        messages += round.messages;
        if !round.has_more {
            return Ok(messages);
        }
    }
}

/// Throws the index away; rounds make it again, and meanwhile searches look into the messages themselves. Blocks the calling thread.
pub fn rebuild(store: &Store) -> Result<(), TextIndexError> {
    (0..TextIndex::SHARDS).try_for_each(|shard| store.texts().discard(shard))
}

/// How far the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub accounts: u64,
    pub messages: u64,
    /// Messages that searches look into themselves.
    pub waiting: u64,
    pub index: TextIndexSize,
}

/// Blocks the calling thread.
pub fn status(store: &Store) -> Result<Status, IndexError> {
    let generations: Vec<i64> = stands(store).iter().map(|stand| stand.generation).collect();
    let (accounts, messages, waiting) = store.read_blocking(move |tx| repo::counts(tx, &generations))?;
    Ok(Status { accounts, messages, waiting, index: store.texts().size()? })
}

/// Of the shards that are here.
fn stands(store: &Store) -> Vec<Stand> {
    (0..TextIndex::SHARDS).filter_map(|shard| store.texts().stand(shard)).collect()
}

/// Tells the thread that asks the index that nobody waits for its answer any more.
struct GiveUpOnDrop(Arc<AtomicBool>);

impl Drop for GiveUpOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the index knows about a search: nothing where there is none, or where it cannot be used.
pub(super) async fn ask(store: &Store, ctx: &Ctx, account: MailAccountId, search: &Search) -> Result<Option<Known>, SearchError> {
    let asked = Plan::new(search).asked;
    if asked.is_empty() {
        return Ok(None);
    }
    let own_ctx = ctx.clone();
    let state = store
        .read(move |tx| {
            heads::open(&own_ctx, tx, account)?;
            Ok::<_, SearchError>(repo::find(tx, account)?)
        })
        .await?;
    let Some(state) = state else {
        metrics::counter!("yanshu_searches_total", "index" => "none yet").increment(1);
        return Ok(None);
    };
    let given_up = GiveUpOnDrop(Arc::default());
    let (own_store, flag) = (store.clone(), Arc::clone(&given_up.0));
    let shard = TextIndex::shard_of(account.raw());
    let asking = tokio::task::spawn_blocking(move || {
        let snapshot = own_store.texts().open(shard, state.stand)?;
        Known::ask(&snapshot, account, state.indexed_to, &asked, &flag)
    });
    let outcome = match asking.await {
        Ok(Ok(known)) => {
            metrics::counter!("yanshu_searches_total", "index" => "used").increment(1);
            return Ok(known);
        }
        Ok(Err(TextIndexError::Missing)) => "not here",
        Ok(Err(error)) => {
            tracing::warn!(shard, %error, "The full-text index could not be asked; messages are read instead");
            if error.is_damage() {
                discard(store, shard);
            }
            "failed"
        }
        Err(_) => {
            // The engine takes what is in its files for what it wrote there.
            tracing::error!(shard, "The full-text index is damaged and is made again; messages are read instead");
            discard(store, shard);
            "failed"
        }
    };
    metrics::counter!("yanshu_searches_total", "index" => outcome).increment(1);
    Ok(None)
}

fn discard(store: &Store, shard: u32) {
    if let Err(error) = store.texts().discard(shard) {
        tracing::warn!(shard, %error, "A damaged shard of the full-text index could not be removed");
    }
}
