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
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../web/packages/ui/src/locales/errors/{language}.json"));
        let texts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let known: BTreeSet<&String> = texts.as_object().unwrap().keys().collect();
        missing.extend(codes.iter().filter(|code| !known.contains(code)).map(|code| format!("{language}: {code}")));
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
