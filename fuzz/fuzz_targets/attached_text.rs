//! Any octets as an attached file, as they are and behind the beginnings of the kinds that are read: no panic, a bounded text, and the same one each time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::mime::text_of_file;

fuzz_target!(|bytes: &[u8]| {
    for beginning in [&b""[..], b"PK\x03\x04", b"%PDF-1.7\n1 0 obj\n"] {
        let file = [beginning, bytes].concat();
        let text = text_of_file(&file);
        assert!(text.as_ref().is_none_or(|text| text.len() <= 1 << 20));
        assert_eq!(text_of_file(&file), text);
    }
});
