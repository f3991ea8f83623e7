//! A client that says exactly what it is told to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub struct Peer {
    wire: Box<dyn Wire>,
    read: Vec<u8>,
}

/// Whatever a server does, it does soon, or the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

impl Peer {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    pub fn over(wire: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        Self { wire: Box::new(wire), read: Vec::new() }
    }

    /// Takes up TLS, trusting the given certificate only.
    pub async fn secured(self, certificate: &rustls::pki_types::CertificateDer<'static>) -> Self {
        assert!(self.read.is_empty(), "nothing was said in the clear behind the answer to STARTTLS");
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let name = rustls::pki_types::ServerName::try_from("mx.example.test").unwrap();
        Self::over(connector.connect(name, self.wire).await.unwrap())
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.wire.write_all(bytes)).await.expect("the server reads").unwrap();
        self.wire.flush().await.unwrap();
    }

    /// As [`send`](Self::send), to a server that may have closed.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        matches!(timeout(PATIENCE, self.wire.write_all(bytes)).await, Ok(Ok(())))
    }

    /// One line of an answer, without its CRLF; `None` when the server has closed.
    pub async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.read.windows(2).position(|window| window == b"\r\n") {
                let line = String::from_utf8(self.read[..at].to_vec()).expect("answers are ASCII");
                self.read.drain(..at + 2);
                return Some(line);
            }
            match timeout(PATIENCE, self.wire.read_buf(&mut self.read)).await.expect("the server answers in time") {
                Ok(0) | Err(_) => {
                    assert!(self.read.is_empty(), "a line is whole: {:?}", String::from_utf8_lossy(&self.read));
                    return None;
                }
                Ok(_) => {}
            }
        }
    }

    /// A whole answer, its lines joined with LF.
    pub async fn reply(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await.expect("an answer");
            let last = line.as_bytes().get(3) != Some(&b'-');
            lines.push(line);
            if last {
                return lines.join("\n");
            }
        }
    }

    pub async fn command(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    /// Waits until the server has closed, and answers what it said before.
    pub async fn closed(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(line) = self.line().await {
            said.push(line);
        }
        said
    }

    /// All that comes until the server closes, whatever it is.
    pub async fn read_to_end(&mut self, into: &mut Vec<u8>) -> Vec<u8> {
        into.append(&mut self.read);
        // A connection that is reset has ended as well.
        let _ = timeout(PATIENCE, self.wire.read_to_end(into)).await.expect("the server closes");
        into.clone()
    }

    /// A small message to one recipient; answers the first refusal, or what was said to the message.
    pub async fn deliver_or_refused(&mut self, to: &str) -> String {
        self.command("RSET").await;
        for command in ["MAIL FROM:<a@elsewhere.test>".to_owned(), format!("RCPT TO:<{to}>"), "DATA".to_owned()] {
            let said = self.command(&command).await;
            if !said.starts_with(['2', '3']) {
                return said;
            }
        }
        self.send(b"Subject: x\r\n\r\n.\r\n").await;
        self.reply().await
    }

    /// MAIL, RCPT, DATA and the message; answers what was said to the message.
    pub async fn deliver(&mut self, from: &str, to: &[&str], message: &str) -> String {
        let said = self.command(&format!("MAIL FROM:<{from}>")).await;
        assert!(said.starts_with("250 "), "{said}");
        for to in to {
            let said = self.command(&format!("RCPT TO:<{to}>")).await;
            assert!(said.starts_with("250 "), "{said}");
        }
        let said = self.command("DATA").await;
        assert!(said.starts_with("354 "), "{said}");
        self.send(message.as_bytes()).await;
        self.send(b".\r\n").await;
        self.reply().await
    }
}

pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { digit as char } else { '=' });
        }
    }
    text
}
