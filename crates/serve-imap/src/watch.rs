//! What a client wants to hear of its account beside the selected mailbox: notes that others change (RFC 5464 §4.1).
//!
//! As with the selected mailbox, everything is found by change numbers, so that a lost notice only delays.

use std::collections::HashMap;

use mail::heads::{self, MailError};
use mail::mailboxes;
use mail::metadata;

use crate::errors::Failed;
use crate::names::full_names;
use crate::session::Session;
use crate::sync::Telling;

pub(crate) struct Watch {
    /// Every change up to this number was told.
    seen: i64,
    /// Changes above `seen` that this session made itself.
    own: Vec<i64>,
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
}

/// From now on the client is told.
pub(crate) async fn begin(session: &mut Session) -> Result<(), Failed> {
    if session.watch.is_none() {
        let seen = session.read(heads::open).await?.change_number;
        session.watch = Some(Box::new(Watch { seen, own: Vec::new() }));
    }
    Ok(())
}

/// Tells what changed since it was last told, if anything may have.
pub(crate) async fn tell(session: &mut Session, telling: Telling) -> Result<(), Failed> {
    let Some(watch) = &session.watch else { return Ok(()) };
    let since = watch.seen;
    if !telling.looks_now() && session.user()?.listening.ear.change_number() <= since {
        return Ok(());
    }
    let (seen, changed, names) = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let (seen, changed) = metadata::changed_since(ctx, tx, account, since)?;
            let names = if changed.is_empty() { HashMap::new() } else { full_names(&mailboxes::list(ctx, tx, account)?) };
            Ok((seen, changed, names))
        })
        .await?;
    let mut by_mailbox: Vec<(&str, Vec<&str>)> = Vec::new();
    if let Some(watch) = &session.watch {
        for entry in changed.iter().filter(|entry| !watch.own.contains(&entry.change_number)) {
            // The empty name is the server.
            let Some(mailbox) = entry.mailbox.map_or(Some(""), |mailbox| names.get(&mailbox).map(String::as_str)) else { continue };
            match by_mailbox.iter_mut().find(|(known, _)| *known == mailbox) {
                Some((_, entries)) => entries.push(&entry.name),
                None => by_mailbox.push((mailbox, vec![&entry.name])),
            }
        }
    }
    let mut say = session.say();
    for (mailbox, entries) in by_mailbox {
        say.metadata_changed(mailbox, entries);
    }
    if let Some(watch) = &mut session.watch {
        watch.saw(seen);
    }
    Ok(())
}
