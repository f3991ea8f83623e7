//! 邮箱账户: owned by nobody but itself, held by one member, one shared mailbox, or nobody. The holder changes, the id does not.
//!
//! Functions that take an organisation in place of a context are parts of operations elsewhere and ask nobody's permission.

mod repo;

use directory::access::{Denied, Permission, Target, authorize};
use kernel::{Actor, Ctx, MailAccountId, MemberId, OrgId, Timestamp};
use store::{StoreError, Tx};

pub use repo::{count, find, find_of_member};

/// The head of a mail account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAccount {
    pub id: MailAccountId,
    pub org_id: OrgId,
    /// `None` while nobody holds it.
    pub member_id: Option<MemberId>,
    /// Grows with every change to the account's mail.
    pub change_number: i64,
    pub used_bytes: u64,
    pub message_count: u64,
    pub created_at: Timestamp,
}

/// How full a mail account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub used_bytes: u64,
    pub message_count: u64,
    /// `None` is unlimited.
    pub quota_bytes: Option<u64>,
}

/// An empty mail account held by `member`. The caller has asked for permission and tells the member its account.
pub fn open(ctx: &Ctx, tx: &mut Tx, member: MemberId) -> Result<MailAccountId, StoreError> {
    let id = ctx.new_id();
    repo::insert_many(tx, ctx.org, &[(id, member)], ctx.now)?;
    Ok(id)
}

/// As [`open`] for many members at once, a fraction of the cost for each. The ids come from [`Ctx::new_id`], so that the members can name their
/// accounts before these are written, in the same transaction.
pub fn open_many(ctx: &Ctx, tx: &mut Tx, accounts: &[(MailAccountId, MemberId)]) -> Result<(), StoreError> {
    repo::insert_many(tx, ctx.org, accounts, ctx.now)
}

/// Removes those of the accounts that never held a message, when the members they were opened for are taken back; answers how many.
pub fn remove_empty(tx: &mut Tx, org: OrgId, ids: &[MailAccountId]) -> Result<u64, StoreError> {
    repo::delete_empty(tx, org, ids)
}

/// Takes the account from its holder, who is gone; the mail in it stays until somebody else is given it.
pub fn let_go(tx: &mut Tx, org: OrgId, id: MailAccountId) -> Result<(), StoreError> {
    repo::set_holder(tx, org, id, None)
}

/// What a member may store: the base of its service class and its extra; without a base there is no limit.
pub fn effective_quota(class_base_bytes: Option<u64>, extra_bytes: i64) -> Option<u64> {
    class_base_bytes.map(|base| base.saturating_add_signed(extra_bytes))
}

#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the member has no mail account")]
    NotFound,
    #[error("could not find how full the mail account is")]
    Store(#[from] StoreError),
}
kernel::faults! { UsageError:
    UsageError::Denied(inner) => inner,
    UsageError::NotFound => NotFound "mail_account_not_found",
    UsageError::Store(inner) => inner,
}

/// How full a member's mail account is: one's own, or another's for who may view members.
pub fn usage(ctx: &Ctx, tx: &mut Tx, member: MemberId) -> Result<Usage, UsageError> {
    let own = matches!(ctx.actor, Actor::Member { member_id, .. } if member_id == member);
    let (permission, target) =
        if own { (Permission::UseOwnAccount, Target::Own(member)) } else { (Permission::ViewMembers, Target::Member(member)) };
    authorize(ctx, tx, permission, target)?;
    let account = find_of_member(tx, ctx.org, member)?.ok_or(UsageError::NotFound)?;
    let (base, extra) = repo::quota_of_member(tx, ctx.org, member)?;
    Ok(Usage { used_bytes: account.used_bytes, message_count: account.message_count, quota_bytes: effective_quota(base, extra) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_quota_adds_to_the_class_and_means_nothing_without_a_limit() {
        assert_eq!(effective_quota(Some(10), 5), Some(15));
        assert_eq!(effective_quota(Some(10), -20), Some(0));
        assert_eq!(effective_quota(None, 5), None);
        assert_eq!(effective_quota(Some(u64::MAX), 5), Some(u64::MAX));
    }
}
