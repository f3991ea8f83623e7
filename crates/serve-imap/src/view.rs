//! A selected mailbox as its client knows it: which uid has which sequence number. Four bytes for each message.
//!
//! The client learns of changes only when it is told; until then a message that somebody else expunged keeps its number here.

use std::ops::Range;

use mail::MailboxId;
use proto_imap::NumberSet;

use crate::keywords::Keywords;
use crate::recent::Recent;

pub(crate) struct View {
    pub(crate) mailbox: MailboxId,
    /// EXAMINE: nothing is changed through this view.
    pub(crate) read_only: bool,
    /// Every change up to this number was told, or comes from this session.
    pub(crate) seen: i64,
    /// New messages were told with the answer to something else than NOOP or IDLE, which some clients read past.
    pub(crate) grew_aside: bool,
    /// Those that FLAGS names.
    pub(crate) keywords: Keywords,
    /// Only for a session of IMAP4rev1.
    pub(crate) recent: Option<Recent>,
    /// It could not be brought up to date after a command of this session, which may have told of uids that are missing here.
    pub(crate) is_behind: bool,
    /// Ascending; the place is the sequence number less one.
    uids: Vec<u32>,
    /// Expunged by others, and not told yet; ascending.
    held: Vec<u32>,
    /// Change numbers above `seen` that this session made and told by itself.
    own: Vec<i64>,
    /// What `$` means (RFC 9051 §6.4.4.1): uids, of which some may be gone meanwhile.
    saved: NumberSet,
}

/// Messages of a view, as ranges of places, ascending and apart from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Picked(Vec<Range<usize>>);

impl Picked {
    /// Ranges in any order, overlapping or not.
    fn of(mut ranges: Vec<Range<usize>>) -> Self {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_unstable_by_key(|range| range.start);
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Self(joined)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(Range::len).sum()
    }

    pub(crate) fn ranges(&self) -> &[Range<usize>] {
        &self.0
    }

    /// What of it stands at `place` or behind.
    pub(crate) fn starting_at(mut self, place: usize) -> Self {
        self.0.retain(|range| range.end > place);
        if let Some(first) = self.0.first_mut() {
            first.start = first.start.max(place);
        }
        self
    }

    /// The messages at these places among those that were picked, counted from 0.
    pub(crate) fn part(mut self, places: Range<usize>) -> Self {
        self.take_first(places.start);
        self.take_first(places.len())
    }

    /// Takes the first `most` messages away, for work in chunks.
    pub(crate) fn take_first(&mut self, most: usize) -> Self {
        let mut room = most;
        let whole = self.0.iter().take_while(|range| {
            let fits = range.len() <= room;
            room -= if fits { range.len() } else { 0 };
            fits
        });
        let whole = whole.count();
        let mut taken: Vec<Range<usize>> = self.0.drain(..whole).collect();
        if room > 0
            && let Some(first) = self.0.first_mut()
        {
            taken.push(first.start..first.start + room);
            first.start += room;
        }
        Self(taken)
    }
}

impl View {
    pub(crate) fn new(mailbox: MailboxId, read_only: bool, seen: i64, uids: Vec<u32>) -> Self {
        debug_assert!(uids.is_sorted());
        Self {
            mailbox,
            read_only,
            seen,
            grew_aside: false,
            keywords: Keywords::alone(),
            recent: None,
            is_behind: false,
            uids,
            held: Vec::new(),
            own: Vec::new(),
            saved: NumberSet::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.uids.len()
    }

    /// What RECENT tells, where it is told.
    pub(crate) fn recent_count(&self) -> Option<u32> {
        self.recent.as_ref().map(|recent| recent.count(&self.uids))
    }

    pub(crate) fn is_recent(&self, uid: u32) -> bool {
        self.recent.as_ref().is_some_and(|recent| recent.contains(uid))
    }

    /// What EXISTS tells.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.uids.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn uids(&self) -> &[u32] {
        &self.uids
    }

    pub(crate) fn last_uid(&self) -> u32 {
        self.uids.last().copied().unwrap_or(0)
    }

    /// Where the first message with this uid or a higher one stands.
    pub(crate) fn place_from(&self, uid: u32) -> usize {
        self.uids.partition_point(|known| *known < uid)
    }

    /// The sequence number of a uid.
    pub(crate) fn number_of(&self, uid: u32) -> Option<u32> {
        self.uids.binary_search(&uid).ok().map(number)
    }

    /// All messages.
    pub(crate) fn all(&self) -> Picked {
        let everything = 0..self.uids.len();
        Picked::of(vec![everything])
    }

    /// Messages by sequence numbers, each range with its smaller number first; `None` when a number has no message.
    pub(crate) fn pick_numbers(&self, ranges: impl IntoIterator<Item = (u32, u32)>) -> Option<Picked> {
        let mut places = Vec::new();
        for (first, last) in ranges {
            if first == 0 || last as usize > self.uids.len() {
                return None;
            }
            places.push(first as usize - 1..last as usize);
        }
        Some(Picked::of(places))
    }

    /// As [`pick_numbers`](Self::pick_numbers), where numbers without a message name nothing: in SEARCH.
    pub(crate) fn pick_numbers_that_exist(&self, ranges: impl IntoIterator<Item = (u32, u32)>) -> Picked {
        let count = self.uids.len();
        Picked::of(ranges.into_iter().map(|(first, last)| (first.max(1) as usize - 1).min(count)..(last as usize).min(count)).collect())
    }

    /// Messages by uids, each range with its smaller uid first; uids without a message name nothing.
    pub(crate) fn pick_uids(&self, ranges: impl IntoIterator<Item = (u32, u32)>) -> Picked {
        let place = |first: u32| self.uids.partition_point(|uid| *uid < first);
        let end = |last: u32| self.uids.partition_point(|uid| *uid <= last);
        Picked::of(ranges.into_iter().map(|(first, last)| place(first)..end(last)).collect())
    }

    /// The uids of what was picked. Between two neighbours of a view there is no other message, so ranges of places are ranges of uids.
    pub(crate) fn uid_ranges(&self, picked: &Picked) -> Vec<(u32, u32)> {
        picked.ranges().iter().map(|range| (self.uids[range.start], self.uids[range.end - 1])).collect()
    }

    /// Sequence numbers and uids of places.
    pub(crate) fn numbered(&self, places: Range<usize>) -> impl Iterator<Item = (u32, u32)> + '_ {
        places.map(|place| (number(place), self.uids[place]))
    }

    /// Adds messages that came; those that are known already are left out. Answers whether there were any.
    pub(crate) fn add(&mut self, uids: impl IntoIterator<Item = u32>) -> bool {
        let before = self.uids.len();
        for uid in uids {
            if uid > self.last_uid() {
                self.uids.push(uid);
            }
        }
        self.uids.len() > before
    }

    /// Takes messages out; answers their sequence numbers, highest first, so that none shifts another.
    pub(crate) fn remove(&mut self, gone: &[u32]) -> Vec<u32> {
        let mut gone: Vec<u32> = gone.to_vec();
        gone.sort_unstable();
        gone.dedup();
        let mut numbers: Vec<u32> = gone.iter().filter_map(|uid| self.number_of(*uid)).collect();
        if numbers.is_empty() {
            return numbers;
        }
        let is_gone = |uid: &u32| gone.binary_search(uid).is_ok();
        self.uids.retain(|uid| !is_gone(uid));
        self.held.retain(|uid| !is_gone(uid));
        numbers.reverse();
        numbers
    }

    /// Notes what others expunged, to be told when the protocol allows it.
    pub(crate) fn hold(&mut self, gone: impl IntoIterator<Item = u32>) {
        let known = gone.into_iter().filter(|uid| self.uids.binary_search(uid).is_ok());
        self.held.extend(known);
        self.held.sort_unstable();
        self.held.dedup();
    }

    /// What was held back, to be told now.
    pub(crate) fn take_held(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.held)
    }

    /// Notes a change of this session's that its client was told of.
    pub(crate) fn made(&mut self, change_number: i64) {
        if change_number == self.seen + 1 {
            self.seen = change_number;
        } else if change_number > self.seen && self.own.last() != Some(&change_number) {
            self.own.push(change_number);
        }
    }

    pub(crate) fn is_own(&self, change_number: i64) -> bool {
        self.own.contains(&change_number)
    }

    /// Everything up to this change was told.
    pub(crate) fn saw(&mut self, change_number: i64) {
        self.seen = self.seen.max(change_number);
        let seen = self.seen;
        self.own.retain(|own| *own > seen);
    }

    pub(crate) fn save(&mut self, uids: NumberSet) {
        self.saved = uids;
    }

    pub(crate) fn saved(&self) -> &NumberSet {
        &self.saved
    }
}

fn number(place: usize) -> u32 {
    // Uids are 32 bits wide, so there are no more places than that.
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(uids: &[u32]) -> View {
        View::new(MailboxId::from_raw(1), false, 10, uids.to_vec())
    }

    #[test]
    fn sequence_numbers_without_a_message_are_refused_and_uids_without_one_are_not() {
        let view = view(&[3, 5, 9]);
        assert_eq!(view.pick_numbers([(1, 4)]), None);
        assert_eq!(view.pick_numbers([(0, 1)]), None);
        assert_eq!(view.pick_numbers([(2, 3)]).map(|picked| view.uid_ranges(&picked)), Some(vec![(5, 9)]));
        assert_eq!(view.uid_ranges(&view.pick_uids([(1, 4), (9, 90)])), [(3, 3), (9, 9)]);
        assert!(view.pick_uids([(4, 4)]).is_empty());
        assert_eq!(view.uid_ranges(&view.pick_numbers_that_exist([(2, 9), (7, 8)])), [(5, 9)]);
    }

    #[test]
    fn overlapping_ranges_name_each_message_once() {
        let view = view(&[1, 2, 3, 4, 5]);
        let picked = view.pick_numbers([(4, 5), (1, 2), (2, 3)]).expect("they exist");
        assert_eq!(view.uid_ranges(&picked), [(1, 5)]);
    }

    #[test]
    fn work_is_cut_in_chunks_without_losing_a_message() {
        let view = view(&[1, 2, 3, 4, 5, 6, 7]);
        let mut rest = view.pick_numbers([(1, 3), (5, 7)]).expect("they exist");
        let mut seen = Vec::new();
        while !rest.is_empty() {
            let chunk = rest.take_first(2);
            assert!((1..=2).contains(&chunk.count()));
            seen.extend(chunk.ranges().iter().cloned().flatten());
        }
        assert_eq!(seen, [0, 1, 2, 4, 5, 6]);
    }

    #[test]
    fn a_part_of_what_was_picked_is_counted_in_messages() {
        let view = view(&[1, 2, 3, 4, 5, 6, 7]);
        let part = |places: Range<usize>| view.uid_ranges(&view.pick_numbers([(1, 3), (5, 7)]).expect("they exist").part(places));
        assert_eq!(part(0..2), [(1, 2)]);
        assert_eq!(part(2..4), [(3, 3), (5, 5)]);
        assert_eq!(part(5..6), [(7, 7)]);
        assert!(part(6..6).is_empty());
    }

    #[test]
    fn expunged_messages_are_told_from_the_highest_number_down() {
        let mut view = view(&[3, 5, 9, 11]);
        assert_eq!(view.remove(&[11, 5, 6]), [4, 2]);
        assert_eq!((view.number_of(9), view.len()), (Some(2), 2));
        assert!(view.remove(&[5]).is_empty());
    }

    #[test]
    fn a_held_message_keeps_its_number_until_it_is_told() {
        let mut view = view(&[3, 5, 9]);
        view.hold([5, 6]);
        assert_eq!(view.number_of(9), Some(3));
        let held = view.take_held();
        assert_eq!(view.remove(&held), [2]);
        assert!(view.take_held().is_empty());
    }

    #[test]
    fn changes_of_ones_own_are_not_news() {
        let mut view = view(&[1]);
        view.made(11);
        assert_eq!(view.seen, 11);
        view.made(13);
        assert!(view.is_own(13) && !view.is_own(12));
        view.saw(14);
        assert!(!view.is_own(13));
    }

    #[test]
    fn uids_only_grow() {
        let mut view = view(&[1, 4]);
        assert!(view.add([3, 4, 7]));
        assert_eq!(view.all().count(), 3);
        assert!(!view.add([7]));
    }
}
