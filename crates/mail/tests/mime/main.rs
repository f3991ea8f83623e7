//! Messages as clients see them, sane and broken.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

mod attachments;
mod broken;
mod building;
mod envelopes;
mod extremes;
mod hostile;
mod sections;
mod structures;
mod texts;
mod views;
mod wire;

use mail::mime::{Section, What};

/// Lines as they are in a message: each ends with CRLF.
fn lines(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/samples/mail/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn body(message: &[u8], path: &[u32], what: What) -> Option<String> {
    mail::mime::section(message, &Section { path: path.to_vec(), what }).map(|bytes| shown(&bytes))
}
