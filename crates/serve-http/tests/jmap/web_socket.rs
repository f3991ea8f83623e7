//! JMAP over a WebSocket (RFC 8887), over a real connection.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use serde_json::{Value, json};
use serve_http::PlainPeer;
use serve_http::jmap::limits;
use store::Store;
use testkit::test_each_engine;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::{Member, USING, colleague, owner};
use crate::site::{PASSWORD, Site};

/// The site behind a socket.
async fn listen(site: &Site) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = site.router.clone().into_make_service_with_connect_info::<PlainPeer>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// How a client asks for a connection.
struct Asking<'a> {
    origin: Option<String>,
    cookie: Option<String>,
    authorization: Option<String>,
    protocol: Option<&'a str>,
}

impl Asking<'_> {
    /// As the member's browser does from a page of ours.
    fn of(member: &Member, address: SocketAddr) -> Self {
        Self {
            origin: Some(format!("http://{address}")),
            cookie: Some(format!("yanshu_session={}", member.browser.cookies["yanshu_session"])),
            authorization: None,
            protocol: Some("jmap"),
        }
    }

    async fn open(self, address: SocketAddr) -> Result<Socket, StatusCode> {
        let mut request = format!("ws://{address}/jmap/ws").into_client_request().unwrap();
        let headers = [
            ("origin", self.origin),
            ("cookie", self.cookie),
            ("authorization", self.authorization),
            ("sec-websocket-protocol", self.protocol.map(str::to_owned)),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
        }
        match connect_async(request).await {
            Ok((stream, answer)) => {
                assert_eq!(answer.headers()["sec-websocket-protocol"], "jmap");
                Ok(Socket(stream))
            }
            Err(Error::Http(answer)) => Err(answer.status()),
            Err(error) => panic!("{error:?}"),
        }
    }
}

impl Socket {
    async fn say(&mut self, value: Value) {
        self.0.send(Message::text(value.to_string())).await.unwrap();
    }

    /// The next thing that is told; signs of life are no news.
    async fn hear(&mut self) -> Value {
        loop {
            match self.0.next().await.expect("the connection goes on").unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Waits for the end; with which code it came.
    async fn ends(&mut self) -> Option<CloseCode> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    async fn call(&mut self, id: &str, method: &str, arguments: Value) {
        self.say(json!({ "@type": "Request", "id": id, "using": USING, "methodCalls": [[method, arguments, "0"]] })).await;
    }
}

#[test_each_engine]
async fn requests_are_answered_and_what_is_none_is_told_so(store: Store) {
    let (site, mut member) = owner(store).await;
    let address = listen(&site).await;
    let session = member.browser.get("/jmap/session").await.body;
    let offered = &session["capabilities"]["urn:ietf:params:jmap:websocket"];
    assert_eq!(offered["supportsPush"], json!(true));
    assert!(offered["url"].as_str().unwrap().ends_with("/jmap/ws"), "{offered}");

    let mut socket = Asking::of(&member, address).open(address).await.unwrap_or_else(|status| panic!("{status}"));
    socket.call("R1", "Core/echo", json!({ "hello": true })).await;
    let answer = socket.hear().await;
    assert_eq!((answer["@type"].as_str(), answer["requestId"].as_str()), (Some("Response"), Some("R1")));
    assert_eq!(answer["methodResponses"], json!([["Core/echo", { "hello": true }, "0"]]));
    assert_eq!(answer["sessionState"], session["state"]);
    // Several at once are told apart by their ids; without one there is none in the answer.
    for number in 0..4 {
        socket.call(&number.to_string(), "Mailbox/get", json!({ "accountId": member.account })).await;
    }
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..4 {
        ids.push(socket.hear().await["requestId"].as_str().unwrap().to_owned());
    }
    ids.sort();
    assert_eq!(ids, ["0", "1", "2", "3"]);
    socket.say(json!({ "@type": "Request", "using": USING, "methodCalls": [] })).await;
    assert_eq!(socket.hear().await.get("requestId"), None);

    for (wrong, kind) in [
        (json!([]).to_string(), "notRequest"),
        ("{".to_owned(), "notJSON"),
        (json!({ "@type": "Wish" }).to_string(), "notRequest"),
        (json!({ "@type": "Request", "id": 5, "using": [], "methodCalls": [] }).to_string(), "notRequest"),
        (json!({ "@type": "Request", "id": "x", "using": ["urn:none"], "methodCalls": [] }).to_string(), "unknownCapability"),
        (json!({ "@type": "Request", "using": [], "methodCalls": vec![json!(["Core/echo", {}, "c"]); limits::MAX_CALLS_IN_REQUEST + 1] }).to_string(), "limit"),
        (format!("\"{}\"", "x".repeat(limits::MAX_SIZE_REQUEST)), "limit"),
    ] {
        socket.0.send(Message::text(wrong.clone())).await.unwrap();
        let told = socket.hear().await;
        let shown: String = wrong.chars().take(80).collect();
        assert_eq!((told["@type"].as_str(), told["type"].as_str()), (Some("RequestError"), Some(format!("urn:ietf:params:jmap:error:{kind}").as_str())), "{shown}");
    }
    // It bears all that, but not what is no text.
    socket.call("R2", "Core/echo", json!({})).await;
    assert_eq!(socket.hear().await["requestId"], "R2");
    socket.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(socket.ends().await, Some(CloseCode::Unsupported));
}

#[test_each_engine]
async fn changes_are_pushed_while_that_is_wanted(store: Store) {
    let (site, mut member) = owner(store).await;
    let other = colleague(&site, &member, "other").await;
    let address = listen(&site).await;
    let mut socket = Asking::of(&member, address).open(address).await.unwrap_or_else(|status| panic!("{status}"));
    socket.say(json!({ "@type": "WebSocketPushEnable", "dataTypes": ["Email", "Unheard"], "pushState": null })).await;
    // What is answered after it shows that it was taken.
    socket.call("R1", "Core/echo", json!({})).await;
    socket.hear().await;
    other.receive("not ours").await;
    member.receive("one").await;
    let told = socket.hear().await;
    let state = member.call("Email/get", json!({ "ids": [] })).await["state"].clone();
    assert_eq!(told["@type"], "StateChange");
    assert_eq!(told["changed"], json!({ &member.account: { "Email": state } }));
    let heard = told["pushState"].clone();

    socket.say(json!({ "@type": "WebSocketPushDisable" })).await;
    socket.call("R2", "Core/echo", json!({})).await;
    assert_eq!(socket.hear().await["requestId"], "R2");
    member.receive("two").await;
    socket.call("R3", "Core/echo", json!({})).await;
    assert_eq!(socket.hear().await["requestId"], "R3", "nothing was pushed");
    // Who comes back hears what it missed, on another connection too.
    let mut again = Asking::of(&member, address).open(address).await.unwrap_or_else(|status| panic!("{status}"));
    again.say(json!({ "@type": "WebSocketPushEnable", "dataTypes": null, "pushState": heard })).await;
    let told = again.hear().await;
    assert!(told["changed"][&member.account].get("EmailDelivery").is_some(), "{told}");
}

#[test_each_engine]
async fn a_connection_is_for_our_own_pages_and_for_programs_that_show_a_password(store: Store) {
    let (site, mut member) = owner(store).await;
    let address = listen(&site).await;
    let refused = |asking: Asking<'static>| async move { asking.open(address).await.map(|_| ()).unwrap_err() };
    let own = || Asking::of(&member, address);
    for origin in
        ["https://elsewhere.test", "null", "http://127.0.0.1:1", &format!("https://{address}"), &format!("http://{address}.elsewhere.test")]
    {
        assert_eq!(refused(Asking { origin: Some(origin.to_owned()), ..own() }).await, StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!(refused(Asking { origin: None, ..own() }).await, StatusCode::FORBIDDEN);
    assert_eq!(refused(Asking { cookie: None, ..own() }).await, StatusCode::UNAUTHORIZED);
    for protocol in [None, Some("chat")] {
        assert_eq!(refused(Asking { protocol, ..own() }).await.as_u16() / 100, 4, "{protocol:?}");
    }
    let password = Some(format!("Basic {}", STANDARD.encode(format!("admin@first.test:{PASSWORD}"))));
    let program = || Asking { origin: None, cookie: None, authorization: password.clone(), protocol: Some("jmap") };
    assert_eq!(refused(Asking { origin: Some("https://elsewhere.test".to_owned()), ..program() }).await, StatusCode::FORBIDDEN);
    assert!(program().open(address).await.is_ok());
    // As many as a member may have, and no more.
    let mut open = Vec::new();
    loop {
        match own().open(address).await {
            Ok(socket) => open.push(socket),
            Err(status) => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                break;
            }
        }
        assert!(open.len() <= limits::MAX_WEB_SOCKETS);
    }
    // Without an upgrade it is nothing.
    assert!(member.browser.get("/jmap/ws").await.status >= 400);
}

#[test_each_engine]
async fn a_connection_ends_with_its_session_and_with_the_server(store: Store) {
    let (site, mut member) = owner(store).await;
    let address = listen(&site).await;
    let mut socket = Asking::of(&member, address).open(address).await.unwrap_or_else(|status| panic!("{status}"));
    socket.call("R1", "Core/echo", json!({})).await;
    socket.hear().await;
    assert_eq!(member.browser.send("DELETE", "/api/v1/session", None).await.status, 204);
    assert_eq!(socket.ends().await, Some(CloseCode::Policy));
    let member = crate::client::member(&site, member.org, "admin@first.test").await;
    let mut socket = Asking::of(&member, address).open(address).await.unwrap_or_else(|status| panic!("{status}"));
    socket.call("R1", "Core/echo", json!({})).await;
    socket.hear().await;
    site.stop.send(true).unwrap();
    assert_eq!(socket.ends().await, Some(CloseCode::Away));
}
