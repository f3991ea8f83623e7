//! Turns: so that of several nodes one does what has to be done at all times.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx, installation};

/// Who has the turn, and until when nobody else gets it.
#[derive(Serialize, Deserialize)]
struct Turn {
    owner: String,
    until_micros: i64,
}

fn fact(name: &str) -> String {
    format!("turn:{name}")
}

/// Gives the turn to `owner` for `secs`, unless somebody else has it. Who has it may take it again.
pub(crate) fn take(tx: &mut Tx, name: &str, owner: &str, now: Timestamp, secs: i64) -> Result<bool, StoreError> {
    let held = read(tx, name)?;
    if held.is_some_and(|turn| turn.owner != owner && turn.until_micros > now.as_micros()) {
        return Ok(false);
    }
    write(tx, name, owner, now.plus_secs(secs))?;
    Ok(true)
}

/// Gives the turn to `owner` when nobody, `owner` included, has had it within the time it was given for: for work that is done once in a while.
pub(crate) fn take_next(tx: &mut Tx, name: &str, owner: &str, now: Timestamp, secs: i64) -> Result<bool, StoreError> {
    if read(tx, name)?.is_some_and(|turn| turn.until_micros > now.as_micros()) {
        return Ok(false);
    }
    write(tx, name, owner, now.plus_secs(secs))?;
    Ok(true)
}

/// Lets others have the turn at once.
pub(crate) fn give_back(tx: &mut Tx, name: &str, owner: &str, now: Timestamp) -> Result<(), StoreError> {
    if read(tx, name)?.is_some_and(|turn| turn.owner == owner) {
        write(tx, name, owner, now)?;
    }
    Ok(())
}

fn read(tx: &mut Tx, name: &str) -> Result<Option<Turn>, StoreError> {
    // What does not read as a turn is as good as none.
    Ok(installation::get(tx, &fact(name))?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn write(tx: &mut Tx, name: &str, owner: &str, until: Timestamp) -> Result<(), StoreError> {
    let turn = Turn { owner: owner.to_owned(), until_micros: until.as_micros() };
    let text = serde_json::to_string(&turn).expect("a turn is a string and a number");
    installation::set(tx, &fact(name), &text)
}

#[cfg(test)]
mod tests {
    use store::Store;
    use testkit::{TEST_NOW, test_each_engine};

    use super::*;

    #[test_each_engine]
    fn of_several_nodes_one_has_the_turn_until_it_runs_out(store: Store) {
        let take = |owner: &'static str, now: Timestamp| {
            store.write_blocking::<_, StoreError, _>(move |tx| take(tx, "seal", owner, now, 30)).unwrap()
        };
        assert!(take("one", TEST_NOW));
        assert!(take("one", TEST_NOW));
        assert!(!take("two", TEST_NOW.plus_secs(29)));
        assert!(take("two", TEST_NOW.plus_secs(31)));
        store.write_blocking::<_, StoreError, _>(|tx| give_back(tx, "seal", "two", TEST_NOW.plus_secs(32))).unwrap();
        assert!(take("one", TEST_NOW.plus_secs(32)));
    }

    #[test_each_engine]
    fn rare_work_is_done_once_in_its_time(store: Store) {
        let take = |now: Timestamp| store.write_blocking::<_, StoreError, _>(move |tx| take_next(tx, "clean", "one", now, 600)).unwrap();
        assert!(take(TEST_NOW));
        assert!(!take(TEST_NOW.plus_secs(599)));
        assert!(take(TEST_NOW.plus_secs(600)));
    }
}
