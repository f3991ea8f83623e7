//! What changed, told to whoever listens in this process, after the commit.
//!
//! A lost notice only delays: listeners also look at change numbers from time to time.

use kernel::{IdentityId, JobId, MailAccountId, OrgId};
use tokio::sync::broadcast;

/// Something that was committed a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A job came, went on or ended.
    Job { org: OrgId, id: JobId },
    /// Something of a kind changed, such as `members`; lists of it are stale.
    Changed { org: OrgId, topic: &'static str },
    /// Sessions of an identity ended; caches of them are stale.
    SessionsRevoked { identity: IdentityId },
    /// Audit events wait for their seal.
    AuditAppended { org: OrgId },
    /// Mail of an account came, changed or went; the account's change number is now at least this.
    Mail { org: OrgId, account: MailAccountId, change_number: i64 },
}

/// Hands notices to every subscriber.
#[derive(Debug, Clone)]
pub struct Bus {
    sender: broadcast::Sender<Notice>,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus {
    /// How many notices a slow subscriber may lie behind before it misses the oldest.
    const CAPACITY: usize = 4096;

    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(Self::CAPACITY) }
    }

    /// From now on; a subscriber that lags is told so (`RecvError::Lagged`) and goes on with the oldest that is kept.
    pub fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.sender.subscribe()
    }

    /// For news that no transaction carries; transactions use [`Tx::publish`](crate::Tx::publish).
    pub fn publish(&self, notice: Notice) {
        // Without subscribers there is nobody to tell, which is no error.
        let _ = self.sender.send(notice);
    }
}
