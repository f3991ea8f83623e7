use kernel::{IngressId, OrgId, SubmissionId, Timestamp};
use store::{BlobId, Params, Row, StoreError, Tx, in_list, params};

use super::bounce::Leftover;
use super::types::NewQueued;
use super::types::{notify_bits, notify_of};
use super::{Answer, Claimed, QueueMessage, QueueRecipient, RecipientState};
use crate::delivery::Refused;
use crate::submission::{Return, ReversePath};

const MESSAGE: &str = "m.org_id, m.id, m.account_id, m.reverse_path, m.blob_id, m.prefix, m.size_bytes, m.content, m.ret, m.envelope_id, \
    m.created_at, m.finished_at";

fn message(row: &Row) -> Result<QueueMessage, StoreError> {
    let (path, ret): (String, String) = (row.get(3)?, row.get(8)?);
    Ok(QueueMessage {
        org: row.get(0)?,
        id: row.get(1)?,
        account: row.get(2)?,
        reverse_path: path.parse().unwrap_or(ReversePath::Null),
        blob_id: row.get(4)?,
        prefix: row.get(5)?,
        size_bytes: row.get(6)?,
        content: row.get(7)?,
        ret: if ret == "full" { Return::Full } else { Return::Headers },
        envelope_id: row.get(9)?,
        created_at: row.get(10)?,
        finished_at: row.get(11)?,
    })
}

const RECIPIENT: &str = "number, address, domain, notify, original, state, due_at, lease_owner, attempts, delay_told_at, answered_at, \
    answer_host, answer_code, answer_status, answer_text, finished_at";

/// Reads the columns of [`RECIPIENT`] that begin at `from`.
fn recipient(row: &Row, from: usize) -> Result<QueueRecipient, StoreError> {
    let (owner, status): (Option<String>, Option<String>) = (row.get(from + 7)?, row.get(from + 13)?);
    let answer = match status {
        None => None,
        Some(status) => {
            let code: Option<i64> = row.get(from + 12)?;
            let text: Option<String> = row.get(from + 14)?;
            Some(Answer {
                host: row.get(from + 11)?,
                code: code.and_then(|code| u16::try_from(code).ok()),
                status,
                text: text.unwrap_or_default(),
            })
        }
    };
    Ok(QueueRecipient {
        number: row.get(from)?,
        address: row.get(from + 1)?,
        domain: row.get(from + 2)?,
        notify: notify_of(row.get(from + 3)?),
        original: row.get(from + 4)?,
        state: row.get(from + 5)?,
        due_at: row.get(from + 6)?,
        is_leased: owner.is_some(),
        attempts: row.get(from + 8)?,
        delay_told_at: row.get(from + 9)?,
        answer,
        answered_at: row.get(from + 10)?,
        finished_at: row.get(from + 15)?,
    })
}

pub(super) fn insert_message(tx: &mut Tx, new: &NewQueued, blob: &BlobId, blob_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO queue_message (org_id, id, account_id, reverse_path, blob_id, blob_at, prefix, size_bytes, content, ret, envelope_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            new.org,
            new.id,
            new.account,
            new.reverse_path.as_str(),
            *blob,
            blob_at,
            new.prefix,
            new.size_bytes,
            new.content,
            new.ret.as_str(),
            new.envelope_id,
            new.due_at,
        ],
    )?
    .expect_one()
}

const RECIPIENTS_PER_INSERT: usize = 100;

pub(super) fn insert_recipients(tx: &mut Tx, new: &NewQueued) -> Result<(), StoreError> {
    for (chunk_number, chunk) in new.recipients.chunks(RECIPIENTS_PER_INSERT).enumerate() {
        let mut statement = String::from(
            "INSERT INTO queue_recipient (org_id, message_id, state, attempts, due_at, number, address, domain, notify, original) VALUES ",
        );
        let mut params = params![new.org, new.id, RecipientState::Queued, 0i64, new.due_at];
        for (index, recipient) in chunk.iter().enumerate() {
            let first = params.push(chunk_number * RECIPIENTS_PER_INSERT + index);
            params.push(recipient.address.as_str());
            params.push(recipient.address.domain());
            params.push(notify_bits(recipient.notify));
            params.push(&recipient.original);
            statement.push_str(if index == 0 { "" } else { "," });
            statement.push_str(&format!("($1,$2,$3,$4,$5,${first},${},${},${},${})", first + 1, first + 2, first + 3, first + 4));
        }
        tx.execute(&statement, params)?.any();
    }
    Ok(())
}

/// The domains that have something due, with how many recipients among the first `sample` are theirs; those of `except` are passed over.
pub(super) fn due_domains(tx: &mut Tx, now: Timestamp, except: &[String], sample: u32) -> Result<Vec<(String, u32)>, StoreError> {
    let mut params = params![now, sample];
    params.extend(except);
    let passed_over = if except.is_empty() { String::new() } else { format!("AND domain NOT IN {}", in_list(3, except.len())) };
    let sql = format!(
        "SELECT domain, CAST(COUNT(*) AS BIGINT), MIN(due_at) FROM (
             SELECT domain, due_at FROM queue_recipient WHERE state = 'queued' AND due_at <= $1 {passed_over} ORDER BY due_at LIMIT $2
         ) AS due GROUP BY domain ORDER BY 3, 1"
    );
    tx.query_all(&sql, params, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// When the next recipient is due, leases that run out included.
pub(super) fn next_due(tx: &mut Tx, except: &[String]) -> Result<Option<Timestamp>, StoreError> {
    let mut params = params![];
    params.extend(except);
    let passed_over = if except.is_empty() { String::new() } else { format!("AND domain NOT IN {}", in_list(1, except.len())) };
    tx.query_opt(
        &format!("SELECT due_at FROM queue_recipient WHERE state = 'queued' {passed_over} ORDER BY due_at LIMIT 1"),
        params,
        |row| row.get(0),
    )
}

/// Gives the recipients that have waited longest, of one domain or of any, to `owner` until `lease_until`, and answers them by message. Of a
/// message all that are due come along, so that it is not sent twice for want of a larger limit.
pub(super) fn claim(
    tx: &mut Tx,
    owner: &str,
    domain: Option<&str>,
    now: Timestamp,
    lease_until: Timestamp,
    limit: u32,
) -> Result<Vec<Claimed>, StoreError> {
    let mut params = params![owner, lease_until, now, limit];
    let of_domain = match domain {
        Some(domain) => format!("AND domain = ${}", params.push(domain)),
        None => String::new(),
    };
    let longest_waiting = format!(
        "(org_id, message_id, number) IN (
             SELECT org_id, message_id, number FROM queue_recipient
              WHERE state = 'queued' AND due_at <= $3 {of_domain} ORDER BY due_at, org_id, message_id, number LIMIT $4)"
    );
    let mut taken = take(tx, &longest_waiting, params)?;
    if taken.len() >= limit as usize {
        let mut params = params![owner, lease_until, now];
        let of_domain = match domain {
            Some(domain) => format!("AND domain = ${}", params.push(domain)),
            None => String::new(),
        };
        let mut messages: Vec<(OrgId, SubmissionId)> = taken.iter().map(|(org, id, _)| (*org, *id)).collect();
        messages.sort_unstable();
        messages.dedup();
        let named: Vec<String> = messages
            .iter()
            .map(|(org, id)| format!("(CAST(${} AS BIGINT), CAST(${} AS BIGINT))", params.push(org), params.push(id)))
            .collect();
        taken.extend(take(tx, &format!("(org_id, message_id) IN (VALUES {}) {of_domain}", named.join(", ")), params)?);
    }
    taken.sort_by_key(|(org, id, recipient)| (*org, *id, recipient.number));
    let mut claimed: Vec<Claimed> = Vec::new();
    for (org, id, recipient) in taken {
        match claimed.last_mut() {
            Some(last) if (last.message.org, last.message.id) == (org, id) => last.recipients.push(recipient),
            _ => {
                // A recipient without its message cannot be; were there one, its lease would simply run out.
                let Some(message) = find_message(tx, org, id)? else { continue };
                claimed.push(Claimed { message, recipients: vec![recipient] });
            }
        }
    }
    Ok(claimed)
}

/// Leases what is due and meets the condition; `$1` is the owner, `$2` the lease's end, `$3` the present.
fn take(tx: &mut Tx, condition: &str, params: Params) -> Result<Vec<(OrgId, SubmissionId, QueueRecipient)>, StoreError> {
    let sql = format!(
        "UPDATE queue_recipient SET lease_owner = $1, due_at = $2, attempts = attempts + 1
          WHERE {condition} AND state = 'queued' AND due_at <= $3
        RETURNING org_id, message_id, {RECIPIENT}"
    );
    tx.query_all(&sql, params, |row| Ok((row.get(0)?, row.get(1)?, recipient(row, 2)?)))
}

/// Keeps what `owner` has until `lease_until`; answers of one message which recipients it still has.
pub(super) fn extend(
    tx: &mut Tx,
    owner: &str,
    org: OrgId,
    id: SubmissionId,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    tx.query_all(
        "UPDATE queue_recipient SET due_at = $5
          WHERE org_id = $1 AND message_id = $2 AND lease_owner = $3 AND state = 'queued' AND due_at > $4 RETURNING number",
        params![org, id, owner, now, lease_until],
        |row| row.get(0),
    )
}

pub(super) fn extend_all(tx: &mut Tx, owner: &str, now: Timestamp, lease_until: Timestamp) -> Result<u64, StoreError> {
    let kept = tx.execute(
        "UPDATE queue_recipient SET due_at = $3 WHERE lease_owner = $1 AND state = 'queued' AND due_at > $2",
        params![owner, now, lease_until],
    )?;
    Ok(kept.count())
}

/// Gives back what `owner` has not settled: due at once, and as if it had not been claimed.
pub(super) fn give_back(tx: &mut Tx, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
    let given = tx.execute(
        "UPDATE queue_recipient SET lease_owner = NULL, due_at = $2, attempts = attempts - 1 WHERE lease_owner = $1 AND state = 'queued'",
        params![owner, now],
    )?;
    Ok(given.count())
}

/// As [`give_back`], for every process of a node: for the process that is the node at present. Owners are `NODE/PROCESS/NUMBER`.
pub(super) fn give_back_of_node(tx: &mut Tx, node: &str, now: Timestamp) -> Result<u64, StoreError> {
    // `0` is the character after `/`; together they bound every owner of the node.
    let given = tx.execute(
        "UPDATE queue_recipient SET lease_owner = NULL, due_at = $3 WHERE lease_owner > $1 AND lease_owner < $2 AND state = 'queued'",
        params![format!("{node}/"), format!("{node}0"), now],
    )?;
    Ok(given.count())
}

/// Where a settled recipient goes.
pub(super) struct Settled<'a> {
    pub number: i64,
    /// `Queued` for another try at `due_at`.
    pub state: RecipientState,
    pub due_at: Timestamp,
    pub answer: &'a Answer,
    pub delay_told: bool,
}

/// Writes what became of a recipient. A delivery holds whoever has the lease meanwhile; everything else is the holder's to tell. `false` when it was not.
pub(super) fn settle(
    tx: &mut Tx,
    owner: &str,
    org: OrgId,
    id: SubmissionId,
    settled: &Settled<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let by_holder = if settled.state == RecipientState::Delivered { "" } else { "AND lease_owner = $14" };
    let finished_at = (settled.state != RecipientState::Queued).then_some(now);
    let mut params = params![
        org,
        id,
        settled.number,
        settled.state,
        settled.due_at,
        now,
        settled.answer.host,
        settled.answer.code.map(i64::from),
        settled.answer.status,
        settled.answer.text,
        finished_at,
        settled.delay_told,
        RecipientState::Queued,
    ];
    if !by_holder.is_empty() {
        params.push(owner);
    }
    let sql = format!(
        "UPDATE queue_recipient SET state = $4, due_at = $5, lease_owner = NULL, answered_at = $6, answer_host = $7, answer_code = $8,
                answer_status = $9, answer_text = $10, finished_at = $11,
                delay_told_at = CASE WHEN $12 THEN $6 ELSE delay_told_at END
          WHERE org_id = $1 AND message_id = $2 AND number = $3 AND state = $13 {by_holder}"
    );
    Ok(tx.execute(&sql, params)?.is_one())
}

/// Notes that nobody waits any more, when that is so; answers whether it is.
pub(super) fn finish_if_done(tx: &mut Tx, org: OrgId, id: SubmissionId, now: Timestamp) -> Result<bool, StoreError> {
    let finished = tx.execute(
        "UPDATE queue_message SET finished_at = $3 WHERE org_id = $1 AND id = $2 AND finished_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM queue_recipient r WHERE r.org_id = $1 AND r.message_id = $2 AND r.state = 'queued')",
        params![org, id, now],
    )?;
    Ok(finished.is_one())
}

pub(super) fn find_message(tx: &mut Tx, org: OrgId, id: SubmissionId) -> Result<Option<QueueMessage>, StoreError> {
    tx.query_opt(&format!("SELECT {MESSAGE} FROM queue_message m WHERE m.org_id = $1 AND m.id = $2"), params![org, id], message)
}

pub(super) fn recipients(tx: &mut Tx, org: OrgId, id: SubmissionId) -> Result<Vec<QueueRecipient>, StoreError> {
    tx.query_all(
        &format!("SELECT {RECIPIENT} FROM queue_recipient WHERE org_id = $1 AND message_id = $2 ORDER BY number"),
        params![org, id],
        |row| recipient(row, 0),
    )
}

/// What a list shows: narrow on purpose.
pub(super) struct ListFilter<'a> {
    pub finished: Option<bool>,
    pub recipient_state: Option<RecipientState>,
    pub domain: Option<&'a str>,
    pub sender: Option<&'a str>,
}

pub(super) fn list(tx: &mut Tx, org: OrgId, filter: &ListFilter<'_>, before: i64, limit: i64) -> Result<Vec<QueueMessage>, StoreError> {
    let mut params = params![org, before, limit];
    let mut conditions = String::new();
    match filter.finished {
        Some(true) => conditions.push_str(" AND m.finished_at IS NOT NULL"),
        Some(false) => conditions.push_str(" AND m.finished_at IS NULL"),
        None => {}
    }
    if let Some(sender) = filter.sender {
        let number = params.push(sender);
        conditions.push_str(&format!(" AND m.reverse_path = ${number}"));
    }
    if filter.recipient_state.is_some() || filter.domain.is_some() {
        conditions.push_str(" AND EXISTS (SELECT 1 FROM queue_recipient r WHERE r.org_id = m.org_id AND r.message_id = m.id");
        if let Some(state) = filter.recipient_state {
            let number = params.push(state);
            conditions.push_str(&format!(" AND r.state = ${number}"));
        }
        if let Some(domain) = filter.domain {
            let number = params.push(domain);
            conditions.push_str(&format!(" AND r.domain = ${number}"));
        }
        conditions.push(')');
    }
    let sql = format!("SELECT {MESSAGE} FROM queue_message m WHERE m.org_id = $1 AND m.id < $2 {conditions} ORDER BY m.id DESC LIMIT $3");
    tx.query_all(&sql, params, message)
}

/// How many recipients of each of these messages are in which state.
pub(super) fn counts(tx: &mut Tx, org: OrgId, ids: &[SubmissionId]) -> Result<Vec<(SubmissionId, RecipientState, i64)>, StoreError> {
    let mut params = params![org];
    params.extend(ids);
    let sql = format!(
        "SELECT message_id, state, CAST(COUNT(*) AS BIGINT) FROM queue_recipient WHERE org_id = $1 AND message_id IN {} GROUP BY message_id, state",
        in_list(2, ids.len())
    );
    tx.query_all(&sql, params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// The recipient of each of these messages that is tried next, or the last one; enough to show what holds a message up.
pub(super) fn leading(tx: &mut Tx, org: OrgId, ids: &[SubmissionId]) -> Result<Vec<(SubmissionId, QueueRecipient)>, StoreError> {
    let mut params: Params = params![org];
    params.extend(ids);
    let sql = format!(
        "SELECT message_id, {RECIPIENT} FROM queue_recipient WHERE org_id = $1 AND message_id IN {}
            AND number = (SELECT o.number FROM queue_recipient o WHERE o.org_id = queue_recipient.org_id AND o.message_id = queue_recipient.message_id
                           ORDER BY CASE WHEN o.state = 'queued' THEN 0 ELSE 1 END, o.due_at, o.number LIMIT 1)",
        in_list(2, ids.len())
    );
    tx.query_all(&sql, params, |row| Ok((row.get(0)?, recipient(row, 1)?)))
}

/// Makes waiting recipients of a message due at once; those that are being sent are left alone. Answers how many.
pub(super) fn make_due(tx: &mut Tx, org: OrgId, id: SubmissionId, now: Timestamp) -> Result<u64, StoreError> {
    let made = tx.execute(
        "UPDATE queue_recipient SET due_at = $3 WHERE org_id = $1 AND message_id = $2 AND state = 'queued' AND lease_owner IS NULL",
        params![org, id, now],
    )?;
    Ok(made.count())
}

/// Takes waiting recipients out; one that is being sent at this moment may still arrive. Answers their numbers.
pub(super) fn remove_waiting(tx: &mut Tx, org: OrgId, id: SubmissionId, now: Timestamp) -> Result<Vec<i64>, StoreError> {
    tx.query_all(
        "UPDATE queue_recipient SET state = 'removed', lease_owner = NULL, finished_at = $3
          WHERE org_id = $1 AND message_id = $2 AND state = 'queued' RETURNING number",
        params![org, id, now],
        |row| row.get(0),
    )
}

/// Clears away messages that were finished before `before`, at most `limit`; answers how many.
pub(super) fn remove_finished(tx: &mut Tx, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let old: Vec<(OrgId, SubmissionId)> = tx.query_all(
        "SELECT org_id, id FROM queue_message WHERE finished_at < $1 ORDER BY finished_at LIMIT $2",
        params![before, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (org, id) in &old {
        tx.execute("DELETE FROM queue_recipient WHERE org_id = $1 AND message_id = $2", params![org, id])?.any();
        tx.execute("DELETE FROM queue_message WHERE org_id = $1 AND id = $2", params![org, id])?.any();
    }
    Ok(old.len() as u64)
}

/// How many recipients wait, and since when the oldest of them is due; for metrics.
pub(super) fn depth(tx: &mut Tx) -> Result<(u64, Option<Timestamp>), StoreError> {
    tx.query_one("SELECT CAST(COUNT(*) AS BIGINT), MIN(due_at) FROM queue_recipient WHERE state = 'queued'", params![], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

pub(super) fn count_open(tx: &mut Tx, org: OrgId) -> Result<u64, StoreError> {
    tx.query_one("SELECT CAST(COUNT(*) AS BIGINT) FROM queue_message WHERE org_id = $1 AND finished_at IS NULL", params![org], |row| {
        row.get(0)
    })
}

/// Messages whose fan-out has left somebody out, oldest first.
pub(super) fn leftovers(tx: &mut Tx, limit: u32) -> Result<Vec<Leftover>, StoreError> {
    let mut found: Vec<Leftover> = tx.query_all(
        "SELECT i.org_id, i.id, i.return_path, i.blob_id, i.received_at FROM ingress i
          WHERE EXISTS (SELECT 1 FROM ingress_recipient r WHERE r.org_id = i.org_id AND r.ingress_id = i.id AND r.refused IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM ingress_recipient r WHERE r.org_id = i.org_id AND r.ingress_id = i.id AND r.refused IS NULL)
          ORDER BY i.id LIMIT $1",
        params![limit],
        |row| {
            Ok(Leftover {
                org: row.get(0)?,
                ingress: row.get(1)?,
                return_path: row.get(2)?,
                blob_id: row.get(3)?,
                received_at: row.get(4)?,
                refused: Vec::new(),
            })
        },
    )?;
    for leftover in &mut found {
        leftover.refused = tx.query_all(
            "SELECT account_id, address, note, refused FROM ingress_recipient
              WHERE org_id = $1 AND ingress_id = $2 AND refused IS NOT NULL ORDER BY account_id",
            params![leftover.org, leftover.ingress],
            |row| Ok(Refused { account: row.get(0)?, address: row.get(1)?, note: row.get(2)?, code: row.get(3)? }),
        )?;
    }
    Ok(found)
}

pub(super) fn has_leftover(tx: &mut Tx, org: OrgId, ingress: IngressId) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.query_opt(
        "SELECT 1 FROM ingress_recipient WHERE org_id = $1 AND ingress_id = $2 AND refused IS NOT NULL LIMIT 1",
        params![org, ingress],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}
