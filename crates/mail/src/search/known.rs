//! What the full-text index says about a search.

use std::sync::atomic::{AtomicBool, Ordering};

use kernel::MailAccountId;
use roaring::RoaringTreemap;
use store::{Snapshot, TextIndexError};

use super::tokens::{self, Place, Question};
use crate::MessageId;

/// One needle, and where it may stand.
pub(super) struct Asked {
    pub places: Vec<Place>,
    pub folded: String,
    /// Whether to be in one of the places is all that is asked.
    pub is_decisive: bool,
}

/// Answers about the messages up to one number.
pub(super) struct Known {
    indexed_to: i64,
    /// Those that are not indexed to their end.
    cut: RoaringTreemap,
    answers: Vec<Option<Answer>>,
}

struct Answer {
    /// These fit.
    sure: RoaringTreemap,
    /// These may fit; others than these and the sure ones do not.
    possible: RoaringTreemap,
}

/// Of answers to one search. What is asked beyond it is decided without the index.
const MAX_BYTES: usize = 64 << 20;

impl Known {
    /// Asks the index; gives up when `is_given_up`.
    pub fn ask(
        snapshot: &Snapshot,
        account: MailAccountId,
        indexed_to: i64,
        asked: &[Asked],
        is_given_up: &AtomicBool,
    ) -> Result<Option<Self>, TextIndexError> {
        let mut known = Self { indexed_to, cut: RoaringTreemap::new(), answers: Vec::with_capacity(asked.len()) };
        snapshot.find(account.raw(), &tokens::cut(), &mut known.cut)?;
        let mut room = MAX_BYTES;
        for asked in asked {
            if is_given_up.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let answer = answer(snapshot, account, asked)?.filter(|answer| {
                let bytes = answer.sure.serialized_size() + answer.possible.serialized_size();
                let has_room = bytes <= room;
                room = room.saturating_sub(bytes);
                has_room
            });
            known.answers.push(answer);
        }
        Ok(Some(known))
    }

    pub fn indexed_to(&self) -> i64 {
        self.indexed_to
    }

    pub fn answer(&self, number: usize, message: MessageId) -> Option<bool> {
        if message.raw() > self.indexed_to {
            return None;
        }
        let answer = self.answers.get(number)?.as_ref()?;
        let message = message.raw().cast_unsigned();
        if answer.sure.contains(message) {
            return Some(true);
        }
        (!answer.possible.contains(message) && !self.cut.contains(message)).then_some(false)
    }

    /// Indexed messages that may fit.
    pub fn bounded(&self, number: usize) -> Option<RoaringTreemap> {
        let answer = self.answers.get(number)?.as_ref()?;
        Some(&(&answer.sure | &answer.possible) | &self.cut)
    }
}

/// `None` when the index knows nothing about the needle.
fn answer(snapshot: &Snapshot, account: MailAccountId, asked: &Asked) -> Result<Option<Answer>, TextIndexError> {
    let mut answer = Answer { sure: RoaringTreemap::new(), possible: RoaringTreemap::new() };
    for place in &asked.places {
        let Some(question) = Question::new(*place, &asked.folded) else { return Ok(None) };
        if question.is_whole() && asked.is_decisive {
            for (wanted, is_sure) in question.runs().iter().flatten() {
                snapshot.find(account.raw(), wanted, if *is_sure { &mut answer.sure } else { &mut answer.possible })?;
            }
            continue;
        }
        let mut all: Option<RoaringTreemap> = None;
        for run in question.runs() {
            let mut any = RoaringTreemap::new();
            for (wanted, _) in run {
                snapshot.find(account.raw(), wanted, &mut any)?;
            }
            all = Some(all.map_or_else(|| any.clone(), |all| all & &any));
        }
        answer.possible |= all.unwrap_or_default();
    }
    Ok(Some(answer))
}
