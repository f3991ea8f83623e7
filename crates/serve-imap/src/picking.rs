//! Which messages of the view a command means.

use proto_imap::{MessageSet, NumberSet, SequenceNumber, SequenceRange, SequenceSet};

use crate::errors::Refusal;
use crate::view::{Picked, View};

/// By uids or by sequence numbers; `$` is always by uids.
pub(crate) fn pick(view: &View, messages: &MessageSet, uid: bool) -> Result<Picked, Refusal> {
    match messages {
        MessageSet::Saved => Ok(view.pick_uids(pairs(view.saved()))),
        MessageSet::Set(set) if uid => Ok(view.pick_uids(pairs(&set.resolve(view.last_uid())))),
        // RFC 9051 §7.5.1: a number without a message is a mistake of the client's.
        MessageSet::Set(set) => view.pick_numbers(numbers(set, view.len())).ok_or_else(|| Refusal::bad("There is no such message")),
    }
}

/// As [`pick`], where a number without a message simply matches nothing: in SEARCH.
pub(crate) fn pick_for_search(view: &View, messages: &MessageSet) -> Picked {
    match messages {
        MessageSet::Saved => view.pick_uids(pairs(view.saved())),
        MessageSet::Set(set) => view.pick_numbers_that_exist(numbers(set, view.len())),
    }
}

fn pairs(set: &NumberSet) -> impl Iterator<Item = (u32, u32)> + '_ {
    set.ranges().iter().map(|range| (*range.start(), *range.end()))
}

/// With `n:*` beyond the end, the last message is meant (RFC 9051 §9, seq-range); without `*`, the number is taken as it is.
fn numbers(set: &SequenceSet, count: usize) -> Vec<(u32, u32)> {
    let largest = u32::try_from(count).unwrap_or(u32::MAX);
    let resolve = |number: SequenceNumber, clip: bool| match number {
        SequenceNumber::Largest => largest,
        SequenceNumber::Number(number) if clip => number.get().min(largest),
        SequenceNumber::Number(number) => number.get(),
    };
    let has_largest = |range: &SequenceRange| match range {
        SequenceRange::One(one) => *one == SequenceNumber::Largest,
        SequenceRange::Range(first, last) => *first == SequenceNumber::Largest || *last == SequenceNumber::Largest,
    };
    let pair = |range: &SequenceRange| {
        let clip = has_largest(range);
        let (first, last) = match *range {
            SequenceRange::One(one) => (one, one),
            SequenceRange::Range(first, last) => (first, last),
        };
        let (first, last) = (resolve(first, clip), resolve(last, clip));
        (first.min(last), first.max(last))
    };
    // In an empty mailbox `*` is nothing, and so is every range with it.
    set.ranges().iter().filter(|range| largest > 0 || !has_largest(range)).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use mail::MailboxId;

    use super::*;

    fn view(uids: &[u32]) -> View {
        View::new(MailboxId::from_raw(1), false, 0, uids.to_vec())
    }

    fn from(first: u32) -> MessageSet {
        let range = SequenceRange::Range(SequenceNumber::new(first).expect("not 0"), SequenceNumber::Largest);
        MessageSet::Set(SequenceSet::new(vec![range]).expect("one range"))
    }

    #[test]
    fn a_star_beyond_the_end_is_the_last_message() {
        let view = view(&[10, 20, 30]);
        let uids = |set: &MessageSet, uid: bool| pick(&view, set, uid).map(|picked| view.uid_ranges(&picked)).ok();
        assert_eq!(uids(&from(5), false), Some(vec![(30, 30)]));
        assert_eq!(uids(&from(2), false), Some(vec![(20, 30)]));
        assert_eq!(uids(&from(25), true), Some(vec![(30, 30)]));
        assert_eq!(uids(&from(99), true), Some(vec![(30, 30)]));
    }

    #[test]
    fn a_number_without_a_message_is_refused_and_a_star_in_an_empty_mailbox_is_nothing() {
        let empty = view(&[]);
        assert!(pick(&empty, &from(1), false).is_ok_and(|picked| picked.is_empty()));
        let one = MessageSet::Set(SequenceSet::new(vec![SequenceRange::One(SequenceNumber::new(1).expect("not 0"))]).expect("one"));
        assert!(pick(&empty, &one, false).is_err());
        assert!(pick(&empty, &one, true).is_ok_and(|picked| picked.is_empty()));
        assert!(pick_for_search(&empty, &one).is_empty());
    }
}
