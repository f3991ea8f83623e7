//! FETCH of what is kept ready: straight from rows to the wire.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use kernel::{Ctx, MailAccountId};
use mail::MailboxId;
use mail::entries::{self, EntryRow, ShownEntry};
use mail::heads::MailError;
use proto_imap::ResponseWriter;
use store::{Store, Tx};

use super::Fetched;
use super::plan::{self, Plan, Source};
use crate::errors::Failed;
use crate::keywords::MAX_KEYWORDS;
use crate::session::Session;
use crate::sync::{begin_fetch, name_keywords};
use crate::view::{Picked, View};

/// Messages of one transaction.
const CHUNK: usize = 1000;
/// A chunk that has grown to this takes no more messages, however few it has: some envelopes are long.
const CHUNK_BYTES: usize = 2 << 20;
/// Chunks of one command that are read at a time: what is not in memory is waited for together.
const AT_ONCE: usize = 3;
/// Ranges with no more messages between them than this are read as one.
const GAP: usize = 16;

/// Messages that are read together.
#[derive(Debug)]
struct Span {
    /// Sequence number and uid, ascending.
    wanted: Vec<(u32, u32)>,
}

/// What a chunk came to.
#[derive(Default)]
struct Chunk {
    octets: Vec<u8>,
    met: usize,
    /// Of what is told.
    keywords: BTreeSet<String>,
    /// The uid to go on with, when the chunk was full before its end.
    next: Option<u32>,
}

struct Reader {
    store: Store,
    ctx: Ctx,
    account: MailAccountId,
    mailbox: MailboxId,
    plan: Arc<Plan>,
}

pub(super) async fn fetch(session: &mut Session, plan: Plan, picked: Picked) -> Result<Fetched, Failed> {
    let reader = Reader {
        store: session.server.store.clone(),
        ctx: session.ctx.clone(),
        account: session.user()?.account,
        mailbox: session.view()?.mailbox,
        plan: Arc::new(plan),
    };
    // Whoever finds no place reads one chunk after the other.
    let place = session.server.read_ahead.clone().try_acquire_owned().ok();
    let at_once = if place.is_some() { AT_ONCE } else { 1 };
    let mut fetched = Fetched::default();
    let mut rest = picked;
    let mut reading = FuturesOrdered::new();
    let mut ready = Chunk::default();
    loop {
        while reading.len() < at_once && !rest.is_empty() {
            let messages = rest.take_first(CHUNK);
            reading.push_back(reader.read(spans(session.view()?, &messages), messages));
        }
        // What was read leaves while the next is being read; a client that takes its time holds up the reading, too.
        let (sent, read) = tokio::join!(session.connection.send(&ready.octets), reading.next());
        sent?;
        let Some(read) = read else { return Ok(fetched) };
        let (chunk, messages) = read?;
        ready = chunk;
        name_keywords(session, ready.keywords.iter().map(String::as_str))?;
        fetched.met += ready.met;
        if let Some(uid) = ready.next {
            let view = session.view()?;
            let left = messages.starting_at(view.place_from(uid));
            reading.push_front(reader.read(spans(view, &left), left));
        }
    }
}

/// Ranges that lie close together are read as one, and what lies between them is passed over.
fn spans(view: &View, picked: &Picked) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut end = 0;
    for range in picked.ranges() {
        match spans.last_mut() {
            Some(span) if range.start - end <= GAP => span.wanted.extend(view.numbered(range.clone())),
            _ => spans.push(Span { wanted: view.numbered(range.clone()).collect() }),
        }
        end = range.end;
    }
    spans
}

impl Reader {
    async fn read(&self, spans: Vec<Span>, messages: Picked) -> Result<(Chunk, Picked), Failed> {
        let (ctx, account, mailbox, plan) = (self.ctx.clone(), self.account, self.mailbox, Arc::clone(&self.plan));
        let read = move |tx: &mut Tx| -> Result<Chunk, MailError> {
            let mut chunk = Chunk::default();
            for span in &spans {
                if chunk.next.is_some() {
                    break;
                }
                read_span(&ctx, tx, account, mailbox, &plan, span, &mut chunk)?;
            }
            Ok(chunk)
        };
        Ok((self.store.read(read).await.map_err(Failed::of)?, messages))
    }
}

fn read_span(
    ctx: &Ctx,
    tx: &mut Tx,
    account: MailAccountId,
    mailbox: MailboxId,
    plan: &Plan,
    span: &Span,
    chunk: &mut Chunk,
) -> Result<(), MailError> {
    let (Some((_, first)), Some((_, last))) = (span.wanted.first(), span.wanted.last()) else { return Ok(()) };
    let uids = *first..=*last;
    let mut wanted = span.wanted.iter().copied().peekable();
    let mut show = |entry: EntryRow, envelope: &[u8], body_structure: &[u8]| {
        while wanted.next_if(|(_, uid)| *uid < entry.uid).is_some() {}
        let Some((number, uid)) = wanted.next_if(|(_, uid)| *uid == entry.uid) else { return };
        if chunk.octets.len() >= CHUNK_BYTES {
            chunk.next.get_or_insert(uid);
            return;
        }
        chunk.met += 1;
        for keyword in entry.flags.keywords.iter().filter(|_| plan.tells_flags()) {
            if chunk.keywords.len() < MAX_KEYWORDS && !chunk.keywords.contains(keyword) {
                chunk.keywords.insert(keyword.clone());
            }
        }
        let source = Source { entry: &entry, envelope, body_structure, preview: "", octets: b"" };
        let mut say = ResponseWriter::new(&mut chunk.octets, plan.utf8);
        let mut fetch = begin_fetch(&mut say, number, uid, plan.uid_only);
        for attribute in &plan.attributes {
            // Only parts of the message itself can fail, and of these there are none here.
            let _ = plan::write(&mut fetch, attribute, &source, plan);
        }
        fetch.finish();
    };
    if plan.needs_rendered {
        let each = |shown: ShownEntry<'_>| show(shown.entry, shown.envelope, shown.body_structure);
        entries::for_each_rendered(ctx, tx, account, mailbox, uids, plan.changed_since, None, each)
    } else {
        entries::for_each_entry(ctx, tx, account, mailbox, uids, plan.changed_since, None, |entry| show(entry, b"", b""))
    }
}
