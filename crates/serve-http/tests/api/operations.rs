use serde_json::json;
use store::Store;
use testkit::test_each_engine;

use crate::site::Site;

#[test_each_engine]
async fn probes_tell_whether_the_server_lives_and_can_serve(store: Store) {
    let site = Site::new(store);
    assert_eq!(site.browser().get("/healthz").await.text(), "ok\n");
    let ready = site.browser().get("/readyz").await;
    assert_eq!((ready.status, &ready.body["ready"]), (200, &json!(true)));
    site.stop.send(true).unwrap();
    assert_eq!(site.browser().get("/readyz").await.status, 503);
    assert_eq!(site.browser().get("/metrics").await.status, 200);
    assert_eq!(site.browser().get("/api/v1/openapi.json").await.body["openapi"], "3.1.0");
}

#[test_each_engine]
async fn a_domain_is_verified_when_its_dns_says_so(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let added = owner.post("/api/v1/admin/domains", json!({ "name": "Second.TEST" })).await;
    assert_eq!((added.status, &added.body["state"]), (201, &json!("waiting")), "{}", added.body);
    let path = format!("/api/v1/admin/domains/{}", added.body["id"].as_str().unwrap());
    assert_eq!(owner.send("POST", &format!("{path}/check"), None).await.body["state"], "waiting");
    let record = &added.body["dns_records"][0];
    let (name, value) = (record["name"].as_str().unwrap().to_owned(), record["value"].as_str().unwrap().to_owned());
    site.zone.0.lock().unwrap().insert(name, vec!["other".to_owned(), value]);
    assert_eq!(owner.send("POST", &format!("{path}/check"), None).await.body["state"], "verified");
    assert_eq!(owner.send("POST", &format!("{path}/make-default"), None).await.body["is_default"], true);
}

#[test_each_engine]
async fn what_was_done_stands_in_the_log_and_the_log_proves_itself(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let made = owner.post("/api/v1/admin/members", json!({ "name": "任熙" })).await;
    site.work().await;
    let id = made.body["member"]["id"].as_str().unwrap();
    let events = owner.get(&format!("/api/v1/admin/audit?target_kind=member&target_id={id}")).await;
    let event = &events.body["items"][0];
    assert_eq!((&event["actor"]["name"], &event["target"]["name"]), (&json!("王芳"), &json!("任熙")), "{}", events.body);
    assert_eq!(event["request_id"], made.headers["x-request-id"].to_str().unwrap());
    assert!(event["seal_number"].is_number());
    let report = owner.send("POST", "/api/v1/admin/audit/verify", None).await;
    assert_eq!((report.status, &report.body["first_bad"], &report.body["unsealed"]), (200, &json!(null), &json!(0)));
}
