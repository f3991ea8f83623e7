//! FETCH of messages themselves, each read once, small ones together, and a few ahead of the client.

use std::collections::{HashMap, VecDeque};
use std::iter::Peekable;
use std::sync::Arc;

use kernel::OrgId;
use mail::entries::{self, EntryRow, FlagChange};
use mail::heads::MailError;
use mail::messages::{self, Kept, Octets, StoredMessage};
use mail::mime::BinaryError;
use mail::{FlagBits, Flags, MessageId, UidSet};
use proto_imap::{Code, ResponseWriter};
use tokio::task::JoinHandle;

use super::Fetched;
use super::plan::{self, Plan, Source};
use crate::commands::status::mod_seq;
use crate::commands::store::{Met, change};
use crate::errors::{Failed, Refusal};
use crate::server::Server;
use crate::session::{Session, kib};
use crate::sync::{begin_fetch, flag_names, name_keywords_of};
use crate::view::Picked;

/// Messages that are found in one transaction, when nothing of what is kept ready beside them is asked for.
const CHUNK: usize = 200;
/// And when it is, which may be some hundred KiB of each.
const READY_CHUNK: usize = 50;
/// Messages that are read together, unless one alone is larger.
const GROUP: usize = 25;
const GROUP_BYTES: u64 = 512 << 10;
/// Groups that are read before the client has taken the ones before them.
const AHEAD: usize = 3;
/// What stands around the octets of a message.
const AROUND: u64 = 256;

/// What is kept ready beside a message.
#[derive(Default)]
struct Ready {
    envelope: Vec<u8>,
    body_structure: Vec<u8>,
    preview: String,
}

/// One message on its way to the client.
struct Opening {
    number: u32,
    entry: EntryRow,
    kept: Kept,
    /// `None` when nothing of it is asked for.
    ready: Option<Ready>,
    /// It was marked as read by being fetched, so its flags are told, too.
    marked: bool,
}

pub(super) async fn fetch(session: &mut Session, plan: Plan, picked: Picked) -> Result<Fetched, Failed> {
    let plan = Arc::new(plan);
    let mut fetched = Fetched::default();
    let mut rest = picked;
    let most = if plan.needs_ready() { READY_CHUNK } else { CHUNK };
    while !rest.is_empty() {
        let chunk = rest.take_first(most);
        let opening = find(session, &plan, &chunk).await?;
        fetched.met += opening.len();
        send(session, &plan, opening, &mut fetched).await?;
    }
    Ok(fetched)
}

async fn find(session: &mut Session, plan: &Plan, chunk: &Picked) -> Result<Vec<Opening>, Failed> {
    let uids = super::super::expunge::uid_set(session.view()?, chunk);
    let (mailbox, changed_since) = (session.view()?.mailbox, plan.changed_since.unwrap_or(-1));
    let needs_ready = plan.needs_ready();
    let (entries, mut found) = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let (mut entries, _) = entries::find_entries(ctx, tx, account, mailbox, &uids, CHUNK)?;
            entries.retain(|entry| entry.change_number > changed_since);
            let wanted: Vec<MessageId> = entries.iter().map(|entry| entry.message).collect();
            let found: HashMap<MessageId, (Kept, Option<Ready>)> = if needs_ready {
                messages::find_messages(ctx, tx, account, &wanted)?.into_iter().map(|stored| (stored.id, apart(stored))).collect()
            } else {
                messages::find_kept(ctx, tx, account, &wanted)?.into_iter().map(|(id, kept)| (id, (kept, None))).collect()
            };
            Ok((entries, found))
        })
        .await?;
    let marked = if plan.sets_seen { mark_seen(session, &entries).await? } else { HashMap::new() };
    if plan.tells_flags() || !marked.is_empty() {
        name_keywords_of(session, entries.iter().chain(marked.values()))?;
    }
    let view = session.view()?;
    let mut opening = Vec::with_capacity(entries.len());
    for entry in entries {
        if let (Some(number), Some((kept, ready))) = (view.number_of(entry.uid), found.remove(&entry.message)) {
            let now = marked.get(&entry.uid);
            opening.push(Opening { number, marked: now.is_some(), entry: now.cloned().unwrap_or(entry), kept, ready });
        }
    }
    Ok(opening)
}

fn apart(stored: StoredMessage) -> (Kept, Option<Ready>) {
    let StoredMessage { size_bytes, blob_id, prefix, envelope, body_structure, summary, .. } = stored;
    (Kept { size_bytes, blob_id, prefix }, Some(Ready { envelope, body_structure, preview: summary.preview }))
}

/// Marks those as read that are not, and answers how they are now. Where that cannot be stored (the disk is full), they are shown all the same.
async fn mark_seen(session: &mut Session, entries: &[EntryRow]) -> Result<HashMap<u32, EntryRow>, Failed> {
    let unseen: UidSet = entries.iter().filter(|entry| entry.flags.bits.is_unseen()).map(|entry| entry.uid).collect();
    if unseen.is_empty() {
        return Ok(HashMap::new());
    }
    let mut met = Met::default();
    match change(session, &unseen, FlagChange::Add, &Flags::of_bits(FlagBits::SEEN), None, &mut met).await {
        Ok(()) | Err(Failed::Refused(_)) => Ok(met.changed.into_iter().map(|row| (row.uid, row)).collect()),
        Err(over) => Err(over),
    }
}

async fn send(session: &mut Session, plan: &Arc<Plan>, opening: Vec<Opening>, fetched: &mut Fetched) -> Result<(), Failed> {
    let (org, condstore) = (session.ctx.org, session.enabled.condstore);
    let mut waiting = opening.into_iter().peekable();
    let mut under_way: VecDeque<JoinHandle<Shown>> = VecDeque::with_capacity(AHEAD);
    loop {
        while under_way.len() < AHEAD && waiting.peek().is_some() {
            let (server, plan, group) = (Arc::clone(&session.server), Arc::clone(plan), next_group(&mut waiting));
            under_way.push_back(tokio::spawn(async move { show(&server, org, plan, group, condstore).await }));
        }
        let Some(next) = under_way.pop_front() else { return Ok(()) };
        let shown = next.await.map_err(|_| Refusal::no(Code::ServerBug, "Something went wrong on our side"))?;
        session.connection.send(&shown.octets).await?;
        if let Some(refusal) = shown.refused {
            fetched.refused.get_or_insert(refusal);
        }
    }
}

/// Small messages are read together, because finding each by itself takes longer than reading it.
fn next_group(waiting: &mut Peekable<impl Iterator<Item = Opening>>) -> Vec<Opening> {
    let mut group: Vec<Opening> = Vec::new();
    let mut bytes = 0;
    while group.len() < GROUP
        && let Some(next) = waiting.next_if(|next| bytes == 0 || bytes + next.kept.size_bytes <= GROUP_BYTES)
    {
        bytes += next.kept.size_bytes.max(1);
        group.push(next);
    }
    group
}

/// What messages came to.
struct Shown {
    octets: Vec<u8>,
    /// The first that could not be shown as asked.
    refused: Option<Refusal>,
    /// Held until the octets are with the client.
    _memory: Option<tokio::sync::OwnedSemaphorePermit>,
}

async fn show(server: &Server, org: OrgId, plan: Arc<Plan>, group: Vec<Opening>, condstore: bool) -> Shown {
    if !plan.needs_octets {
        let (octets, refused) = write_all(&plan, &group, None, condstore);
        return Shown { octets, refused, _memory: None };
    }
    let sizes = || group.iter().map(|opening| opening.kept.size_bytes);
    // What is written of the messages, and one of them.
    let memory = sizes().sum::<u64>() + sizes().max().unwrap_or(0);
    let memory = Arc::clone(&server.outgoing_memory).acquire_many_owned(kib(memory)).await.ok();
    let found = match messages::find_octets(&server.store, org, group.iter().map(|opening| &opening.kept)).await {
        Ok(found) => found,
        Err(error) => return Shown { octets: Vec::new(), refused: Some(Refusal::of(&error)), _memory: memory },
    };
    let (octets, refused) = tokio::task::spawn_blocking(move || write_all(&plan, &group, Some(&found), condstore))
        .await
        .unwrap_or_else(|_| (Vec::new(), Some(Refusal::no(Code::ServerBug, "Something went wrong on our side"))));
    Shown { octets, refused, _memory: memory }
}

/// Each message is read when it is written, so that there is one at a time beside what is written. Blocks where they are to be read.
fn write_all(plan: &Plan, group: &[Opening], found: Option<&Octets>, condstore: bool) -> (Vec<u8>, Option<Refusal>) {
    // At once, because what grows is copied each time.
    let size: u64 = group.iter().map(|opening| opening.kept.size_bytes + AROUND).sum();
    let mut out = Vec::with_capacity(if found.is_some() { size as usize } else { 0 });
    let mut refused = None;
    for opening in group {
        let octets = found.map_or(Ok(Vec::new()), |found| found.read(&opening.kept));
        let outcome = match octets {
            Ok(octets) => write(plan, opening, &octets, condstore, &mut out),
            // A message that cannot be read does not keep the others from being shown.
            Err(error) => Err(Refusal::of(&error)),
        };
        if let Err(refusal) = outcome {
            refused.get_or_insert(refusal);
        }
    }
    (out, refused)
}

/// Shows what can be shown, and answers why something cannot.
fn write(plan: &Plan, opening: &Opening, octets: &[u8], condstore: bool, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let Opening { number, entry, ready, marked, .. } = opening;
    let nothing = Ready::default();
    let Ready { envelope, body_structure, preview } = ready.as_ref().unwrap_or(&nothing);
    let source = Source { entry, envelope, body_structure, preview, octets };
    let mut outcome = Ok(());
    let mut say = ResponseWriter::new(out, plan.utf8);
    let mut fetch = begin_fetch(&mut say, *number, entry.uid, plan.uid_only);
    for attribute in &plan.attributes {
        match plan::write(&mut fetch, attribute, &source, plan) {
            Err(BinaryError::UnknownEncoding) => {
                outcome = Err(Refusal::no(Code::UnknownCte, "A part's transfer encoding is not known"));
            }
            Ok(()) | Err(BinaryError::NoSuchPart) => {}
        }
    }
    if *marked {
        // RFC 9051 §6.4.5: the change of flags comes with what made it.
        if !plan.tells_flags() {
            fetch.flags(flag_names(entry, plan.is_recent(entry.uid)));
        }
        if condstore && !plan.with_mod_seq {
            fetch.mod_seq(mod_seq(entry.change_number));
        }
    }
    fetch.finish();
    outcome
}
