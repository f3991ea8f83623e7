//! SUBSCRIBE and UNSUBSCRIBE, of any name that a mailbox could have. RFC 9051 §6.3.7, §6.3.8

use mail::mailboxes;
use proto_imap::MailboxName;

use crate::errors::Failed;
use crate::names::new_path_of;
use crate::session::{Answer, Done, Session};
use crate::watch;

pub(crate) async fn subscribe(session: &mut Session, mailbox: &MailboxName) -> Answer {
    let path = new_path_of(mailbox)?;
    session.write(move |ctx, tx, account| mailboxes::subscribe(ctx, tx, account, &path)).await?;
    watch::made_name(session, mailbox);
    Ok(Done::plain("SUBSCRIBE completed"))
}

pub(crate) async fn unsubscribe(session: &mut Session, mailbox: &MailboxName) -> Answer {
    // To end a subscription that is not there is no failure worth a NO.
    if let Ok(path) = new_path_of(mailbox) {
        session.write(move |ctx, tx, account| mailboxes::unsubscribe(ctx, tx, account, &path)).await?;
        watch::made_name(session, mailbox);
    }
    Ok::<_, Failed>(Done::plain("UNSUBSCRIBE completed"))
}
