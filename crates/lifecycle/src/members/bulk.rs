use directory::members::{Batch, InsertError, NewMember};
use identity::identities::{self, Credential};
use kernel::{Ctx, IdentityId, MailAccountId, MemberId};
use mail::mail_accounts;
use store::{StoreError, Tx};

/// Members made by the hundred in one transaction. Their identities and mail accounts are written together at its end, which on PostgreSQL costs a
/// sixth of writing them one by one.
#[derive(Debug, Default)]
pub struct Bulk {
    identities: Vec<(IdentityId, Credential)>,
    mail_accounts: Vec<(MailAccountId, MemberId)>,
}

impl Bulk {
    /// Makes a member that signs in with `credential`. One that is refused has written nothing, and the next can go on.
    pub fn insert(
        &mut self,
        ctx: &Ctx,
        tx: &mut Tx,
        batch: &mut Batch,
        new: NewMember,
        credential: Credential,
        with_mail_account: bool,
    ) -> Result<MemberId, InsertError> {
        let identity_id = ctx.new_id();
        let mail_account_id = with_mail_account.then(|| ctx.new_id());
        let member = batch.insert(ctx, tx, &NewMember { identity_id: Some(identity_id), mail_account_id, ..new })?;
        self.identities.push((identity_id, credential));
        self.mail_accounts.extend(mail_account_id.map(|account| (account, member)));
        Ok(member)
    }

    /// Writes what the members made so far name and what belongs to them; the transaction must not commit without it. `false` as
    /// [`Batch::write_deferred`] says it.
    #[must_use = "a transaction in which members are missing must not commit"]
    pub fn finish(self, ctx: &Ctx, tx: &mut Tx, mut batch: Batch) -> Result<bool, StoreError> {
        if !batch.write_deferred(ctx, tx)? {
            return Ok(false);
        }
        batch.finish(ctx, tx)?;
        identities::add_enterprise_many(ctx, tx, &self.identities)?;
        mail_accounts::open_many(ctx, tx, &self.mail_accounts)?;
        Ok(true)
    }
}
