//! What changed since a state, for JMAP (RFC 8620 §5.2): mailboxes, messages and threads.
//!
//! A state is a change number. One that cut a long answer short has a second part, the id up to which that change was told: changes are told in
//! the order of (change number, id), and a row that changes again only moves to a later place in it, so nothing is ever skipped.

mod forget;
mod messages;
mod repo;
mod types;

use std::fmt;
use std::str::FromStr;

use kernel::{Ctx, MailAccountId, Timestamp};
use store::{StoreError, Tx};

pub use forget::{Forgotten, Kept, forget};
pub use messages::{message_changes, thread_changes};
pub use types::{TYPES, changed_types};

use crate::heads::{self, Head, MailError};
use crate::{MailboxId, mailboxes};

/// Up to where changes are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    pub change_number: i64,
    /// The last id of it that was told; `i64::MAX` for all of it.
    part: i64,
}

impl State {
    /// All of a change, and what was before it.
    pub const fn of(change_number: i64) -> Self {
        Self { change_number, part: i64::MAX }
    }

    fn at(change_number: i64, id: i64) -> Self {
        Self { change_number, part: id }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part == i64::MAX { write!(f, "{}", self.change_number) } else { write!(f, "{}.{}", self.change_number, self.part) }
    }
}

/// The text is not a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a state")]
pub struct StateError;

impl FromStr for State {
    type Err = StateError;

    fn from_str(text: &str) -> Result<Self, StateError> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if plain { digits.parse().map_err(|_| StateError) } else { Err(StateError) }
        };
        match text.split_once('.') {
            None => number(text).map(Self::of),
            Some((change, part)) => Ok(Self { change_number: number(change)?, part: number(part)? }),
        }
    }
}

/// What changed. No id is in two of the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes<Id> {
    pub created: Vec<Id>,
    pub updated: Vec<Id>,
    pub destroyed: Vec<Id>,
    pub new_state: State,
    pub has_more: bool,
    /// Of mailboxes: nothing but counts changed in those that are `updated` (RFC 8621 §2.2).
    pub only_counts: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The state is older than what is kept of the past, or none that was ever given.
    #[error("what changed since this state cannot be told")]
    CannotCalculate,
    #[error("could not find what changed")]
    Store(#[from] StoreError),
}
kernel::faults! { ChangesError:
    ChangesError::Mail(inner) => inner,
    ChangesError::CannotCalculate => Conflict "changes_not_known",
    ChangesError::Store(inner) => inner,
}

/// The day, counted from 1970, that a tombstone is of.
pub(crate) fn day_of(now: Timestamp) -> i64 {
    now.as_secs().div_euclid(24 * 3600)
}

fn open(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, since: State) -> Result<Head, ChangesError> {
    let head = heads::open(ctx, tx, account)?;
    if since.change_number < head.history_from || since.change_number > head.change_number {
        return Err(ChangesError::CannotCalculate);
    }
    Ok(head)
}

/// Which mailboxes changed; at most `max` of them, or all without.
pub fn mailbox_changes(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    since: State,
    max: Option<usize>,
) -> Result<Changes<MailboxId>, ChangesError> {
    enum What {
        Created,
        Updated { only_counts: bool },
        Destroyed,
    }
    let head = open(ctx, tx, account, since)?;
    let mut events: Vec<(State, MailboxId, What)> = Vec::new();
    for mailbox in mailboxes::repo::all(tx, account)? {
        let place = |change_number| State::at(change_number, mailbox.id.raw());
        if place(mailbox.created_change) > since {
            events.push((place(mailbox.created_change), mailbox.id, What::Created));
            continue;
        }
        let changed = place(mailbox.changed_change.max(mailbox.counted_change));
        if changed > since {
            events.push((changed, mailbox.id, What::Updated { only_counts: place(mailbox.changed_change) <= since }));
        }
    }
    for gone in repo::mailbox_tombstones(tx, account, since)? {
        if State::at(gone.created_change, gone.id) <= since {
            events.push((State::at(gone.change_number, gone.id), MailboxId::from_raw(gone.id), What::Destroyed));
        }
    }
    events.sort_unstable_by_key(|(place, ..)| *place);
    let max = max.unwrap_or(usize::MAX);
    let has_more = events.len() > max;
    events.truncate(max);
    let mut changes = Changes {
        created: Vec::new(),
        updated: Vec::new(),
        destroyed: Vec::new(),
        new_state: if has_more { events.last().map_or(since, |(place, ..)| *place) } else { State::of(head.change_number) },
        has_more,
        only_counts: true,
    };
    for (_, id, what) in events {
        match what {
            What::Created => changes.created.push(id),
            What::Updated { only_counts } => {
                changes.only_counts &= only_counts;
                changes.updated.push(id);
            }
            What::Destroyed => changes.destroyed.push(id),
        }
    }
    changes.only_counts &= !changes.updated.is_empty() && changes.created.is_empty();
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_and_orders_parts_before_the_whole() {
        for text in ["0", "120", "120.34"] {
            assert_eq!(text.parse::<State>().unwrap().to_string(), text);
        }
        for wrong in ["", "-1", "+1", "1.", ".1", "1.2.3", "x", "99999999999999999999"] {
            assert_eq!(wrong.parse::<State>(), Err(StateError), "{wrong}");
        }
        assert!(State::at(3, 7) < State::of(3) && State::of(3) < State::at(4, 1));
    }
}
