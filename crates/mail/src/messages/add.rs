//! A message's way into an account: the one path that appends, deliveries and fan-outs share.

use kernel::{Ctx, MailAccountId, Timestamp};
use store::{BlobId, Engine, StoreError, Tx, params};

use super::{MAX_PREFIX_BYTES, NewMessage};
use crate::entries::{self, NewEntry, thread_counts};
use crate::heads::{self, Head, MailError, Order};
use crate::mailboxes::{self, repo::Counted};
use crate::mime::Summary;
use crate::{Flags, MailboxId, MessageId, ThreadId};
use crate::{maildrop, threads};

/// Where a message was added, as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    pub mailbox: MailboxId,
    pub uid_validity: u32,
    pub uid: u32,
    pub message: MessageId,
    pub thread: ThreadId,
    pub change_number: i64,
}

/// A message could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("{used_bytes} of {quota_bytes} bytes are used")]
    OverQuota { used_bytes: u64, quota_bytes: u64 },
    #[error("a message is in at least one mailbox")]
    NoMailbox,
    #[error("the header lines of a delivery have at most {MAX_PREFIX_BYTES} bytes")]
    PrefixTooLong,
    #[error("could not add the message")]
    Store(#[from] StoreError),
}
kernel::faults! { AppendError:
    AppendError::Mail(inner) => inner,
    AppendError::OverQuota { used_bytes, quota_bytes } => LimitReached "mail_over_quota" { used_bytes, quota_bytes },
    AppendError::NoMailbox => Invalid "message_needs_mailbox",
    AppendError::PrefixTooLong => Invalid "message_prefix_too_long",
    AppendError::Store(inner) => inner,
}

/// Adds a message to one mailbox or several: APPEND, drafts, imports.
pub fn append(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailboxes: &[MailboxId],
    message: &NewMessage,
    flags: &Flags,
) -> Result<Vec<Added>, AppendError> {
    let head = heads::open(ctx, tx, account)?;
    let mut wanted = mailboxes.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Err(AppendError::NoMailbox);
    }
    for mailbox in &wanted {
        if !mailboxes::repo::exists(tx, account, *mailbox)? {
            return Err(MailError::MailboxNotFound(*mailbox).into());
        }
    }
    if message.prefix.len() > MAX_PREFIX_BYTES {
        return Err(AppendError::PrefixTooLong);
    }
    refuse_without_room(&head, message.size_bytes())?;
    let hashes = threads::reference_hashes(&message.rendered);
    let summary = message.summary_json();
    let blob_at = message.blob.record_at(tx, ctx.now)?;
    let incoming = Incoming::of(message, &message.prefix, (blob_at, ctx.now), &summary, &hashes);
    let places: Vec<NewEntryAt> = wanted.into_iter().map(|mailbox| NewEntryAt { mailbox, flags }).collect();
    Ok(add_opened(tx, &head, &incoming, &places)?)
}

pub(crate) fn refuse_without_room(head: &Head, size_bytes: u64) -> Result<(), AppendError> {
    if head.has_room_for(size_bytes) {
        return Ok(());
    }
    Err(AppendError::OverQuota { used_bytes: head.used_bytes, quota_bytes: head.quota_bytes.unwrap_or(u64::MAX) })
}

impl NewMessage {
    /// RFC822.SIZE of what clients read.
    pub fn size_bytes(&self) -> u64 {
        self.prefix.len() as u64 + self.rendered.size_bytes
    }

    pub(crate) fn summary_json(&self) -> String {
        summary_json(&self.rendered.summary)
    }
}

/// As rows hold it.
pub(crate) fn summary_json(summary: &Summary) -> String {
    // NUL is the one character that rows cannot hold; a summary has no control characters, so there is none.
    serde_json::to_string(summary).expect("strings and lists always serialise")
}

/// A message with everything its row needs.
#[derive(Clone, Copy)]
pub(crate) struct Incoming<'a> {
    pub(crate) blob_id: &'a BlobId,
    pub(crate) blob_at: Timestamp,
    pub(crate) prefix: &'a [u8],
    /// Of prefix and blob.
    pub(crate) size_bytes: u64,
    pub(crate) received_at: Timestamp,
    /// When it enters its mailbox.
    pub(crate) saved_at: Timestamp,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) has_attachment: bool,
    pub(crate) envelope: &'a [u8],
    pub(crate) body_structure: &'a [u8],
    pub(crate) summary: &'a str,
    pub(crate) reference_hashes: &'a [i64],
    /// [`crate::mime::Rendered::more_bytes`].
    pub(crate) more_bytes: u64,
}

impl<'a> Incoming<'a> {
    /// With the time its blob was recorded, and that at which it is saved.
    pub(crate) fn of(
        message: &'a NewMessage,
        prefix: &'a [u8],
        (blob_at, saved_at): (Timestamp, Timestamp),
        summary: &'a str,
        hashes: &'a [i64],
    ) -> Self {
        Self {
            blob_id: message.blob.id(),
            blob_at,
            prefix,
            size_bytes: prefix.len() as u64 + message.rendered.size_bytes,
            received_at: message.received_at,
            saved_at,
            sent_at: message.rendered.sent_at,
            has_attachment: message.rendered.has_attachment,
            envelope: &message.rendered.envelope,
            body_structure: &message.rendered.body_structure,
            summary,
            reference_hashes: hashes,
            more_bytes: message.rendered.more_bytes,
        }
    }
}

/// Into which mailbox, with which flags.
#[derive(Clone, Copy)]
pub(crate) struct NewEntryAt<'a> {
    pub(crate) mailbox: MailboxId,
    pub(crate) flags: &'a Flags,
}

/// Adds a message to an account that has room for it and mailboxes that exist. Its blob is recorded.
pub(crate) fn add_opened(tx: &mut Tx, head: &Head, incoming: &Incoming<'_>, places: &[NewEntryAt<'_>]) -> Result<Vec<Added>, StoreError> {
    let found = threads::find(tx, head.account, incoming.reference_hashes)?;
    add_to_thread(tx, head, incoming, places, &found)
}

/// As [`add_opened`], when its thread has been looked for.
pub(crate) fn add_to_thread(
    tx: &mut Tx,
    head: &Head,
    incoming: &Incoming<'_>,
    places: &[NewEntryAt<'_>],
    found: &threads::Found,
) -> Result<Vec<Added>, StoreError> {
    let account = head.account;
    if let (Engine::Postgres, [place]) = (tx.engine(), places) {
        let counted = count(tx, account, found.thread, incoming, place)?;
        let added = add_in_one_statement(tx, account, incoming, place, found, &counted)?;
        note_line_ends(tx, account, added.message, incoming)?;
        heads::tell(tx, head, added.change_number);
        return Ok(vec![added]);
    }
    let taken = heads::take(tx, head, Order { numbers: 1, bytes: incoming.size_bytes as i64, messages: 1 })?;
    let message = MessageId::from_raw(taken.first_number);
    let thread = found.thread.unwrap_or(ThreadId::from_raw(taken.first_number));
    insert_message(tx, account, message, thread, incoming, taken.change_number)?;
    note_line_ends(tx, account, message, incoming)?;
    threads::remember(tx, account, found, thread)?;
    let mut added = Vec::with_capacity(places.len());
    for place in places {
        let counted = count(tx, account, found.thread, incoming, place)?;
        let (uid, uid_validity) = mailboxes::repo::add_counts(tx, account, place.mailbox, &counted, 1, taken.change_number)?;
        let entry = NewEntry {
            mailbox: place.mailbox,
            uid,
            message,
            thread,
            flags: place.flags,
            received_at: incoming.received_at,
            saved_at: incoming.saved_at,
            size_bytes: incoming.size_bytes,
        };
        entries::insert(tx, account, &entry, taken.change_number)?;
        added.push(Added { mailbox: place.mailbox, uid_validity, uid, message, thread, change_number: taken.change_number });
    }
    heads::tell(tx, head, taken.change_number);
    Ok(added)
}

/// For the few messages that other servers would not have sent like this.
fn note_line_ends(tx: &mut Tx, account: MailAccountId, message: MessageId, incoming: &Incoming<'_>) -> Result<(), StoreError> {
    if incoming.more_bytes == 0 { Ok(()) } else { maildrop::note_more_bytes(tx, account, message, incoming.more_bytes) }
}

/// All that a delivery writes, in one round trip to the server, where most of a delivery's time goes into round trips.
fn add_in_one_statement(
    tx: &mut Tx,
    account: MailAccountId,
    incoming: &Incoming<'_>,
    place: &NewEntryAt<'_>,
    found: &threads::Found,
    counted: &Counted,
) -> Result<Added, StoreError> {
    let mut params = params![
        account,
        place.mailbox,
        found.thread,
        incoming.size_bytes,
        incoming.received_at,
        incoming.sent_at,
        incoming.has_attachment,
        *incoming.blob_id,
        incoming.blob_at,
        incoming.prefix,
        incoming.envelope,
        incoming.body_structure,
        incoming.summary,
        place.flags.bits.raw(),
        place.flags.stored_keywords(),
        counted.unseen,
        counted.unread,
        counted.total_threads,
        counted.unread_threads,
        entries::stored_saved_at(incoming.saved_at, incoming.received_at)
    ];
    let references = if found.missing.is_empty() {
        String::new()
    } else {
        let hashes: Vec<String> = found.missing.iter().map(|hash| format!("(${})", params.push(*hash))).collect();
        format!(
            ", reference AS (INSERT INTO thread_reference (account_id, reference_hash, thread_id)
                 SELECT $1, r.hash, COALESCE($3, head.number) FROM head CROSS JOIN (VALUES {}) AS r (hash)
                 ON CONFLICT (account_id, reference_hash) DO UPDATE SET thread_id = excluded.thread_id)",
            hashes.join(",")
        )
    };
    let sql = format!(
        "WITH head AS (
             UPDATE mail_account SET change_number = change_number + 1, next_number = next_number + 1, used_bytes = used_bytes + $4,
                    message_count = message_count + 1 WHERE id = $1 RETURNING change_number, next_number - 1 AS number),
         place AS (
             UPDATE mailbox SET total = total + 1, unseen = unseen + $16, unread = unread + $17, total_threads = total_threads + $18,
                    unread_threads = unread_threads + $19, size_bytes = size_bytes + $4, uid_next = uid_next + 1,
                    change_number = head.change_number, counted_change = head.change_number
               FROM head WHERE mailbox.account_id = $1 AND mailbox.id = $2 RETURNING uid_next - 1 AS uid, uid_validity),
         message AS (
             INSERT INTO message (account_id, id, thread_id, created_change, size_bytes, received_at, sent_at, has_attachment, blob_id, blob_at,
                    prefix, envelope, body_structure, summary)
             SELECT $1, number, COALESCE($3, number), change_number, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM head),
         entry AS (
             INSERT INTO mailbox_entry (account_id, mailbox_id, uid, message_id, thread_id, flags, keywords, received_at, size_bytes,
                    change_number, saved_at)
             SELECT $1, $2, uid, number, COALESCE($3, number), $14, $15, $5, $4, change_number, $20 FROM head CROSS JOIN place){references}
         SELECT change_number, number, uid, uid_validity FROM head CROSS JOIN place"
    );
    tx.query_one(&sql, params, |row| {
        let message: MessageId = row.get(1)?;
        Ok(Added {
            mailbox: place.mailbox,
            uid_validity: row.get(3)?,
            uid: row.get(2)?,
            message,
            thread: found.thread.unwrap_or(ThreadId::from_raw(message.raw())),
            change_number: row.get(0)?,
        })
    })
}

/// What the mailbox's counts change by. `known` is the thread, unless it begins with this message.
fn count(
    tx: &mut Tx,
    account: MailAccountId,
    known: Option<ThreadId>,
    incoming: &Incoming<'_>,
    place: &NewEntryAt<'_>,
) -> Result<Counted, StoreError> {
    let held = match known {
        Some(thread) => thread_counts(tx, account, place.mailbox, &[thread])?.remove(&thread).unwrap_or_default(),
        None => entries::ThreadCounts::default(),
    };
    let unread = place.flags.bits.is_unread();
    Ok(Counted {
        total: 1,
        unseen: i64::from(place.flags.bits.is_unseen()),
        unread: i64::from(unread),
        total_threads: i64::from(held.total == 0),
        unread_threads: i64::from(unread && held.unread == 0),
        size_bytes: incoming.size_bytes as i64,
    })
}

fn insert_message(
    tx: &mut Tx,
    account: MailAccountId,
    id: MessageId,
    thread: ThreadId,
    incoming: &Incoming<'_>,
    change_number: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO message (account_id, id, thread_id, created_change, size_bytes, received_at, sent_at, has_attachment, blob_id, blob_at, prefix,
                envelope, body_structure, summary)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            account,
            id,
            thread,
            change_number,
            incoming.size_bytes,
            incoming.received_at,
            incoming.sent_at,
            incoming.has_attachment,
            *incoming.blob_id,
            incoming.blob_at,
            incoming.prefix,
            incoming.envelope,
            incoming.body_structure,
            incoming.summary
        ],
    )?
    .expect_one()
}
