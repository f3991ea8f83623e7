//! What the webmail asks first: the newest messages of the inbox, by JMAP over HTTP.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::password_of;
use crate::peer::Peer;
use crate::stopwatch::Stopwatch;

const PAGE: usize = 50;

/// So many requests, or fewer when the process `beside` ends before.
pub fn load(address: &str, user: &str, requests: usize, beside: Option<&str>) {
    let mut http = Http::connect(address, user);
    let session = http.request("GET", "/jmap/session", None);
    let account = session["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str().expect("an account with mail").to_owned();
    let found = http.call(json!([["Mailbox/query", { "accountId": account, "filter": { "role": "inbox" } }, "0"]]));
    let inbox = found["methodResponses"][0][1]["ids"][0].as_str().expect("an inbox").to_owned();
    let page = json!([
        ["Email/query", {
            "accountId": account, "filter": { "inMailbox": inbox }, "sort": [{ "property": "receivedAt", "isAscending": false }],
            "collapseThreads": false, "position": 0, "limit": PAGE, "calculateTotal": true,
        }, "0"],
        ["Email/get", {
            "accountId": account, "#ids": { "resultOf": "0", "name": "Email/query", "path": "/ids" },
            "properties": ["id", "threadId", "mailboxIds", "keywords", "from", "to", "subject", "receivedAt", "size", "hasAttachment", "preview"],
        }, "1"],
    ]);
    let first = http.call(page.clone());
    println!("{} messages in the inbox", first["methodResponses"][0][1]["total"]);
    let watch = Stopwatch::start();
    let still_beside = || beside.is_none_or(|process| Path::new("/proc").join(process).exists());
    let mut waits: Vec<Duration> = (0..requests)
        .take_while(|number| *number == 0 || still_beside())
        .map(|_| {
            let asked = Instant::now();
            let answer = http.call(page.clone());
            let took = asked.elapsed();
            assert_eq!(answer["methodResponses"][1][1]["list"].as_array().map(Vec::len), Some(PAGE), "{answer}");
            took
        })
        .collect();
    let measured = watch.stop(waits.len());
    waits.sort_unstable();
    let at = |percent: usize| waits[(waits.len() * percent / 100).min(waits.len() - 1)].as_secs_f64() * 1000.0;
    println!("p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", at(50), at(99), at(100));
    measured.print();
}

/// One connection that stays open, signed in with every request.
struct Http {
    peer: Peer,
    host: String,
    authorization: String,
}

impl Http {
    fn connect(address: &str, user: &str) -> Self {
        let authorization = STANDARD.encode(format!("{user}:{}", password_of(user)));
        Self { peer: Peer::connect(address), host: address.to_owned(), authorization }
    }

    fn call(&mut self, calls: Value) -> Value {
        let using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"];
        self.request("POST", "/jmap", Some(json!({ "using": using, "methodCalls": calls })))
    }

    fn request(&mut self, method: &str, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.peer.say(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            self.authorization,
            body.len()
        ));
        let status = self.peer.line();
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.peer.line().to_ascii_lowercase();
            match line.trim_end().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().expect("a length"),
                Some(("transfer-encoding", "chunked")) => chunked = true,
                Some(_) => {}
                None => break,
            }
        }
        let answer = if chunked { self.chunks() } else { self.bytes(length) };
        assert!(status.contains(" 200 "), "{status}{}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).expect("JSON")
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.peer.reader.read_exact(&mut bytes).expect("a whole answer");
        bytes
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut whole = Vec::new();
        loop {
            let length = usize::from_str_radix(self.peer.line().trim_end(), 16).expect("the length of a chunk");
            whole.append(&mut self.bytes(length));
            self.peer.line();
            if length == 0 {
                return whole;
            }
        }
    }
}
