//! CREATE, with CREATE-SPECIAL-USE (RFC 6154 §3). RFC 9051 §6.3.4

use mail::mailboxes::{self, MailboxError, MailboxPatch};
use proto_imap::{Code, MailboxName, SpecialUse};

use crate::errors::{Failed, Refusal};
use crate::names::{new_path_of, role_of};
use crate::session::{Answer, Done, Session};
use crate::watch;

pub(crate) async fn create(session: &mut Session, mailbox: &MailboxName, special_uses: &[SpecialUse]) -> Answer {
    let path = new_path_of(mailbox)?;
    let role = match special_uses {
        [] => None,
        [one] => Some(role_of(*one).ok_or_else(cannot_be_used_so)?),
        _ => return Err(cannot_be_used_so().into()),
    };
    let made = session
        .write(move |ctx, tx, account| -> Result<_, MailboxError> {
            let made = mailboxes::create_path(ctx, tx, account, &path)?;
            if role.is_some() {
                mailboxes::change(ctx, tx, account, made, &MailboxPatch { role: Some(role), ..MailboxPatch::default() })?;
            }
            Ok(made)
        })
        .await;
    match made {
        // RFC 8474 §4.2
        Ok(made) => {
            watch::made_name(session, mailbox);
            Ok(Done::Ok(super::select::mailbox_id(made), "CREATE completed"))
        }
        Err(Failed::Refused(refusal)) if role.is_some() && refusal.text.contains("role") => Err(cannot_be_used_so().into()),
        Err(failed) => Err(failed),
    }
}

/// RFC 6154 §3: uses that are not offered, and a second mailbox for the same use.
fn cannot_be_used_so() -> Refusal {
    Refusal::no(Code::UseAttr, "No mailbox can be made for this use")
}
