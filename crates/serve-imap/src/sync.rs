//! Tells the client what changed in its selected mailbox since it was last told: new messages, flags, and what is gone.
//!
//! What is gone may be told only where the client does not count on sequence numbers staying as they are (RFC 9051 §7.5.1); until then it is held
//! back, and the message keeps its number.

use mail::MailboxId;
use mail::entries::{self, EntryRow};
use mail::heads::MailError;
use proto_imap::{Code, CommandBody, Condition, FetchWriter, NumberSet, ResponseWriter};

use crate::commands::status::mod_seq;
use crate::commands::{fetch, select};
use crate::errors::{End, Failed};
use crate::loading;
use crate::session::{Enabled, Needs, Session, needs};
use crate::watch::{self, Selected};

/// What a command's answer may tell besides what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    Nothing,
    /// What NOTIFY asked for of other mailboxes than the selected one.
    NotSelected,
    /// Everything but what is gone.
    NoExpunges,
    /// Everything that was heard of.
    Heard,
    /// The same, to a client that waits for it in IDLE.
    Awaited,
    /// Everything there is, looked up now: whoever has just written wants to see it.
    Everything,
    /// The same, to a client that asks for it: NOOP, CHECK, and IDLE as it begins.
    Asked,
}

impl Telling {
    pub(crate) fn looks_now(self) -> bool {
        matches!(self, Self::Everything | Self::Asked)
    }

    /// Whether it comes with the answer to something else.
    fn is_aside(self) -> bool {
        !matches!(self, Self::Awaited | Self::Asked)
    }
}

pub(crate) fn telling_of(body: &CommandBody) -> Telling {
    match body {
        CommandBody::Capability
        | CommandBody::Logout
        | CommandBody::Id(_)
        | CommandBody::StartTls
        | CommandBody::Authenticate { .. }
        | CommandBody::Login { .. }
        | CommandBody::Select(_)
        | CommandBody::Examine(_)
        | CommandBody::Close
        | CommandBody::Unselect
        | CommandBody::Idle => Telling::Nothing,
        CommandBody::Fetch(fetch) if !fetch.uid => Telling::NoExpunges,
        CommandBody::Store(store) if !store.uid => Telling::NoExpunges,
        CommandBody::Search(search) if !search.uid => Telling::NoExpunges,
        // RFC 5256 §3: as SEARCH.
        CommandBody::Sort(sort) if !sort.uid => Telling::NoExpunges,
        CommandBody::Thread(thread) if !thread.uid => Telling::NoExpunges,
        CommandBody::Noop | CommandBody::Check => Telling::Asked,
        CommandBody::Append(_)
        | CommandBody::Copy(_)
        | CommandBody::Move(_)
        | CommandBody::Replace(_)
        | CommandBody::Rename { .. }
        | CommandBody::Expunge
        | CommandBody::UidExpunge(_) => Telling::Everything,
        _ => Telling::Heard,
    }
}

pub(crate) async fn update(session: &mut Session, telling: Telling) -> Result<(), Failed> {
    if telling == Telling::Nothing {
        return Ok(());
    }
    watch::tell(session, telling).await?;
    let is_untold = session.watch.as_ref().is_some_and(|watch| watch.selected() == Selected::Untold);
    if telling == Telling::NotSelected || session.view.is_none() || (is_untold && telling != Telling::Everything) {
        return Ok(());
    }
    name_untold_keywords(session)?;
    let heard = session.user()?.listening.ear.change_number();
    if telling.looks_now() || heard > session.view()?.seen {
        let known = session.view()?.last_uid();
        look(session, telling.is_aside()).await?;
        let attributes = session.watch.as_ref().and_then(|watch| watch.fetches());
        if let Some(attributes) = attributes.filter(|_| known.checked_add(1).is_some()) {
            let own = session.watch.as_mut().map(|watch| watch.take_own_uids()).unwrap_or_default();
            let picked = session.view()?.pick_uids(between(known, &own));
            Box::pin(fetch::unasked(session, attributes, picked)).await?;
        }
    }
    if telling != Telling::NoExpunges {
        let gone = session.view_mut()?.take_held();
        tell_gone(session, &gone)?;
    }
    Ok(())
}

/// The uids above `known` but for these, which are ascending, as ranges.
fn between(known: u32, own: &[u32]) -> Vec<(u32, u32)> {
    let mut ranges = Vec::with_capacity(own.len() + 1);
    let mut first = known.saturating_add(1);
    for uid in own.iter().copied().filter(|uid| *uid > known) {
        if first < uid {
            ranges.push((first, uid - 1));
        }
        first = uid.saturating_add(1);
    }
    ranges.push((first, u32::MAX));
    ranges
}

/// Before a command that works on the view: brings a view up to date that could not be after the last one. Otherwise a uid that APPEND has told would
/// be passed over as one that does not exist, and the command answered OK (RFC 9051 §6.4.9).
pub(crate) async fn catch_up(session: &mut Session, body: &CommandBody) -> Result<(), Failed> {
    let works_on_view = needs(body) == Needs::Mailbox && telling_of(body) != Telling::Nothing;
    if works_on_view && session.view.as_ref().is_some_and(|view| view.is_behind) {
        look(session, true).await?;
        session.view_mut()?.is_behind = false;
    }
    Ok(())
}

/// Takes messages out of the view and tells their uids, or their numbers, from the highest down, so that none shifts another.
pub(crate) fn tell_gone(session: &mut Session, gone: &[u32]) -> Result<(), Failed> {
    if gone.is_empty() {
        return Ok(());
    }
    // RFC 9586 §3.5: numbers would say nothing.
    let by_uid = session.enabled.qresync || session.enabled.uid_only;
    let view = session.view_mut()?;
    let shown: NumberSet =
        if by_uid { gone.iter().copied().filter(|uid| view.number_of(*uid).is_some()).collect() } else { NumberSet::new() };
    let recent_before = view.recent_count();
    let numbers = view.remove(gone);
    let recent = view.recent_count().filter(|recent| Some(*recent) != recent_before);
    let mut say = session.say();
    if by_uid {
        // RFC 7162 §3.2.10.2
        say.vanished(false, &shown);
    } else {
        numbers.into_iter().for_each(|number| say.expunge(number));
    }
    // RFC 3501 §7.3.2: clients count them by what they are told.
    if let Some(recent) = recent {
        say.recent(recent);
    }
    Ok(())
}

/// Compares the view with the store. What came and what changed is told; what is gone is held back.
async fn look(session: &mut Session, aside: bool) -> Result<(), Failed> {
    let (mailbox, seen) = (session.view()?.mailbox, session.view()?.seen);
    let since = session
        .read(move |ctx, tx, account| match entries::entries_since(ctx, tx, account, mailbox, seen) {
            Err(MailError::MailboxNotFound(_)) => Ok(None),
            other => other.map(Some),
        })
        .await?;
    let Some(since) = since else { return Err(End::MailboxGone.into()) };
    let gone = if since.is_incomplete { missing(session, mailbox).await? } else { since.expunged };
    session.view_mut()?.hold(gone);
    tell_changed(session, &since.changed, aside)?;
    session.view_mut()?.saw(since.change_number);
    Ok(())
}

/// New messages are told by their number, and changed flags one by one.
fn tell_changed(session: &mut Session, changed: &[EntryRow], aside: bool) -> Result<(), Failed> {
    name_keywords_of(session, changed)?;
    let (enabled, tells_flags) = (session.enabled, session.watch.as_ref().is_none_or(|watch| watch.tells_flags()));
    let view = session.view_mut()?;
    let last_known = view.last_uid();
    // RFC 9051 §7.4.1
    let grew = view.add(changed.iter().map(|row| row.uid));
    view.grew_aside |= grew && aside;
    let told = view.last_uid();
    if let Some(recent) = view.recent.as_mut().filter(|_| grew) {
        recent.tell_up_to(told.saturating_add(1));
    }
    let recent = view.recent_count();
    let count = view.count();
    let flagged = changed.iter().filter(|row| tells_flags && row.uid <= last_known && !view.is_own(row.change_number));
    let flagged: Vec<(u32, &EntryRow, bool)> =
        flagged.filter_map(|row| Some((view.number_of(row.uid)?, row, view.is_recent(row.uid)))).collect();
    let mut say = session.say();
    if grew {
        say.exists(count);
        if let Some(recent) = recent {
            say.recent(recent);
        }
    }
    for (number, row, recent) in flagged {
        tell_flags(&mut say, number, row, recent, true, enabled);
    }
    Ok(())
}

/// The flags of a message as they are now.
pub(crate) fn tell_flags(say: &mut ResponseWriter<'_>, number: u32, row: &EntryRow, recent: bool, with_uid: bool, enabled: Enabled) {
    let mut fetch = begin_fetch(say, number, row.uid, enabled.uid_only);
    if with_uid && !enabled.uid_only {
        fetch.uid(row.uid);
    }
    fetch.flags(flag_names(row, recent));
    if enabled.condstore {
        fetch.mod_seq(mod_seq(row.change_number));
    }
    fetch.finish();
}

/// As IMAP writes them, with `\Recent` where it is kept.
pub(crate) fn flag_names(row: &EntryRow, recent: bool) -> impl Iterator<Item = &str> {
    row.flags.imap_names().chain(recent.then_some("\\Recent"))
}

/// Names keywords before the first message is told to have them (RFC 3501 §7.2.6): who counts flags by what SELECT told knows all of them.
pub(crate) fn name_keywords<'k>(session: &mut Session, keywords: impl IntoIterator<Item = &'k str>) -> Result<(), Failed> {
    session.view()?.keywords.learn(keywords);
    name_untold_keywords(session)
}

/// Names what other sessions have learnt.
fn name_untold_keywords(session: &mut Session) -> Result<(), Failed> {
    let view = session.view_mut()?;
    let Some(keywords) = view.keywords.take_untold() else { return Ok(()) };
    let (flags, read_only) = (select::flags(&keywords), view.read_only);
    let mut say = session.say();
    say.flags(&flags);
    if !read_only {
        say.untagged(Condition::Ok, Some(&Code::PermanentFlags { flags, any: true }), "Flags that last");
    }
    Ok(())
}

/// The same, of messages.
pub(crate) fn name_keywords_of<'r>(session: &mut Session, rows: impl IntoIterator<Item = &'r EntryRow>) -> Result<(), Failed> {
    name_keywords(session, rows.into_iter().flat_map(|row| &row.flags.keywords).map(AsRef::as_ref))
}

/// FETCH by number, or with UIDONLY by uid (RFC 9586 §3.3).
pub(crate) fn begin_fetch<'a>(say: &'a mut ResponseWriter<'_>, number: u32, uid: u32, uid_only: bool) -> FetchWriter<'a> {
    if uid_only { say.uid_fetch(uid) } else { say.fetch(number) }
}

/// What is gone, when the store does not remember it any more: whatever is in the view and not in the mailbox.
async fn missing(session: &Session, mailbox: MailboxId) -> Result<Vec<u32>, Failed> {
    let there = loading::load(session, mailbox, session.view()?.last_uid()).await?.uids;
    let view = session.view()?;
    Ok(view.uids().iter().copied().filter(|uid| there.binary_search(uid).is_err()).collect())
}
