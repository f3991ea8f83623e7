//! A client that comes back: after so long that the past is forgotten, and to more than fits into memory at once.

use store::{Store, StoreError, params};

use crate::office::{Colleague, Office};
use crate::peer::Peer;
use crate::transcript::message;

/// As the daily clearing does for what is too old.
async fn forget(office: &Office, user: &Colleague) {
    let account = user.account;
    let forgotten = office.store.write(move |tx| {
        tx.execute("UPDATE mail_account SET history_from = change_number WHERE id = $1", params![account])?.expect_one()?;
        tx.execute("DELETE FROM entry_tombstone WHERE account_id = $1", params![account])?.any();
        Ok::<_, StoreError>(())
    });
    forgotten.await.unwrap();
}

/// UIDVALIDITY and HIGHESTMODSEQ of INBOX.
async fn state(peer: &mut Peer) -> (String, String) {
    let status = peer.ask("STATUS INBOX (UIDVALIDITY HIGHESTMODSEQ)").await;
    let number = |name: &str| status[0].split(name).nth(1).unwrap().split([' ', ')']).nth(1).unwrap().to_owned();
    (number("UIDVALIDITY"), number("HIGHESTMODSEQ"))
}

fn told(answer: &[String], word: &str) -> Vec<String> {
    answer.iter().filter(|line| line.contains(word)).cloned().collect()
}

#[testkit::test_each_engine]
async fn where_the_past_is_forgotten_every_uid_that_is_gone_is_told(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut setter = Peer::signed_in(&office, &user).await;
    let (valid, before) = state(&mut setter).await;
    for _ in 0..9 {
        setter.append("INBOX", &message("gray.eml")).await;
    }
    setter.ask("SELECT INBOX").await;
    setter.ask("STORE 2,5:6,9 +FLAGS.SILENT (\\Deleted)").await;
    setter.ask("EXPUNGE").await;
    forget(&office, &user).await;

    let mut peer = Peer::signed_in(&office, &user).await;
    peer.ask("ENABLE QRESYNC").await;
    let all = peer.ask(&format!("SELECT INBOX (QRESYNC ({valid} {before}))")).await;
    assert_eq!(told(&all, "VANISHED"), ["* VANISHED (EARLIER) 2,5:6,9"]);
    assert_eq!(told(&all, "FETCH").len(), 5);
    let known = peer.ask(&format!("SELECT INBOX (QRESYNC ({valid} {before} 1:5))")).await;
    assert_eq!(told(&known, "VANISHED"), ["* VANISHED (EARLIER) 2,5"]);
    // Up to 4 the client knows all: its third message is still the third. What it calls the fourth is not.
    let matched = peer.ask(&format!("SELECT INBOX (QRESYNC ({valid} {before} 1:9 (1,3,4 1,4,6)))")).await;
    assert_eq!(told(&matched, "VANISHED"), ["* VANISHED (EARLIER) 5:6,9"]);
    let fetched = peer.ask(&format!("UID FETCH 4:* (FLAGS) (CHANGEDSINCE {before} VANISHED)")).await;
    assert_eq!(fetched[0], "* VANISHED (EARLIER) 5:6,9");
    // Who has seen everything since is told nothing.
    let (_, highest) = state(&mut peer).await;
    let nothing = peer.ask(&format!("SELECT INBOX (QRESYNC ({valid} {highest}))")).await;
    assert_eq!((told(&nothing, "VANISHED").len(), told(&nothing, "FETCH").len()), (0, 0));
}

#[testkit::test_each_engine]
async fn more_changes_than_are_held_in_memory_are_told_all_the_same(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut setter = Peer::signed_in(&office, &user).await;
    let (valid, before) = state(&mut setter).await;
    setter.append("INBOX", &message("bare.eml")).await;
    setter.ask("SELECT INBOX").await;
    for _ in 0..13 {
        let copied = setter.ask("COPY 1:* INBOX").await;
        assert!(copied.last().is_some_and(|line| line.starts_with("t OK")), "{copied:?}");
    }
    setter.ask("STORE 3,7 +FLAGS.SILENT (\\Deleted)").await;
    setter.ask("EXPUNGE").await;

    let mut peer = Peer::signed_in(&office, &user).await;
    peer.ask("ENABLE QRESYNC").await;
    let all = peer.ask(&format!("SELECT INBOX (QRESYNC ({valid} {before}))")).await;
    assert_eq!(told(&all, "VANISHED"), ["* VANISHED (EARLIER) 3,7"]);
    assert_eq!(told(&all, " FETCH (UID ").len(), (1 << 13) - 2);
    let known = peer.ask(&format!("SELECT INBOX (QRESYNC ({valid} {before} 7:9,8192:9000))")).await;
    assert_eq!(told(&known, "VANISHED"), ["* VANISHED (EARLIER) 7"]);
    assert_eq!(told(&known, " FETCH (UID ").len(), 3);
}
