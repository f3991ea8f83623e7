//! Very many mail programs that wait for news under TLS.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bench::memory::{anonymous_kib, resident_kib};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};

use crate::password_of;

type Session = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// What the server process `server` takes for each of `count` sessions of `user0@DOMAIN` … that are in IDLE.
pub fn idle(address: &str, count: usize, users: usize, domain: &str, server: u32, settle_secs: u64) {
    let config = Arc::new(
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate))
            .with_no_client_auth(),
    );
    // What the first session of each user loads stays.
    let mut sessions: Vec<Session> = (0..users).map(|user| begin(&config, address, user, domain)).collect();
    let before = (resident_kib(server), anonymous_kib(server));
    for number in users..users + count {
        sessions.push(begin(&config, address, number % users, domain));
    }
    thread::sleep(Duration::from_secs(settle_secs));
    let after = (resident_kib(server), anonymous_kib(server));
    let each = |before: u64, after: u64| after.saturating_sub(before) as f64 / count as f64;
    println!(
        "{count} sessions in IDLE under TLS: {:.1} KiB resident for each, {:.1} KiB of it its own memory; {} MiB in all",
        each(before.0, after.0),
        each(before.1, after.1),
        after.0 >> 10
    );
    // They are awake.
    for session in [0, users, users + count / 2, users + count - 1] {
        say(&mut sessions[session], "DONE");
        assert!(answer(&mut sessions[session], "i ").starts_with("i OK"), "a session that ends its IDLE");
    }
}

fn begin(config: &Arc<ClientConfig>, address: &str, user: usize, domain: &str) -> Session {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let tls = ClientConnection::new(Arc::clone(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut session = BufReader::with_capacity(512, StreamOwned::new(tls, stream));
    let user = format!("user{user}@{domain}");
    assert!(answer(&mut session, "* ").starts_with("* OK"));
    say(&mut session, &format!("l LOGIN {user} {}", password_of(&user)));
    assert!(answer(&mut session, "l ").starts_with("l OK"), "{user} signs in");
    say(&mut session, "s SELECT INBOX");
    assert!(answer(&mut session, "s ").starts_with("s OK"));
    say(&mut session, "i IDLE");
    assert!(answer(&mut session, "+ ").starts_with("+ "));
    session
}

fn say(session: &mut Session, line: &str) {
    session.get_mut().write_all(format!("{line}\r\n").as_bytes()).expect("a session that stands");
}

/// The first line that begins so.
fn answer(session: &mut Session, beginning: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(session.read_line(&mut line).expect("an answer") > 0, "the server hung up");
        if line.starts_with(beginning) {
            return line;
        }
    }
}

/// The server under test is on this machine and has made its certificate itself.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
