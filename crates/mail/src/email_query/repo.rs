use std::collections::BTreeSet;

use kernel::{MailAccountId, Timestamp};
use store::{IN_LIST_MAX, StoreError, Tx, params};

use super::{Filter, Match, Order, sql};
use crate::entries::push_numbers;
use crate::mime::Summary;
use crate::removed_messages::NOT_REMOVED;
use crate::{MessageId, ThreadId};

pub(super) fn matches(
    tx: &mut Tx,
    account: MailAccountId,
    filter: &Filter,
    order: Order,
    offset: u64,
    limit: u64,
) -> Result<Vec<Match>, StoreError> {
    let mut params = params![account];
    let direction = match order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    let scope = filter.mailbox();
    let statement = match scope {
        Some(mailbox) => {
            let mailbox_number = params.push(mailbox);
            let condition = sql::condition(filter, scope, &mut params);
            format!(
                "SELECT e.message_id, e.thread_id, e.received_at FROM mailbox_entry e
                  WHERE e.account_id = $1 AND e.mailbox_id = ${mailbox_number} AND {condition}
                  ORDER BY e.received_at {direction}, e.uid {direction}"
            )
        }
        None => {
            let condition = sql::condition(filter, None, &mut params);
            format!(
                "SELECT DISTINCT e.message_id, e.thread_id, e.received_at FROM mailbox_entry e
                  WHERE e.account_id = $1 AND {condition} ORDER BY e.received_at {direction}, e.message_id {direction}"
            )
        }
    };
    let (limit, offset) = (params.push(limit.min(i64::MAX as u64)), params.push(offset.min(i64::MAX as u64)));
    tx.query_all(&format!("{statement} LIMIT ${limit} OFFSET ${offset}"), params, |row| {
        Ok(Match { message: row.get(0)?, thread: row.get(1)?, received_at: row.get(2)? })
    })
}

pub(super) fn count(tx: &mut Tx, account: MailAccountId, filter: &Filter, threads: bool) -> Result<u64, StoreError> {
    let mut params = params![account];
    let scope = filter.mailbox();
    let in_mailbox = match scope {
        Some(mailbox) => format!(" AND e.mailbox_id = ${}", params.push(mailbox)),
        None => String::new(),
    };
    let counted = match (threads, scope) {
        (true, _) => "COUNT(DISTINCT e.thread_id)",
        (false, Some(_)) => "COUNT(*)",
        (false, None) => "COUNT(DISTINCT e.message_id)",
    };
    let condition = sql::condition(filter, scope, &mut params);
    tx.query_one(&format!("SELECT {counted} FROM mailbox_entry e WHERE e.account_id = $1{in_mailbox} AND {condition}"), params, |row| {
        row.get(0)
    })
}

/// What a message can be sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortFields {
    pub message: MessageId,
    pub size_bytes: u64,
    pub sent_at: Option<Timestamp>,
    /// Empty unless it was asked for.
    pub from: String,
    pub to: String,
    pub subject: String,
}

pub(super) fn sort_fields(
    tx: &mut Tx,
    account: MailAccountId,
    messages: &[MessageId],
    with_summary: bool,
) -> Result<Vec<SortFields>, StoreError> {
    let mut found = Vec::with_capacity(messages.len());
    let summary = if with_summary { "summary" } else { "NULL" };
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        let statement = format!("SELECT id, size_bytes, sent_at, {summary} FROM message WHERE account_id = $1 AND id IN {list}");
        tx.for_each(&statement, params, |row| {
            let summary = if with_summary { row.json::<Summary>(3)? } else { Summary::default() };
            // RFC 8621 §4.4.2: the name of the first, or its address where it has none.
            let first = |list: &[crate::mime::Address]| {
                list.first().map(|address| address.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| address.email.clone()))
            };
            found.push(SortFields {
                message: row.get(0)?,
                size_bytes: row.get(1)?,
                sent_at: row.get(2)?,
                from: first(&summary.from).unwrap_or_default(),
                to: first(&summary.to).unwrap_or_default(),
                subject: summary.subject,
            });
            Ok(())
        })?;
    }
    Ok(found)
}

/// The threads of messages that are there, or went after the change `since`.
pub(super) fn threads_of(tx: &mut Tx, account: MailAccountId, messages: &[MessageId], since: i64) -> Result<Vec<ThreadId>, StoreError> {
    let mut found = BTreeSet::new();
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account, since];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        let statement = format!(
            "SELECT m.thread_id FROM message m WHERE m.account_id = $1 AND m.id IN {list} AND {NOT_REMOVED}
             UNION SELECT thread_id FROM message_tombstone WHERE account_id = $1 AND change_number > $2 AND id IN {list}"
        );
        tx.for_each(&statement, params, |row| {
            found.insert(row.get::<ThreadId>(0)?);
            Ok(())
        })?;
    }
    Ok(found.into_iter().collect())
}
