//! The messages of a mailbox in the order of their arrival, page by page: what a mail program shows first.

use std::collections::{HashMap, HashSet};

use kernel::{Ctx, MailAccountId, Timestamp};
use store::{IN_LIST_MAX, StoreError, Tx, params};

use crate::entries::{BY_THREAD, BY_TIME, push_numbers};
use crate::heads::{self, MailError};
use crate::mailboxes::{self, Mailbox};
use crate::{MailboxId, MessageId, ThreadId};

/// By when they were received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    OldestFirst,
}

/// Where a page begins (RFC 8620 §5.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// From 0; below it counts from the end.
    At(i64),
    /// At a message that is in the list, moved by `offset`.
    Anchor { message: MessageId, offset: i64 },
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queried {
    pub messages: Vec<MessageId>,
    /// Of the first of them in the whole list.
    pub position: u64,
    /// How long the whole list is.
    pub total: u64,
    /// The account's last change when this was true.
    pub change_number: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("message {0} is not in the list")]
    AnchorNotFound(MessageId),
    #[error("could not list the mailbox")]
    Store(#[from] StoreError),
}
kernel::faults! { QueryError:
    QueryError::Mail(inner) => inner,
    QueryError::AnchorNotFound(_) => NotFound "anchor_not_found",
    QueryError::Store(inner) => inner,
}

/// A page of a mailbox. With `collapse_threads` only the first message of each thread, in this order, is in the list. The cost grows with the
/// position, counted from the nearer end unless threads are collapsed, and not with the mailbox.
#[expect(clippy::too_many_arguments, reason = "each of them is an argument of Email/query")]
pub fn query_mailbox(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    order: Order,
    collapse_threads: bool,
    position: Position,
    limit: usize,
) -> Result<Queried, QueryError> {
    let head = heads::open(ctx, tx, account)?;
    let mailbox = mailboxes::repo::find(tx, account, mailbox)?.ok_or(MailError::MailboxNotFound(mailbox))?;
    let mut listing = Listing { tx, account, mailbox: &mailbox, order };
    let total = u64::from(if collapse_threads { mailbox.total_threads } else { mailbox.total });
    let (messages, position) =
        if collapse_threads { listing.collapsed(position, limit, total)? } else { listing.plain(position, limit, total)? };
    Ok(Queried { messages, position, total, change_number: head.change_number })
}

/// `position` as RFC 8620 §5.5 reads it.
fn from_start(position: i64, total: u64) -> u64 {
    if position >= 0 { position as u64 } else { total.saturating_sub(position.unsigned_abs()) }
}

struct Listing<'a> {
    tx: &'a mut Tx,
    account: MailAccountId,
    mailbox: &'a Mailbox,
    order: Order,
}

/// By what the list is ordered.
type Key = (Timestamp, u32);

impl Listing<'_> {
    fn plain(&mut self, position: Position, limit: usize, total: u64) -> Result<(Vec<MessageId>, u64), QueryError> {
        let start = match position {
            Position::At(position) => from_start(position, total),
            Position::Anchor { message, offset } => {
                let before = self.count_before(message)?;
                before.saturating_add_signed(offset)
            }
        };
        if start >= total {
            return Ok((Vec::new(), start));
        }
        let wanted = (limit as u64).min(total - start);
        // From whichever end is nearer.
        let from_end = total - start - wanted;
        let messages = if start <= from_end {
            self.page(self.order, start, wanted)?
        } else {
            let mut messages = self.page(self.order.reversed(), from_end, wanted)?;
            messages.reverse();
            messages
        };
        Ok((messages, start))
    }

    fn page(&mut self, order: Order, offset: u64, limit: u64) -> Result<Vec<MessageId>, StoreError> {
        let direction = order.direction();
        // What is skipped is skipped in the index; only the page itself is looked up.
        let sql = format!(
            "SELECT e.message_id FROM (SELECT received_at, uid FROM mailbox_entry {BY_TIME} WHERE account_id = $1 AND mailbox_id = $2
                  ORDER BY received_at {direction}, uid {direction} LIMIT $3 OFFSET $4) page
              CROSS JOIN mailbox_entry e WHERE e.account_id = $1 AND e.mailbox_id = $2 AND e.uid = page.uid
              ORDER BY page.received_at {direction}, page.uid {direction}"
        );
        self.tx.query_all(&sql, params![self.account, self.mailbox.id, limit, offset], |row| row.get(0))
    }

    /// Where a message stands.
    fn key_of(&mut self, message: MessageId) -> Result<Key, QueryError> {
        let key: Option<Key> = self.tx.query_opt(
            &format!(
                "SELECT e.received_at, e.uid FROM message m CROSS JOIN mailbox_entry e {BY_THREAD} WHERE m.account_id = $1 AND m.id = $2
                    AND e.account_id = $1 AND e.thread_id = m.thread_id AND e.message_id = m.id AND +e.mailbox_id = $3"
            ),
            params![self.account, message, self.mailbox.id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        key.ok_or(QueryError::AnchorNotFound(message))
    }

    /// How many stand before a message.
    fn count_before(&mut self, message: MessageId) -> Result<u64, QueryError> {
        let (received_at, uid) = self.key_of(message)?;
        let before = self.order.reversed().sign();
        let sql = format!(
            "SELECT COUNT(*) FROM mailbox_entry {BY_TIME} WHERE account_id = $1 AND mailbox_id = $2 AND (received_at, uid) {before} ($3, $4)"
        );
        Ok(self.tx.query_one(&sql, params![self.account, self.mailbox.id, received_at, uid], |row| row.get(0))?)
    }

    fn collapsed(&mut self, position: Position, limit: usize, total: u64) -> Result<(Vec<MessageId>, u64), QueryError> {
        let anchor = match position {
            Position::At(_) => None,
            Position::Anchor { message, offset } => Some((message, self.key_of(message)?.1, offset)),
        };
        let mut seen: HashSet<ThreadId> = HashSet::new();
        let mut list: Vec<u32> = Vec::new();
        // How much of the list has to be known; an anchor tells it only when it is met.
        let mut end = match position {
            Position::At(position) => Some(from_start(position, total).saturating_add(limit as u64)),
            Position::Anchor { .. } => None,
        };
        let mut start = match position {
            Position::At(position) => from_start(position, total),
            Position::Anchor { .. } => 0,
        };
        let mut after: Option<Key> = None;
        let mut batch = limit.clamp(50, 1000) * 2;
        while end.is_none_or(|end| (list.len() as u64) < end) {
            let rows = self.batch(after, batch)?;
            for ((_, uid), thread) in &rows {
                if !seen.insert(*thread) {
                    continue;
                }
                if let Some((_, anchor, offset)) = anchor
                    && anchor == *uid
                {
                    start = (list.len() as u64).saturating_add_signed(offset);
                    end = Some(start.saturating_add(limit as u64));
                }
                list.push(*uid);
            }
            if rows.len() < batch {
                break;
            }
            after = rows.last().map(|(key, _)| *key);
            batch = (batch * 2).min(20_000);
        }
        if let (Some((message, ..)), None) = (anchor, end) {
            return Err(QueryError::AnchorNotFound(message));
        }
        let page: Vec<u32> = list.into_iter().skip(usize::try_from(start).unwrap_or(usize::MAX)).take(limit).collect();
        Ok((self.messages_at(&page)?, start))
    }

    /// The messages with these uids, in their order.
    fn messages_at(&mut self, uids: &[u32]) -> Result<Vec<MessageId>, StoreError> {
        let mut by_uid: HashMap<u32, MessageId> = HashMap::with_capacity(uids.len());
        for chunk in uids.chunks(IN_LIST_MAX) {
            let mut params = params![self.account, self.mailbox.id];
            let list = push_numbers(&mut params, chunk.iter().map(|uid| i64::from(*uid)));
            let sql = format!("SELECT uid, message_id FROM mailbox_entry WHERE account_id = $1 AND mailbox_id = $2 AND uid IN {list}");
            self.tx.for_each(&sql, params, |row| {
                by_uid.insert(row.get(0)?, row.get(1)?);
                Ok(())
            })?;
        }
        Ok(uids.iter().filter_map(|uid| by_uid.get(uid).copied()).collect())
    }

    fn batch(&mut self, after: Option<Key>, limit: usize) -> Result<Vec<(Key, ThreadId)>, StoreError> {
        let direction = self.order.direction();
        let mut params = params![self.account, self.mailbox.id, limit];
        let condition = match after {
            None => String::new(),
            Some((received_at, uid)) => {
                let (received_at, uid) = (params.push(received_at), params.push(uid));
                format!(" AND (received_at, uid) {} (${received_at}, ${uid})", self.order.sign())
            }
        };
        let sql = format!(
            "SELECT received_at, uid, thread_id FROM mailbox_entry {BY_TIME} WHERE account_id = $1 AND mailbox_id = $2{condition}
              ORDER BY received_at {direction}, uid {direction} LIMIT $3"
        );
        self.tx.query_all(&sql, params, |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
    }
}

impl Order {
    fn direction(self) -> &'static str {
        match self {
            Self::NewestFirst => "DESC",
            Self::OldestFirst => "ASC",
        }
    }

    /// What a key later in the list is to an earlier one.
    fn sign(self) -> &'static str {
        match self {
            Self::NewestFirst => "<",
            Self::OldestFirst => ">",
        }
    }

    fn reversed(self) -> Self {
        match self {
            Self::NewestFirst => Self::OldestFirst,
            Self::OldestFirst => Self::NewestFirst,
        }
    }
}
