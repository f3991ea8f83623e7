//! What a client wants to hear of its account beside the selected mailbox: notes that others change (RFC 5464 §4.1), and whatever NOTIFY asks for.
//!
//! As with the selected mailbox, everything is found by comparing what the client was told with what there is, when the account's change number says that
//! there is something to be found: a session is woken by changes of its own account, and asks for nothing otherwise.

mod difference;

use std::collections::HashMap;

use mail::MailboxId;
use mail::heads::{self, MailError};
use mail::mailboxes::{self, Mailbox};
use mail::metadata::{self, ChangedEntry};
use proto_imap::{Code, Condition, EventGroup, FetchAttribute, NotifyEvent, NotifyMailboxes};

use crate::errors::Failed;
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
    /// NOTIFY.
    pub(crate) wanted: Option<Wanted>,
}

/// What NOTIFY asked for.
pub(crate) struct Wanted {
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

    pub(crate) fn selected(&self) -> Selected {
        let groups = self.wanted.iter().flat_map(|wanted| &wanted.groups).filter(|group| !group.events.is_empty());
        let mut found = groups.filter_map(|group| match group.mailboxes {
            NotifyMailboxes::Selected => Some(Selected::AtOnce),
            NotifyMailboxes::SelectedDelayed => Some(Selected::Delayed),
            _ => None,
        });
        found.next().unwrap_or(Selected::WithAnswers)
    }

    /// What is told of each new message of the selected mailbox.
    pub(crate) fn fetches(&self) -> Option<Vec<FetchAttribute>> {
        let groups = self.wanted.iter().flat_map(|wanted| &wanted.groups).filter(|group| group.mailboxes.is_selected());
        let mut found = groups.flat_map(|group| &group.events).filter_map(|event| match event {
            NotifyEvent::MessageNew(attributes) if !attributes.is_empty() => Some(attributes.clone()),
            _ => None,
        });
        found.next()
    }
}

/// From now on notes that others change are told.
pub(crate) async fn begin_with_notes(session: &mut Session) -> Result<(), Failed> {
    if session.watch.is_none() {
        let seen = session.read(heads::open).await?.change_number;
        session.watch = Some(Box::new(Watch { seen, ..Watch::default() }));
    }
    if let Some(watch) = &mut session.watch {
        watch.all_notes = true;
    }
    Ok(())
}

/// From now on this is told, in place of what NOTIFY asked for before. Answers the mailboxes as they are, with their names and what is told of each.
pub(crate) async fn begin(session: &mut Session, groups: Vec<EventGroup>) -> Result<Vec<(Mailbox, String, Vec<NotifyEvent>)>, Failed> {
    // Notes that changed so far are told first, if they are.
    tell(session, Telling::Everything).await?;
    let (seen, all) = session
        .read(|ctx, tx, account| -> Result<_, MailError> {
            Ok((heads::open(ctx, tx, account)?.change_number, mailboxes::list(ctx, tx, account)?))
        })
        .await?;
    let (known, names) = difference::known(&all);
    let told = all
        .into_iter()
        .filter_map(|mailbox| {
            let events = difference::events_of(&groups, &known, mailbox.id);
            Some((names.get(&mailbox.id)?.clone(), events.to_vec(), mailbox)).filter(|(_, events, _)| !events.is_empty())
        })
        .map(|(name, events, mailbox)| (mailbox, name, events))
        .collect();
    let watch = session.watch.get_or_insert_default();
    watch.saw(seen);
    watch.wanted = Some(Wanted { groups, known });
    Ok(told)
}

/// NOTIFY NONE.
pub(crate) fn end(session: &mut Session) {
    if let Some(watch) = &mut session.watch {
        watch.wanted = None;
    }
    if session.watch.as_ref().is_some_and(|watch| !watch.all_notes) {
        session.watch = None;
    }
}

/// Tells what changed since it was last told, if anything may have.
pub(crate) async fn tell(session: &mut Session, telling: Telling) -> Result<(), Failed> {
    let Some(watch) = &session.watch else { return Ok(()) };
    let (since, notifies) = (watch.seen, watch.wanted.is_some());
    if !telling.looks_now() && session.user()?.listening.ear.change_number() <= since {
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
        let (known, names) = difference::known(&all);
        tell_notes(session, &watch, &notes, &known, &names);
        if let Some(wanted) = &mut watch.wanted {
            let is_told = tell_mailboxes(session, wanted, &all, known, &names);
            if !is_told {
                // RFC 5465 §5.8: from here on as after NOTIFY NONE.
                watch.wanted = None;
                session.say().untagged(Condition::Ok, Some(&Code::NotificationOverflow), "Too much changed at once");
            }
        }
    }
    watch.saw(seen);
    if watch.all_notes || watch.wanted.is_some() {
        session.watch = Some(watch);
    }
    Ok(())
}

fn tell_notes(
    session: &mut Session,
    watch: &Watch,
    notes: &[ChangedEntry],
    known: &HashMap<MailboxId, Known>,
    names: &HashMap<MailboxId, String>,
) {
    let groups = watch.wanted.as_ref().map_or(&[][..], |wanted| wanted.groups.as_slice());
    let is_wanted = |entry: &ChangedEntry| match entry.mailbox {
        _ if watch.all_notes => true,
        Some(mailbox) => difference::events_of(groups, known, mailbox).contains(&NotifyEvent::MailboxMetadataChange),
        None => groups.iter().any(|group| group.events.contains(&NotifyEvent::ServerMetadataChange)),
    };
    let mut by_mailbox: Vec<(&str, Vec<&str>)> = Vec::new();
    for entry in notes.iter().filter(|entry| !watch.own.contains(&entry.change_number) && is_wanted(entry)) {
        // The empty name is the server.
        let Some(mailbox) = entry.mailbox.map_or(Some(""), |mailbox| names.get(&mailbox).map(String::as_str)) else { continue };
        match by_mailbox.iter_mut().find(|(known, _)| *known == mailbox) {
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
fn tell_mailboxes(
    session: &mut Session,
    wanted: &mut Wanted,
    all: &[Mailbox],
    known: HashMap<MailboxId, Known>,
    names: &HashMap<MailboxId, String>,
) -> bool {
    let selected = session.view.as_ref().map(|view| view.mailbox);
    let difference = Difference { groups: &wanted.groups, before: &wanted.known, now: &known, names, selected };
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
