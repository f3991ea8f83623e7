//! The limits that the session object tells (RFC 8620 §2) are those that are kept: exactly so much goes, and no more.

use std::net::SocketAddr;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, header};
use serde_json::{Value, json};
use serve_http::PlainPeer;
use store::Store;
use testkit::test_each_engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::client::{Member, USING, owner, strings};
use crate::site::{PASSWORD, Site};

/// What the session object says.
async fn told(member: &mut Member, limit: &str) -> usize {
    let session = member.browser.get("/jmap/session").await;
    usize::try_from(session.body["capabilities"]["urn:ietf:params:jmap:core"][limit].as_u64().unwrap()).unwrap()
}

/// Which limit an answer names.
fn limit(answer: &Value) -> Option<&str> {
    answer["limit"].as_str().filter(|_| answer["type"] == "urn:ietf:params:jmap:error:limit")
}

/// A request on a connection of its own, of which the last octet is yet to be sent.
struct Held {
    to: OwnedWriteHalf,
    last: u8,
}

type Answered = (usize, u16, Value);

impl Held {
    /// What it is answered goes to `answers`, with its `number`.
    async fn begin(
        address: SocketAddr,
        path: &str,
        kind: &str,
        body: &[u8],
        number: usize,
        answers: mpsc::UnboundedSender<Answered>,
    ) -> Self {
        let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
        let credentials = STANDARD.encode(format!("admin@first.test:{PASSWORD}"));
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {credentials}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let (last, begin) = body.split_last().unwrap();
        to.write_all(&[head.as_bytes(), begin].concat()).await.unwrap();
        tokio::spawn(async move {
            let mut answer = Vec::new();
            let _ = from.read_to_end(&mut answer).await;
            let text = String::from_utf8_lossy(&answer);
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
            let _ = answers.send((number, status, serde_json::from_str(body).unwrap_or_default()));
        });
        Self { to, last: *last }
    }

    /// Sends the rest, and does not hang up.
    async fn end(mut self) {
        self.to.write_all(&[self.last]).await.unwrap();
        self.to.forget();
    }
}

/// One request more than a member may have at a time is begun: one of them is refused at once, whichever is last, and the others are carried out.
async fn holds_at_a_time(site: &Site, member: &mut Member, name: &str, path: &str, kind: &str, body: &[u8], good: u16) {
    let most = told(member, name).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = site.router.clone().into_make_service_with_connect_info::<PlainPeer>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let (answers, mut answered) = mpsc::unbounded_channel();
    // The password is known from here on, so that no request waits for its turn to have it checked.
    Held::begin(address, path, kind, body, 0, answers.clone()).await.end().await;
    assert_eq!(answered.recv().await.unwrap().1, good);
    for _ in 0..2 {
        let mut held = Vec::new();
        for number in 0..=most {
            held.push(Some(Held::begin(address, path, kind, body, number, answers.clone()).await));
        }
        let (refused, status, answer) = answered.recv().await.unwrap();
        assert_eq!((status, limit(&answer)), (400, Some(name)), "{answer}");
        held[refused] = None;
        for request in held.into_iter().flatten() {
            request.end().await;
        }
        for _ in 0..most {
            let (_, status, answer) = answered.recv().await.unwrap();
            assert_eq!(status, good, "{answer}");
        }
        // And once more: the places were given back.
    }
}

#[test_each_engine]
async fn so_many_requests_at_a_time_and_no_more(store: Store) {
    let (site, mut member) = owner(store).await;
    let body = json!({ "using": USING, "methodCalls": [["Core/echo", {}, "0"]] }).to_string();
    holds_at_a_time(&site, &mut member, "maxConcurrentRequests", "/jmap", "application/json", body.as_bytes(), 200).await;
}

#[test_each_engine]
async fn so_many_uploads_at_a_time_and_no_more(store: Store) {
    let (site, mut member) = owner(store).await;
    let path = format!("/jmap/upload/{}/", member.account);
    holds_at_a_time(&site, &mut member, "maxConcurrentUpload", &path, "text/plain", b"some bytes", 201).await;
}

#[test_each_engine]
async fn a_request_weighs_so_much_and_no_more(store: Store) {
    let (_, mut member) = owner(store).await;
    let most = told(&mut member, "maxSizeRequest").await;
    let text = json!({ "using": USING, "methodCalls": [["Core/echo", {}, "0"]] }).to_string();
    for (size, is_declared) in [(most, true), (most, false), (most + 1, true), (most + 1, false)] {
        let mut bytes = text.clone().into_bytes();
        bytes.resize(size, b' ');
        // Without a length it is only seen as it comes.
        let body = if is_declared { Body::from(bytes) } else { Body::from_stream(tokio_stream::iter([Ok::<_, std::io::Error>(bytes)])) };
        let request = Request::post("/jmap").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
        let answer = member.browser.request(request).await;
        match size > most {
            false => assert_eq!(answer.status, 200, "{size} {is_declared}"),
            true => assert_eq!((answer.status, limit(&answer.body)), (400, Some("maxSizeRequest")), "{size} {is_declared}"),
        }
    }
}

#[test_each_engine]
async fn an_upload_weighs_so_much_and_no_more(store: Store) {
    let (_, mut member) = owner(store).await;
    let most = told(&mut member, "maxSizeUpload").await;
    let fits = member.upload("application/octet-stream", &vec![7; most]).await;
    assert_eq!((fits.status, fits.body["size"].as_u64()), (201, Some(most as u64)));
    let refused = member.upload("application/octet-stream", &vec![7; most + 1]).await;
    assert_eq!((refused.status, limit(&refused.body)), (413, Some("maxSizeUpload")));
}

#[test_each_engine]
async fn so_many_calls_in_a_request_and_no_more(store: Store) {
    let (_, mut member) = owner(store).await;
    let most = told(&mut member, "maxCallsInRequest").await;
    let calls = |count: usize| json!(vec![json!(["Core/echo", {}, "c"]); count]);
    assert_eq!(member.calls(calls(most)).await.len(), most);
    let answer = member.request(calls(most + 1)).await;
    assert_eq!((answer.status, limit(&answer.body)), (400, Some("maxCallsInRequest")));
}

/// Methods that name objects in a list, and how it is called.
const NAMING: &[(&str, &str)] = &[
    ("Mailbox/get", "ids"),
    ("Thread/get", "ids"),
    ("Email/get", "ids"),
    ("Identity/get", "ids"),
    ("EmailSubmission/get", "ids"),
    ("Quota/get", "ids"),
    ("Blob/get", "ids"),
    ("Blob/lookup", "ids"),
    ("Email/parse", "blobIds"),
    ("PushSubscription/get", "ids"),
];

#[test_each_engine]
async fn so_many_objects_in_a_get_and_no_more(store: Store) {
    let (_, mut member) = owner(store).await;
    let most = told(&mut member, "maxObjectsInGet").await;
    let all: Vec<&str> = serve_http::jmap::METHODS.iter().map(|(name, _)| *name).filter(|name| name.ends_with("/get")).collect();
    for method in all {
        assert!(method == "SearchSnippet/get" || NAMING.iter().any(|(name, _)| *name == method), "{method} is to be tried as well");
    }
    let ids = |count: usize| (0..count).map(|number| format!("m{}", 1_000_000 + number)).collect::<Vec<_>>();
    for (method, name) in NAMING {
        let types = if *method == "Blob/lookup" { json!(["Email"]) } else { Value::Null };
        let arguments = |count: usize| {
            let mut arguments = json!({ *name: ids(count) });
            if !types.is_null() {
                arguments["typeNames"] = types.clone();
            }
            arguments
        };
        let answer = member.call(method, arguments(most)).await;
        assert_eq!(strings(&answer["notFound"]).len() + strings(&answer["notParsable"]).len(), most, "{method}");
        assert_eq!(member.error(method, arguments(most + 1)).await, "requestTooLarge", "{method}");
    }
    let snippets = |count: usize| json!({ "emailIds": ids(count), "filter": { "text": "x" } });
    assert_eq!(strings(&member.call("SearchSnippet/get", snippets(most)).await["notFound"]).len(), most);
    assert_eq!(member.error("SearchSnippet/get", snippets(most + 1)).await, "requestTooLarge");
}

#[test_each_engine]
async fn so_many_objects_in_a_set_and_no_more(store: Store) {
    let (_, mut member) = owner(store).await;
    let most = told(&mut member, "maxObjectsInSet").await;
    let sets: Vec<&str> = serve_http::jmap::METHODS.iter().map(|(name, _)| *name).filter(|name| name.ends_with("/set")).collect();
    let ids = |from: usize, count: usize| (from..from + count).map(|number| format!("m{}", 1_000_000 + number)).collect::<Vec<_>>();
    let map = |from: usize, count: usize| ids(from, count).into_iter().map(|id| (id, json!({}))).collect::<serde_json::Map<_, _>>();
    for method in sets {
        // What is created, updated and destroyed counts together.
        let arguments = |more: usize| json!({ "create": map(0, 10), "update": map(10, 10), "destroy": ids(20, most - 20 + more) });
        let answer = member.call(method, arguments(0)).await;
        let count = |name: &str| answer[name].as_object().map_or(0, serde_json::Map::len);
        assert_eq!((count("notCreated"), count("notUpdated"), count("notDestroyed")), (10, 10, most - 20), "{method}");
        assert_eq!(member.error(method, arguments(1)).await, "requestTooLarge", "{method}");
    }
    let emails = |count: usize| json!({ "emails": map(0, count) });
    assert_eq!(member.call("Email/import", emails(most)).await["notCreated"].as_object().unwrap().len(), most);
    assert_eq!(member.error("Email/import", emails(most + 1)).await, "requestTooLarge");
    let blobs = |count: usize| json!({ "create": map(0, count) });
    assert_eq!(member.error("Blob/upload", blobs(most + 1)).await, "requestTooLarge");
}
