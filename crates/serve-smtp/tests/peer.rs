//! A client that says exactly what it is told to.

use std::net::SocketAddr;

use derive_more::{Deref, DerefMut};
use testkit_mail::Wire;
use testkit_mail::tls::Certificate;
use tokio::io::{AsyncRead, AsyncWrite};

#[derive(Deref, DerefMut)]
pub struct Peer(Wire);

impl Peer {
    pub async fn connect(address: SocketAddr) -> Self {
        Self(Wire::connect(address).await)
    }

    pub fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Wire::over(stream))
    }

    pub async fn secured(self, certificate: &Certificate) -> Self {
        Self(self.0.secured(certificate).await)
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
