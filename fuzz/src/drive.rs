//! Feeds a target for some seconds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::{Panics, Run, Target, mutate};

/// How long each target is fed.
const SECONDS_VARIABLE: &str = "YANSHU_FUZZ_SECONDS";
/// Another seed, other inputs.
const SEED_VARIABLE: &str = "YANSHU_FUZZ_SEED";
const DEFAULT_SECONDS: u64 = 2;
const DEFAULT_SEED: u64 = 2026;

fn number_of(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is a number")),
        Err(_) => default,
    }
}

/// Feeds the corpus and then what is made of it. Panics at the first input that the target does not bear, and tells where it is kept.
pub fn drive(target: &Target) {
    let (seconds, seed) = (number_of(SECONDS_VARIABLE, DEFAULT_SECONDS), number_of(SEED_VARIABLE, DEFAULT_SEED));
    let corpus = (target.corpus)();
    let panics = Panics::watch();
    let mut run = (target.begin)();
    for input in &corpus {
        feed(target, &panics, &mut run, input, "of the corpus");
    }
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut number = 0;
    while Instant::now() < end {
        let input = mutate::input(seed, number, &corpus, target.words);
        feed(target, &panics, &mut run, &input, &format!("{number} of seed {seed}"));
        number += 1;
    }
    println!("{}: {} inputs of the corpus, {number} made of it with seed {seed}", target.name, corpus.len());
}

/// Feeds one input that was kept.
pub fn run_file(target: &Target, input: &[u8]) {
    let panics = Panics::watch();
    let mut run = (target.begin)();
    feed(target, &panics, &mut run, input, "from a file");
}

fn feed(target: &Target, panics: &Panics, run: &mut Run, input: &[u8], which: &str) {
    let outcome = catch_unwind(AssertUnwindSafe(|| run(input)));
    if outcome.is_err() || panics.any() {
        let kept = keep(target, input);
        panic!("{} does not bear input {which}, {} octets, kept in {}", target.name, input.len(), kept.display());
    }
}

fn keep(target: &Target, input: &[u8]) -> PathBuf {
    let folder = std::env::temp_dir().join("yanshu-fuzz");
    let path = folder.join(format!("{}-{}.bin", target.name, std::process::id()));
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, input)).expect("an input that fails can be kept");
    path
}
