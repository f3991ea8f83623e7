//! SMTP over real sockets, against a real store on each engine.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

mod access;
mod checks;
mod delivery;
mod dns;
mod office;
mod peer;
mod rudeness;
mod smuggling;
mod submission;
mod tls;
mod transcript;

testkit::mail_is_sound_after_each_test!();
