use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use serve_http::HttpOptions;
use store::Store;
use testkit::test_each_engine;

use crate::site::{PASSWORD, Site};

#[test_each_engine]
async fn failures_are_told_as_problems_that_name_field_code_and_request(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let unknown =
        owner.post("/api/v1/admin/departments", json!({ "parent_id": "dep_0000000000000", "name": "骨科", "colour": "red" })).await;
    assert_eq!((unknown.status, unknown.code()), (422, "field_unknown"));
    assert_eq!(unknown.body["fields"][0]["field"], "colour");
    assert_eq!(unknown.headers["content-type"], "application/problem+json");
    assert_eq!(unknown.body["request_id"], unknown.headers["x-request-id"].to_str().unwrap());
    assert_eq!(unknown.headers["cache-control"], "no-store");

    let missing = owner.post("/api/v1/admin/departments", json!({ "name": "骨科" })).await;
    assert_eq!((missing.code(), &missing.body["fields"][0]["field"]), ("field_missing", &json!("parent_id")));
    let kind =
        owner.post("/api/v1/admin/members", json!({ "name": "任熙", "departments": [{ "department_id": "mbr_0000000000001" }] })).await;
    assert_eq!((kind.code(), &kind.body["fields"][0]["field"]), ("value_invalid", &json!("departments[0].department_id")));
    let query = owner.get("/api/v1/admin/members?state=asleep").await;
    assert_eq!((query.status, query.code(), &query.body["fields"][0]["field"]), (422, "value_invalid", &json!("state")));
    assert_eq!(owner.get("/api/v1/admin/members?cursor=bad").await.code(), "cursor_invalid");
}

#[test_each_engine]
async fn what_is_not_there_and_what_cannot_be_done_with_it_are_problems_too(store: Store) {
    let site = Site::new(store);
    let mut browser = site.browser();
    for (method, path, status, code) in [
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("PUT", "/api/v1/entry", 405, "method_not_allowed"),
    ] {
        let answer = browser.send(method, path, None).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{method} {path}");
    }
    let malformed = Request::post("/api/v1/session").header("content-type", "application/json").body("{".into()).unwrap();
    assert_eq!(browser.request(malformed).await.code(), "body_invalid");
    let form = Request::post("/api/v1/session").header("content-type", "application/x-www-form-urlencoded").body("a=b".into()).unwrap();
    let answer = browser.request(form).await;
    assert_eq!((answer.status, answer.code()), (415, "media_type_unsupported"));
}

#[test_each_engine]
async fn a_body_that_is_too_large_is_not_read(store: Store) {
    let site = Site::new(store);
    let answer = site.browser().post("/api/v1/password-check", json!({ "password": "x".repeat(70_000) })).await;
    assert_eq!((answer.status, answer.code()), (413, "body_too_large"));
    let long = site.browser().post("/api/v1/password-check", json!({ "password": "x".repeat(300) })).await;
    assert_eq!((long.status, long.code(), &long.body["fields"][0]["field"]), (422, "password_too_long", &json!("password")));
}

#[test_each_engine]
async fn a_nul_finds_nothing_and_is_no_fault_of_the_server(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let body = json!({ "organisation_code": "first", "account_name": "ad\u{0}min", "password": PASSWORD });
    let answer = site.browser().post("/api/v1/session", body).await;
    assert_eq!((answer.status, answer.code()), (401, "sign_in_failed"));
    let mut owner = site.owner("first").await;
    assert_eq!(owner.get("/api/v1/admin/members?search=%00").await.status, 200);
    for parameter in ["action", "target_kind", "target_id"] {
        let answer = owner.get(&format!("/api/v1/admin/audit?{parameter}=a%00")).await;
        assert_eq!((answer.status, answer.code()), (422, "value_invalid"), "{parameter}");
    }
    let cursor = kernel::Cursor::new(["\u{0}".to_owned(), "mbr_0000000000001".to_owned()]).encode();
    assert_eq!(owner.get(&format!("/api/v1/admin/members?cursor={cursor}")).await.code(), "cursor_invalid");
}

#[test_each_engine]
async fn metrics_are_not_told_through_a_proxy_of_this_machine(store: Store) {
    let options = HttpOptions { trusted_proxies: vec!["127.0.0.1".parse().unwrap()], ..HttpOptions::default() };
    let site = Site::with_options(store, options);
    assert_eq!(site.browser().get("/metrics").await.status, 200);
    for forwarded in ["203.0.113.5", "nonsense, 203.0.113.5", "nonsense", "127.0.0.1"] {
        let request = Request::get("/metrics").header("x-forwarded-for", forwarded).body(Body::empty()).unwrap();
        assert_eq!(site.browser().request(request).await.status, 403, "{forwarded}");
    }
}

#[test_each_engine]
async fn plain_http_from_elsewhere_is_refused(store: Store) {
    let site = Site::new(store);
    let mut browser = site.browser();
    browser.peer = "192.0.2.9:5000".parse().unwrap();
    let api = browser.get("/api/v1/entry").await;
    assert_eq!((api.status, api.code()), (403, "secure_connection_required"));
    let page = browser.get("/login").await;
    assert!(page.status == 403 && page.text().contains("HTTPS"));
    assert_eq!(browser.get("/healthz").await.status, 200);
    assert_eq!(browser.get("/metrics").await.status, 403);
}

#[test]
fn the_committed_description_is_current() {
    let committed = include_str!("../../openapi.json");
    assert!(committed == serve_http::openapi::document(), "run `make generate` and commit crates/serve-http/openapi.json");
}

#[test]
fn every_reference_in_the_description_leads_somewhere() {
    let document: Value = serde_json::from_str(&serve_http::openapi::document()).unwrap();
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                }
                object.values().for_each(|value| walk(value, document));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
            _ => {}
        }
    }
    walk(&document, &document);
}
