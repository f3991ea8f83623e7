//! GETQUOTA and GETQUOTAROOT: one root for all of an account. RFC 9208

use mail::heads::{self, Head};
use mail::mailboxes;
use proto_imap::{Atom, Code, MailboxName, QuotaResource};

use crate::errors::{Failed, Refusal};
use crate::names::{no_such_mailbox, path_of};
use crate::session::{Answer, Done, Session};

/// The name of the one root there is.
const ROOT: &str = "";

pub(crate) async fn get_quota(session: &mut Session, root: &str) -> Answer {
    if root != ROOT {
        return Err(Refusal::no(Code::NonExistent, "There is no such quota root").into());
    }
    tell_quota(session).await?;
    Ok(Done::plain("GETQUOTA completed"))
}

pub(crate) async fn get_quota_root(session: &mut Session, mailbox: &MailboxName) -> Answer {
    let path = path_of(mailbox)?;
    let found = session.read(move |ctx, tx, account| mailboxes::find_path(ctx, tx, account, &path)).await?;
    found.ok_or_else(no_such_mailbox)?;
    session.say().quota_root(mailbox.as_str(), &[ROOT]);
    tell_quota(session).await?;
    Ok(Done::plain("GETQUOTAROOT completed"))
}

async fn tell_quota(session: &mut Session) -> Result<(), Failed> {
    let head = session.read(heads::open).await?;
    session.say().quota(ROOT, &resources(&head));
    Ok(())
}

/// Without a limit there is nothing to tell: RFC 9208 §5.2 has no word for "unlimited".
fn resources(head: &Head) -> Vec<QuotaResource> {
    let limit = head.quota_bytes.zip(Atom::new("STORAGE"));
    limit.map(|(limit, name)| QuotaResource { name, usage: head.used_bytes.div_ceil(1024), limit: limit / 1024 }).into_iter().collect()
}
