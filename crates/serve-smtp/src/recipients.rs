//! Recipients that were found a moment ago, so that busy mailboxes do not cost a look at the database for every message.
//!
//! An answer holds for two seconds, and no longer than until this node hears of a change to members, domains or quotas; what other nodes change is
//! seen within the two seconds. Whether there is room is found out again by the delivery, in its transaction.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use directory::topics;
use mail::reception::Recipient;
use mail::submission::EnvelopeAddress;
use store::{Bus, Notice};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::Instant;

const HOLDS: Duration = Duration::from_secs(2);
const MOST: usize = 10_000;
/// For larger messages it matters how much room there is.
const SMALL_BYTES: u64 = 64 << 10;

pub struct Recipients {
    known: Mutex<Known>,
}

struct Known {
    news: Receiver<Notice>,
    /// Grows when what is known is forgotten.
    generation: u64,
    found: HashMap<EnvelopeAddress, (Recipient, Instant)>,
}

/// What a look-up may be remembered under, if nothing changed while it went on.
pub struct Asked {
    generation: u64,
    at: Instant,
}

impl Recipients {
    pub fn new(bus: &Bus) -> Self {
        Self { known: Mutex::new(Known { news: bus.subscribe(), generation: 0, found: HashMap::new() }) }
    }

    pub fn find(&self, to: &EnvelopeAddress, size_bytes: u64) -> Result<Recipient, Asked> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.listen();
        let now = Instant::now();
        match known.found.get(to) {
            Some((recipient, at)) if size_bytes <= SMALL_BYTES && now.duration_since(*at) < HOLDS => Ok(recipient.clone()),
            _ => Err(Asked { generation: known.generation, at: now }),
        }
    }

    pub fn remember(&self, asked: &Asked, to: EnvelopeAddress, recipient: Recipient) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.listen();
        if known.generation != asked.generation {
            return;
        }
        if known.found.len() >= MOST {
            known.found.clear();
        }
        known.found.insert(to, (recipient, asked.at));
    }
}

impl Known {
    fn listen(&mut self) {
        loop {
            match self.news.try_recv() {
                Ok(Notice::Changed {
                    topic: topics::MEMBERS | topics::DOMAINS | topics::SERVICE_CLASSES | topics::ADMINISTRATORS, ..
                })
                | Err(TryRecvError::Lagged(_)) => {
                    self.found.clear();
                    self.generation += 1;
                }
                Ok(_) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{MailAccountId, MemberId, OrgId};
    use mail::reception::Receiver;

    use super::*;

    #[test]
    fn what_is_known_is_forgotten_with_the_next_change_even_one_during_the_look_up() {
        let bus = Bus::new();
        let recipients = Recipients::new(&bus);
        let to: EnvelopeAddress = "a@example.test".parse().unwrap();
        let receiver = Receiver { account: MailAccountId::from_raw(1), member: MemberId::from_raw(2) };
        let found = Recipient { org: OrgId::from_raw(3), receivers: vec![receiver] };
        let changed = || bus.publish(Notice::Changed { org: OrgId::from_raw(3), topic: topics::MEMBERS });

        let asked = recipients.find(&to, 0).unwrap_err();
        changed();
        recipients.remember(&asked, to.clone(), found.clone());
        let asked = recipients.find(&to, 0).expect_err("it may be about what was before");
        recipients.remember(&asked, to.clone(), found.clone());
        bus.publish(Notice::Changed { org: OrgId::from_raw(3), topic: topics::DEPARTMENTS });
        assert_eq!(recipients.find(&to, 0).ok(), Some(found));
        assert!(recipients.find(&to, SMALL_BYTES + 1).is_err());
        changed();
        assert!(recipients.find(&to, 0).is_err());
    }
}
