//! What clients have uploaded to put it into messages: bounded for each account, gone after a day.

mod repo;

use kernel::{Ctx, MailAccountId, Timestamp, UploadId};
use store::{BlobId, Reference, StagedBlob, StoreError, Tx};

use crate::heads::{self, MailError};

/// How long an upload waits for its message.
pub const LIFETIME_SECS: i64 = 24 * 3600;

/// For the sweep of blobs.
pub const REFERENCE: Reference = Reference { table: "upload", column: "blob_id", recorded_at: None };

/// Something that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: UploadId,
    pub blob_id: BlobId,
    /// As the client said.
    pub content_type: String,
    pub size_bytes: u64,
    pub created_at: Timestamp,
}

/// How much of an account may wait at the same time.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits {
    pub bytes: u64,
    pub count: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("too much was uploaded and not used yet; the account may keep {limit_bytes} bytes for a day")]
    TooMuch { limit_bytes: u64 },
    #[error("could not keep the upload")]
    Store(#[from] StoreError),
}
kernel::faults! { UploadError:
    UploadError::Mail(inner) => inner,
    UploadError::TooMuch { limit_bytes } => LimitReached "uploads_full" { limit_bytes },
    UploadError::Store(inner) => inner,
}

/// Keeps what was staged, for a day.
pub fn add(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    blob: &StagedBlob,
    content_type: &str,
    size_bytes: u64,
    limits: UploadLimits,
) -> Result<Upload, UploadError> {
    heads::open(ctx, tx, account)?;
    let (count, bytes) = repo::waiting(tx, account, oldest(ctx.now))?;
    if count >= limits.count || bytes.saturating_add(size_bytes) > limits.bytes {
        return Err(UploadError::TooMuch { limit_bytes: limits.bytes });
    }
    blob.record(tx, ctx.now)?;
    let upload =
        Upload { id: ctx.new_id(), blob_id: blob.id().clone(), content_type: content_type.to_owned(), size_bytes, created_at: ctx.now };
    repo::insert(tx, ctx.org, account, &upload)?;
    Ok(upload)
}

/// An upload that is still kept.
pub fn find(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: UploadId) -> Result<Option<Upload>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::find(tx, account, id)?.filter(|upload| upload.created_at > oldest(ctx.now)))
}

/// Removes uploads whose day is over, at most 1000 in one transaction; answers how many.
pub fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    repo::delete_older(tx, oldest(now))
}

fn oldest(now: Timestamp) -> Timestamp {
    now.plus_secs(-LIFETIME_SECS)
}
