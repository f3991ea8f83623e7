//! A mail program that says what it is told to and shows what comes back, line by line.

use derive_more::{Deref, DerefMut};
use testkit_mail::{Wire, tls};
use tokio::net::TcpStream;

use crate::office::{Colleague, Node, PASSWORD};

#[derive(Deref, DerefMut)]
pub struct Peer(Wire);

impl Peer {
    /// Connects; the greeting is still to be read.
    pub async fn connect(node: &Node) -> Self {
        Self(Wire::connect(node.address).await)
    }

    pub async fn connect_tls(node: &Node) -> Self {
        let stream = TcpStream::connect(node.tls_address).await.expect("the server listens");
        Self(Wire::over(tls::connect(&node.certificate, stream).await))
    }

    /// After the server has said that TLS may begin.
    pub async fn start_tls(self, node: &Node) -> Self {
        Self(self.0.secured(&node.certificate).await)
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
}
