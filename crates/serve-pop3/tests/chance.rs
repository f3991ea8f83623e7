//! Lines put together by chance: whatever comes in whatever state, the session answers or says goodbye, and the server serves the next.

use kernel::Rng;
use store::Store;
use testkit::SeededRng;

use crate::office::{Office, options};
use crate::peer::Peer;
use crate::transcript::message;

const WORDS: &[&str] = &[
    "CAPA",
    "USER",
    "PASS",
    "AUTH",
    "PLAIN",
    "LANG",
    "UTF8",
    "STAT",
    "LIST",
    "RETR",
    "TOP",
    "UIDL",
    "DELE",
    "NOOP",
    "RSET",
    "APOP",
    "=",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "4294967295",
    "4294967296",
    "zh",
    "AGEAYg==",
    "li.na@example.test",
    " ",
    "\u{0}",
    "\u{ff}",
    "é",
    "",
];

/// A line of a few words, none of which begins a TLS handshake, ends the session or chooses English.
fn line(rng: &dyn Rng) -> String {
    let [count, rest @ ..] = rng.bytes::<5>();
    let words = rest.iter().take(usize::from(count % 4) + 1).map(|byte| WORDS[usize::from(*byte) % WORDS.len()]);
    words.collect::<Vec<_>>().join(" ")
}

#[testkit::test_each_engine]
async fn whatever_is_said_the_server_lives_on(store: Store) {
    let office =
        Office::open_with(store, serve_pop3::Pop3Options { max_bad_commands: 1_000_000, max_failed_sign_ins: 1_000_000, ..options() })
            .await;
    let rng: &dyn Rng = &SeededRng::new(2026);
    for round in 0..20 {
        let user = office.newcomer().await;
        for _ in 0..3 {
            office.append(&user, &message("dots.eml")).await;
        }
        let mut peer = match round % 2 {
            0 => Peer::connect(&office).await,
            _ => Peer::signed_in(&office, &user).await,
        };
        if round % 2 == 0 {
            peer.line().await.unwrap();
        }
        for _ in 0..60 {
            // The second ends what AUTH may have begun; the third is answered in every state, and known by its answer.
            peer.send(format!("{}\r\n*\r\nLANG en\r\n", line(rng))).await;
            loop {
                let answer = peer.line().await.expect("the session lives");
                if answer.starts_with("+OK en ") {
                    break;
                }
            }
        }
        assert!(peer.quit().await.starts_with("+OK"));
    }
}
