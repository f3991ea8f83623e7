//! SUBSCRIBE and UNSUBSCRIBE. A subscription is a mark on a mailbox, so only mailboxes that exist can have one. RFC 9051 §6.3.7, §6.3.8

use mail::mailboxes::{self, MailboxError};
use proto_imap::MailboxName;

use crate::names::{no_such_mailbox, path_of};
use crate::session::{Answer, Done, Session};

pub(crate) async fn subscribe(session: &mut Session, mailbox: &MailboxName, subscribed: bool) -> Answer {
    let path = path_of(mailbox)?;
    let found = session
        .write(move |ctx, tx, account| -> Result<bool, MailboxError> {
            let Some(mailbox) = mailboxes::find_path(ctx, tx, account, &path)? else { return Ok(false) };
            mailboxes::subscribe(ctx, tx, account, mailbox.id, subscribed)?;
            Ok(true)
        })
        .await?;
    // To end a subscription that is not there is no failure worth a NO. Clients do it after DELETE and RENAME, which took the subscription along.
    if found || !subscribed { Ok(Done::plain("Completed")) } else { Err(no_such_mailbox().into()) }
}
