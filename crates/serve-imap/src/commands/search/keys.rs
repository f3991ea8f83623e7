//! From what SEARCH asks for to what the store is asked.

use kernel::{TimeZone, Timestamp};
use mail::search::Search;
use mail::{FlagBits, Flags, UidSet};
use proto_imap::{Date, MessageSet, SearchKey};

use crate::picking::{pick, pick_for_search};
use crate::view::{Picked, View};

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400 * MICROS;

/// Nothing fits.
fn nothing() -> Search {
    Search::Or(Vec::new())
}

/// The messages, when sets alone say which; a search that looks at anything else has to ask the store.
pub(super) fn picked(key: &SearchKey, view: &View) -> Option<Picked> {
    match key {
        SearchKey::All => Some(view.all()),
        SearchKey::Sequence(set) => Some(pick_for_search(view, set)),
        SearchKey::Uid(set) => pick(view, set, true).ok(),
        _ => None,
    }
}

/// RFC 7162 §3.1.5
pub(in crate::commands) fn asks_for_mod_seq(key: &SearchKey) -> bool {
    match key {
        SearchKey::ModSeq(_) => true,
        SearchKey::Not(key) => asks_for_mod_seq(key),
        SearchKey::Or(one, other) => asks_for_mod_seq(one) || asks_for_mod_seq(other),
        SearchKey::And(keys) => keys.iter().any(asks_for_mod_seq),
        _ => false,
    }
}

/// Whether it speaks of the selected mailbox alone: by sequence numbers, or by what was saved of it.
pub(super) fn needs_selected(key: &SearchKey) -> bool {
    match key {
        SearchKey::Sequence(_) | SearchKey::Uid(MessageSet::Saved) => true,
        SearchKey::Not(key) => needs_selected(key),
        SearchKey::Or(one, other) => needs_selected(one) || needs_selected(other),
        SearchKey::And(keys) => keys.iter().any(needs_selected),
        _ => false,
    }
}

/// Whether it speaks of uids.
pub(super) fn names_uids(key: &SearchKey) -> bool {
    match key {
        SearchKey::Uid(_) => true,
        SearchKey::Not(key) => names_uids(key),
        SearchKey::Or(one, other) => names_uids(one) || names_uids(other),
        SearchKey::And(keys) => keys.iter().any(names_uids),
        _ => false,
    }
}

/// What a search depends on besides itself.
pub(super) struct Here<'a> {
    pub(super) view: &'a View,
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
}

pub(super) fn search_of(key: &SearchKey, here: &Here<'_>) -> Search {
    let (view, now) = (here.view, here.now);
    let inner = |key: &SearchKey| search_of(key, here);
    let start_of = |date: Date| start_of(date, here.zone);
    let end_of = |date: Date| end_of(date, here.zone);
    match key {
        // RFC 8514 §4.3: every mailbox here keeps when a message was saved.
        SearchKey::All | SearchKey::SaveDateSupported => Search::All,
        SearchKey::Recent => recent(view),
        SearchKey::Old => Search::Not(Box::new(recent(view))),
        // RFC 3501 §6.4.4
        SearchKey::New => Search::And(vec![recent(view), Search::Flag(FlagBits::SEEN, false)]),
        SearchKey::Answered => Search::Flag(FlagBits::ANSWERED, true),
        SearchKey::Unanswered => Search::Flag(FlagBits::ANSWERED, false),
        SearchKey::Deleted => Search::Flag(FlagBits::DELETED, true),
        SearchKey::Undeleted => Search::Flag(FlagBits::DELETED, false),
        SearchKey::Draft => Search::Flag(FlagBits::DRAFT, true),
        SearchKey::Undraft => Search::Flag(FlagBits::DRAFT, false),
        SearchKey::Flagged => Search::Flag(FlagBits::FLAGGED, true),
        SearchKey::Unflagged => Search::Flag(FlagBits::FLAGGED, false),
        SearchKey::Seen => Search::Flag(FlagBits::SEEN, true),
        SearchKey::Unseen => Search::Flag(FlagBits::SEEN, false),
        SearchKey::Keyword(keyword) => by_keyword(keyword.as_str(), true),
        SearchKey::Unkeyword(keyword) => by_keyword(keyword.as_str(), false),
        SearchKey::Before(date) => Search::ReceivedBefore(start_of(*date)),
        SearchKey::Since(date) => Search::ReceivedSince(start_of(*date)),
        SearchKey::On(date) => Search::And(vec![Search::ReceivedSince(start_of(*date)), Search::ReceivedBefore(end_of(*date))]),
        SearchKey::SavedBefore(date) => Search::SavedBefore(start_of(*date)),
        SearchKey::SavedSince(date) => Search::SavedSince(start_of(*date)),
        SearchKey::SavedOn(date) => Search::And(vec![Search::SavedSince(start_of(*date)), Search::SavedBefore(end_of(*date))]),
        // RFC 9051 §6.4.4: disregarding time and zone, so the day is the one that is written.
        SearchKey::SentBefore(date) => day(*date).map_or(Search::All, Search::SentBefore),
        SearchKey::SentSince(date) => day(*date).map_or_else(nothing, Search::SentSince),
        SearchKey::SentOn(date) => {
            day(*date).map_or_else(nothing, |day| Search::And(vec![Search::SentSince(day), Search::SentBefore(day.plus_days(1))]))
        }
        SearchKey::Older(seconds) => Search::ReceivedBefore(Timestamp::from_micros(ago(now, *seconds).saturating_add(1))),
        SearchKey::Younger(seconds) => Search::ReceivedSince(Timestamp::from_micros(ago(now, *seconds))),
        SearchKey::Larger(bytes) => Search::Larger(*bytes),
        SearchKey::Smaller(bytes) => Search::Smaller(*bytes),
        SearchKey::From(text) => Search::From(text.clone()),
        SearchKey::To(text) => Search::To(text.clone()),
        SearchKey::Cc(text) => Search::Cc(text.clone()),
        SearchKey::Bcc(text) => Search::Bcc(text.clone()),
        SearchKey::Subject(text) => Search::Subject(text.clone()),
        SearchKey::Body(text) => Search::Body(text.clone()),
        SearchKey::Text(text) => Search::Text(text.clone()),
        SearchKey::Header { field, text } => Search::Header(field.clone(), text.clone()),
        SearchKey::Sequence(set) => Search::Uid(uids(view, &pick_for_search(view, set))),
        SearchKey::Uid(set) => pick(view, set, true).map_or_else(|_| nothing(), |picked| Search::Uid(uids(view, &picked))),
        SearchKey::ModSeq(since) => Search::ChangedSince(i64::try_from(*since).unwrap_or(i64::MAX)),
        SearchKey::EmailId(id) => id.as_str().parse().map_or_else(|_| nothing(), Search::Message),
        SearchKey::ThreadId(id) => id.as_str().parse().map_or_else(|_| nothing(), Search::Thread),
        SearchKey::Not(key) => Search::Not(Box::new(inner(key))),
        SearchKey::Or(one, other) => Search::Or(vec![inner(one), inner(other)]),
        SearchKey::And(keys) => Search::And(keys.iter().map(inner).collect()),
    }
}

/// With IMAP4rev2 no message is.
fn recent(view: &View) -> Search {
    view.recent.as_ref().map_or_else(nothing, |recent| Search::Uid(recent.uids()))
}

fn by_keyword(keyword: &str, set: bool) -> Search {
    match Flags::from_imap_names([keyword]) {
        Ok(flags) if !flags.bits.is_empty() => Search::Flag(flags.bits, set),
        Ok(_) => Search::Keyword(keyword.to_owned(), set),
        // What cannot be a keyword is on no message.
        Err(_) if set => nothing(),
        Err(_) => Search::All,
    }
}

fn uids(view: &View, picked: &Picked) -> UidSet {
    view.uid_ranges(picked).into_iter().map(|(first, last)| first..=last).collect()
}

/// Days are those of the clock that INTERNALDATE is told in (RFC 9051 §6.4.4: without regard to time and zone).
fn start_of(date: Date, zone: &TimeZone) -> Timestamp {
    day(date).map_or(Timestamp::from_micros(date.days_since_epoch() * DAY), |day| day.plus_days(-1).end_in(zone))
}

fn end_of(date: Date, zone: &TimeZone) -> Timestamp {
    day(date).map_or(Timestamp::from_micros((date.days_since_epoch() + 1) * DAY), |day| day.end_in(zone))
}

fn day(date: Date) -> Option<kernel::Date> {
    kernel::Date::new(i16::try_from(date.year()).ok()?, i8::try_from(date.month()).ok()?, i8::try_from(date.day()).ok()?)
}

fn ago(now: Timestamp, seconds: u32) -> i64 {
    now.as_micros().saturating_sub(i64::from(seconds) * MICROS)
}
