//! Searching one shard.

use roaring::RoaringTreemap;
use tantivy::postings::SegmentPostings;
use tantivy::query::{EnableScoring, PhraseQuery, Query};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, Term};

use super::terms::owner_prefix;
use super::{Fields, NUMBER, TextIndexError};

/// What documents are looked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A term that begins so.
    Beginning(String),
    /// All of these terms.
    All(Vec<String>),
    /// In a sequence, a term that begins so.
    BeginningInSequence(String),
    /// In one sequence, these terms so many places after a first; ascending.
    Sequence(Vec<(u32, String)>),
}

/// A shard as of one moment. Cheap to make; what it sees stays as it is.
pub struct Snapshot {
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
}

impl Snapshot {
    /// Adds the numbers of the owner's documents that have what is wanted.
    pub fn find(&self, owner: i64, wanted: &Wanted, found: &mut RoaringTreemap) -> Result<(), TextIndexError> {
        let prefix = owner_prefix(owner);
        for segment in self.searcher.segment_readers() {
            let documents = match wanted {
                Wanted::Beginning(text) => beginning(&*segment.inverted_index(self.fields.terms)?, segment, &prefix, text)?,
                Wanted::BeginningInSequence(text) => beginning(&*segment.inverted_index(self.fields.sequences)?, segment, &prefix, text)?,
                Wanted::All(terms) => all(&*segment.inverted_index(self.fields.terms)?, &prefix, terms)?,
                Wanted::Sequence(terms) => self.sequence(segment, &prefix, terms)?,
            };
            let numbers = segment.fast_fields().u64(NUMBER)?;
            let alive = segment.alive_bitset();
            let alive = documents.into_iter().filter(|document| alive.is_none_or(|alive| alive.is_alive(*document)));
            found.extend(alive.filter_map(|document| numbers.first(document)));
        }
        Ok(())
    }

    fn sequence(&self, segment: &SegmentReader, prefix: &str, terms: &[(u32, String)]) -> Result<Vec<DocId>, TextIndexError> {
        let field = self.fields.sequences;
        if let [(_, only)] = terms {
            return all(&*segment.inverted_index(field)?, prefix, std::slice::from_ref(only));
        }
        let terms = terms.iter().map(|(place, term)| (*place as usize, Term::from_field_text(field, &format!("{prefix}{term}"))));
        let query = PhraseQuery::new_with_offset(terms.collect());
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        let mut found = Vec::new();
        weight.for_each_no_score(segment, &mut |documents| found.extend_from_slice(documents))?;
        Ok(found)
    }
}

fn beginning(index: &InvertedIndexReader, segment: &SegmentReader, prefix: &str, text: &str) -> Result<Vec<DocId>, TextIndexError> {
    let from = format!("{prefix}{text}").into_bytes();
    // No term has a byte of 0xff in it.
    let mut to = from.clone();
    to.push(0xff);
    let mut stream = index.terms().range().ge(&from).lt(&to).into_stream()?;
    // Terms of natural texts are many, and their documents the same ones.
    let mut seen = vec![0u64; segment.max_doc() as usize / 64 + 1];
    while let Some((_, info)) = stream.next() {
        let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        for_each(&mut postings, |document| seen[document as usize / 64] |= 1 << (document % 64));
    }
    let mut found = Vec::new();
    for (at, word) in seen.into_iter().enumerate() {
        let mut left = word;
        while left != 0 {
            found.push(at as DocId * 64 + left.trailing_zeros());
            left &= left - 1;
        }
    }
    Ok(found)
}

/// Begins with the rarest, so that common ones are only looked into.
fn all(index: &InvertedIndexReader, prefix: &str, terms: &[String]) -> Result<Vec<DocId>, TextIndexError> {
    let mut infos = Vec::with_capacity(terms.len());
    for term in terms {
        match index.terms().get(format!("{prefix}{term}"))? {
            Some(info) => infos.push(info),
            None => return Ok(Vec::new()),
        }
    }
    infos.sort_unstable_by_key(|info| info.doc_freq);
    let mut found: Option<Vec<DocId>> = None;
    for info in &infos {
        let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        match &mut found {
            None => {
                let mut first = Vec::with_capacity(info.doc_freq as usize);
                for_each(&mut postings, |document| first.push(document));
                found = Some(first);
            }
            Some(found) => found.retain(|document| {
                let at = postings.doc();
                *document == if at < *document { postings.seek(*document) } else { at }
            }),
        }
    }
    Ok(found.unwrap_or_default())
}

pub(super) fn for_each(postings: &mut SegmentPostings, mut f: impl FnMut(DocId)) {
    let mut document = postings.doc();
    while document != TERMINATED {
        f(document);
        document = postings.advance();
    }
}
