//! The maildrop as it was when the session began (RFC 1939 §4): messages have numbers from 1 on, and keep them. Eight bytes for each message; one bit
//! more once something is deleted.

use std::collections::HashMap;

use mail::maildrop::{Listed, derived_unique_id};
use mail::{MailboxId, UidSet};

pub(crate) struct Maildrop {
    pub(crate) mailbox: MailboxId,
    uid_validity: u32,
    /// Ascending; the place is the number less one.
    uids: Vec<u32>,
    /// Octets as they are sent.
    sizes: Vec<u32>,
    /// Unique ids that do not follow from the uid.
    unique_ids: HashMap<u32, Box<str>>,
    /// A bit for each place; empty until something is deleted.
    deleted: Vec<u64>,
    /// What is not deleted.
    count: usize,
    bytes: u64,
}

/// A message that is not deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) number: usize,
    pub(crate) uid: u32,
    pub(crate) size: u32,
}

/// Why there is no message to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    NoSuchNumber,
    Deleted,
}

impl Maildrop {
    pub(crate) fn new(mailbox: MailboxId, uid_validity: u32) -> Self {
        Self {
            mailbox,
            uid_validity,
            uids: Vec::new(),
            sizes: Vec::new(),
            unique_ids: HashMap::new(),
            deleted: Vec::new(),
            count: 0,
            bytes: 0,
        }
    }

    pub(crate) fn reserve(&mut self, messages: usize) {
        self.uids.reserve_exact(messages);
        self.sizes.reserve_exact(messages);
    }

    /// Adds the next message by uid.
    pub(crate) fn add(&mut self, listed: Listed<'_>) {
        debug_assert!(self.last_uid() < listed.uid);
        let size = u32::try_from(listed.size_bytes).unwrap_or(u32::MAX);
        if let Some(unique_id) = listed.unique_id {
            self.unique_ids.insert(listed.uid, unique_id.into());
        }
        self.uids.push(listed.uid);
        self.sizes.push(size);
        self.count += 1;
        self.bytes += u64::from(size);
    }

    /// Adds what was listed apart, behind the others.
    pub(crate) fn append(&mut self, mut more: Self) {
        self.uids.append(&mut more.uids);
        self.sizes.append(&mut more.sizes);
        self.unique_ids.extend(more.unique_ids);
        self.count += more.count;
        self.bytes += more.bytes;
    }

    /// How many messages were there, deleted or not.
    pub(crate) fn len(&self) -> usize {
        self.uids.len()
    }

    pub(crate) fn last_uid(&self) -> u32 {
        self.uids.last().copied().unwrap_or(0)
    }

    /// How many messages are not deleted.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Their octets together.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn find(&self, number: u32) -> Result<Message, Missing> {
        let place = (number as usize).checked_sub(1).filter(|place| *place < self.len()).ok_or(Missing::NoSuchNumber)?;
        if self.is_deleted(place) { Err(Missing::Deleted) } else { Ok(self.at(place)) }
    }

    /// The first message at `place` or behind that is not deleted; the next one is at its number.
    pub(crate) fn from(&self, place: usize) -> Option<Message> {
        (place..self.len()).find(|place| !self.is_deleted(*place)).map(|place| self.at(place))
    }

    pub(crate) fn unique_id(&self, message: Message) -> String {
        self.unique_ids
            .get(&message.uid)
            .map_or_else(|| derived_unique_id(self.uid_validity, message.uid), |unique_id| (**unique_id).to_owned())
    }

    pub(crate) fn delete(&mut self, message: Message) {
        if self.deleted.is_empty() {
            self.deleted = vec![0; self.len().div_ceil(64)];
        }
        let place = message.number - 1;
        self.deleted[place / 64] |= 1 << (place % 64);
        self.count -= 1;
        self.bytes -= u64::from(message.size);
    }

    /// RSET.
    pub(crate) fn restore_all(&mut self) {
        self.deleted = Vec::new();
        self.count = self.len();
        self.bytes = self.sizes.iter().map(|size| u64::from(*size)).sum();
    }

    /// What QUIT removes. Between two neighbours there was no other message, so places in a row are a range of uids.
    pub(crate) fn deleted_uids(&self) -> UidSet {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for place in (0..self.len()).filter(|place| self.is_deleted(*place)) {
            match runs.last_mut() {
                Some((_, end)) if *end == place => *end += 1,
                _ => runs.push((place, place + 1)),
            }
        }
        runs.into_iter().map(|(start, end)| self.uids[start]..=self.uids[end - 1]).collect()
    }

    fn is_deleted(&self, place: usize) -> bool {
        self.deleted.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    fn at(&self, place: usize) -> Message {
        Message { number: place + 1, uid: self.uids[place], size: self.sizes[place] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maildrop(uids: &[u32]) -> Maildrop {
        let mut maildrop = Maildrop::new(MailboxId::from_raw(1), 1_700);
        for uid in uids {
            let unique_id = (*uid == 5).then_some("000000054a1b");
            maildrop.add(Listed { uid: *uid, size_bytes: u64::from(*uid) * 10, unique_id });
        }
        maildrop
    }

    #[test]
    fn numbers_stay_when_others_are_deleted() {
        let mut drop = maildrop(&[3, 5, 9]);
        assert_eq!((drop.count(), drop.bytes()), (3, 170));
        drop.delete(drop.find(2).unwrap());
        assert_eq!((drop.count(), drop.bytes()), (2, 120));
        assert_eq!(drop.find(2), Err(Missing::Deleted));
        assert_eq!(drop.find(3).map(|message| message.uid), Ok(9));
        assert_eq!(drop.from(1).map(|message| message.number), Some(3));
        drop.restore_all();
        assert_eq!((drop.count(), drop.bytes(), drop.find(2).is_ok()), (3, 170, true));
    }

    #[test]
    fn there_is_no_message_0_and_none_beyond_the_last() {
        let drop = maildrop(&[3]);
        assert_eq!(drop.find(0), Err(Missing::NoSuchNumber));
        assert_eq!(drop.find(2), Err(Missing::NoSuchNumber));
        assert_eq!(drop.from(1), None);
    }

    #[test]
    fn what_is_deleted_is_named_in_ranges_that_hold_nothing_else() {
        let mut drop = maildrop(&[1, 4, 5, 9, 12]);
        assert!(drop.deleted_uids().is_empty());
        for number in [2, 3, 5] {
            drop.delete(drop.find(number).unwrap());
        }
        assert_eq!(drop.deleted_uids(), [4..=5, 12..=12].into_iter().collect());
    }

    #[test]
    fn a_message_that_was_brought_here_keeps_its_unique_id() {
        let drop = maildrop(&[3, 5]);
        assert_eq!(drop.unique_id(drop.find(1).unwrap()), "1700.3");
        assert_eq!(drop.unique_id(drop.find(2).unwrap()), "000000054a1b");
    }
}
