//! The IMAP server over real sockets and a real store.

#![allow(clippy::unwrap_used, reason = "a test that panics has found what it looked for")]

mod access;
mod chance;
mod faults;
mod limits;
mod office;
mod peer;
mod resync;
mod scram;
mod sessions;
mod transcript;
mod transcripts;

testkit::mail_is_sound_after_each_test!();
