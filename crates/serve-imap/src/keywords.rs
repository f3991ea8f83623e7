//! The keywords that FLAGS names: the same to every session that has a mailbox selected.
//!
//! Whatever keyword a message had while anybody was there stays named as long as somebody is. A session that came later, or that looked only after the
//! keyword had gone again, would otherwise count flags by another list than the rest. What is named lies in memory: when all have left, the mailbox is
//! asked anew which keywords its messages have.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use kernel::MailAccountId;
use mail::MailboxId;

/// More than this and the list helps nobody.
pub(crate) const MAX_KEYWORDS: usize = 100;

type Key = (MailAccountId, MailboxId);

/// The lists of mailboxes that are selected somewhere.
#[derive(Default)]
pub(crate) struct Lists(Mutex<HashMap<Key, Arc<List>>>);

#[derive(Default)]
struct List {
    /// By the keyword in lower case, as it was first written.
    words: Mutex<BTreeMap<String, String>>,
    /// How many there are; read with every command, when nobody shall wait for another.
    count: AtomicUsize,
}

/// What a session that has a mailbox selected was told of its keywords.
pub(crate) struct Keywords {
    list: Arc<List>,
    told: usize,
    registered: Option<(Arc<Lists>, Key)>,
}

impl Lists {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<List>>> {
        self.0.lock().expect("nothing panics while it holds this lock")
    }

    /// For a mailbox that is being selected.
    pub(crate) fn hold(self: &Arc<Self>, account: MailAccountId, mailbox: MailboxId) -> Keywords {
        let key = (account, mailbox);
        let list = Arc::clone(self.lock().entry(key).or_default());
        Keywords { list, told: 0, registered: Some((Arc::clone(self), key)) }
    }
}

impl Keywords {
    /// A list of one session's own, for a mailbox that it looks at without selecting it.
    pub(crate) fn alone() -> Self {
        Self { list: Arc::default(), told: 0, registered: None }
    }

    /// Some that messages have.
    pub(crate) fn learn<'k>(&self, keywords: impl IntoIterator<Item = &'k str>) {
        let mut keywords = keywords.into_iter().peekable();
        if keywords.peek().is_none() {
            return;
        }
        let mut words = self.list.words.lock().expect("nothing panics while it holds this lock");
        for keyword in keywords {
            if words.len() < MAX_KEYWORDS {
                words.entry(keyword.to_ascii_lowercase()).or_insert_with(|| keyword.to_owned());
            }
        }
        self.list.count.store(words.len(), Ordering::Release);
    }

    /// All of them, in the order of the alphabet, if there are any that the client was not told of. It is told now.
    pub(crate) fn take_untold(&mut self) -> Option<Vec<String>> {
        (self.list.count.load(Ordering::Acquire) > self.told).then(|| self.take())
    }

    /// All of them. The client is told now.
    pub(crate) fn take(&mut self) -> Vec<String> {
        let words = self.list.words.lock().expect("nothing panics while it holds this lock");
        self.told = words.len();
        words.values().cloned().collect()
    }
}

impl Drop for Keywords {
    fn drop(&mut self) {
        let Some((lists, key)) = self.registered.take() else { return };
        let mut lists = lists.lock();
        // Let go while the lock is held: of two that leave at once, the second is the last.
        let list = std::mem::take(&mut self.list);
        // This one and the registry's own.
        if Arc::strong_count(&list) == 2 {
            lists.remove(&key);
        }
        drop(list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(lists: &Arc<Lists>) -> Keywords {
        lists.hold(MailAccountId::from_raw(1), MailboxId::from_raw(2))
    }

    #[test]
    fn everybody_is_told_of_each_keyword_once() {
        let lists = Arc::new(Lists::default());
        let (mut first, mut second) = (hold(&lists), hold(&lists));
        first.learn(["Work", "later"]);
        assert_eq!(first.take_untold().unwrap(), ["later", "Work"]);
        second.learn(["WORK"]);
        assert_eq!((first.take_untold(), second.take_untold().unwrap().len(), second.take_untold()), (None, 2, None));
    }

    #[test]
    fn a_list_has_an_end_and_goes_with_the_last_session() {
        let lists = Arc::new(Lists::default());
        let (mut first, second) = (hold(&lists), hold(&lists));
        let many: Vec<String> = (0..2 * MAX_KEYWORDS).map(|number| format!("k{number}")).collect();
        second.learn(many.iter().map(String::as_str));
        drop(second);
        assert_eq!(first.take_untold().unwrap().len(), MAX_KEYWORDS);
        drop(first);
        assert!(lists.lock().is_empty());
    }
}
