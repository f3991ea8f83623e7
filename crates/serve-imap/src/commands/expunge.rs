//! EXPUNGE and UID EXPUNGE (RFC 4315). RFC 9051 §6.4.3, §6.4.9

use std::sync::Arc;

use mail::UidSet;
use mail::entries::{self, Expunge};
use proto_imap::{Code, MessageSet};

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
    Ok(Done::plain("EXPUNGE completed"))
}

pub(super) fn refuse_read_only(view: &View) -> Result<(), Refusal> {
    if view.read_only { Err(Refusal::no(Code::Cannot, "The mailbox is selected for reading only")) } else { Ok(()) }
}

/// What was picked, as the store names it.
pub(super) fn uid_set(view: &View, picked: &Picked) -> UidSet {
    view.uid_ranges(picked).into_iter().map(|(first, last)| first..=last).collect()
}
