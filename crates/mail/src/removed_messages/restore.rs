use std::sync::Arc;

use kernel::{Ctx, MailAccountId, Timestamp};
use store::{BlobError, Store, StoreError, Tx};

use super::repo::{self, OldMessage};
use crate::heads::{self, Head, MailError};
use crate::mailboxes::{self, Role};
use crate::messages::{self, Incoming, NewEntryAt, add_opened};
use crate::mime::{Rendered, render};
use crate::{FlagBits, Flags, MailboxId, MessageId, threads};

/// Messages that are read and put back together.
const AT_ONCE: usize = 20;
/// And their bytes, unless one alone has more.
const BYTES_AT_ONCE: u64 = 16 << 20;

/// What became of the messages that were to be brought back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// The removed ones, and what they are now.
    pub restored: Vec<(MessageId, MessageId)>,
    /// Not removed, or no longer recoverable.
    pub not_found: Vec<MessageId>,
    /// Still recoverable; the account is too full.
    pub without_room: Vec<MessageId>,
}

/// Messages could not be brought back. What was brought back before that stays.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("a message could not be read")]
    Blob(#[from] BlobError),
    #[error("could not bring messages back")]
    Store(#[from] StoreError),
}
kernel::faults! { RestoreError:
    RestoreError::Mail(inner) => inner,
    RestoreError::Blob(inner) => inner,
    RestoreError::Store(inner) => inner,
}

/// Brings messages back to where they were last; to INBOX when that is gone, or was the trash, where nobody would look for them.
pub async fn restore(store: &Store, ctx: &Ctx, account: MailAccountId, ids: &[MessageId]) -> Result<Restored, RestoreError> {
    let mut wanted = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut done = Restored::default();
    for some in wanted.chunks(AT_ONCE) {
        let (for_read, chosen) = (ctx.clone(), some.to_vec());
        let old = store.read(move |tx| {
            heads::open(&for_read, tx, account)?;
            Ok::<_, RestoreError>(repo::find(tx, account, &chosen)?)
        });
        let old = old.await?;
        done.not_found.extend(some.iter().filter(|id| !old.iter().any(|old| old.id == **id)));
        for group in by_bytes(old) {
            put_back(store, ctx, account, group, &mut done).await?;
        }
    }
    Ok(done)
}

/// Up to where what was removed within a time has been brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    removed_at: Timestamp,
    message: MessageId,
}

impl Progress {
    /// Nothing of what was removed at `from` or later has.
    pub fn from(from: Timestamp) -> Self {
        // No message has this number.
        Self { removed_at: from, message: MessageId::from_raw(0) }
    }
}

/// Brings back some more of what was removed before `until`, in the order of removal; `None` when that was all.
pub async fn restore_more(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    after: Progress,
    until: Timestamp,
) -> Result<Option<(Restored, Progress)>, RestoreError> {
    let some = store.read(move |tx| repo::between(tx, account, (after.removed_at, after.message), until, AT_ONCE)).await?;
    let Some((removed_at, message)) = some.last().copied() else { return Ok(None) };
    let ids: Vec<MessageId> = some.into_iter().map(|(_, id)| id).collect();
    Ok(Some((restore(store, ctx, account, &ids).await?, Progress { removed_at, message })))
}

fn by_bytes(old: Vec<OldMessage>) -> Vec<Vec<OldMessage>> {
    let mut groups: Vec<Vec<OldMessage>> = Vec::new();
    let mut bytes = 0;
    for message in old {
        bytes += message.size_bytes;
        match groups.last_mut() {
            Some(group) if bytes <= BYTES_AT_ONCE => group.push(message),
            _ => {
                bytes = message.size_bytes;
                groups.push(vec![message]);
            }
        }
    }
    groups
}

async fn put_back(
    store: &Store,
    ctx: &Ctx,
    account: MailAccountId,
    group: Vec<OldMessage>,
    done: &mut Restored,
) -> Result<(), RestoreError> {
    let mut rendered = Vec::with_capacity(group.len());
    for old in group {
        let octets = store.blobs().get(ctx.org, &old.blob_id).await?;
        // It shows again how it belongs to others, which its row does not tell.
        rendered.push((old, render(&octets)));
    }
    let (ctx, rendered) = (ctx.clone(), Arc::new(rendered));
    let outcome = store.write_account(account, move |tx| {
        let mut head = heads::open(&ctx, tx, account)?;
        let mut outcome = Restored::default();
        for (old, rendered) in rendered.iter() {
            if repo::waiting(tx, account, &[old.id])?.is_empty() {
                outcome.not_found.push(old.id);
            } else if !head.has_room_for(old.size_bytes) {
                outcome.without_room.push(old.id);
            } else {
                outcome.restored.push((old.id, put_back_one(&ctx, tx, &head, old, rendered)?));
                head.used_bytes += old.size_bytes;
            }
        }
        Ok::<_, RestoreError>(outcome)
    });
    let outcome = outcome.await?;
    done.restored.extend(outcome.restored);
    done.not_found.extend(outcome.not_found);
    done.without_room.extend(outcome.without_room);
    Ok(())
}

fn put_back_one(ctx: &Ctx, tx: &mut Tx, head: &Head, old: &OldMessage, rendered: &Rendered) -> Result<MessageId, RestoreError> {
    let mailbox = home(ctx, tx, head, old.mailbox)?;
    // It is a mark of somebody's wish that it go.
    let flags = Flags { bits: old.flags.bits.without(FlagBits::DELETED), ..old.flags.clone() };
    let hashes = threads::reference_hashes(rendered);
    let summary = messages::summary_json(&rendered.summary);
    let incoming = Incoming {
        blob_id: &old.blob_id,
        blob_at: old.blob_at,
        prefix: &old.prefix,
        size_bytes: old.size_bytes,
        received_at: old.received_at,
        saved_at: ctx.now,
        sent_at: rendered.sent_at,
        has_attachment: rendered.has_attachment,
        envelope: &rendered.envelope,
        body_structure: &rendered.body_structure,
        summary: &summary,
        reference_hashes: &hashes,
        more_bytes: rendered.more_bytes,
    };
    let added = add_opened(tx, head, &incoming, &[NewEntryAt { mailbox, flags: &flags }])?;
    // Only now, so that the blob is named all the time.
    repo::forget(tx, head.account, &[(old.id, old.size_bytes)])?;
    added.first().map(|added| added.message).ok_or(StoreError::RowCount { expected: "the message that was put back", found: 0 }.into())
}

fn home(ctx: &Ctx, tx: &mut Tx, head: &Head, last: MailboxId) -> Result<MailboxId, StoreError> {
    match mailboxes::repo::find(tx, head.account, last)? {
        Some(mailbox) if mailbox.role != Some(Role::Trash) => Ok(last),
        _ => mailboxes::made_for_role(ctx, tx, head, Role::Inbox),
    }
}
