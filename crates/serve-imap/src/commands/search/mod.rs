//! SEARCH, with ESEARCH (RFC 4731), SEARCHRES (RFC 5182), WITHIN (RFC 5032) and CONDSTORE (RFC 7162). RFC 9051 §6.4.4
//!
//! What is found is found the same way for SORT and THREAD, and told the same way for SORT.

pub(in crate::commands) mod answer;
pub(crate) mod charset;
mod keys;
mod multi;

use std::sync::Arc;

use mail::search::{self, Hit, Scope};
use proto_imap::{ReturnOptions, Search, SearchKey, Tag};

use crate::errors::Failed;
use crate::session::{Answer, Done, Session};
use answer::Asked;
pub(in crate::commands) use keys::asks_for_mod_seq;
pub(crate) use multi::multi_search;

pub(crate) async fn search(session: &mut Session, tag: Tag, wanted: Search) -> Answer {
    let Search { uid, returns, key } = wanted;
    let with_mod_seq = asks_for_mod_seq(&key);
    session.use_condstore(with_mod_seq);
    let found = find(session, &key, uid).await;
    answer::keep(session, returns, found.as_ref().ok())?;
    let returns = returns.or(session.enabled.imap4rev2.then_some(ReturnOptions::ALL));
    let asked = Asked { tag, uid, returns, with_mod_seq, mailbox: None };
    answer::tell(session, asked, &found?, |say, numbers, mod_seq| say.search(numbers.iter().copied(), mod_seq));
    Ok(Done::plain("SEARCH completed"))
}

/// What was found: by a search in the order of the mailbox.
#[derive(Default)]
pub(in crate::commands) struct Found {
    /// Each in uids, and in what the answer counts in.
    pub(in crate::commands) uids: Vec<u32>,
    pub(in crate::commands) numbers: Vec<u32>,
    /// Of each, where the rows were looked at.
    pub(in crate::commands) change_numbers: Vec<i64>,
}

impl Found {
    /// The same in another order of uids; what is not among them is left out.
    pub(in crate::commands) fn in_order(self, uids: Vec<u32>) -> Self {
        let places: Vec<usize> = uids.iter().filter_map(|uid| self.uids.binary_search(uid).ok()).collect();
        let numbers = places.iter().map(|place| self.numbers[*place]).collect();
        let change_numbers = places.iter().filter_map(|place| self.change_numbers.get(*place).copied()).collect();
        Self { uids, numbers, change_numbers }
    }
}

pub(in crate::commands) async fn find(session: &mut Session, key: &SearchKey, uid: bool) -> Result<Found, Failed> {
    let view = session.view()?;
    // Sets alone are answered from what the client knows of the mailbox.
    if let Some(picked) = keys::picked(key, view) {
        let (numbers, uids): (Vec<u32>, Vec<u32>) = picked.ranges().iter().flat_map(|range| view.numbered(range.clone())).unzip();
        return Ok(Found { numbers: if uid { uids.clone() } else { numbers }, uids, change_numbers: Vec::new() });
    }
    let search = keys::search_of(key, &keys::Here { view, now: session.ctx.now, zone: &session.user()?.zone });
    let (server, ctx, account, mailbox) = (Arc::clone(&session.server), session.ctx.clone(), session.user()?.account, view.mailbox);
    let searching = async move { search::search(&server.store, &ctx, account, Scope::Mailbox(mailbox), &search).await };
    let hits: Vec<Hit> = session.unless_gone(searching).await?.map_err(Failed::of)?;
    let view = session.view()?;
    let mut found = Found::default();
    for hit in hits {
        // What came a moment ago has no number until the client was told of it.
        if let Some(number) = view.number_of(hit.uid) {
            found.uids.push(hit.uid);
            found.numbers.push(if uid { hit.uid } else { number });
            found.change_numbers.push(hit.change_number);
        }
    }
    Ok(found)
}
