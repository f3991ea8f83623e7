//! Changes of a whole mailbox, and how long somebody else waits meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::imap::Imap;
use crate::stopwatch::{Measured, Stopwatch};

const ELSEWHERE: &str = "Elsewhere";

/// What is done with every message of a mailbox.
#[derive(Clone, Copy)]
pub enum Change {
    /// STORE 1:* +FLAGS.SILENT (\Seen) in INBOX.
    Mark,
    /// MOVE 1:* out of INBOX.
    Move,
    /// EXPUNGE of what was moved, when all of it is marked.
    Expunge,
}

impl Change {
    pub fn named(name: &str) -> Self {
        match name {
            "mark" => Self::Mark,
            "move" => Self::Move,
            "expunge" => Self::Expunge,
            other => panic!("there is no change {other}"),
        }
    }
}

/// Changes all `count` messages of `user`; `other` has at least one message and changes its flags again and again.
pub fn change(address: &str, user: &str, count: usize, change: Change, other: &str) {
    let mut imap = Imap::sign_in(address, user);
    match change {
        Change::Mark => drop(imap.command("SELECT INBOX")),
        Change::Move => {
            imap.command(&format!("CREATE {ELSEWHERE}"));
            imap.command("SELECT INBOX");
        }
        Change::Expunge => {
            imap.command(&format!("SELECT {ELSEWHERE}"));
            imap.command("STORE 1:* +FLAGS.SILENT (\\Deleted)");
        }
    }
    let is_over = AtomicBool::new(false);
    let mut bystander = Imap::sign_in(address, other);
    bystander.command("SELECT INBOX");
    let (measured, lines, waits) = thread::scope(|scope| {
        let waits = scope.spawn(|| small_writes(&mut bystander, &is_over));
        let over = Over(&is_over);
        let watch = Stopwatch::start();
        let lines = match change {
            Change::Mark => imap.command("STORE 1:* +FLAGS.SILENT (\\Seen)"),
            Change::Move => imap.command(&format!("MOVE 1:* {ELSEWHERE}")),
            Change::Expunge => imap.command("EXPUNGE"),
        };
        let measured: Measured = watch.stop(count);
        drop(over);
        (measured, lines, waits.join().unwrap())
    });
    let gone = lines.iter().filter(|line| line.contains("EXPUNGE")).count();
    assert!(
        matches!(change, Change::Mark) || gone == count || lines.iter().any(|line| line.starts_with("* VANISHED")),
        "{gone} of {count} went"
    );
    let longest = waits.iter().max().copied().unwrap_or_default();
    println!(
        "{:.3} s; somebody else changed flags {} times meanwhile and waited {:.1} ms at most",
        measured.took.as_secs_f64(),
        waits.len(),
        longest.as_secs_f64() * 1000.0
    );
    measured.print();
}

/// Ends the small writes, also when the command fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn small_writes(imap: &mut Imap, is_over: &AtomicBool) -> Vec<Duration> {
    let mut waits = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        imap.command(if waits.len() % 2 == 0 { "STORE 1 +FLAGS.SILENT (\\Flagged)" } else { "STORE 1 -FLAGS.SILENT (\\Flagged)" });
        waits.push(asked.elapsed());
        thread::sleep(Duration::from_millis(2));
    }
    waits
}
