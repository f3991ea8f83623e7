//! Folded texts as terms of the full-text index, and what of a needle the index can decide.
//!
//! A folded text is cut into runs: of Chinese characters (and kana), and of all other letters and digits; what is neither separates. Classes belong to
//! characters, not to their surroundings, so each run of a needle lies within one run of any text that holds the needle. From this follows all else:
//!
//! - **Words**, runs of letters alone (of at most [`MAX_WORD`]) or digits alone (of at most [`MAX_NUMBER`]): every ending of the word is a term. The word
//!   holds a needle exactly when one of its endings begins with it.
//! - **Other runs** (letters with digits, long ones: ids, signatures, links): every three neighbouring characters, and the last two and the last one, are
//!   terms. Needles of up to three characters are decided; longer ones are held at most where all their threes are.
//! - **Chinese runs**: every two neighbouring characters and the last one are terms of a sequence. A needle of any length is decided by their order.
//!
//! A needle that is one run is decided so; of one with several runs, or separators, the index tells where it may be.

use std::collections::HashSet;

use store::{TextDocument, Wanted};

use super::fold::is_chinese;

/// Where in a message a text stands: one letter before each term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    From,
    To,
    Cc,
    Bcc,
    Subject,
    Header,
    Body,
}

impl Place {
    pub const ALL: [Self; 7] = [Self::From, Self::To, Self::Cc, Self::Bcc, Self::Subject, Self::Header, Self::Body];

    fn word(self) -> &'static str {
        ["fw", "tw", "cw", "bw", "sw", "hw", "xw"][self as usize]
    }

    fn piece(self) -> &'static str {
        ["fp", "tp", "cp", "bp", "sp", "hp", "xp"][self as usize]
    }

    fn sequence(self) -> &'static str {
        ["f", "t", "c", "b", "s", "h", "x"][self as usize]
    }
}

const MAX_WORD: usize = 20;
const MAX_NUMBER: usize = 8;
const PIECE: usize = 3;
/// The term of documents that are not indexed to their end.
const CUT: &str = "?";
/// Of folded text of one message that is indexed.
const MAX_TEXT: usize = 2 << 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    Chinese,
    Other,
}

fn class(character: char) -> Option<Class> {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric().then_some(Class::Other);
    }
    if !character.is_alphanumeric() {
        return None;
    }
    Some(if is_chinese(character) { Class::Chinese } else { Class::Other })
}

fn for_each_run<'t>(folded: &'t str, f: &mut dyn FnMut(Class, &'t str)) {
    let mut open: Option<(Class, usize)> = None;
    for (at, character) in folded.char_indices() {
        let class = class(character);
        if let Some((of, start)) = open
            && class != Some(of)
        {
            f(of, &folded[start..at]);
            open = None;
        }
        if let (None, Some(class)) = (open, class) {
            open = Some((class, at));
        }
    }
    if let Some((class, start)) = open {
        f(class, &folded[start..]);
    }
}

fn is_word(run: &str) -> bool {
    let characters = run.chars().take(MAX_WORD + 1).count();
    (characters <= MAX_WORD && run.chars().all(char::is_alphabetic)) || (characters <= MAX_NUMBER && run.chars().all(char::is_numeric))
}

/// The parts of a text of `size` characters each that begin at each of its characters, shorter at the end.
fn windows(text: &str, size: usize) -> impl Iterator<Item = &str> {
    text.char_indices().map(move |(at, _)| {
        let rest = &text[at..];
        &rest[..rest.char_indices().nth(size).map_or(rest.len(), |(end, _)| end)]
    })
}

/// Collects the terms of one message.
pub(super) struct Terms {
    document: TextDocument,
    seen: HashSet<(Place, String)>,
    left: usize,
    is_cut: bool,
}

impl Terms {
    pub fn new(owner: i64, number: i64) -> Self {
        Self { document: TextDocument::new(owner, number), seen: HashSet::new(), left: MAX_TEXT, is_cut: false }
    }

    /// Adds one text; `false` when there is no room for more.
    pub fn add(&mut self, place: Place, folded: &str) -> bool {
        if folded.len() > self.left {
            self.is_cut = true;
            return false;
        }
        self.left -= folded.len();
        let (document, seen) = (&mut self.document, &mut self.seen);
        for_each_run(folded, &mut |class, run| match class {
            Class::Chinese => {
                windows(run, 2).for_each(|pair| document.add_to_sequence(place.sequence(), pair));
                document.end_sequence();
            }
            Class::Other if seen.insert((place, run.to_owned())) => {
                if is_word(run) {
                    windows(run, MAX_WORD).for_each(|ending| document.add_term(place.word(), ending));
                } else {
                    windows(run, PIECE).for_each(|piece| document.add_term(place.piece(), piece));
                }
            }
            Class::Other => {}
        });
        true
    }

    /// Not everything could be read: what is not found has to be looked for in the message.
    pub fn leave_open(&mut self) {
        self.is_cut = true;
    }

    pub fn finish(mut self) -> TextDocument {
        if self.is_cut {
            self.document.add_term(CUT, "");
        }
        self.document
    }
}

/// Documents that are not indexed to their end.
pub(super) fn cut() -> Wanted {
    Wanted::All(vec![CUT.to_owned()])
}

/// What to ask the index for one needle in one place.
pub(super) struct Question {
    /// For each run of the needle: any of these; and all runs have to be found.
    runs: Vec<Vec<(Wanted, bool)>>,
    /// The needle is one run.
    is_whole: bool,
}

impl Question {
    /// `None` for needles without letters and digits, of which the index knows nothing.
    pub fn new(place: Place, folded: &str) -> Option<Self> {
        let mut runs = Vec::new();
        let mut is_whole = false;
        for_each_run(folded, &mut |class, run| {
            is_whole = run.len() == folded.len();
            // More runs narrow nothing down that was not narrow before.
            if runs.len() < 16 {
                runs.push(match class {
                    Class::Chinese => vec![(chinese(place, run), true)],
                    Class::Other => others(place, run),
                });
            }
        });
        (!runs.is_empty()).then_some(Self { runs, is_whole })
    }

    /// What to look for, by runs; whether a document that has it surely holds the run.
    pub fn runs(&self) -> &[Vec<(Wanted, bool)>] {
        &self.runs
    }

    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

fn chinese(place: Place, run: &str) -> Wanted {
    let characters = run.chars().count();
    let tag = place.sequence();
    if characters == 1 {
        return Wanted::BeginningInSequence(format!("{tag}{run}"));
    }
    // Every other pair is enough, and the last one.
    let pairs = windows(run, 2).take(characters - 1).enumerate();
    let needed = pairs.filter(|(at, _)| at % 2 == 0 || *at == characters - 2);
    Wanted::Sequence(needed.map(|(at, pair)| (u32::try_from(at).unwrap_or(u32::MAX), format!("{tag}{pair}"))).collect())
}

fn others(place: Place, run: &str) -> Vec<(Wanted, bool)> {
    let mut wanted = Vec::with_capacity(2);
    // Part of a word is a word.
    if is_word(run) {
        wanted.push((Wanted::Beginning(format!("{}{run}", place.word())), true));
    }
    let characters = run.chars().count();
    if characters <= PIECE {
        wanted.push((Wanted::Beginning(format!("{}{run}", place.piece())), true));
    } else {
        let mut pieces: Vec<String> =
            windows(run, PIECE).take(characters + 1 - PIECE).map(|piece| format!("{}{piece}", place.piece())).collect();
        pieces.sort_unstable();
        pieces.dedup();
        wanted.push((Wanted::All(pieces), false));
    }
    wanted
}
