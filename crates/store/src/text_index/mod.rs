//! The full-text index: which of an owner's documents hold a term. Derived data, which may be thrown away and made again at any time.
//!
//! It knows terms and nothing of where they come from. A document belongs to an owner and has a number, unique for its owner; terms of one owner are
//! never found by another, because each is stored behind its owner's number, and a search costs what the owner's own documents make it cost.
//!
//! Owners lie in [`TextIndex::SHARDS`] shards. A shard is a folder, and one folder is a *generation*: whoever keeps a note of how much was indexed
//! keeps it together with [`Stand`], and trusts the note only while [`TextIndex::open`] still finds that generation with at least that many commits.
//! A folder that was lost, replaced, restored from a copy or begun anew therefore answers nothing wrong; it answers nothing.
//!
//! Everything here blocks the calling thread.

mod folder;
mod reading;
mod terms;
mod writing;

use std::collections::{BTreeSet, HashMap};
use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::store::Compressor;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyError};

use folder::Folder;
pub use reading::{Snapshot, Wanted};
pub use writing::{TextDocument, TextWriter};

/// What a note about the index rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    pub generation: i64,
    /// Commits of the generation.
    pub commits: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum TextIndexError {
    /// Not here, or not as far as was asked for.
    #[error("there is no such generation of the full-text index here")]
    Missing,
    #[error("the full-text index cannot be used")]
    Engine(#[from] TantivyError),
    #[error("the folder of the full-text index cannot be used")]
    File(#[from] std::io::Error),
}

impl TextIndexError {
    /// Whether what is on disk is wrong, rather than out of reach for now.
    pub fn is_damage(&self) -> bool {
        use tantivy::directory::error::OpenReadError;
        let is_damage =
            |error: &std::io::Error| matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::NotFound);
        match self {
            Self::Missing => false,
            Self::File(error) => is_damage(error),
            Self::Engine(TantivyError::IoError(error)) => is_damage(error),
            Self::Engine(TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })) => is_damage(io_error),
            Self::Engine(error) => matches!(
                error,
                TantivyError::DataCorruption(_)
                    | TantivyError::OpenReadError(_)
                    | TantivyError::SchemaError(_)
                    | TantivyError::IncompatibleIndex(_)
                    | TantivyError::InternalError(_)
            ),
        }
    }
}

/// What the folders hold; for operators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextIndexSize {
    pub documents: u64,
    pub bytes: u64,
    /// Shards whose folder cannot be read.
    pub broken: u32,
}

/// The index of an installation, as far as it is on this node. One process writes to a folder.
pub struct TextIndex {
    folder: PathBuf,
    shards: Mutex<HashMap<u32, Arc<Shard>>>,
}

/// An open generation.
struct Shard {
    generation: i64,
    folder: PathBuf,
    index: Index,
    reader: IndexReader,
    fields: Fields,
    /// What searches see.
    commits: Mutex<(tantivy::Searcher, i64)>,
}

#[derive(Clone, Copy)]
struct Fields {
    owner: Field,
    key: Field,
    terms: Field,
    sequences: Field,
    number: Field,
}

const NUMBER: &str = "number";

impl TextIndex {
    /// A number that is never changed: owners would be looked for in the wrong places.
    pub const SHARDS: u32 = 8;

    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, shards: Mutex::default() }
    }

    /// Where an owner's documents are.
    pub fn shard_of(owner: i64) -> u32 {
        // Ids of accounts that were made together differ in their lowest bits only.
        let mixed = owner.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        u32::try_from(mixed >> 61).expect("three bits")
    }

    /// What is indexed, as of now, if the shard is here and has got so far.
    pub fn open(&self, shard: u32, stand: Stand) -> Result<Snapshot, TextIndexError> {
        let shard = self.current(shard)?.ok_or(TextIndexError::Missing)?;
        if shard.generation != stand.generation {
            return Err(TextIndexError::Missing);
        }
        let (searcher, commits) = lock(&shard.commits).clone();
        if commits < stand.commits { Err(TextIndexError::Missing) } else { Ok(Snapshot { searcher, fields: shard.fields }) }
    }

    /// Prepares to write to a shard, which is begun anew when it is missing or cannot be opened; `fresh`, a number that was never used before and is not 0,
    /// is then its generation.
    pub fn writer(&self, shard: u32, fresh: i64) -> Result<TextWriter, TextIndexError> {
        let open = match self.current(shard) {
            Ok(Some(open)) => open,
            Ok(None) => self.begin(shard, fresh)?,
            Err(error) if !error.is_damage() => return Err(error),
            Err(error) => {
                tracing::error!(shard, %error, "A shard of the full-text index cannot be opened and is made again");
                self.begin(shard, fresh)?
            }
        };
        TextWriter::new(open)
    }

    /// Where a shard stands; `None` when there is none here, or none that can be opened.
    pub fn stand(&self, shard: u32) -> Option<Stand> {
        let open = self.current(shard).ok()??;
        let commits = lock(&open.commits).1;
        Some(Stand { generation: open.generation, commits })
    }

    /// Throws a shard away. Searches under way end on what they opened.
    pub fn discard(&self, shard: u32) -> Result<(), TextIndexError> {
        // Held to the end, so that nobody opens what is on its way out.
        let mut shards = lock(&self.shards);
        shards.remove(&shard);
        for (_, folder) in self.generations(shard)? {
            // Whoever still has it open makes no more files in it under this name.
            let removed = folder.with_extension("removed");
            std::fs::rename(&folder, &removed)?;
            // Lest a power cut leaves half of it under its name.
            self.sync()?;
            remove(&removed)?;
        }
        Ok(())
    }

    /// Lets go of all files; they are opened again when they are needed.
    pub fn close(&self) {
        lock(&self.shards).clear();
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn size(&self) -> Result<TextIndexSize, TextIndexError> {
        let mut size = TextIndexSize::default();
        for shard in 0..Self::SHARDS {
            match self.current(shard) {
                Ok(Some(open)) => size.documents += lock(&open.commits).0.num_docs(),
                Ok(None) => {}
                Err(_) => size.broken += 1,
            }
            for (_, folder) in self.generations(shard)? {
                for entry in std::fs::read_dir(folder)? {
                    size.bytes += entry?.metadata().map_or(0, |metadata| metadata.len());
                }
            }
        }
        Ok(size)
    }

    /// Reads everything and names the files whose checksums are wrong.
    pub fn verify(&self) -> Result<Vec<String>, TextIndexError> {
        let mut damaged = Vec::new();
        for shard in 0..Self::SHARDS {
            match self.current(shard) {
                Ok(None) => {}
                Ok(Some(open)) => damaged.extend(open.damaged()?.iter().map(|file| file.display().to_string())),
                Err(error) => damaged.push(format!("shard {shard}: {error}")),
            }
        }
        Ok(damaged)
    }

    fn current(&self, number: u32) -> Result<Option<Arc<Shard>>, TextIndexError> {
        let mut shards = lock(&self.shards);
        if let Some(open) = shards.get(&number) {
            return Ok(Some(Arc::clone(open)));
        }
        // A crash in `begin` may leave two; the older one is what notes speak of, if any does.
        let Some((generation, folder)) = self.generations(number)?.into_iter().min() else { return Ok(None) };
        let open = Arc::new(Shard::open(generation, folder)?);
        shards.insert(number, Arc::clone(&open));
        Ok(Some(open))
    }

    fn begin(&self, number: u32, generation: i64) -> Result<Arc<Shard>, TextIndexError> {
        self.discard(number)?;
        // It gets its name when there is something to open.
        let fresh = self.folder.join(format!("new-{number}"));
        remove(&fresh)?;
        DirBuilder::new().recursive(true).mode(0o700).create(&fresh)?;
        let (schema, _) = schema();
        let settings =
            IndexSettings { docstore_compression: Compressor::None, docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
        Index::create(Folder::open(&fresh)?, schema, settings)?;
        let folder = self.folder.join(format!("shard-{number}-{generation:016x}"));
        std::fs::rename(&fresh, &folder)?;
        self.sync()?;
        let open = Arc::new(Shard::open(generation, folder)?);
        lock(&self.shards).insert(number, Arc::clone(&open));
        Ok(open)
    }

    /// Makes the names of generations survive a power cut.
    fn sync(&self) -> Result<(), TextIndexError> {
        Ok(File::open(&self.folder)?.sync_all()?)
    }

    /// The folders of a shard, by generation.
    fn generations(&self, shard: u32) -> Result<Vec<(i64, PathBuf)>, TextIndexError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let prefix = format!("shard-{shard}-");
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let generation = name.to_str().and_then(|name| name.strip_prefix(&prefix)).and_then(|hex| i64::from_str_radix(hex, 16).ok());
            found.extend(generation.map(|generation| (generation, entry.path())));
        }
        Ok(found)
    }
}

impl Shard {
    fn open(generation: i64, folder: PathBuf) -> Result<Self, TextIndexError> {
        let index = Index::open(Folder::open(&folder)?)?;
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Err(TantivyError::SchemaError("written by another release".to_owned()).into());
        }
        index.tokenizers().register(terms::LISTED, terms::Listed::default());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let commits = commits_of(&index)?;
        let searcher = reader.searcher();
        Ok(Self { generation, folder, index, reader, fields, commits: Mutex::new((searcher, commits)) })
    }

    /// The files whose checksums are wrong, or that are missing; beside a writer, which takes away what it has merged.
    fn damaged(&self) -> Result<Vec<PathBuf>, TextIndexError> {
        let mut damaged = Vec::new();
        for file in self.active_files()? {
            let is_sound = match self.index.directory().validate_checksum(&file) {
                Ok(is_sound) => is_sound,
                // Merged into another meanwhile, or gone.
                Err(_) => !self.active_files()?.contains(&file),
            };
            if !is_sound {
                damaged.push(self.folder.join(file));
            }
        }
        Ok(damaged)
    }

    /// Of the last commit.
    fn active_files(&self) -> Result<BTreeSet<PathBuf>, TextIndexError> {
        let files = self.index.load_metas()?.list_segment_files();
        let written = self.index.directory().list_managed_files();
        Ok(files.into_iter().filter(|file| written.contains(file)).collect())
    }

    /// Lets searches see what was committed.
    fn refresh(&self) -> Result<(), TextIndexError> {
        self.reader.reload()?;
        let commits = commits_of(&self.index)?;
        *lock(&self.commits) = (self.reader.searcher(), commits);
        Ok(())
    }
}

/// The engine keeps it with the commit.
fn commits_of(index: &Index) -> Result<i64, TextIndexError> {
    Ok(index.load_metas()?.payload.and_then(|payload| payload.parse().ok()).unwrap_or(0))
}

fn schema() -> (Schema, Fields) {
    let text = |tokenizer: &str, option: IndexRecordOption| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option).set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing)
    };
    let mut builder = Schema::builder();
    let fields = Fields {
        owner: builder.add_text_field("owner", text("raw", IndexRecordOption::Basic)),
        key: builder.add_text_field("key", text("raw", IndexRecordOption::Basic)),
        terms: builder.add_text_field("terms", text(terms::LISTED, IndexRecordOption::Basic)),
        sequences: builder.add_text_field("sequences", text(terms::LISTED, IndexRecordOption::WithFreqsAndPositions)),
        number: builder.add_u64_field(NUMBER, NumericOptions::default().set_fast()),
    };
    (builder.build(), fields)
}

fn remove(folder: &Path) -> Result<(), TextIndexError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What it guards is replaced as a whole, never left half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
