//! `/api/v1/account/removed-messages`, and what an administrator does for a member.

use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::client::{Member, colleague, owner};

const LIST: &str = "/api/v1/account/removed-messages";

impl Member {
    /// A message in INBOX that is destroyed.
    async fn lose(&mut self, subject: &str) -> String {
        let email = self.receive(subject).await;
        let answer = self.call("Email/set", json!({ "destroy": [&email] })).await;
        assert_eq!(answer["destroyed"], json!([&email]));
        email
    }

    async fn removed(&mut self, query: &str) -> Value {
        let answer = self.browser.get(&format!("{LIST}{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body
    }
}

#[test_each_engine]
async fn a_member_finds_what_is_gone_brings_it_back_and_erases_the_rest(store: Store) {
    let (_site, mut owner) = owner(store).await;
    let (first, second) = (owner.lose("Plans").await, owner.lose("Rubbish").await);
    let page = owner.removed("?limit=1").await;
    assert_eq!((&page["items"][0]["id"], &page["items"][0]["subject"]), (&json!(second), &json!("Rubbish")));
    assert_eq!(page["items"][0]["mailbox_id"], json!(owner.mailbox("inbox").await));
    let rest = owner.removed(&format!("?limit=1&cursor={}", page["next"].as_str().unwrap())).await;
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(first), &Value::Null));

    let answer = owner.browser.post(&format!("{LIST}/restore"), json!({ "ids": [first, "m999"] })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.body["not_found"], json!(["m999"]));
    let back = answer.body["restored"][0]["email_id"].as_str().unwrap().to_owned();
    assert_eq!(owner.email(&back, &["subject"]).await["subject"], "Plans");
    assert_eq!(owner.query(json!({})).await, [back]);

    let answer = owner.browser.post(&format!("{LIST}/forget"), json!({ "ids": [second, first] })).await;
    assert_eq!(answer.body["forgotten"], json!([second]));
    assert_eq!(owner.removed("").await["items"], json!([]));
    let many: Vec<String> = (0..101).map(|number| format!("m{number}")).collect();
    for ids in [json!(many), json!(["../x"])] {
        let answer = owner.browser.post(&format!("{LIST}/restore"), json!({ "ids": ids })).await;
        assert_eq!((answer.status, answer.body["fields"][0]["field"].as_str()), (422, Some("ids")), "{}", answer.text());
    }
}

#[test_each_engine]
async fn an_administrator_brings_a_members_mail_back_unseen_and_the_log_tells(store: Store) {
    let (site, owner) = owner(store).await;
    let mut li = colleague(&site, &owner, "li").await;
    li.lose("Minutes").await;
    li.lose("Budget").await;
    let mut console = site.owner("first").await;
    let members = console.get("/api/v1/admin/members?search=li").await;
    let id = members.body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/members/{id}/restore-mail");
    let day = |days: i64| kernel::Timestamp::from_micros(testkit::TEST_NOW.as_micros()).plus_secs(days * 86_400).to_string();
    let empty = console.post(&path, json!({ "removed_from": day(1), "removed_until": day(-1) })).await;
    assert_eq!((empty.status, empty.code()), (422, "time_range_empty"));
    let early = console.post(&path, json!({ "removed_from": day(-30), "removed_until": day(-29) })).await;
    assert_eq!(early.status, 202, "{}", early.text());
    site.work().await;
    assert_eq!(li.query(json!({})).await.len(), 0, "nothing was removed then");

    let accepted = console.post(&path, json!({ "removed_from": day(-1), "removed_until": day(1) })).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    site.work().await;
    let job = console.get(&format!("/api/v1/admin/jobs/{}", accepted.body["job"]["id"].as_str().unwrap())).await;
    assert_eq!((&job.body["state"], &job.body["result"]), (&json!("done"), &json!({ "restored": 2, "without_room": 0 })));
    assert_eq!(li.query(json!({})).await.len(), 2);
    assert_eq!(li.removed("").await["items"], json!([]));
    let log = console.get("/api/v1/admin/audit?action=member.mail_restored").await;
    assert_eq!(log.body["items"].as_array().unwrap().len(), 2, "{}", log.text());
}
