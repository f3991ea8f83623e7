//! Conversations: in a unit, in a division, between units, and between friends.

use std::collections::BTreeMap;

use kernel::Timestamp;
use mail::FlagBits;
use mail::mailboxes::Role;

use super::super::letter::{Copy, Letter, Way};
use super::super::scripts::{Library, SPEAKERS, Script};
use super::{DAY_SECS, DAYS, Planner, Sheet, own_copy};

/// Recipients that a head still names one by one.
const MAX_NAMED: usize = 16;

impl Planner<'_> {
    pub(super) fn threads(&mut self, library: &Library) {
        for unit in self.units(3) {
            self.threads_of_unit(&library.threads, &unit, 3);
        }
        for division in self.units(2) {
            // As many conversations for each, however large the division is.
            let times = division.len().div_ceil(6).min(3);
            for _ in 0..times {
                self.threads_of_unit(&library.threads, &division, usize::MAX);
            }
        }
        self.friends(&library.threads);
    }

    /// Those who share the first names of their paths; everybody of an organisation without departments.
    fn units(&self, levels: usize) -> Vec<Vec<usize>> {
        let mut units: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
        for (index, person) in self.house.people.iter().enumerate() {
            units.entry(person.path.iter().take(levels).map(String::as_str).collect()).or_default().push(index);
        }
        units.into_values().filter(|unit| unit.len() >= 2).collect()
    }

    fn threads_of_unit(&mut self, scripts: &[Script], unit: &[usize], most: usize) {
        let scope = unit.first().map_or("通用", |index| self.person(*index).scope());
        let mut fitting: Vec<&Script> =
            scripts.iter().filter(|script| script.scope == scope || script.scope == "通用" && scope != "通用").collect();
        self.dice.shuffle(&mut fitting);
        for script in fitting.into_iter().take(most) {
            if self.dice.percent(75)
                && let Some(cast) = self.cast(script, unit)
            {
                let start = self.moment(0..DAYS);
                let audience: Vec<usize> = if script.mark("全员").is_some() { unit.to_vec() } else { cast.clone() };
                self.play(script, &cast, &audience, start);
            }
        }
    }

    fn friends(&mut self, scripts: &[Script]) {
        let private: Vec<&Script> = scripts.iter().filter(|script| script.scope == "私人").collect();
        let everybody: Vec<usize> = (0..self.house.people.len()).collect();
        for _ in 0..everybody.len() {
            if let Some(script) = self.dice.pick(&private)
                && let Some(cast) = self.cast(script, &everybody)
            {
                let start = self.moment(0..DAYS);
                self.play(script, &cast, &cast, start);
            }
        }
    }

    /// Who speaks the parts of a script; `None` when there are too few people.
    fn cast(&mut self, script: &Script, unit: &[usize]) -> Option<Vec<usize>> {
        let mut others = unit.to_vec();
        self.dice.shuffle(&mut others);
        match script.mark("甲") {
            Some("高") => others.sort_by_key(|index| std::cmp::Reverse(self.person(*index).rank())),
            Some("低") => others.sort_by_key(|index| self.person(*index).rank()),
            _ => {}
        }
        let first = others.first().copied()?;
        // Behind the first, chance again.
        let mut rest = others.split_off(1);
        self.dice.shuffle(&mut rest);
        let mut cast = vec![first];
        if let Some(unit_name) = script.mark("乙") {
            cast.push(self.somebody_of(unit_name, first)?);
        } else if script.mark("甲") == Some("低") && script.scope != "私人" {
            // It is the senior who answers.
            rest.sort_by_key(|index| std::cmp::Reverse(self.person(*index).rank()));
        }
        let missing = speakers(script).saturating_sub(cast.len());
        cast.extend(rest.into_iter().filter(|index| !cast.contains(index)).take(missing).collect::<Vec<_>>());
        (cast.len() == speakers(script)).then_some(cast)
    }

    /// Somebody of a unit with this name, of the same campus if there is one.
    fn somebody_of(&mut self, unit: &str, other_than: usize) -> Option<usize> {
        let of_unit = |campus: Option<&str>| -> Vec<usize> {
            let people = self.house.people.iter().enumerate();
            let fitting = people.filter(|(index, person)| {
                *index != other_than && person.unit() == unit && campus.is_none_or(|campus| person.campus() == campus)
            });
            fitting.map(|(index, _)| index).collect()
        };
        let near = of_unit(Some(self.person(other_than).campus()));
        let candidates = if near.is_empty() { of_unit(None) } else { near };
        self.dice.pick(&candidates)
    }

    /// Writes the conversation down, as far as it has come by now.
    pub(super) fn play(&mut self, script: &Script, cast: &[usize], audience: &[usize], start: Timestamp) {
        let first = cast[0];
        let mut words = self.words(start, Some(first));
        for (name, index) in SPEAKERS.iter().zip(cast) {
            words.set(*name, &self.person(*index).name);
            words.set(format!("{name}称"), self.person(*index).called());
        }
        let subject = words.fill(script.subject);
        let names = audience.iter().map(|index| self.person(*index).name.clone()).collect();
        let mut attachment = self.attachment(script, &mut words, names);
        let mut written: Vec<(usize, Letter)> = Vec::new();
        let mut at = start;
        for turn in &script.turns {
            let author = cast[turn.speaker];
            if let Some((_, before)) = written.last() {
                at = before.at.plus_secs(self.pause());
            }
            if at > self.now {
                break;
            }
            let quoted = written.last().map(|(index, letter)| quotation(&self.person(*index).name, letter));
            let mut text = words.fill(&turn.text);
            if written.is_empty() || self.dice.percent(35) {
                text.push_str(&self.signature(author));
            }
            if let Some(quoted) = quoted {
                text.push_str(&quoted);
            }
            let to = audience.iter().copied().filter(|index| *index != author);
            let to: Vec<_> = to.take(MAX_NAMED).map(|index| self.address(index)).collect();
            let sheet = Sheet {
                from: self.address(author),
                to,
                at,
                subject: if written.is_empty() { subject.clone() } else { self.reply_subject(author, &subject) },
                text,
                dress: self.dress_of(author),
                way: Way::Inside,
            };
            let mut letter = self.letter(sheet);
            if let Some((_, before)) = written.last() {
                letter.references = before.references.iter().chain([&before.id]).cloned().collect();
            }
            letter.files.extend(attachment.take());
            written.push((author, letter));
        }
        self.hand_out(script.mark("归档"), audience, written);
    }

    /// Gives everybody their copies, those who answered with the mark for it.
    fn hand_out(&mut self, folder: Option<&'static str>, audience: &[usize], written: Vec<(usize, Letter)>) {
        let authors: Vec<usize> = written.iter().map(|(author, _)| *author).collect();
        for (turn, (author, mut letter)) in written.into_iter().enumerate() {
            let answered_by = authors.get(turn + 1).copied();
            let of = |person: usize| if answered_by == Some(person) { FlagBits::ANSWERED | FlagBits::SEEN } else { FlagBits::NONE };
            letter.copies.push(own_copy(author, Role::Sent, FlagBits::SEEN | of(author)));
            for person in audience.iter().copied().filter(|person| *person != author) {
                let copy = self.delivered(person, letter.at, folder);
                letter.copies.push(Copy { flags: copy.flags | of(person), ..copy });
            }
            self.letters.push(letter);
        }
    }

    /// Until somebody answers: minutes as a rule, a day at times.
    fn pause(&mut self) -> i64 {
        match self.dice.below(10) {
            0..6 => self.dice.between(120, 5400),
            6..9 => self.dice.between(5400, 6 * 3600),
            _ => self.dice.between(6 * 3600, DAY_SECS + DAY_SECS / 3),
        }
    }

    pub(super) fn signature(&self, index: usize) -> String {
        let person = self.person(index);
        format!("--\n{}　{}\n{} {}\n", person.name, person.title, self.house.name, person.path.join(" "))
    }

    fn reply_subject(&self, author: usize, subject: &str) -> String {
        use super::super::people::Program;
        match self.person(author).program {
            Program::Web | Program::Gbk => format!("回复：{subject}"),
            Program::Plain => format!("Re: {subject}"),
            Program::Gb18030 => format!("答复: {subject}"),
        }
    }
}

/// Those who speak, and those who are only spoken of.
fn speakers(script: &Script) -> usize {
    let named = (0..SPEAKERS.len()).rev().find(|index| {
        let name = SPEAKERS[*index];
        let places = [format!("{{{name}}}"), format!("{{{name}称}}")];
        places.iter().any(|place| script.subject.contains(place) || script.turns.iter().any(|turn| turn.text.contains(place)))
    });
    script.speaker_count().max(named.map_or(0, |index| index + 1))
}

/// The beginning of what is answered, without what that quoted itself.
fn quotation(author: &str, letter: &Letter) -> String {
    let date = super::words::local(letter.at).strftime("%Y-%m-%d %H:%M");
    let own = letter.text.lines().take_while(|line| !line.starts_with('>') && *line != "--" && !line.ends_with("写道："));
    let lines: String = own.filter(|line| !line.starts_with("![") && !line.is_empty()).take(8).map(|line| format!("> {line}\n")).collect();
    format!("\n在 {date}，{author} 写道：\n{lines}")
}
