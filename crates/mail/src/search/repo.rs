use kernel::MailAccountId;
use store::{BlobId, Column, Params, Row, StoreError, Tx, params};

use super::evaluate::{Facts, Plan, Test};
use super::{Hit, Scope};
use crate::MailboxId;
use crate::entries::{AFTER_ENTRY, ENTRY_COLUMNS, read_entry};

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
    let mut sql = format!("SELECT {ENTRY_COLUMNS}, e.mailbox_id");
    if plan.needs_message {
        let unless = |is_needed: bool, column: &'static str, none: &'static str| if is_needed { column } else { none };
        sql.push_str(", m.sent_at, m.has_attachment, ");
        sql.push_str(unless(plan.needs_summary, "m.summary", "NULL"));
        sql.push_str(unless(plan.needs_envelope, ", m.envelope", ", NULL"));
        sql.push_str(unless(plan.needs_bytes, ", m.blob_id, m.prefix", ""));
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

    let mut found = Candidates::default();
    let (mut seen, mut last) = (0, None);
    tx.for_each(&sql, params, |row| {
        let facts = read(row, plan)?;
        seen += 1;
        last = Some((facts.hit.mailbox, facts.hit.uid));
        match plan.decide_by_row(&facts) {
            Some(true) => found.hits.push(facts.hit),
            Some(false) => {}
            None => found.undecided.push(Candidate { facts, blob_id: row.get(AFTER_ENTRY + 5)?, prefix: row.get(AFTER_ENTRY + 6)? }),
        }
        Ok(())
    })?;
    found.next = last.filter(|_| seen == limit);
    Ok(found)
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
        envelope: Vec::new(),
    };
    if plan.needs_message {
        facts.sent_at = row.get(AFTER_ENTRY + 1)?;
        facts.has_attachment = row.get(AFTER_ENTRY + 2)?;
        if plan.needs_summary {
            facts.summary = Some(row.json(AFTER_ENTRY + 3)?);
        }
        if let Some(Column::Bytes(envelope)) = row.column(AFTER_ENTRY + 4) {
            facts.envelope = envelope.to_vec();
        }
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
        Test::HasAttachment if plan.needs_message => Some("m.has_attachment".to_owned()),
        Test::Keyword(_, false)
        | Test::SavedBefore(_)
        | Test::SavedSince(_)
        | Test::SentBefore(_)
        | Test::SentSince(_)
        | Test::HasAttachment => None,
    }
}
