//! The bytes that blob ids name, and Blob/copy.

pub mod methods;

use kernel::{Ctx, MailAccountId};
use mail::messages::{self, StoredMessage};
use mail::mime;
use mail::uploads::{self, Upload};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{BlobError, Store, StoreError};

use super::blob_ids::{BlobName, Root};
use super::error::MethodError;
use super::work::{Work, arguments};

/// A blob that was found, and the type it was uploaded or written with.
pub struct Found {
    pub bytes: Vec<u8>,
    pub content_type: String,
}

/// Where the bytes of a root lie.
pub enum Place {
    Message(Box<StoredMessage>),
    Upload(Upload),
}

/// What a root stands for; `None` when there is no such thing in the account.
pub async fn place(store: &Store, ctx: &Ctx, account: MailAccountId, root: Root) -> Result<Option<Place>, MethodError> {
    let ctx = ctx.clone();
    store
        .read(move |tx| match root {
            Root::Message(id) => {
                let found = messages::find_messages(&ctx, tx, account, &[id])?;
                Ok::<_, MethodError>(found.into_iter().next().map(|message| Place::Message(Box::new(message))))
            }
            Root::Upload(id) => Ok(uploads::find(&ctx, tx, account, id)?.map(Place::Upload)),
        })
        .await
}

/// The bytes of a blob of the account; `None` when it has none of this name.
pub async fn load(store: &Store, ctx: &Ctx, account: MailAccountId, name: &BlobName) -> Result<Option<Found>, MethodError> {
    let Some(place) = place(store, ctx, account, name.root).await? else { return Ok(None) };
    let (bytes, content_type) = match &place {
        Place::Message(message) => (messages::read(store, ctx.org, &message.blob_id, &message.prefix).await, "message/rfc822".to_owned()),
        Place::Upload(upload) => (store.blobs().get(ctx.org, &upload.blob_id).await, upload.content_type.clone()),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        // Swept a moment ago.
        Err(BlobError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if name.parts.is_empty() {
        return Ok(Some(Found { bytes, content_type }));
    }
    let parts = name.parts.clone();
    on_a_thread(move || part_of(bytes, &parts)).await
}

fn part_of(mut bytes: Vec<u8>, parts: &[Vec<u32>]) -> Option<Found> {
    let mut content_type = String::new();
    for path in parts {
        let found = {
            let parsed = mime::parse(&bytes);
            let index = parsed.parts.iter().position(|part| part.part_id.is_some() && part.path == *path)?;
            content_type.clone_from(&parsed.parts[index].media_type);
            parsed.bytes(index).into_owned()
        };
        bytes = found;
    }
    Some(Found { bytes, content_type })
}

/// Taking a large message apart must not hold up the event loop.
pub async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, MethodError> {
    // Only a panic or the end of the server stops the task.
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Panicked.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CopyArguments {
    from_account_id: String,
    account_id: String,
    #[serde(rename = "blobIds")]
    _blob_ids: Vec<String>,
}

/// Blob/copy (RFC 8620 §6.3): a member has one account, and there is nothing to be copied from another.
pub fn copy(work: &Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: CopyArguments = arguments(args)?;
    work.account(&args.account_id)?;
    refuse_copy(work, &args.from_account_id, &args.account_id)
}

/// What a `/copy` is answered where every member has one account.
pub fn refuse_copy(work: &Work<'_>, from: &str, to: &str) -> Result<Value, MethodError> {
    if from == to {
        return Err(MethodError::invalid_arguments("the two accounts are the same"));
    }
    work.account(from).map_err(|_| MethodError::FromAccountNotFound)?;
    Err(MethodError::FromAccountNotSupported)
}
