//! What a room of the house may use is fixed; this reads `cargo metadata` and fails on a wrong arrow.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the answer")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Each crate with the crates of ours it may use. A new crate needs a line here, and a reason in `docs/ARCHITECTURE.md`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("store", &["kernel"]),
    ("directory", &["kernel", "store"]),
    ("identity", &["kernel", "store", "directory"]),
    ("mail", &["kernel", "store", "directory"]),
    ("lifecycle", &["kernel", "store", "directory", "identity", "mail"]),
    ("proto-imap", &[]),
    ("transport", &[]),
    ("serve-imap", &["kernel", "store", "directory", "identity", "mail", "lifecycle", "proto-imap", "transport"]),
    ("serve-pop3", &["kernel", "store", "identity", "mail", "transport"]),
    ("serve-smtp", &["kernel", "store", "directory", "identity", "mail", "lifecycle", "transport"]),
    ("serve-http", &["kernel", "store", "directory", "identity", "mail", "lifecycle"]),
    ("worker", &["kernel", "store", "directory", "identity", "mail", "lifecycle"]),
    (
        "server",
        &[
            "kernel",
            "store",
            "directory",
            "identity",
            "mail",
            "lifecycle",
            "serve-http",
            "serve-imap",
            "serve-pop3",
            "serve-smtp",
            "worker",
        ],
    ),
    ("testkit", &["kernel", "store", "testkit-macros"]),
    ("testkit-macros", &[]),
    ("testkit-mail", &["kernel", "store", "directory", "identity", "mail", "testkit"]),
    (
        "fuzz",
        &[
            "kernel",
            "store",
            "directory",
            "identity",
            "mail",
            "lifecycle",
            "proto-imap",
            "serve-http",
            "serve-imap",
            "serve-pop3",
            "testkit",
        ],
    ),
    ("bench", &["kernel", "store", "directory", "identity", "mail", "lifecycle", "serve-http", "worker", "testkit"]),
];

#[test]
fn every_crate_uses_only_what_lies_below_it() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ALLOWED.iter().map(|(name, uses)| (*name, uses.iter().copied().collect())).collect();
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let ours: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let Some(uses) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} has no line in the table", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal) {
            if ours.contains(&dependency.name) && !uses.contains(dependency.name.as_str()) {
                wrong.push(format!("{} must not use {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_in_the_repository_points_outside_of_it() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let listed = std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(&root).output().unwrap();
    let outside = format!("../{}", "shared");
    for name in String::from_utf8(listed.stdout).unwrap().split_terminator('\0') {
        let Ok(text) = std::fs::read_to_string(root.join(name)) else { continue };
        assert!(!text.contains(&outside), "{name} points to {outside}");
    }
}
