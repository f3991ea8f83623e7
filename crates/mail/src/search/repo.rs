use std::collections::HashMap;

use kernel::MailAccountId;
use store::{BlobId, IN_LIST_MAX, Params, Row, StoreError, Tx, params};

use super::evaluate::{Facts, Plan, Test};
use super::{Hit, Scope};
use crate::entries::{AFTER_ENTRY, BY_THREAD, ENTRY_COLUMNS, push_numbers, read_entry};
use crate::removed_messages::NOT_REMOVED;
use crate::{MailboxId, MessageId};

/// An entry whose message has to be read.
pub(super) struct Candidate {
    pub facts: Facts,
    pub blob_id: BlobId,
    pub prefix: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Candidates {
    pub hits: Vec<Hit>,
    pub undecided: Vec<Candidate>,
    /// Where the next chunk begins; `None` at the end.
    pub next: Option<(MailboxId, u32)>,
}

/// Entries after `after`, by mailbox and uid, at most `limit` of those that SQL lets through.
pub(super) fn candidates(
    tx: &mut Tx,
    account: MailAccountId,
    scope: Scope,
    plan: &Plan,
    after: Option<(MailboxId, u32)>,
    limit: u64,
) -> Result<Candidates, StoreError> {
    let (mailbox, uid) = after.map_or((0, 0), |(mailbox, uid)| (mailbox.raw(), i64::from(uid)));
    let mut params;
    let mut sql = select(plan);
    if plan.reads_messages() {
        // CROSS JOIN tells SQLite to begin with the entries; PostgreSQL takes it for the inner join it is.
        sql.push_str(" FROM mailbox_entry e CROSS JOIN message m WHERE e.account_id = $1 AND m.account_id = $1 AND m.id = e.message_id");
    } else {
        sql.push_str(" FROM mailbox_entry e WHERE e.account_id = $1");
    }
    match scope {
        Scope::Mailbox(id) => {
            params = params![account, id, uid];
            sql.push_str(" AND e.mailbox_id = $2 AND e.uid > $3");
        }
        Scope::Account => {
            params = params![account, mailbox, uid];
            sql.push_str(" AND (e.mailbox_id, e.uid) > ($2, $3)");
        }
    }
    plan.for_each_necessary(&mut |test| {
        if let Some(condition) = condition(test, plan, &mut params) {
            sql.push_str(" AND ");
            sql.push_str(&condition);
        }
    });
    let limit_at = params.push(limit);
    sql.push_str(&format!(" ORDER BY e.mailbox_id, e.uid LIMIT ${limit_at}"));

    let mut found = Found::new(plan);
    let (mut seen, mut last) = (0, None);
    tx.for_each(&sql, params, |row| {
        let hit = found.take(row, plan)?;
        seen += 1;
        last = Some((hit.mailbox, hit.uid));
        Ok(())
    })?;
    let mut found = found.finish(tx, account, plan)?;
    found.next = last.filter(|_| seen == limit);
    Ok(found)
}

/// The entries of messages, in the scope.
pub(super) fn candidates_of(
    tx: &mut Tx,
    account: MailAccountId,
    scope: Scope,
    plan: &Plan,
    messages: &[MessageId],
) -> Result<Candidates, StoreError> {
    let mut found = Found::new(plan);
    for chunk in messages.chunks(IN_LIST_MAX) {
        let mut params = params![account];
        let list = push_numbers(&mut params, chunk.iter().map(|message| message.raw()));
        let mut sql = select(plan);
        // From the message to its entries by its thread.
        sql.push_str(&format!(
            " FROM message m CROSS JOIN mailbox_entry e {BY_THREAD}
              WHERE m.account_id = $1 AND m.id IN {list} AND e.account_id = $1 AND e.thread_id = m.thread_id AND e.message_id = m.id"
        ));
        if let Scope::Mailbox(mailbox) = scope {
            sql.push_str(&format!(" AND +e.mailbox_id = ${}", params.push(mailbox)));
        }
        tx.for_each(&sql, params, |row| found.take(row, plan).map(drop))?;
    }
    found.finish(tx, account, plan)
}

/// Numbers of messages after `after`, ascending.
pub(super) fn messages_after(tx: &mut Tx, account: MailAccountId, after: i64, limit: u64) -> Result<Vec<MessageId>, StoreError> {
    let sql = format!("SELECT m.id FROM message m WHERE m.account_id = $1 AND m.id > $2 AND {NOT_REMOVED} ORDER BY m.id LIMIT $3");
    tx.query_all(&sql, params![account, after, limit], |row| row.get(0))
}

fn select(plan: &Plan) -> String {
    let mut sql = format!("SELECT {ENTRY_COLUMNS}, e.mailbox_id");
    if plan.reads_messages() {
        sql.push_str(", m.sent_at, m.has_attachment");
        if plan.known.is_none() {
            sql.push_str(&text_columns(plan));
        }
    }
    sql
}

/// What texts are decided by.
fn text_columns(plan: &Plan) -> String {
    let unless = |is_needed: bool, column: &'static str| if is_needed { column } else { ", NULL" };
    let mut columns = String::new();
    columns.push_str(unless(plan.needs_summary, ", m.summary"));
    columns.push_str(unless(plan.needs_envelope, ", m.envelope"));
    columns.push_str(if plan.needs_bytes { ", m.blob_id, m.prefix" } else { ", NULL, NULL" });
    columns
}

/// Entries on their way to a decision.
struct Found {
    candidates: Candidates,
    /// Undecided by what was read, because texts were left for later.
    waiting: Vec<Facts>,
    reads_texts: bool,
}

/// What [`text_columns`] tell.
#[derive(Clone)]
struct Texts {
    summary: Option<crate::mime::Summary>,
    envelope: Option<Vec<u8>>,
    place: Option<(BlobId, Vec<u8>)>,
}

impl Found {
    fn new(plan: &Plan) -> Self {
        Self { candidates: Candidates::default(), waiting: Vec::new(), reads_texts: plan.known.is_none() && plan.needs_texts() }
    }

    fn take(&mut self, row: &Row, plan: &Plan) -> Result<Hit, StoreError> {
        let facts = read(row, plan)?;
        let hit = facts.hit;
        if self.reads_texts {
            let texts = read_texts(row, AFTER_ENTRY + 3, plan)?;
            self.decide(facts, texts, plan);
        } else {
            match plan.decide_by_row(&facts) {
                Some(true) => self.candidates.hits.push(hit),
                Some(false) => {}
                None => self.waiting.push(facts),
            }
        }
        Ok(hit)
    }

    fn decide(&mut self, mut facts: Facts, texts: Texts, plan: &Plan) {
        (facts.summary, facts.envelope) = (texts.summary, texts.envelope);
        match (plan.decide_by_row(&facts), texts.place) {
            (Some(true), _) => self.candidates.hits.push(facts.hit),
            (None, Some((blob_id, prefix))) => self.candidates.undecided.push(Candidate { facts, blob_id, prefix }),
            (Some(false), _) | (None, None) => {}
        }
    }

    fn finish(mut self, tx: &mut Tx, account: MailAccountId, plan: &Plan) -> Result<Candidates, StoreError> {
        let waiting = std::mem::take(&mut self.waiting);
        for chunk in waiting.chunks(IN_LIST_MAX) {
            let mut params = params![account];
            let list = push_numbers(&mut params, chunk.iter().map(|facts| facts.hit.message.raw()));
            let sql = format!("SELECT m.id{} FROM message m WHERE m.account_id = $1 AND m.id IN {list}", text_columns(plan));
            let mut texts: HashMap<MessageId, Texts> = HashMap::with_capacity(chunk.len());
            tx.for_each(&sql, params, |row| {
                texts.insert(row.get(0)?, read_texts(row, 1, plan)?);
                Ok(())
            })?;
            for facts in chunk {
                if let Some(texts) = texts.get(&facts.hit.message) {
                    self.decide(facts.clone(), texts.clone(), plan);
                }
            }
        }
        Ok(self.candidates)
    }
}

fn read_texts(row: &Row, at: usize, plan: &Plan) -> Result<Texts, StoreError> {
    Ok(Texts {
        summary: if plan.needs_summary { Some(row.json(at)?) } else { None },
        envelope: if plan.needs_envelope { Some(row.get(at + 1)?) } else { None },
        place: if plan.needs_bytes { Some((row.get(at + 2)?, row.get(at + 3)?)) } else { None },
    })
}

fn read(row: &Row, plan: &Plan) -> Result<Facts, StoreError> {
    let entry = read_entry(row)?;
    let hit = Hit {
        mailbox: row.get(AFTER_ENTRY)?,
        uid: entry.uid,
        message: entry.message,
        thread: entry.thread,
        received_at: entry.received_at,
        change_number: entry.change_number,
    };
    let mut facts = Facts {
        hit,
        flags: entry.flags,
        saved_at: entry.saved_at,
        size_bytes: entry.size_bytes,
        sent_at: None,
        has_attachment: false,
        summary: None,
        envelope: None,
    };
    if plan.reads_messages() {
        facts.sent_at = row.get(AFTER_ENTRY + 1)?;
        facts.has_attachment = row.get(AFTER_ENTRY + 2)?;
    }
    Ok(facts)
}

/// The condition in SQL, where SQL is the quicker; each is decided again from the row. The plus sign keeps SQLite from an index that would spoil the order.
fn condition(test: &Test, plan: &Plan, params: &mut Params) -> Option<String> {
    let mut compare = |column: &str, operator: &str, value: i64| Some(format!("+{column} {operator} ${}", params.push(value)));
    match test {
        Test::Flag(bits, is_set) => {
            let at = params.push(bits.raw());
            let operator = if *is_set { "=" } else { "<>" };
            Some(format!("(e.flags & ${at}) {operator} ${at}"))
        }
        Test::Keyword(_, true) => Some("e.keywords IS NOT NULL".to_owned()),
        Test::Larger(bytes) => compare("e.size_bytes", ">", i64::try_from(*bytes).unwrap_or(i64::MAX)),
        Test::Smaller(bytes) => compare("e.size_bytes", "<", i64::try_from(*bytes).unwrap_or(i64::MAX)),
        Test::ReceivedBefore(at) => compare("e.received_at", "<", at.as_micros()),
        Test::ReceivedSince(at) => compare("e.received_at", ">=", at.as_micros()),
        Test::Uid(uids) => {
            let ranges: Vec<_> = uids.ranges().collect();
            match (ranges.first(), ranges.last()) {
                (Some(first), Some(last)) => {
                    let (first, last) = (params.push(i64::from(*first.start())), params.push(i64::from(*last.end())));
                    Some(format!("e.uid BETWEEN ${first} AND ${last}"))
                }
                _ => Some("FALSE".to_owned()),
            }
        }
        Test::ChangedSince(change_number) => compare("e.change_number", ">=", *change_number),
        Test::InMailbox(mailbox) => Some(format!("e.mailbox_id = ${}", params.push(*mailbox))),
        Test::Message(message) => compare("e.message_id", "=", message.raw()),
        Test::Thread(thread) => compare("e.thread_id", "=", thread.raw()),
        Test::HasAttachment if plan.reads_messages() => Some("m.has_attachment".to_owned()),
        Test::Keyword(_, false)
        | Test::SavedBefore(_)
        | Test::SavedSince(_)
        | Test::SentBefore(_)
        | Test::SentSince(_)
        | Test::HasAttachment => None,
    }
}
