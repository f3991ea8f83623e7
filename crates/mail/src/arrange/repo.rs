use kernel::{MailAccountId, Timestamp};
use store::{StoreError, Tx, params};

use crate::MailboxId;
use crate::entries::push_numbers;
use crate::mime::Summary;

/// What rows tell of a message.
pub(super) struct Facts {
    pub uid: u32,
    pub received_at: Timestamp,
    pub size_bytes: u64,
    /// The Date field, and where there is none the time of arrival (RFC 5256 §2.2).
    pub sent_at: Timestamp,
    /// Only when it was asked for.
    pub summary: Option<Summary>,
}

/// What of the rows is needed beside the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needs {
    Entry,
    Message,
    Summary,
}

/// The messages with these uids, which ascend and are no more than a statement can name; those that are gone are left out.
pub(super) fn for_each(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    uids: &[u32],
    needs: Needs,
    mut each: impl FnMut(Facts),
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (uids.first(), uids.last()) else { return Ok(()) };
    let columns = match needs {
        Needs::Entry => "e.uid, e.received_at, e.size_bytes FROM mailbox_entry e",
        // CROSS JOIN tells SQLite to begin with the entries; PostgreSQL takes it for the inner join it is.
        Needs::Message => "e.uid, e.received_at, e.size_bytes, m.sent_at FROM mailbox_entry e CROSS JOIN message m",
        Needs::Summary => "e.uid, e.received_at, e.size_bytes, m.sent_at, m.summary FROM mailbox_entry e CROSS JOIN message m",
    };
    let mut params = params![account, mailbox];
    // Where they lie close together, a range is the quicker, and what lies between is passed over.
    let is_dense = (last - first) as usize <= uids.len() * 2;
    let which = if is_dense {
        format!("BETWEEN ${} AND ${}", params.push(i64::from(*first)), params.push(i64::from(*last)))
    } else {
        format!("IN {}", push_numbers(&mut params, uids.iter().map(|uid| i64::from(*uid))))
    };
    let joined = if needs > Needs::Entry { " AND m.account_id = $1 AND m.id = e.message_id" } else { "" };
    let sql = format!("SELECT {columns} WHERE e.account_id = $1 AND e.mailbox_id = $2 AND e.uid {which}{joined} ORDER BY e.uid");
    tx.for_each(&sql, params, |row| {
        let uid: u32 = row.get(0)?;
        if uids.binary_search(&uid).is_err() {
            return Ok(());
        }
        let received_at: Timestamp = row.get(1)?;
        let sent_at: Option<Timestamp> = if needs >= Needs::Message { row.get(3)? } else { None };
        each(Facts {
            uid,
            received_at,
            size_bytes: row.get(2)?,
            sent_at: sent_at.unwrap_or(received_at),
            summary: if needs == Needs::Summary { Some(row.json(4)?) } else { None },
        });
        Ok(())
    })
}
