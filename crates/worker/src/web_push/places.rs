//! How many pushes are under way to one host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Places to each host. Cheap to clone.
#[derive(Clone)]
pub(super) struct Places {
    each: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place that is taken; given back when dropped.
pub(super) struct Place {
    places: Places,
    host: String,
}

impl Places {
    pub(super) fn new(each: usize) -> Self {
        Self { each: each.max(1), taken: Arc::default() }
    }

    /// `None` when there is no more room.
    pub(super) fn take(&self, host: String) -> Option<Place> {
        let mut taken = self.taken();
        let own = taken.entry(host.clone()).or_default();
        if *own >= self.each {
            return None;
        }
        *own += 1;
        Some(Place { places: self.clone(), host })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // The map is whole between any two statements, so a panic elsewhere does not spoil it.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(own) = taken.get_mut(&self.host) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_places_and_gets_them_back() {
        let places = Places::new(2);
        let take = |host: &str| places.take(host.to_owned());
        let kept = [take("one").unwrap(), take("one").unwrap()];
        assert!(take("one").is_none());
        let _other = take("two").unwrap();
        drop(kept);
        assert!(take("one").is_some());
        assert_eq!(places.taken().len(), 1, "who has nobody is forgotten");
    }
}
