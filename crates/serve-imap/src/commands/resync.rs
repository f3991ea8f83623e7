//! What a client missed while it was away: the QRESYNC parameter of SELECT and the VANISHED modifier of UID FETCH. RFC 7162 §3.2.5, §3.2.6
//!
//! Changed flags are found by the index of changes when they are few, and else by going through the mailbox as FETCH does, so that memory has a bound
//! however long the client was away.

use mail::entries::{self, EntryRow};
use proto_imap::{FetchAttribute, MessageSet, NumberSet, QResync};

use super::fetch::{self, Plan};
use crate::errors::Failed;
use crate::session::{Enabled, Session};
use crate::sync;
use crate::view::View;

/// Changed messages that are held in memory.
const MAX_CHANGED: usize = 5_000;

/// What happened in the mailbox just selected since the client saw it. `uid_next` is where its uids end.
pub(super) async fn since_last_time(session: &mut Session, last: &QResync, uid_next: u32) -> Result<(), Failed> {
    // RFC 7162 §3.2.5: without a set, all uids that there were.
    let known = last.known_uids.clone().unwrap_or_else(|| NumberSet::from_ranges([1..=u32::MAX]));
    let since = i64::try_from(last.mod_seq).unwrap_or(i64::MAX);
    let missed = look(session, since, MAX_CHANGED).await?;
    let from =
        if missed.is_incomplete { last.matches.as_ref().map_or(0, |(numbers, uids)| unchanged_up_to(session, numbers, uids)) } else { 0 };
    let gone = gone(session.view()?, &missed, &known, from, uid_next);
    session.say().vanished(true, &gone);
    match missed.changed {
        Some(changed) => tell_changed(session, &changed, &known),
        None => {
            let ranges = known.ranges().iter().map(|range| (*range.start(), *range.end()));
            let picked = session.view()?.pick_uids(ranges);
            let plan = Plan::plain(session, vec![FetchAttribute::Uid, FetchAttribute::Flags, FetchAttribute::ModSeq], since);
            fetch::listed(session, plan, picked).await
        }
    }
}

/// VANISHED of UID FETCH: what of the set went since then, before anything is told of the others.
pub(super) async fn vanished(session: &mut Session, among: &MessageSet, since: u64) -> Result<(), Failed> {
    let view = session.view()?;
    let (mailbox, among) = match among {
        MessageSet::Saved => (view.mailbox, view.saved().clone()),
        // What went may have been higher than all that is left.
        MessageSet::Set(set) => (view.mailbox, set.resolve(u32::MAX)),
    };
    let uid_next = session.read(move |ctx, tx, account| mail::mailboxes::get(ctx, tx, account, mailbox)).await?.uid_next;
    let missed = look(session, i64::try_from(since).unwrap_or(i64::MAX), 0).await?;
    let gone = gone(session.view()?, &missed, &among, 0, uid_next);
    session.say().vanished(true, &gone);
    Ok(())
}

async fn look(session: &Session, since: i64, limit: usize) -> Result<entries::Missed, Failed> {
    let mailbox = session.view()?.mailbox;
    session.read(move |ctx, tx, account| entries::missed_since(ctx, tx, account, mailbox, since, limit)).await
}

/// What is not in the mailbox any more, as the client has been shown it: of the rest it is told later. Where tombstones are forgotten, every uid that
/// has no message is told; those the client never knew mean nothing to it.
fn gone(view: &View, missed: &entries::Missed, among: &NumberSet, from: u32, uid_next: u32) -> NumberSet {
    if !missed.is_incomplete {
        let gone = missed.expunged.iter().copied().filter(|uid| view.number_of(*uid).is_none());
        return gone.collect::<NumberSet>().intersection(among);
    }
    let mut holes = Vec::new();
    let mut next = from.saturating_add(1);
    for uid in &view.uids()[view.place_from(next)..] {
        holes.push(next..=uid - 1);
        next = uid.saturating_add(1);
    }
    holes.push(next..=uid_next.saturating_sub(1));
    NumberSet::from_ranges(holes.into_iter().filter(|hole| !hole.is_empty())).intersection(among)
}

/// RFC 7162 §3.2.5.2: up to the last of the pairs that is still as the client knew it, it knows what is gone.
fn unchanged_up_to(session: &Session, numbers: &NumberSet, uids: &NumberSet) -> u32 {
    let Some(view) = &session.view else { return 0 };
    let pairs = numbers.iter().zip(uids.iter()).take(view.len());
    pairs.take_while(|(number, uid)| view.number_of(*uid) == Some(*number)).last().map_or(0, |(_, uid)| uid)
}

fn tell_changed(session: &mut Session, changed: &[EntryRow], known: &NumberSet) -> Result<(), Failed> {
    sync::name_keywords_of(session, changed)?;
    let view = session.view()?;
    let changed = changed.iter().filter(|row| known.contains(row.uid));
    let numbered: Vec<(u32, &EntryRow, bool)> =
        changed.filter_map(|row| Some((view.number_of(row.uid)?, row, view.is_recent(row.uid)))).collect();
    // RFC 7162 §3.2.5: always with MODSEQ.
    let enabled = Enabled { condstore: true, ..session.enabled };
    let mut say = session.say();
    for (number, row, recent) in numbered {
        sync::tell_flags(&mut say, number, row, recent, true, enabled);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mail::MailboxId;
    use mail::entries::Missed;

    use super::*;

    fn told(missed: &Missed, among: &[std::ops::RangeInclusive<u32>], from: u32) -> Vec<u32> {
        let view = View::new(MailboxId::from_raw(1), false, 10, vec![3, 4, 8]);
        gone(&view, missed, &NumberSet::from_ranges(among.iter().cloned()), from, 12).iter().collect()
    }

    #[test]
    fn what_went_is_told_of_the_uids_asked_for_and_never_of_one_that_is_shown() {
        let missed = Missed { expunged: vec![1, 4, 5, 10], ..Missed::default() };
        assert_eq!(told(&missed, &[1..=u32::MAX], 0), [1, 5, 10]);
        assert_eq!(told(&missed, &[2..=8], 0), [5]);
    }

    #[test]
    fn when_the_past_is_forgotten_every_uid_without_a_message_is_told() {
        let forgotten = Missed { expunged: vec![5], is_incomplete: true, ..Missed::default() };
        assert_eq!(told(&forgotten, &[1..=u32::MAX], 0), [1, 2, 5, 6, 7, 9, 10, 11]);
        assert_eq!(told(&forgotten, &[2..=6], 0), [2, 5, 6]);
        assert_eq!(told(&forgotten, &[1..=u32::MAX], 4), [5, 6, 7, 9, 10, 11]);
        assert_eq!(told(&forgotten, &[1..=u32::MAX], 11), Vec::<u32>::new());
    }
}
