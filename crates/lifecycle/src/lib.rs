//! What crosses subjects: a member with its identity and mail account, an organisation with its first owner, spreadsheets that become members, and
//! members that become spreadsheets.
//!
//! The rules of each subject stay with it; here they are called in one transaction, or as a job that survives a restart. Nothing here speaks a
//! protocol. [`setup`] and [`members`] are single operations; [`imports`] and [`exports`] are jobs, which [`jobs`] tells how to run; [`sheets`] reads and
//! writes files and knows nothing of the database; [`demo_mail`] fills the mailboxes of a demonstration; [`push_subscriptions`] are addresses that are told
//! of changes as long as the session or password that they were made with.

pub mod demo_mail;
pub mod exports;
pub mod imports;
pub mod jobs;
pub mod mail_recovery;
pub mod members;
pub mod push_subscriptions;
pub mod setup;
pub mod sheets;
pub mod unique_ids;
