//! Notices to everybody and to a campus.

use mail::FlagBits;
use mail::mailboxes::Role;
use mail::mime::Address;

use super::super::letter::{Dress, Way};
use super::super::markup::Look;
use super::super::scripts::{Library, Script};
use super::{DAYS, Planner, Sheet, own_copy};

impl Planner<'_> {
    pub(super) fn notices(&mut self, library: &Library) {
        let everybody: Vec<usize> = (0..self.house.people.len()).collect();
        let all = Address { name: Some("全体职工".to_owned()), email: format!("all@{}", self.house.domain) };
        // Spread evenly, the last one today or yesterday.
        let step = DAYS / library.notices.len().max(1) as i64;
        for (index, script) in library.notices.iter().enumerate() {
            let days_ago = index as i64 * step;
            self.notice(script, &everybody, all.clone(), days_ago..days_ago + 2);
        }
        let mut campuses: Vec<String> = self.house.people.iter().map(|person| person.campus().to_owned()).collect();
        campuses.sort_unstable();
        campuses.dedup();
        for (place, campus) in campuses.iter().filter(|campus| !campus.is_empty()).enumerate() {
            let people: Vec<usize> = everybody.iter().copied().filter(|index| self.person(*index).campus() == campus).collect();
            let to = Address { name: Some(format!("{campus}全体职工")), email: format!("all-{}@{}", place + 1, self.house.domain) };
            for script in &library.campus {
                let days_ago = self.dice.between(0, DAYS - 1);
                self.notice(script, &people, to.clone(), days_ago..days_ago + 1);
            }
        }
    }

    fn notice(&mut self, script: &Script, readers: &[usize], to: Address, days_ago: std::ops::Range<i64>) {
        let Some(author) = self.author_of(script.scope, readers) else { return };
        let at = self.moment(days_ago);
        let mut words = self.words(at, readers.first().copied());
        let text = script.turns.first().map_or("", |turn| turn.text.as_str());
        let signed = format!("{}{}\n", words.fill(text), self.signature(author));
        let look = if script.mark("公文").is_some() { Look::Notice } else { Look::Plain };
        let sheet = Sheet {
            from: self.address(author),
            to: vec![to],
            at,
            subject: words.fill(script.subject),
            text: signed,
            dress: Dress::Html(look),
            way: Way::Inside,
        };
        let mut letter = self.letter(sheet);
        letter.files.extend(self.attachment(script, &mut words, Vec::new()));
        letter.copies.push(own_copy(author, Role::Sent, FlagBits::SEEN));
        for person in readers.iter().copied().filter(|person| *person != author) {
            let copy = self.delivered(person, at, Some("公文/院内通知"));
            letter.copies.push(copy);
        }
        self.letters.push(letter);
    }

    /// Somebody of the office that sends such notices; of another where there is none.
    fn author_of(&mut self, office: &str, readers: &[usize]) -> Option<usize> {
        let of_office: Vec<usize> = readers.iter().copied().filter(|index| self.person(*index).unit() == office).collect();
        let highest = of_office.iter().copied().max_by_key(|index| (self.person(*index).rank(), *index));
        highest.or_else(|| self.dice.pick(readers))
    }
}
