//! What came, changed and went since a change number, for the few things whose rows keep both numbers of their own.

use std::collections::BTreeSet;

/// What a client has missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<I> {
    pub created: Vec<I>,
    pub updated: Vec<I>,
    pub destroyed: Vec<I>,
    /// Up to which change number this tells.
    pub new_state: i64,
    pub has_more: bool,
}

/// One thing that was touched since.
pub(crate) struct Touch<I> {
    pub(crate) id: I,
    pub(crate) created: i64,
    pub(crate) last: i64,
    pub(crate) gone: bool,
}

/// At most `max` of them, the oldest changes first; `None` when that cannot be told: one change touched more, or `since` is not a state there was.
pub(crate) fn changed_since<I>(mut touched: Vec<Touch<I>>, since: i64, current: i64, max: usize) -> Option<Changed<I>> {
    if since < 0 || since > current {
        return None;
    }
    // What came and went in between was never seen.
    touched.retain(|touch| !(touch.gone && touch.created > since));
    touched.sort_by_key(|touch| touch.last);
    let mut end = touched.len();
    if end > max {
        // A state never stands within a change.
        let last = touched[max].last;
        end = touched.partition_point(|touch| touch.last < last);
        if end == 0 {
            return None;
        }
    }
    let has_more = end < touched.len();
    touched.truncate(end);
    let new_state = if has_more { touched.last().map_or(since, |touch| touch.last) } else { current };
    let mut changed = Changed { created: Vec::new(), updated: Vec::new(), destroyed: Vec::new(), new_state, has_more };
    for touch in touched {
        let list = match (touch.gone, touch.created > since) {
            (true, _) => &mut changed.destroyed,
            (false, true) => &mut changed.created,
            (false, false) => &mut changed.updated,
        };
        list.push(touch.id);
    }
    Some(changed)
}

impl<I: Ord + Clone> Changed<I> {
    pub fn all(&self) -> BTreeSet<I> {
        self.created.iter().chain(&self.updated).chain(&self.destroyed).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(id: u8, created: i64, last: i64, gone: bool) -> Touch<u8> {
        Touch { id, created, last, gone }
    }

    fn touched() -> Vec<Touch<u8>> {
        vec![touch(1, 2, 9, false), touch(2, 6, 6, false), touch(3, 1, 7, true), touch(4, 6, 8, true), touch(5, 7, 7, false)]
    }

    #[test]
    fn what_came_changed_and_went_is_told_apart() {
        let all = changed_since(touched(), 5, 10, 100).unwrap();
        assert_eq!(all, Changed { created: vec![2, 5], updated: vec![1], destroyed: vec![3], new_state: 10, has_more: false });
    }

    #[test]
    fn a_part_ends_where_a_change_ends() {
        let part = changed_since(touched(), 5, 10, 2).unwrap();
        assert_eq!(part, Changed { created: vec![2], updated: vec![], destroyed: vec![], new_state: 6, has_more: true });
        let part = changed_since(touched(), 5, 10, 3).unwrap();
        assert_eq!((part.all().len(), part.new_state, part.has_more), (3, 7, true));
        assert_eq!(changed_since(vec![touch(1, 6, 6, false), touch(2, 6, 6, false)], 5, 6, 1), None);
    }

    #[test]
    fn states_that_never_were_cannot_be_told_from() {
        assert_eq!(changed_since(touched(), 11, 10, 100), None);
        assert_eq!(changed_since(touched(), -1, 10, 100), None);
        assert!(changed_since(Vec::<Touch<u8>>::new(), 10, 10, 100).unwrap().all().is_empty());
    }
}
