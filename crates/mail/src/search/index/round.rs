//! One round of indexing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::{MailAccountId, Rng};
use store::{BlobError, Store, TextIndex, TextWriter, give_way};
use tokio::runtime::Handle;

use super::repo::{Behind, State};
use super::{GiveUpOnDrop, IndexError, build, repo, stands};
use crate::messages;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    pub messages: u64,
    pub accounts: u64,
    /// There was more to do than one round does.
    pub has_more: bool,
}

/// Accounts of one round.
const ACCOUNTS: u64 = 2_000;
/// Rows that one transaction reads: with their summaries some 200 KB.
const PAGE: u64 = 100;
/// What goes into one commit, which takes some files and syncs.
const COMMIT_MESSAGES: u64 = 5_000;
const COMMIT_BYTES: u64 = 128 << 20;
const COMMIT_ACCOUNTS: usize = 200;
const NICENESS: i32 = 10;

/// Indexes what accounts have that lie at least `min_numbers` behind, on a thread of low priority. With 1 it also removes what is gone. Once `stop` is set
/// it commits what it has and ends.
pub async fn index_round(store: &Store, rng: &Arc<dyn Rng>, min_numbers: i64, stop: &Arc<AtomicBool>) -> Result<Round, IndexError> {
    let own = store.clone();
    let stands = tokio::task::spawn_blocking(move || stands(&own)).await.map_err(|_| IndexError::Interrupted)?;
    let (behind, orphans) = store
        .read(move |tx| {
            let behind = repo::behind(tx, &stands, min_numbers, MailAccountId::from_raw(i64::MIN), ACCOUNTS)?;
            let orphans = if min_numbers > 1 { Vec::new() } else { repo::orphans(tx, ACCOUNTS)? };
            Ok::<_, IndexError>((behind, orphans))
        })
        .await?;
    if behind.is_empty() && orphans.is_empty() {
        return Ok(Round::default());
    }
    // Nobody waits any more when the future is dropped.
    let give_up = GiveUpOnDrop(Arc::clone(stop));
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let work = Work { store: store.clone(), handle: Handle::current(), rng: Arc::clone(rng), stop: Arc::clone(&give_up.0) };
    std::thread::Builder::new()
        .name("index".to_owned())
        .spawn(move || {
            // Of this thread and those that the engine starts from it. A machine that refuses is indexed on at once.
            let _ = rustix::process::setpriority_process(None, NICENESS);
            // Nobody may wait for it any more.
            let _ = sender.send(work.run(behind, orphans));
        })
        .map_err(|_| IndexError::Interrupted)?;
    receiver.await.map_err(|_| IndexError::Interrupted)?
}

struct Work {
    store: Store,
    handle: Handle,
    rng: Arc<dyn Rng>,
    stop: Arc<AtomicBool>,
}

/// What the next commit makes true.
struct Promise {
    account: MailAccountId,
    old: Option<State>,
    indexed_to: i64,
    removed_to: i64,
}

struct Batch {
    writer: TextWriter,
    promises: Vec<Promise>,
    is_dirty: bool,
    messages: u64,
    bytes: u64,
}

impl Work {
    fn run(&self, behind: Vec<Behind>, orphans: Vec<(MailAccountId, i64)>) -> Result<Round, IndexError> {
        let mut round = Round { has_more: behind.len() as u64 == ACCOUNTS, ..Round::default() };
        let mut shards: BTreeMap<u32, (Vec<Behind>, Vec<MailAccountId>)> = BTreeMap::new();
        for behind in behind {
            shards.entry(TextIndex::shard_of(behind.account.raw())).or_default().0.push(behind);
        }
        for (account, _) in orphans {
            shards.entry(TextIndex::shard_of(account.raw())).or_default().1.push(account);
        }
        for (shard, (behind, orphans)) in shards {
            if self.is_stopped() {
                return Ok(Round { has_more: true, ..round });
            }
            let writer = self.writer(shard)?;
            let mut batch = Batch { writer, promises: Vec::new(), is_dirty: false, messages: 0, bytes: 0 };
            for account in &orphans {
                batch.writer.remove_all_of(account.raw());
                batch.is_dirty = true;
            }
            for behind in behind {
                round.accounts += 1;
                self.index_account(&mut batch, behind, &mut round)?;
                if self.is_stopped() {
                    round.has_more = true;
                    break;
                }
                if batch.promises.len() >= COMMIT_ACCOUNTS {
                    self.commit(&mut batch)?;
                }
            }
            self.commit(&mut batch)?;
            for account in orphans {
                self.store.write_bulk_blocking(move |tx| repo::forget(tx, account))?;
            }
            if !self.is_stopped() {
                batch.writer.finish()?;
            }
        }
        Ok(round)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn writer(&self, shard: u32) -> Result<TextWriter, IndexError> {
        let fresh = || (i64::from_le_bytes(self.rng.bytes()) & i64::MAX).max(1);
        let writer = self.store.texts().writer(shard, fresh())?;
        let stand = writer.stand();
        if self.store.read_blocking(move |tx| repo::has_unbacked(tx, stand))? {
            tracing::warn!(shard, "A shard of the full-text index is an older copy of itself and is made again");
            drop(writer);
            self.store.texts().discard(shard)?;
            return Ok(self.store.texts().writer(shard, fresh())?);
        }
        Ok(writer)
    }

    fn index_account(&self, batch: &mut Batch, behind: Behind, round: &mut Round) -> Result<(), IndexError> {
        let account = behind.account;
        let stand = batch.writer.stand();
        // What went is known only as far back as history goes.
        let trusted = behind.state.filter(|state| {
            state.stand.generation == stand.generation && state.removed_to >= behind.history_from.min(behind.change_number)
        });
        let mut at = trusted.map_or(0, |state| state.indexed_to);
        match trusted {
            Some(_) => batch.writer.remove_after(account.raw(), at)?,
            None => batch.writer.remove_all_of(account.raw()),
        }
        batch.is_dirty = true;
        if let Some(state) = trusted {
            self.remove_gone(batch, behind, state.removed_to)?;
        }
        let mut old = behind.state;
        loop {
            let to = behind.last_number;
            let page = self.store.read_blocking(move |tx| repo::messages(tx, account, at, to, PAGE))?;
            let is_last = (page.len() as u64) < PAGE;
            for message in &page {
                if self.is_stopped() {
                    // What was added so far is vouched for by the commit that is still to come.
                    batch.promises.push(Promise { account, old, indexed_to: at, removed_to: behind.change_number });
                    round.has_more = true;
                    return Ok(());
                }
                self.add(batch, behind, message)?;
                round.messages += 1;
                at = message.id.raw();
            }
            if is_last {
                at = to;
            }
            let is_full = batch.messages >= COMMIT_MESSAGES || batch.bytes >= COMMIT_BYTES;
            if is_last || is_full {
                batch.promises.push(Promise { account, old, indexed_to: at, removed_to: behind.change_number });
            }
            if is_full {
                let stand = self.commit(batch)?;
                old = Some(State { stand, indexed_to: at, removed_to: behind.change_number });
            }
            if is_last {
                return Ok(());
            }
        }
    }

    fn remove_gone(&self, batch: &mut Batch, behind: Behind, removed_to: i64) -> Result<(), IndexError> {
        let mut after = (removed_to, i64::MAX);
        loop {
            let (account, to) = (behind.account, behind.change_number);
            let gone = self.store.read_blocking(move |tx| repo::removed(tx, account, after, to, PAGE * 10))?;
            let Some(last) = gone.last() else { return Ok(()) };
            after = *last;
            for (_, message) in gone {
                batch.writer.remove(account.raw(), message);
            }
        }
    }

    fn add(&self, batch: &mut Batch, behind: Behind, message: &repo::Message) -> Result<(), IndexError> {
        give_way();
        let read = self.handle.block_on(messages::read(&self.store, behind.org, &message.blob_id, &message.prefix));
        let document = match read {
            Ok(bytes) => build::document(behind.account, message, Some(&bytes)),
            // Destroyed since its row was read, or damaged: searches hear of that when they come to it.
            Err(BlobError::NotFound | BlobError::Damaged) => build::document(behind.account, message, None),
            Err(error) => return Err(error.into()),
        };
        batch.writer.add(&document)?;
        batch.messages += 1;
        batch.bytes += message.size_bytes;
        Ok(())
    }

    /// First the index, then the rows that vouch for it.
    fn commit(&self, batch: &mut Batch) -> Result<store::Stand, IndexError> {
        let stand = if batch.is_dirty || batch.messages > 0 { batch.writer.commit()? } else { batch.writer.stand() };
        (batch.is_dirty, batch.messages, batch.bytes) = (false, 0, 0);
        let promises = Arc::new(std::mem::take(&mut batch.promises));
        self.store.write_bulk_blocking(move |tx| {
            for promise in promises.iter() {
                let new = State { stand, indexed_to: promise.indexed_to, removed_to: promise.removed_to };
                // Where it does not hold any more, the account is looked at again by the next round.
                repo::advance(tx, promise.account, promise.old, new)?;
            }
            Ok::<_, IndexError>(())
        })?;
        Ok(stand)
    }
}
