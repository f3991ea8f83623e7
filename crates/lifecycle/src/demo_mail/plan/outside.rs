//! Mail from elsewhere, wanted and not.

use mail::FlagBits;
use mail::mailboxes::Role;

use super::super::letter::{Copy, Dress, Place, Way};
use super::super::markup::Look;
use super::super::scripts::{Library, Script};
use super::{DAYS, Planner, Sheet, dress_named, parse_address};

const JUNK_DAYS: i64 = 30;

impl Planner<'_> {
    pub(super) fn outside(&mut self, library: &Library) {
        for person in 0..self.house.people.len() {
            let scope = self.person(person).scope();
            let fitting: Vec<&Script> = library.outside.iter().filter(|script| script.scope == scope || script.scope == "全部").collect();
            for _ in 0..self.dice.between(7, 15) {
                if let Some(script) = self.dice.pick(&fitting) {
                    self.wanted(script, person);
                }
            }
            let junk: Vec<&Script> = library.junk.iter().collect();
            for _ in 0..self.dice.between(2, 6) {
                if let Some(script) = self.dice.pick(&junk) {
                    self.junk(script, person);
                }
            }
        }
    }

    fn wanted(&mut self, script: &Script, person: usize) {
        let at = self.moment(0..DAYS);
        if let Some(mut letter) = self.letter_from(script, person, at) {
            let copy = self.delivered(person, at, script.mark("归档"));
            letter.copies.push(copy);
            self.letters.push(letter);
        }
    }

    fn junk(&mut self, script: &Script, person: usize) {
        let at = self.moment(0..JUNK_DAYS);
        let Some(mut letter) = self.letter_from(script, person, at) else { return };
        let mut flags = FlagBits::JUNK;
        if script.mark("诈骗").is_some() {
            letter.way = Way::Forged;
            flags |= FlagBits::PHISHING;
        }
        if self.dice.percent(20) {
            flags |= FlagBits::SEEN;
        }
        letter.copies.push(Copy { person, place: Place::Role(Role::Junk), flags, delivered: true });
        self.letters.push(letter);
    }

    /// The mail of a script to somebody, without copies.
    pub(super) fn letter_from(&mut self, script: &Script, person: usize, at: kernel::Timestamp) -> Option<super::Letter> {
        let mut words = self.words(at, Some(person));
        let from = parse_address(&words.fill(script.mark("自")?))?;
        let is_ours = from.email.ends_with(&format!("@{}", self.house.domain));
        let text = script.turns.first().map_or("", |turn| turn.text.as_str());
        let dress = match dress_named(script.mark("字")) {
            Dress::Html(Look::Sheet) if is_ours => Dress::Html(Look::Plain),
            dress => dress,
        };
        let sheet = Sheet {
            from,
            to: vec![self.address(person)],
            at,
            subject: words.fill(script.subject),
            text: words.fill(text),
            dress,
            way: if is_ours { Way::Inside } else { Way::Outside },
        };
        let mut letter = self.letter(sheet);
        letter.files.extend(self.attachment(script, &mut words, Vec::new()));
        Some(letter)
    }
}
