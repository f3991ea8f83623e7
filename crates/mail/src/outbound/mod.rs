//! 发送队列: mail on its way to other servers.
//!
//! A message is one row, and each of its recipients is one, which is leased, tried and settled by itself. The worker [`claim`]s what is due, speaks SMTP, and
//! [`settle`]s what became of each recipient: in one transaction the outcome and, where the sender wants to know, the notice to it. A recipient that
//! the next hop has taken is never tried again; it is tried twice only when we die between the next hop's 250 and our commit.
//!
//! Nothing here opens a socket; `worker::outbound` does. `docs/designs/outbound.md` tells the whole.

mod bounce;
pub mod egress;
mod local;
mod notices;
mod operate;
mod reasons;
mod repo;
mod report;
mod settle;
mod texts;
mod types;

use kernel::{OrgId, SubmissionId, Timestamp};
use store::{Notice, StagedBlob, StoreError, Tx};

pub use bounce::bounce_refused;
pub use operate::{Listed, QueueError, QueueFilter, Shown, count, list, remove, retry_now, show, status_of};
pub use settle::{RemoveError, SettleError, Settled, remove_with_notice, settle};
pub use types::{Answer, Claimed, Content, Outcome, QueueMessage, QueueRecipient, RecipientState, RetrySchedule};

pub(crate) use local::{Here, LocalCopy, Wishes, off_the_loop};
pub(crate) use notices::{About, stage as stage_notices};
pub(crate) use report::{Action, Report, Reported, build as build_report};
pub(crate) use types::NewQueued;

/// The topic of [`Notice::Changed`] when the queue of an organisation has changed.
pub const TOPIC: &str = "queue";

/// The column that keeps the blobs of waiting messages.
pub const REFERENCES: &[store::Reference] = &[store::Reference { table: "queue_message", column: "blob_id", recorded_at: Some("blob_at") }];

/// Puts a message into the queue, in the transaction that takes it on.
pub(crate) fn enqueue(tx: &mut Tx, new: &NewQueued, staged: &StagedBlob, now: Timestamp) -> Result<(), StoreError> {
    let blob_at = staged.record_at(tx, now)?;
    repo::insert_message(tx, new, staged.id(), blob_at)?;
    repo::insert_recipients(tx, new)?;
    tx.publish(Notice::Changed { org: new.org, topic: TOPIC });
    Ok(())
}

/// Domains with mail that is due, the longest waiting first, each with a count of how much there is at least; `except` are passed over.
pub fn due_domains(tx: &mut Tx, now: Timestamp, except: &[String]) -> Result<Vec<(String, u32)>, StoreError> {
    const SAMPLE: u32 = 2000;
    let except = &except[..except.len().min(store::IN_LIST_MAX)];
    repo::due_domains(tx, now, except, SAMPLE)
}

/// When there is something to do next.
pub fn next_due(tx: &mut Tx, except: &[String]) -> Result<Option<Timestamp>, StoreError> {
    repo::next_due(tx, &except[..except.len().min(store::IN_LIST_MAX)])
}

/// Gives what is due to `owner` (`NODE/PROCESS/NUMBER`) for `lease_secs`: mail for one domain, or for any. At most `limit` recipients.
pub fn claim(
    tx: &mut Tx,
    owner: &str,
    domain: Option<&str>,
    now: Timestamp,
    lease_secs: i64,
    limit: u32,
) -> Result<Vec<Claimed>, StoreError> {
    repo::claim(tx, owner, domain, now, now.plus_secs(lease_secs), limit)
}

/// Keeps the lease on one message; answers which of its recipients `owner` still has. Asked before each try, so that what another has taken over is
/// left alone.
pub fn extend(tx: &mut Tx, owner: &str, org: OrgId, id: SubmissionId, now: Timestamp, lease_secs: i64) -> Result<Vec<i64>, StoreError> {
    repo::extend(tx, owner, org, id, now, now.plus_secs(lease_secs))
}

/// Keeps every lease `owner` has.
pub fn extend_all(tx: &mut Tx, owner: &str, now: Timestamp, lease_secs: i64) -> Result<u64, StoreError> {
    repo::extend_all(tx, owner, now, now.plus_secs(lease_secs))
}

/// Gives back what `owner` has not tried.
pub fn give_back(tx: &mut Tx, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
    repo::give_back(tx, owner, now)
}

/// Gives back what earlier processes of this node had: one process at a time is a node, so they are dead.
pub fn give_back_of_node(tx: &mut Tx, node: &str, now: Timestamp) -> Result<u64, StoreError> {
    repo::give_back_of_node(tx, node, now)
}

/// Clears away what was finished before `before`, at most `limit` messages; answers how many.
pub fn remove_finished(tx: &mut Tx, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    repo::remove_finished(tx, before, limit)
}

/// How many recipients wait, and when the first of them is due.
pub fn depth(tx: &mut Tx) -> Result<(u64, Option<Timestamp>), StoreError> {
    repo::depth(tx)
}
