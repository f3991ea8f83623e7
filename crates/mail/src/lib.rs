//! Mail accounts: what holds a member's mail, its quota and its change number.
//!
//! Mailboxes, messages and delivery come to live here too. Nothing here signs anybody in or knows departments; what needs a member and its mail account
//! together is `lifecycle`'s. Start with [`mail_accounts`].

pub mod dkim;
pub mod mail_accounts;
pub mod mime;
pub mod submission;
