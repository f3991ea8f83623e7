use axum::body::Body;
use http::Request;
use serde_json::json;
use serve_http::{ClientServer, HttpOptions};
use store::Store;
use testkit::test_each_engine;

use crate::site::{PASSWORD, Site};

#[test_each_engine]
async fn a_member_makes_a_client_password_sees_it_once_and_revokes_it(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut member = site.account("admin@first.test", PASSWORD).await;
    let settings = member.get("/api/v1/account/client-settings").await;
    assert_eq!((settings.status, &settings.body["user_name"]), (200, &json!("admin@first.test")), "{}", settings.body);

    let wrong = json!({ "name": "Phone", "protocols": ["imap"], "current_password": "wrong" });
    let refused = member.post("/api/v1/account/client-passwords", wrong).await;
    assert_eq!((refused.status, refused.code()), (422, "current_password_wrong"));
    let unknown = json!({ "name": "Phone", "protocols": ["telnet"], "current_password": PASSWORD });
    assert_eq!(member.post("/api/v1/account/client-passwords", unknown).await.status, 422);

    let new = json!({ "name": "Phone", "protocols": ["imap", "smtp"], "current_password": PASSWORD });
    let made = member.post("/api/v1/account/client-passwords", new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let password = made.body["password"].as_str().unwrap().to_owned();
    assert_eq!(password.len(), 29);
    let listed = member.get("/api/v1/account/client-passwords").await;
    assert_eq!((&listed.body["items"][0]["name"], &listed.body["items"][0]["protocols"]), (&json!("Phone"), &json!(["imap", "smtp"])));
    assert!(!listed.text().contains(&password));

    let id = made.body["client_password"]["id"].as_str().unwrap();
    let path = format!("/api/v1/account/client-passwords/{id}");
    assert_eq!(member.send("DELETE", &path, None).await.status, 204);
    assert_eq!(member.send("DELETE", &path, None).await.code(), "client_password_not_found");
    assert_eq!(member.get("/api/v1/account/client-passwords").await.body["items"], json!([]));
}

#[test_each_engine]
async fn an_organisation_that_asks_for_client_passwords_tells_its_members(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let changed = owner.send("PATCH", "/api/v1/admin/organisation", Some(json!({ "client_passwords_only": true }))).await;
    assert_eq!((changed.status, &changed.body["client_passwords_only"]), (200, &json!(true)));
    let mut member = site.account("admin@first.test", PASSWORD).await;
    assert_eq!(member.get("/api/v1/account/client-settings").await.body["client_passwords_only"], json!(true));
}

#[test_each_engine]
async fn mail_programs_find_the_servers_of_a_domain_by_themselves(store: Store) {
    let server = |protocol, port, security| ClientServer { protocol, host: "mail.first.test".to_owned(), port, security };
    let servers = vec![server("imap", 2993, "tls"), server("imap", 2143, "starttls"), server("smtp", 2465, "tls")];
    let site = Site::with_options(store, HttpOptions { client_servers: servers, ..HttpOptions::default() });
    site.organisation("first").await;
    for path in ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"] {
        let found = site.browser().get(&format!("{path}?emailaddress=li.na%40First.test")).await;
        assert_eq!((found.status, found.headers["content-type"].to_str().unwrap()), (200, "application/xml; charset=utf-8"));
        let xml = found.text();
        let imap = "<hostname>mail.first.test</hostname>\n      <port>2993</port>\n      <socketType>SSL</socketType>\n      <username>%EMAILADDRESS%</username>";
        assert!(xml.contains(imap) && xml.contains("<domain>first.test</domain>"), "{xml}");
        assert!(xml.contains("<outgoingServer type=\"smtp\">") && xml.contains("<socketType>STARTTLS</socketType>"), "{xml}");
        let by_host = Request::get(path).header("host", "autoconfig.first.test:8080").body(Body::empty()).unwrap();
        assert_eq!(site.browser().request(by_host).await.text(), xml);
        for other in ["?emailaddress=li.na%40elsewhere.test", "?emailaddress=%3Cscript%3E", ""] {
            assert_eq!(site.browser().get(&format!("{path}{other}")).await.status, 404, "{other}");
        }
    }
}
