//! Signing in without saying the password: SCRAM-SHA-256 and its variant that is bound to the channel. RFC 5802, RFC 7677, RFC 9266

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::protocols::Protocol;
use ring::{digest, hmac, pbkdf2};
use store::Store;

use crate::office::{Office, PASSWORD};
use crate::peer::Peer;

/// How a client binds its exchange.
#[derive(Clone, Copy)]
struct Way<'a> {
    mechanism: &'a str,
    /// `n,,`
    header: &'a str,
    bound_to: &'a [u8],
}

const PLAIN: Way<'_> = Way { mechanism: "SCRAM-SHA-256", header: "n,,", bound_to: b"" };

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

fn challenge(line: &str) -> String {
    let encoded = line.strip_prefix("+ ").unwrap_or_else(|| panic!("a challenge, not {line}"));
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}

fn part<'a>(message: &'a str, name: &str) -> &'a str {
    message.split(',').find_map(|part| part.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {message}"))
}

/// The salt that is told for a name, and the tagged answer to the whole exchange.
async fn sign_in(peer: &mut Peer, name: &str, password: &str, way: Way<'_>) -> (String, String) {
    let bare = format!("n={name},r=fyko+d2lbbFgONRv9qkxdawL");
    let first = STANDARD.encode(format!("{}{bare}", way.header));
    peer.send(format!("t AUTHENTICATE {} {first}\r\n", way.mechanism)).await;
    let line = peer.line().await.unwrap();
    if line.starts_with("t ") {
        return (String::new(), line);
    }
    let server_first = challenge(&line);
    let salt = part(&server_first, "s=").to_owned();
    let iterations = NonZeroU32::new(part(&server_first, "i=").parse().unwrap()).unwrap();
    let mut salted = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &STANDARD.decode(&salt).unwrap(), password.as_bytes(), &mut salted);
    let bound = STANDARD.encode([way.header.as_bytes(), way.bound_to].concat());
    let without_proof = format!("c={bound},r={}", part(&server_first, "r="));
    let auth_message = format!("{bare},{server_first},{without_proof}");
    let client_key = sign(&salted, b"Client Key");
    let signature = sign(digest::digest(&digest::SHA256, &client_key).as_ref(), auth_message.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(left, right)| left ^ right).collect();
    let last = STANDARD.encode(format!("{without_proof},p={}", STANDARD.encode(proof)));
    peer.send(format!("{last}\r\n")).await;
    let line = peer.line().await.unwrap();
    if line.starts_with("t ") {
        return (salt, line);
    }
    // The server knows the password's verifier, too.
    let server_key = sign(&salted, b"Server Key");
    assert_eq!(part(&challenge(&line), "v="), STANDARD.encode(sign(&server_key, auth_message.as_bytes())));
    peer.send("\r\n").await;
    (salt, peer.line().await.unwrap())
}

async fn greeted(office: &Office) -> Peer {
    let mut peer = Peer::connect(office).await;
    peer.line().await.unwrap();
    peer
}

#[testkit::test_each_engine]
async fn each_client_password_for_imap_signs_in_and_nothing_else_does(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let (phone, desk) = (office.client_password(&user, &[Protocol::Imap]).await, office.client_password(&user, &Protocol::ALL).await);
    let sending = office.client_password(&user, &[Protocol::Smtp]).await;
    let mut salts = Vec::new();
    for (password, answer) in [
        (phone.as_str(), "t OK [CAPABILITY "),
        (&desk, "t OK [CAPABILITY "),
        (&sending, "t NO [AUTHENTICATIONFAILED]"),
        (PASSWORD, "t NO [AUTHENTICATIONFAILED]"),
        ("0123-4567-89ab-cdef-ghjk-mnpq", "t NO [AUTHENTICATIONFAILED]"),
    ] {
        let mut peer = greeted(&office).await;
        let (salt, answered) = sign_in(&mut peer, &user.login, password, PLAIN).await;
        assert!(answered.starts_with(answer), "{answered}");
        salts.push(salt);
        if answer.starts_with("t OK") {
            assert!(peer.ask("SELECT INBOX").await.last().unwrap().starts_with("t OK"));
        }
    }
    salts.dedup();
    assert_eq!(salts.len(), 1, "the salt does not tell which passwords there are");
}

#[testkit::test_each_engine]
async fn a_name_that_nobody_has_is_told_a_salt_of_its_own_and_guesses_get_slow(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let mut salts = Vec::new();
    for name in ["nobody@example.test", "Nobody@Example.Test", "nobody2@example.test", &user.login] {
        let mut peer = greeted(&office).await;
        let (salt, answered) = sign_in(&mut peer, name, PASSWORD, PLAIN).await;
        assert!(answered.starts_with("t NO [AUTHENTICATIONFAILED]"), "{answered}");
        assert_eq!(STANDARD.decode(&salt).unwrap().len(), 16);
        salts.push(salt);
    }
    assert!(salts[0] == salts[1] && salts[1] != salts[2] && salts[2] != salts[3]);
    let mut last = String::new();
    for _ in 0..6 {
        last = sign_in(&mut greeted(&office).await, "nobody2@example.test", "wrong", PLAIN).await.1;
    }
    assert!(last.starts_with("t NO [LIMIT]"), "{last}");
}

#[testkit::test_each_engine]
async fn under_tls_a_proof_holds_for_its_own_channel_only(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let password = office.client_password(&user, &[Protocol::Imap]).await;
    let plus = |header, bound_to| Way { mechanism: "SCRAM-SHA-256-PLUS", header, bound_to };
    let right = "t OK [CAPABILITY ";
    let wrong = "t NO [AUTHENTICATIONFAILED]";
    let (mut peer, channel) = Peer::connect_tls_bound(&office).await;
    assert!(peer.line().await.unwrap().contains(" AUTH=SCRAM-SHA-256-PLUS"));
    assert!(sign_in(&mut peer, &user.login, &password, plus("p=tls-exporter,,", &channel)).await.1.starts_with(right));

    let another = channel;
    let ways = [
        (plus("p=tls-exporter,,", &another), wrong),
        (plus("p=tls-exporter,,", b""), wrong),
        (plus("p=tls-unique,,", &another), wrong),
        (plus("n,,", b""), wrong),
        // Whoever stands between has taken the bound mechanism from the list.
        (Way { header: "y,,", ..PLAIN }, wrong),
        (PLAIN, right),
    ];
    for (way, answer) in ways {
        let (mut peer, _) = Peer::connect_tls_bound(&office).await;
        peer.line().await.unwrap();
        let answered = sign_in(&mut peer, &user.login, &password, way).await.1;
        assert!(answered.starts_with(answer), "{}{}: {answered}", way.mechanism, way.header);
    }
    // In the clear it is not offered, and nobody needs to mind.
    let mut peer = greeted(&office).await;
    assert!(sign_in(&mut peer, &user.login, &password, Way { header: "y,,", ..PLAIN }).await.1.starts_with(right));
}
