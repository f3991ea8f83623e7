//! One listener on the bus for all event streams: each stream hears of its own account and its own session only.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{IdentityId, MailAccountId};
use store::{Bus, Notice};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

/// Counts up with every piece of news.
type Bell = watch::Sender<u64>;

#[derive(Default)]
struct Bells {
    accounts: HashMap<MailAccountId, Bell>,
    identities: HashMap<IdentityId, Bell>,
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub {
    bells: Arc<Mutex<Bells>>,
    listens: Arc<AtomicBool>,
}

/// What a stream listens to.
pub struct Ears {
    pub mail: watch::Receiver<u64>,
    pub session: watch::Receiver<u64>,
}

impl Hub {
    fn bells(&self) -> MutexGuard<'_, Bells> {
        // The maps are whole between any two statements, so a panic elsewhere does not spoil them.
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on.
    pub fn listen(&self, bus: &Bus, account: MailAccountId, identity: IdentityId) -> Ears {
        if !self.listens.swap(true, Ordering::SeqCst) {
            let (hub, mut notices) = (self.clone(), bus.subscribe());
            tokio::spawn(async move {
                loop {
                    match notices.recv().await {
                        Ok(Notice::Mail { account, .. }) => ring(&mut hub.bells().accounts, account),
                        Ok(Notice::SessionsRevoked { identity }) => ring(&mut hub.bells().identities, identity),
                        Ok(_) => {}
                        // Nobody knows what was missed, so everybody looks.
                        Err(RecvError::Lagged(_)) => {
                            let bells = hub.bells();
                            bells.accounts.values().chain(bells.identities.values()).for_each(|bell| bell.send_modify(|news| *news += 1));
                        }
                        Err(RecvError::Closed) => return,
                    }
                }
            });
        }
        let mut bells = self.bells();
        Ears { mail: subscribe(&mut bells.accounts, account), session: subscribe(&mut bells.identities, identity) }
    }
}

fn subscribe<K: Hash + Eq>(bells: &mut HashMap<K, Bell>, key: K) -> watch::Receiver<u64> {
    bells.entry(key).or_insert_with(|| watch::channel(0).0).subscribe()
}

/// A bell that nobody hears any more is taken down when it would ring.
fn ring<K: Hash + Eq>(bells: &mut HashMap<K, Bell>, key: K) {
    if let Some(bell) = bells.get(&key) {
        if bell.receiver_count() == 0 {
            bells.remove(&key);
        } else {
            bell.send_modify(|news| *news += 1);
        }
    }
}
