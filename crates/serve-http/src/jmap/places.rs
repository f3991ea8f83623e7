//! How many things of a kind one member has under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::MemberId;

/// Places for one kind of thing; bounded for each member and in all.
#[derive(Clone)]
pub struct Places {
    own: usize,
    all: usize,
    taken: Arc<Mutex<HashMap<MemberId, usize>>>,
}

/// A place that is taken; given back when dropped.
pub struct Place {
    places: Places,
    member: MemberId,
}

impl Places {
    pub fn new(own: usize, all: usize) -> Self {
        Self { own, all, taken: Arc::default() }
    }

    /// `None` when there is no more room.
    pub fn take(&self, member: MemberId) -> Option<Place> {
        let mut taken = self.taken();
        let all: usize = if self.all == usize::MAX { 0 } else { taken.values().sum() };
        let own = taken.get(&member).copied().unwrap_or_default();
        if own >= self.own || all >= self.all {
            return None;
        }
        taken.insert(member, own + 1);
        Some(Place { places: self.clone(), member })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<MemberId, usize>> {
        // The map is whole between any two statements, so a panic elsewhere does not spoil it.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.member) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.member);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_for_one_and_for_all_and_given_back() {
        let places = Places::new(2, 3);
        let (first, second) = (MemberId::from_raw(1), MemberId::from_raw(2));
        let kept = [places.take(first).unwrap(), places.take(first).unwrap()];
        assert!(places.take(first).is_none());
        let _other = places.take(second).unwrap();
        assert!(places.take(second).is_none());
        drop(kept);
        assert!(places.take(first).is_some() && places.take(second).is_some());
    }
}
