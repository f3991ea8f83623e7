//! FETCH. RFC 9051 §6.4.5
//!
//! What is kept ready beside the message (flags, envelope, structure, dates) is [`listed`]: rows become octets on the database's thread, and while one chunk
//! is written the next is read. What needs the message itself is [`opened`]: each is read once, a few ahead of the client. Either way a
//! command holds a bounded amount of memory, however much it asks for and however slowly it takes it.

mod listed;
mod opened;
mod plan;

use proto_imap::{Code, Fetch, FetchAttribute};

use super::resync;
use crate::errors::{Failed, Refusal};
use crate::picking::pick;
use crate::session::{Answer, Done, Session};
use crate::view::Picked;
pub(super) use plan::{Plan, section_of};

/// What became of it.
#[derive(Default)]
struct Fetched {
    /// Messages that were told of, or needed no telling.
    met: usize,
    /// The first message that could not be shown as asked; the others were.
    refused: Option<Refusal>,
}

pub(crate) async fn fetch(session: &mut Session, fetch: Fetch) -> Answer {
    // RFC 7162 §3.2.3
    if fetch.vanished && !session.enabled.qresync {
        return Err(Refusal::bad("QRESYNC is not enabled").into());
    }
    let plan = Plan::of(&fetch, session);
    // RFC 7162 §3.1: who asks for MODSEQ understands it.
    session.use_condstore(plan.with_mod_seq);
    let mut picked = pick(session.view()?, &fetch.messages, fetch.uid)?;
    // RFC 9394 §3.4: before it is asked what of them changed.
    if let Some(partial) = fetch.partial {
        let places = partial.of(picked.count());
        picked = picked.part(places);
    }
    if let Some(since) = fetch.changed_since.filter(|_| fetch.vanished) {
        resync::vanished(session, &fetch.messages, since).await?;
    }
    let asked = picked.count();
    let by_change = fetch.changed_since.is_some();
    let fetched = if plan.needs_stored { opened::fetch(session, plan, picked).await } else { listed::fetch(session, plan, picked).await }?;
    if let Some(refusal) = fetched.refused {
        return Err(refusal.into());
    }
    if fetched.met < asked && !fetch.uid && !by_change {
        return Err(Failed::from(Refusal::no(Code::ExpungeIssued, "Some of the messages have been deleted")));
    }
    Ok(Done::plain("FETCH completed"))
}

/// Tells new messages to who asked for it by NOTIFY (RFC 5465 §5.2), without marking them as read.
pub(crate) async fn unasked(session: &mut Session, attributes: Vec<FetchAttribute>, picked: Picked) -> Result<(), Failed> {
    if picked.is_empty() {
        return Ok(());
    }
    let plan = Plan::unasked(session, attributes);
    let told = if plan.needs_stored { opened::fetch(session, plan, picked).await } else { listed::fetch(session, plan, picked).await };
    told.map(|_| ())
}

/// Tells what of the messages stands in rows, as part of another command's answer.
pub(super) async fn listed(session: &mut Session, plan: Plan, picked: Picked) -> Result<(), Failed> {
    listed::fetch(session, plan, picked).await.map(|_| ())
}
