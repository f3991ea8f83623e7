//! Mail for people of this installation: its bytes are on disk, and [`LocalCopy::deliver`] puts it into their ingress in a transaction of others.

use std::sync::Arc;

use kernel::{Actor, Ctx, MailAccountId, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobError, Store, StoreError, Tx};

use crate::FlagBits;
use crate::delivery::{self, DeliverError, Into, LocalRecipient};
use crate::heads::MailError;
use crate::mailboxes::Role;
use crate::messages::NewMessage;
use crate::mime;
use crate::submission::{EnvelopeAddress, Notify, Return, ReversePath};

/// Somebody here a message goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Here {
    pub account: MailAccountId,
    pub address: EnvelopeAddress,
    /// What its sender wants to be told; `None` in notices, about which nobody is told.
    pub wishes: Option<Wishes>,
}

/// What travels with a recipient here, so that the sender can be told when the message cannot be delivered after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wishes {
    /// The organisation and account of the member who has sent it.
    pub org: OrgId,
    pub sender: MailAccountId,
    pub notify: Notify,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope_id: Option<String>,
    pub ret: Return,
}

/// A message for people of one organisation here.
pub(crate) struct LocalCopy {
    org: OrgId,
    message: NewMessage,
    return_path: ReversePath,
    to: Vec<LocalRecipient>,
}

impl LocalCopy {
    /// Puts the bytes on disk as a blob of `org`. `trace` are header lines to go in front.
    pub(crate) async fn stage(
        store: &Store,
        org: OrgId,
        trace: &[u8],
        bytes: Vec<u8>,
        return_path: ReversePath,
        to: &[Here],
        now: Timestamp,
    ) -> Result<Self, BlobError> {
        let (bytes, rendered) = off_the_loop(bytes, mime::render).await?;
        let rendered = Arc::new(rendered);
        let blob = Arc::new(store.blobs().stage(org, bytes).await?);
        let prefix = [format!("Return-Path: <{}>\r\n", return_path.as_str()).as_bytes(), trace].concat();
        let to = to.iter().map(|here| LocalRecipient {
            account: here.account,
            address: here.address.to_string(),
            into: Into::Role(Role::Inbox),
            flags: FlagBits::default(),
            note: here.wishes.as_ref().and_then(|wishes| serde_json::to_string(wishes).ok()),
        });
        let message = NewMessage { blob, prefix: prefix.into(), rendered, received_at: now };
        Ok(Self { org, message, return_path, to: to.collect() })
    }

    pub(crate) fn deliver(&self, ctx: &Ctx, tx: &mut Tx) -> Result<(), StoreError> {
        let ctx = ctx.in_org(self.org).acted_by(Actor::System { task: "outbound" });
        match delivery::accept_in(&ctx, tx, &self.to, &self.message, self.return_path.as_str()) {
            Ok(_) => Ok(()),
            Err(DeliverError::Store(error) | DeliverError::Mail(MailError::Store(error))) => Err(error),
            // Neither is said by an ingress, whose recipients are looked at when it is handed out; nor are our header lines that long.
            Err(_) => Err(StoreError::Unsupported("a message for people here was refused by its ingress")),
        }
    }
}

/// Above this, work over a message is handed to a thread of its own, so that it does not hold up the event loop.
const LARGE_BYTES: usize = 128 * 1024;

/// Does something with the bytes of a message and hands them back with what came of it.
pub(crate) async fn off_the_loop<T: Send + 'static>(
    bytes: Vec<u8>,
    work: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<(Vec<u8>, T), BlobError> {
    if bytes.len() < LARGE_BYTES {
        let done = work(&bytes);
        return Ok((bytes, done));
    }
    let working = tokio::task::spawn_blocking(move || {
        let done = work(&bytes);
        (bytes, done)
    });
    working.await.map_err(|_| BlobError::Io(std::io::Error::other("the task was stopped")))
}
