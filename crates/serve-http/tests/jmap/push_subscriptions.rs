//! PushSubscription (RFC 8620 §7.2) as clients see it; what is sent to push services is shown by the worker's tests.

use std::sync::Arc;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, header};
use kernel::{Clock, Timestamp};
use lifecycle::jobs::JobApp;
use lifecycle::push_subscriptions::{self as push, Content};
use serde_json::{Value, json};
use store::Store;
use testkit::{SeededRng, test_each_engine};

use crate::client::{Member, USING, colleague, owner, strings};
use crate::site::{PASSWORD, Site};

const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn simple(device: &str) -> Value {
    json!({ "deviceClientId": device, "url": "https://push.example.net/secret-path", "keys": { "p256dh": P256DH, "auth": AUTH } })
}

async fn create(member: &mut Member, subscription: Value) -> Value {
    member.call("PushSubscription/set", json!({ "create": { "k": subscription } })).await
}

async fn made(member: &mut Member, subscription: Value) -> String {
    let answer = create(member, subscription).await;
    answer["created"]["k"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn all(member: &mut Member) -> Vec<Value> {
    member.call("PushSubscription/get", json!({ "ids": null })).await["list"].as_array().unwrap().clone()
}

fn jobs(site: &Site) -> JobApp {
    JobApp { store: site.store.clone(), source: testkit::source(&site.clock, Arc::new(SeededRng::default())) }
}

/// The answer of one call, made with name and password.
async fn by_password(site: &Site, method: &str, arguments: Value) -> Value {
    let body = json!({ "using": USING, "methodCalls": [[method, arguments, "0"]] });
    let credentials = STANDARD.encode(format!("admin@first.test:{PASSWORD}"));
    let request = Request::post("/jmap")
        .header(header::AUTHORIZATION, format!("Basic {credentials}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = site.browser().request(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.body["methodResponses"][0][1].clone()
}

/// What would be pushed now, as a push service would get it.
async fn next_push(site: &Site) -> Option<Value> {
    let app = jobs(site);
    for candidate in push::sweep(&site.store).await.unwrap() {
        if let Some(claimed) = push::claim(&app, candidate).await.unwrap() {
            push::settle(&app, &claimed, push::Outcome::Taken).await.unwrap();
            assert!(matches!(claimed.content, Content::Verification { .. } | Content::StateChange { .. }));
            return Some(claimed.content.json());
        }
    }
    None
}

#[test_each_engine]
async fn a_subscription_is_made_verified_and_told_of_changes(store: Store) {
    let (site, mut member) = owner(store).await;
    let answer = create(&mut member, simple("phone")).await;
    let created = &answer["created"]["k"];
    assert_eq!((answer.get("accountId"), answer.get("newState")), (None, None), "{answer}");
    assert_eq!((created.get("url"), created.get("deviceClientId"), &created["expires"]), (None, None, &Value::Null), "{answer}");
    let id = created["id"].as_str().unwrap().to_owned();
    let told = next_push(&site).await.unwrap();
    assert_eq!((&told["@type"], &told["pushSubscriptionId"]), (&json!("PushVerification"), &json!(id)));
    // Nothing more until the code is shown.
    member.receive("one").await;
    site.clock.advance_secs(60);
    assert_eq!(next_push(&site).await, None);
    let wrong = member.call("PushSubscription/set", json!({ "update": { &id: { "verificationCode": "guess" } } })).await;
    assert_eq!(wrong["notUpdated"][&id]["type"], "invalidProperties");
    assert_eq!(wrong["notUpdated"][&id]["properties"], json!(["verificationCode"]));
    assert_eq!(all(&mut member).await[0]["verificationCode"], Value::Null);
    let code = told["verificationCode"].as_str().unwrap();
    let right = member.call("PushSubscription/set", json!({ "update": { &id: { "verificationCode": code } } })).await;
    assert_eq!(right["updated"][&id], Value::Null);
    assert_eq!(all(&mut member).await[0]["verificationCode"], code);
    // What came meanwhile is told.
    let change = next_push(&site).await.unwrap();
    let state = member.call("Email/get", json!({ "ids": [] })).await["state"].clone();
    assert_eq!((&change["@type"], &change["changed"][&member.account]["EmailDelivery"]), (&json!("StateChange"), &state));
    site.clock.advance_secs(60);
    assert_eq!(next_push(&site).await, None);
}

#[test_each_engine]
async fn address_and_keys_are_told_nobody(store: Store) {
    let (_, mut member) = owner(store).await;
    let id = made(&mut member, simple("phone")).await;
    let got = member.call("PushSubscription/get", json!({ "ids": [id, "psh_none"] })).await;
    assert_eq!((got.get("state"), got.get("accountId"), strings(&got["notFound"])), (None, None, vec!["psh_none".to_owned()]));
    let shown = got["list"][0].as_object().unwrap();
    assert_eq!(shown.keys().collect::<Vec<_>>(), ["deviceClientId", "expires", "id", "types", "verificationCode"]);
    assert!(!got.to_string().contains("secret-path") && !got.to_string().contains(AUTH));
    for secret in ["url", "keys"] {
        assert_eq!(member.error("PushSubscription/get", json!({ "ids": null, "properties": ["id", secret] })).await, "forbidden");
    }
    assert_eq!(member.error("PushSubscription/get", json!({ "ids": null, "properties": ["colour"] })).await, "invalidArguments");
    let short = member.call("PushSubscription/get", json!({ "ids": null, "properties": ["types"] })).await;
    assert_eq!(short["list"], json!([{ "id": id, "types": null }]));
    assert_eq!(member.error("PushSubscription/get", json!({ "ids": null, "accountId": member.account })).await, "invalidArguments");
}

#[test_each_engine]
async fn what_cannot_be_an_address_or_a_key_is_refused(store: Store) {
    let (_, mut member) = owner(store).await;
    let with = |name: &str, value: Value| {
        let mut subscription = simple("phone");
        subscription[name] = value;
        subscription
    };
    for (property, value) in [
        ("url", json!("http://push.example.net/")),
        ("url", json!("https://user@push.example.net/")),
        ("url", json!("https://push.example.net:25/")),
        ("url", json!(1)),
        ("keys", json!({ "p256dh": P256DH })),
        ("keys", json!({ "p256dh": "AAAA", "auth": AUTH })),
        ("keys", json!("x")),
        ("deviceClientId", json!("")),
        ("deviceClientId", json!("x".repeat(256))),
        ("verificationCode", json!("x")),
        ("expires", json!("2020-01-01T00:00:00Z")),
        ("expires", json!("tomorrow")),
        ("types", json!("Email")),
        ("types", json!(vec!["Email"; 51])),
        ("colour", json!("red")),
    ] {
        let answer = create(&mut member, with(property, value.clone())).await;
        let error = &answer["notCreated"]["k"];
        assert_eq!((&error["type"], &error["properties"]), (&json!("invalidProperties"), &json!([property])), "{value} {answer}");
    }
    let answer = create(&mut member, json!({})).await;
    assert_eq!(answer["notCreated"]["k"]["properties"], json!(["deviceClientId", "url"]));
    let id = made(&mut member, simple("phone")).await;
    for (property, value) in [("url", json!("https://push.example.net/x")), ("keys", Value::Null), ("deviceClientId", json!("other"))] {
        let answer = member.call("PushSubscription/set", json!({ "update": { &id: { property: value } } })).await;
        assert_eq!(answer["notUpdated"][&id]["type"], "invalidProperties", "{property}");
    }
}

#[test_each_engine]
async fn a_member_has_so_many_and_makes_so_many_in_an_hour(store: Store) {
    let (site, mut member) = owner(store).await;
    for number in 0..push::MAX_MADE_PER_HOUR {
        let id = made(&mut member, simple(&format!("device {number}"))).await;
        if number % 2 == 0 {
            let gone = member.call("PushSubscription/set", json!({ "destroy": [id] })).await;
            assert_eq!(strings(&gone["destroyed"]), [id]);
        }
    }
    // Making and removing does not get around it.
    assert_eq!(create(&mut member, simple("more")).await["notCreated"]["k"]["type"], "rateLimit");
    let mut count = push::MAX_MADE_PER_HOUR / 2;
    while count < push::MAX_PER_MEMBER {
        site.clock.advance_secs(3601);
        for number in 0..push::MAX_MADE_PER_HOUR.min(push::MAX_PER_MEMBER - count) {
            made(&mut member, simple(&format!("device {count} {number}"))).await;
        }
        count = all(&mut member).await.len() as u64;
    }
    site.clock.advance_secs(3601);
    let full = create(&mut member, simple("more")).await;
    assert_eq!(
        (&full["notCreated"]["k"]["type"], &full["notCreated"]["k"]["code"]),
        (&json!("overQuota"), &json!("push_subscriptions_full"))
    );
}

#[test_each_engine]
async fn a_subscription_belongs_to_the_session_it_was_made_in_and_ends_with_it(store: Store) {
    let (site, mut member) = owner(store).await;
    let id = made(&mut member, simple("laptop")).await;
    let mut phone = crate::client::member(&site, member.org, "admin@first.test").await;
    let other = made(&mut phone, simple("phone")).await;
    let ids = |list: Vec<Value>| list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!((ids(all(&mut member).await), ids(all(&mut phone).await)), (vec![id.clone()], vec![other.clone()]));
    let refused = phone.call("PushSubscription/set", json!({ "destroy": [id], "update": { &id: { "types": [] } } })).await;
    assert_eq!((&refused["notDestroyed"][&id]["type"], &refused["notUpdated"][&id]["type"]), (&json!("notFound"), &json!("notFound")));
    // A session has an end of its own, so the client's wish stands.
    let far = "2099-01-01T00:00:00Z";
    let answer = member.call("PushSubscription/set", json!({ "update": { &id: { "expires": far } } })).await;
    assert_eq!(answer["updated"][&id], Value::Null);
    assert_eq!(all(&mut member).await[0]["expires"], far);
    assert_eq!(member.browser.send("DELETE", "/api/v1/session", None).await.status, 204);
    // Whoever looks next removes it, and nothing is ever sent to it.
    let told = next_push(&site).await.unwrap();
    assert_eq!(told["pushSubscriptionId"], other);
    assert_eq!(next_push(&site).await, None);
    assert_eq!(push::clean(&site.store, site.clock.now()).await.unwrap(), 0, "it was gone already");
    assert_eq!(ids(all(&mut phone).await), [other]);
}

#[test_each_engine]
async fn a_subscription_made_with_a_password_ends_after_a_week_or_with_the_password(store: Store) {
    let (site, mut member) = owner(store).await;
    let answer = by_password(&site, "PushSubscription/set", json!({ "create": { "k": simple("program") } })).await;
    let created = &answer["created"]["k"];
    let at = |value: &Value| serde_json::from_value::<Timestamp>(value.clone()).unwrap();
    assert_eq!(at(&created["expires"]), site.clock.now().plus_secs(push::MAX_LIFETIME_SECS));
    assert_eq!(all(&mut member).await, Vec::<Value>::new(), "another credential sees nothing of it");
    let id = created["id"].as_str().unwrap();
    site.clock.advance_secs(24 * 3600);
    let answer = by_password(&site, "PushSubscription/set", json!({ "update": { id: { "expires": "2099-01-01T00:00:00Z" } } })).await;
    assert_eq!(at(&answer["updated"][id]["expires"]), site.clock.now().plus_secs(push::MAX_LIFETIME_SECS));
    // Past its time it is gone.
    site.clock.advance_secs(push::MAX_LIFETIME_SECS + 1);
    let got = by_password(&site, "PushSubscription/get", json!({ "ids": null })).await;
    assert_eq!(got["list"], json!([]));
    assert_eq!(next_push(&site).await, None);
    // And so is one whose password is another now.
    by_password(&site, "PushSubscription/set", json!({ "create": { "k": simple("program") } })).await;
    let mut browser = site.account("admin@first.test", PASSWORD).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "Bamboo-bridge-47" });
    assert_eq!(browser.send("PUT", "/api/v1/account/password", Some(change)).await.status, 204);
    assert_eq!(next_push(&site).await, None);
    assert_eq!(push::clean(&site.store, site.clock.now()).await.unwrap(), 0, "it was removed as it was looked at");
}

#[test_each_engine]
async fn a_member_who_was_suspended_is_not_pushed_to(store: Store) {
    let (site, caller) = owner(store).await;
    let mut other = colleague(&site, &caller, "other").await;
    made(&mut other, simple("phone")).await;
    let id = other.browser.get("/api/v1/session").await.body["member"]["id"].as_str().unwrap().to_owned();
    let mut console = site.owner("first").await;
    assert!(console.send("POST", &format!("/api/v1/admin/members/{id}/suspend"), None).await.status < 300);
    assert_eq!(push::clean(&site.store, site.clock.now()).await.unwrap(), 1);
    assert_eq!(next_push(&site).await, None);
}

#[test_each_engine]
async fn the_session_names_the_key_that_push_services_know_the_server_by(store: Store) {
    let (site, mut member) = owner(store).await;
    let key = |session: &Value| session["capabilities"]["urn:ietf:params:jmap:webpush-vapid"]["applicationServerKey"].clone();
    let told = key(&member.browser.get("/jmap/session").await.body);
    let kept = push::server_key(&site.store, &SeededRng::new(9)).await.unwrap();
    assert_eq!(told, kept.public());
    assert_eq!((kept.public().len(), kept.public().starts_with('B')), (87, true), "an uncompressed point in URL-safe base64");
    // And no secret in the database in the clear, which the seal takes care of.
    let using = json!({ "using": ["urn:ietf:params:jmap:webpush-vapid"], "methodCalls": [] });
    assert_eq!(member.browser.post("/jmap", using).await.status, 200);
}
