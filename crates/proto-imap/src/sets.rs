//! Sets of message numbers and uids. RFC 9051 §9 `sequence-set`

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

/// `seq-number = nz-number / "*"`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SequenceNumber {
    Number(NonZeroU32),
    /// `*`: the largest in use.
    Largest,
}

impl SequenceNumber {
    /// `None` for 0.
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self::Number)
    }

    fn resolve(self, largest: u32) -> u32 {
        match self {
            Self::Number(number) => number.get(),
            Self::Largest => largest,
        }
    }
}

/// One number, or a range whose ends may stand in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SequenceRange {
    One(SequenceNumber),
    Range(SequenceNumber, SequenceNumber),
}

/// `sequence-set` as the client wrote it: never empty, not sorted, `*` not yet known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SequenceSet(Vec<SequenceRange>);

impl SequenceSet {
    /// `None` when there is no range.
    pub fn new(ranges: Vec<SequenceRange>) -> Option<Self> {
        (!ranges.is_empty()).then_some(Self(ranges))
    }

    /// `1:*`
    pub fn all() -> Self {
        Self(vec![SequenceRange::Range(SequenceNumber::Number(NonZeroU32::MIN), SequenceNumber::Largest)])
    }

    pub fn ranges(&self) -> &[SequenceRange] {
        &self.0
    }

    /// The numbers meant when `*` is `largest`; nothing of `*` remains when `largest` is 0 (an empty mailbox).
    ///
    /// Numbers above `largest` stay in the set: with uids they mean nothing, with sequence numbers the caller answers BAD.
    pub fn resolve(&self, largest: u32) -> NumberSet {
        let mut ranges = Vec::with_capacity(self.0.len());
        for range in &self.0 {
            let (first, last) = match *range {
                SequenceRange::One(number) => (number, number),
                SequenceRange::Range(first, last) => (first, last),
            };
            if largest == 0 && (first == SequenceNumber::Largest || last == SequenceNumber::Largest) {
                continue;
            }
            let (first, last) = (first.resolve(largest), last.resolve(largest));
            // RFC 9051 §9: 4:2 means 2:4, and 3291:* holds the largest even where 3291 is larger.
            ranges.push(first.min(last)..=first.max(last));
        }
        NumberSet::from_ranges(ranges)
    }
}

/// What a command works on: a set, or `$`, the saved result of a search. RFC 5182
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MessageSet {
    Set(SequenceSet),
    /// `$`
    Saved,
}

/// Numbers without `*`: sorted, merged, no zero. May be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct NumberSet(Vec<RangeInclusive<u32>>);

impl NumberSet {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sorts and merges; empty ranges and the number 0 fall away.
    pub fn from_ranges(ranges: impl IntoIterator<Item = RangeInclusive<u32>>) -> Self {
        let mut ranges: Vec<_> =
            ranges.into_iter().map(|range| (*range.start()).max(1)..=*range.end()).filter(|range| !range.is_empty()).collect();
        ranges.sort_unstable_by_key(|range| *range.start());
        let mut set = Self(Vec::with_capacity(ranges.len()));
        for range in ranges {
            set.push_range(range);
        }
        set
    }

    /// Adds a number; cheap when numbers come in ascending order.
    pub fn push(&mut self, number: u32) {
        if number == 0 {
            return;
        }
        match self.0.last() {
            Some(last) if number < *last.start() => {
                let mut ranges = std::mem::take(&mut self.0);
                ranges.push(number..=number);
                *self = Self::from_ranges(ranges);
            }
            _ => self.push_range(number..=number),
        }
    }

    /// The start is not before the start of the last range.
    fn push_range(&mut self, range: RangeInclusive<u32>) {
        match self.0.last_mut() {
            Some(last) if *range.start() <= last.end().saturating_add(1) => {
                if range.end() > last.end() {
                    *last = *last.start()..=*range.end();
                }
            }
            _ => self.0.push(range),
        }
    }

    pub fn ranges(&self) -> &[RangeInclusive<u32>] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many numbers are in it.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|range| u64::from(range.end() - range.start()) + 1).sum()
    }

    pub fn contains(&self, number: u32) -> bool {
        let after = self.0.partition_point(|range| *range.start() <= number);
        after > 0 && number <= *self.0[after - 1].end()
    }

    pub fn first(&self) -> Option<u32> {
        self.0.first().map(|range| *range.start())
    }

    pub fn last(&self) -> Option<u32> {
        self.0.last().map(|range| *range.end())
    }

    /// Each number, ascending. A set of a few octets can hold four thousand million: bound it first.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().cloned().flatten()
    }

    /// What both have.
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (0, 0);
        let mut both = Self::new();
        while let (Some(a), Some(b)) = (self.0.get(left), other.0.get(right)) {
            let (start, end) = (*a.start().max(b.start()), *a.end().min(b.end()));
            if start <= end {
                both.push_range(start..=end);
            }
            if a.end() < b.end() { left += 1 } else { right += 1 }
        }
        both
    }

    /// The same set as a command argument; `None` when empty.
    pub fn to_sequence_set(&self) -> Option<SequenceSet> {
        let number = |number: u32| NonZeroU32::new(number).map(SequenceNumber::Number);
        let ranges = self.0.iter().filter_map(|range| {
            let (first, last) = (number(*range.start())?, number(*range.end())?);
            Some(if first == last { SequenceRange::One(first) } else { SequenceRange::Range(first, last) })
        });
        SequenceSet::new(ranges.collect())
    }
}

impl FromIterator<u32> for NumberSet {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let mut set = Self::new();
        for number in numbers {
            set.push(number);
        }
        set
    }
}

/// Numbers in an order of their own, as a sort tells them: neighbours that ascend by one are written as a range, nothing else is moved or merged.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct NumberList(Vec<RangeInclusive<u32>>);

impl NumberList {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    pub fn ranges(&self) -> &[RangeInclusive<u32>] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each number, in its order. A list of a few octets can hold four thousand million: bound it first.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().cloned().flatten()
    }

    fn push(&mut self, range: RangeInclusive<u32>) {
        match self.0.last_mut() {
            Some(last) if last.end().checked_add(1) == Some(*range.start()) => *last = *last.start()..=*range.end(),
            _ => self.0.push(range),
        }
    }

    /// As they stand; empty ranges fall away.
    pub fn from_ranges(ranges: impl IntoIterator<Item = RangeInclusive<u32>>) -> Self {
        let mut list = Self::new();
        ranges.into_iter().filter(|range| !range.is_empty()).for_each(|range| list.push(range));
        list
    }
}

impl FromIterator<u32> for NumberList {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        Self::from_ranges(numbers.into_iter().map(|number| number..=number))
    }
}

impl From<NumberSet> for NumberList {
    fn from(set: NumberSet) -> Self {
        Self(set.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: u32) -> SequenceRange {
        SequenceRange::One(SequenceNumber::new(number).unwrap())
    }

    fn range(first: u32, last: u32) -> SequenceRange {
        SequenceRange::Range(SequenceNumber::new(first).unwrap(), SequenceNumber::new(last).unwrap())
    }

    #[test]
    fn a_set_is_sorted_and_merged_when_it_is_resolved() {
        let set = SequenceSet::new(vec![range(10, 8), one(2), one(3), one(9)]).unwrap();
        assert_eq!(set.resolve(15).ranges(), &[2..=3, 8..=10]);
    }

    #[test]
    fn a_star_is_the_largest_and_nothing_in_an_empty_mailbox() {
        let tail = SequenceSet::new(vec![SequenceRange::Range(SequenceNumber::new(3291).unwrap(), SequenceNumber::Largest)]).unwrap();
        assert_eq!(tail.resolve(100).ranges(), &[100..=3291]);
        assert_eq!(tail.resolve(4000).ranges(), &[3291..=4000]);
        assert!(SequenceSet::all().resolve(0).is_empty());
    }

    #[test]
    fn numbers_pushed_in_any_order_make_the_same_set() {
        let mut set = NumberSet::new();
        for number in [5, 7, 6, 0, 1, u32::MAX, 2] {
            set.push(number);
        }
        assert_eq!(set.ranges(), &[1..=2, 5..=7, u32::MAX..=u32::MAX]);
        assert_eq!(set.len(), 6);
        assert!(set.contains(6) && set.contains(u32::MAX) && !set.contains(4) && !set.contains(8));
        assert_eq!([7, 6, 5, 2, 1, u32::MAX].into_iter().collect::<NumberSet>(), set);
    }

    #[test]
    fn a_list_keeps_its_order() {
        let list: NumberList = [5, 6, 7, 3, 2, 1, 9].into_iter().collect();
        assert_eq!(list.ranges(), &[5..=7, 3..=3, 2..=2, 1..=1, 9..=9]);
        assert_eq!(list.iter().collect::<Vec<_>>(), [5, 6, 7, 3, 2, 1, 9]);
    }

    #[test]
    fn an_intersection_holds_what_both_have() {
        let left = NumberSet::from_ranges([1..=10, 20..=30]);
        let right = NumberSet::from_ranges([5..=21, 30..=40]);
        assert_eq!(left.intersection(&right).ranges(), &[5..=10, 20..=21, 30..=30]);
    }
}
