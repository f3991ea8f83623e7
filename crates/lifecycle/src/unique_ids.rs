//! A member who moves here with POP3: the unique ids of the old server come along.

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::members;
use kernel::{Ctx, MemberId};
use mail::heads::MailError;
use mail::maildrop::{self, Brought, KnownBy};
use serde_json::json;
use store::{Store, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum BringError {
    #[error("member {0} does not exist")]
    NotFound(MemberId),
    #[error("the member has no mail account")]
    NoMailAccount,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("could not keep the unique ids")]
    Store(#[from] StoreError),
}
kernel::faults! { BringError:
    BringError::NotFound(_) => NotFound "member_not_found",
    BringError::NoMailAccount => Conflict "member_has_no_mail_account",
    BringError::Denied(inner) => inner,
    BringError::Mail(inner) => inner,
    BringError::Store(inner) => inner,
}

/// [`maildrop::bring_unique_ids`] for a member. It is recorded before it is done.
pub async fn bring(store: &Store, ctx: &Ctx, id: MemberId, known: Vec<KnownBy>) -> Result<Brought, BringError> {
    let (own, count) = (ctx.clone(), known.len());
    let account = store.write(move |tx| {
        authorize(&own, tx, Permission::ManageMembers, Target::Member(id))?;
        let member = members::find(tx, own.org, id, own.now)?.ok_or(BringError::NotFound(id))?;
        let account = member.mail_account_id.ok_or(BringError::NoMailAccount)?;
        let event = AuditEvent::new("member.unique_ids_brought", AuditTarget::member(id, member.profile.name));
        audit::record(&own, tx, event.with_after(json!({ "unique_ids": count })))?;
        Ok::<_, BringError>(account)
    });
    let account = account.await?;
    Ok(maildrop::bring_unique_ids(store, ctx, account, &known).await?)
}
