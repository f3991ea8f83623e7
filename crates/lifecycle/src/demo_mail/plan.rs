//! Who writes what to whom, and when. A function of the people, the moment and the seed.

mod alone;
mod full;
mod notices;
mod outside;
mod threads;

use kernel::Timestamp;
use mail::FlagBits;
use mail::mailboxes::Role;
use mail::mime::Address;

use super::DemoMailOptions;
use super::dice::Dice;
use super::files::Attachment;
use super::letter::{Copy, Dress, Letter, Place, Way};
use super::markup::Look;
use super::old_programs::Manner;
use super::people::{House, Person, Program};
use super::scripts::{Library, Script};
use super::words::{self, Words};

/// The past that mail is spread over.
const DAYS: i64 = 120;
const DAY_SECS: i64 = 24 * 3600;

pub(super) struct Plan {
    /// The oldest first.
    pub(super) letters: Vec<Letter>,
    /// Whose mailbox is full.
    pub(super) full: Option<usize>,
}

pub(super) fn plan(house: &House, now: Timestamp, dice: Dice, options: DemoMailOptions) -> Plan {
    let library = Library::read();
    let mut planner = Planner { house, now, dice, letters: Vec::new() };
    planner.notices(&library);
    planner.threads(&library);
    planner.outside(&library);
    planner.alone(&library);
    let full = planner.full_mailbox(&library, options.full_mailbox);
    let mut letters = planner.letters;
    letters.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    Plan { letters, full }
}

/// A mail that is being planned: what most of them have in common.
struct Sheet {
    from: Address,
    to: Vec<Address>,
    at: Timestamp,
    subject: String,
    text: String,
    dress: Dress,
    way: Way,
}

struct Planner<'a> {
    house: &'a House,
    now: Timestamp,
    dice: Dice,
    letters: Vec<Letter>,
}

impl Planner<'_> {
    fn person(&self, index: usize) -> &Person {
        &self.house.people[index]
    }

    fn address(&self, index: usize) -> Address {
        self.person(index).as_address()
    }

    /// A moment in the past when people are at work, or nearly.
    fn moment(&mut self, days_ago: std::ops::Range<i64>) -> Timestamp {
        for _ in 0..20 {
            let days = self.dice.between(days_ago.start, (days_ago.end - 1).max(days_ago.start));
            let day = words::local(self.now.plus_secs(-days * DAY_SECS));
            let is_weekend = day.weekday().to_monday_zero_offset() >= 5;
            if is_weekend && self.dice.percent(80) {
                continue;
            }
            let minute = match self.dice.below(10) {
                0 => self.dice.between(0, 1439),
                1 | 2 => self.dice.between(18 * 60, 22 * 60),
                _ => self.dice.between(7 * 60 + 30, 18 * 60),
            };
            let since_midnight = i64::from(day.hour()) * 3600 + i64::from(day.minute()) * 60;
            let at = self.now.plus_secs(-days * DAY_SECS - since_midnight + minute * 60 + self.dice.between(0, 59));
            if at < self.now {
                return at;
            }
        }
        self.now.plus_secs(-days_ago.start.max(1) * DAY_SECS)
    }

    fn words(&mut self, begun: Timestamp, for_whom: Option<usize>) -> Words {
        let mut words = Words::new(self.dice.draw(), begun);
        words.set("院", &self.house.name);
        words.set("域", &self.house.domain);
        if let Some(person) = for_whom.map(|index| self.person(index)) {
            words.set("科", if person.unit().is_empty() { &self.house.name } else { person.unit() });
            words.set("院区", person.campus());
            words.set("甲", &person.name);
        }
        words
    }

    /// A mail without copies.
    fn letter(&mut self, sheet: Sheet) -> Letter {
        let seed = self.dice.draw();
        let host = sheet.from.email.split_once('@').map_or("example.test", |(_, domain)| domain).to_owned();
        Letter {
            seed,
            id: format!("{seed:016x}.{}@{host}", self.letters.len()),
            at: sheet.at,
            from: sheet.from,
            to: sheet.to,
            cc: Vec::new(),
            subject: sheet.subject,
            references: Vec::new(),
            text: sheet.text,
            dress: sheet.dress,
            files: Vec::new(),
            way: sheet.way,
            copies: Vec::new(),
        }
    }

    /// What a script attaches, with its places filled.
    fn attachment(&mut self, script: &Script, words: &mut Words, names: Vec<String>) -> Option<Attachment> {
        let text = words.fill(script.mark("附件")?);
        // A file's name has no slash.
        Attachment::parse(&text.replace('/', "-"), self.dice.draw()).map(|attachment| Attachment { names, ..attachment })
    }

    /// The marks of a mail that came: old ones are read.
    fn received_flags(&mut self, at: Timestamp) -> FlagBits {
        let age = self.now.secs_since(at) / DAY_SECS;
        let unread = match age {
            0..=1 => 65,
            2..=6 => 18,
            7..=20 => 4,
            _ => 1,
        };
        let mut flags = if self.dice.percent(unread) { FlagBits::NONE } else { FlagBits::SEEN };
        if self.dice.percent(4) {
            flags |= FlagBits::FLAGGED;
        }
        flags
    }

    /// Where somebody has put a mail that came: what is recent lies in the inbox.
    fn kept_place(&mut self, person: usize, at: Timestamp, folder: Option<&'static str>) -> Place {
        let age = self.now.secs_since(at) / DAY_SECS;
        if age <= 6 {
            return Place::Role(Role::Inbox);
        }
        if let Some(folder) = folder
            && self.person(person).files_mail
            && self.dice.percent(65)
        {
            return Place::Folder(folder);
        }
        match self.dice.below(100) {
            0..6 => Place::Role(Role::Archive),
            6..9 => Place::Role(Role::Trash),
            _ => Place::Role(Role::Inbox),
        }
    }

    fn delivered(&mut self, person: usize, at: Timestamp, folder: Option<&'static str>) -> Copy {
        let place = self.kept_place(person, at, folder);
        let mut flags = self.received_flags(at);
        if place != Place::Role(Role::Inbox) {
            flags |= FlagBits::SEEN;
        }
        Copy { person, place, flags, delivered: true }
    }

    fn dress_of(&self, person: usize) -> Dress {
        match self.person(person).program {
            Program::Web => Dress::Html(Look::Plain),
            Program::Plain => Dress::Text,
            Program::Gbk => Dress::Old(Manner::Gbk),
            Program::Gb18030 => Dress::Old(Manner::Gb18030),
        }
    }
}

/// What wrote a mail from elsewhere, as scripts name it.
fn dress_named(name: Option<&str>) -> Dress {
    match name {
        Some("gbk") => Dress::Old(Manner::Gbk),
        Some("gb2312") => Dress::Old(Manner::Gb2312),
        Some("gb18030") => Dress::Old(Manner::Gb18030),
        Some("big5") => Dress::Old(Manner::Big5),
        Some("iso-2022-jp") => Dress::Old(Manner::Iso2022Jp),
        Some("html") => Dress::Html(Look::Sheet),
        _ => Dress::Text,
    }
}

fn own_copy(person: usize, role: Role, flags: FlagBits) -> Copy {
    Copy { person, place: Place::Role(role), flags, delivered: false }
}

/// `名字 <a@b>` as scripts write it.
fn parse_address(text: &str) -> Option<Address> {
    let (name, email) = text.strip_suffix('>')?.rsplit_once('<')?;
    Some(Address { name: Some(name.trim().to_owned()), email: email.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02T01:00:00Z
    const NOW: Timestamp = Timestamp::from_micros(1_772_413_200_000_000);

    fn house() -> House {
        let titles = ["主任医师", "住院医师", "主治医师", "处长", "护士"];
        let paths = ["总院/内科/肾内科", "总院/行政后勤/信息中心", "总院/护理部/手术室", "东院区/医技科室/检验科"];
        let people = (0..24).map(|index| Person {
            account: kernel::MailAccountId::from_raw(index + 1),
            name: format!("成员{index}"),
            address: format!("m{index}@kangning.test"),
            path: paths[index as usize % 4].split('/').map(str::to_owned).collect(),
            title: titles[index as usize % 5].to_owned(),
            program: Program::Web,
            files_mail: index % 2 == 0,
        });
        House { name: "康宁医疗集团".into(), domain: "kangning.test".into(), people: people.collect() }
    }

    #[test]
    fn the_same_people_and_moment_and_seed_make_the_same_mail() {
        let made = |seed| {
            let options = DemoMailOptions { seed, full_mailbox: 300 };
            let plan = plan(&house(), NOW, Dice::new(seed), options);
            // Workbooks tell when they were made, to the moment of their mail.
            plan.letters.iter().map(|letter| (letter.at, letter.copies.clone(), letter.bytes())).collect::<Vec<_>>()
        };
        let first = made(1);
        assert!(first == made(1) && first != made(2));
        assert!(first.is_sorted_by_key(|(at, ..)| *at) && first.iter().all(|(at, ..)| *at < NOW));
    }

    #[test]
    fn an_answer_comes_after_what_it_answers_and_names_it() {
        let house = house();
        let plan = plan(&house, NOW, Dice::new(1), DemoMailOptions { seed: 1, full_mailbox: 300 });
        let mut known = std::collections::BTreeSet::new();
        let mut answers = 0;
        for letter in &plan.letters {
            assert!(letter.references.iter().all(|id| known.contains(id)), "{letter:?}");
            assert!(known.insert(letter.id.clone()), "an id is given once");
            answers += usize::from(!letter.references.is_empty());
        }
        assert!(answers > 50, "{answers}");
        assert_eq!(plan.full.map(|index| house.people[index].unit()), Some("信息中心"));
    }
}
