//! Which messages a mailbox holds, read in pieces: a mailbox may hold a million, and a transaction shall be short.

use std::collections::BTreeSet;

use mail::entries::{self, EntryRow};
use mail::heads::MailError;
use mail::{FlagBits, MailboxId};

use crate::errors::Failed;
use crate::keywords::MAX_KEYWORDS;
use crate::session::Session;

/// Entries that are read in one transaction.
const ROWS_AT_ONCE: u64 = 20_000;

#[derive(Default)]
pub(crate) struct Loaded {
    /// Ascending.
    pub(crate) uids: Vec<u32>,
    /// The sequence number of the first message without `\Seen`.
    pub(crate) first_unseen: Option<u32>,
    /// Keywords in use that have no name of their own among the flags.
    pub(crate) keywords: BTreeSet<String>,
}

/// Everything with a uid up to `last`.
pub(crate) async fn load(session: &Session, mailbox: MailboxId, last: u32) -> Result<Loaded, Failed> {
    let mut loaded = Loaded::default();
    loop {
        let from = loaded.uids.last().map_or(1, |uid: &u32| uid.saturating_add(1));
        if from > last {
            return Ok(loaded);
        }
        let some = session
            .read(move |ctx, tx, account| {
                let mut some = Loaded::default();
                entries::for_each_entry(ctx, tx, account, mailbox, from..=last, None, Some(ROWS_AT_ONCE), |row| some.add(row))?;
                Ok::<_, MailError>(some)
            })
            .await?;
        let is_last = (some.uids.len() as u64) < ROWS_AT_ONCE;
        loaded.append(some);
        if is_last {
            return Ok(loaded);
        }
    }
}

impl Loaded {
    fn add(&mut self, row: EntryRow) {
        self.uids.push(row.uid);
        if self.first_unseen.is_none() && !row.flags.bits.contains(FlagBits::SEEN) {
            self.first_unseen = u32::try_from(self.uids.len()).ok();
        }
        for keyword in row.flags.keywords {
            if self.keywords.len() < MAX_KEYWORDS {
                self.keywords.insert(keyword);
            }
        }
    }

    fn append(&mut self, mut more: Self) {
        if self.first_unseen.is_none() {
            let before = u32::try_from(self.uids.len()).unwrap_or(u32::MAX);
            self.first_unseen = more.first_unseen.map(|number| number.saturating_add(before));
        }
        if self.uids.is_empty() {
            self.uids = more.uids;
        } else {
            self.uids.append(&mut more.uids);
        }
        let room = MAX_KEYWORDS.saturating_sub(self.keywords.len());
        self.keywords.extend(more.keywords.into_iter().take(room));
    }
}
