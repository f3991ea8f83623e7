//! `\Recent`, for sessions of IMAP4rev1: the messages that no session was told of before. RFC 3501 §2.3.2
//!
//! A mailbox has a mark: messages from this uid on nobody was told of. It moves in memory, shared by the sessions that have the mailbox selected, and is
//! written when one of them leaves a mailbox in which it has moved. What is lost with the process makes messages recent once more, as RFC 3501 asks where
//! it cannot be known. Sessions of IMAP4rev2, which has no `\Recent`, take no part.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard};

use kernel::MailAccountId;
use mail::{MailboxId, UidSet};

type Key = (MailAccountId, MailboxId);

/// The marks of mailboxes that are selected somewhere.
#[derive(Default)]
pub(crate) struct Marks(Mutex<HashMap<Key, Mark>>);

struct Mark {
    /// From here on nobody was told.
    next: u32,
    /// The same as it is stored.
    stored: u32,
    holders: usize,
}

/// What a selected mailbox has of recent messages, for this session.
pub(crate) struct Recent {
    marks: Arc<Marks>,
    key: Key,
    /// EXAMINE sees what is recent and leaves it so (RFC 3501 §6.3.2).
    read_only: bool,
    /// Uids, ascending and apart.
    ranges: Vec<RangeInclusive<u32>>,
    /// This session was told of everything before.
    told: u32,
}

impl Marks {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Mark>> {
        self.0.lock().expect("nothing panics while it holds this lock")
    }

    /// For a mailbox that is being selected; `stored` is the mark of its row.
    pub(crate) fn hold(self: &Arc<Self>, account: MailAccountId, mailbox: MailboxId, stored: u32, read_only: bool) -> Recent {
        let key = (account, mailbox);
        let mut marks = self.lock();
        let mark = marks.entry(key).or_insert(Mark { next: stored, stored, holders: 0 });
        mark.next = mark.next.max(stored);
        mark.stored = mark.stored.max(stored);
        mark.holders += 1;
        Recent { marks: Arc::clone(self), key, read_only, ranges: Vec::new(), told: 0 }
    }

    /// The mark as it is now, for STATUS.
    pub(crate) fn now(&self, account: MailAccountId, mailbox: MailboxId, stored: u32) -> u32 {
        self.lock().get(&(account, mailbox)).map_or(stored, |mark| mark.next.max(stored))
    }
}

impl Recent {
    /// The session is told of all messages below this uid.
    pub(crate) fn tell_up_to(&mut self, uid_next: u32) {
        let mut marks = self.marks.lock();
        let Some(mark) = marks.get_mut(&self.key) else { return };
        let from = mark.next.max(self.told);
        if from < uid_next {
            match self.ranges.last_mut() {
                Some(last) if last.end() + 1 == from => *last = *last.start()..=uid_next - 1,
                _ => self.ranges.push(from..=uid_next - 1),
            }
            if !self.read_only {
                mark.next = uid_next;
            }
        }
        self.told = self.told.max(uid_next);
    }

    pub(crate) fn contains(&self, uid: u32) -> bool {
        let place = self.ranges.partition_point(|range| *range.end() < uid);
        self.ranges.get(place).is_some_and(|range| range.contains(&uid))
    }

    /// How many of these, which ascend, are recent.
    pub(crate) fn count(&self, uids: &[u32]) -> u32 {
        let up_to = |bound: u32, inclusive: bool| uids.partition_point(|uid| *uid < bound || (inclusive && *uid == bound));
        let count: usize = self.ranges.iter().map(|range| up_to(*range.end(), true) - up_to(*range.start(), false)).sum();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(crate) fn uids(&self) -> UidSet {
        self.ranges.iter().cloned().collect()
    }

    pub(crate) fn ranges(&self) -> &[RangeInclusive<u32>] {
        &self.ranges
    }

    /// The mark, if it has moved since it was stored.
    pub(crate) fn to_be_stored(&self) -> Option<u32> {
        self.marks.lock().get(&self.key).filter(|mark| mark.next > mark.stored).map(|mark| mark.next)
    }

    /// It was stored.
    pub(crate) fn stored(&self, mark: u32) {
        if let Some(known) = self.marks.lock().get_mut(&self.key) {
            known.stored = known.stored.max(mark);
        }
    }
}

impl Drop for Recent {
    fn drop(&mut self) {
        let mut marks = self.marks.lock();
        if let Some(mark) = marks.get_mut(&self.key) {
            mark.holders -= 1;
            if mark.holders == 0 {
                marks.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(marks: &Arc<Marks>, stored: u32, read_only: bool) -> Recent {
        marks.hold(MailAccountId::from_raw(1), MailboxId::from_raw(2), stored, read_only)
    }

    #[test]
    fn each_message_is_recent_for_the_first_session_that_is_told() {
        let marks = Arc::new(Marks::default());
        let mut first = hold(&marks, 3, false);
        first.tell_up_to(6);
        let mut second = hold(&marks, 3, false);
        second.tell_up_to(7);
        first.tell_up_to(7);
        first.tell_up_to(9);
        assert_eq!(first.count(&[1, 3, 5, 6, 8]), 3);
        assert!(first.contains(8) && !first.contains(6) && second.contains(6) && !second.contains(5));
        assert_eq!(second.to_be_stored(), Some(9));
        second.stored(9);
        assert_eq!(first.to_be_stored(), None);
    }

    #[test]
    fn who_only_looks_leaves_it_recent() {
        let marks = Arc::new(Marks::default());
        let mut looking = hold(&marks, 1, true);
        looking.tell_up_to(4);
        looking.tell_up_to(5);
        assert_eq!((looking.count(&[1, 2, 3, 4]), looking.to_be_stored()), (4, None));
        assert_eq!(marks.now(MailAccountId::from_raw(1), MailboxId::from_raw(2), 1), 1);
        drop(looking);
        assert!(marks.lock().is_empty());
    }
}
