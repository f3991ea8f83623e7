//! Every command in every state: who may not use it is refused, and in the way the table says. What belongs to another account does not exist.

use proto_imap::CommandBody;
use store::Store;

use crate::office::Office;
use crate::peer::Peer;
use crate::transcript::message;

struct Row {
    /// As [`row_of`] names it.
    key: &'static str,
    command: &'static str,
    /// What the tagged answer begins with: before signing in, after it, and with a mailbox selected.
    unknown: &'static str,
    signed_in: &'static str,
    selected: &'static str,
    /// The same command about a mailbox of another account, which is called `Secret`, and how it is refused.
    foreign: Option<(&'static str, &'static str)>,
}

const fn row(key: &'static str, command: &'static str, unknown: &'static str, signed_in: &'static str, selected: &'static str) -> Row {
    Row { key, command, unknown, signed_in, selected, foreign: None }
}

const fn naming(key: &'static str, command: &'static str, foreign: &'static str, refusal: &'static str) -> Row {
    Row { key, command, unknown: "BAD", signed_in: "OK", selected: "OK", foreign: Some((foreign, refusal)) }
}

const fn on_messages(key: &'static str, command: &'static str) -> Row {
    row(key, command, "BAD", "BAD", "OK")
}

const ROWS: &[Row] = &[
    row("CAPABILITY", "CAPABILITY", "OK", "OK", "OK"),
    row("NOOP", "NOOP", "OK", "OK", "OK"),
    row("ID", "ID NIL", "OK", "OK", "OK"),
    row("STARTTLS", "STARTTLS", "", "BAD", "BAD"),
    row("AUTHENTICATE", "AUTHENTICATE PLAIN AGEAYg==", "NO [AUTHENTICATIONFAILED]", "BAD", "BAD"),
    row("LOGIN", "LOGIN nobody nothing", "NO [AUTHENTICATIONFAILED]", "BAD", "BAD"),
    row("ENABLE", "ENABLE CONDSTORE", "BAD", "OK", "OK"),
    naming("CREATE", "CREATE Own1", "CREATE Secret/Below", "OK"),
    naming("SUBSCRIBE", "SUBSCRIBE Own1", "SUBSCRIBE Secret2", "OK"),
    naming("UNSUBSCRIBE", "UNSUBSCRIBE Own1", "UNSUBSCRIBE Secret2", "OK"),
    naming("RENAME", "RENAME Own1 Own2", "RENAME Secret2 Own9", "NO [NONEXISTENT]"),
    naming("DELETE", "DELETE Own2", "DELETE Secret2", "NO [NONEXISTENT]"),
    row("LIST", "LIST \"\" Secret2", "BAD", "OK", "OK"),
    row("LSUB", "LSUB \"\" Secret2", "BAD", "OK", "OK"),
    row("NAMESPACE", "NAMESPACE", "BAD", "OK", "OK"),
    naming("STATUS", "STATUS INBOX (MESSAGES)", "STATUS Secret2 (MESSAGES)", "NO [NONEXISTENT]"),
    naming("APPEND", "APPEND Drafts {4+}\r\na: b", "APPEND Secret2 {4+}\r\na: b", "NO [TRYCREATE]"),
    row("IDLE", "IDLE\r\nDONE", "BAD", "OK", "OK"),
    row("GETQUOTA", "GETQUOTA \"\"", "BAD", "OK", "OK"),
    naming("GETQUOTAROOT", "GETQUOTAROOT INBOX", "GETQUOTAROOT Secret2", "NO [NONEXISTENT]"),
    row("SETQUOTA", "SETQUOTA \"\" (STORAGE 1)", "BAD", "NO [NOPERM]", "NO [NOPERM]"),
    naming("GETMETADATA", "GETMETADATA INBOX /shared/comment", "GETMETADATA Secret2 /shared/comment", "NO [NONEXISTENT]"),
    naming("SETMETADATA", "SETMETADATA INBOX (/shared/comment \"x\")", "SETMETADATA Secret2 (/shared/comment \"x\")", "NO [NONEXISTENT]"),
    row("NOTIFY", "NOTIFY SET (personal (MessageNew MessageExpunge))", "BAD", "OK", "OK"),
    row("GETJMAPACCESS", "GETJMAPACCESS", "BAD", "OK", "OK"),
    row("COMPRESS", "COMPRESS LZW", "BAD", "BAD", "BAD"),
    naming("ESEARCH", "ESEARCH IN (personal) ALL", "ESEARCH IN (mailboxes Secret2) ALL", "OK"),
    naming("SELECT", "SELECT INBOX", "SELECT Secret2", "NO [NONEXISTENT]"),
    naming("EXAMINE", "EXAMINE INBOX", "EXAMINE Secret2", "NO [NONEXISTENT]"),
    on_messages("CHECK", "CHECK"),
    on_messages("EXPUNGE", "EXPUNGE"),
    on_messages("UID EXPUNGE", "UID EXPUNGE 1"),
    on_messages("SEARCH", "SEARCH ALL"),
    on_messages("SORT", "SORT (DATE) UTF-8 ALL"),
    on_messages("THREAD", "THREAD REFERENCES UTF-8 ALL"),
    on_messages("FETCH", "FETCH 1 FLAGS"),
    on_messages("STORE", "STORE 1 +FLAGS (\\Seen)"),
    on_messages("COPY", "COPY 1 Drafts"),
    on_messages("MOVE", "MOVE 1 Drafts"),
    on_messages("REPLACE", "REPLACE 1 Drafts {4+}\r\na: b"),
    on_messages("CLOSE", "CLOSE"),
    on_messages("UNSELECT", "UNSELECT"),
];

/// A command that is new here is given a row above.
fn row_of(body: &CommandBody) -> &'static str {
    match body {
        CommandBody::UidExpunge(_) => "UID EXPUNGE",
        CommandBody::Logout => "LOGOUT",
        CommandBody::Capability
        | CommandBody::Noop
        | CommandBody::Id(_)
        | CommandBody::StartTls
        | CommandBody::Authenticate { .. }
        | CommandBody::Login { .. }
        | CommandBody::Enable(_)
        | CommandBody::Select(_)
        | CommandBody::Examine(_)
        | CommandBody::Create { .. }
        | CommandBody::Delete(_)
        | CommandBody::Rename { .. }
        | CommandBody::Subscribe(_)
        | CommandBody::Unsubscribe(_)
        | CommandBody::List(_)
        | CommandBody::Lsub { .. }
        | CommandBody::Namespace
        | CommandBody::Status { .. }
        | CommandBody::Append(_)
        | CommandBody::Idle
        | CommandBody::GetQuota { .. }
        | CommandBody::GetQuotaRoot(_)
        | CommandBody::SetQuota { .. }
        | CommandBody::Compress { .. }
        | CommandBody::ESearch(_)
        | CommandBody::Close
        | CommandBody::Unselect
        | CommandBody::Check
        | CommandBody::Expunge
        | CommandBody::Search(_)
        | CommandBody::Sort(_)
        | CommandBody::Thread(_)
        | CommandBody::Fetch(_)
        | CommandBody::Store(_)
        | CommandBody::Copy(_)
        | CommandBody::Move(_)
        | CommandBody::GetMetadata(_)
        | CommandBody::SetMetadata(_)
        | CommandBody::Notify(_)
        | CommandBody::GetJmapAccess => body.name(),
        CommandBody::Replace(_) => "REPLACE",
    }
}

#[test]
fn every_row_is_the_command_it_says() {
    for row in ROWS {
        let line = row.command.split("\r\n").next().unwrap();
        let text = format!("t {line}");
        let mut framer = proto_imap::Framer::new(proto_imap::Limits::default());
        let bytes = format!("{text}\r\n");
        let mut input = bytes.as_bytes();
        let body = match framer.feed(&mut input) {
            proto_imap::Frame::Complete(raw) => raw.parse(&proto_imap::Options::default()).unwrap().body,
            proto_imap::Frame::Message(start) => {
                let head = start.so_far.append_head(&proto_imap::Options::default()).unwrap();
                assert_eq!(if head.replaced.is_some() { "REPLACE" } else { "APPEND" }, row.key);
                continue;
            }
            frame => panic!("{}: {frame:?}", row.key),
        };
        assert_eq!(row_of(&body), row.key);
    }
}

fn tagged(answer: &[String]) -> &str {
    answer.last().and_then(|line| line.strip_prefix("t ")).unwrap_or("")
}

#[testkit::test_each_engine]
async fn nobody_does_anything_before_signing_in(store: Store) {
    let office = Office::open(store).await;
    for row in ROWS.iter().filter(|row| !row.unknown.is_empty()) {
        let mut peer = Peer::connect(&office).await;
        peer.line().await.unwrap();
        peer.send(format!("t {}\r\n", row.command)).await;
        let answer = peer.answer("t").await;
        assert!(tagged(&answer).starts_with(row.unknown), "{}: {answer:?}", row.key);
        // What was no command of its own, such as a literal that nobody wanted, has not been taken for one.
        peer.send("end LOGOUT\r\n").await;
        let rest = String::from_utf8(peer.rest().await).unwrap();
        assert!(rest.contains("end OK"), "{}: {rest}", row.key);
    }
}

#[testkit::test_each_engine]
async fn commands_about_messages_need_a_mailbox(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut peer = Peer::signed_in(&office, &user).await;
    for row in ROWS {
        if row.signed_in == "OK" && matches!(row.key, "SELECT" | "EXAMINE") {
            continue;
        }
        peer.send(format!("t {}\r\n", row.command)).await;
        let answer = peer.answer("t").await;
        assert!(tagged(&answer).starts_with(row.signed_in), "{}: {answer:?}", row.key);
    }
}

#[testkit::test_each_engine]
async fn with_a_mailbox_everything_but_signing_in_is_allowed(store: Store) {
    let office = Office::open(store).await;
    for row in ROWS {
        let user = office.newcomer().await;
        let mut peer = Peer::signed_in(&office, &user).await;
        peer.append("INBOX", &message("gray.eml")).await;
        for name in ["Own1", "Own2"] {
            if !row.command.ends_with(name) || matches!(row.key, "SUBSCRIBE" | "UNSUBSCRIBE" | "DELETE") {
                peer.ask(&format!("CREATE {name}")).await;
            }
        }
        if row.key == "RENAME" {
            peer.ask("DELETE Own2").await;
        }
        peer.ask("SELECT INBOX").await;
        peer.send(format!("t {}\r\n", row.command)).await;
        let answer = peer.answer("t").await;
        assert!(tagged(&answer).starts_with(row.selected), "{}: {answer:?}", row.key);
    }
}

#[testkit::test_each_engine]
async fn what_belongs_to_another_account_does_not_exist(store: Store) {
    let office = Office::open(store).await;
    let (user, other) = (office.newcomer().await, office.newcomer().await);
    let mut owner = Peer::signed_in(&office, &other).await;
    for name in ["Secret", "Secret2"] {
        assert!(tagged(&owner.ask(&format!("CREATE {name}")).await).starts_with("OK"));
    }
    owner.append("Secret2", &message("gray.eml")).await;
    owner.ask("SELECT Secret2").await;
    let ids = owner.ask("FETCH 1 (EMAILID THREADID)").await;

    let mut peer = Peer::signed_in(&office, &user).await;
    for row in ROWS {
        let Some((command, refusal)) = row.foreign else { continue };
        peer.send(format!("t {command}\r\n")).await;
        let answer = peer.answer("t").await;
        assert!(tagged(&answer).starts_with(refusal), "{}: {answer:?}", row.key);
    }
    let listed = peer.ask("LIST \"\" Secret2").await;
    assert_eq!(listed.len(), 1, "{listed:?}");

    // Ids count within an account, so another account's may exist here, too, but never mean its messages.
    peer.ask("SELECT INBOX").await;
    let id = ids[0].split("EMAILID (").nth(1).unwrap().split(')').next().unwrap();
    let found = peer.ask(&format!("SEARCH EMAILID {id}")).await;
    assert_eq!(found[0], "* SEARCH", "{found:?}");
    let untouched = owner.ask("STATUS Secret2 (MESSAGES)").await;
    assert_eq!(untouched[0], "* STATUS Secret2 (MESSAGES 1)");
}
