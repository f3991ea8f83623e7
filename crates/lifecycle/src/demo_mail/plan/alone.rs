//! What people have written and not sent.

use mail::FlagBits;
use mail::mailboxes::Role;

use super::super::letter::{Dress, Way};
use super::super::markup::Look;
use super::super::scripts::{Library, Script};
use super::{Planner, Sheet, own_copy};

const DRAFT_DAYS: i64 = 25;

impl Planner<'_> {
    pub(super) fn alone(&mut self, library: &Library) {
        let drafts: Vec<&Script> = library.drafts.iter().collect();
        for person in 0..self.house.people.len() {
            for _ in 0..self.dice.below(3) {
                if let Some(script) = self.dice.pick(&drafts) {
                    self.draft(script, person);
                }
            }
        }
    }

    fn draft(&mut self, script: &Script, person: usize) {
        let at = self.moment(0..DRAFT_DAYS);
        let mut words = self.words(at, Some(person));
        let text = script.turns.first().map_or("", |turn| turn.text.as_str());
        // Some know already for whom it is.
        let reader = self.dice.below(self.house.people.len() * 2);
        let to = (reader < self.house.people.len() && reader != person).then(|| self.address(reader));
        let sheet = Sheet {
            from: self.address(person),
            to: to.into_iter().collect(),
            at,
            subject: words.fill(script.subject),
            text: words.fill(text),
            dress: Dress::Html(Look::Plain),
            way: Way::Inside,
        };
        let mut letter = self.letter(sheet);
        letter.files.extend(self.attachment(script, &mut words, Vec::new()));
        letter.copies.push(own_copy(person, Role::Drafts, FlagBits::DRAFT | FlagBits::SEEN));
        self.letters.push(letter);
    }
}
