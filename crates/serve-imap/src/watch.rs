//! What a client wants to hear of its account beside the selected mailbox: notes that others change (RFC 5464 §4.1), and whatever NOTIFY asks for.
//!
//! As with the selected mailbox, everything is found by comparing what the client was told with what there is, when the account's change number says that
//! there is something to be found: a session is woken by changes of its own account, and asks for nothing otherwise.

mod difference;

use std::collections::HashMap;

use mail::MailboxId;
use mail::heads::{self, MailError};
use mail::mailboxes::{self, Mailbox, SEPARATOR};
use mail::metadata::{self, ChangedEntry};
use proto_imap::{Code, Condition, EventGroup, FetchAttribute, MailboxName, NotifyEvent, NotifyMailboxes};

use crate::errors::Failed;
use crate::names::bare;
use crate::session::Session;
use crate::sync::Telling;
pub(crate) use difference::status;
use difference::{Difference, Known};

/// Lines that one look may come to. A client that lags so far behind had better look for itself.
const MAX_LINES: usize = 1_000;

#[derive(Default)]
pub(crate) struct Watch {
    /// Every change up to this number was told.
    seen: i64,
    /// Changes of notes above `seen` that this session made itself.
    own: Vec<i64>,
    /// ENABLE METADATA.
    pub(crate) all_notes: bool,
    /// NOTIFY; of nothing after NOTIFY NONE.
    wanted: Option<Wanted>,
    /// Names that this session made what they are since it was last told of names. RFC 5465 §5: its client knows.
    own_names: Vec<String>,
    /// Messages that it put into the selected mailbox itself, likewise.
    own_uids: Vec<u32>,
}

/// What NOTIFY asked for.
#[derive(Default)]
struct Wanted {
    groups: Vec<EventGroup>,
    /// What the client knows of its mailboxes.
    known: HashMap<MailboxId, Known>,
}

/// How the selected mailbox is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selected {
    /// As ever: with the answers to commands.
    WithAnswers,
    /// As it happens.
    AtOnce,
    /// The same, but what is gone waits for an answer.
    Delayed,
    /// NOTIFY without a word of it: only what follows from the client's own changes. RFC 5465 §3.1
    Untold,
}

impl Watch {
    /// Notes a change of this session's: RFC 5464 §4.4 asks for what others do.
    pub(crate) fn made(&mut self, change_number: i64) {
        self.own.push(change_number);
    }

    fn saw(&mut self, change_number: i64) {
        self.seen = self.seen.max(change_number);
        let seen = self.seen;
        self.own.retain(|own| *own > seen);
    }

    /// Whether anything is told of mailboxes and their names.
    fn tells_names(&self) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| !wanted.groups.is_empty())
    }

    /// Groups for the selected mailbox.
    fn of_selected(&self) -> impl Iterator<Item = &EventGroup> {
        self.wanted.iter().flat_map(|wanted| &wanted.groups).filter(|group| group.mailboxes.is_selected() && !group.events.is_empty())
    }

    pub(crate) fn selected(&self) -> Selected {
        match self.of_selected().next() {
            Some(group) if group.mailboxes == NotifyMailboxes::Selected => Selected::AtOnce,
            Some(_) => Selected::Delayed,
            None if self.wanted.is_some() => Selected::Untold,
            None => Selected::WithAnswers,
        }
    }

    /// Whether flags that others change in the selected mailbox are told, when anything of it is.
    pub(crate) fn tells_flags(&self) -> bool {
        self.of_selected().all(|group| group.events.contains(&NotifyEvent::FlagChange))
    }

    /// Messages that this session put into the selected mailbox since it was last asked, ascending.
    pub(crate) fn take_own_uids(&mut self) -> Vec<u32> {
        let mut uids = std::mem::take(&mut self.own_uids);
        uids.sort_unstable();
        uids
    }

    /// What is told of each new message of the selected mailbox.
    pub(crate) fn fetches(&self) -> Option<Vec<FetchAttribute>> {
        let mut found = self.of_selected().flat_map(|group| &group.events).filter_map(|event| match event {
            NotifyEvent::MessageNew(attributes) if !attributes.is_empty() => Some(attributes.clone()),
            _ => None,
        });
        found.next()
    }
}

/// From now on notes that others change are told.
pub(crate) async fn begin_with_notes(session: &mut Session) -> Result<(), Failed> {
    let was_told = session.watch.as_ref().is_some_and(|watch| watch.all_notes || watch.tells_names());
    if !was_told {
        let seen = session.read(heads::open).await?.change_number;
        session.watch.get_or_insert_default().saw(seen);
    }
    if let Some(watch) = &mut session.watch {
        watch.all_notes = true;
    }
    Ok(())
}

/// This session's command gave a mailbox this name, took it away, or subscribed it; those above it are concerned as well.
pub(crate) fn made_name(session: &mut Session, name: &MailboxName) {
    let Some(watch) = session.watch.as_mut().filter(|watch| watch.tells_names()) else { return };
    let name = bare(name);
    let above = name.match_indices(SEPARATOR).map(|(end, _)| &name[..end]);
    for name in above.chain([name]) {
        if watch.own_names.len() < MAX_LINES && !watch.own_names.iter().any(|own| own == name) {
            watch.own_names.push(name.to_owned());
        }
    }
}

/// This session's command put these into a mailbox.
pub(crate) fn made_messages(session: &mut Session, mailbox: MailboxId, uids: impl IntoIterator<Item = u32>) {
    let is_selected = session.view.as_ref().is_some_and(|view| view.mailbox == mailbox);
    if let Some(watch) = session.watch.as_mut().filter(|watch| is_selected && watch.fetches().is_some()) {
        watch.own_uids.extend(uids);
    }
}

/// A mailbox whose messages are watched, with its name, and whether its flags are, too.
pub(crate) type Watched = (Mailbox, String, bool);

/// From now on this is told, in place of what NOTIFY asked for before. Answers the mailboxes whose messages are told of, as they are.
pub(crate) async fn begin(session: &mut Session, groups: Vec<EventGroup>) -> Result<Vec<Watched>, Failed> {
    let (seen, all) = session
        .read(|ctx, tx, account| -> Result<_, MailError> {
            Ok((heads::open(ctx, tx, account)?.change_number, mailboxes::list(ctx, tx, account)?))
        })
        .await?;
    let known = difference::known(&all);
    let watched = |mailbox: &Mailbox| {
        let known = known.get(&mailbox.id).filter(|known| difference::wants_messages(&groups, known))?;
        Some((known.name.clone(), difference::wants_flags(&groups, known)))
    };
    let told = all.into_iter().filter_map(|mailbox| watched(&mailbox).map(|(name, flags)| (mailbox, name, flags))).collect();
    let watch = session.watch.get_or_insert_default();
    watch.saw(seen);
    watch.wanted = Some(Wanted { groups, known });
    Ok(told)
}

/// NOTIFY NONE.
pub(crate) fn end(session: &mut Session) {
    session.watch.get_or_insert_default().wanted = Some(Wanted::default());
}

/// Tells what changed since it was last told, if anything may have.
pub(crate) async fn tell(session: &mut Session, telling: Telling) -> Result<(), Failed> {
    let Some(watch) = &session.watch else { return Ok(()) };
    let (since, notifies) = (watch.seen, watch.tells_names());
    if !notifies && !watch.all_notes {
        return Ok(());
    }
    // Names of the session's own are looked at before anybody else changes them, who is to be told of.
    let looks_now = telling.looks_now() || !watch.own_names.is_empty();
    if !looks_now && session.user()?.listening.ear.change_number() <= since {
        return Ok(());
    }
    let (seen, notes, all) = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let (seen, notes) = metadata::changed_since(ctx, tx, account, since)?;
            let needs_names = !notes.is_empty() || (notifies && seen > since);
            Ok((seen, notes, if needs_names { Some(mailboxes::list(ctx, tx, account)?) } else { None }))
        })
        .await?;
    let Some(mut watch) = session.watch.take() else { return Ok(()) };
    if let Some(all) = all {
        let known = difference::known(&all);
        tell_notes(session, &watch, &notes, &known);
        if let Some(wanted) = watch.wanted.as_mut().filter(|_| notifies) {
            let is_told = tell_mailboxes(session, wanted, &all, known, &watch.own_names);
            if !is_told {
                // RFC 5465 §5.8: from here on as after NOTIFY NONE.
                *wanted = Wanted::default();
                session.say().untagged(Condition::Ok, Some(&Code::NotificationOverflow), "Too much changed at once");
            }
        }
        watch.own_names.clear();
    }
    watch.saw(seen);
    session.watch = Some(watch);
    Ok(())
}

fn tell_notes(session: &mut Session, watch: &Watch, notes: &[ChangedEntry], known: &HashMap<MailboxId, Known>) {
    let groups = watch.wanted.as_ref().map_or(&[][..], |wanted| wanted.groups.as_slice());
    let is_wanted = |entry: &ChangedEntry| match entry.mailbox {
        _ if watch.all_notes => true,
        Some(mailbox) => {
            known.get(&mailbox).is_some_and(|known| difference::wants(groups, known, |event| *event == NotifyEvent::MailboxMetadataChange))
        }
        None => groups.iter().any(|group| group.events.contains(&NotifyEvent::ServerMetadataChange)),
    };
    let mut by_mailbox: Vec<(&str, Vec<&str>)> = Vec::new();
    for entry in notes.iter().filter(|entry| !watch.own.contains(&entry.change_number) && is_wanted(entry)) {
        // The empty name is the server.
        let Some(mailbox) = entry.mailbox.map_or(Some(""), |mailbox| known.get(&mailbox).map(|known| known.name.as_str())) else {
            continue;
        };
        match by_mailbox.iter_mut().find(|(told, _)| *told == mailbox) {
            Some((_, entries)) => entries.push(&entry.name),
            None => by_mailbox.push((mailbox, vec![&entry.name])),
        }
    }
    let mut say = session.say();
    for (mailbox, entries) in by_mailbox {
        say.metadata_changed(mailbox, entries);
    }
}

/// `false`, and nothing was told, if it is too much.
fn tell_mailboxes(session: &mut Session, wanted: &mut Wanted, all: &[Mailbox], known: HashMap<MailboxId, Known>, own: &[String]) -> bool {
    let selected = session.view.as_ref().map(|view| view.mailbox);
    let difference = Difference { groups: &wanted.groups, before: &wanted.known, now: &known, selected, own };
    let lines = difference.lines(all, session.enabled.condstore);
    if lines.len() > MAX_LINES {
        return false;
    }
    let mut say = session.say();
    for line in &lines {
        line.write(&mut say);
    }
    wanted.known = known;
    true
}
