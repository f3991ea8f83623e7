//! RENAME. RFC 9051 §6.3.6

use std::sync::Arc;

use mail::mailboxes::{self, MailboxError, Subscription};
use proto_imap::{Code, MailboxName};

use crate::errors::{Failed, Refusal};
use crate::names::{new_path_of, no_such_mailbox, path_of};
use crate::session::{Answer, Done, Session};
use crate::watch;

pub(crate) async fn rename(session: &mut Session, from: &MailboxName, to: &MailboxName) -> Answer {
    if to.is_inbox() {
        return Err(Refusal::no(Code::AlreadyExists, "INBOX is there already").into());
    }
    let (from_path, to_path) = (path_of(from)?, new_path_of(to)?);
    if from.is_inbox() {
        // RFC 9051 §6.3.6: its mail moves to the new mailbox, and INBOX stays, empty.
        let (server, account) = (Arc::clone(&session.server), session.user()?.account);
        mailboxes::rename_inbox(&server.store, &session.ctx, account, &to_path).await.map_err(Failed::of)?;
        watch::made_name(session, to);
        return Ok(Done::plain("RENAME completed"));
    }
    let renamed = session
        .write(move |ctx, tx, account| -> Result<bool, MailboxError> {
            let Some(mailbox) = mailboxes::find_path(ctx, tx, account, &from_path)? else { return Ok(false) };
            let Some((name, above)) = to_path.split_last() else { return Err(MailboxError::NameInvalid) };
            // RFC 9051 §6.3.6: levels that are missing above the new name are made, as with CREATE.
            let parent = match above {
                [] => None,
                above => Some(match mailboxes::find_path(ctx, tx, account, above)? {
                    Some(parent) => parent.id,
                    None => mailboxes::create_path(ctx, tx, account, above)?,
                }),
            };
            // RFC 9051 §6.3.7: the old name stays subscribed; the mailbox is so under its new one as well.
            mailboxes::rename(ctx, tx, account, mailbox.id, parent, name, Subscription::Stays)?;
            Ok(true)
        })
        .await?;
    if !renamed {
        return Err(no_such_mailbox().into());
    }
    watch::made_name(session, to);
    Ok(Done::plain("RENAME completed"))
}
