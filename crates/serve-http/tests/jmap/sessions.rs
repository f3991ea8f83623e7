use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, header};
use serde_json::json;
use store::Store;
use testkit::test_each_engine;

use crate::client::{owner, simple};
use crate::site::{PASSWORD, Site};

#[test_each_engine]
async fn the_session_tells_what_there_is_and_where(store: Store) {
    let (_, mut member) = owner(store).await;
    let request = Request::get("/jmap/session").header(header::HOST, "mail.first.test:8443").body(Body::empty()).unwrap();
    let session = member.browser.request(request).await.body;
    assert_eq!(session["username"], "admin@first.test");
    assert_eq!(session["apiUrl"], "http://mail.first.test:8443/jmap");
    assert_eq!(session["uploadUrl"], "http://mail.first.test:8443/jmap/upload/{accountId}/");
    assert_eq!(session["downloadUrl"], "http://mail.first.test:8443/jmap/download/{accountId}/{blobId}/{name}?accept={type}");
    let events = "http://mail.first.test:8443/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}";
    assert_eq!(session["eventSourceUrl"], events);
    let core = &session["capabilities"]["urn:ietf:params:jmap:core"];
    for limit in [
        "maxSizeUpload",
        "maxConcurrentUpload",
        "maxSizeRequest",
        "maxConcurrentRequests",
        "maxCallsInRequest",
        "maxObjectsInGet",
        "maxObjectsInSet",
    ] {
        assert!(core[limit].as_u64().unwrap() > 0, "{limit}");
    }
    let account = &session["accounts"][&member.account];
    assert_eq!(
        (account["isPersonal"].as_bool(), account["isReadOnly"].as_bool(), account["name"].as_str()),
        (Some(true), Some(false), Some("王芳"))
    );
    let mail = &account["accountCapabilities"]["urn:ietf:params:jmap:mail"];
    assert_eq!((mail["maxMailboxDepth"].as_u64(), mail["mayCreateTopLevelMailbox"].as_bool()), (Some(20), Some(true)));
    assert!(session["capabilities"].get("urn:ietf:params:jmap:vacationresponse").is_none());
    let answer = member.request(json!([])).await;
    assert_eq!(answer.body["sessionState"], session["state"]);
    let found = member.browser.get("/.well-known/jmap").await;
    assert_eq!((found.status, found.headers[header::LOCATION].to_str().unwrap()), (307, "/jmap/session"));
}

#[test_each_engine]
async fn nobody_gets_in_without_credentials_or_with_the_consoles(store: Store) {
    let (site, member) = owner(store).await;
    let mut nobody = site.browser();
    let mut console = site.owner("first").await;
    let paths = [
        "/.well-known/jmap".to_owned(),
        "/jmap/session".to_owned(),
        format!("/jmap/download/{}/B1/x", member.account),
        format!("/jmap/html/{}/m1", member.account),
        "/jmap/eventsource?types=*&closeafter=no&ping=0".to_owned(),
    ];
    for browser in [&mut nobody, &mut console] {
        for path in &paths {
            let answer = browser.get(path).await;
            assert_eq!((answer.status, answer.code()), (401, "not_signed_in"), "{path}");
            assert!(answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Basic "));
        }
        let answer = browser.post("/jmap", json!({ "using": [], "methodCalls": [] })).await;
        assert_eq!(answer.status, 401);
        let answer = browser.send("POST", &format!("/jmap/upload/{}/", member.account), None).await;
        assert_eq!(answer.status, 401);
    }
    // A page's own requests must not make the browser ask for a password.
    let request = Request::get("/jmap/session").header("sec-fetch-mode", "cors").body(Body::empty()).unwrap();
    let answer = nobody.request(request).await;
    assert!(answer.status == 401 && !answer.headers.contains_key(header::WWW_AUTHENTICATE));
}

#[test_each_engine]
async fn a_browser_needs_its_csrf_token_to_call_and_to_upload(store: Store) {
    let (_, mut member) = owner(store).await;
    member.browser.csrf_token = Some("wrong".to_owned());
    let answer = member.request(json!([["Core/echo", {}, "0"]])).await;
    assert_eq!((answer.status, answer.code()), (403, "csrf_token_invalid"));
    assert_eq!(member.upload("text/plain", b"x").await.status, 403);
    assert_eq!(member.browser.get("/jmap/session").await.status, 200);
}

#[test_each_engine]
async fn an_initial_password_opens_no_mail(store: Store) {
    let (site, _) = owner(store).await;
    let mut owner = site.owner("first").await;
    let made =
        owner.post("/api/v1/admin/members", json!({ "name": "朱云浩", "mail_prefix": "zhu", "initial_password": "First-words-31" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let mut browser = site.account("zhu@first.test", "First-words-31").await;
    let answer = browser.get("/jmap/session").await;
    assert_eq!((answer.status, answer.code()), (403, "choose_password_first"));
    assert_eq!(basic(&site, "zhu@first.test", "First-words-31").await, 401);
}

async fn basic(site: &Site, login: &str, password: &str) -> u16 {
    let credentials = STANDARD.encode(format!("{login}:{password}"));
    let request = Request::get("/jmap/session").header(header::AUTHORIZATION, format!("Basic {credentials}")).body(Body::empty()).unwrap();
    site.browser().request(request).await.status
}

#[test_each_engine]
async fn programs_come_with_name_and_password_and_need_no_token(store: Store) {
    let (site, member) = owner(store).await;
    assert_eq!(basic(&site, "admin@first.test", PASSWORD).await, 200);
    assert_eq!(basic(&site, "first/admin", PASSWORD).await, 200);
    assert_eq!(basic(&site, "admin@first.test", "wrong").await, 401);
    assert_eq!(basic(&site, "nobody@first.test", PASSWORD).await, 401);
    member.deliver(&simple("one")).await;
    let credentials = STANDARD.encode(format!("admin@first.test:{PASSWORD}"));
    let calls = json!({ "using": crate::client::USING, "methodCalls": [["Email/query", { "accountId": member.account }, "0"]] });
    let request = Request::post("/jmap")
        .header(header::AUTHORIZATION, format!("Basic {credentials}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(calls.to_string()))
        .unwrap();
    let answer = site.browser().request(request).await;
    assert_eq!(answer.body["methodResponses"][0][1]["ids"].as_array().unwrap().len(), 1, "{}", answer.body);
    // A password that a browser keeps for us is not for other sites' pages.
    let request = Request::post("/jmap")
        .header(header::AUTHORIZATION, format!("Basic {credentials}"))
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty())
        .unwrap();
    assert_eq!(site.browser().request(request).await.status, 403);
}

#[test_each_engine]
async fn what_lies_beside_the_api_is_not_in_its_description(_store: Store) {
    let document: serde_json::Value = serde_json::from_str(&serve_http::openapi::document()).unwrap();
    assert!(document["paths"].as_object().unwrap().keys().all(|path| !path.contains("jmap")));
}
