//! The maildrop: an account's INBOX as POP3 sees it (RFC 1939), one session at a time.
//!
//! [`lock`] takes it for a session until a lease ends, [`keep`] renews the leases of many sessions at once, and the session that ends gives it back
//! with [`unlock`]. Whoever dies without that loses it when the lease ends. [`expunge`] looks at the lock in the transaction that removes, so a
//! session that lost its maildrop without noticing removes nothing.
//!
//! A message is known by its unique id: `uidvalidity.uid` of INBOX, or the one it had on the server it was brought from ([`set_unique_id`],
//! [`bring_unique_ids`]), so that programs do not download everything again after a move to here.

mod bring;
mod line_ends;
mod listing;
mod lock;
mod repo;
mod unique_ids;

pub use bring::{Brought, KnownBy, bring_unique_ids};
pub use line_ends::missing_line_end_bytes;
pub use listing::{Listed, Octets, find_octets, for_each_listed};
pub use lock::{LEASE_SECS, Lock, MaildropError, expunge, keep, lock, unlock};
pub(crate) use repo::{copy_message, delete_messages, note_more_bytes};
pub use unique_ids::{MAX_UNIQUE_ID_BYTES, UniqueIdError, derived_unique_id, set_unique_id};
