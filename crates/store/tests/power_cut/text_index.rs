//! The full-text index can be made again, which takes long: a power cut is no reason to.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use store::{Stand, Store, TextDocument};
use testkit::power_cut::{Disk, Recorder, read_journal};

use super::{acknowledged, numbers, open};

const CHILD: &str = "POWER_CUT_CHILD_INDEX";
const SHARD: u32 = 0;
const GENERATIONS: i64 = 3;
const COMMITS: i64 = 25;

/// The program that is cut off: commits small segments, which are soon merged, takes documents away again, and begins anew now and then.
#[test]
fn child_that_indexes() {
    let Ok(folder) = std::env::var(CHILD) else { return };
    let store = open(Path::new(&folder)).unwrap();
    for generation in 1..=GENERATIONS {
        let mut writer = store.texts().writer(SHARD, generation).unwrap();
        for commit in 1..=COMMITS {
            for number in commit * 3..commit * 3 + 3 {
                let mut document = TextDocument::new(7, number);
                document.add_term("word", &number.to_string());
                writer.add(&document).unwrap();
            }
            writer.remove(7, commit);
            acknowledge(&name(writer.commit().unwrap()));
        }
        writer.finish().unwrap();
        acknowledge(&format!("{generation}-end"));
        store.texts().discard(SHARD).unwrap();
    }
}

fn acknowledge(what: &str) {
    std::io::stdout().write_all(format!("ACK {what}\n").as_bytes()).unwrap();
    std::io::stdout().flush().unwrap();
}

fn name(stand: Stand) -> String {
    format!("{}-{:03}", stand.generation, stand.commits)
}

#[test]
fn what_was_indexed_survives_a_power_cut_at_any_moment() {
    let tools = tempfile::tempdir().unwrap();
    let Some(recorder) = Recorder::build(tools.path()) else { return };
    let root = tools.path().join("data");
    std::fs::create_dir(&root).unwrap();
    let journal = tools.path().join("journal");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "text_index::child_that_indexes", "--nocapture"]).env(CHILD, &root).stdout(Stdio::null());
    recorder.watch(&mut child, &root, &journal);
    assert!(child.status().unwrap().success());

    let steps = read_journal(&std::fs::read(&journal).unwrap());
    let mut chance = numbers();
    let mut points: Vec<usize> = (0..400).map(|_| chance(steps.len() + 1)).collect();
    points.sort_unstable();
    let mut disk = Disk::default();
    let mut done = 0;
    for (number, point) in points.into_iter().enumerate() {
        steps[done..point].iter().for_each(|step| disk.apply(step));
        done = point;
        let found = tools.path().join(format!("found-{number}"));
        std::fs::create_dir(&found).unwrap();
        disk.after_power_cut(&root, &found, &mut chance);
        check(&open(&found).unwrap(), acknowledged(&steps[..point]).last().map(String::as_str))
            .unwrap_or_else(|problem| panic!("power cut after step {point} of {}: {problem}", steps.len()));
        std::fs::remove_dir_all(&found).unwrap();
    }
}

/// What is there is sound and, unless it was being thrown away, as far as was answered.
fn check(store: &Store, last: Option<&str>) -> Result<(), String> {
    let damaged = store.texts().verify().map_err(|error| error.to_string())?;
    if !damaged.is_empty() {
        return Err(format!("damaged: {damaged:?}"));
    }
    let Some(last) = last.filter(|last| !last.ends_with("-end")) else { return Ok(()) };
    let found = store.texts().stand(SHARD).map(name);
    if found.as_deref() < Some(last) { Err(format!("it stands at {found:?}, answered was {last}")) } else { Ok(()) }
}
