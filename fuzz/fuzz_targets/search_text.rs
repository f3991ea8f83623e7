//! Any text folded and searched in: no panic, what is found stands in the text, and marks lie between characters.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::search::{fold, snippet};

fuzz_target!(|texts: (&str, &str)| {
    let (text, needle) = texts;
    let (folded, wanted) = (fold(text), fold(needle));
    if let Some(found) = snippet(text, &[needle], 100) {
        assert!(!wanted.is_empty());
        for mark in &found.marks {
            assert!(found.text.get(mark.clone()).is_some_and(|marked| !marked.is_empty()));
        }
        let _ = found.to_html();
    }
    assert!(!folded.contains("  "));
});
