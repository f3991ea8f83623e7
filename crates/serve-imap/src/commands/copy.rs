//! COPY and MOVE, with COPYUID (RFC 4315). RFC 9051 §6.4.7, §6.4.8

use std::sync::Arc;

use mail::MailboxId;
use mail::entries::{self, Copied};
use mail::mailboxes;
use proto_imap::{Code, Condition, Copy, MailboxName};

use super::expunge::{highest_mod_seq, refuse_read_only, uid_set};
use crate::errors::{Failed, Refusal};
use crate::names::path_of;
use crate::picking::pick;
use crate::session::{Answer, Done, Session};
use crate::{sync, watch};

pub(crate) async fn copy(session: &mut Session, copy: Copy) -> Answer {
    let to = target(session, &copy.mailbox).await?;
    let picked = pick(session.view()?, &copy.messages, copy.uid)?;
    let (uids, asked) = (uid_set(session.view()?, &picked), picked.count());
    let (server, account, from) = (Arc::clone(&session.server), session.user()?.account, session.view()?.mailbox);
    let copied = entries::copy_all(&server.store, &session.ctx, account, from, &uids, to).await.map_err(Failed::of)?;
    watch::made_messages(session, to, copied.pairs.iter().map(|(_, new)| *new));
    refuse_gone(copy.uid, asked, &copied)?;
    Ok(Done::Ok(copy_uid(&copied), "COPY completed"))
}

pub(crate) async fn move_messages(session: &mut Session, copy: Copy) -> Answer {
    refuse_read_only(session.view()?)?;
    let to = target(session, &copy.mailbox).await?;
    let picked = pick(session.view()?, &copy.messages, copy.uid)?;
    let (uids, asked) = (uid_set(session.view()?, &picked), picked.count());
    let (server, account, from) = (Arc::clone(&session.server), session.user()?.account, session.view()?.mailbox);
    let moved = entries::move_all(&server.store, &session.ctx, account, from, &uids, to).await.map_err(Failed::of)?;
    // RFC 6851 §4.3: before what is gone is told, in an untagged OK.
    if let Some(code) = copy_uid(&moved) {
        session.say().untagged(Condition::Ok, Some(&code), "Moved");
    }
    watch::made_messages(session, to, moved.pairs.iter().map(|(_, new)| *new));
    let gone: Vec<u32> = moved.pairs.iter().map(|(old, _)| *old).collect();
    sync::tell_gone(session, &gone)?;
    refuse_gone(copy.uid, asked, &moved)?;
    // RFC 6851 §4.4: as for EXPUNGE.
    Ok(Done::Ok(highest_mod_seq(session, !gone.is_empty(), moved.change_number), "MOVE completed"))
}

/// RFC 9051 §6.4.7: one that does not exist is not made, the client is told that it could make it.
async fn target(session: &Session, name: &MailboxName) -> Result<MailboxId, Failed> {
    let path = path_of(name)?;
    let found = session.read(move |ctx, tx, account| mailboxes::find_path(ctx, tx, account, &path)).await?;
    found.map(|mailbox| mailbox.id).ok_or_else(|| try_create().into())
}

pub(super) fn try_create() -> Refusal {
    Refusal::no(Code::TryCreate, "There is no such mailbox, make it first")
}

/// Sequence numbers of messages that others have expunged: the client shall know that not all of it was done.
fn refuse_gone(uid: bool, asked: usize, copied: &Copied) -> Result<(), Refusal> {
    if !uid && copied.pairs.len() < asked {
        return Err(Refusal::no(Code::ExpungeIssued, "Some of the messages have been deleted; the others were done"));
    }
    Ok(())
}

/// Both sets in ascending order, which is how the pairs are read from them.
fn copy_uid(copied: &Copied) -> Option<Code> {
    let mut pairs = copied.pairs.clone();
    pairs.sort_unstable();
    // Pairs whose order is not the same on both sides cannot be told in sets; then the client finds out for itself.
    if pairs.is_empty() || !pairs.is_sorted_by_key(|(_, new)| *new) {
        return None;
    }
    let from = pairs.iter().map(|(old, _)| *old).collect();
    let to = pairs.iter().map(|(_, new)| *new).collect();
    Some(Code::CopyUid { uid_validity: copied.uid_validity, from, to })
}
