//! DELETE. RFC 9051 §6.3.5

use std::sync::Arc;

use mail::entries::EntryError;
use mail::heads::MailError;
use mail::mailboxes::{self, MailboxError, Subscription};
use proto_imap::{Code, MailboxName};

use crate::errors::{Failed, Refusal};
use crate::names::{no_such_mailbox, path_of};
use crate::session::{Answer, Done, Session};
use crate::watch;

pub(crate) async fn delete(session: &mut Session, mailbox: &MailboxName) -> Answer {
    if mailbox.is_inbox() {
        return Err(Refusal::no(Code::Cannot, "INBOX cannot be removed").into());
    }
    let path = path_of(mailbox)?;
    let found = session.read(move |ctx, tx, account| mailboxes::find_path(ctx, tx, account, &path)).await?;
    let id = found.ok_or_else(no_such_mailbox)?.id;
    let (server, account) = (Arc::clone(&session.server), session.user()?.account);
    // RFC 9051 §6.3.7: the name stays subscribed.
    mailboxes::remove_all(&server.store, &session.ctx, account, id, Subscription::Stays).await.map_err(refusal_of)?;
    watch::made_name(session, mailbox);
    if session.view.as_ref().is_some_and(|view| view.mailbox == id) {
        super::select::leave(session).await;
    }
    Ok(Done::plain("DELETE completed"))
}

fn refusal_of(error: EntryError) -> Failed {
    match &error {
        // RFC 9051 §6.3.5: the names below it would be without it.
        EntryError::Mailbox(MailboxError::HasChildren) => Refusal::no(Code::HasChildren, "There are mailboxes below it").into(),
        EntryError::Mailbox(MailboxError::Mail(MailError::MailboxNotFound(_))) => no_such_mailbox().into(),
        _ => Failed::of(error),
    }
}
