use directory::members::{self, AccountKind, RestoreError};
use directory::organisations;
use identity::identities;
use kernel::{Actor, Ctx, MemberId, OrgId};
use mail::mail_accounts;
use store::{StoreError, Tx};

use crate::jobs::JobApp;

const MEMBERS_PER_TRANSACTION: usize = 20;

/// Ends a member in the recycle bin for good, with its identity and an empty mail account; see [`members::purge`]. A mail account that holds mail
/// stays, held by nobody, for whoever clears it.
pub fn purge(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<(), RestoreError> {
    let member = members::find(tx, ctx.org, id, ctx.now)?.ok_or(RestoreError::NotFound(id))?;
    members::purge(ctx, tx, id)?;
    // A personal account's identity is the person's own.
    if let (AccountKind::Enterprise, Some(identity)) = (member.account_kind, member.identity_id) {
        identities::remove_many(tx, &[identity])?;
    }
    if let Some(account) = member.mail_account_id
        && mail_accounts::remove_empty(tx, ctx.org, &[account])? == 0
    {
        mail_accounts::let_go(tx, ctx.org, account)?;
    }
    Ok(())
}

/// Purges everybody whose days in the recycle bin are over, in every organisation; answers how many.
pub async fn purge_due(app: &JobApp) -> Result<u64, StoreError> {
    let mut purged = 0;
    let organisations = app.store.read(organisations::list).await?;
    for org in organisations.into_iter().map(|organisation| organisation.id) {
        loop {
            let ctx = app.ctx(org, Actor::System { task: "recycle_bin" }, "recycle-bin");
            let now = ctx.now;
            // Looked at first without a write: most rounds find nothing.
            if app.store.read(move |tx| members::due_for_purge(tx, org, now, 1)).await?.is_empty() {
                break;
            }
            purged += app.store.write_bulk(move |tx| purge_some(&ctx, tx, org)).await?;
        }
    }
    Ok(purged)
}

fn purge_some(ctx: &Ctx, tx: &mut Tx, org: OrgId) -> Result<u64, StoreError> {
    let due = members::due_for_purge(tx, org, ctx.now, MEMBERS_PER_TRANSACTION)?;
    for id in &due {
        match purge(ctx, tx, *id) {
            // Restored or purged in the same moment by somebody else.
            Ok(()) | Err(RestoreError::NotFound(_) | RestoreError::NotInRecycleBin) => {}
            Err(RestoreError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::error!(member.id = %id, error = &error as &dyn std::error::Error, "Could not purge {id} from the recycle bin")
            }
        }
    }
    Ok(due.len() as u64)
}
