use axum::extract::connect_info::ConnectInfo;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::json;
use serve_http::PlainPeer;
use store::Store;
use testkit::test_each_engine;
use tower::ServiceExt;

use crate::site::{Browser, Site};

/// The console's stream, as text piece by piece.
struct Stream(axum::body::Body);

impl Stream {
    async fn open(site: &Site, browser: &Browser) -> Self {
        let cookie = format!("yanshu_admin={}", browser.cookies["yanshu_admin"]);
        let mut request = Request::get("/api/v1/admin/events").header(header::COOKIE, cookie).body(axum::body::Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(PlainPeer(browser.peer)));
        let response = site.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Self(response.into_body())
    }

    /// The next piece; `None` when the stream has ended.
    async fn next(&mut self) -> Option<String> {
        let frame = self.0.frame().await?.unwrap();
        Some(String::from_utf8_lossy(frame.data_ref().unwrap()).into_owned())
    }

    async fn until(&mut self, wanted: &str) -> String {
        loop {
            let piece = self.next().await.expect("the stream goes on");
            if piece.contains(wanted) {
                return piece;
            }
        }
    }

    async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}

#[test_each_engine]
async fn listeners_hear_of_their_own_organisation_only(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    site.organisation("second").await;
    let (mut first, mut second) = (site.owner("first").await, site.owner("second").await);
    let mut stream = Stream::open(&site, &first).await;
    assert_eq!(second.post("/api/v1/admin/departments", json!({ "parent_id": "dep_0000000000000", "name": "x" })).await.status, 404);
    let foreign = second.post("/api/v1/admin/exports", json!({})).await.body["job"]["id"].as_str().unwrap().to_owned();
    let own = first.post("/api/v1/admin/exports", json!({})).await.body["job"]["id"].as_str().unwrap().to_owned();
    let told = stream.until("event: job").await;
    assert!(told.contains(&own) && !told.contains(&foreign), "{told}");
    first.post("/api/v1/admin/members", json!({ "name": "任熙" })).await;
    stream.until("{\"topic\":\"members\"}").await;
}

#[test_each_engine]
async fn a_stream_ends_with_its_session_and_with_the_server(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut signed_out = site.owner("first").await;
    let mut stream = Stream::open(&site, &signed_out).await;
    assert_eq!(signed_out.send("DELETE", "/api/v1/admin/session", None).await.status, 204);
    stream.ends().await;
    let other = site.owner("first").await;
    let mut stream = Stream::open(&site, &other).await;
    site.stop.send(true).unwrap();
    stream.ends().await;
}
