use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::Store;
use testkit::test_each_engine;

use crate::site::{Browser, Site};

async fn create(owner: &mut Browser, count: usize) {
    for number in 0..count {
        let body = json!({ "name": format!("成员{number:03}"), "mail_prefix": format!("m{number:03}") });
        let made = owner.post("/api/v1/admin/members", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
}

#[test_each_engine]
async fn pages_of_members_hold_each_member_once_in_every_order(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    create(&mut owner, 12).await;
    for sort in ["name", "account_name", "employee_number", "created_at", "last_sign_in_at", "manual"] {
        for descending in [false, true] {
            let mut seen = Vec::new();
            let mut path = format!("/api/v1/admin/members?sort={sort}&descending={descending}&limit=5");
            loop {
                let page = owner.get(&path).await;
                assert_eq!(page.status, 200, "{sort}: {}", page.body);
                seen.extend(page.body["items"].as_array().unwrap().iter().map(|row| row["account_name"].as_str().unwrap().to_owned()));
                let Some(next) = page.body["next"].as_str() else { break };
                path = format!("/api/v1/admin/members?sort={sort}&descending={descending}&limit=5&cursor={next}");
            }
            assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (13, 13), "{sort} {descending}");
        }
    }
}

#[test_each_engine]
async fn members_are_found_by_state_and_by_pinyin(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let made = owner.post("/api/v1/admin/members", json!({ "name": "卢嘉玲", "mobile": "186 9941 0734" })).await;
    let id = made.body["member"]["id"].as_str().unwrap().to_owned();
    for search in ["lujialing", "ljl", "9941", "%E5%98%89%E7%8E%B2"] {
        let found = owner.get(&format!("/api/v1/admin/members?search={search}")).await;
        assert_eq!((&found.body["total"], &found.body["items"][0]["id"]), (&json!(1), &json!(id)), "{search}");
    }
    assert_eq!(owner.send("POST", &format!("/api/v1/admin/members/{id}/suspend"), None).await.body["state"], "suspended");
    let suspended = owner.get("/api/v1/admin/members?state=suspended").await;
    assert_eq!(suspended.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(owner.send("POST", &format!("/api/v1/admin/members/{id}/resume"), None).await.body["state"], "pending");
}

#[test_each_engine]
async fn a_patch_changes_what_it_names_and_null_empties(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    let body = json!({ "name": "任熙", "mail_prefix": "renxi2", "mobile": "18976942196", "office_phone": "010-82586142" });
    let made = owner.post("/api/v1/admin/members", body).await;
    let path = format!("/api/v1/admin/members/{}", made.body["member"]["id"].as_str().unwrap());
    let patched = owner.send("PATCH", &path, Some(json!({ "office_phone": null, "gender": "male", "expires_on": "2030-01-31" }))).await;
    assert_eq!(patched.status, 200, "{}", patched.body);
    let told = [&patched.body["office_phone"], &patched.body["gender"], &patched.body["mobile"], &patched.body["expires_on"]];
    assert_eq!(told, [&Value::Null, &json!("male"), &json!("+8618976942196"), &json!("2030-01-31")]);
    assert_eq!(patched.body["mail"]["used_bytes"], 0);
    let wrong = owner.send("PATCH", &path, Some(json!({ "mobile": "12345" }))).await;
    assert_eq!((wrong.code(), &wrong.body["fields"][0]["field"]), ("mobile_invalid", &json!("mobile")));

    let alias = owner.post(&format!("{path}/aliases"), json!({ "local_part": "xi.ren" })).await;
    assert_eq!((alias.status, &alias.body["address"]), (201, &json!("xi.ren@first.test")), "{}", alias.body);
    assert_eq!(owner.get(&path).await.body["aliases"], json!(["xi.ren@first.test"]));
    assert_eq!(owner.send("DELETE", &format!("{path}/aliases/xi.ren@first.test"), None).await.status, 204);
}

#[test_each_engine]
async fn a_batch_is_previewed_and_then_done_as_a_job_that_leaves_out_what_is_refused(store: Store) {
    let site = Site::new(store);
    site.organisation("first").await;
    let mut owner = site.owner("first").await;
    create(&mut owner, 30).await;
    let body = |preview: bool| json!({ "action": "suspend", "filter": {}, "preview": preview });
    let preview = owner.post("/api/v1/admin/members/batch", body(true)).await;
    assert_eq!((preview.status, &preview.body["matched"], &preview.body["job"]), (200, &json!(31), &Value::Null), "{}", preview.body);
    let started = owner.post("/api/v1/admin/members/batch", body(false)).await;
    assert_eq!(started.status, 202, "{}", started.body);
    site.work().await;
    let job = owner.get(&format!("/api/v1/admin/jobs/{}", started.body["job"]["id"].as_str().unwrap())).await;
    assert_eq!(
        (&job.body["state"], &job.body["result"]["changed"], &job.body["result"]["failed"]),
        (&json!("done"), &json!(30), &json!(1))
    );
    assert_eq!(job.body["result"]["failures"][0]["code"], "last_owner");
    assert_eq!(owner.get("/api/v1/admin/overview").await.body["member_counts"]["suspended"], 30);
}
