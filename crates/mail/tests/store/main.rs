//! The store of mail through its public functions, on both engines. At the end of each test everything still fits together.

#![allow(clippy::unwrap_used, reason = "a test that panics has found what it looked for")]

mod arrange;
mod changes;
mod concurrency;
mod damage;
mod delivery;
mod entries;
mod mailboxes;
mod maildrop;
mod metadata;
mod queries;
mod removed_messages;
mod threads;
mod world;

testkit::mail_is_sound_after_each_test!();
