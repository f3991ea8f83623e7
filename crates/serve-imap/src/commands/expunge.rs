//! EXPUNGE and UID EXPUNGE (RFC 4315). RFC 9051 §6.4.3, §6.4.9

use std::sync::Arc;

use mail::UidSet;
use mail::entries::{self, Expunge};
use proto_imap::{Code, MessageSet};

use super::status::mod_seq;
use crate::errors::{Failed, Refusal};
use crate::picking::pick;
use crate::session::{Answer, Done, Session};
use crate::sync;
use crate::view::{Picked, View};

pub(crate) async fn expunge(session: &mut Session, among: Option<&MessageSet>) -> Answer {
    refuse_read_only(session.view()?)?;
    let view = session.view()?;
    let which = match among {
        Some(uids) => Expunge::DeletedAmong(uid_set(view, &pick(view, uids, true)?)),
        None => Expunge::Deleted,
    };
    let (server, account, mailbox) = (Arc::clone(&session.server), session.user()?.account, view.mailbox);
    let gone = entries::expunge_all(&server.store, &session.ctx, account, mailbox, &which).await.map_err(Failed::of)?;
    sync::tell_gone(session, &gone.uids)?;
    Ok(Done::Ok(highest_mod_seq(session, !gone.uids.is_empty(), gone.change_number), "EXPUNGE completed"))
}

/// RFC 7162 §3.2.7, §3.2.9: where something went, up to which change the client now knows all. What others did before is told ahead of it.
pub(super) fn highest_mod_seq(session: &Session, is_any_gone: bool, change_number: i64) -> Option<Code> {
    (session.enabled.qresync && is_any_gone).then(|| Code::HighestModSeq(mod_seq(change_number)))
}

pub(super) fn refuse_read_only(view: &View) -> Result<(), Refusal> {
    if view.read_only { Err(Refusal::no(Code::Cannot, "The mailbox is selected for reading only")) } else { Ok(()) }
}

/// What was picked, as the store names it.
pub(super) fn uid_set(view: &View, picked: &Picked) -> UidSet {
    view.uid_ranges(picked).into_iter().map(|(first, last)| first..=last).collect()
}
