use axum::extract::connect_info::ConnectInfo;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use serve_http::PlainPeer;
use store::Store;
use testkit::test_each_engine;
use tower::ServiceExt;

use crate::client::{Member, colleague, owner};
use crate::site::Site;

struct Stream(axum::body::Body);

impl Stream {
    async fn open(site: &Site, member: &Member, query: &str) -> Self {
        Self::open_after(site, member, query, None).await
    }

    async fn open_after(site: &Site, member: &Member, query: &str, last: Option<&str>) -> Self {
        let cookie = format!("yanshu_session={}", member.browser.cookies["yanshu_session"]);
        let mut request = Request::get(format!("/jmap/eventsource?{query}")).header(header::COOKIE, cookie);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let mut request = request.body(axum::body::Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(PlainPeer(member.browser.peer)));
        let response = site.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Self(response.into_body())
    }

    async fn next(&mut self) -> Option<String> {
        let frame = self.0.frame().await?.unwrap();
        Some(String::from_utf8_lossy(frame.data_ref().unwrap()).into_owned())
    }

    /// What changed, of the next event that says so; and its id.
    async fn change(&mut self) -> (Value, String) {
        loop {
            let piece = self.next().await.expect("the stream goes on");
            if piece.contains("event: state") {
                let line = |name: &str| piece.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
                let data: Value = serde_json::from_str(&line("data:")).unwrap();
                assert_eq!(data["@type"], "StateChange");
                return (data["changed"].clone(), line("id:"));
            }
        }
    }

    async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}

fn types(changed: &Value, account: &str) -> Vec<String> {
    changed[account].as_object().unwrap().keys().cloned().collect()
}

#[test_each_engine]
async fn new_mail_is_told_with_the_states_that_changed(store: Store) {
    let (site, mut member) = owner(store).await;
    let other = colleague(&site, &member, "other").await;
    let mut stream = Stream::open(&site, &member, "types=*&closeafter=no&ping=0").await;
    other.receive("not ours").await;
    let id = member.receive("one").await;
    let (changed, _) = stream.change().await;
    assert_eq!(types(&changed, &member.account), ["Email", "EmailDelivery", "Mailbox", "Quota", "Thread"]);
    assert_eq!(changed.as_object().unwrap().len(), 1, "nothing of the other's");
    let state = member.call("Email/get", json!({ "ids": [] })).await["state"].clone();
    assert_eq!(changed[&member.account]["Email"], state);
    member.call("Email/set", json!({ "update": { &id: { "keywords/$seen": true } } })).await;
    let (changed, _) = stream.change().await;
    assert_eq!(types(&changed, &member.account), ["Email", "Mailbox"]);
    member.call("Identity/get", json!({ "ids": null })).await;
    let (changed, _) = stream.change().await;
    assert_eq!(types(&changed, &member.account), ["Identity"]);
}

#[test_each_engine]
async fn only_wanted_types_are_told_and_once_if_that_is_asked(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut stream = Stream::open(&site, &member, "types=Mailbox,Unheard&closeafter=state&ping=0").await;
    member.call("Identity/get", json!({ "ids": null })).await;
    member.call("Mailbox/set", json!({ "create": { "x": { "name": "x" } } })).await;
    let (changed, _) = stream.change().await;
    assert_eq!(types(&changed, &member.account), ["Mailbox"]);
    stream.ends().await;
}

#[test_each_engine]
async fn a_client_that_comes_back_hears_what_it_missed(store: Store) {
    let (site, member) = owner(store).await;
    let mut stream = Stream::open(&site, &member, "types=*&closeafter=no&ping=0").await;
    member.receive("one").await;
    let (_, last) = stream.change().await;
    drop(stream);
    member.receive("two").await;
    let mut stream = Stream::open_after(&site, &member, "types=*&closeafter=no&ping=0", Some(&last)).await;
    let (changed, _) = stream.change().await;
    assert!(types(&changed, &member.account).contains(&"EmailDelivery".to_owned()));
}

#[test_each_engine]
async fn a_stream_ends_with_its_session_and_with_the_server(store: Store) {
    let (site, mut member) = owner(store).await;
    let mut stream = Stream::open(&site, &member, "types=*&closeafter=no&ping=0").await;
    assert_eq!(member.browser.send("DELETE", "/api/v1/session", None).await.status, 204);
    stream.ends().await;
    let member = crate::client::member(&site, member.org, "admin@first.test").await;
    let mut stream = Stream::open(&site, &member, "types=*&closeafter=no&ping=0").await;
    site.stop.send(true).unwrap();
    stream.ends().await;
}

#[test_each_engine]
async fn a_stream_says_what_is_wrong_with_how_it_is_asked_for(store: Store) {
    let (_, mut member) = owner(store).await;
    for query in ["", "types=*", "types=*&closeafter=never&ping=0", "types=*&closeafter=no&ping=x"] {
        assert_eq!(member.browser.get(&format!("/jmap/eventsource?{query}")).await.status, 422, "{query}");
    }
    // As many as a member may have, and no more.
    let mut open = Vec::new();
    for _ in 0..serve_http::jmap::limits::MAX_STREAMS {
        let answer = member.browser.get("/jmap/eventsource?types=*&closeafter=no&ping=0").await;
        open.push(answer.status);
    }
    assert!(open.iter().all(|status| *status == 200), "{open:?}");
}
