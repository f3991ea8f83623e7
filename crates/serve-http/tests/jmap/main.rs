//! JMAP through the real router and a real store.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod blobs;
mod client;
mod compose;
mod emails;
mod extremes;
mod followers;
mod held;
mod limits;
mod mailboxes;
mod push;
mod push_subscriptions;
mod queries;
mod removed_messages;
mod requests;
mod sessions;

testkit::mail_is_sound_after_each_test!();
#[allow(dead_code, reason = "shared with the tests of the REST API")]
#[path = "../site.rs"]
mod site;
mod submissions;
mod web_socket;
