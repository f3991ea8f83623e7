//! Filling and reading one mailbox by IMAP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::imap::Imap;
use crate::stopwatch::{Measured, Stopwatch};
use crate::{Chance, texts};

pub fn append(
    address: &str,
    connections: usize,
    messages: usize,
    bytes: usize,
    user: &str,
    message: fn(&mut Chance, usize, usize) -> Vec<u8>,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        for connection in 0..connections {
            let next = Arc::clone(&next);
            scope.spawn(move || {
                let mut imap = Imap::sign_in(address, user);
                let mut chance = Chance::new(connection as u64 + 100);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= messages {
                        return;
                    }
                    imap.append(&message(&mut chance, index, bytes));
                }
            });
        }
    });
    watch.stop(messages).print();
}

/// SELECT and a FETCH of all messages.
pub fn fetch(address: &str, user: &str, items: &str, count: usize, runs: usize) {
    let mut best: Option<Measured> = None;
    for _ in 0..runs {
        let mut imap = Imap::sign_in(address, user);
        let watch = Stopwatch::start();
        imap.command("SELECT INBOX");
        let (found, bytes) = imap.count_fetched(&format!("FETCH 1:* ({items})"));
        let measured = watch.stop(count);
        assert_eq!(found, count, "the mailbox holds another number of messages");
        println!("{found} messages, {:.1} MiB, {:.3} s", bytes as f64 / 1_048_576.0, measured.took.as_secs_f64());
        if best.as_ref().is_none_or(|best| measured.took < best.took) {
            best = Some(measured);
        }
    }
    best.expect("at least one run").print();
}

pub fn search(address: &str, user: &str, messages: usize, is_rare: bool, is_chinese: bool, runs: usize) {
    let (words, every) = if is_rare { (texts::RARE, texts::RARE_EVERY) } else { (texts::COMMON, texts::COMMON_EVERY) };
    let word = words[usize::from(is_chinese)];
    let mut best: Option<Measured> = None;
    let mut imap = Imap::sign_in(address, user);
    imap.command("SELECT INBOX");
    for _ in 0..runs {
        let watch = Stopwatch::start();
        let lines = imap.command(&format!("SEARCH CHARSET UTF-8 TEXT {{{}+}}\r\n{word}", word.len()));
        let measured = watch.stop(1);
        let found = lines.iter().filter_map(|line| line.strip_prefix("* SEARCH")).flat_map(str::split_whitespace).count();
        assert_eq!(found, messages.div_ceil(every), "another number of messages has {word}");
        println!("{found} messages have {word}: {:.4} s", measured.took.as_secs_f64());
        if best.as_ref().is_none_or(|best| measured.took < best.took) {
            best = Some(measured);
        }
    }
    best.expect("at least one run").print();
}
