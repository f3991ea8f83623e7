//! One member with a very long inbox: the head of the computer centre, to whom every machine and every ward writes.

use mail::mailboxes::Role;

use super::super::letter::Place;
use super::super::scripts::{Library, Script};
use super::{DAYS, Planner};

impl Planner<'_> {
    /// Fills somebody's inbox up to `count` mails; answers who it is.
    pub(super) fn full_mailbox(&mut self, library: &Library, count: usize) -> Option<usize> {
        let people = self.house.people.iter().enumerate();
        let (head, _) = people.max_by_key(|(index, person)| (person.unit() == "信息中心", person.rank(), std::cmp::Reverse(*index)))?;
        let weighted: Vec<&Script> = library
            .monitoring
            .iter()
            .flat_map(|script| {
                let weight = script.mark("次").and_then(|times| times.parse().ok()).unwrap_or(1);
                std::iter::repeat_n(script, weight)
            })
            .collect();
        let mut held = self.inbox_of(head);
        while held < count {
            let before = self.letters.len();
            if self.dice.percent(20) && self.house.people.len() > 1 {
                self.ticket(&library.tickets, head);
            } else if let Some(script) = self.dice.pick(&weighted) {
                self.report(script, head);
            }
            if self.letters.len() == before {
                // Nothing more comes to anybody's mind.
                break;
            }
            held += self.inbox_in(before, head);
        }
        Some(head)
    }

    /// Somebody of a ward asks, the head answers.
    fn ticket(&mut self, tickets: &[Script], head: usize) {
        let asker = self.dice.below(self.house.people.len());
        let Some(script) = self.dice.pick(&tickets.iter().collect::<Vec<_>>()) else { return };
        if asker != head {
            let start = self.moment(0..DAYS);
            self.play(script, &[asker, head], &[asker, head], start);
        } else if let Some(other) = (0..self.house.people.len()).find(|person| *person != head) {
            let start = self.moment(0..DAYS);
            self.play(script, &[other, head], &[other, head], start);
        }
    }

    fn report(&mut self, script: &Script, head: usize) {
        let at = self.moment(0..DAYS);
        if let Some(mut letter) = self.letter_from(script, head, at) {
            let mut copy = self.delivered(head, at, None);
            // The long list is what is to be seen.
            copy.place = Place::Role(Role::Inbox);
            letter.copies.push(copy);
            self.letters.push(letter);
        }
    }

    fn inbox_of(&self, person: usize) -> usize {
        self.inbox_in(0, person)
    }

    fn inbox_in(&self, from: usize, person: usize) -> usize {
        let copies = self.letters.iter().skip(from).flat_map(|letter| &letter.copies);
        copies.filter(|copy| copy.person == person && copy.place == Place::Role(Role::Inbox)).count()
    }
}
