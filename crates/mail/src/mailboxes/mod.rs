//! 文件夹: the mailboxes of an account, a tree. Their counts are kept by whatever adds, changes or removes entries, in the same transaction.
//!
//! The standard mailboxes are made at the first use of an account ([`ensure`]), so that accounts nobody uses cost nothing.

mod change;
mod create;
mod names;
mod remove;
pub(crate) mod repo;
mod subscriptions;

use std::collections::HashMap;

use kernel::{Ctx, MailAccountId};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

pub use change::{MailboxPatch, change, rename, rename_inbox, told_up_to};
pub(crate) use create::made_for_role;
pub use create::{NewMailbox, create, create_path, ensure};
pub use names::is_inbox_name;
pub use remove::{RemoveMail, remove, remove_all};
pub use subscriptions::{MAX_LOST_SUBSCRIPTIONS, Subscription, lost, subscribe, unsubscribe};

use crate::MailboxId;
use crate::heads::{self, MailError};

/// Between the levels of a path.
pub const SEPARATOR: char = '/';
pub const MAX_NAME_BYTES: usize = 255;
pub const MAX_DEPTH: usize = 20;
/// Of one account.
pub const MAX_MAILBOXES: usize = 10_000;

/// What a mailbox is for. An account has at most one mailbox for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Inbox,
    Drafts,
    Sent,
    Junk,
    Trash,
    Archive,
}

impl Role {
    pub const ALL: [Self; 6] = [Self::Inbox, Self::Drafts, Self::Sent, Self::Junk, Self::Trash, Self::Archive];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Drafts => "drafts",
            Self::Sent => "sent",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::Archive => "archive",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The name that its mailbox is made with. Programs that know roles show their own word for it.
    pub fn default_name(self) -> &'static str {
        match self {
            Self::Inbox => names::INBOX,
            Self::Drafts => "Drafts",
            Self::Sent => "Sent",
            Self::Junk => "Junk",
            Self::Trash => "Trash",
            Self::Archive => "Archive",
        }
    }
}

/// A mailbox as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub id: MailboxId,
    /// `None` at the top.
    pub parent: Option<MailboxId>,
    pub name: String,
    pub role: Option<Role>,
    pub uid_validity: u32,
    pub uid_next: u32,
    /// How many entries it holds.
    pub total: u32,
    /// IMAP's UNSEEN: without `\Seen`.
    pub unseen: u32,
    /// JMAP's unreadEmails: with neither `\Seen` nor `\Draft`.
    pub unread: u32,
    pub total_threads: u32,
    /// Threads of which at least one entry here is unread.
    pub unread_threads: u32,
    /// The sizes of its entries together.
    pub size_bytes: u64,
    /// The highest change of an entry, or of an entry's going: IMAP's HIGHESTMODSEQ.
    pub change_number: i64,
    pub created_change: i64,
    /// When anything but the counts changed.
    pub changed_change: i64,
    /// When the counts changed.
    pub counted_change: i64,
    pub subscribed: bool,
    pub sort_order: u32,
    /// From this uid on no session of IMAP4rev1 was told of a message yet; `None` is from `uid_next` on.
    pub recent_from: Option<u32>,
}

#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("there is a mailbox with this name already: {name}")]
    NameTaken { name: String, existing: MailboxId },
    #[error("a mailbox's name has 1 to {MAX_NAME_BYTES} bytes, no slash and no control characters")]
    NameInvalid,
    #[error("mailboxes go at most {MAX_DEPTH} levels deep")]
    TooDeep,
    #[error("an account has at most {MAX_MAILBOXES} mailboxes")]
    TooMany,
    #[error("an account has at most {MAX_LOST_SUBSCRIPTIONS} subscriptions to names that are no mailbox")]
    TooManySubscriptions,
    #[error("another mailbox has the role {role} already")]
    RoleTaken { role: &'static str },
    #[error("the mailbox has others below it")]
    HasChildren,
    #[error("the mailbox is not empty")]
    NotEmpty,
    /// INBOX stays where it is, as what it is.
    #[error("INBOX can be neither removed nor moved")]
    IsInbox,
    #[error("a mailbox cannot be put below itself")]
    IntoItself,
    #[error("could not change the mailboxes")]
    Store(#[from] StoreError),
}
kernel::faults! { MailboxError:
    MailboxError::Mail(inner) => inner,
    MailboxError::NameTaken { name, .. } => Conflict "mailbox_name_taken" { name },
    MailboxError::NameInvalid => Invalid "mailbox_name_invalid",
    MailboxError::TooDeep => LimitReached "mailbox_too_deep",
    MailboxError::TooMany => LimitReached "too_many_mailboxes",
    MailboxError::TooManySubscriptions => LimitReached "too_many_subscriptions",
    MailboxError::RoleTaken { role } => Conflict "mailbox_role_taken" { role },
    MailboxError::HasChildren => Conflict "mailbox_has_children",
    MailboxError::NotEmpty => Conflict "mailbox_not_empty",
    MailboxError::IsInbox => Forbidden "mailbox_is_inbox",
    MailboxError::IntoItself => Invalid "mailbox_into_itself",
    MailboxError::Store(inner) => inner,
}

/// Every mailbox, parents before their children and siblings in their order. Makes nothing: an account that nobody has used has none.
pub fn list(ctx: &Ctx, tx: &mut Tx, account: MailAccountId) -> Result<Vec<Mailbox>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(in_order(repo::all(tx, account)?))
}

pub fn get(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, id: MailboxId) -> Result<Mailbox, MailError> {
    heads::open(ctx, tx, account)?;
    repo::find(tx, account, id)?.ok_or(MailError::MailboxNotFound(id))
}

/// The mailbox at a path, from the top; INBOX however it is written.
pub fn find_path(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, path: &[String]) -> Result<Option<Mailbox>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::find_path(tx, account, path)?)
}

pub fn find_role(ctx: &Ctx, tx: &mut Tx, account: MailAccountId, role: Role) -> Result<Option<Mailbox>, MailError> {
    heads::open(ctx, tx, account)?;
    Ok(repo::find_role(tx, account, role)?)
}

fn in_order(mailboxes: Vec<Mailbox>) -> Vec<Mailbox> {
    let mut children: HashMap<Option<MailboxId>, Vec<Mailbox>> = HashMap::new();
    let count = mailboxes.len();
    for mailbox in mailboxes {
        children.entry(mailbox.parent).or_default().push(mailbox);
    }
    for siblings in children.values_mut() {
        // The last comes first, because they are taken from the end.
        siblings.sort_by(|one, other| (other.sort_order, &other.name).cmp(&(one.sort_order, &one.name)));
    }
    let mut ordered = Vec::with_capacity(count);
    let mut waiting = children.remove(&None).unwrap_or_default();
    while let Some(mailbox) = waiting.pop() {
        waiting.extend(children.remove(&Some(mailbox.id)).unwrap_or_default());
        ordered.push(mailbox);
    }
    ordered
}
