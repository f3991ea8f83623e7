//! Every command in every state of every listener: what is answered, and that no command was forgotten.

use serve_smtp::Kind;
use serve_smtp::syntax::VERBS;
use store::Store;
use testkit::test_each_engine;

use crate::office::{Office, PASSWORD, plain};
use crate::peer::Peer;

/// Before EHLO, after it, after signing in, after MAIL.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Fresh,
    Greeted,
    SignedIn,
    Mail,
}
use State::{Fresh, Greeted, Mail, SignedIn};

const COLUMNS: [(Kind, State); 10] = [
    (Kind::Mx, Fresh),
    (Kind::Mx, Greeted),
    (Kind::Mx, Mail),
    (Kind::Submission, Fresh),
    (Kind::Submission, Greeted),
    (Kind::Submission, SignedIn),
    (Kind::Submission, Mail),
    (Kind::Lmtp, Fresh),
    (Kind::Lmtp, Greeted),
    (Kind::Lmtp, Mail),
];

/// The first code of the answer, in the order of [`COLUMNS`].
#[rustfmt::skip]
const ROWS: &[(&str, [u16; 10])] = &[
    //                                        MX               submission            LMTP
    ("AUTH PLAIN {li.na}",                [502, 502, 502,  503, 235, 503, 503,  502, 502, 502]),
    ("BDAT 0 LAST",                       [503, 503, 554,  503, 503, 503, 554,  503, 503, 503]),
    ("DATA",                              [503, 503, 554,  503, 503, 503, 554,  503, 503, 503]),
    ("EHLO client.test",                  [250, 250, 250,  250, 250, 250, 250,  500, 500, 500]),
    ("EXPN everybody",                    [502, 502, 502,  502, 502, 502, 502,  502, 502, 502]),
    ("HELO client.test",                  [250, 250, 250,  250, 250, 250, 250,  500, 500, 500]),
    ("HELP",                              [214, 214, 214,  214, 214, 214, 214,  214, 214, 214]),
    ("LHLO client.test",                  [500, 500, 500,  500, 500, 500, 500,  250, 250, 250]),
    ("MAIL FROM:<li.na@example.test>",    [503, 250, 503,  503, 530, 250, 503,  503, 250, 503]),
    ("MAIL FROM:<wang@example.test>",     [503, 250, 503,  503, 530, 550, 503,  503, 250, 503]),
    ("NOOP",                              [250, 250, 250,  250, 250, 250, 250,  250, 250, 250]),
    ("QUIT",                              [221, 221, 221,  221, 221, 221, 221,  221, 221, 221]),
    ("RCPT TO:<wang@example.test>",       [503, 503, 250,  503, 503, 503, 250,  503, 503, 250]),
    ("RCPT TO:<b@elsewhere.test>",        [503, 503, 550,  503, 503, 503, 250,  503, 503, 550]),
    ("RSET",                              [250, 250, 250,  250, 250, 250, 250,  250, 250, 250]),
    ("STARTTLS",                          [503, 220, 220,  503, 220, 220, 220,  503, 220, 220]),
    ("VRFY li.na",                        [252, 252, 252,  252, 252, 252, 252,  252, 252, 252]),
    ("XUNKNOWN",                          [500, 500, 500,  500, 500, 500, 500,  500, 500, 500]),
];

#[test]
fn every_command_has_a_row() {
    for verb in VERBS {
        assert!(ROWS.iter().any(|(line, _)| line.split(' ').next() == Some(verb)), "{verb} has no row");
    }
}

#[test_each_engine]
async fn every_command_is_answered_in_every_state_as_the_table_says(store: Store) {
    let office = Office::open(store).await;
    for (line, expected) in ROWS {
        for ((kind, state), expected) in COLUMNS.into_iter().zip(expected) {
            let mut peer = in_state(&office, kind, state).await;
            let said = peer.command(&line.replace("{li.na}", &plain("li.na@example.test", PASSWORD))).await;
            assert!(said.starts_with(&expected.to_string()), "{line} at {kind:?} in state {state:?}: {said}");
        }
    }
}

async fn in_state(office: &Office, kind: Kind, state: State) -> Peer {
    let mut peer = office.connect(kind).await;
    peer.reply().await;
    if state != Fresh {
        peer.command(if kind == Kind::Lmtp { "LHLO client.test" } else { "EHLO client.test" }).await;
    }
    if state == SignedIn || (state == Mail && kind == Kind::Submission) {
        let said = peer.command(&format!("AUTH PLAIN {}", plain("li.na@example.test", PASSWORD))).await;
        assert!(said.starts_with("235"), "{said}");
    }
    if state == Mail {
        let said = peer.command("MAIL FROM:<li.na@example.test>").await;
        assert!(said.starts_with("250"), "{said}");
    }
    peer
}
