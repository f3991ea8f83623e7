//! A mail program that says what it is told to and shows what comes back, line by line.

use derive_more::{Deref, DerefMut};
use testkit_mail::{Wire, tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::office::{Colleague, Office, PASSWORD};

#[derive(Deref, DerefMut)]
pub struct Peer(Wire);

impl Peer {
    /// Connects; the greeting is still to be read.
    pub async fn connect(office: &Office) -> Self {
        Self(Wire::connect(office.address).await)
    }

    /// As a client on another machine.
    pub async fn connect_from_afar(office: &Office) -> Self {
        Self(Wire::connect(office.remote_address).await)
    }

    pub async fn connect_tls(office: &Office) -> Self {
        Self::connect_tls_bound(office).await.0
    }

    /// With what a sign-in is bound to (RFC 9266).
    pub async fn connect_tls_bound(office: &Office) -> (Self, [u8; 32]) {
        let stream = TcpStream::connect(office.tls_address).await.expect("the server listens");
        let stream = tls::connect(&office.certificate, stream).await;
        let exported = stream.get_ref().1.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).unwrap();
        (Self(Wire::over(stream)), exported)
    }

    /// After the server has said that TLS may begin.
    pub async fn start_tls(self, office: &Office) -> Self {
        Self(self.0.secured(&office.certificate).await)
    }

    /// After the server has said that DEFLATE is active.
    pub fn start_deflate(self) -> Self {
        let (near, far) = tokio::io::duplex(64 << 10);
        let (mut from_server, mut to_server) = tokio::io::split(self.0.into_inner());
        let (mut from_peer, mut to_peer) = tokio::io::split(far);
        tokio::spawn(async move {
            let mut inflate = flate2::Decompress::new(false);
            let mut octets = Vec::new();
            while from_server.read_buf(&mut octets).await.is_ok_and(|count| count > 0) {
                let mut plain = Vec::new();
                let before = inflate.total_in();
                loop {
                    plain.reserve(64 << 10);
                    let (read, written) = ((inflate.total_in() - before) as usize, plain.len());
                    inflate.decompress_vec(&octets[read..], &mut plain, flate2::FlushDecompress::None).expect("a stream of DEFLATE");
                    if plain.len() == written && (inflate.total_in() - before) as usize == octets.len() {
                        break;
                    }
                }
                octets.clear();
                if to_peer.write_all(&plain).await.is_err() {
                    return;
                }
            }
            let _ = to_peer.shutdown().await;
        });
        tokio::spawn(async move {
            let mut compress = flate2::Compress::new(flate2::Compression::best(), false);
            let mut plain = Vec::new();
            while from_peer.read_buf(&mut plain).await.is_ok_and(|count| count > 0) {
                let mut octets = Vec::with_capacity(plain.len() * 2 + 100);
                compress.compress_vec(&plain, &mut octets, flate2::FlushCompress::Sync).expect("compressed");
                plain.clear();
                if to_server.write_all(&octets).await.is_err() || to_server.flush().await.is_err() {
                    return;
                }
            }
        });
        Self(Wire::over(near))
    }

    /// Connects and signs in.
    pub async fn signed_in(office: &Office, colleague: &Colleague) -> Self {
        let mut peer = Self::connect(office).await;
        peer.line().await.expect("a greeting");
        let answer = peer.ask(&format!("LOGIN {} {PASSWORD}", colleague.login)).await;
        assert!(answer.last().is_some_and(|line| line.starts_with("t OK")), "{answer:?}");
        peer
    }

    /// Says `t command` and reads up to the tagged answer.
    pub async fn ask(&mut self, command: &str) -> Vec<String> {
        self.send(format!("t {command}\r\n")).await;
        self.answer("t").await
    }

    /// Everything up to the answer with this tag, or to the end of the connection.
    pub async fn answer(&mut self, tag: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.line().await {
            let last = line.strip_prefix(tag).is_some_and(|rest| rest.starts_with(' '));
            lines.push(line);
            if last {
                break;
            }
        }
        lines
    }

    /// Appends a message with LITERAL+.
    pub async fn append(&mut self, arguments: &str, message: &[u8]) -> Vec<String> {
        self.send(format!("t APPEND {arguments} {{{}+}}\r\n", message.len())).await;
        self.send(message).await;
        self.send("\r\n").await;
        self.answer("t").await
    }
}
