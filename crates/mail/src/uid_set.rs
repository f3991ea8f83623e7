//! Sets of uids, as clients name them: kept as ranges, so that `1:*` costs as little as `5`.

use std::fmt;
use std::ops::RangeInclusive;

/// Uids as sorted ranges that neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UidSet(Vec<(u32, u32)>);

impl UidSet {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every uid there can be.
    pub fn all() -> Self {
        Self(vec![(1, u32::MAX)])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many uids it names, whether or not there are messages with them.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(first, last)| u64::from(last - first) + 1).sum()
    }

    pub fn contains(&self, uid: u32) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= uid);
        after > 0 && self.0[after - 1].1 >= uid
    }

    /// Its ranges in ascending order, both ends within.
    pub fn ranges(&self) -> impl DoubleEndedIterator<Item = RangeInclusive<u32>> + ExactSizeIterator + '_ {
        self.0.iter().map(|(first, last)| *first..=*last)
    }

    /// What of it is `from` or higher.
    #[must_use]
    pub fn starting_at(&self, from: u32) -> Self {
        self.0.iter().filter(|(_, last)| *last >= from).map(|(first, last)| (*first).max(from)..=*last).collect()
    }

    /// What both name.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(&&(a, b)), Some(&&(c, d))) = (left.peek(), right.peek()) {
            if a.max(c) <= b.min(d) {
                both.push((a.max(c), b.min(d)));
            }
            if b < d {
                left.next()
            } else {
                right.next()
            };
        }
        Self(both)
    }
}

impl FromIterator<RangeInclusive<u32>> for UidSet {
    /// From ranges in any order, overlapping or not; one that ends before it begins is turned round, as IMAP asks (RFC 9051 §9, seq-range).
    fn from_iter<I: IntoIterator<Item = RangeInclusive<u32>>>(ranges: I) -> Self {
        let mut ranges: Vec<(u32, u32)> =
            ranges.into_iter().map(RangeInclusive::into_inner).map(|(one, other)| (one.min(other), one.max(other))).collect();
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }
}

impl FromIterator<u32> for UidSet {
    fn from_iter<I: IntoIterator<Item = u32>>(uids: I) -> Self {
        uids.into_iter().map(|uid| uid..=uid).collect()
    }
}

impl fmt::Display for UidSet {
    /// As IMAP writes it: `1:3,7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            if first == last { write!(f, "{first}")? } else { write!(f, "{first}:{last}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted_turned_round_and_joined() {
        let (nine, seven) = (9, 7);
        let set: UidSet = [nine..=seven, 1..=3, 4..=4, 12..=20, 15..=16].into_iter().collect();
        assert_eq!(set.to_string(), "1:4,7:9,12:20");
        assert_eq!(set.count(), 16);
        assert!(set.contains(4) && set.contains(7) && !set.contains(5) && !set.contains(0) && !set.contains(21));
        assert_eq!(set.starting_at(8).to_string(), "8:9,12:20");
        let to_the_end: UidSet = [5..=u32::MAX, 1..=u32::MAX].into_iter().collect();
        assert_eq!(to_the_end, UidSet::all());
    }

    #[test]
    fn an_intersection_names_what_both_name() {
        let one: UidSet = [1..=5, 8..=10, 20..=30].into_iter().collect();
        let other: UidSet = [4..=8, 10..=25].into_iter().collect();
        assert_eq!(one.intersect(&other).to_string(), "4:5,8,10,20:25");
        assert_eq!(one.intersect(&UidSet::all()), one);
        assert!(one.intersect(&UidSet::new()).is_empty());
    }
}
