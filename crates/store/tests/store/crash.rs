//! What a `kill -9` may cost: nothing that was acknowledged, and never half a transaction.
//!
//! The test starts its own program again as a child, which writes for as long as it lives and says on its output what was committed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use store::{SqlLocation, Store, StoreError, installation, params};
use testkit::stores::options;
use testkit::{TestClock, in_parallel};

const FOLDER_VARIABLE: &str = "STORE_CRASH_TEST_FOLDER";
const ROUND_VARIABLE: &str = "STORE_CRASH_TEST_ROUND";

fn open(folder: &Path) -> Store {
    let location = SqlLocation::Sqlite(folder.join("yanshu.db"));
    Store::open(options(location, folder, Arc::new(TestClock::default()))).expect("a database that was killed opens again")
}

/// Not a test of its own: the child, which without its variables has nothing to do.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER_VARIABLE) else { return };
    let round = std::env::var(ROUND_VARIABLE).unwrap();
    let store = open(Path::new(&folder));
    in_parallel(8, move |writer| {
        for number in 0.. {
            let name = format!("{round} {writer} {number}");
            let written = name.clone();
            store
                .write_blocking(move |tx| {
                    installation::set(tx, &format!("{written} a"), &"x".repeat(number % 3000))?;
                    installation::set(tx, &format!("{written} b"), "")
                })
                .unwrap();
            let mut output = std::io::stdout().lock();
            writeln!(output, "\nacknowledged {name}").unwrap();
            output.flush().unwrap();
        }
    });
}

/// Starts the child, kills it after it has acknowledged `count` writes, and gives all that it had acknowledged by then.
fn acknowledged_before_kill(folder: &Path, round: usize, count: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::child_that_writes_until_it_is_killed", "--exact", "--nocapture"])
        .env(FOLDER_VARIABLE, folder)
        .env(ROUND_VARIABLE, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Ok(line) = line else { break };
        acknowledged.extend(line.strip_prefix("acknowledged ").map(str::to_owned));
        if acknowledged.len() >= count && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself");
    // The last line may be cut, in which case it is no acknowledgement.
    acknowledged
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_halves_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..6 {
        // Sometimes in the middle of a batch, sometimes about a checkpoint.
        acknowledged.extend(acknowledged_before_kill(folder.path(), round, 17 + round * round * 61));
        let store = open(folder.path());
        assert_eq!(store.check_database().unwrap(), Vec::<String>::new());
        let expected = acknowledged.clone();
        let (missing, halves) = store
            .read_blocking(move |tx| {
                let mut missing = Vec::new();
                for name in &expected {
                    if installation::get(tx, &format!("{name} a"))?.is_none() {
                        missing.push(name.clone());
                    }
                }
                let halves: i64 = tx.query_one(
                    "SELECT COUNT(*) FROM installation AS one WHERE NOT EXISTS (
                         SELECT 1 FROM installation AS other
                          WHERE other.name = SUBSTR(one.name, 1, LENGTH(one.name) - 1) || CASE SUBSTR(one.name, LENGTH(one.name)) WHEN 'a' THEN 'b' ELSE 'a' END)",
                    params![],
                    |row| row.get(0),
                )?;
                Ok::<_, StoreError>((missing, halves))
            })
            .unwrap();
        assert_eq!((missing, halves), (Vec::new(), 0), "after round {round}");
    }
}
