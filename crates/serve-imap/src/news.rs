//! Takes the notices of the bus to the sessions they concern, so that a change wakes the few that show it and not all that wait.
//!
//! A notice can get lost, or belong to another node; so from time to time every session's account is looked at, many in one transaction.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use identity::protocols::{self, ProtocolSession};
use kernel::{IdentityId, MailAccountId};
use mail::heads;
use store::{Notice, Store, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;
use transport::stopped;

/// Sessions that are looked at in one transaction.
const LOOKED_AT_TOGETHER: usize = 200;

/// What one session hears.
pub(crate) struct Ear {
    /// The account's change number is at least this.
    change_number: AtomicI64,
    /// Whether the session may go on has to be asked before it does anything more.
    doubted: AtomicBool,
    /// Apart, because most sessions wait for the one only: a change then wakes those that show it, and not all of the account.
    told_change: Notify,
    told_doubt: Notify,
    signed_in: ProtocolSession,
    account: MailAccountId,
}

impl Ear {
    /// Waits for a change, or for doubt. What came since the last wait ends it at once.
    pub(crate) async fn listen(&self) {
        tokio::select! {
            () = self.told_change.notified() => {}
            () = self.told_doubt.notified() => {}
        }
    }

    /// Waits until somebody has reason to think that this session is over.
    pub(crate) async fn listen_for_doubt(&self) {
        self.told_doubt.notified().await;
    }

    pub(crate) fn change_number(&self) -> i64 {
        self.change_number.load(Ordering::Acquire)
    }

    /// Whether somebody has reason to think that this session is over.
    pub(crate) fn is_doubted(&self) -> bool {
        self.doubted.load(Ordering::Acquire)
    }

    /// The session asked, and may go on.
    pub(crate) fn trust(&self) {
        self.doubted.store(false, Ordering::Release);
    }

    /// The session asked and got no answer.
    pub(crate) fn doubt(&self) {
        self.doubted.store(true, Ordering::Release);
    }

    fn tell_change(&self, change_number: i64) {
        if self.change_number.fetch_max(change_number, Ordering::AcqRel) < change_number {
            self.told_change.notify_one();
        }
    }

    fn tell_doubt(&self) {
        self.doubted.store(true, Ordering::Release);
        self.told_doubt.notify_one();
    }
}

/// Everybody who listens.
#[derive(Default)]
pub(crate) struct News {
    by_account: Mutex<HashMap<MailAccountId, Vec<Arc<Ear>>>>,
}

/// A session's place among those who listen; it is left when this goes.
pub(crate) struct Listening {
    news: Arc<News>,
    pub(crate) ear: Arc<Ear>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut by_account = self.news.lock();
        if let Some(ears) = by_account.get_mut(&self.ear.account) {
            ears.retain(|ear| !Arc::ptr_eq(ear, &self.ear));
            if ears.is_empty() {
                by_account.remove(&self.ear.account);
            }
        }
    }
}

impl News {
    fn lock(&self) -> MutexGuard<'_, HashMap<MailAccountId, Vec<Arc<Ear>>>> {
        self.by_account.lock().expect("nothing panics while it holds this lock")
    }

    pub(crate) fn listen(self: &Arc<Self>, signed_in: ProtocolSession, account: MailAccountId) -> Listening {
        let ear = Arc::new(Ear {
            change_number: AtomicI64::new(0),
            doubted: AtomicBool::new(false),
            told_change: Notify::new(),
            told_doubt: Notify::new(),
            signed_in,
            account,
        });
        self.lock().entry(account).or_default().push(Arc::clone(&ear));
        Listening { news: Arc::clone(self), ear }
    }

    /// How many sessions an account has open.
    pub(crate) fn count(&self, account: MailAccountId) -> usize {
        self.lock().get(&account).map_or(0, Vec::len)
    }

    /// Runs until `stopping` turns true.
    pub(crate) async fn carry(self: Arc<Self>, store: Store, check_every: Duration, mut stopping: watch::Receiver<bool>) {
        let mut notices = store.bus().subscribe();
        let mut ticks = tokio::time::interval(check_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        loop {
            tokio::select! {
                notice = notices.recv() => match notice {
                    Ok(Notice::Mail { account, change_number, .. }) => self.tell_change(account, change_number),
                    Ok(Notice::SessionsRevoked { identity }) => self.tell_revoked(identity),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.look_at_all(&store).await,
                    Err(RecvError::Closed) => return,
                },
                _ = ticks.tick() => self.look_at_all(&store).await,
                () = stopped(&mut stopping) => return,
            }
        }
    }

    fn tell_change(&self, account: MailAccountId, change_number: i64) {
        if let Some(ears) = self.lock().get(&account) {
            ears.iter().for_each(|ear| ear.tell_change(change_number));
        }
    }

    fn tell_revoked(&self, identity: IdentityId) {
        let by_account = self.lock();
        by_account.values().flatten().filter(|ear| ear.signed_in.identity_id == identity).for_each(|ear| ear.tell_doubt());
    }

    async fn look_at_all(&self, store: &Store) {
        let all: Vec<Arc<Ear>> = self.lock().values().flatten().cloned().collect();
        for some in all.chunks(LOOKED_AT_TOGETHER) {
            let now = store.clock().now();
            let asked: Vec<Arc<Ear>> = some.to_vec();
            let found = store
                .read(move |tx| {
                    let accounts: Vec<MailAccountId> = asked.iter().map(|ear| ear.account).collect();
                    let numbers: HashMap<_, _> = heads::change_numbers(tx, &accounts)?.into_iter().collect();
                    let mut found = Vec::with_capacity(asked.len());
                    for ear in &asked {
                        let valid = protocols::is_still_valid(tx, &ear.signed_in, now)?;
                        found.push(numbers.get(&ear.account).copied().filter(|_| valid));
                    }
                    Ok::<_, StoreError>(found)
                })
                .await;
            match found {
                Ok(found) => {
                    for (ear, change_number) in some.iter().zip(found) {
                        match change_number {
                            Some(change_number) => ear.tell_change(change_number),
                            None => ear.tell_doubt(),
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "Could not look whether IMAP sessions may go on");
                    // Closed on failure: each asks for itself before it does anything more.
                    some.iter().for_each(|ear| ear.tell_doubt());
                }
            }
        }
    }
}
