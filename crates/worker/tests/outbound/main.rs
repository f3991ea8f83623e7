//! Mail leaving the installation, towards scripted servers on loopback and a scripted DNS.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod connections;
mod content;
mod notices;
mod outcomes;
mod peer;
mod queue;
mod routes;
mod scene;
mod signatures;
mod smart_host;
mod tls;

testkit::mail_is_sound_after_each_test!();
