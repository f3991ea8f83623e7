//! `/api/v1/admin/queue`

use mail::submission::{NewRecipient, NewSubmission, Return, Trace};
use store::Store;
use testkit::test_each_engine;

use crate::site::Site;

/// Hands a message in for the owner of an organisation; its id.
async fn submit(site: &Site, done: &lifecycle::setup::SetUpDone, to: &[&str]) -> String {
    let new = NewSubmission {
        account: Some(done.mail_account_id),
        from: done.address.to_string().parse().unwrap(),
        recipients: to.iter().map(|to| NewRecipient::new(to.parse().unwrap())).collect(),
        // Of nobody here, so that no keys have to be made.
        message: b"From: system@elsewhere.test\r\n\r\nHello\r\n".to_vec(),
        envelope_id: None,
        ret: Return::Headers,
        smtp_utf8: false,
        not_before: None,
        trace: Trace { by: "mail.first.test".into(), with: "HTTP" },
    };
    mail::submission::submit(&site.store, &testkit::ctx(done.org), new).await.unwrap().id.to_string()
}

#[test_each_engine]
async fn the_queue_is_listed_filtered_and_shown(store: Store) {
    let site = Site::new(store);
    let first = site.organisation("first").await;
    let one = submit(&site, &first, &["a@one.test", "b@two.test"]).await;
    let two = submit(&site, &first, &["c@two.test"]).await;
    let mut owner = site.owner("first").await;
    let ids = |body: &serde_json::Value| -> Vec<String> {
        body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in [
        ("", vec![&two, &one]),
        ("?domain=One.test", vec![&one]),
        ("?state=queued&domain=two.test", vec![&two, &one]),
        ("?state=failed", vec![]),
        ("?finished=true", vec![]),
        ("?finished=false&sender=admin@first.test", vec![&two, &one]),
        ("?sender=somebody@first.test", vec![]),
    ] {
        let answer = owner.get(&format!("/api/v1/admin/queue{query}")).await;
        assert_eq!(ids(&answer.body), expected.into_iter().cloned().collect::<Vec<_>>(), "{query}: {}", answer.body);
    }
    let page = owner.get("/api/v1/admin/queue?limit=1").await;
    assert_eq!(ids(&page.body), std::slice::from_ref(&two));
    let next = page.body["next"].as_str().unwrap();
    let page = owner.get(&format!("/api/v1/admin/queue?limit=1&cursor={next}")).await;
    assert_eq!((ids(&page.body), page.body["next"].as_str()), (vec![one.clone()], None));
    assert_eq!(page.body["items"][0]["counts"]["queued"], 2);
    assert_eq!(page.body["items"][0]["next_recipient"]["address"], "a@one.test");
    for (query, code) in [("?state=nonsense", "value_invalid"), ("?domain=a%00b", "value_invalid"), ("?cursor=x", "cursor_invalid")] {
        let answer = owner.get(&format!("/api/v1/admin/queue{query}")).await;
        assert_eq!((answer.status, answer.body["fields"][0]["code"].as_str()), (422, Some(code)), "{query}: {}", answer.body);
    }
    let shown = owner.get(&format!("/api/v1/admin/queue/{one}")).await;
    assert_eq!(shown.body["sender"], "admin@first.test");
    assert_eq!(shown.body["recipients"][1]["address"], "b@two.test");
    assert_eq!(shown.body["recipients"][1]["last_answer"], serde_json::Value::Null);
}

#[test_each_engine]
async fn a_message_is_tried_at_once_and_taken_out_and_both_are_in_the_audit_log(store: Store) {
    let site = Site::new(store);
    let first = site.organisation("first").await;
    let (one, two) = (submit(&site, &first, &["a@one.test"]).await, submit(&site, &first, &["b@one.test"]).await);
    let mut owner = site.owner("first").await;
    let retried = owner.send("POST", &format!("/api/v1/admin/queue/{one}/retry"), None).await;
    assert_eq!((retried.status, retried.body["recipients"][0]["state"].as_str()), (200, Some("queued")));
    for (id, query) in [(&one, ""), (&two, "?notify_sender=true")] {
        let removed = owner.send("DELETE", &format!("/api/v1/admin/queue/{id}{query}"), None).await;
        assert_eq!(removed.status, 204, "{}", removed.body);
        let again = owner.send("DELETE", &format!("/api/v1/admin/queue/{id}{query}"), None).await;
        assert_eq!((again.status, again.code()), (409, "queue_message_finished"));
        let again = owner.send("POST", &format!("/api/v1/admin/queue/{id}/retry"), None).await;
        assert_eq!((again.status, again.code()), (409, "queue_message_finished"));
    }
    let shown = owner.get(&format!("/api/v1/admin/queue/{one}")).await;
    assert_eq!(shown.body["recipients"][0]["state"], "removed");
    let audit = owner.get("/api/v1/admin/audit?action=queue_message.").await;
    let actions: Vec<&str> = audit.body["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["queue_message.removed", "queue_message.removed", "queue_message.retried"]);
    assert_eq!(audit.body["items"][2]["target"]["id"], one.as_str());
    let text = audit.text();
    assert!(!text.contains("one.test"), "addresses are in no log");
    // The notice to the sender.
    site.work().await;
}
