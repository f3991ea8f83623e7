//! What is made from the program is current: the reference pages, and a text in both languages for every error code.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_error_code_has_a_text_in_both_languages() {
    // What is linked in registers its codes; the reference page links all of the program.
    let codes: Vec<String> = server::reference::codes().into_iter().map(|entry| entry.code.to_owned()).collect();
    assert!(codes.len() > 50, "the codes of the whole program are linked in");
    let mut missing = Vec::new();
    for language in ["zh-CN", "en"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/packages/ui/src/locales/errors");
        let known: BTreeSet<String> = ["", "administration"]
            .into_iter()
            .flat_map(|who| {
                let text = std::fs::read_to_string(folder.join(who).join(format!("{language}.json"))).unwrap();
                serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).unwrap()
            })
            .map(|(code, _)| code)
            .collect();
        missing.extend(codes.iter().filter(|code| !known.contains(*code)).map(|code| format!("{language}: {code}")));
    }
    assert!(missing.is_empty(), "without a text:\n{}", missing.join("\n"));
}

#[test]
fn the_reference_pages_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    for (name, page) in server::reference::pages() {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(committed == page, "docs/reference/{name} is not current; run: make generate");
    }
}
