//! Every command in every state: who may not use it is refused, and in the way the table says. What belongs to another account does not exist.

use serve_pop3::wire::Command;
use store::Store;

use crate::office::Office;
use crate::peer::Peer;
use crate::transcript::message;

struct Row {
    /// As [`row_of`] names it.
    key: &'static str,
    command: &'static str,
    /// What the answer begins with: before signing in, and after it with one message there.
    unknown: &'static str,
    signed_in: &'static str,
}

const fn row(key: &'static str, command: &'static str, unknown: &'static str, signed_in: &'static str) -> Row {
    Row { key, command, unknown, signed_in }
}

const fn of_user(key: &'static str, command: &'static str) -> Row {
    row(key, command, "-ERR Sign in first", "+OK")
}

const fn of_nobody(key: &'static str, command: &'static str, unknown: &'static str) -> Row {
    row(key, command, unknown, "-ERR Somebody has signed in already")
}

const ROWS: &[Row] = &[
    row("CAPA", "CAPA", "+OK", "+OK"),
    row("LANG", "LANG zh", "+OK", "+OK"),
    row("QUIT", "QUIT", "+OK", "+OK"),
    of_nobody("STLS", "STLS", "+OK"),
    of_nobody("USER", "USER nobody", "+OK"),
    of_nobody("PASS", "PASS nothing", "-ERR Say USER first"),
    of_nobody("AUTH", "AUTH PLAIN AGEAYg==", "-ERR [AUTH]"),
    of_nobody("UTF8", "UTF8", "+OK"),
    of_user("STAT", "STAT"),
    of_user("LIST", "LIST 1"),
    of_user("RETR", "RETR 1"),
    of_user("TOP", "TOP 1 0"),
    of_user("UIDL", "UIDL 1"),
    of_user("DELE", "DELE 1"),
    of_user("NOOP", "NOOP"),
    of_user("RSET", "RSET"),
];

/// A command that is new here is given a row above.
fn row_of(command: &Command) -> &'static str {
    match command {
        Command::Capa
        | Command::Stls
        | Command::User(_)
        | Command::Pass(_)
        | Command::Auth { .. }
        | Command::Utf8
        | Command::Lang(_)
        | Command::Stat
        | Command::List(_)
        | Command::Retr(_)
        | Command::Top { .. }
        | Command::Uidl(_)
        | Command::Dele(_)
        | Command::Noop
        | Command::Rset
        | Command::Quit => command.name(),
    }
}

#[test]
fn every_row_is_the_command_it_says() {
    for row in ROWS {
        assert_eq!(row_of(&Command::parse(row.command.as_bytes()).unwrap()), row.key);
    }
}

#[testkit::test_each_engine]
async fn nobody_does_anything_before_signing_in(store: Store) {
    let office = Office::open(store).await;
    for row in ROWS {
        let mut peer = Peer::connect(&office).await;
        peer.line().await.unwrap();
        let answer = peer.ask(row.command).await;
        assert!(answer.starts_with(row.unknown), "{}: {answer}", row.key);
    }
}

#[testkit::test_each_engine]
async fn nobody_signs_in_twice_and_everything_else_is_allowed(store: Store) {
    let office = Office::open(store).await;
    for row in ROWS {
        let user = office.newcomer().await;
        office.append(&user, &message("first.eml")).await;
        let mut peer = Peer::signed_in(&office, &user).await;
        let answer = peer.ask(row.command).await;
        assert!(answer.starts_with(row.signed_in), "{}: {answer}", row.key);
    }
}

#[testkit::test_each_engine]
async fn what_belongs_to_another_account_does_not_exist(store: Store) {
    let office = Office::open(store).await;
    let (user, other) = (office.newcomer().await, office.newcomer().await);
    office.append(&other, &message("first.eml")).await;
    let mut peer = Peer::signed_in(&office, &user).await;
    assert_eq!(peer.ask("STAT").await, "+OK 0 0");
    for command in ["LIST 1", "RETR 1", "TOP 1 0", "UIDL 1", "DELE 1"] {
        assert_eq!(peer.ask(command).await, "-ERR There is no such message", "{command}");
    }
    peer.quit().await;
    assert_eq!(office.uids(&other).await, [1]);
}
