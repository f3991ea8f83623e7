//! Messages: immutable, each the header lines of its delivery and a blob. They come by [`append`] and [`crate::delivery`] and go with their last entry.

mod add;
mod query;
mod replace;
pub(crate) mod repo;

use std::sync::Arc;

use kernel::{Ctx, MailAccountId, OrgId, Timestamp};
use store::{BlobError, BlobId, FoundBlobs, Reference, StagedBlob, Store, StoreError, Tx};

pub use add::{Added, AppendError, append};
pub(crate) use add::{Incoming, NewEntryAt, add_opened, add_to_thread, refuse_without_room, summary_json};
pub use query::{Order, Position, Queried, QueryError, query_mailbox};
pub use replace::{ReplaceError, replace};
pub use repo::{Kept, StoredMessage};

use crate::heads::{self, Head, MailError};
use crate::mime::Rendered;
use crate::{MessageId, ThreadId, maildrop};

/// For the sweep of blobs.
pub const REFERENCE: Reference = Reference { table: "message", column: "blob_id", recorded_at: Some("blob_at") };
/// Of the header lines that a delivery puts in front.
pub const MAX_PREFIX_BYTES: usize = 16 * 1024;

/// A message on its way in. Cheap to clone: what is large is shared by all who get it.
#[derive(Clone)]
pub struct NewMessage {
    pub blob: Arc<StagedBlob>,
    /// Header lines of this delivery, each with its CRLF; nothing for what members write themselves.
    pub prefix: Arc<[u8]>,
    /// Of the blob alone.
    pub rendered: Arc<Rendered>,
    /// IMAP's INTERNALDATE, JMAP's receivedAt.
    pub received_at: Timestamp,
}

/// Those of the messages that exist, in no particular order.
pub fn find_messages(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<StoredMessage>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::find(tx, account, messages)?)
}

/// As [`find_messages`], for who wants nothing but their bytes.
pub fn find_kept(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, messages: &[MessageId]) -> Result<Vec<(MessageId, Kept)>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::find_kept(tx, account, messages)?)
}

/// The messages of a thread, oldest first (RFC 8621 §3), each once however many mailboxes it is in. Nothing for a thread that does not exist.
pub fn messages_of_threads(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    threads: &[ThreadId],
) -> Result<Vec<(ThreadId, Vec<MessageId>)>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::of_threads(tx, account, threads)?)
}

/// The bytes of a message, as clients read it: what was put in front, then the blob.
pub async fn read(store: &Store, org: OrgId, blob_id: &BlobId, prefix: &[u8]) -> Result<Vec<u8>, BlobError> {
    store.blobs().get_behind(org, blob_id, prefix).await
}

/// The bytes of several messages, found together; see [`find_octets`].
pub struct Octets(FoundBlobs);

/// As [`read`], of several messages: found by one statement, and read one after the other.
pub async fn find_octets(store: &Store, org: OrgId, messages: impl Iterator<Item = &Kept>) -> Result<Octets, BlobError> {
    Ok(Octets(store.blobs().find(org, messages.map(|message| message.blob_id.clone()).collect()).await?))
}

impl Octets {
    /// Those of one of the messages. Blocks the calling thread.
    pub fn read(&self, message: &Kept) -> Result<Vec<u8>, BlobError> {
        self.0.read_behind(&message.blob_id, &message.prefix)
    }
}

/// Removes those of the messages that no mailbox holds any more, and leaves their tombstones; answers them. Their rows are for the caller to keep as
/// [`crate::removed_messages`] or to delete.
pub(crate) fn destroy_unheld(
    tx: &mut Tx,
    head: &Head,
    messages: &[MessageId],
    change_number: i64,
    gone_on: i64,
) -> Result<Vec<repo::Gone>, StoreError> {
    let mut all_gone = Vec::with_capacity(messages.len());
    for chunk in messages.chunks(store::IN_LIST_MAX) {
        let gone = repo::unheld(tx, head.account, chunk)?;
        maildrop::delete_messages(tx, head.account, gone.iter().map(|message| message.id))?;
        repo::insert_tombstones(tx, head.account, &gone, change_number, gone_on)?;
        all_gone.extend(gone);
    }
    let bytes: i64 = all_gone.iter().map(|message| message.size_bytes).sum();
    heads::add_usage(tx, head, -bytes, -(all_gone.len() as i64))?;
    Ok(all_gone)
}
