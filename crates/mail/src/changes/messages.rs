use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{Ctx, MailAccountId};
use store::Tx;

use super::repo::{self, Created, Tombstone};
use super::{Changes, ChangesError, State, open};
use crate::{MessageId, ThreadId};

/// How many are told when the caller does not say; RFC 8620 §5.2 lets the server choose.
const MOST: usize = 5000;

/// Events of several kinds, each read in the order of their places up to a limit: what lies within the limits of all of them is complete.
struct Window {
    /// No kind has more that lies before or at this; `None` when nothing was cut.
    end: Option<State>,
}

impl Window {
    fn new() -> Self {
        Self { end: None }
    }

    /// Takes one kind into account: `count` of at most `limit` were read, the last at `last`.
    fn add(&mut self, count: usize, limit: usize, last: Option<State>) {
        if let Some(last) = last
            && count == limit
        {
            self.end = Some(self.end.map_or(last, |end| end.min(last)));
        }
    }

    fn holds(&self, place: State) -> bool {
        self.end.is_none_or(|end| place <= end)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Created,
    Updated,
    Destroyed,
}

/// Which messages changed: came, went, came into or left a mailbox, or got other flags. At most `max` of them.
pub fn message_changes(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    since: State,
    max: Option<usize>,
) -> Result<Changes<MessageId>, ChangesError> {
    let head = open(ctx, tx, account, since)?;
    let max = max.unwrap_or(MOST).clamp(1, MOST);
    let limit = max + 1;
    let (created, gone) =
        (created_after(tx, account, since, head.next_number, limit)?, repo::message_tombstones(tx, account, since, limit)?);
    let changed = repo::changed_entries(tx, account, since, limit)?;
    let removed = repo::removed_entries(tx, account, since, limit)?;
    let mut window = Window::new();
    window.add(created.len(), limit, created.last().map(place_of_created));
    window.add(gone.len(), limit, gone.last().map(place_of_gone));
    window.add(changed.len(), limit, changed.last().copied());
    window.add(removed.len(), limit, removed.last().copied());

    let mut events: BTreeMap<State, What> = BTreeMap::new();
    let touched: Vec<State> = changed.into_iter().chain(removed).filter(|place| window.holds(*place)).collect();
    let ids: Vec<i64> = touched.iter().map(|place| place.part).collect();
    let made = repo::created_changes(tx, account, &ids)?;
    for place in touched {
        // One that is gone is told as destroyed, one that is new as created, each in its own place.
        if made.get(&place.part).is_some_and(|change| State::at(*change, place.part) <= since) {
            events.insert(place, What::Updated);
        }
    }
    events.extend(created.iter().map(|message| (place_of_created(message), What::Created)));
    for message in gone {
        if is_before(&message, since) {
            events.insert(place_of_gone(&message), What::Destroyed);
        }
    }
    Ok(told(events, &window, max, since, head.change_number, |place| MessageId::from_raw(place.part)))
}

/// Which threads changed: have got or lost messages. At most `max` of them.
pub fn thread_changes(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    since: State,
    max: Option<usize>,
) -> Result<Changes<ThreadId>, ChangesError> {
    let head = open(ctx, tx, account, since)?;
    let max = max.unwrap_or(MOST).clamp(1, MOST);
    let limit = max + 1;
    let first_new = repo::first_number_after(tx, account, since, head.next_number)?;
    let created = repo::messages_from(tx, account, first_new, limit)?;
    let gone = repo::message_tombstones(tx, account, since, limit)?;
    let mut window = Window::new();
    window.add(created.len(), limit, created.last().map(place_of_created));
    window.add(gone.len(), limit, gone.last().map(place_of_gone));

    let mut threads: HashMap<State, i64> = created.iter().map(|message| (place_of_created(message), message.thread)).collect();
    threads.extend(gone.iter().map(|message| (place_of_gone(message), message.thread)));
    let ids: HashSet<i64> = threads.values().copied().collect();
    let in_use: HashSet<i64> = repo::threads_in_use(tx, account, &ids.into_iter().collect::<Vec<_>>())?.into_iter().collect();
    // A thread has the number of its first message, and is never brought back once it was empty. So one that began before `since` still has a
    // message from then, or has lost one after.
    let mut began_before: HashSet<i64> = gone.iter().filter(|message| is_before(message, since)).map(|message| message.thread).collect();
    if let Some(end) = window.end {
        began_before.extend(repo::threads_losing_after(tx, account, end, since)?);
    }
    let mut events: BTreeMap<State, What> = BTreeMap::new();
    for (place, thread) in &threads {
        let is_new = *thread >= first_new && !began_before.contains(thread);
        let what = match (is_new, in_use.contains(thread)) {
            (true, true) => What::Created,
            (true, false) => continue,
            (false, true) => What::Updated,
            (false, false) => What::Destroyed,
        };
        events.insert(*place, what);
    }
    Ok(told(events, &window, max, since, head.change_number, |place| ThreadId::from_raw(threads[&place])))
}

fn created_after(
    tx: &mut Tx,
    account: MailAccountId,
    since: State,
    next_number: i64,
    limit: usize,
) -> Result<Vec<Created>, store::StoreError> {
    let first = repo::first_number_after(tx, account, since, next_number)?;
    repo::messages_from(tx, account, first, limit)
}

/// Whether a message that is gone was there at `since`.
fn is_before(message: &Tombstone, since: State) -> bool {
    State::at(message.created_change, message.id) <= since
}

fn place_of_created(message: &Created) -> State {
    State::at(message.created_change, message.id)
}

fn place_of_gone(message: &Tombstone) -> State {
    State::at(message.change_number, message.id)
}

/// The events of the window in their order, each thing once, at most `max` things.
fn told<Id: Copy + Eq + std::hash::Hash>(
    events: BTreeMap<State, What>,
    window: &Window,
    max: usize,
    since: State,
    change_number: i64,
    id_of: impl Fn(State) -> Id,
) -> Changes<Id> {
    let mut changes = Changes {
        created: Vec::new(),
        updated: Vec::new(),
        destroyed: Vec::new(),
        new_state: window.end.unwrap_or(State::of(change_number)),
        has_more: window.end.is_some(),
        only_counts: false,
    };
    let mut known: HashSet<Id> = HashSet::new();
    let mut last = since;
    for (place, what) in events {
        if !window.holds(place) {
            break;
        }
        let id = id_of(place);
        if !known.contains(&id) {
            if known.len() == max {
                changes.new_state = last;
                changes.has_more = true;
                break;
            }
            known.insert(id);
            match what {
                What::Created => changes.created.push(id),
                What::Updated => changes.updated.push(id),
                What::Destroyed => changes.destroyed.push(id),
            }
        }
        last = place;
    }
    changes
}
