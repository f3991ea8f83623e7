//! Pushes to a push service on loopback that reads them as a browser would (RFC 8030, RFC 8291, RFC 8292).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod guard;
mod outcomes;
mod pushes;
mod scene;
mod service;

testkit::mail_is_sound_after_each_test!();
