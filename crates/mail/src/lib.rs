//! Mail: accounts, mailboxes, messages, delivery and what protocols need to show them.
//!
//! Nothing here signs anybody in or knows departments; what needs a member and its mail account together is `lifecycle`'s. Start with [`heads`], which
//! every operation begins with, then [`mailboxes`], [`entries`] and [`delivery`]. `docs/designs/mail-store.md` tells how the rows are laid out and why.

pub mod arrange;
pub mod changes;
pub mod delivery;
pub mod dkim;
pub mod email_identities;
pub mod email_query;
pub mod email_submissions;
pub mod entries;
mod flags;
pub mod heads;
mod ids;
pub mod mail_accounts;
pub mod mailboxes;
pub mod maildrop;
pub mod messages;
pub mod metadata;
pub mod mime;
pub mod outbound;
pub mod reception;
pub mod removed_messages;
pub mod search;
pub mod submission;
pub mod threads;
mod uid_set;
pub mod uploads;
pub mod verify;

pub use flags::{FlagBits, FlagError, Flags, MAX_KEYWORD_BYTES, MAX_KEYWORDS, imap_names};
pub use ids::{MailboxId, MessageId, NumberError, ThreadId};
pub use uid_set::UidSet;

/// Every column of mail that names blobs, for the sweep.
pub const REFERENCES: &[store::Reference] =
    &[messages::REFERENCE, delivery::REFERENCE, uploads::REFERENCE, outbound::REFERENCES[0], submission::held::REFERENCE];
