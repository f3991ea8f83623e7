//! SELECT and EXAMINE. RFC 9051 §6.3.2, §6.3.3

use mail::heads::{self, MailError};
use mail::mailboxes::{self, SEPARATOR};
use mail::{FlagBits, MailboxId, imap_names};
use proto_imap::{Code, Condition, Flag, ListExtras, ObjectId, Select};

use super::resync;
use super::status::mod_seq;
use crate::errors::Refusal;
use crate::loading::{self, Loaded};
use crate::names::{no_such_mailbox, path_of};
use crate::session::{Answer, Done, Session};
use crate::view::View;

pub(crate) async fn select(session: &mut Session, wanted: Select, read_only: bool) -> Answer {
    // RFC 9051 §6.3.2: whatever comes of it, the mailbox that was selected is so no more.
    leave(session).await;
    // RFC 7162 §3.2.3
    if wanted.qresync.is_some() && !session.enabled.qresync {
        return Err(Refusal::bad("QRESYNC is not enabled").into());
    }
    session.use_condstore(wanted.condstore);
    let path = path_of(&wanted.mailbox)?;
    let found = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let head = heads::open(ctx, tx, account)?;
            Ok(mailboxes::find_path(ctx, tx, account, &path)?.map(|mailbox| (mailbox, head.change_number)))
        })
        .await?;
    let (mailbox, seen) = found.ok_or_else(no_such_mailbox)?;
    let Loaded { uids, first_unseen, keywords } = loading::load(session, mailbox.id, mailbox.uid_next.saturating_sub(1)).await?;
    let mut view = View::new(mailbox.id, read_only, seen, uids);
    view.keywords = session.server.keywords.hold(session.user()?.account, mailbox.id);
    view.keywords.learn(keywords.iter().map(String::as_str));
    if !session.enabled.imap4rev2 {
        let mark = mailbox.recent_from.unwrap_or(mailbox.uid_next);
        let mut recent = session.server.marks.hold(session.user()?.account, mailbox.id, mark, read_only);
        recent.tell_up_to(mailbox.uid_next);
        view.recent = Some(recent);
    }
    let (count, recent, flags) = (view.count(), view.recent_count(), flags(&view.keywords.take()));
    session.view = Some(view);

    let (rev2, uid_only) = (session.enabled.imap4rev2, session.enabled.uid_only);
    let mut say = session.say();
    say.exists(count);
    if !rev2 {
        // RFC 3501 §6.3.1; RFC 9051 has neither.
        say.recent(recent.unwrap_or(0));
        if let Some(first) = first_unseen.filter(|_| !uid_only) {
            say.untagged(Condition::Ok, Some(&Code::Unseen(first)), "First that is not seen");
        }
    }
    say.flags(&flags);
    let permanent =
        if read_only { Code::PermanentFlags { flags: Vec::new(), any: false } } else { Code::PermanentFlags { flags, any: true } };
    say.untagged(Condition::Ok, Some(&permanent), "Flags that last");
    say.untagged(Condition::Ok, Some(&Code::UidValidity(mailbox.uid_validity)), "UIDs valid");
    say.untagged(Condition::Ok, Some(&Code::UidNext(mailbox.uid_next)), "Predicted next UID");
    say.untagged(Condition::Ok, Some(&Code::HighestModSeq(mod_seq(mailbox.change_number))), "Highest");
    if let Some(code) = mailbox_id(mailbox.id) {
        say.untagged(Condition::Ok, Some(&code), "Mailbox id");
    }
    if rev2 {
        say.list(&[], Some(SEPARATOR), wanted.mailbox.as_str(), ListExtras::default());
    }
    // RFC 7162 §3.2.5: with another UIDVALIDITY nothing the client knows means anything.
    if let Some(last) = wanted.qresync.filter(|last| last.uid_validity == mailbox.uid_validity) {
        resync::since_last_time(session, &last, mailbox.uid_next).await?;
    }
    Ok(if read_only { Done::Ok(Some(Code::ReadOnly), "EXAMINE completed") } else { Done::Ok(Some(Code::ReadWrite), "SELECT completed") })
}

/// Leaves the selected mailbox, and says so.
pub(super) async fn leave(session: &mut Session) {
    if session.view.is_some() {
        session.close_view().await;
        // RFC 9051 §7.1: what follows is about the next mailbox.
        session.say().untagged(Condition::Ok, Some(&Code::Closed), "Previous mailbox closed");
    }
}

/// RFC 8474 §4
pub(super) fn mailbox_id(id: MailboxId) -> Option<Code> {
    ObjectId::new(&id.to_string()).map(Code::MailboxId)
}

/// Those that always can be, and those that are in use here.
pub(crate) fn flags(keywords: &[String]) -> Vec<Flag> {
    imap_names(!FlagBits::NONE).filter_map(Flag::new).chain(keywords.iter().filter_map(|keyword| Flag::new(keyword))).collect()
}
