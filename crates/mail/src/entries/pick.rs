//! From a set of uids to rows, and from rows to the fewest statements that name them.

use kernel::MailAccountId;
use store::{IN_LIST_MAX, Params, StoreError, Tx, in_list, params};

use super::{ENTRY_COLUMNS, EntryRow, read_entry};
use crate::{MailboxId, UidSet};

/// Rows of one mailbox, by uid.
#[derive(Default)]
pub(super) struct Picked {
    pub(super) rows: Vec<EntryRow>,
    /// For each row: rows of one run stand side by side in the mailbox, with no other between them. 0 is no run.
    runs: Vec<u32>,
    /// Where to go on, when not everything fitted.
    pub(super) next: Option<u32>,
}

/// A few uids in a row cost less by name than by a statement of their own.
const SHORT_RANGE: u32 = 8;
/// Uids that are looked for by name for each one that may be found, before a chunk ends.
const LOOKS_PER_ROW: usize = 4;

impl Picked {
    /// Rows that are known already, in any order.
    pub(super) fn of(mut rows: Vec<EntryRow>) -> Self {
        rows.sort_unstable_by_key(|row| row.uid);
        let runs = vec![0; rows.len()];
        Self { rows, runs, next: None }
    }

    /// Those of the rows that `keep` wants.
    pub(super) fn filter(&self, mut keep: impl FnMut(&EntryRow) -> bool) -> Vec<usize> {
        (0..self.rows.len()).filter(|index| keep(&self.rows[*index])).collect()
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.rows.len()).collect()
    }

    /// The fewest conditions on `uid` that name exactly these rows, in their order; each with how many it names.
    pub(super) fn pieces(&self, chosen: &[usize]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut list: Vec<u32> = Vec::new();
        let mut at = 0;
        while at < chosen.len() {
            let first = chosen[at];
            let run = self.runs[first];
            let mut length = 1;
            while run != 0 && at + length < chosen.len() && chosen[at + length] == first + length && self.runs[first + length] == run {
                length += 1;
            }
            let rows = &self.rows[first..first + length];
            if length as u32 > SHORT_RANGE || (length > 1 && list.is_empty()) {
                if !list.is_empty() {
                    pieces.push(Piece::List(std::mem::take(&mut list)));
                }
                pieces.push(Piece::Range { first: rows[0].uid, last: rows[length - 1].uid, count: length });
            } else {
                for row in rows {
                    list.push(row.uid);
                    if list.len() == IN_LIST_MAX {
                        pieces.push(Piece::List(std::mem::take(&mut list)));
                    }
                }
            }
            at += length;
        }
        if !list.is_empty() {
            pieces.push(Piece::List(list));
        }
        pieces
    }
}

/// A condition on `uid`.
pub(super) enum Piece {
    Range { first: u32, last: u32, count: usize },
    List(Vec<u32>),
}

impl Piece {
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Range { count, .. } => *count,
            Self::List(uids) => uids.len(),
        }
    }

    /// The condition, with its parameters added to those that are there.
    pub(super) fn condition(&self, params: &mut Params) -> String {
        match self {
            Self::Range { first, last, .. } => {
                let first = params.push(*first);
                let last = params.push(*last);
                format!("uid BETWEEN ${first} AND ${last}")
            }
            Self::List(uids) => format!("uid IN {}", push_list(params, uids)),
        }
    }
}

/// Lists come in few lengths, so that statements are prepared once: the last uid is repeated.
fn push_list(params: &mut Params, uids: &[u32]) -> String {
    let first = params.len() + 1;
    let length = [1, 8, 64, IN_LIST_MAX].into_iter().find(|length| *length >= uids.len()).unwrap_or(uids.len());
    params.extend(uids.iter().copied());
    params.extend(std::iter::repeat_n(uids.last().copied().unwrap_or_default(), length - uids.len()));
    in_list(first, length)
}

/// The rows of `set` from `from` on, at most `limit`.
pub(super) fn pick(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    set: &UidSet,
    from: u32,
    limit: usize,
) -> Result<Picked, StoreError> {
    let mut picked = Picked::default();
    let mut run = 0;
    let mut looked = 0;
    let rest = set.starting_at(from);
    let mut ranges = rest.ranges().map(|range| (*range.start(), *range.end())).peekable();
    while let Some((first, last)) = ranges.next() {
        let is_short = |first: u32, last: u32| last - first < SHORT_RANGE;
        if picked.rows.len() >= limit || looked >= limit.saturating_mul(LOOKS_PER_ROW) {
            picked.next = Some(first);
            break;
        }
        let alone = ranges.peek().is_none_or(|(first, last)| !is_short(*first, *last));
        if !is_short(first, last) || alone {
            run += 1;
            select(tx, account, mailbox, &Piece::Range { first, last, count: 0 }, limit + 1, run, &mut picked)?;
        } else {
            let mut uids: Vec<u32> = (first..=last).collect();
            while let Some((first, last)) = ranges.peek().copied()
                && is_short(first, last)
                && uids.len() + (SHORT_RANGE as usize) < IN_LIST_MAX
            {
                uids.extend(first..=last);
                ranges.next();
            }
            looked += uids.len();
            select(tx, account, mailbox, &Piece::List(uids), limit + 1, 0, &mut picked)?;
        }
        if picked.rows.len() > limit {
            picked.next = Some(picked.rows[limit].uid);
            picked.rows.truncate(limit);
            picked.runs.truncate(limit);
            break;
        }
    }
    Ok(picked)
}

fn select(
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    piece: &Piece,
    limit: usize,
    run: u32,
    picked: &mut Picked,
) -> Result<(), StoreError> {
    let mut params = params![account, mailbox, limit - picked.rows.len().min(limit)];
    let condition = piece.condition(&mut params);
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM mailbox_entry e WHERE account_id = $1 AND mailbox_id = $2 AND {condition} ORDER BY uid LIMIT $3"
    );
    tx.for_each(&sql, params, |row| {
        picked.rows.push(read_entry(row)?);
        picked.runs.push(run);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flags, MessageId, ThreadId};
    use kernel::Timestamp;

    fn row(uid: u32) -> EntryRow {
        EntryRow {
            uid,
            message: MessageId::from_raw(1),
            thread: ThreadId::from_raw(1),
            flags: Flags::NONE,
            received_at: Timestamp::from_micros(0),
            saved_at: Timestamp::from_micros(0),
            size_bytes: 1,
            change_number: 1,
        }
    }

    #[test]
    fn pieces_name_the_chosen_rows_in_their_order() {
        let rows: Vec<EntryRow> = (1..=30).map(|number| row(number * 10)).collect();
        let picked = Picked { rows, runs: [vec![1; 20], vec![0; 10]].concat(), next: None };
        let chosen = picked.filter(|row| row.uid != 50);
        let told: Vec<String> = picked
            .pieces(&chosen)
            .iter()
            .map(|piece| match piece {
                Piece::Range { first, last, count } => format!("{first}-{last}/{count}"),
                Piece::List(uids) => format!("{uids:?}"),
            })
            .collect();
        assert_eq!(told, ["10-40/4", "60-200/15", "[210, 220, 230, 240, 250, 260, 270, 280, 290, 300]"]);
        assert_eq!(picked.pieces(&chosen).iter().map(Piece::count).sum::<usize>(), chosen.len());
    }

    #[test]
    fn lists_come_in_few_lengths() {
        for (count, length) in [(1, 1), (2, 8), (8, 8), (9, 64), (65, 500), (500, 500)] {
            let uids: Vec<u32> = (1..=count).collect();
            let mut params = params![];
            push_list(&mut params, &uids);
            assert_eq!(params.len(), length);
        }
    }
}
