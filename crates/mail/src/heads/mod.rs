//! The head of a mail account, as those see it who read and write mail: who may use it, its change number, and how full it is.
//!
//! Every operation on mail begins with [`open`]. Every write takes the next change number with [`begin_change`], once for each operation, and stamps
//! with it whatever it touches: IMAP's MODSEQ and JMAP's states are these numbers.

mod repo;

use kernel::{Actor, Ctx, MailAccountId, MemberId, OrgId};
use store::{Notice, StoreError, Tx};

pub use repo::change_numbers;
pub(crate) use repo::{Order, add_usage, take, take_numbers, take_uid_validities};

use crate::mail_accounts::effective_quota;
use crate::{MailboxId, MessageId};

/// The account cannot be used, or what was named in it does not exist.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Also when it belongs to somebody else: that it exists is not the caller's to know.
    #[error("there is no such mail account for the caller")]
    AccountNotFound,
    #[error("mailbox {0} does not exist")]
    MailboxNotFound(MailboxId),
    #[error("message {0} does not exist")]
    MessageNotFound(MessageId),
    #[error("could not use the mail account")]
    Store(#[from] StoreError),
}
kernel::faults! { MailError:
    MailError::AccountNotFound => NotFound "mail_account_not_found",
    MailError::MailboxNotFound(_) => NotFound "mailbox_not_found",
    MailError::MessageNotFound(_) => NotFound "message_not_found",
    MailError::Store(inner) => inner,
}

/// A mail account as it stands in this transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub account: MailAccountId,
    pub org: OrgId,
    /// `None` while nobody holds it.
    pub member: Option<MemberId>,
    /// The number of the last change to the account's mail.
    pub change_number: i64,
    /// Each message counts once, in however many mailboxes it is.
    pub used_bytes: u64,
    pub message_count: u64,
    /// What its holder may store; `None` is unlimited.
    pub quota_bytes: Option<u64>,
    /// What changed since a number below this one cannot be told any more.
    pub history_from: i64,
    /// The number that the next mailbox or message gets.
    pub next_number: i64,
}

impl Head {
    /// Whether `more` bytes still fit.
    pub fn has_room_for(&self, more: u64) -> bool {
        self.quota_bytes.is_none_or(|quota| self.used_bytes.saturating_add(more) <= quota)
    }

    /// How much more fits at most.
    pub fn room_bytes(&self) -> u64 {
        self.quota_bytes.map_or(u64::MAX, |quota| quota.saturating_sub(self.used_bytes))
    }
}

/// The account, for whoever may use it: the member that holds it, the operator, and the server itself.
pub fn open(ctx: &Ctx, tx: &mut Tx, account: MailAccountId) -> Result<Head, MailError> {
    let head = repo::find(tx, ctx.org, account)?.ok_or(MailError::AccountNotFound)?;
    refuse_others(ctx, &head)?;
    Ok(head)
}

/// As [`open`] for several accounts, each with its mailbox of a role if it has one. Those that [`open`] would refuse are left out.
pub(crate) fn open_with_role(
    ctx: &Ctx,
    tx: &mut Tx,
    accounts: &[MailAccountId],
    role: &'static str,
) -> Result<Vec<(Head, Option<MailboxId>)>, StoreError> {
    let mut found = repo::find_with_role(tx, ctx.org, accounts, role)?;
    found.retain(|(head, _)| refuse_others(ctx, head).is_ok());
    Ok(found)
}

fn refuse_others(ctx: &Ctx, head: &Head) -> Result<(), MailError> {
    let allowed = match &ctx.actor {
        Actor::Nobody => false,
        Actor::Member { member_id, .. } => head.member == Some(*member_id),
        Actor::Operator { .. } | Actor::System { .. } => true,
    };
    if allowed { Ok(()) } else { Err(MailError::AccountNotFound) }
}

/// The account's next change number, which the caller stamps on what it writes. Whoever listens is told once the transaction has committed.
pub fn begin_change(tx: &mut Tx, head: &Head) -> Result<i64, StoreError> {
    let number = repo::take(tx, head, Order::default())?.change_number;
    tell(tx, head, number);
    Ok(number)
}

/// Tells the bus about a change, once it is committed.
pub(crate) fn tell(tx: &mut Tx, head: &Head, change_number: i64) {
    tx.publish(Notice::Mail { org: head.org, account: head.account, change_number });
}
