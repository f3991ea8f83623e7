use serde_json::json;
use store::Store;
use testkit::test_each_engine;

use crate::site::{PASSWORD, Site};

#[test_each_engine]
async fn a_member_signs_in_with_the_initial_password_chooses_another_and_sees_the_account(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let made = owner.post("/api/v1/admin/members", json!({ "name": "任熙", "mail_prefix": "renxi2" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let initial = made.body["initial_password"].as_str().unwrap().to_owned();

    let mut browser = site.browser();
    let by_code = json!({ "organisation_code": "FIRST", "account_name": "renxi2", "password": initial });
    let signed_in = browser.post("/api/v1/session", by_code).await;
    assert_eq!((signed_in.status, &signed_in.body["stage"]), (201, &json!("choose_password")));
    assert_eq!(browser.get("/api/v1/account").await.code(), "choose_password_first");

    let weak = browser.post("/api/v1/session/password", json!({ "new_password": "short" })).await;
    assert_eq!((weak.status, weak.code()), (422, "password_refused"));
    assert!(weak.body["fields"].as_array().unwrap().iter().all(|field| field["field"] == "new_password"), "{}", weak.body);
    let before = browser.cookies["yanshu_session"].clone();
    let chosen = browser.post("/api/v1/session/password", json!({ "new_password": PASSWORD })).await;
    assert_eq!((chosen.status, &chosen.body["stage"]), (200, &json!("full")));
    assert_ne!(browser.cookies["yanshu_session"], before, "the token that opened one page opens nothing more");

    let account = browser.get("/api/v1/account").await;
    assert_eq!((account.status, &account.body["address"]), (200, &json!("renxi2@first.test")));
    assert_eq!(browser.get("/api/v1/account/sessions").await.body["items"][0]["current"], true);
    assert_eq!(browser.send("DELETE", "/api/v1/session", None).await.status, 204);
    assert_eq!(browser.get("/api/v1/account").await.status, 401);
    let old = browser.post("/api/v1/session", json!({ "address": "renxi2@first.test", "password": initial })).await;
    assert_eq!((old.status, old.code()), (401, "sign_in_failed"));
}

#[test_each_engine]
async fn a_change_without_the_csrf_token_is_refused(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut browser = site.account("admin@first.test", PASSWORD).await;
    let token = browser.csrf_token.take();
    for forged in [None, Some("x".to_owned()), site.owner("first").await.csrf_token] {
        browser.csrf_token = forged;
        let answer = browser.send("PATCH", "/api/v1/account", Some(json!({ "nickname": "小王" }))).await;
        assert_eq!((answer.status, answer.code()), (403, "csrf_token_invalid"));
    }
    browser.csrf_token = token;
    assert_eq!(browser.send("PATCH", "/api/v1/account", Some(json!({ "nickname": "小王" }))).await.body["nickname"], "小王");
}

#[test_each_engine]
async fn another_sites_page_signs_nobody_in(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let body = json!({ "address": "admin@first.test", "password": PASSWORD }).to_string();
    let request = http::Request::post("/api/v1/session")
        .header("content-type", "application/json")
        .header("origin", "https://evil.test")
        .header("host", "mail.first.test");
    let answer = site.browser().request(request.body(body.into()).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (403, "cross_site_request"));
}

#[test_each_engine]
async fn many_wrong_passwords_are_slowed_and_the_answer_says_for_how_long(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut browser = site.browser();
    let mut last = None;
    for _ in 0..30 {
        let answer = browser.post("/api/v1/session", json!({ "address": "admin@first.test", "password": "wrong" })).await;
        let throttled = answer.status == 429;
        assert!(throttled || answer.status == 401, "{}", answer.body);
        last = Some(answer);
        if throttled {
            break;
        }
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429);
    let wait: i64 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait > 0);
}

#[test_each_engine]
async fn cookies_are_secure_where_the_way_is_and_never_readable_by_scripts(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut browser = site.browser();
    browser.tls = true;
    browser.peer = "192.0.2.9:5000".parse().unwrap();
    let answer = browser.post("/api/v1/admin/session", json!({ "address": "admin@first.test", "password": PASSWORD })).await;
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("yanshu_admin=")).unwrap();
    assert!(session.contains("; Path=/api/v1/admin; HttpOnly; SameSite=Strict; Secure"), "{session}");
    assert!(answer.headers.contains_key("strict-transport-security"));
}

#[test_each_engine]
async fn the_set_up_link_makes_one_organisation_and_is_used_up(store: Store) {
    let site = Site::new(store.clone());
    let keys = store.clone();
    let rng: std::sync::Arc<dyn kernel::Rng> = std::sync::Arc::new(testkit::SeededRng::default());
    let made = store.write(move |tx| identity::setup_link::renew(tx, keys.keys(), &*rng)).await;
    let made: Result<_, store::StoreError> = made;
    let token = made.unwrap().unwrap().to_string();
    let mut browser = site.browser();
    assert_eq!(browser.get("/api/v1/entry").await.body["set_up"], false);
    assert_eq!(browser.get(&format!("/api/v1/setup?token={token}")).await.body["valid"], true);
    assert_eq!(browser.get("/api/v1/setup?token=other").await.body["valid"], false);
    let body = json!({
        "token": token, "organisation_code": "kangning", "organisation_name": "康宁集团", "domain": "kangning.test",
        "administrator_name": "王芳", "mail_prefix": "wangfang", "password": PASSWORD, "language": "zh-CN",
    });
    let done = browser.post("/api/v1/setup", body.clone()).await;
    assert_eq!((done.status, &done.body["role"]), (201, &json!("owner")), "{}", done.body);
    assert_eq!(browser.get("/api/v1/admin/session").await.body["organisation"]["code"], "kangning");
    let again = site.browser().post("/api/v1/setup", body).await;
    assert_eq!((again.status, again.code()), (403, "setup_link_invalid"));
    assert_eq!(browser.get("/api/v1/sign-in-pages/KANGNING").await.body["organisation_name"], "康宁集团");
}

#[test_each_engine]
async fn a_console_that_was_left_alone_asks_to_sign_in_again(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    site.clock.advance_secs(3000);
    assert_eq!(owner.get("/api/v1/admin/session").await.status, 200);
    site.clock.advance_secs(3000);
    assert_eq!(owner.get("/api/v1/admin/session").await.status, 200, "each request prolongs it");
    site.clock.advance_secs(3601);
    assert_eq!(owner.get("/api/v1/admin/session").await.code(), "not_signed_in");
}
