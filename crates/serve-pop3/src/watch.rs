//! Watches over the sessions that are signed in: tells those whose sign-in was revoked, and renews the locks of their maildrops.
//!
//! A notice can get lost, or belong to another node; so from time to time every session is looked at, many in one transaction.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use identity::protocols::{self, ProtocolSession};
use kernel::{IdentityId, Source, Timestamp};
use mail::maildrop::{self, Lock};
use store::{Notice, Store, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;
use transport::stopped;

/// Sessions that are looked at in one transaction.
const LOOKED_AT_TOGETHER: usize = 200;

/// What one session hears.
pub(crate) struct Ear {
    /// Whether the session may go on has to be asked before it does anything more.
    doubted: AtomicBool,
    /// Another session has the maildrop.
    lock_lost: AtomicBool,
    told: Notify,
    signed_in: ProtocolSession,
    lock: Lock,
}

impl Ear {
    /// Waits until something is told. What was told since the last wait ends it at once.
    pub(crate) async fn listen(&self) {
        self.told.notified().await;
    }

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

    pub(crate) fn has_lost_lock(&self) -> bool {
        self.lock_lost.load(Ordering::Acquire)
    }

    fn tell_doubt(&self) {
        self.doubt();
        self.told.notify_one();
    }

    fn tell_lock_lost(&self) {
        self.lock_lost.store(true, Ordering::Release);
        self.told.notify_one();
    }
}

/// Everybody who is watched over.
#[derive(Default)]
pub(crate) struct Watch {
    sessions: Mutex<HashMap<u64, Arc<Ear>>>,
    next: AtomicU64,
}

/// A session's place among them; it is left when this goes.
pub(crate) struct Watched {
    watch: Arc<Watch>,
    number: u64,
    pub(crate) ear: Arc<Ear>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.lock().remove(&self.number);
    }
}

impl Watch {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Ear>>> {
        self.sessions.lock().expect("nothing panics while it holds this lock")
    }

    pub(crate) fn over(self: &Arc<Self>, signed_in: ProtocolSession, lock: Lock) -> Watched {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let ear =
            Arc::new(Ear { doubted: AtomicBool::new(false), lock_lost: AtomicBool::new(false), told: Notify::new(), signed_in, lock });
        self.lock().insert(number, Arc::clone(&ear));
        Watched { watch: Arc::clone(self), number, ear }
    }

    /// Runs until `stopping` turns true. Locks are renewed until then; after it sessions have no more than a few seconds.
    pub(crate) async fn carry(self: Arc<Self>, store: Store, source: Source, check_every: Duration, mut stopping: watch::Receiver<bool>) {
        let mut notices = store.bus().subscribe();
        let mut ticks = tokio::time::interval(check_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        loop {
            tokio::select! {
                notice = notices.recv() => match notice {
                    Ok(Notice::SessionsRevoked { identity }) => self.tell_revoked(identity),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.look_at_all(&store, source.now()).await,
                    Err(RecvError::Closed) => return,
                },
                _ = ticks.tick() => self.look_at_all(&store, source.now()).await,
                () = stopped(&mut stopping) => return,
            }
        }
    }

    fn tell_revoked(&self, identity: IdentityId) {
        self.lock().values().filter(|ear| ear.signed_in.identity_id == identity).for_each(|ear| ear.tell_doubt());
    }

    async fn look_at_all(&self, store: &Store, now: Timestamp) {
        let all: Vec<Arc<Ear>> = self.lock().values().cloned().collect();
        for some in all.chunks(LOOKED_AT_TOGETHER) {
            if let Err(error) = check(store, some, now).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "Could not look whether POP3 sessions may go on");
                // Closed on failure: each asks for itself before it does anything more.
                some.iter().for_each(|ear| ear.tell_doubt());
            }
            if let Err(error) = keep(store, some, now).await {
                // The next time is early enough; and QUIT looks for itself before it deletes.
                tracing::warn!(error = &error as &dyn std::error::Error, "Could not renew the locks of maildrops");
            }
        }
    }
}

async fn check(store: &Store, ears: &[Arc<Ear>], now: Timestamp) -> Result<(), StoreError> {
    let asked = ears.to_vec();
    let revoked = store.read(move |tx| {
        let mut revoked = Vec::new();
        for ear in &asked {
            if !protocols::is_still_valid(tx, &ear.signed_in, now)? {
                revoked.push(Arc::clone(ear));
            }
        }
        Ok::<_, StoreError>(revoked)
    });
    revoked.await?.iter().for_each(|ear| ear.tell_doubt());
    Ok(())
}

async fn keep(store: &Store, ears: &[Arc<Ear>], now: Timestamp) -> Result<(), StoreError> {
    let locks: Vec<Lock> = ears.iter().map(|ear| ear.lock.clone()).collect();
    let lost = store.write(move |tx| maildrop::keep(tx, &locks, now)).await?;
    ears.iter().filter(|ear| lost.contains(&ear.lock)).for_each(|ear| ear.tell_lock_lost());
    Ok(())
}
