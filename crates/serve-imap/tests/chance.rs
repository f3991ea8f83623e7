//! Lines put together by chance: whatever comes in whatever state, the session answers or says goodbye, and the server serves the next.

use kernel::Rng;
use store::Store;
use testkit::SeededRng;

use crate::office::{Office, options};
use crate::peer::Peer;
use crate::transcript::message;

const WORDS: &[&str] = &[
    "UID",
    "FETCH",
    "STORE",
    "COPY",
    "MOVE",
    "SEARCH",
    "SORT",
    "THREAD",
    "ESEARCH",
    "IN (personal)",
    "(PARTIAL -1:-2)",
    "REFERENCES",
    "(REVERSE DATE SUBJECT)",
    "UTF-8",
    "EXPUNGE",
    "SELECT",
    "EXAMINE",
    "CREATE",
    "DELETE",
    "RENAME",
    "LIST",
    "LSUB",
    "STATUS",
    "APPEND",
    "NOOP",
    "CHECK",
    "CLOSE",
    "UNSELECT",
    "ENABLE",
    "ID",
    "NAMESPACE",
    "GETQUOTAROOT",
    "SUBSCRIBE",
    "CAPABILITY",
    "1",
    "1:*",
    "*",
    "2:1",
    "0",
    "4294967295",
    "4294967296",
    "$",
    "INBOX",
    "Work",
    "Work/Sub",
    "\"\"",
    "\"*\"",
    "\"a b\"",
    "&U,BTFw-",
    "FLAGS",
    "+FLAGS",
    "-FLAGS.SILENT",
    "(\\Seen)",
    "(\\Deleted Work)",
    "()",
    "(",
    ")",
    "BODY[]",
    "BODY.PEEK[1.2.MIME]",
    "BODY[HEADER.FIELDS (To)]<0.5>",
    "BINARY[1]",
    "ENVELOPE",
    "(UID FLAGS)",
    "ALL",
    "NOT",
    "OR",
    "UNSEEN",
    "TEXT",
    "RETURN",
    "(MIN SAVE)",
    "(MESSAGES UNSEEN)",
    "{3+}\r\nabc",
    "{0+}\r\n",
    "~{2+}\r\nab",
    "{99999999999}",
    "IMAP4rev2",
    "CONDSTORE",
    "QRESYNC",
    "(CHANGEDSINCE 1 VANISHED)",
    "(QRESYNC (1772413200 1))",
    "(CHANGEDSINCE 1)",
    "(UNCHANGEDSINCE 1)",
    "NIL",
    "\u{0}",
    "\u{ff}",
    "",
];

/// A command from a few words; the tag is always good, so that there is an answer to wait for.
fn line(rng: &dyn Rng) -> String {
    let [count, rest @ ..] = rng.bytes::<9>();
    let words = rest.iter().take(usize::from(count % 8) + 1).map(|byte| WORDS[usize::from(*byte) % WORDS.len()]);
    words.collect::<Vec<_>>().join(" ")
}

#[testkit::test_each_engine]
async fn whatever_is_said_the_server_lives_on(store: Store) {
    let office = Office::open_with(store, serve_imap::ImapOptions { max_bad_commands: 1_000_000, ..options() }).await;
    let user = office.newcomer().await;
    let mut setter = Peer::signed_in(&office, &user).await;
    setter.ask("CREATE Work").await;
    let rng: &dyn Rng = &SeededRng::new(2026);
    for round in 0..30 {
        setter.append("INBOX", &message("parts.eml")).await;
        let mut peer = match round % 3 {
            0 => Peer::connect(&office).await,
            _ => Peer::signed_in(&office, &user).await,
        };
        if round % 3 == 2 {
            peer.ask("SELECT INBOX").await;
        }
        for number in 0..60 {
            peer.send(format!("t{number} {}\r\nn{number} NOOP\r\n", line(rng))).await;
            let answer = peer.answer(&format!("n{number}")).await;
            let lived = answer.last().is_some_and(|line| line.starts_with(&format!("n{number} OK")));
            let told = answer.iter().any(|line| line.starts_with("* BYE"));
            assert!(lived || told, "{answer:?}");
            if told {
                break;
            }
        }
    }
    assert!(setter.ask("NOOP").await.last().unwrap().starts_with("t OK"));
}
