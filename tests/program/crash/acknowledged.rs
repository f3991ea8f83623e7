//! What the server answered OK, and what it was asked and did not answer, kept apart from the server.

use std::collections::{BTreeMap, BTreeSet};

/// The mailboxes in which messages are arranged.
pub const FOLDERS: [&str; 3] = ["INBOX", "Kept", "Copies"];
/// Members of one import.
pub const IMPORTED: usize = 12;

/// Where a message is, by the index in [`FOLDERS`], and with which flags; nowhere once it was expunged.
pub type Places = BTreeMap<usize, BTreeSet<&'static str>>;

#[derive(Default)]
pub struct Acknowledged {
    /// Message-ID and the readers it was taken for.
    pub delivered: BTreeMap<String, Vec<usize>>,
    /// Mail for several that was offered; without an answer all of them have it or none.
    pub offered: BTreeMap<String, Vec<usize>>,
    /// Message-IDs submitted for somebody outside.
    pub sent: BTreeSet<String>,
    /// The beginnings of the addresses of each import: whether it was answered OK.
    pub imports: BTreeMap<String, bool>,
    /// By reader: the messages that were arranged.
    pub arranged: BTreeMap<usize, Arranged>,
    /// By reader and folder.
    pub uids: BTreeMap<(usize, usize), Uids>,
    /// How many commands of each kind were answered OK.
    pub counts: BTreeMap<&'static str, usize>,
}

/// The messages of a reader who appends, flags, copies, moves and expunges.
#[derive(Default)]
pub struct Arranged {
    pub messages: BTreeMap<String, Places>,
    /// Commands without an answer.
    pub doubts: Vec<Doubt>,
    /// What was asked about each message and what came of it, to be told when something is wrong.
    pub story: BTreeMap<String, Vec<String>>,
}

/// A command that was sent and not answered OK: all its messages are as before, or all are as here.
pub struct Doubt {
    pub number: usize,
    pub after: BTreeMap<String, Places>,
}

/// What was ever seen or told of the uids of a mailbox.
#[derive(Default)]
pub struct Uids {
    pub validity: u32,
    pub next: u32,
    pub given: BTreeMap<u32, String>,
}

impl Uids {
    /// A uid belongs to one message for ever.
    pub fn give(&mut self, uid: u32, id: &str) {
        let before = self.given.entry(uid).or_insert_with(|| id.to_owned());
        assert_eq!(before, id, "uid {uid} was given to two messages");
    }

    /// The uid of a message, the newest if it was there several times.
    pub fn of(&self, id: &str) -> Option<u32> {
        self.given.iter().rev().find(|(_, found)| *found == id).map(|(uid, _)| *uid)
    }
}

impl Arranged {
    /// Up to `most` messages of a folder about which nothing is in doubt, beginning anywhere.
    pub fn pick(&self, folder: usize, most: usize, chance: &mut Chance, fits: impl Fn(&Places) -> bool) -> Vec<String> {
        let doubtful = |id: &String| self.doubts.iter().any(|doubt| doubt.after.contains_key(id));
        let fitting: Vec<_> =
            self.messages.iter().filter(|(id, places)| places.contains_key(&folder) && fits(places) && !doubtful(id)).collect();
        let from = chance.below(fitting.len().max(1));
        fitting.iter().cycle().skip(from).take(most.min(fitting.len())).map(|(id, _)| (*id).clone()).collect()
    }

    /// Adds a line to the story of each of these messages.
    pub fn note<'a>(&mut self, ids: impl Iterator<Item = &'a String>, line: &str) {
        for id in ids {
            self.story.entry(id.clone()).or_default().push(line.to_owned());
        }
    }

    pub fn live(&self) -> usize {
        self.messages.values().filter(|places| !places.is_empty()).count()
    }

    /// Compares with what is there; doubts are settled by it, and what was found counts from now on.
    pub fn settle(&mut self, reader: usize, found: &BTreeMap<String, Places>) {
        let nowhere = Places::new();
        let there = |id: &String| found.get(id).unwrap_or(&nowhere);
        for doubt in std::mem::take(&mut self.doubts) {
            let done = doubt.after.iter().all(|(id, after)| there(id) == after);
            let undone = doubt.after.keys().all(|id| there(id) == self.messages.get(id).unwrap_or(&nowhere));
            assert!(done || undone, "half of a command is there for reader {reader}: {:?} of {:?}", found_of(&doubt, found), doubt.after);
            self.note(doubt.after.keys(), if done { "it had been done" } else { "it had not been done" });
            if done {
                self.messages.extend(doubt.after);
            }
        }
        for (id, places) in &self.messages {
            assert_eq!(there(id), places, "{id} of reader {reader} is not as it was acknowledged: {:#?}", self.story.get(id));
        }
    }
}

fn found_of<'a>(doubt: &'a Doubt, found: &'a BTreeMap<String, Places>) -> BTreeMap<&'a String, Option<&'a Places>> {
    doubt.after.keys().map(|id| (id, found.get(id))).collect()
}

/// Chance that repeats itself.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound as u64) as usize
    }
}
