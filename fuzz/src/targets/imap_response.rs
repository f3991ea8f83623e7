//! Any octets as what a server says: no panic, and what was understood and written again is understood again.

use proto_imap::{Response, ResponseFramer};

use super::IMAP_WORDS;
use crate::Target;

pub const TARGET: Target = Target { name: "imap_response", corpus, words: IMAP_WORDS, begin: || Box::new(run) };

fn corpus() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/serve-imap/tests/transcripts");
    let said = |file: Vec<u8>| {
        let text = String::from_utf8_lossy(&file).into_owned();
        // What varies is written as dots there.
        let lines = text.lines().filter_map(|line| line.strip_prefix("S: "));
        lines.map(|line| format!("{}\r\n", line.replace('…', "1"))).collect::<String>().into_bytes()
    };
    super::files(folder).into_iter().map(said).collect()
}

fn run(stream: &[u8]) {
    let mut framer = ResponseFramer::new(1 << 20);
    let mut input = stream;
    while let Ok(Some(octets)) = framer.feed(&mut input) {
        let Ok(response) = Response::parse(octets, true) else { continue };
        let mut again = Vec::new();
        response.encode(&mut again, true);
        if let Some(octets) = again.strip_suffix(b"\r\n") {
            let _ = Response::parse(octets, true);
        }
    }
}
