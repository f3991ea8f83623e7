//! Requests against the real router and a real store.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod api;
mod site;

testkit::mail_is_sound_after_each_test!();
