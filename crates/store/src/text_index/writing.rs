//! Writing to one shard.

use std::sync::Arc;

use tantivy::index::Index;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{IndexWriter, TantivyDocument, Term};

use super::terms::{GAP, NEXT, key, list, owner_prefix};
use super::{NUMBER, Shard, Stand, TextIndexError, commits_of, lock};

/// What a document is found by. Terms hold no control characters.
#[derive(Debug, Clone, Default)]
pub struct TextDocument {
    pub owner: i64,
    /// At least 0.
    pub number: i64,
    terms: String,
    sequences: String,
}

impl TextDocument {
    pub fn new(owner: i64, number: i64) -> Self {
        Self { owner, number, terms: String::new(), sequences: String::new() }
    }

    /// Adds a term that is `head` and `tail` put together; order and repetition mean nothing.
    pub fn add_term(&mut self, head: &str, tail: &str) {
        self.terms.push_str(head);
        self.terms.push_str(tail);
        self.terms.push(NEXT);
    }

    /// Adds a term to the sequence that is being made.
    pub fn add_to_sequence(&mut self, head: &str, tail: &str) {
        self.sequences.push_str(head);
        self.sequences.push_str(tail);
        self.sequences.push(NEXT);
    }

    /// What comes next does not follow what came before.
    pub fn end_sequence(&mut self) {
        if self.sequences.ends_with(NEXT) {
            self.sequences.pop();
            self.sequences.push(GAP);
        }
    }
}

/// Collects changes; nothing of them is seen, or survives, before [`commit`](Self::commit).
pub struct TextWriter {
    shard: Arc<Shard>,
    writer: IndexWriter,
    commits: i64,
}

/// Of memory that one writer collects in.
const MEMORY_BYTES: usize = 24 << 20;
/// Segments of more documents than this are merged no further.
const LARGEST_MERGED: usize = 2_000_000;

impl TextWriter {
    pub(super) fn new(shard: Arc<Shard>) -> Result<Self, TextIndexError> {
        let options =
            IndexWriterOptions::builder().memory_budget_per_thread(MEMORY_BYTES).num_worker_threads(1).num_merge_threads(1).build();
        let writer = open(&shard.index, options)?;
        let mut policy = LogMergePolicy::default();
        policy.set_max_docs_before_merge(LARGEST_MERGED);
        policy.set_del_docs_ratio_before_merge(0.3);
        writer.set_merge_policy(Box::new(policy));
        let commits = commits_of(&shard.index)?;
        Ok(Self { shard, writer, commits })
    }

    /// As of the last commit.
    pub fn stand(&self) -> Stand {
        Stand { generation: self.shard.generation, commits: self.commits }
    }

    pub fn add(&self, document: &TextDocument) -> Result<(), TextIndexError> {
        let fields = self.shard.fields;
        let prefix = owner_prefix(document.owner);
        let mut stored = TantivyDocument::default();
        stored.add_text(fields.key, key(&prefix, document.number));
        stored.add_text(fields.terms, list(&prefix, &document.terms));
        stored.add_text(fields.sequences, list(&prefix, &document.sequences));
        stored.add_u64(fields.number, document.number.cast_unsigned());
        stored.add_text(fields.owner, prefix);
        self.writer.add_document(stored)?;
        Ok(())
    }

    pub fn remove(&self, owner: i64, number: i64) {
        self.writer.delete_term(Term::from_field_text(self.shard.fields.key, &key(&owner_prefix(owner), number)));
    }

    pub fn remove_all_of(&self, owner: i64) {
        self.writer.delete_term(Term::from_field_text(self.shard.fields.owner, &owner_prefix(owner)));
    }

    /// Removes those of an owner's documents that have a higher number: what was committed here and then not noted down.
    pub fn remove_after(&self, owner: i64, number: i64) -> Result<(), TextIndexError> {
        let prefix = owner_prefix(owner);
        let (searcher, _) = lock(&self.shard.commits).clone();
        for segment in searcher.segment_readers() {
            let numbers = segment.fast_fields().u64(NUMBER)?;
            let term = Term::from_field_text(self.shard.fields.owner, &prefix);
            let found = segment.inverted_index(self.shard.fields.owner)?.read_postings(&term, tantivy::schema::IndexRecordOption::Basic)?;
            let Some(mut documents) = found else { continue };
            super::reading::for_each(&mut documents, |document| {
                if let Some(found) = numbers.first(document)
                    && found.cast_signed() > number
                {
                    self.writer.delete_term(Term::from_field_text(self.shard.fields.key, &key(&prefix, found.cast_signed())));
                }
            });
        }
        Ok(())
    }

    /// Puts what was collected on disk and lets searches see it.
    pub fn commit(&mut self) -> Result<Stand, TextIndexError> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&(self.commits + 1).to_string());
        prepared.commit()?;
        self.commits += 1;
        self.shard.refresh()?;
        Ok(self.stand())
    }

    /// Waits until segments that are being merged are, which may take a while.
    pub fn finish(self) -> Result<(), TextIndexError> {
        self.writer.wait_merging_threads()?;
        self.shard.refresh()
    }
}

fn open(index: &Index, options: IndexWriterOptions) -> Result<IndexWriter, TextIndexError> {
    Ok(index.writer_with_options(options)?)
}
