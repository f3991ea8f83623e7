//! A name server on the loopback that knows what a test has told it.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail_auth::MessageAuthenticator;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use tokio::net::UdpSocket;

#[derive(Clone)]
enum Answer {
    Txt(String),
    /// SERVFAIL.
    Fails,
    /// Nothing comes.
    Silent,
}

#[derive(Default)]
struct Script {
    answers: Mutex<HashMap<String, Answer>>,
    asked: AtomicUsize,
}

pub struct Dns {
    script: Arc<Script>,
    port: u16,
}

const TXT: u16 = 16;

impl Dns {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let script = Arc::new(Script::default());
        let answering = Arc::clone(&script);
        tokio::spawn(async move {
            let mut query = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut query).await {
                if let Some(answer) = answering.answer(&query[..length]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Self { script, port }
    }

    pub fn txt(&self, name: &str, text: &str) -> &Self {
        self.set(name, Answer::Txt(text.to_owned()))
    }

    pub fn fails(&self, name: &str) -> &Self {
        self.set(name, Answer::Fails)
    }

    pub fn silent(&self, name: &str) -> &Self {
        self.set(name, Answer::Silent)
    }

    fn set(&self, name: &str, answer: Answer) -> &Self {
        self.script.answers.lock().unwrap().insert(name.to_owned(), answer);
        self
    }

    /// How many questions have come.
    pub fn asked(&self) -> usize {
        self.script.asked.load(Ordering::SeqCst)
    }

    pub fn resolver(&self) -> Arc<MessageAuthenticator> {
        let mut connection = ConnectionConfig::udp();
        connection.port = self.port;
        let server = NameServerConfig::new(Ipv4Addr::LOCALHOST.into(), true, vec![connection]);
        let mut options = ResolverOpts::default();
        options.attempts = 1;
        options.timeout = Duration::from_secs(10);
        Arc::new(MessageAuthenticator::new(ResolverConfig::from_name_servers(vec![server]), options).unwrap())
    }
}

impl Script {
    fn answer(&self, query: &[u8]) -> Option<Vec<u8>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (mut at, mut labels) = (12, Vec::new());
        while query[at] != 0 {
            let length = usize::from(query[at]);
            labels.push(String::from_utf8_lossy(&query[at + 1..at + 1 + length]).to_lowercase());
            at += 1 + length;
        }
        let question = &query[12..at + 5];
        let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
        let answer = self.answers.lock().unwrap().get(&labels.join(".")).cloned();
        let (code, text) = match answer {
            Some(Answer::Txt(text)) if kind == TXT => (0, Some(text)),
            Some(Answer::Txt(_)) => (0, None),
            Some(Answer::Fails) => (2, None),
            Some(Answer::Silent) => return None,
            None => (3, None),
        };
        let mut reply = query[..2].to_vec();
        reply.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(text.is_some()), 0, 0, 0, 0]);
        reply.extend(question);
        if let Some(text) = text {
            let strings: Vec<u8> = text.as_bytes().chunks(255).flat_map(|chunk| [&[chunk.len() as u8][..], chunk].concat()).collect();
            reply.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
            reply.extend((strings.len() as u16).to_be_bytes());
            reply.extend(strings);
        }
        Some(reply)
    }
}
