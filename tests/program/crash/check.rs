//! Looking at what is left: everything that was answered OK is there, once; nothing is half done; every table agrees with every other.

use std::collections::{BTreeMap, BTreeSet};

use super::acknowledged::{FOLDERS, IMPORTED, Places, Uids};
use super::scene::{ARRANGERS, READERS, Scene};
use crate::waiting::wait_until_nothing_is_missing;

const KNOWN_FLAGS: [&str; 5] = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "done"];

/// A mailbox as it stands.
struct Mailbox {
    validity: u32,
    next: u32,
    entries: Vec<Entry>,
}

struct Entry {
    uid: u32,
    id: String,
    flags: BTreeSet<&'static str>,
}

impl Scene {
    /// The server runs, and nobody else works on it.
    pub fn look(&self) {
        wait_until_nothing_is_missing("mail to many reaches everybody or nobody", || self.undelivered());
        wait_until_nothing_is_missing("everything that was submitted arrives outside", || {
            let acknowledged = self.acknowledged();
            acknowledged.sent.iter().find(|id| !self.outside.has(id)).cloned()
        });
        self.look_at_imports();
        self.look_at_what_must_be_there_at_once();
    }

    /// What the server owes nobody time for.
    pub fn look_at_what_must_be_there_at_once(&self) {
        for reader in 0..READERS {
            let last = if ARRANGERS.contains(&reader) { FOLDERS.len() } else { 1 };
            let folders: Vec<_> = (0..last).map(|folder| self.mailbox(reader, folder)).collect();
            self.look_at_uids(reader, &folders);
            let found = places(reader, &folders);
            self.acknowledged().arranged.entry(reader).or_default().settle(reader, &found);
        }
        let verified = self.installation.json(&["verify"], 0);
        assert_eq!(verified["sound"], true, "{verified}");
    }

    /// A message that somebody should have, or that some have and some have not.
    fn undelivered(&self) -> Option<String> {
        let in_inbox = |reader| self.mailbox(reader, 0).entries.into_iter().map(|entry| entry.id).collect();
        let ids: Vec<BTreeSet<String>> = (0..READERS).map(in_inbox).collect();
        let acknowledged = self.acknowledged();
        let have = |id: &String, to: &[usize]| to.iter().filter(|reader| ids[**reader].contains(id)).count();
        let lost = acknowledged.delivered.iter().find(|(id, to)| have(id, to) < to.len());
        let halved = || acknowledged.offered.iter().find(|(id, to)| have(id, to) > 0 && have(id, to) < to.len());
        lost.or_else(halved).map(|(id, to)| format!("{id} for {to:?}"))
    }

    /// Uids only grow, none is given twice, and what was told of them holds.
    fn look_at_uids(&self, reader: usize, folders: &[Mailbox]) {
        let mut acknowledged = self.acknowledged();
        for (folder, mailbox) in folders.iter().enumerate() {
            let known: &mut Uids = acknowledged.uids.entry((reader, folder)).or_default();
            if known.validity != 0 {
                assert_eq!(known.validity, mailbox.validity, "UIDVALIDITY of {}", FOLDERS[folder]);
            }
            assert!(mailbox.next >= known.next, "UIDNEXT fell from {} to {}", known.next, mailbox.next);
            for Entry { uid, id, .. } in &mailbox.entries {
                assert!(known.given.contains_key(uid) || *uid >= known.next, "uid {uid} came below UIDNEXT {}", known.next);
                known.give(*uid, id);
            }
            for Entry { uid, id, .. } in &mailbox.entries {
                assert_eq!(known.of(id), Some(*uid), "{id} stands at another uid than it was given last");
            }
            let highest = known.given.keys().next_back().copied().unwrap_or(0);
            assert!(mailbox.next > highest, "UIDNEXT {} is not above {highest}, which was given", mailbox.next);
            known.validity = mailbox.validity;
            known.next = mailbox.next;
        }
    }

    /// An import that was answered OK is there whole; any other is there whole or not at all, once the server has gone on with it.
    fn look_at_imports(&self) {
        let file = self.installation.path("members.csv");
        wait_until_nothing_is_missing("imports are whole or not there", || {
            self.installation.json(&["member", "export", "--org", "kn", "--output", file.to_str().unwrap()], 0);
            let text = std::fs::read_to_string(&file).unwrap();
            let mut found = BTreeMap::<&str, usize>::new();
            // The account name and the mail prefix are the same; a line is a member.
            for cell in text.lines().filter_map(|line| line.split(',').find(|cell| cell.starts_with("imported"))) {
                *found.entry(cell).or_default() += 1;
            }
            assert!(found.values().all(|times| *times == 1), "a member was imported twice: {found:?}");
            self.acknowledged().imports.iter().find_map(|(prefix, done)| {
                let rows = (0..IMPORTED).filter(|row| found.contains_key(format!("{prefix}{row}").as_str())).count();
                (rows != IMPORTED && (rows > 0 || *done)).then(|| format!("{prefix} has {rows} members, answered OK: {done}"))
            })
        });
    }

    fn mailbox(&self, reader: usize, folder: usize) -> Mailbox {
        let mut imap = self.sign_in(reader).expect("the server is up");
        let selected = imap.command(&format!("SELECT {}", FOLDERS[folder])).expect("the mailbox opens");
        let number = |name: &str| crate::client::code(&selected, name).expect("SELECT tells it")[0].parse().unwrap();
        let lines = imap.command("UID FETCH 1:* (FLAGS ENVELOPE)").expect("the mailbox can be read");
        let entries = lines.iter().filter(|line| line.contains(" FETCH (")).map(|line| entry(line)).collect();
        Mailbox { validity: number("UIDVALIDITY"), next: number("UIDNEXT"), entries }
    }
}

fn entry(line: &str) -> Entry {
    let after = |name: &str| line.split_once(name).unwrap_or_else(|| panic!("{name} in {line}")).1;
    let uid = after("UID ").split([' ', ')']).next().unwrap().parse().unwrap();
    let flags = after("FLAGS (").split(')').next().unwrap();
    let flags = KNOWN_FLAGS.into_iter().filter(|flag| flags.split(' ').any(|found| found == *flag)).collect();
    let id = line.split("\"<").nth(1).and_then(|rest| rest.split(">\"").next()).unwrap_or_else(|| panic!("a Message-ID in {line}"));
    Entry { uid, id: id.to_owned(), flags }
}

/// Where each message that was arranged stands; anything that stands twice in a mailbox is one too many.
fn places(reader: usize, folders: &[Mailbox]) -> BTreeMap<String, Places> {
    let mut found = BTreeMap::<String, Places>::new();
    for (folder, mailbox) in folders.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for Entry { id, flags, .. } in &mailbox.entries {
            assert!(seen.insert(id), "{id} is there twice for reader {reader} in {}", FOLDERS[folder]);
            if id.starts_with("app.") {
                found.entry(id.clone()).or_default().insert(folder, flags.clone());
            } else {
                assert_eq!(folder, 0, "{id} was delivered and stands in {}", FOLDERS[folder]);
            }
        }
    }
    found
}
