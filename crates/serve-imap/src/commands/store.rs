//! STORE, with UNCHANGEDSINCE (RFC 7162 §3.1.3). RFC 9051 §6.4.6

use std::collections::HashSet;
use std::sync::Arc;

use mail::entries::{self, EntryRow, FlagChange, FlagsChanged};
use mail::{Flags, UidSet};
use proto_imap::{Code, Flag, Store, StoreAction};

use super::expunge::{refuse_read_only, uid_set};
use super::status::mod_seq;
use crate::errors::{Failed, Refusal};
use crate::picking::pick;
use crate::session::{Answer, Done, Session};
use crate::sync;

pub(crate) async fn store(session: &mut Session, store: Store) -> Answer {
    refuse_read_only(session.view()?)?;
    session.use_condstore(store.unchanged_since.is_some());
    let picked = pick(session.view()?, &store.messages, store.uid)?;
    let asked = picked.count();
    let (uids, flags) = (uid_set(session.view()?, &picked), flags_of(&store.flags)?);
    let unchanged_since = store.unchanged_since.map(|since| i64::try_from(since).unwrap_or(i64::MAX));

    let mut met = Met::default();
    let stored = change(session, &uids, how(store.action), &flags, unchanged_since, &mut met).await;
    tell(session, &store, &met)?;
    stored?;

    let gone = asked.saturating_sub(met.changed.len() + met.unchanged.len() + met.conflicting.len());
    if !met.conflicting.is_empty() {
        // RFC 7162 §3.1.3: in uids or sequence numbers, as the command had them.
        let view = session.view()?;
        let numbers = met.conflicting.iter().filter_map(|uid| if store.uid { Some(*uid) } else { view.number_of(*uid) }).collect();
        return Ok(Done::Ok(Some(Code::Modified(numbers)), "Some had changed and were left as they are"));
    }
    // RFC 2180 §4.2.1; with uids nothing needs to be said.
    if gone > 0 && !store.uid {
        return Err(Refusal::no(Code::ExpungeIssued, "Some of the messages have been deleted").into());
    }
    Ok(Done::plain("STORE completed"))
}

fn how(action: StoreAction) -> FlagChange {
    match action {
        StoreAction::Replace => FlagChange::Replace,
        StoreAction::Add => FlagChange::Add,
        StoreAction::Remove => FlagChange::Remove,
    }
}

/// `\Recent` and system flags that nobody defined cannot be set; they are passed over.
pub(super) fn flags_of(flags: &[Flag]) -> Result<Flags, Failed> {
    let names: Vec<_> = flags.iter().map(Flag::name).collect();
    Flags::from_imap_names(names.iter().map(AsRef::as_ref)).map_err(Failed::of)
}

/// What a change of flags met.
#[derive(Default)]
pub(super) struct Met {
    pub(super) changed: Vec<EntryRow>,
    unchanged: Vec<EntryRow>,
    conflicting: Vec<u32>,
}

/// Changes flags, chunk by chunk; what was committed before a failure is in `met` all the same.
pub(super) async fn change(
    session: &mut Session,
    uids: &UidSet,
    how: FlagChange,
    flags: &Flags,
    unchanged_since: Option<i64>,
    met: &mut Met,
) -> Result<(), Failed> {
    let (server, account, mailbox) = (Arc::clone(&session.server), session.user()?.account, session.view()?.mailbox);
    let mut numbers = Vec::new();
    let each = |done: FlagsChanged| {
        if !done.changed.is_empty() {
            numbers.push(done.change_number);
        }
        met.changed.extend(done.changed);
        met.unchanged.extend(done.unchanged);
        met.conflicting.extend(done.conflicting);
    };
    let changing = entries::change_flags_all(&server.store, &session.ctx, account, mailbox, uids, how, flags, unchanged_since, each);
    let changed = changing.await.map_err(Failed::of);
    let view = session.view_mut()?;
    numbers.into_iter().for_each(|number| view.made(number));
    changed
}

fn tell(session: &mut Session, store: &Store, met: &Met) -> Result<(), Failed> {
    let enabled = session.enabled;
    // RFC 3501 §7.2.6: also of those that this client made just now, who is told no more than that.
    sync::name_keywords_of(session, met.changed.iter().chain(&met.unchanged))?;
    if store.silent && !enabled.condstore {
        return Ok(());
    }
    let conflicting: HashSet<u32> = HashSet::from_iter(met.conflicting.iter().copied());
    let mut rows: Vec<&EntryRow> = met.changed.iter().collect();
    if !store.silent {
        // RFC 9051 §6.4.6: also of those that had the flags already.
        rows.extend(met.unchanged.iter().filter(|row| !conflicting.contains(&row.uid)));
        rows.sort_unstable_by_key(|row| row.uid);
    }
    let view = session.view()?;
    let numbered: Vec<(u32, &EntryRow, bool)> =
        rows.into_iter().filter_map(|row| Some((view.number_of(row.uid)?, row, view.is_recent(row.uid)))).collect();
    let mut say = session.say();
    for (number, row, recent) in numbered {
        if store.silent {
            // RFC 7162 §3.1.3: the client must learn the new MODSEQ even so.
            let mut fetch = sync::begin_fetch(&mut say, number, row.uid, enabled.uid_only);
            if !enabled.uid_only {
                fetch.uid(row.uid);
            }
            fetch.mod_seq(mod_seq(row.change_number));
            fetch.finish();
        } else {
            sync::tell_flags(&mut say, number, row, recent, store.uid || enabled.condstore, enabled);
        }
    }
    Ok(())
}
