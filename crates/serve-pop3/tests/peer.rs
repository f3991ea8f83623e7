//! A mail program that says what it is told to and shows what comes back, line by line.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::office::{Colleague, Node, PASSWORD};

trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

pub struct Peer {
    stream: BufReader<Box<dyn Both>>,
}

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(20);

impl Peer {
    /// Connects; the greeting is still to be read.
    pub async fn connect(node: &Node) -> Self {
        let stream = TcpStream::connect(node.address).await.expect("the server listens");
        Self { stream: BufReader::new(Box::new(stream)) }
    }

    pub async fn connect_tls(node: &Node) -> Self {
        let stream = TcpStream::connect(node.tls_address).await.expect("the server listens");
        Self { stream: BufReader::new(Box::new(under_tls(node, stream).await)) }
    }

    /// After the server has said that TLS may begin.
    pub async fn start_tls(self, node: &Node) -> Self {
        Self { stream: BufReader::new(Box::new(under_tls(node, self.stream.into_inner()).await)) }
    }

    /// Connects and signs in.
    pub async fn signed_in(node: &Node, colleague: &Colleague) -> Self {
        let mut peer = Self::connect(node).await;
        peer.line().await.expect("a greeting");
        let answer = peer.sign_in(colleague).await;
        assert!(answer.starts_with("+OK"), "{answer:?}");
        peer
    }

    /// Answers what PASS is answered.
    pub async fn sign_in(&mut self, colleague: &Colleague) -> String {
        assert!(self.ask(&format!("USER {}", colleague.login)).await.starts_with("+OK"));
        self.ask(&format!("PASS {PASSWORD}")).await
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await.expect("the server reads").expect("the server is there");
        self.stream.flush().await.expect("the server is there");
    }

    /// As [`send`](Self::send), where the server may have closed.
    pub async fn send_if_it_can(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the server reads or closes");
    }

    /// The next line as it came.
    pub async fn octets(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        timeout(PATIENCE, self.stream.read_until(b'\n', &mut line)).await.expect("an answer in time").expect("the server is there");
        line
    }

    /// The next line without its end; `None` when the server has closed.
    pub async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let read = timeout(PATIENCE, self.stream.read_until(b'\n', &mut line)).await.expect("an answer in time");
        if !matches!(read, Ok(bytes) if bytes > 0) {
            return None;
        }
        let text = String::from_utf8_lossy(&line);
        Some(text.strip_suffix("\r\n").unwrap_or(&text).to_owned())
    }

    /// Says a command and reads the line that answers it.
    pub async fn ask(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n")).await;
        self.line().await.unwrap_or_default()
    }

    /// Says a command and reads its answer of many lines; the first is left out when it is good, and the last.
    pub async fn list(&mut self, command: &str) -> Vec<String> {
        let first = self.ask(command).await;
        assert!(first.starts_with("+OK"), "{command}: {first}");
        let mut lines = Vec::new();
        loop {
            match self.line().await.expect("an end of the list").as_str() {
                "." => return lines,
                line => lines.push(line.to_owned()),
            }
        }
    }

    /// Says QUIT and waits until the server has closed.
    pub async fn quit(mut self) -> String {
        let answer = self.ask("QUIT").await;
        assert_eq!(self.line().await, None);
        answer
    }

    /// Whatever comes until the server closes.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await.expect("the server closes in time");
        rest
    }
}

async fn under_tls<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(node: &Node, stream: S) -> impl Both + use<S> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(node.certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("TLS begins")
}
