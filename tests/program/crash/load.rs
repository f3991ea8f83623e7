//! Those who work on the server: each writes down what it asks for before it asks, and that it was answered OK as soon as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::acknowledged::{Arranged, Chance, Doubt, FOLDERS, IMPORTED, Places};
use super::scene::{READERS, Scene, address};
use crate::client::{Imap, Line, Trouble, base64, code, message, numbers};

const FLAGS: [&str; 4] = ["\\Seen", "\\Answered", "\\Flagged", "done"];
/// Of the messages a reader arranges; more are expunged than come from then on.
const MANY: usize = 60;

pub struct Work<'a> {
    pub scene: &'a Scene,
    pub round: u64,
    pub over: &'a AtomicBool,
}

impl Work<'_> {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    fn count(&self, kind: &'static str) {
        *self.scene.acknowledged().counts.entry(kind).or_default() += 1;
    }

    /// Mail from outside, now for one reader, now for several.
    pub fn deliver(&self) -> Result<(), Trouble> {
        let mut smtp = Line::connect(self.scene.ports.smtp)?;
        smtp.expect("220")?;
        smtp.ask("EHLO elsewhere.test", "250")?;
        while self.goes_on() {
            let number = self.scene.next_number();
            let id = format!("in.{}.{number}@elsewhere.test", self.round);
            let to: Vec<usize> = if number.is_multiple_of(3) { (0..READERS).collect() } else { vec![number % READERS] };
            smtp.ask("MAIL FROM:<sender@elsewhere.test>", "250")?;
            for reader in &to {
                smtp.ask(&format!("RCPT TO:<{}>", address(*reader)), "250")?;
            }
            smtp.ask("DATA", "354")?;
            self.scene.acknowledged().offered.insert(id.clone(), to.clone());
            smtp.ask(&(message(&id, "sender@elsewhere.test", "all@example.test") + "."), "250")?;
            self.scene.acknowledged().delivered.insert(id, to);
        }
        Ok(())
    }

    /// A reader writes to somebody outside and to a colleague.
    pub fn submit(&self) -> Result<(), Trouble> {
        let mut smtp = Line::connect(self.scene.ports.submission)?;
        smtp.expect("220")?;
        smtp.ask("EHLO client.test", "250")?;
        let plain = base64(format!("\0{}\0{}", address(0), self.scene.password(0)).as_bytes());
        smtp.ask(&format!("AUTH PLAIN {plain}"), "235")?;
        while self.goes_on() {
            let id = format!("out.{}.{}@example.test", self.round, self.scene.next_number());
            smtp.ask(&format!("MAIL FROM:<{}>", address(0)), "250")?;
            smtp.ask("RCPT TO:<friend@outside.test>", "250")?;
            smtp.ask(&format!("RCPT TO:<{}>", address(1)), "250")?;
            smtp.ask("DATA", "354")?;
            smtp.ask(&(message(&id, &address(0), "friend@outside.test") + "."), "250")?;
            let mut acknowledged = self.scene.acknowledged();
            acknowledged.sent.insert(id.clone());
            acknowledged.delivered.insert(id, vec![1]);
        }
        Ok(())
    }

    /// A file of members is imported.
    pub fn import(&self) -> Result<(), Trouble> {
        let number = self.scene.next_number();
        let prefix = format!("imported{number}x");
        let mut text = "Name*,Mobile*,Mail prefix,Department*\n".to_owned();
        for row in 0..IMPORTED {
            text += &format!("Imported {number} {row},139{:08},{prefix}{row},Imports/{}\n", number * IMPORTED + row, self.round);
        }
        let file = self.scene.installation.path(&format!("{prefix}.csv"));
        std::fs::write(&file, text).unwrap();
        self.scene.acknowledged().imports.insert(prefix.clone(), false);
        let import = ["member", "import", file.to_str().unwrap(), "--org", "kn", "--initial-passwords", "none", "--json"];
        let output = self.scene.command(&import).output().unwrap();
        if output.status.code() == Some(1) {
            return Err(Trouble::Gone);
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let applied = serde_json::from_str::<serde_json::Value>(&said).unwrap_or_else(|_| panic!("{said}"))["rows_applied"].as_u64();
        assert_eq!((output.status.code(), applied), (Some(0), Some(IMPORTED as u64)), "{said}");
        self.scene.acknowledged().imports.insert(prefix, true);
        self.count("imports");
        Ok(())
    }

    /// A reader appends, flags, copies, moves and expunges; nobody else does so in this account.
    pub fn arrange(&self, reader: usize) -> Result<(), Trouble> {
        let mut chance = Chance(self.round << 20 | (self.scene.next_number() as u64) << 4 | reader as u64);
        let mut desk = Desk { work: self, reader, imap: self.scene.sign_in(reader)?, folder: 0 };
        while self.goes_on() {
            desk.turn_to(chance.below(FOLDERS.len()))?;
            desk.append(&mut chance)?;
            for _ in 0..4 {
                match chance.below(5) {
                    0 => desk.append(&mut chance)?,
                    1 => desk.flag(&mut chance)?,
                    2 => desk.copy(&mut chance)?,
                    3 => desk.move_away(&mut chance)?,
                    _ => desk.expunge(&mut chance)?,
                }
            }
        }
        Ok(())
    }
}

/// A reader's session with a mailbox selected.
struct Desk<'a> {
    work: &'a Work<'a>,
    reader: usize,
    imap: Imap,
    folder: usize,
}

impl Desk<'_> {
    fn turn_to(&mut self, folder: usize) -> Result<(), Trouble> {
        self.folder = folder;
        self.imap.command(&format!("SELECT {}", FOLDERS[folder])).map(|_| ())
    }

    fn append(&mut self, chance: &mut Chance) -> Result<(), Trouble> {
        let id = format!("app.{}.{}.{}@example.test", self.reader, self.work.round, self.work.scene.next_number());
        let text = message(&id, &address(self.reader), &address(self.reader));
        let flags: BTreeSet<_> = (chance.below(3) == 0).then_some("\\Seen").into_iter().collect();
        let names: Vec<_> = flags.iter().copied().collect();
        let command = format!("APPEND {} ({}) {{{}+}}\r\n{text}", FOLDERS[self.folder], names.join(" "), text.len());
        let places = Places::from([(self.folder, flags)]);
        let lines = self.attempt("appends", BTreeMap::from([(id.clone(), places)]), &command)?;
        let words = code(&lines, "APPENDUID").expect("an OK to APPEND names the uid");
        self.give(self.folder, words[1].parse().unwrap(), &id);
        Ok(())
    }

    fn flag(&mut self, chance: &mut Chance) -> Result<(), Trouble> {
        let flag = FLAGS[chance.below(FLAGS.len())];
        let add = chance.below(3) > 0;
        let folder = self.folder;
        let command = format!("{}FLAGS.SILENT ({flag})", if add { '+' } else { '-' });
        self.store(
            chance,
            "flags",
            &command,
            |_| true,
            |places| {
                let flags = places.get_mut(&folder).expect("picked because it is there");
                let _ = if add { flags.insert(flag) } else { flags.remove(flag) };
            },
        )?;
        Ok(())
    }

    fn copy(&mut self, chance: &mut Chance) -> Result<(), Trouble> {
        let (from, to) = (self.folder, self.elsewhere(chance));
        let done = self.on_some(
            chance,
            "copies",
            &format!("COPY @ {}", FOLDERS[to]),
            |places| !places.contains_key(&to),
            |places| {
                places.insert(to, places[&from].clone());
            },
        )?;
        self.give_copies(to, done);
        Ok(())
    }

    fn move_away(&mut self, chance: &mut Chance) -> Result<(), Trouble> {
        let (from, to) = (self.folder, self.elsewhere(chance));
        let done = self.on_some(
            chance,
            "moves",
            &format!("MOVE @ {}", FOLDERS[to]),
            |places| !places.contains_key(&to),
            |places| {
                let flags = places.remove(&from).expect("picked because it is there");
                places.insert(to, flags);
            },
        )?;
        self.give_copies(to, done);
        Ok(())
    }

    /// First `\Deleted`, then gone; many at once when there are many.
    fn expunge(&mut self, chance: &mut Chance) -> Result<(), Trouble> {
        let folder = self.folder;
        let deleted = move |places: &Places| places[&folder].contains("\\Deleted");
        self.store(
            chance,
            "flags",
            "+FLAGS.SILENT (\\Deleted)",
            |_| true,
            |places| {
                places.get_mut(&folder).expect("picked because it is there").insert("\\Deleted");
            },
        )?;
        self.on_some(chance, "expunges", "EXPUNGE @", deleted, |places| {
            places.remove(&folder);
        })?;
        Ok(())
    }

    fn elsewhere(&self, chance: &mut Chance) -> usize {
        (self.folder + 1 + chance.below(FOLDERS.len() - 1)) % FOLDERS.len()
    }

    fn store(
        &mut self,
        chance: &mut Chance,
        kind: &'static str,
        change: &str,
        fits: impl Fn(&Places) -> bool,
        becomes: impl Fn(&mut Places),
    ) -> Result<(), Trouble> {
        self.on_some(chance, kind, &format!("STORE @ {change}"), fits, becomes).map(|_| ())
    }

    /// A command on some messages of the selected mailbox, whose uids stand for the `@`. Answers on how many, and the lines.
    fn on_some(
        &mut self,
        chance: &mut Chance,
        kind: &'static str,
        command: &str,
        fits: impl Fn(&Places) -> bool,
        becomes: impl Fn(&mut Places),
    ) -> Result<Option<(usize, Vec<String>)>, Trouble> {
        let (after, uids) = {
            let mut acknowledged = self.work.scene.acknowledged();
            let arranged: &mut Arranged = acknowledged.arranged.entry(self.reader).or_default();
            let most = if arranged.live() > MANY { 8 } else { 3 };
            let picked = arranged.pick(self.folder, 1 + chance.below(most), chance, fits);
            let mut after = BTreeMap::new();
            for id in picked {
                let mut places = arranged.messages[&id].clone();
                becomes(&mut places);
                after.insert(id, places);
            }
            let uids = &acknowledged.uids[&(self.reader, self.folder)];
            let set: Vec<_> = after.keys().map(|id| uids.of(id).expect("its uid was told").to_string()).collect();
            (after, set)
        };
        if after.is_empty() {
            return Ok(None);
        }
        let lines = self.attempt(kind, after, &format!("UID {}", command.replace('@', &uids.join(","))))?;
        Ok(Some((uids.len(), lines)))
    }

    /// Sends a command after which, if it is answered OK, messages are at these places.
    fn attempt(&mut self, kind: &'static str, after: BTreeMap<String, Places>, command: &str) -> Result<Vec<String>, Trouble> {
        let scene = self.work.scene;
        let number = scene.next_number();
        {
            let mut acknowledged = scene.acknowledged();
            let arranged = acknowledged.arranged.entry(self.reader).or_default();
            arranged.note(after.keys(), &format!("in {}: {command:.60}", FOLDERS[self.folder]));
            arranged.doubts.push(Doubt { number, after });
        }
        let lines = self.imap.command(command)?;
        let mut acknowledged = scene.acknowledged();
        let arranged = acknowledged.arranged.entry(self.reader).or_default();
        let place = arranged.doubts.iter().position(|doubt| doubt.number == number).expect("put there above");
        let done = arranged.doubts.remove(place);
        arranged.note(done.after.keys(), lines.last().expect("a tagged line"));
        arranged.messages.extend(done.after);
        drop(acknowledged);
        self.work.count(kind);
        Ok(lines)
    }

    fn give(&self, folder: usize, uid: u32, id: &str) {
        self.work.scene.acknowledged().uids.entry((self.reader, folder)).or_default().give(uid, id);
    }

    /// COPYUID tells the uids of the copies in the order of the originals (RFC 4315 §3).
    fn give_copies(&self, to: usize, done: Option<(usize, Vec<String>)>) {
        let Some((asked, lines)) = done else { return };
        let words = code(&lines, "COPYUID").unwrap_or_else(|| panic!("an OK to COPY and MOVE of {asked} names the uids: {lines:?}"));
        let pairs: Vec<_> = numbers(words[1]).into_iter().zip(numbers(words[2])).collect();
        assert_eq!(pairs.len(), asked, "all were there, and OK was answered: {lines:?}");
        let ids: Vec<_> = {
            let acknowledged = self.work.scene.acknowledged();
            let uids = &acknowledged.uids[&(self.reader, self.folder)];
            pairs.iter().map(|(from, _)| uids.given[from].clone()).collect()
        };
        for ((_, uid), id) in pairs.iter().zip(ids) {
            self.give(to, *uid, &id);
        }
    }
}
