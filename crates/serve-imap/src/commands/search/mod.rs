//! SEARCH, with ESEARCH (RFC 4731), SEARCHRES (RFC 5182), WITHIN (RFC 5032) and CONDSTORE (RFC 7162). RFC 9051 §6.4.4

pub(crate) mod charset;
mod keys;

use std::sync::Arc;

use mail::search::{self, Hit, Scope};
use proto_imap::{ESearch, NumberSet, ReturnOptions, Search, Tag};

use super::status::mod_seq;
use crate::errors::Failed;
use crate::session::{Answer, Done, Session};

pub(crate) async fn search(session: &mut Session, tag: Tag, wanted: Search) -> Answer {
    let with_mod_seq = keys::asks_for_mod_seq(&wanted.key);
    session.enabled.condstore |= with_mod_seq;
    let saves = wanted.returns.is_some_and(|returns| returns.save);
    let found = match find(session, &wanted).await {
        Ok(found) => found,
        Err(failed) => {
            // RFC 5182 §2.1: a search that fails leaves nothing saved.
            if saves {
                session.view_mut()?.save(NumberSet::new());
            }
            return Err(failed);
        }
    };
    if saves {
        let returns = wanted.returns.unwrap_or_default();
        let kept = saved(&found, returns);
        session.view_mut()?.save(kept);
    }
    tell(session, tag, &wanted, &found, with_mod_seq);
    Ok(Done::plain("SEARCH completed"))
}

/// What was found, in the order of the mailbox.
struct Found {
    /// Each in uids, and in what the answer counts in.
    uids: Vec<u32>,
    numbers: Vec<u32>,
    /// Of each, where the rows were looked at.
    change_numbers: Vec<i64>,
}

async fn find(session: &mut Session, wanted: &Search) -> Result<Found, Failed> {
    let view = session.view()?;
    // Sets alone are answered from what the client knows of the mailbox.
    if let Some(picked) = keys::picked(&wanted.key, view) {
        let (numbers, uids): (Vec<u32>, Vec<u32>) = picked.ranges().iter().flat_map(|range| view.numbered(range.clone())).unzip();
        return Ok(Found { numbers: if wanted.uid { uids.clone() } else { numbers }, uids, change_numbers: Vec::new() });
    }
    let search = keys::search_of(&wanted.key, &keys::Here { view, now: session.ctx.now, zone: &session.user()?.zone });
    let (server, ctx, account, mailbox) = (Arc::clone(&session.server), session.ctx.clone(), session.user()?.account, view.mailbox);
    let searching = async move { search::search(&server.store, &ctx, account, Scope::Mailbox(mailbox), &search).await };
    let hits: Vec<Hit> = session.unless_gone(searching).await?.map_err(Failed::of)?;
    let view = session.view()?;
    let mut found = Found { uids: Vec::new(), numbers: Vec::new(), change_numbers: Vec::new() };
    for hit in hits {
        // What came a moment ago has no number until the client was told of it.
        if let Some(number) = view.number_of(hit.uid) {
            found.uids.push(hit.uid);
            found.numbers.push(if wanted.uid { hit.uid } else { number });
            found.change_numbers.push(hit.change_number);
        }
    }
    Ok(found)
}

/// RFC 5182 §2.4: MIN and MAX alone keep what they tell; everything else keeps all of it.
fn saved(found: &Found, returns: ReturnOptions) -> NumberSet {
    let ends_alone = (returns.min || returns.max) && !returns.all && !returns.count;
    if !ends_alone {
        return found.uids.iter().copied().collect();
    }
    let first = found.uids.first().filter(|_| returns.min);
    let last = found.uids.last().filter(|_| returns.max);
    first.into_iter().chain(last).copied().collect()
}

fn tell(session: &mut Session, tag: Tag, wanted: &Search, found: &Found, with_mod_seq: bool) {
    let rev2 = session.enabled.imap4rev2;
    let Some(returns) = wanted.returns.or(rev2.then_some(ReturnOptions::ALL)) else {
        // RFC 7162 §3.1.5: of what was found, the highest; nothing of nothing.
        let highest = found.change_numbers.iter().max().filter(|_| with_mod_seq).map(|highest| mod_seq(*highest));
        session.say().search(found.numbers.iter().copied(), highest);
        return;
    };
    // RFC 5182 §2.2: who only saves wants to hear nothing.
    if returns.save && !returns.min && !returns.max && !returns.all && !returns.count {
        return;
    }
    let answer = ESearch {
        tag: Some(tag),
        uid: wanted.uid,
        min: found.numbers.first().copied().filter(|_| returns.min),
        max: found.numbers.last().copied().filter(|_| returns.max),
        all: if returns.all { found.numbers.iter().copied().collect() } else { NumberSet::new() },
        count: returns.count.then(|| u32::try_from(found.numbers.len()).unwrap_or(u32::MAX)),
        mod_seq: told_mod_seq(found, returns).filter(|_| with_mod_seq),
    };
    session.say().esearch(&answer);
}

/// RFC 7162 §3.1.10: of the messages that are told; with ALL or COUNT of all of them.
fn told_mod_seq(found: &Found, returns: ReturnOptions) -> Option<u64> {
    let numbers = &found.change_numbers;
    let highest = if returns.all || returns.count {
        numbers.iter().max()
    } else {
        let first = numbers.first().filter(|_| returns.min);
        let last = numbers.last().filter(|_| returns.max);
        first.into_iter().chain(last).max()
    };
    highest.map(|highest| mod_seq(*highest))
}
